//! Secrets, logins and certificates that cannot be used: stalled with what to change, and taken up once it is changed.

use xopero_simulator::{
    Simulator,
    builder::{organization, state, user},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{self, acme, connection_with, secret},
};

#[tokio::test]
async fn an_unusable_secret_is_stalled_with_what_to_change_and_then_used() {
    let mut world = World::bare(state().with(organization("acme"))).await;
    world.start_operator().await;
    let url = world.url();
    // Without the label nothing of it is read.
    let mute = secret().replace("labels: {xopero.dev/credentials: \"true\"}", "labels: {}");
    world
        .apply(&(mute + &yaml::connection(&url) + &acme("")))
        .await;
    let stalled = world
        .stalled(Kind::Connection, "xopero", "SecretNotConsenting")
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("xopero.dev/credentials"), "{message}");

    world
        .apply(&secret().replace("password:", "passwort:"))
        .await;
    // kubectl apply merges: the former key goes only with a replacement.
    let stalled = world
        .wait_for(
            Kind::Connection,
            "xopero",
            "without its label or key problem",
            |object| object.is_ready() || object.is_stalled("SecretInvalid"),
        )
        .await;
    assert!(!stalled.message("Stalled").contains(yaml::PASSWORD));

    let other_key = connection_with(&url, "").replace(
        "{name: account}",
        "{name: account, passwordKey: secret-word}",
    );
    world.apply(&other_key).await;
    let stalled = world
        .stalled(Kind::Connection, "xopero", "SecretInvalid")
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("secret-word"), "{message}");

    world.apply(&(secret() + &yaml::connection(&url))).await;
    world.ready(Kind::Organization, "acme").await;
    world.end().await;
}

#[tokio::test]
async fn a_rejected_login_is_asked_for_once_until_the_secret_changes() {
    let mut world = World::bare(state().with(organization("acme"))).await;
    world.start_operator().await;
    let wrong = secret().replace(yaml::PASSWORD, "wrong-battery");
    let url = world.url();
    world
        .apply(&(wrong + &yaml::connection(url) + &acme("")))
        .await;

    let stalled = world
        .stalled(Kind::Connection, "xopero", "LoginRejected")
        .await;
    assert!(!stalled.to_string().contains("wrong-battery"));
    assert_eq!(world.simulator.summary().logins, 1);
    world.restart_operator().await;
    // The operator is back when it has adopted the resource's change.
    world.apply(&acme("removalLimit: 3")).await;
    world
        .wait_for(
            Kind::Organization,
            "acme",
            "waiting for the connection",
            |object| object.says("Reconciling") == "True WaitingForConnection",
        )
        .await;
    assert_eq!(
        world.simulator.summary().logins,
        1,
        "not after a restart either"
    );

    world.apply(&secret()).await;
    world.ready(Kind::Organization, "acme").await;
    assert_eq!(world.simulator.summary().logins, 2);
    world.end().await;
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_stalled_until_its_bundle_is_given() {
    let account = user(yaml::EMAIL, yaml::PASSWORD);
    let state = state().with(organization("acme")).user(account);
    let simulator = Simulator::start_tls(state).unwrap();
    let pem = simulator.ca_pem().unwrap().to_owned();
    let mut world = World::around(simulator).await;
    world.start_operator().await;
    let url = world.simulator.url();
    let bundle = "tls: {caBundleRef: {kind: ConfigMap, name: authority, key: ca.crt}}";
    let authority = |text: &str| {
        let text = yaml::indented(text, 4);
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: authority}}\ndata:\n  ca.crt: |\n{text}"
        )
    };
    world
        .apply(&(secret() + &connection_with(&url, "") + &acme("")))
        .await;
    let stalled = world
        .stalled(Kind::Connection, "xopero", "CertificateInvalid")
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("caBundleRef"), "{message}");

    world
        .apply(&(authority("no certificate") + &connection_with(&url, bundle)))
        .await;
    let stalled = world
        .wait_for(
            Kind::Connection,
            "xopero",
            "saying what a bundle is",
            |object| {
                object.is_stalled("CertificateInvalid")
                    && object.message("Stalled").contains("CA bundle")
            },
        )
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("-----BEGIN CERTIFICATE-----"), "{message}");

    world.apply(&authority(&pem)).await;
    world.ready(Kind::Organization, "acme").await;
    world.ready(Kind::Connection, "xopero").await;
    world.end().await;
}
