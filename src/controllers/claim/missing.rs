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
    let (weight, message) = match organizations.get(&place).as_deref() {
        Some(Observed::NotUnderstood(_)) => (
            Weight::OverReady,
            format!("XoperoOrganization {place} cannot be decoded: correct it."),
        ),
        None if are_listed => {
            let (name, namespace) = (&place.name, &place.namespace);
            let message = if organizations.watches(namespace) {
                let from = Place::of(observed).namespace;
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

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::api::XoperoRepository;

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
}
