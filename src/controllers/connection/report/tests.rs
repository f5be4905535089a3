use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::{
    api::{Reported, conditions::violations},
    controllers::connections::{Health, Standing, Trouble},
};

const GENERATION: i64 = 3;

fn connection(metadata: &Value) -> XoperoConnection {
    let mut object = json!({
        "apiVersion": "xopero.dev/v1alpha1",
        "kind": "XoperoConnection",
        "metadata": { "name": "acme", "namespace": "backup", "generation": GENERATION },
        "spec": {
            "url": "https://xopero.example.com",
            "credentialsSecretRef": { "name": "xopero" },
        },
    });
    for (key, value) in metadata.as_object().unwrap() {
        object["metadata"][key] = value.clone();
    }
    serde_json::from_value(object).unwrap()
}

fn standing(health: Health) -> Standing {
    Standing {
        health,
        account: None,
        credentials_version: Some("7".to_owned()),
        rejected_login: None,
        refused_endpoints: vec![],
        organizations: None,
        not_shown: vec![],
    }
}

fn trouble(reason: Reason) -> Health {
    Health::Troubled(Trouble::new(reason, "it is so; do this"))
}

fn now() -> Timestamp {
    "2026-11-25T01:02:03.456Z".parse().unwrap()
}

/// The conditions as `Type=Status:Reason`.
fn words(status: &XoperoConnectionStatus) -> Vec<String> {
    let words = |condition: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition| {
        format!(
            "{}={}:{}",
            condition.type_, condition.status, condition.reason
        )
    };
    status.conditions.iter().map(words).collect()
}

#[rstest]
#[case::untried(Health::Untried, &["Ready=True:Converged"])]
#[case::accepted(Health::Accepted, &["Ready=True:Converged"])]
#[case::paused(Health::Paused, &["Ready=Unknown:NotObserved", "Paused=True:Requested"])]
#[case::no_secret(
    trouble(Reason::WaitingForSecret),
    &["Reconciling=True:WaitingForSecret", "Ready=False:WaitingForSecret"]
)]
#[case::unreachable(
    trouble(Reason::ApiUnavailable),
    &["Reconciling=True:ApiUnavailable", "Ready=False:ApiUnavailable"]
)]
#[case::no_consent(
    trouble(Reason::SecretNotConsenting),
    &["Stalled=True:SecretNotConsenting", "Ready=False:SecretNotConsenting"]
)]
#[case::bad_secret(trouble(Reason::SecretInvalid), &["Stalled=True:SecretInvalid", "Ready=False:SecretInvalid"])]
#[case::bad_bundle(
    trouble(Reason::CertificateInvalid),
    &["Stalled=True:CertificateInvalid", "Ready=False:CertificateInvalid"]
)]
#[case::another_host(trouble(Reason::NotPermitted), &["Stalled=True:NotPermitted", "Ready=False:NotPermitted"])]
#[case::bad_url(trouble(Reason::InvalidSpec), &["Stalled=True:InvalidSpec", "Ready=False:InvalidSpec"])]
#[case::rejected(trouble(Reason::LoginRejected), &["Stalled=True:LoginRejected", "Ready=False:LoginRejected"])]
fn how_a_connection_stands_is_said_as_kstatus_reads_it(
    #[case] health: Health,
    #[case] expected: &[&str],
) {
    let connection = connection(&json!({}));
    let status = status(&connection, &standing(health), Some(&[]), None, now());
    assert_eq!(words(&status), expected);
    assert_eq!(status.observed_generation, Some(GENERATION));
    let none: Vec<String> = vec![];
    assert_eq!(violations(&status.conditions, GENERATION), none);
}

#[test]
fn the_same_standing_is_the_same_status_at_any_later_time() {
    let connection = connection(&json!({}));
    for health in [
        Health::Untried,
        Health::Paused,
        trouble(Reason::LoginRejected),
    ] {
        let standing = standing(health);
        let first = status(&connection, &standing, None, None, now());
        let later = "2027-01-01T00:00:00Z".parse().unwrap();
        let second = status(&connection, &standing, None, Some(&first), later);
        assert_eq!(first, second);
    }
}

#[rstest]
#[case::in_order(Health::Accepted, &["Reconciling=True:Deleting", "Ready=False:Deleting"])]
#[case::without_its_secret(
    trouble(Reason::WaitingForSecret),
    &["Reconciling=True:WaitingForSecret", "Ready=False:WaitingForSecret"]
)]
fn a_deletion_that_waits_says_for_whom_and_the_way_out(
    #[case] health: Health,
    #[case] expected: &[&str],
) {
    let connection = connection(&json!({ "deletionTimestamp": "2026-11-25T00:00:00Z" }));
    let organizations: Vec<String> = (10..22).map(|number| format!("backup/o{number}")).collect();
    let status = status(
        &connection,
        &standing(health),
        Some(&organizations),
        None,
        now(),
    );
    assert_eq!(words(&status), expected);
    let message = &status.conditions[0].message;
    assert!(message.contains("backup/o19 and others"), "{message}");
    assert!(message.contains("xopero.dev/force-finalize"), "{message}");
}

#[rstest]
#[case::is_acknowledged(Health::Untried, Some("2"))]
#[case::even_if_a_person_has_to_help(trouble(Reason::SecretInvalid), Some("2"))]
#[case::but_not_while_paused(Health::Paused, Some("1"))]
fn a_request_to_look_now(#[case] health: Health, #[case] expected: Option<&str>) {
    let annotations = json!({ "annotations": { "xopero.dev/reconcile-requested-at": "2" } });
    let before = XoperoConnectionStatus {
        last_handled_reconcile_at: Some("1".to_owned()),
        ..XoperoConnectionStatus::default()
    };
    let connection = connection(&annotations);
    let status = status(&connection, &standing(health), None, Some(&before), now());
    assert_eq!(status.last_handled_reconcile_at.as_deref(), expected);
}

#[test]
fn of_a_long_request_status_holds_as_much_as_is_compared() {
    let asked = "2".repeat(1_000);
    let annotations = json!({ "annotations": { "xopero.dev/reconcile-requested-at": asked } });
    let mut connection = connection(&annotations);
    let status = status(&connection, &standing(Health::Untried), None, None, now());
    let stored = status.last_handled_reconcile_at.as_deref();
    assert_eq!(stored, Some("2".repeat(300).as_str()));
    connection.status = Some(status);
    assert!(!connection.is_reconcile_requested());
}

#[test]
fn a_pause_keeps_what_was_ready() {
    let plain = connection(&json!({}));
    let before = status(&plain, &standing(Health::Accepted), None, None, now());
    let paused = status(
        &plain,
        &standing(Health::Paused),
        None,
        Some(&before),
        now(),
    );
    assert_eq!(
        words(&paused),
        ["Ready=True:Converged", "Paused=True:Requested"]
    );
}
