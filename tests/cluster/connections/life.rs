//! Who keeps a connection, pause, and what may be read.

use k8s_openapi::api::events::v1::Event;
use kube::{
    Api,
    api::{DeleteParams, ListParams},
};
use serde_json::{Value, json};
use xopero_operator::{
    api::{Reason, annotations::IN_USE},
    controllers::connections::Connected,
};
use xopero_simulator::{
    Simulator,
    builder::{organization, state, user},
};
use xtask::operator;

use super::place::*;

#[tokio::test]
async fn a_connection_that_is_needed_is_kept_and_works_until_it_is_not() {
    let place = Place::new("in-use").await;
    place.secret(consent(), "p").await;
    place.connect(&json!({})).await;
    let running = place.start();
    running.until_usable().await;
    let finalizers = async || {
        let connection = place.connections().get_opt("acme").await.unwrap();
        connection.map(|connection| connection.metadata.finalizers.unwrap_or_default())
    };
    assert_eq!(finalizers().await, Some(vec![]), "nobody needs it");

    running.need(&["in-use/o1"]);
    eventually("the finalizer is on", async || {
        (finalizers().await? == [IN_USE]).then_some(())
    })
    .await;
    running.need(&[]);
    eventually("the finalizer is off", async || {
        finalizers().await?.is_empty().then_some(())
    })
    .await;
    running.need(&["in-use/o1"]);
    eventually("the finalizer is on", async || {
        (finalizers().await? == [IN_USE]).then_some(())
    })
    .await;

    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();
    let status = until_condition(&place, "Reconciling", "True:Deleting").await;
    assert!(status.conditions[0].message.contains("in-use/o1"));
    // Not known is not "nobody".
    *running.needed.lock().unwrap() = None;
    running.until_usable().await;
    assert_eq!(finalizers().await, Some(vec![IN_USE.to_owned()]));
    running.need(&[]);
    eventually("it is gone", async || {
        finalizers().await.is_none().then_some(())
    })
    .await;
    running
        .until("it is forgotten", |connected| {
            matches!(connected, Connected::Missing).then_some(())
        })
        .await;
    running.stop().await;
}

#[tokio::test]
async fn force_finalize_lets_a_needed_connection_go_and_names_who_is_left() {
    let place = Place::new("force-finalize").await;
    place.connect(&json!({})).await;
    let running = place.start();
    running.need(&["force-finalize/o1"]);
    eventually("the finalizer is on", async || {
        let connection = place.connections().get("acme").await.unwrap();
        (connection.metadata.finalizers? == [IN_USE]).then_some(())
    })
    .await;
    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();
    place
        .annotate("xopero.dev/force-finalize", Some("true"))
        .await;
    eventually("it is gone", async || {
        place
            .connections()
            .get_opt("acme")
            .await
            .unwrap()
            .is_none()
            .then_some(())
    })
    .await;
    let events: Api<Event> = Api::namespaced(place.admin.clone(), &place.namespace);
    let events = events.list(&ListParams::default()).await.unwrap();
    let said = events.iter().any(|event| {
        event.reason.as_deref() == Some("LeftBehind")
            && event.type_.as_deref() == Some("Warning")
            && event
                .note
                .as_deref()
                .is_some_and(|note| note.contains("force-finalize/o1"))
    });
    assert!(said, "{events:?}");
    running.stop().await;
}

#[tokio::test]
async fn nothing_is_read_for_a_paused_connection_and_its_client_lives_on() {
    let world = state().user(user(EMAIL, "p")).with(organization("acme"));
    let simulator = Simulator::start(world).unwrap();
    let place = Place::new("paused").await;
    place.secret(consent(), "p").await;
    place.connect(&json!({ "url": simulator.url() })).await;
    let running = place.start();
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    until_condition(&place, "Ready", "True:Converged").await;
    place.annotate("xopero.dev/paused", Some("true")).await;
    running.until_waiting(Reason::Requested).await;
    let status = until_condition(&place, "Paused", "True:Requested").await;
    assert_eq!(
        condition(&status, "Ready").as_deref(),
        Some("True:Converged")
    );
    place.annotate("xopero.dev/paused", None).await;
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    assert_eq!(simulator.summary().logins, 1);
    running.stop().await;
}

#[tokio::test]
async fn without_the_right_to_read_secrets_a_connection_says_which_right_is_missing() {
    let place = Place::new("no-secrets").await;
    place.secret(consent(), "p").await;
    place.connect(&json!({})).await;
    let rights = json!([
        { "apiGroups": ["xopero.dev"], "resources": ["xoperoconnections"], "verbs": ["get", "list", "watch", "patch"] },
        { "apiGroups": ["xopero.dev"], "resources": ["xoperoconnections/status"], "verbs": ["get", "patch"] },
    ]);
    let metadata = json!({ "name": "no-secrets", "namespace": place.namespace });
    place
        .apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": metadata, "rules": rights,
        }))
        .await;
    place
        .apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "no-secrets" },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "no-secrets" }],
        }))
        .await;
    let kubeconfig = place
        .control_plane
        .kubeconfig_for_user("no-secrets", None)
        .unwrap();
    let running = place.start_as(place.control_plane.client_as(&kubeconfig).await.unwrap());
    let message = running.until_waiting(Reason::NotPermitted).await;
    assert!(
        message.contains("the verb get on secrets in namespace \"no-secrets\""),
        "{message}"
    );
    until_condition(&place, "Stalled", "True:NotPermitted").await;
    running.stop().await;
}

#[tokio::test]
async fn secrets_and_config_maps_are_got_by_name_and_never_listed_or_watched() {
    let place = Place::new("get-only").await;
    place.secret(consent(), "p").await;
    place.connect(&json!({})).await;
    let running = place.start();
    running.until_usable().await;
    running.stop().await;
    let Some(log) = place.control_plane.audit_log() else {
        panic!("only a control plane of our own keeps an audit log")
    };
    let operator = format!(
        "system:serviceaccount:{}:{}",
        operator::NAMESPACE,
        operator::ACCOUNT
    );
    let verbs = eventually("the log shows it", async || {
        let log = std::fs::read_to_string(&log).unwrap();
        let entries = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ours = entries.filter(|entry| {
            entry["user"]["username"] == operator.as_str()
                && ["secrets", "configmaps"]
                    .contains(&entry["objectRef"]["resource"].as_str().unwrap_or_default())
        });
        let mut verbs: Vec<String> = ours
            .map(|entry| entry["verb"].as_str().unwrap_or_default().to_owned())
            .collect();
        verbs.sort();
        verbs.dedup();
        (!verbs.is_empty()).then_some(verbs)
    })
    .await;
    assert_eq!(verbs, ["get"]);
}
