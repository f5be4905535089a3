//! Secrets, consent, rotation, rejection, certificates.

use std::time::{Duration, Instant};

use kube::api::DeleteParams;
use serde_json::json;
use xopero_operator::{api::Reason, controllers::connections::Connected};
use xopero_simulator::{
    Simulator,
    builder::{organization, state, user},
};

use super::place::*;

#[tokio::test]
async fn a_connection_waits_for_its_secret_and_for_its_consent() {
    let place = Place::new("consent").await;
    place.connect(&json!({})).await;
    let running = place.start();
    until_condition(&place, "Reconciling", "True:WaitingForSecret").await;

    place.secret(json!({}), "p").await;
    let message = running.until_waiting(Reason::SecretNotConsenting).await;
    until_condition(&place, "Stalled", "True:SecretNotConsenting").await;
    eventually("an event says so", async || {
        place
            .events()
            .await
            .contains(&"SecretNotConsenting".to_owned())
            .then_some(())
    })
    .await;
    // The way out that it names is one.
    let command = message
        .split("kubectl ")
        .nth(1)
        .unwrap()
        .split(". ")
        .next()
        .unwrap();
    let arguments: Vec<&str> = command.split_whitespace().collect();
    let labelled = place.control_plane.kubectl(&arguments, None).await.unwrap();
    labelled.success().unwrap();

    running.until_usable().await;
    let status = until_condition(&place, "Ready", "True:Converged").await;
    assert_eq!(condition(&status, "Stalled"), None);
    let text = serde_json::to_string(&place.connections().get("acme").await.unwrap()).unwrap();
    assert!(!text.contains(EMAIL), "{text}");

    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();
    running
        .until("it is forgotten", |connected| {
            matches!(connected, Connected::Missing).then_some(())
        })
        .await;
    running.stop().await;
}

#[tokio::test]
async fn a_changed_password_is_used_within_fifteen_seconds_and_a_label_changes_nothing() {
    let world = state()
        .user(user(EMAIL, "first"))
        .with(organization("acme"));
    let simulator = Simulator::start(world).unwrap();
    let place = Place::new("rotation").await;
    let first = place.secret(consent(), "first").await;
    place.connect(&json!({ "url": simulator.url() })).await;
    let running = place.start();
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    let status = until_condition(&place, "Ready", "True:Converged").await;
    assert_eq!(status.credentials_version, first.metadata.resource_version);

    let labelled = place
        .secret(
            json!({ "xopero.dev/credentials": "true", "team": "platform" }),
            "first",
        )
        .await;
    eventually("the status follows the Secret", async || {
        running.connections.request(&running.key);
        let version = place.status().await.credentials_version;
        (version == labelled.metadata.resource_version).then_some(())
    })
    .await;
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    assert_eq!(
        simulator.summary().logins,
        1,
        "the token is used for its whole life"
    );

    simulator.set_password(EMAIL, "second").unwrap();
    place.secret(consent(), "second").await;
    let changed = Instant::now();
    // Nobody asks for a look here.
    eventually("the new password is used", async || {
        let Connected::Usable(usable) = running.connections.get(&running.key) else {
            return None;
        };
        usable.client.organizations().await.unwrap();
        (simulator.summary().logins == 2).then_some(())
    })
    .await;
    let took = changed.elapsed();
    assert!(took < Duration::from_secs(15), "it took {took:?}");
    eventually("an event says so", async || {
        place
            .events()
            .await
            .contains(&"CredentialsChanged".to_owned())
            .then_some(())
    })
    .await;
    running.stop().await;
}

#[tokio::test]
async fn promise_6_credentials_a_rejected_login_stops_every_call_across_restarts() {
    let world = state()
        .user(user(EMAIL, "right"))
        .with(organization("acme"));
    let simulator = Simulator::start(world).unwrap();
    let place = Place::new("rejected").await;
    place.secret(consent(), "wrong").await;
    place.connect(&json!({ "url": simulator.url() })).await;
    let running = place.start();
    let error = running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap_err();
    running.connections.note_use(&running.key, Err(&error));
    until_condition(&place, "Stalled", "True:LoginRejected").await;
    let before = place.connections().get("acme").await.unwrap();
    running.stop().await;

    let restarted = place.start();
    restarted.until_waiting(Reason::LoginRejected).await;
    restarted.stop().await;
    // A restart that finds everything as it was writes nothing.
    assert_eq!(place.connections().get("acme").await.unwrap(), before);
    assert_eq!(simulator.summary().logins, 1);
    assert_eq!(
        place
            .events()
            .await
            .iter()
            .filter(|reason| *reason == "LoginRejected")
            .count(),
        1
    );

    let again = place.start();
    again.until_waiting(Reason::LoginRejected).await;
    place.secret(consent(), "right").await;
    again
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    let status = until_condition(&place, "Ready", "True:Converged").await;
    assert_eq!(status.rejected_login, None);
    again.stop().await;
}

#[tokio::test]
async fn an_instance_of_its_own_authority_is_trusted_by_its_bundle() {
    let world = state().user(user(EMAIL, "p")).with(organization("acme"));
    let simulator = Simulator::start_tls(world).unwrap();
    let place = Place::new("bundle").await;
    place.secret(consent(), "p").await;
    let bundle = json!({ "caBundleRef": { "kind": "ConfigMap", "name": "ca", "key": "ca.crt" } });
    place
        .connect(&json!({ "url": simulator.url(), "tls": bundle }))
        .await;
    let running = place.start();
    running.until_waiting(Reason::WaitingForSecret).await;
    let map = |text: &str| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": "ca", "namespace": place.namespace },
            "data": { "ca.crt": text },
        })
    };
    place.apply(&map("no certificate")).await;
    running.until_waiting(Reason::CertificateInvalid).await;
    until_condition(&place, "Stalled", "True:CertificateInvalid").await;
    place.apply(&map(simulator.ca_pem().unwrap())).await;
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    running.stop().await;
}
