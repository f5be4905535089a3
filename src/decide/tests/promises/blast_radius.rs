//! Promise 3: so many removals in an hour, all of a claim's or none, and one approval for one set.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;

use super::{
    super::{
        any::{any_answers, any_scene},
        edits::{any_edits, edit},
        oracle::Oracle,
    },
    config, pass_checked,
};
use crate::decide::{By, Change, Service};

proptest! {
    #![proptest_config(config())]

    /// Promise 3: no 60 minutes see more removals than the limit, over any schedule of listings, edits, crashes and lost answers.
    #[test]
    fn no_hour_sees_more_removals_than_the_limit(
        scene in any_scene(),
        answers in any_answers(),
        edits in any_edits(),
        waits in prop::collection::vec(1_u64..45, 12),
        crashes in prop::collection::vec(any::<bool>(), 12),
    ) {
        let mut operator = scene.operated();
        operator.world.answers.extend(answers);
        for ((change, minutes), crash) in edits.iter().zip(waits).zip(crashes) {
            edit(&mut operator, change);
            operator.pass();
            if crash {
                // A step is counted, part of it is sent, and the process ends.
                let decision = operator.look();
                let _counted = operator.begin_step(&decision);
                operator.restart();
            }
            operator.wait(Duration::from_mins(minutes));
            operator.list_now();
        }
        let limit = operator.organization.removal_limit;
        for (start, _) in &operator.removed_at {
            let within = operator.removed_at.iter().filter(|(at, _)| {
                let since = at.duration_since(*start);
                !since.is_negative() && since < k8s_openapi::jiff::SignedDuration::from_mins(60)
            });
            prop_assert!(within.count() <= limit);
        }
    }

    /// Promise 3: all of a claim's removals are taken or none; what is removed from Xopero ONE itself is never taken unasked.
    #[test]
    fn all_of_a_claims_removals_are_taken_or_none(scene in any_scene(), edits in any_edits()) {
        let mut operator = scene.operated();
        for change in edits {
            edit(&mut operator, &change);
            pass_checked(&mut operator, |_, decision| {
                for verdict in &decision.verdicts {
                    let taken = decision.removals.iter().any(|admitted| admitted.uid == verdict.uid);
                    let mut items = verdict.drift.iter().flat_map(|drift| &drift.items);
                    let waits = items.any(|item| {
                        matches!(item.held.as_deref(), Some("RemovalHeld" | "RemovalPaced"))
                    });
                    assert!(!(taken && waits), "{verdict:#?}");
                }
                let asked = decision.removals.iter().filter(|admitted| admitted.by == By::Limit);
                let removes = |change: &Change| matches!(change, Change::Remove(_));
                assert!(!asked.flat_map(|admitted| &admitted.changes).any(removes));
            });
            operator.list();
        }
    }

    /// Promise 3: a used token approves nothing again, though every token ever shown stands in the annotation for ever.
    #[test]
    fn a_used_token_approves_nothing_again(scene in any_scene(), edits in any_edits()) {
        let mut operator = scene.operated();
        operator.organization.removal_limit = 0;
        let mut used = BTreeSet::new();
        for change in edits {
            edit(&mut operator, &change);
            let shown = operator.look().held;
            operator.organization.approvals.extend(shown.into_iter().map(|held| held.token));
            pass_checked(&mut operator, |_, decision| {
                // The first is the one that is begun.
                if let Some(By::Token(token)) = decision.removals.first().map(|admitted| &admitted.by)
                    && decision.additions.is_empty()
                {
                    assert!(used.insert(token.clone()), "{token} was used before");
                }
            });
            operator.list();
        }
    }

    /// Promise 3: whatever is interrupted, what was approved is carried out to its end, and asked for once.
    #[test]
    fn after_a_crash_in_an_approved_set_the_rest_goes_on(
        scene in any_scene(),
        sent_of_the_step in 0_usize..4,
        slices_before in 0_usize..3,
    ) {
        let mut operator = scene.operated();
        operator.organization.removal_limit = 0;
        operator.converge();
        let held = operator.look().held;
        prop_assume!(!held.is_empty());
        let approved: BTreeSet<Change> = held[0].changes.clone();
        operator.organization.approvals = vec![held[0].token.clone()];
        for _ in 0..slices_before {
            operator.slice();
        }
        let decision = operator.look();
        if decision.additions.is_empty()
            && let Some(step) = operator.begin_step(&decision)
        {
            for action in step.into_iter().take(sent_of_the_step).filter_map(Change::removal) {
                operator.send(&decision, &action);
            }
        }
        operator.restart();
        operator.converge();
        // Whether rows tell of projects is seen anew by each process: without that no licence is taken that nobody wants.
        let is_own = held[0].uid == operator.organization.uid;
        let called_for = operator.decide().derived;
        let is_not_judged =
            |change: &Change| !called_for.contains(change) && !Oracle::of(&operator).is_done(*change);
        if is_own && approved.iter().any(is_not_judged) {
            prop_assert_eq!(operator.organization.service, Service::Azure);
            return Ok(());
        }
        for change in approved {
            prop_assert!(Oracle::of(&operator).is_done(change), "{:?} in {:#?}", change, operator.claims);
        }
        prop_assert_eq!(operator.ledger.approvals_used(), 1);
    }
}
