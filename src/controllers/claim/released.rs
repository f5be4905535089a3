//! Whether a claim that is deleted may go.

use super::super::{
    claims::Claiming,
    verdicts::{Weight, Word},
};
use crate::api::annotations::is_paused;

/// Whether nothing is left to clean up, by what the organization says of it.
pub(super) fn is_released<K: Claiming>(resource: &K, word: Option<&Word>) -> bool {
    match word {
        Some(Word::Decided(verdict)) => {
            verdict.released && Some(verdict.generation) == resource.meta().generation
        }
        // It was never accepted, as far as status tells, so that nothing was done for it. What a pause stops waits, even if it is nothing.
        Some(Word::Waiting(waiting)) => {
            waiting.weight == Weight::NoOrganization
                && resource.accepted_id().is_none()
                && !is_paused(resource.meta())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        api::{Reason, XoperoRepository, annotations::PAUSED},
        controllers::verdicts::Waiting,
        decide::{
            Verdict,
            fixtures::{organization, repository_claim},
        },
    };

    /// What is decided of this generation counts.
    #[rstest]
    #[case::done(true, 1, true)]
    #[case::not_done(false, 1, false)]
    #[case::done_before_an_edit(true, 0, false)]
    fn what_is_decided_goes_once_its_clean_up_is_done(
        #[case] released: bool,
        #[case] generation: i64,
        #[case] expected: bool,
    ) {
        let operator = organization("acme").operated([repository_claim("api")]);
        let verdict = Verdict {
            generation,
            released,
            ..operator.decide().verdicts.remove(0)
        };
        let resource: XoperoRepository = serde_json::from_value(json!({
            "metadata": {"name": "api", "namespace": "backup", "generation": 1},
            "spec": {"organizationRef": {"name": "acme"}, "name": "api"},
        }))
        .unwrap();
        let word = Word::Decided(Arc::new(verdict));
        assert_eq!(is_released(&resource, Some(&word)), expected);
    }

    #[rstest]
    //                                                      weight                  annotations                status                          it goes
    #[case::there_is_no_organization(Weight::NoOrganization, json!({}), json!({}), true)]
    #[case::there_was_one(Weight::NoOrganization, json!({}), json!({"repositoryId": "7"}), false)]
    #[case::it_is_paused(Weight::NoOrganization, json!({PAUSED: "true"}), json!({}), false)]
    #[case::there_may_be_one(Weight::OverReady, json!({}), json!({}), false)]
    #[case::there_is_one_that_cannot_be_asked(Weight::UnderReady, json!({}), json!({}), false)]
    fn what_waits_goes_only_where_nothing_was_ever_done_for_it(
        #[case] weight: Weight,
        #[case] annotations: Value,
        #[case] status: Value,
        #[case] expected: bool,
    ) {
        let resource: XoperoRepository = serde_json::from_value(json!({
            "metadata": {"name": "api", "namespace": "backup", "generation": 1, "annotations": annotations},
            "spec": {"organizationRef": {"name": "acme"}, "name": "api"},
            "status": status,
        }))
        .unwrap();
        let waiting = Waiting {
            uid: "".into(),
            generation: 1,
            reason: Reason::WaitingForOrganization,
            message: String::new(),
            weight,
        };
        let word = Word::Waiting(Arc::new(waiting));
        assert_eq!(is_released(&resource, Some(&word)), expected);
        assert!(!is_released(&resource, None));
    }
}
