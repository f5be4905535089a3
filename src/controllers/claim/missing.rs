//! A claim whose organization is not there.

use std::sync::Arc;

use kube::{Resource, ResourceExt};

use super::super::{
    claims::{Claiming, organization_of},
    messages,
    observed::{Observed, Place},
    verdicts::{Waiting, Weight, Word},
    watches::Stored,
};
use crate::api::{Reason, XoperoOrganization};

/// It waits for its organization, which may be applied later. `None` where that is there, or may be.
pub(super) fn missing_organization<K: Claiming>(
    organizations: &Stored<XoperoOrganization>,
    observed: &Observed<K>,
) -> Option<Word> {
    let place = organization_of(observed)?;
    let are_listed = organizations.is_listed();
    let from = Place::of(observed).namespace;
    let (weight, message) = match organizations.get(&place).as_deref() {
        // Whom it lets in cannot be read: others are told the same as where there is none. What was done for them is undone all the same.
        Some(Observed::NotUnderstood(..)) if from != place.namespace && !was_accepted(observed) => {
            (
                Weight::OverReady,
                messages::organization_missing(&place.name, &place.namespace, &from),
            )
        }
        Some(Observed::NotUnderstood(..)) => (
            Weight::OverReady,
            format!("XoperoOrganization {place} cannot be decoded: correct it."),
        ),
        None if are_listed => {
            let (name, namespace) = (&place.name, &place.namespace);
            let message = if organizations.watches(namespace) {
                messages::organization_missing(name, namespace, &from)
            } else {
                messages::organization_unseen(name, namespace)
            };
            (Weight::NoOrganization, message)
        }
        Some(Observed::Understood(_)) | None => return None,
    };
    Some(Word::Waiting(Arc::new(Waiting {
        uid: observed.uid().unwrap_or_default().into(),
        generation: observed.meta().generation.unwrap_or_default(),
        reason: Reason::WaitingForOrganization,
        message,
        weight,
    })))
}

fn was_accepted<K: Claiming>(observed: &Observed<K>) -> bool {
    let resource = observed.understood();
    resource.is_some_and(|resource| resource.accepted_id().is_some())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::api::XoperoRepository;

    /// To whom it may be none of their business it is the same as one that is not there.
    #[rstest]
    #[case::of_its_own_namespace("backup", None, "cannot be decoded")]
    #[case::of_another(
        "team-a",
        None,
        "There is no XoperoOrganization \"acme\" in namespace \"backup\", or its"
    )]
    #[case::of_another_that_was_let_in(
        "team-a",
        Some("00000000-0000-0000-0000-000000000001"),
        "cannot be decoded"
    )]
    fn an_organization_that_cannot_be_decoded_is_told_to_whom_it_lets_in(
        #[case] namespace: &str,
        #[case] id: Option<&str>,
        #[case] says: &str,
    ) {
        let claim: XoperoRepository = serde_json::from_value(json!({
            "metadata": { "name": "api", "namespace": namespace },
            "spec": { "organizationRef": { "name": "acme", "namespace": "backup" }, "name": "api" },
            "status": { "repositoryId": id },
        }))
        .unwrap();
        let broken = json!({ "metadata": { "name": "acme", "namespace": "backup" }, "spec": { "provider": 7 } });
        let organizations = Stored::holding([serde_json::from_value(broken).unwrap()]);
        let word = missing_organization(&organizations, &Observed::Understood(claim));
        let Some(Word::Waiting(waiting)) = word else {
            panic!("it is said to be there")
        };
        assert!(waiting.message.contains(says), "{}", waiting.message);
        assert_eq!(waiting.weight, Weight::OverReady, "a clean-up waits for it");
    }

    #[rstest]
    #[case::where_all_are_watched(
        None,
        "There is no XoperoOrganization \"acme\" in namespace \"backup\""
    )]
    #[case::where_its_own_is_watched(
        Some("backup"),
        "There is no XoperoOrganization \"acme\" in namespace \"backup\""
    )]
    #[case::where_it_is_not(
        Some("team-a"),
        "This operator does not see XoperoOrganization \"acme\": it watches only some namespaces"
    )]
    fn what_is_not_seen_is_not_said_to_be_missing(
        #[case] watched: Option<&str>,
        #[case] says: &str,
    ) {
        let claim: XoperoRepository = serde_json::from_value(json!({
            "metadata": { "name": "api", "namespace": "team-a" },
            "spec": { "organizationRef": { "name": "acme", "namespace": "backup" }, "name": "api" },
        }))
        .unwrap();
        let organizations = Stored::holding_of(watched, []);
        let word = missing_organization(&organizations, &Observed::Understood(claim));
        let Some(Word::Waiting(waiting)) = word else {
            panic!("it is said to be there")
        };
        assert!(waiting.message.starts_with(says), "{}", waiting.message);
    }

    /// It may be about to be.
    #[test]
    fn what_is_not_listed_yet_is_not_said_to_be_missing() {
        let claim: XoperoRepository = serde_json::from_value(json!({
            "metadata": { "name": "api", "namespace": "backup" },
            "spec": { "organizationRef": { "name": "acme" }, "name": "api" },
        }))
        .unwrap();
        let organizations = Stored::not_listed();
        let word = missing_organization(&organizations, &Observed::Understood(claim));
        assert!(word.is_none(), "{word:?}");
    }
}
