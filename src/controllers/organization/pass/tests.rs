//! How long a pass may go on with what it began with.

use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{
    super::{
        super::{
            connections::{Connected, Found, Read},
            credentials::{AccountAt, Version},
        },
        tests::There,
    },
    *,
};
use crate::{api::XoperoConnection, decide::Turn};

fn connection(allowed: &Value) -> XoperoConnection {
    serde_json::from_value(json!({
        "metadata": { "name": "xopero", "namespace": "backup", "uid": "uid-of-xopero", "generation": 1 },
        "spec": {
            "url": "https://xopero.example.com",
            "credentialsSecretRef": { "name": "account" },
            "allowedNamespaces": allowed,
        },
    }))
    .unwrap()
}

fn organization() -> XoperoOrganization {
    serde_json::from_value(json!({
        "metadata": { "name": "acme", "namespace": "team-a", "uid": "uid-of-acme", "generation": 1 },
        "spec": {
            "connectionRef": { "name": "xopero", "namespace": "backup" }, "name": "acme", "provider": "GitHub",
        },
    }))
    .unwrap()
}

/// The connection was looked at, and can be used.
fn look(context: &Context, connection: &XoperoConnection) {
    let version = Version {
        uid: "uid-of-account".to_owned(),
        resource_version: "1".to_owned(),
    };
    let key = context.connections.digest_key();
    let account = key.account(SecretString::from("a@example.com"), SecretString::from("p"));
    let reference = connection.spec.credentials_secret_ref.clone();
    let found = Found {
        origin: context.connections.origin(&connection.spec.url).unwrap(),
        account: Ok(AccountAt::new(reference, version, Ok(account))),
        bundle: None,
    };
    context
        .connections
        .update(connection, Read::Found(Box::new(found)));
}

#[rstest]
#[case::that_admits_it(json!({ "from": "All" }), true)]
#[case::that_admits_it_no_more(json!({ "from": "Same" }), false)]
#[tokio::test]
async fn a_pass_goes_on_with_a_connection_that_admits_its_namespace_and_no_other(
    #[case] allowed: Value,
    #[case] goes_on: bool,
) {
    let (connection, resource) = (connection(&allowed), organization());
    let there = There {
        connections: vec![connection.clone()],
        organizations: vec![resource.clone()],
        ..There::default()
    };
    let (context, _server) = there.held().await;
    look(&context, &connection);
    let (place, key) = (Place::of(&resource), Place::of(&connection));
    let Connected::Usable(usable) = context.connections.get(&key) else {
        panic!("it cannot be used")
    };
    let mut pass = Pass {
        turn: Turn::default(),
        begun: Instant::now(),
        context: &context,
        place: &place,
        resource: &resource,
        key,
        usable,
        made: Made::default(),
    };
    assert_eq!(pass.is_current().await, goes_on);
}
