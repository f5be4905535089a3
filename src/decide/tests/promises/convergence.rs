//! Promise 1: what is declared is reached, and then there is peace. Promise 8: what was confirmed is not sent again.

use std::{collections::BTreeSet, time::Duration};

use proptest::prelude::*;

use super::{
    super::{
        any::{any_answers, any_scene},
        oracle::Oracle,
    },
    config,
};

/// More waits than any scene needs to get past every scripted answer.
const MOST_WAITS: usize = 24;

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

    /// Promise 8: where everything is shown, nothing is made twice unless an answer was lost or refused.
    #[test]
    fn a_confirmed_write_is_not_repeated(scene in any_scene()) {
        let mut operator = scene.operated();
        operator.converge();
        let sent = operator.sent();
        let distinct: BTreeSet<&String> = sent.iter().collect();
        prop_assert_eq!(distinct.len(), sent.len(), "{:?}", sent);
    }
}
