//! What a resource of another namespace may ask for, with which rights.

use rstest::rstest;
use serde_json::{Value, json};

use super::super::*;

/// The namespace of the organization.
const HOME: &str = "backup";

/// How a resource stands that is in this namespace and says this beside its reference and its name.
type Standings = fn(Value, &str, Rights) -> Standing;

fn plan(says: Value, namespace: &str, rights: Rights) -> Standing {
    standing_of::<XoperoBackupPlan>("planName", says, namespace, rights)
}

fn repository(says: Value, namespace: &str, rights: Rights) -> Standing {
    standing_of::<XoperoRepository>("name", says, namespace, rights)
}

fn project(says: Value, namespace: &str, rights: Rights) -> Standing {
    standing_of::<XoperoAzureProject>("name", says, namespace, rights)
}

fn standing_of<K: Claiming + serde::de::DeserializeOwned>(
    name: &str,
    says: Value,
    namespace: &str,
    rights: Rights,
) -> Standing {
    let resource: K = resource(name, says, namespace);
    let permission = Permission::Granted(rights);
    let names = WireNames::default();
    let read = (&Selectors::default(), SettingsRights::Allowed(&names));
    claim(&resource, HOME, permission, Side::Own, read)
        .0
        .standing
}

fn resource<K: serde::de::DeserializeOwned>(name: &str, says: Value, namespace: &str) -> K {
    let mut spec = json!({"organizationRef": {"name": "acme", "namespace": HOME}, name: "shop"});
    if let (Value::Object(spec), Value::Object(more)) = (&mut spec, says) {
        spec.extend(more);
    }
    serde_json::from_value(json!({
        "metadata": {"name": "shop", "namespace": namespace, "uid": "1", "generation": 1},
        "spec": spec,
    }))
    .unwrap()
}

#[rstest]
#[case::exclusive_plan(plan, json!({"membership": "Exclusive"}), "membership: Exclusive")]
#[case::settings(plan, json!({"settings": {"includeMetadata": true}}), "settings")]
#[case::plan_that_detaches(plan, json!({"deletionPolicy": "Detach"}), "a deletionPolicy other than Retain")]
#[case::exclusive_repository(repository, json!({"membership": "Exclusive", "plans": ["Nightly"]}), "membership: Exclusive")]
#[case::licence_back(repository, json!({"license": "Inactive"}), "license: Inactive")]
#[case::repository_that_detaches(repository, json!({"deletionPolicy": "Detach"}), "a deletionPolicy other than Retain")]
#[case::repository_that_deactivates(repository, json!({"deletionPolicy": "Deactivate"}), "a deletionPolicy other than Retain")]
#[case::repository_that_removes(repository, json!({"deletionPolicy": "Remove"}), "a deletionPolicy other than Retain")]
#[case::exclusive_project(project, json!({"membership": "Exclusive", "plans": ["Nightly"]}), "membership: Exclusive")]
#[case::project_that_detaches(project, json!({"deletionPolicy": "Detach"}), "a deletionPolicy other than Retain")]
fn what_does_more_than_add_is_refused_from_another_namespace_unless_it_has_full_rights(
    #[case] standing: Standings,
    #[case] says: Value,
    #[case] what: &str,
) {
    let Standing::Refused { message } = standing(says.clone(), "tenants", Rights::Add) else {
        panic!("not refused: {says}");
    };
    assert!(
        message.contains(&format!("and {what} does more:")),
        "{message}"
    );
    assert_eq!(
        standing(says.clone(), "tenants", Rights::Full),
        Standing::Accepted
    );
    assert_eq!(standing(says, HOME, Rights::Add), Standing::Accepted);
}

#[rstest]
#[case::plan(plan, json!({"repositories": {"include": ["**"]}, "membership": "Additive", "license": "Ensure", "deletionPolicy": "Retain"}))]
#[case::plan_that_leaves_licences(plan, json!({"license": "Ignore"}))]
#[case::repository(repository, json!({"plans": ["Nightly"], "membership": "Additive", "license": "Active", "deletionPolicy": "Retain"}))]
#[case::project(project, json!({"plans": ["Nightly"], "membership": "Additive", "deletionPolicy": "Retain"}))]
fn what_only_adds_is_accepted_from_another_namespace(
    #[case] standing: Standings,
    #[case] says: Value,
) {
    assert_eq!(standing(says, "tenants", Rights::Add), Standing::Accepted);
}

/// Whom another resource of the organization does not let in keeps nothing from being removed.
#[rstest]
#[case::let_in(Permission::Granted(Rights::Add), json!({}), true)]
#[case::not_known(Permission::Unknown("no labels".into()), json!({}), true)]
#[case::not_let_in(Permission::Denied, json!({}), false)]
#[case::asking_for_too_much(Permission::Granted(Rights::Add), json!({"membership": "Exclusive"}), false)]
fn a_claim_on_another_resource_counts_where_that_one_may_be_asked(
    #[case] permission: Permission,
    #[case] says: Value,
    #[case] counts: bool,
) {
    let read = (&Selectors::default(), SettingsRights::Forbidden);
    let mut stranger: XoperoBackupPlan = resource("planName", says, "tenants");
    let beside = |stranger: &XoperoBackupPlan| {
        claim(stranger, HOME, permission.clone(), Side::Beside, read)
            .0
            .standing
            == Standing::Beside
    };
    assert_eq!(beside(&stranger), counts);
    stranger.status = Some(crate::api::XoperoBackupPlanStatus {
        plan_id: Some(PlanId::numbered(1).to_string()),
        ..crate::api::XoperoBackupPlanStatus::default()
    });
    assert!(beside(&stranger), "it was accepted once");
}
