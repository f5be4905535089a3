//! What is written at all, and what comes first: nothing in Observe, nothing that no claim asks for, nothing detached too early.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    super::{
        any::{any_answers, any_scene},
        edits::{self, any_edits, edit},
        oracle::Oracle,
    },
    config, pass_checked,
};
use crate::decide::{Action, Change, Writes};

proptest! {
    #![proptest_config(config())]

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
        edits::move_between_plans(&mut operator, row, (plans.0, (plans.0 + plans.1) % 3));
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
}
