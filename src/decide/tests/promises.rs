//! Property tests of the promises. The oracle restates each in its own words, over names, and calls nothing of what it checks.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;

use super::{
    any::{self, any_answers, any_doubt, any_edits, any_scene, edit},
    oracle::Oracle,
};
use crate::{
    api::RepositoryLicense,
    decide::{
        Action, By, Change, Decision, Life, Standing, Visibility, Wants, Writes, fixtures::Operator,
    },
};

/// Passes with every decision looked at: what is checked holds for each of them.
fn pass_checked(operator: &mut Operator, mut check: impl FnMut(&Operator, &Decision)) {
    for _ in 0..300 {
        let decision = operator.look();
        check(operator, &decision);
        if !operator.slice() {
            operator.report();
            return;
        }
    }
    panic!("the pass never ends");
}

/// More waits than any scene needs to get past every scripted answer.
const MOST_WAITS: usize = 24;

/// Fewer cases than usual, each of many listings; `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if asked.cases == 256 { 24 } else { asked.cases };
    // A scene in which nothing is held says nothing of approvals.
    let max_global_rejects = cases * 100;
    ProptestConfig {
        cases,
        max_global_rejects,
        ..asked
    }
}

proptest! {
    #![proptest_config(config())]

    /// Promise 1: what was decided, once done and listed again twice, leaves nothing to decide; and what was declared is so.
    #[test]
    fn a_settled_world_needs_nothing(scene in any_scene(), answers in any_answers()) {
        let mut operator = scene.operated();
        operator.world.answers.extend(answers);
        operator.converge();
        // Past every wait for what was refused, and refused again.
        for _ in 0..MOST_WAITS {
            if operator.world.answers.is_empty() && operator.sent().is_empty() {
                break;
            }
            let left = operator.world.answers.len();
            operator.wait(Duration::from_hours(25));
            operator.converge();
            if operator.world.answers.len() == left && operator.world.journal.is_empty() {
                break;
            }
        }
        operator.world.answers.clear();
        operator.sent();
        for _ in 0..20 {
            prop_assert_eq!(operator.next(), Vec::<String>::new());
        }
        let oracle = Oracle::of(&operator);
        prop_assert_eq!(oracle.undone(), Vec::<String>::new());
    }

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
        for change in approved {
            prop_assert!(Oracle::of(&operator).is_done(change), "{:?} in {:#?}", change, operator.claims);
        }
        prop_assert_eq!(operator.ledger.approvals_used(), 1);
    }

    /// The same input gives the same decision, in whatever order the claims come.
    #[test]
    fn a_decision_does_not_depend_on_the_order_of_claims(scene in any_scene(), seed in any::<u64>()) {
        let operator = scene.operated();
        let before = format!("{:?}", operator.decide());
        prop_assert_eq!(&format!("{:?}", operator.decide()), &before);
        let mut shuffled = operator.clone();
        for place in (1..shuffled.claims.len()).rev() {
            let mixed = seed.wrapping_mul(6_364_136_223_846_793_005).rotate_left(u32::try_from(place).unwrap());
            let other = usize::try_from(mixed % (u64::try_from(place).unwrap() + 1)).unwrap();
            shuffled.claims.swap(place, other);
        }
        prop_assert_eq!(&format!("{:?}", shuffled.decide()), &before);
    }

    /// Promise 5: an Observe or paused organization writes nothing, and nothing is written for a paused claim.
    #[test]
    fn observe_and_paused_send_nothing(scene in any_scene(), how in 0_u8..3) {
        let mut operator = scene.operated();
        match how {
            0 => operator.organization.writes = Writes::Observe,
            1 => operator.organization.writes = Writes::Paused,
            _ => {
                operator.organization.unclaimed = crate::api::Unclaimed::Keep;
                for claim in &mut operator.claims {
                    claim.paused = true;
                }
            }
        }
        for _ in 0..4 {
            operator.pass();
            operator.list();
        }
        prop_assert_eq!(operator.sent(), Vec::<String>::new());
    }

    /// Rule 6: nothing is added to a repository that is gone upstream, and nothing is added that no claim asks for.
    #[test]
    fn nothing_is_added_that_no_claim_asks_for(
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
                for change in decision.additions.iter().flat_map(Action::changes) {
                    assert!(oracle.may_add(change), "{change:?} in {:#?}", operator.claims);
                }
            });
            operator.list();
        }
    }

    /// A repository goes into its new plan before it leaves the old one.
    #[test]
    fn nothing_is_detached_that_is_still_to_be_attached(
        scene in any_scene(),
        edits in any_edits(),
        row in 0_usize..7,
        plans in (0_usize..3, 1_usize..3),
    ) {
        let mut operator = scene.operated();
        operator.organization.removal_limit = 100;
        any::move_between_plans(&mut operator, row, (plans.0, (plans.0 + plans.1) % 3));
        for change in edits {
            edit(&mut operator, &change);
            pass_checked(&mut operator, |_, decision| {
                let attached: BTreeSet<_> = decision
                    .additions
                    .iter()
                    .flat_map(Action::changes)
                    .filter(|change| matches!(change, Change::Attach(..)))
                    .filter_map(Change::repository)
                    .collect();
                for removal in decision.removals.iter().flat_map(|admitted| &admitted.changes) {
                    if let Change::Detach(_, id) = removal {
                        assert!(!attached.contains(id));
                    }
                }
            });
            operator.list();
        }
    }

    /// Promise 4: with Retain nothing is removed when a claim goes, unless a living claim asks for it.
    #[test]
    fn retain_removes_nothing(scene in any_scene()) {
        let mut operator = scene.operated();
        operator.organization.unclaimed = crate::api::Unclaimed::Keep;
        for claim in &mut operator.claims {
            *claim = claim.clone().deleting_with(crate::api::DeletionPolicy::Retain).additive();
            claim.life = Life::Living;
        }
        operator.claims.retain(|claim| {
            !matches!(&claim.wants, Wants::Repository(wants) if wants.license == Some(RepositoryLicense::Inactive))
        });
        operator.converge();
        while !operator.claims.is_empty() {
            operator.claims.pop();
            operator.next();
            operator.next();
        }
        prop_assert_eq!(operator.removed_at, vec![]);
    }

    /// Promise 8: where everything is shown, nothing is made twice unless an answer was lost or refused.
    #[test]
    fn a_confirmed_write_is_not_repeated(scene in any_scene()) {
        let mut operator = scene.operated();
        operator.converge();
        let sent = operator.sent();
        let distinct: BTreeSet<&String> = sent.iter().collect();
        prop_assert_eq!(distinct.len(), sent.len(), "{:?}", sent);
    }

    /// A leaving claim is let go once nothing of its clean-up is left, and not before.
    #[test]
    fn a_leaving_claim_goes_with_its_clean_up_and_not_before(scene in any_scene(), answers in any_answers()) {
        let mut operator = scene.operated();
        operator.world.answers.extend(answers);
        for _ in 0..30 {
            let decision = operator.look();
            for verdict in decision.verdicts.iter().filter(|verdict| verdict.released) {
                prop_assert_eq!(Oracle::of(&operator).left_of(&verdict.uid), Vec::<String>::new());
            }
            operator.pass();
            operator.list();
        }
    }

    /// Conditions: never more than one of Stalled, Reconciling and Ready, every reason where it belongs, and every message said.
    #[test]
    fn every_statement_is_well_formed(
        scene in any_scene(),
        answers in any_answers(),
        edits in any_edits(),
        hidden in any::<bool>(),
    ) {
        let mut operator = scene.operated();
        operator.world.answers.extend(answers);
        if hidden {
            operator.world = operator.world.clone().hiding_plans();
        }
        for change in edits {
            edit(&mut operator, &change);
            pass_checked(&mut operator, |operator, decision| {
                let own = &decision.organization.statements;
                let all = decision.verdicts.iter().map(|verdict| &verdict.statements).chain([own]);
                for statements in all {
                    for statement in statements {
                        assert!(statement.reason.fits(statement.type_, statement.truth), "{statement:?}");
                        assert!(!statement.message.is_empty());
                    }
                    let conditions = crate::api::conditions::assemble(&[], statements.clone(), 1, operator.now);
                    let broken = crate::api::conditions::violations(&conditions, 1);
                    assert!(broken.is_empty(), "{broken:?}");
                }
            });
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
