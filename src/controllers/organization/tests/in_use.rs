//! How long an organization is kept for those that need it, where that is not known in whole.

use kube::Api;
use rstest::rstest;
use serde_json::json;

use super::{
    super::{
        super::{observed::Place, watches::Stored},
        Context, Shared,
        in_use::{Kept, keep_in_use},
    },
    There,
};
use crate::api::XoperoOrganization;

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
