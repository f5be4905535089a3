//! Patches of status and finalizers, against a real API server.

use futures::future::join_all;
use kube::{Api, api::DeleteParams};
use serde_json::json;
use xopero_operator::{
    api::{XoperoConnection, XoperoConnectionStatus, annotations::IN_USE},
    controllers::{
        finalizers::{self, Outcome},
        status::{Written, write_status},
    },
};

use super::place::*;

#[tokio::test]
async fn the_status_of_another_object_is_not_written() {
    let place = Place::new("status-of-another").await;
    let api = Api::namespaced(place.operator.clone(), &place.namespace);
    let connection = place.connect(&json!({})).await;

    let written = write_status(&api, &connection, connection.status.as_ref(), &observed(1))
        .await
        .unwrap();
    assert!(matches!(written, Written::Changed { .. }));
    let read = api.get("acme").await.unwrap();
    let version = read.metadata.resource_version.clone();
    assert_eq!(
        write_status(&api, &read, read.status.as_ref(), &observed(1))
            .await
            .unwrap(),
        Written::Same
    );
    assert_eq!(
        api.get("acme").await.unwrap().metadata.resource_version,
        version
    );

    let mut another = read.clone();
    another.metadata.uid = Some("7e0c0a4e-0000-4000-8000-000000000000".to_owned());
    let written = write_status(&api, &another, another.status.as_ref(), &observed(2))
        .await
        .unwrap();
    assert_eq!(written, Written::Gone);
    assert_eq!(place.status().await, observed(1));

    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();
    assert_eq!(
        write_status(&api, &read, read.status.as_ref(), &observed(2))
            .await
            .unwrap(),
        Written::Gone
    );
}

#[tokio::test]
async fn a_status_that_the_definition_refuses_is_an_error_and_not_gone() {
    let place = Place::new("status-refused").await;
    let api = Api::namespaced(place.operator.clone(), &place.namespace);
    let connection = place.connect(&json!({})).await;
    let names = vec!["x".to_owned(); 101];
    let status = XoperoConnectionStatus {
        conditions: serde_json::from_value(json!([{
            "type": "Ready", "status": "Perhaps", "reason": "Converged", "message": "m",
            "lastTransitionTime": "2026-11-25T00:00:00Z",
        }]))
        .unwrap(),
        organizations: names,
        ..XoperoConnectionStatus::default()
    };
    write_status(&api, &connection, connection.status.as_ref(), &status)
        .await
        .unwrap_err();
}

#[tokio::test]
async fn finalizers_of_many_writers_at_once_are_all_there_and_all_go() {
    let place = Place::new("finalizer-races").await;
    let api: Api<XoperoConnection> = Api::namespaced(place.operator.clone(), &place.namespace);
    // All of them know the object as it was before any finalizer.
    let stale = place.connect(&json!({})).await;
    let names = ["a", "b", "c"].map(|name| format!("xopero.dev/{name}"));

    let put_on = join_all(names.iter().map(|name| finalizers::add(&api, &stale, name))).await;
    for outcome in put_on {
        assert_eq!(outcome.unwrap(), Outcome::Changed);
    }
    let finalizers = async || {
        let mut list = api
            .get("acme")
            .await
            .unwrap()
            .metadata
            .finalizers
            .unwrap_or_default();
        list.sort();
        list
    };
    assert_eq!(finalizers().await, names);
    // The cache does not show it yet: it is there once, all the same.
    assert_eq!(
        finalizers::add(&api, &stale, &names[0]).await.unwrap(),
        Outcome::Same
    );
    assert_eq!(finalizers().await, names);

    let stale = api.get("acme").await.unwrap();
    let taken_off = join_all(
        names
            .iter()
            .map(|name| finalizers::remove(&api, &stale, name)),
    )
    .await;
    for outcome in taken_off {
        assert_eq!(outcome.unwrap(), Outcome::Changed);
    }
    assert!(finalizers().await.is_empty());
}

#[tokio::test]
async fn no_finalizer_is_put_on_what_is_being_deleted_or_gone() {
    let place = Place::new("finalizer-too-late").await;
    let api: Api<XoperoConnection> = Api::namespaced(place.operator.clone(), &place.namespace);
    let stale = place.connect(&json!({})).await;
    finalizers::add(&api, &stale, "xopero.dev/other")
        .await
        .unwrap();
    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();

    // Neither with a cache that does not know yet, nor with one that does.
    assert_eq!(
        finalizers::add(&api, &stale, IN_USE).await.unwrap(),
        Outcome::Deleting
    );
    let deleted = api.get("acme").await.unwrap();
    assert_eq!(
        finalizers::add(&api, &deleted, IN_USE).await.unwrap(),
        Outcome::Deleting
    );

    let outcome = finalizers::remove(&api, &deleted, "xopero.dev/other")
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Changed);
    assert_eq!(api.get_opt("acme").await.unwrap(), None);
    assert_eq!(
        finalizers::add(&api, &stale, IN_USE).await.unwrap(),
        Outcome::Gone
    );
    assert_eq!(
        finalizers::remove(&api, &deleted, "xopero.dev/other")
            .await
            .unwrap(),
        Outcome::Gone
    );
    // Another object of the same name is left alone.
    let another = place.connect(&json!({})).await;
    assert_eq!(
        finalizers::add(&api, &stale, IN_USE).await.unwrap(),
        Outcome::Gone
    );
    assert_eq!(another.metadata.finalizers, None);
    assert_eq!(api.get("acme").await.unwrap().metadata.finalizers, None);
}
