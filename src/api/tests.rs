//! What an absent field means, in code and in the description that a user reads.

use std::time::Duration;

use rstest::rstest;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

fn spec<S: DeserializeOwned>(value: Value) -> S {
    serde_json::from_value(value).unwrap()
}

fn connection() -> XoperoConnectionSpec {
    spec(
        json!({ "url": "https://xopero.example.com", "credentialsSecretRef": { "name": "account" } }),
    )
}

fn organization() -> XoperoOrganizationSpec {
    spec(json!({ "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" }))
}

fn plan() -> XoperoBackupPlanSpec {
    spec(json!({ "organizationRef": { "name": "acme" }, "planName": "Nightly" }))
}

fn repository() -> XoperoRepositorySpec {
    spec(json!({ "organizationRef": { "name": "acme" }, "name": "api" }))
}

fn project() -> XoperoAzureProjectSpec {
    spec(json!({ "organizationRef": { "name": "acme" }, "name": "Payments Core" }))
}

#[test]
fn a_connection_asks_gently_and_sends_no_settings() {
    let connection = connection();
    assert_eq!(connection.requests_per_second(), 5);
    assert_eq!(connection.requests_in_flight(), 4);
    assert_eq!(connection.request_timeout(), Duration::from_secs(10));
    assert_eq!(connection.plan_settings(), PlanSettingsPolicy::Forbidden);
    assert_eq!(connection.namespaces_from(), NamespacesFrom::Same);
    assert_eq!(connection.credentials_secret_ref.email_key(), "email");
    assert_eq!(connection.credentials_secret_ref.password_key(), "password");
}

#[test]
fn an_organization_is_managed_for_its_own_namespace_and_loses_at_most_ten_an_hour() {
    let organization = organization();
    assert_eq!(organization.mode(), Mode::Manage);
    assert_eq!(organization.resync_interval(), Duration::from_mins(10));
    assert_eq!(organization.sync_interval(), None);
    assert_eq!(organization.removal_limit(), RemovalLimit::Count(10));
    assert_eq!(organization.license_limit(), None);
    assert_eq!(organization.unclaimed(), Unclaimed::Keep);
    assert_eq!(
        organization.protection_requirement(),
        ProtectionRequirement::Declared
    );
    assert_eq!(organization.protection_exceptions(), [] as [String; 0]);
    assert_eq!(organization.namespaces_from(), NamespacesFrom::Same);
    assert_eq!(organization.rights(), Rights::Add);
}

#[test]
fn a_claim_adds_and_its_deletion_undoes_nothing() {
    assert_eq!(plan().membership(), Membership::Additive);
    assert_eq!(plan().license(), PlanLicense::Ensure);
    assert_eq!(plan().deletion_policy(), AttachmentDeletionPolicy::Retain);
    assert_eq!(plan().max_age(), None);
    assert_eq!(repository().membership(), Membership::Additive);
    assert_eq!(repository().license, None);
    assert_eq!(repository().deletion_policy(), DeletionPolicy::Retain);
    assert_eq!(project().membership(), Membership::Additive);
    assert_eq!(
        project().deletion_policy(),
        AttachmentDeletionPolicy::Retain
    );
}

#[rstest]
#[case(json!(connection()), json!({ "url": "https://xopero.example.com", "credentialsSecretRef": { "name": "account" } }))]
#[case(json!(organization()), json!({ "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" }))]
#[case(json!(plan()), json!({ "organizationRef": { "name": "acme" }, "planName": "Nightly" }))]
#[case(json!(repository()), json!({ "organizationRef": { "name": "acme" }, "name": "api" }))]
fn a_default_is_not_written_down(#[case] written: Value, #[case] declared: Value) {
    assert_eq!(written, declared);
}

#[rstest]
#[case("xoperoconnections", "requests.perSecond", "5 when absent")]
#[case("xoperoconnections", "requests.inFlight", "4 when absent")]
#[case("xoperoconnections", "requests.timeout", "10 seconds when absent")]
#[case("xoperoconnections", "planSettings", "`Forbidden` when absent")]
#[case("xoperoconnections", "allowedNamespaces.from", "`Same` when absent")]
#[case(
    "xoperoconnections",
    "credentialsSecretRef.emailKey",
    "`email` when absent"
)]
#[case(
    "xoperoconnections",
    "credentialsSecretRef.passwordKey",
    "`password` when absent"
)]
#[case("xoperoorganizations", "mode", "`Manage` when absent")]
#[case("xoperoorganizations", "resyncInterval", "`10m` when absent")]
#[case("xoperoorganizations", "removalLimit", "`10` when absent")]
#[case("xoperoorganizations", "licenses.limit", "no limit when absent")]
#[case("xoperoorganizations", "licenses.unclaimed", "`Keep` when absent")]
#[case("xoperoorganizations", "protection.require", "`Declared` when absent")]
#[case("xoperoorganizations", "allowedNamespaces.from", "`Same` when absent")]
#[case("xoperoorganizations", "allowedNamespaces.rights", "`Add` when absent")]
#[case("xoperobackupplans", "membership", "`Additive` when absent")]
#[case("xoperobackupplans", "license", "`Ensure` when absent")]
#[case("xoperobackupplans", "deletionPolicy", "`Retain` when absent")]
#[case("xoperorepositories", "membership", "`Additive` when absent")]
#[case(
    "xoperorepositories",
    "license",
    "When absent or removed, the licence is left as it is"
)]
#[case("xoperorepositories", "deletionPolicy", "`Retain` when absent")]
#[case("xoperoazureprojects", "membership", "`Additive` when absent")]
#[case("xoperoazureprojects", "deletionPolicy", "`Retain` when absent")]
fn a_default_stands_in_the_description(
    #[case] plural: &str,
    #[case] field: &str,
    #[case] default: &str,
) {
    let crd = crds()
        .into_iter()
        .find(|crd| crd.spec.names.plural == plural)
        .unwrap();
    let crd = serde_json::to_value(crd).unwrap();
    let pointer = format!(
        "/properties/spec/properties/{}/description",
        field.replace('.', "/properties/")
    );
    let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let description = schema.pointer(&pointer).and_then(Value::as_str).unwrap();
    assert!(description.contains(default), "{field}: {description}");
}
