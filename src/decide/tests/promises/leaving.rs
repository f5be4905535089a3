//! Promise 4: with Retain a claim goes and nothing else does. With anything else it goes with its clean-up.

use proptest::prelude::*;

use super::{
    super::{
        any::{any_answers, any_scene},
        oracle::Oracle,
    },
    config,
};
use crate::{
    api::RepositoryLicense,
    decide::{Life, Wants},
};

proptest! {
    #![proptest_config(config())]

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
}
