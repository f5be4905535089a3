//! A namespace whose labels decide whether it may refer, while they cannot be read.

use serde_json::json;
use wiremock::{Mock, ResponseTemplate, matchers::method};

use super::{
    super::{
        super::{claims::SettingsRights, observed::Place},
        gather::{Permissions, gather},
    },
    holding,
};
use crate::{
    api::{XoperoOrganization, XoperoRepository},
    decide::Standing,
};

fn organization() -> XoperoOrganization {
    serde_json::from_value(json!({
        "metadata": { "name": "acme", "namespace": "backup", "uid": "uid-of-acme" },
        "spec": {
            "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub",
            "allowedNamespaces": { "from": "Selector", "selector": { "matchLabels": { "team": "a" } } },
        },
    }))
    .unwrap()
}

fn claim() -> XoperoRepository {
    serde_json::from_value(json!({
        "metadata": { "name": "api", "namespace": "team-a", "uid": "uid-of-api" },
        "spec": { "organizationRef": { "name": "acme", "namespace": "backup" }, "name": "api" },
    }))
    .unwrap()
}

#[tokio::test]
async fn a_claim_waits_and_says_why_and_is_not_told_that_its_organization_is_missing() {
    let (context, server) = holding(vec![organization()], claim()).await;
    let away = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 500, "reason": "InternalError",
        "message": "etcd is away",
    });
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(500).set_body_json(away))
        .mount(&server)
        .await;
    let place = Place::of(&organization());
    let rights = SettingsRights::Forbidden;
    let gathered = gather(&context, &place, &organization(), None, rights).await;
    assert_eq!(gathered.permissions, Permissions::Unknown);
    let [claim] = &*gathered.claims else {
        panic!("{:?}", gathered.claims)
    };
    let Standing::NotKnownToBeAllowed { message } = &claim.standing else {
        panic!("{:?}", claim.standing)
    };
    assert!(!claim.was_never_accepted(), "it may have been");
    assert!(
        message.starts_with("It is not known yet whether namespace \"team-a\" may refer")
            && message.contains("its labels could not be read: etcd is away."),
        "{message}"
    );
}
