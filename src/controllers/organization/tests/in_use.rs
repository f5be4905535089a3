//! How long an organization is kept for those that need it.

use kube::Api;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{
        super::{
            observed::{Observed, Place},
            watches::Stored,
        },
        Context, Shared,
        in_use::{Kept, keep_in_use, settle_undecodable},
    },
    There,
};
use crate::api::{
    XoperoOrganization, XoperoRepository,
    annotations::{CLEANUP, IN_USE},
};

#[rstest]
#[case::all_is_listed(|_: &mut Shared| {}, true)]
#[case::no_plans_yet(|shared: &mut Shared| shared.plans = Stored::not_listed(), false)]
#[case::no_repositories_yet(|shared: &mut Shared| shared.repositories = Stored::not_listed(), false)]
#[case::no_projects_yet(|shared: &mut Shared| shared.projects = Stored::not_listed(), false)]
#[tokio::test]
async fn it_is_let_go_only_once_all_that_may_need_it_is_listed(
    #[case] change: fn(&mut Shared),
    #[case] goes: bool,
) {
    let organization: XoperoOrganization = serde_json::from_value(json!({
        "metadata": {
            "name": "acme", "namespace": "backup", "uid": "u", "generation": 1,
            "finalizers": ["xopero.dev/in-use"], "deletionTimestamp": "2026-11-25T00:00:00Z",
        },
        "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
    }))
    .unwrap();
    let (mut shared, server) = There::default().shared().await;
    change(&mut shared);
    let context = Context::begin(shared);
    let api = Api::namespaced(context.client.clone(), "backup");
    let place = Place::of(&organization);
    let kept = keep_in_use(&context, &api, &place, &organization).await;
    match kept.unwrap() {
        Kept::Gone => assert!(goes),
        Kept::Here(needed_by) => assert!(!goes && needed_by.is_none(), "{needed_by:?}"),
    }
    let patched = server.received_requests().await.unwrap().len();
    assert_eq!(patched, usize::from(goes));
}

/// What may need the organization.
#[derive(Clone, Copy, Debug)]
enum Claims {
    /// A resource with a clean-up, of the organization's own namespace.
    Own,
    /// One of another namespace, which has found something here once.
    Accepted,
    /// One of another namespace, which never has.
    Stranger,
    /// One without a clean-up.
    Retained,
}

fn claim(which: Claims) -> XoperoRepository {
    let (name, namespace, finalizers, status) = match which {
        Claims::Own => ("own", "backup", json!([CLEANUP]), json!(null)),
        Claims::Accepted => (
            "accepted",
            "team-a",
            json!([CLEANUP]),
            json!({ "repositoryId": "7" }),
        ),
        Claims::Stranger => ("stranger", "team-a", json!([CLEANUP]), json!(null)),
        Claims::Retained => ("retained", "backup", json!([]), json!(null)),
    };
    serde_json::from_value(json!({
        "metadata": { "name": name, "namespace": namespace, "uid": name, "finalizers": finalizers },
        "spec": {
            "organizationRef": { "name": "acme", "namespace": "backup" }, "name": name, "deletionPolicy": "Detach",
        },
        "status": status,
    }))
    .unwrap()
}

fn acme(metadata: &Value, from: &str) -> XoperoOrganization {
    let mut whole = json!({
        "metadata": { "name": "acme", "namespace": "backup", "uid": "u", "generation": 1 },
        "spec": {
            "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub",
            "allowedNamespaces": { "from": from },
        },
    });
    let more = metadata.as_object().unwrap().clone();
    whole["metadata"].as_object_mut().unwrap().extend(more);
    serde_json::from_value(whole).unwrap()
}

/// Who needs it, as it is said of one that is being deleted, and how many patches were sent.
async fn kept(organization: XoperoOrganization, claims: &[Claims]) -> (String, usize) {
    let there = There {
        repositories: claims.iter().copied().map(claim).collect(),
        ..There::default()
    };
    let (context, server) = there.held().await;
    let api = Api::namespaced(context.client.clone(), "backup");
    let place = Place::of(&organization);
    let kept = keep_in_use(&context, &api, &place, &organization).await;
    let said = match kept.unwrap() {
        Kept::Gone => "gone".to_owned(),
        Kept::Here(None) => "unknown".to_owned(),
        Kept::Here(Some(names)) => names.join(", "),
    };
    let requests = server.received_requests().await.unwrap();
    let patched = requests.iter().filter(|it| it.method.as_str() == "PATCH");
    (said, patched.count())
}

