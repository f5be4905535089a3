//! That nothing is left to clean up of what stays only because others hold it. It is said before the finalizer goes: from then on nothing
//! else tells a clean-up that was made from one that came too late, to the next process least of all.

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt as _;

use super::{super::verdicts::Word, Reporting, released::is_released};
use crate::{
    api::{
        Reason,
        annotations::{CLEANUP, has_finalizer},
        conditions::{ConditionType, Statement, Truth, assemble, find},
    },
    controllers::claims::Claiming,
};

/// How the message begins. A status that was written with another is taken for one that says nothing.
const NOTHING_LEFT: &str = "Nothing is left to clean up.";

/// The status that says so, where that is due: the finalizer may go, and others stay.
pub(super) fn due<K: Claiming + Reporting>(resource: &K, word: Option<&Word>) -> Option<K::Status> {
    let metadata = resource.meta();
    let goes = metadata.deletion_timestamp.is_some()
        && has_finalizer(metadata, CLEANUP)
        && resource.needs_cleanup()
        && is_released(resource, word);
    let finalizers = resource.finalizers().iter().map(String::as_str);
    let others: Vec<&str> = finalizers.filter(|other| *other != CLEANUP).collect();
    if !goes || others.is_empty() || is_said(resource) {
        return None;
    }
    let message = format!(
        "{NOTHING_LEFT} The resource goes once the finalizers of others are off: {}.",
        others.join(", ")
    );
    let statements = vec![
        Statement::new(
            ConditionType::InSync,
            Truth::Unknown,
            Reason::NotObserved,
            "What is being deleted is not compared with Xopero ONE any more.",
        ),
        Statement::new(
            ConditionType::Reconciling,
            Truth::True,
            Reason::Deleting,
            message,
        ),
    ];
    let generation = metadata.generation.unwrap_or_default();
    let conditions = assemble(
        resource.conditions(),
        statements,
        generation,
        Timestamp::now(),
    );
    Some(resource.with_conditions(conditions, generation))
}

/// Whether it is said of what is declared now: a policy that was tightened since comes too late all the same.
pub(super) fn is_said<K: Reporting>(resource: &K) -> bool {
    let said = find(resource.conditions(), ConditionType::Reconciling);
    resource.observed_generation() == resource.meta().generation
        && said.is_some_and(|said| {
            said.reason == Reason::Deleting.as_str() && said.message.starts_with(NOTHING_LEFT)
        })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;
    use serde_json::json;

    use super::{
        super::super::verdicts::{Waiting, Weight},
        *,
    };
    use crate::api::XoperoRepository;

    fn held_by(finalizers: &[&str], policy: &str) -> XoperoRepository {
        serde_json::from_value(json!({
            "metadata": {
                "name": "api", "namespace": "backup", "uid": "u", "generation": 2, "finalizers": finalizers,
                "deletionTimestamp": "2026-01-01T00:00:00Z",
            },
            "spec": { "organizationRef": { "name": "acme" }, "name": "api", "deletionPolicy": policy },
        }))
        .unwrap()
    }

    /// It was never accepted, so there is nothing to clean up.
    fn released() -> Word {
        Word::Waiting(Arc::new(Waiting {
            uid: "u".into(),
            generation: 2,
            reason: Reason::WaitingForOrganization,
            message: String::new(),
            weight: Weight::NoOrganization,
        }))
    }

    #[rstest]
    #[case::others_stay(&["xopero.dev/cleanup", "example.com/held"], "Detach", true)]
    #[case::it_goes_at_once(&["xopero.dev/cleanup"], "Detach", false)]
    #[case::the_policy_was_loosened(&["xopero.dev/cleanup", "example.com/held"], "Retain", false)]
    #[case::it_never_had_it(&["example.com/held"], "Detach", false)]
    fn it_is_said_once_and_only_of_what_stays_because_of_others(
        #[case] finalizers: &[&str],
        #[case] policy: &str,
        #[case] expected: bool,
    ) {
        let resource = held_by(finalizers, policy);
        assert!(!is_said(&resource));
        assert!(due(&resource, None).is_none());
        let status = due(&resource, Some(&released()));
        assert_eq!(status.is_some(), expected);
        let Some(status) = status else { return };
        let mut resource = resource.with_status(status);
        assert!(is_said(&resource) && due(&resource, Some(&released())).is_none());
        let mut said = resource.clone();
        for condition in said
            .status
            .iter_mut()
            .flat_map(|status| &mut status.conditions)
        {
            condition.message = "Its clean-up waits.".to_owned();
        }
        assert!(!is_said(&said), "it is said of what is left as well");
        resource.metadata.generation = Some(3);
        assert!(!is_said(&resource));
    }
}
