//! Every decision: it depends on its input alone, and what it says is well formed.

use proptest::prelude::*;

use super::{
    super::any::{any_answers, any_scene},
    super::edits::{any_edits, edit},
    config, pass_checked,
};

proptest! {
    #![proptest_config(config())]

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
                        // What follows in the same message begins a new sentence.
                        assert!(statement.message.ends_with('.'), "{statement:?}");
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