fn deleting() -> Value {
    json!({ "finalizers": [IN_USE], "deletionTimestamp": "2026-11-25T00:00:00Z" })
}

#[rstest]
#[case::nobody("Same", &[], "gone", 1)]
#[case::who_has_nothing_to_undo("Same", &[Claims::Retained], "gone", 1)]
#[case::its_own("Same", &[Claims::Own], "XoperoRepository backup/own", 0)]
#[case::who_has_found_something_here("Same", &[Claims::Accepted], "XoperoRepository team-a/accepted", 0)]
#[case::who_may_refer("All", &[Claims::Stranger], "XoperoRepository team-a/stranger", 0)]
#[case::who_may_not("Same", &[Claims::Stranger], "gone", 1)]
#[case::all_of_them(
    "All",
    &[Claims::Stranger, Claims::Own, Claims::Accepted],
    "XoperoRepository backup/own, XoperoRepository team-a/accepted, XoperoRepository team-a/stranger",
    0
)]
#[tokio::test]
async fn one_that_is_being_deleted_waits_for_each_that_needs_it(
    #[case] from: &str,
    #[case] claims: &[Claims],
    #[case] expected: &str,
    #[case] patches: usize,
) {
    let (said, patched) = kept(acme(&deleting(), from), claims).await;
    let mut names: Vec<&str> = said.split(", ").collect();
    names.sort_unstable();
    assert_eq!((names.join(", ").as_str(), patched), (expected, patches));
}

#[rstest]
#[case::one_is_enough(&[Claims::Own, Claims::Accepted], 1)]
#[case::who_may_refer(&[Claims::Stranger], 1)]
#[case::nobody(&[], 0)]
#[tokio::test]
async fn one_that_lives_is_held_as_soon_as_somebody_needs_it(
    #[case] claims: &[Claims],
    #[case] patches: usize,
) {
    let (said, patched) = kept(acme(&json!({}), "All"), claims).await;
    assert_eq!(patched, patches);
    let names = said.split(", ").filter(|name| !name.is_empty());
    assert_eq!(names.count(), patches, "{said}");
}

/// Whom it was kept for is left behind, once our own finalizer is off; others may still hold it.
#[rstest]
#[case::forced(json!({ "xopero.dev/force-finalize": "true" }), "")]
#[case::not_forced(json!({}), "XoperoRepository backup/own")]
#[tokio::test]
async fn who_was_left_behind_is_waited_for_no_more(
    #[case] annotations: Value,
    #[case] expected: &str,
) {
    let mut metadata = deleting();
    metadata["finalizers"] = json!(["example.com/held"]);
    metadata["annotations"] = annotations;
    let (said, patched) = kept(acme(&metadata, "Same"), &[Claims::Own]).await;
    assert_eq!((said.as_str(), patched), (expected, 0));
}

#[rstest]
#[case::nobody(&[], |_: &mut Shared| {}, 1)]
#[case::somebody(&[Claims::Own], |_: &mut Shared| {}, 0)]
#[case::whoever_else_refers(&[Claims::Stranger], |_: &mut Shared| {}, 0)]
#[case::not_all_is_listed(&[], |shared: &mut Shared| shared.plans = Stored::not_listed(), 0)]
#[tokio::test]
async fn one_that_cannot_be_decoded_goes_once_nobody_refers_to_it_who_has_something_to_undo(
    #[case] claims: &[Claims],
    #[case] change: fn(&mut Shared),
    #[case] patches: usize,
) {
    let there = There {
        repositories: claims.iter().copied().map(claim).collect(),
        ..There::default()
    };
    let (mut shared, server) = there.shared().await;
    change(&mut shared);
    let context = Context::begin(shared);
    let mut metadata = deleting();
    metadata["name"] = "acme".into();
    metadata["namespace"] = "backup".into();
    let broken: Observed<XoperoOrganization> =
        serde_json::from_value(json!({ "metadata": metadata, "spec": 7 })).unwrap();
    let place = Place::of(&broken);
    settle_undecodable(&context, &broken, &place).await.unwrap();
    let patched = server.received_requests().await.unwrap().len();
    assert_eq!(patched, patches);
}
