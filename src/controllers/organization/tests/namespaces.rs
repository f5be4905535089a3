//! A namespace whose labels decide whether it may refer, where they cannot be read, or no watch tells of them.

use std::sync::Arc;

use kube::runtime::{reflector, watcher};
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::{Mock, ResponseTemplate, matchers::method};

use super::{
    super::{
        super::{
            claims::SettingsRights, namespaces::NamespaceLabels, observed::Place, watches::Liveness,
        },
        dereference::hears_of_no_labels,
        gather::{Permissions, gather},
    },
    There,
};
use crate::{
    api::{XoperoConnection, XoperoOrganization, XoperoRepository},
    decide::{Standing, Visibility},
    inventory::OrganizationId,
};

fn selector() -> Value {
    json!({ "from": "Selector", "selector": { "matchLabels": { "team": "a" } } })
}

fn organization() -> XoperoOrganization {
    serde_json::from_value(json!({
        "metadata": { "name": "acme", "namespace": "backup", "uid": "uid-of-acme" },
        "spec": {
            "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub",
            "allowedNamespaces": selector(),
        },
    }))
    .unwrap()
}

fn claim() -> XoperoRepository {
    serde_json::from_value(json!({
        "metadata": { "name": "api", "namespace": "team-a", "uid": "uid-of-api" },
        "spec": { "organizationRef": { "name": "acme", "namespace": "backup" }, "name": "api" },
    }))
    .unwrap()
}

#[tokio::test]
async fn a_claim_waits_and_says_why_and_is_not_told_that_its_organization_is_missing() {
    let there = There {
        organizations: vec![organization()],
        repositories: vec![claim()],
        ..There::default()
    };
    let (context, server) = there.held().await;
    let away = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 500, "reason": "InternalError",
        "message": "etcd is away",
    });
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(500).set_body_json(away))
        .mount(&server)
        .await;
    let place = Place::of(&organization());
    let rights = SettingsRights::Forbidden;
    let gathered = gather(&context, (&place, &organization()), (None, None), rights).await;
    assert_eq!(gathered.permissions, Permissions::Unknown);
    let [claim] = &*gathered.claims else {
        panic!("{:?}", gathered.claims)
    };
    let Standing::NotKnownToBeAllowed { message } = &claim.standing else {
        panic!("{:?}", claim.standing)
    };
    assert!(!claim.was_never_accepted(), "it may have been");
    assert!(
        message.starts_with("It is not known yet whether namespace \"team-a\" may refer")
            && message.contains("its labels could not be read: etcd is away."),
        "{message}"
    );
}

/// The labels known before count, and a namespace that is let in by now may still count as one that is not.
#[rstest]
#[case::it_hears_and_they_decide(selector(), Ok(watcher::Event::InitDone), true)]
#[case::it_fails_and_they_decide(selector(), Err(watcher::Error::NoResourceVersion), false)]
#[case::it_fails_and_they_do_not(json!({ "from": "All" }), Err(watcher::Error::NoResourceVersion), true)]
#[tokio::test]
async fn while_the_watch_of_namespaces_fails_nothing_is_derived_where_labels_decide(
    #[case] allowed: Value,
    #[case] heard: Result<watcher::Event<()>, watcher::Error>,
    #[case] all_seen: bool,
) {
    let everyone = json!({ "from": "All" });
    for [own, beside] in [[&allowed, &everyone], [&everyone, &allowed]] {
        assert_eq!(hears_who_may_refer([own, beside], &heard).await, all_seen);
    }
}

/// Whether it is known who may refer to an organization that lets in those, and beside which one lets in those.
async fn hears_who_may_refer(
    [own, beside]: [&Value; 2],
    heard: &Result<watcher::Event<()>, watcher::Error>,
) -> bool {
    let id = "00000000-0000-0000-0000-000000000007";
    let lets_in = |name: &str, allowed: &Value| {
        let mut organization = organization();
        organization.metadata.name = Some(name.to_owned());
        organization.spec.allowed_namespaces = serde_json::from_value(allowed.clone()).unwrap();
        organization.status = serde_json::from_value(json!({ "organizationId": id })).unwrap();
        organization
    };
    let organization = lets_in("acme", own);
    let liveness = Arc::new(Liveness::default());
    liveness.note(&Ok(watcher::Event::<()>::InitDone));
    liveness.note(heard);
    let (store, _writer) = reflector::store();
    let there = There {
        organizations: vec![organization.clone(), lets_in("twin", beside)],
        labels: Some(NamespaceLabels::Watched(store, liveness)),
        ..There::default()
    };
    let (context, _server) = there.held().await;
    let place = Place::of(&organization);
    let rights = SettingsRights::Forbidden;
    let known = (OrganizationId::parse(id), None);
    let gathered = gather(&context, (&place, &organization), known, rights).await;
    assert_eq!(gathered.beside.len(), 1);
    let unheard = |message: &String| message.starts_with("The watch of namespaces fails");
    !matches!(gathered.visibility, Visibility::Partial { message } if unheard(&message))
}

fn connection(allowed: &Value) -> XoperoConnection {
    serde_json::from_value(json!({
        "metadata": { "name": "xopero", "namespace": "backup" },
        "spec": {
            "url": "https://xopero.example.com",
            "credentialsSecretRef": { "name": "account" },
            "allowedNamespaces": allowed,
        },
    }))
    .unwrap()
}

/// One of team-a, on that connection.
fn tenant(allowed: &Value) -> XoperoOrganization {
    serde_json::from_value(json!({
        "metadata": { "name": "acme", "namespace": "team-a", "uid": "uid-of-acme" },
        "spec": {
            "connectionRef": { "name": "xopero", "namespace": "backup" }, "name": "acme", "provider": "GitHub",
            "allowedNamespaces": allowed,
        },
    }))
    .unwrap()
}

#[rstest]
#[case::it_selects_who_may_refer_to_it(json!({ "from": "All" }), selector(), true)]
#[case::its_connection_selects_it(selector(), json!({ "from": "All" }), true)]
#[case::nobody_selects(json!({ "from": "All" }), json!({ "from": "Same" }), false)]
#[tokio::test]
async fn where_labels_decide_and_are_not_watched_it_is_looked_at_again_by_itself(
    #[case] of_the_connection: Value,
    #[case] own: Value,
    #[case] expected: bool,
) {
    let there = There {
        connections: vec![connection(&of_the_connection)],
        ..There::default()
    };
    let (context, _server) = there.held().await;
    let tenant = tenant(&own);
    let place = Place::of(&tenant);
    assert_eq!(hears_of_no_labels(&context, &place, &tenant), expected);
}
