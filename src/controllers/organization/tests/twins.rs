//! Other resources that may be the same organization.

use std::sync::Arc;

use k8s_openapi::jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{
        super::{
            observed::{Observed, Place},
            watches::Stored,
        },
        Context,
        owners::Owner,
        twins::{Unresolved, older_to_come, unresolved},
    },
    There,
};
use crate::{
    api::{Mode, XoperoConnection, XoperoOrganization},
    inventory::OrganizationId,
    xopero::Origin,
};

const HERE: &str = "https://xopero.example.com";
const ELSEWHERE: &str = "https://backup.example.com";

fn connection(name: &str, url: &str) -> XoperoConnection {
    serde_json::from_value(json!({
        "metadata": { "name": name, "namespace": "backup", "uid": name },
        "spec": { "url": url, "credentialsSecretRef": { "name": "account" } },
    }))
    .unwrap()
}

/// The one that asks: of the second of January.
fn acme() -> XoperoOrganization {
    twin("acme", &json!({}))
}

fn twin(name: &str, more: &Value) -> XoperoOrganization {
    let mut spec =
        json!({ "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" });
    let fields = more.as_object().unwrap().clone();
    let mut metadata = json!({
        "name": name, "namespace": "backup", "uid": name, "creationTimestamp": "2026-01-02T00:00:00Z",
    });
    for (field, value) in fields {
        if field == "creationTimestamp" {
            metadata[field] = value;
        } else {
            spec[field] = value;
        }
    }
    serde_json::from_value(json!({ "metadata": metadata, "spec": spec })).unwrap()
}

fn place(name: &str) -> Place {
    Place {
        namespace: "backup".to_owned(),
        name: name.to_owned(),
    }
}

async fn beside(twin: XoperoOrganization) -> Context {
    let there = There {
        connections: vec![connection("xopero", HERE), connection("other", ELSEWHERE)],
        organizations: vec![acme(), twin],
        ..There::default()
    };
    there.held().await.0
}

fn older() -> Value {
    json!({ "creationTimestamp": "2026-01-01T00:00:00Z" })
}

#[rstest]
#[case::an_older_one("b", older(), true)]
#[case::of_equal_age_by_its_name("a", json!({}), true)]
#[case::of_equal_age_after_its_name("b", json!({}), false)]
#[case::a_younger_one("a", json!({ "creationTimestamp": "2026-01-03T00:00:00Z" }), false)]
#[case::one_that_only_observes("b", json!({ "creationTimestamp": "2026-01-01T00:00:00Z", "mode": "Observe" }), false)]
#[case::one_of_another_name("b", json!({ "creationTimestamp": "2026-01-01T00:00:00Z", "name": "globex" }), false)]
#[tokio::test]
async fn an_older_one_that_may_be_the_same_is_waited_for(
    #[case] name: &str,
    #[case] more: Value,
    #[case] expected: bool,
) {
    let context = beside(twin(name, &more)).await;
    let own = place("acme");
    let waits_for = older_to_come(&context, &own, &acme(), None).await;
    assert_eq!(waits_for, expected.then(|| place(name)));
    let mut observes = acme();
    observes.spec.mode = Some(Mode::Observe);
    assert_eq!(older_to_come(&context, &own, &observes, None).await, None);
    context.owners.note_tried(&place(name));
    assert_eq!(older_to_come(&context, &own, &acme(), None).await, None);
}

fn found(in_instance: &str) -> Owner {
    Owner {
        uid: "b".to_owned(),
        created: Timestamp::UNIX_EPOCH,
        mode: Mode::Manage,
        instance: Arc::from(in_instance),
    }
}

/// By its id it is known whether it is the same, as long as it leads to where that was found.
#[rstest]
#[case::not_found_yet(None, true)]
#[case::found(Some(HERE), false)]
#[case::found_where_it_leads_no_more(Some(ELSEWHERE), true)]
#[tokio::test]
async fn one_of_which_it_is_not_known_what_it_is_may_be_the_same(
    #[case] found_in: Option<&str>,
    #[case] expected: bool,
) {
    let context = beside(twin("b", &older())).await;
    if let Some(instance) = found_in {
        let id = OrganizationId::numbered(9);
        context.owners.enter(id, &place("b"), found(instance));
    }
    let unresolved = unresolved(&context, &place("acme"), &acme(), None).await;
    assert_eq!(unresolved.is_some(), expected, "{unresolved:?}");
}

fn young() -> Value {
    json!({ "creationTimestamp": Timestamp::now().to_string(), "connectionRef": { "name": "other" } })
}

/// By another address, where it may be the same Xopero ONE: for a day, or until there is no such organization there.
#[rstest]
#[case::young(young(), false, true)]
#[case::and_not_there(young(), true, false)]
#[case::old(json!({ "connectionRef": { "name": "other" } }), false, false)]
#[case::by_the_same_address(json!({}), true, true)]
#[tokio::test]
async fn one_that_leads_elsewhere_may_be_the_same_for_a_while(
    #[case] more: Value,
    #[case] is_not_there: bool,
    #[case] expected: bool,
) {
    let context = beside(twin("b", &more)).await;
    if is_not_there {
        let origin = Origin::parse(ELSEWHERE).unwrap();
        context.owners.note_not_found(&place("b"), origin, "acme");
    }
    let unresolved = unresolved(&context, &place("acme"), &acme(), None).await;
    assert_eq!(unresolved.is_some(), expected, "{unresolved:?}");
}

#[tokio::test]
async fn one_that_cannot_be_decoded_may_be_any_until_it_was_found() {
    let (mut shared, _server) = There::default().shared().await;
    let broken = json!({ "metadata": { "name": "b", "namespace": "backup" }, "spec": 7 });
    let broken: Observed<XoperoOrganization> = serde_json::from_value(broken).unwrap();
    shared.organizations = Stored::holding([Observed::Understood(acme()), broken]);
    let context = Context::begin(shared);
    let asked = async || unresolved(&context, &place("acme"), &acme(), None).await;
    assert_eq!(asked().await, Some(Unresolved::Unknown(place("b"))));
    let id = OrganizationId::numbered(9);
    context.owners.enter(id, &place("b"), found(HERE));
    assert_eq!(asked().await, None);
}

/// What it means is known in a moment, or not at all.
#[tokio::test]
async fn one_whose_first_look_is_to_come_is_told_from_one_that_was_looked_for_in_vain() {
    let mut organizations = vec![acme(), twin("b", &older()), twin("c", &older())];
    let there = |organizations| There {
        connections: vec![connection("xopero", HERE)],
        organizations,
        ..There::default()
    };
    let (context, _server) = there(organizations.clone()).held().await;
    let asked = async || unresolved(&context, &place("acme"), &acme(), None).await;
    context.owners.note_tried(&place("b"));
    assert_eq!(asked().await, Some(Unresolved::Coming(place("c"))));
    context.owners.note_tried(&place("c"));
    assert_eq!(asked().await, Some(Unresolved::Unknown(place("c"))));
    organizations.truncate(1);
    let (context, _server) = there(organizations).held().await;
    let alone = unresolved(&context, &place("acme"), &acme(), None).await;
    assert_eq!(alone, None);
}
