//! A person lets an organization go although it is needed.

use std::sync::Arc;

use kube::runtime::controller::Action;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{super::observed::Observed, reconcile},
    There,
};
use crate::api::XoperoOrganization;

#[rstest]
#[case::who_needed_it(json!(["xopero.dev/cleanup"]), Some("XoperoRepository backup/api"))]
#[case::nobody(json!([]), None)]
#[tokio::test]
async fn an_event_names_what_is_left_behind(#[case] holds: Value, #[case] named: Option<&str>) {
    let leaving: XoperoOrganization = serde_json::from_value(json!({
        "metadata": {
            "name": "acme", "namespace": "backup", "uid": "uid-of-acme",
            "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["xopero.dev/in-use"],
            "annotations": { "xopero.dev/force-finalize": "true" },
        },
        "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
    }))
    .unwrap();
    let claim = serde_json::from_value(json!({
        "metadata": { "name": "api", "namespace": "backup", "uid": "uid-of-api", "finalizers": holds },
        "spec": { "organizationRef": { "name": "acme" }, "name": "api", "deletionPolicy": "Detach" },
    }));
    let there = There {
        organizations: vec![leaving.clone()],
        repositories: vec![claim.unwrap()],
        ..There::default()
    };
    let (context, server) = there.held().await;
    let leaving = Arc::new(Observed::Understood(leaving));
    let next = reconcile(leaving, Arc::new(context)).await;
    assert_eq!(next.unwrap(), Action::await_change());
    let requests = server.received_requests().await.unwrap();
    let notes = requests
        .iter()
        .filter(|request| request.url.path().ends_with("/events"))
        .map(|request| serde_json::from_slice::<Value>(&request.body).unwrap()["note"].to_string());
    let notes: Vec<String> = notes.collect();
    assert_eq!(notes.len(), usize::from(named.is_some()), "{notes:?}");
    assert!(
        notes
            .iter()
            .all(|note| named.is_some_and(|named| note.contains(named))),
        "{notes:?}"
    );
    let taken_off = requests
        .iter()
        .filter(|request| request.method.as_str() == "PATCH");
    assert_eq!(taken_off.count(), 1);
}
