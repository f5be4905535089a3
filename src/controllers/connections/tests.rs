//! What is offered to those who use a connection, when that changes, and what is refused before any use.

mod used;

use futures::{FutureExt as _, StreamExt as _};
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{offer::Offer, *};
use crate::{
    api::{CaBundleKind, CaBundleReference, annotations::RECONCILE_REQUESTED_AT},
    controllers::credentials::{AccountAt, BundleAt, Defect, Kind, Object, Version},
};

const EMAIL: &str = "operator@example.com";

/// A connection of the namespace `backup`, with fields of its spec replaced.
fn connection(spec: &Value) -> XoperoConnection {
    let mut object = json!({
        "apiVersion": "xopero.dev/v1alpha1",
        "kind": "XoperoConnection",
        "metadata": { "name": "acme", "namespace": "backup", "uid": "c", "generation": 1 },
        "spec": {
            "url": "https://xopero.example.com",
            "credentialsSecretRef": { "name": "xopero" },
        },
    });
    for (key, value) in spec.as_object().unwrap() {
        object["spec"][key] = value.clone();
    }
    serde_json::from_value(object).unwrap()
}

fn key() -> Place {
    Place::from(&connection(&json!({})).metadata)
}

fn registry() -> Connections {
    // As main does. It fails only if another test was quicker.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    Connections::new(Surroundings::default())
}

/// What a look at the Secret brings, written as `version`.
fn account(connections: &Connections, version: &str, password: &str) -> AccountAt {
    let account = connections
        .digest_key()
        .account(SecretString::from(EMAIL), SecretString::from(password));
    let reference = connection(&json!({})).spec.credentials_secret_ref;
    let version = Version {
        uid: "s".to_owned(),
        resource_version: version.to_owned(),
    };
    AccountAt::new(reference, version, Ok(account))
}

fn found(
    connections: &Connections,
    connection: &XoperoConnection,
    account: Result<AccountAt, Defect>,
) -> Read {
    Read::Found(Box::new(Found {
        origin: connections.origin(&connection.spec.url).unwrap(),
        account,
        bundle: None,
    }))
}

/// One look at the connection, with this password in a Secret written as `version`.
fn look(
    connections: &Connections,
    connection: &XoperoConnection,
    version: &str,
    password: &str,
) -> Standing {
    let account = account(connections, version, password);
    let read = found(connections, connection, Ok(account));
    connections.update(connection, read)
}

fn usable(connections: &Connections) -> Usable {
    match connections.get(&key()) {
        Connected::Usable(usable) => usable,
        other @ (Connected::Waiting { .. } | Connected::Unread | Connected::Missing) => {
            panic!("{other:?}")
        }
    }
}

fn waiting(connections: &Connections) -> Reason {
    match connections.get(&key()) {
        Connected::Waiting { reason, .. } => reason,
        other @ (Connected::Usable(_) | Connected::Unread | Connected::Missing) => {
            panic!("{other:?}")
        }
    }
}

fn absent() -> Defect {
    Defect::Absent {
        object: Object {
            kind: Kind::Secret,
            namespace: "backup".to_owned(),
            name: "xopero".to_owned(),
        },
        field: "credentialsSecretRef.name",
    }
}

#[test]
fn a_connection_is_missing_then_unread_then_usable_then_missing() {
    let connections = registry();
    let connection =
        connection(&json!({ "planSettings": "Allowed", "requests": { "inFlight": 7 } }));
    assert!(matches!(connections.get(&key()), Connected::Missing));
    connections.expect([&connection.metadata]);
    assert!(matches!(connections.get(&key()), Connected::Unread));
    look(&connections, &connection, "1", "p");
    let usable = usable(&connections);
    assert_eq!(&*usable.url, "https://xopero.example.com");
    assert_eq!(&*usable.uid, "c");
    assert_eq!((usable.settings_allowed, usable.in_flight), (true, 7));
    connections.remove(&key());
    assert!(matches!(connections.get(&key()), Connected::Missing));
}

#[rstest]
#[case::nothing(json!({}), "1", "p", false)]
#[case::the_writing_of_the_secret(json!({}), "2", "p", false)]
#[case::the_limits_which_are_the_budgets(json!({ "requests": { "perSecond": 9 } }), "1", "p", false)]
#[case::another_spelling_of_the_address(json!({ "url": "https://XOPERO.example.com/" }), "1", "p", false)]
#[case::the_password(json!({}), "2", "q", true)]
#[case::the_address(json!({ "url": "https://b.example.com" }), "1", "p", true)]
#[case::the_timeout(json!({ "requests": { "timeout": "5s" } }), "1", "p", true)]
fn a_client_lasts_until_what_it_was_made_from_changes(
    #[case] spec: Value,
    #[case] version: &str,
    #[case] password: &str,
    #[case] another: bool,
) {
    let connections = registry();
    look(&connections, &connection(&json!({})), "1", "p");
    let mut changes = Box::pin(connections.changes());
    assert_eq!(changes.next().now_or_never(), Some(Some(key())));
    look(&connections, &connection(&spec), version, password);
    assert_eq!(changes.next().now_or_never().is_some(), another);
}

