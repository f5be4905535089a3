//! Promise 2: nothing is lost by absence, of claims, of listings or of facts.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    super::{
        any::{any_answers, any_doubt, any_scene},
        edits::{any_edits, edit},
        oracle::Oracle,
    },
    config, pass_checked,
};
use crate::decide::{Change, Decision, Life, Standing, Visibility};

proptest! {
    #![proptest_config(config())]

    /// Promise 2: nothing is removed that an existing claim names, whatever became of the claims, the answers and the process.
    #[test]
    fn nothing_is_removed_that_an_existing_claim_names(
        scene in any_scene(),
        answers in any_answers(),
        edits in any_edits(),
    ) {
        let mut operator = scene.operated();
        operator.world.answers.extend(answers);
        for change in edits {
            edit(&mut operator, &change);
            pass_checked(&mut operator, |operator, decision| {
                let oracle = Oracle::of(operator);
                for action in removals_of(decision) {
                    assert!(oracle.may_remove(action), "{action:?} in {:#?}", operator.claims);
                }
            });
            operator.list();
        }
    }

    /// Promise 2: nothing is removed by a listing that is not trusted, and nothing derived while a claim may be unseen.
    #[test]
    fn nothing_is_removed_from_an_untrusted_inventory(
        scene in any_scene(),
        doubt in any_doubt(),
        trusted_before in any::<bool>(),
    ) {
        let mut operator = scene.operated();
        if trusted_before {
            let _noted = operator.look();
        }
        operator.doubt = Some(doubt);
        for _ in 0..4 {
            operator.list();
            operator.pass();
        }
        prop_assert_eq!(operator.removed_at, vec![]);
    }

    /// Promise 2: where Xopero ONE does not show a fact, nothing is derived from it.
    #[test]
    fn nothing_is_derived_from_what_is_unknown(scene in any_scene()) {
        let mut operator = scene.operated();
        operator.world = operator.world.clone().hiding_licences().hiding_plans();
        operator.list();
        for _ in 0..4 {
            let decision = operator.look();
            prop_assert_eq!(&decision.derived, &BTreeSet::new());
            operator.pass();
            operator.list();
        }
    }

    /// Promise 2: what may be claimed unseen is not removed for want of a claim.
    #[test]
    fn nothing_is_derived_while_a_claim_may_be_unseen(scene in any_scene(), unreadable in any::<bool>()) {
        let mut operator = scene.operated();
        if unreadable && let Some(claim) = operator.claims.first_mut() {
            claim.standing = Standing::Unreadable { message: "It cannot be read.".to_owned() };
        } else {
            operator.visibility = Visibility::Partial { message: "Not all kinds are listed.".to_owned() };
        }
        for _ in 0..4 {
            let decision = operator.look();
            prop_assert_eq!(&decision.derived, &BTreeSet::new());
            operator.pass();
            operator.list();
        }
    }

    /// Promise 2: every derived removal was called for by two listings in a row.
    #[test]
    fn a_derived_removal_was_called_for_twice_in_a_row(scene in any_scene(), edits in any_edits()) {
        let mut operator = scene.operated();
        let mut before: BTreeSet<Change> = BTreeSet::new();
        for change in edits {
            edit(&mut operator, &change);
            // What the last decision by this listing called for.
            let mut called_for: BTreeSet<Change> = BTreeSet::new();
            pass_checked(&mut operator, |operator, decision| {
                for admitted in &decision.removals {
                    // What a living claim detaches is derived, and what the organization deactivates.
                    let claim = operator.claims.iter().find(|claim| claim.uid == admitted.uid);
                    let living = claim.is_none_or(|claim| claim.life == Life::Living);
                    let derives = |change: &&Change| match change {
                        Change::Detach(..) | Change::DetachProject(..) => living,
                        Change::Deactivate(_) => claim.is_none(),
                        Change::Remove(_)
                        | Change::Activate(_)
                        | Change::Attach(..)
                        | Change::AttachProject(..)
                        | Change::Modify(_) => false,
                    };
                    for removal in admitted.changes.iter().filter(derives) {
                        assert!(before.contains(removal), "{removal:?}");
                    }
                }
                called_for.clone_from(&decision.derived);
            });
            before = called_for;
            operator.list();
        }
    }
}

fn removals_of(decision: &Decision) -> impl Iterator<Item = Change> {
    decision
        .removals
        .iter()
        .flat_map(|admitted| admitted.changes.iter().copied())
}
