//! The last look before a removal: what is seen then, and what it takes.

use rstest::rstest;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};

use super::{
    super::{
        super::{claims::SettingsRights, observed::Place},
        Context,
        fresh_look::NotMade,
        gather::{Gathered, gather},
        last_look::LastLook,
    },
    There,
};
use crate::{
    api::{XoperoOrganization, XoperoRepository},
    decide::{ClaimKey, ClaimKind, Owner, Visibility},
    inventory::OrganizationId,
};

const ALL: &str = "/apis/xopero.dev/v1alpha1";

fn organization() -> XoperoOrganization {
    serde_json::from_value(json!({
        "metadata": { "name": "acme", "namespace": "backup", "uid": "uid-of-acme", "generation": 1 },
        "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
    }))
    .unwrap()
}

fn metadata(name: &str) -> Value {
    json!({ "name": name, "namespace": "backup", "uid": name, "generation": 1 })
}

fn claim(name: &str) -> XoperoRepository {
    serde_json::from_value(json!({
        "metadata": metadata(name),
        "spec": { "organizationRef": { "name": "acme" }, "name": name },
    }))
    .unwrap()
}

fn owner(name: &str) -> Owner {
    Owner {
        key: ClaimKey {
            kind: ClaimKind::Repository,
            namespace: "backup".to_owned(),
            name: name.to_owned(),
        },
        uid: name.into(),
        generation: 1,
        deleting: false,
    }
}

/// A process that knows of the claims `api` and `web`, and an API server that lists those of these names and shows `api`, and one that the
/// process knows nothing of.
async fn held(listed: &[&str]) -> (Context, MockServer) {
    let there = There {
        organizations: vec![organization()],
        repositories: vec![claim("api"), claim("web")],
        ..There::default()
    };
    let (context, server) = there.held().await;
    let of = |items: Vec<Value>| {
        ResponseTemplate::new(200).set_body_json(json!({
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "items": items,
        }))
    };
    let listed = listed
        .iter()
        .map(|name| json!({ "metadata": metadata(name) }));
    Mock::given(path(format!("{ALL}/xoperorepositories")))
        .respond_with(of(listed.collect()))
        .mount(&server)
        .await;
    Mock::given(path_regex(format!("^{ALL}/xopero[a-z]+$")))
        .respond_with(of(Vec::new()))
        .mount(&server)
        .await;
    for name in ["api", "gone"] {
        let shown = json!({
            "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata(name),
        });
        Mock::given(method("GET"))
            .and(path(format!(
                "{ALL}/namespaces/backup/xoperorepositories/{name}"
            )))
            .respond_with(ResponseTemplate::new(200).set_body_json(shown))
            .mount(&server)
            .await;
    }
    (context, server)
}

async fn decided_on(context: &Context, place: &Place, resource: &XoperoOrganization) -> Gathered {
    let rights = SettingsRights::Forbidden;
    gather(context, (place, resource), (Some(id()), None), rights).await
}

fn id() -> OrganizationId {
    OrganizationId::parse("00000000-0000-0000-0000-000000000007").unwrap()
}

#[rstest]
#[case::as_it_was_decided(&["api", "web"], |_: &mut Gathered| {}, owner("api"), "it may be made")]
#[case::one_is_there_of_which_nothing_was_told(
    &["api", "docs"],
    |_: &mut Gathered| {},
    owner("api"),
    "changed: XoperoRepository backup/docs is there, as the API server lists it, and the watch does not tell of it"
)]
#[case::one_was_declared_meanwhile(
    &["api", "web"],
    |then: &mut Gathered| then.claims.retain(|claim| &*claim.uid != "web"),
    owner("api"),
    "declared: XoperoRepository backup/web is new, or has changed"
)]
#[case::more_is_seen(
    &["api", "web"],
    |then: &mut Gathered| then.visibility = Visibility::Unreadable { message: String::new() },
    owner("api"),
    "it may be made"
)]
#[case::whose_it_is_has_gone(
    &["api", "web"],
    |_: &mut Gathered| {},
    owner("gone"),
    "changed: XoperoRepository backup/gone is gone"
)]
#[case::whose_it_is_is_another(
    &["api", "web"],
    |_: &mut Gathered| {},
    Owner { generation: 2, ..owner("api") },
    "changed: XoperoRepository backup/api: its specification changed"
)]
#[tokio::test]
async fn a_removal_is_made_only_by_what_it_was_decided_on(
    #[case] listed: &[&str],
    #[case] change: fn(&mut Gathered),
    #[case] owner: Owner,
    #[case] expected: &str,
) {
    let (context, _server) = held(listed).await;
    let (place, resource) = (Place::of(&organization()), organization());
    let mut then = decided_on(&context, &place, &resource).await;
    change(&mut then);
    let whole = (&context, &place, &resource);
    let look = LastLook::at(whole, (id(), SettingsRights::Forbidden), owner, &then);
    let lets = look.lets().await;
    let said = match look.hindrance() {
        None => "it may be made".to_owned(),
        Some(NotMade::Changed(why)) => format!("changed: {why}"),
        Some(NotMade::Declared(why)) => format!("declared: {why}"),
        Some(NotMade::NotRead(error)) => format!("not read: {error}"),
    };
    assert_eq!(
        (said.as_str(), lets),
        (expected, expected == "it may be made")
    );
}

/// The organization's own removals.
#[tokio::test]
async fn an_organization_that_has_changed_removes_nothing() {
    let (context, _server) = held(&["api", "web"]).await;
    let place = Place::of(&organization());
    let mut before = organization();
    before.metadata.generation = Some(0);
    let then = decided_on(&context, &place, &before).await;
    let whole = (&context, &place, &before);
    let look = LastLook::at(
        whole,
        (id(), SettingsRights::Forbidden),
        owner("api"),
        &then,
    );
    assert!(!look.lets().await);
    assert!(
        matches!(look.hindrance(), Some(NotMade::Changed(why)) if why == "backup/acme has changed")
    );
}

#[tokio::test]
async fn all_there_is_is_listed_once_for_the_steps_of_a_moment() {
    let (context, server) = held(&["api", "web"]).await;
    let (place, resource) = (Place::of(&organization()), organization());
    let then = decided_on(&context, &place, &resource).await;
    let whole = (&context, &place, &resource);
    for _ in 0..2 {
        let rights = (id(), SettingsRights::Forbidden);
        let look = LastLook::at(whole, rights, owner("api"), &then);
        look.hears().await.unwrap();
        assert!(look.lets().await);
        assert!(look.lets().await);
    }
    let asked = server.received_requests().await.unwrap();
    let of_the_owner = asked
        .iter()
        .filter(|request| request.url.path().ends_with("/api"));
    assert_eq!(of_the_owner.count(), 4);
    assert_eq!(asked.len(), 4 + 4);
}