#[test]
fn who_uses_a_connection_is_told_when_it_changes_and_only_then() {
    let connections = registry();
    let plain = connection(&json!({}));
    let mut deleted = plain.clone();
    deleted.metadata.deletion_timestamp =
        Some(serde_json::from_value(json!("2026-11-25T00:00:00Z")).unwrap());
    let mut changes = Box::pin(connections.changes());
    let mut is_told = || changes.next().now_or_never().is_some();
    look(&connections, &plain, "1", "p");
    assert!(is_told(), "it became usable");
    look(&connections, &plain, "2", "p");
    assert!(!is_told(), "nothing changed for who uses it");
    let read = found(&connections, &plain, Err(absent()));
    connections.update(&plain, read);
    assert!(is_told(), "it stopped");
    let read = found(&connections, &plain, Err(absent()));
    connections.update(&plain, read);
    assert!(!is_told(), "it is stopped still");
    look(&connections, &plain, "3", "p");
    assert!(is_told(), "it became usable again");
    look(
        &connections,
        &connection(&json!({ "allowedNamespaces": { "from": "All" } })),
        "3",
        "p",
    );
    assert!(is_told(), "others may use it");
    look(&connections, &deleted, "3", "p");
    assert!(is_told(), "it is being deleted");
    connections.remove(&key());
    assert!(is_told(), "it is gone");
}

#[test]
fn a_pause_ends_nothing() {
    let connections = registry();
    let connection = connection(&json!({}));
    look(&connections, &connection, "1", "p");
    let Offer::Usable(before) = connections.entries()[&key()].offer() else {
        panic!("it is not usable")
    };
    let standing = connections.update(&connection, Read::Paused);
    assert_eq!(standing.health, Health::Paused);
    let asked = before.client.organizations().now_or_never();
    assert!(
        matches!(asked, Some(Err(xopero::Error::Replaced))),
        "{asked:?}"
    );
    assert_eq!(waiting(&connections), Reason::Requested);
    let mut changes = Box::pin(connections.changes());
    changes.next().now_or_never();
    let generation = |connections: &Connections| {
        let entries = connections.entries();
        let Offer::Usable(usable) = entries[&key()].offer() else {
            panic!("it is not usable")
        };
        usable.generation
    };
    look(&connections, &connection, "1", "p");
    assert_eq!(
        generation(&connections),
        1,
        "no other client, and so no other login"
    );
}

/// Each would let the account sign in once more.
#[test]
fn a_request_of_a_person_is_followed_once_also_where_no_status_can_say_so() {
    let connections = registry();
    let asking = |value: &str| {
        let mut connection = connection(&json!({}));
        let value = (RECONCILE_REQUESTED_AT.to_owned(), value.to_owned());
        connection.metadata.annotations = Some([value].into());
        connection
    };
    look(&connections, &asking("first"), "1", "p");
    let asked = |value: &str| connections.entries()[&key()].asked(&asking(value));
    assert_eq!(asked("first"), None);
    assert_eq!(asked("second").as_deref(), Some("second"));
}

#[test]
fn another_resource_of_the_same_name_starts_afresh() {
    let connections = registry();
    let first = connection(&json!({}));
    look(&connections, &first, "1", "p");
    connections.note_organizations(&key(), ["acme".to_owned()]);
    let mut second = first.clone();
    second.metadata.uid = Some("d".to_owned());
    let standing = look(&connections, &second, "1", "p");
    assert_eq!(standing.account, Some(Compared::First));
    assert_eq!(standing.organizations, None);
    assert_eq!(&*usable(&connections).uid, "d");
}

#[test]
fn a_host_that_is_not_allowed_and_an_address_that_is_none_are_refused_with_a_sentence() {
    let connections = Connections::new(Surroundings {
        allowed_hosts: Some(HostGlobs::new(["*.example.com"]).unwrap()),
        ..Surroundings::default()
    });
    assert!(connections.origin("https://xopero.example.com").is_ok());
    let trouble = connections
        .origin("https://xopero.example.org")
        .unwrap_err();
    assert_eq!(trouble.reason, Reason::NotPermitted);
    assert!(
        trouble.message.contains("xopero.example.org") && trouble.message.contains("*.example.com")
    );
    let trouble = connections
        .origin("https://a:hunter2@xopero.example.com")
        .unwrap_err();
    assert_eq!(trouble.reason, Reason::InvalidSpec);
    assert!(!trouble.message.contains("hunter2"), "{}", trouble.message);
    assert!(
        trouble
            .message
            .starts_with("The field spec.url must not hold a user name")
    );
}

#[test]
fn a_bundle_without_a_certificate_is_refused() {
    let connections = registry();
    let connection = connection(&json!({}));
    let reference = CaBundleReference {
        kind: CaBundleKind::ConfigMap,
        name: "ca".to_owned(),
        key: "ca.crt".to_owned(),
    };
    let bundle = BundleAt::of_text(reference, b"no certificate");
    let read = Read::Found(Box::new(Found {
        origin: connections.origin(&connection.spec.url).unwrap(),
        account: Ok(account(&connections, "1", "p")),
        bundle: Some(Ok(bundle)),
    }));
    let Health::Troubled(trouble) = connections.update(&connection, read).health else {
        panic!("it is refused")
    };
    assert_eq!(trouble.reason, Reason::CertificateInvalid);
    assert!(
        trouble.message.contains("-----BEGIN CERTIFICATE-----"),
        "{}",
        trouble.message
    );
    assert!(
        trouble
            .message
            .starts_with("The key \"ca.crt\" of ConfigMap \"ca\": "),
        "{}",
        trouble.message
    );
    assert_eq!(waiting(&connections), Reason::CertificateInvalid);
}
