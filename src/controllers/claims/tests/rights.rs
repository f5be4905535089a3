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
    let mut spec = json!({"organizationRef": {"name": "acme", "namespace": HOME}, name: "shop"});
    if let (Value::Object(spec), Value::Object(more)) = (&mut spec, says) {
        spec.extend(more);
    }
    let resource: K = serde_json::from_value(json!({
        "metadata": {"name": "shop", "namespace": namespace, "uid": "1", "generation": 1},
        "spec": spec,
    }))
    .unwrap();
    let permission = Permission::Granted(rights);
    let names = WireNames::default();
    let read = (&Selectors::default(), SettingsRights::Allowed(&names));
    claim(&resource, HOME, permission, Side::Own, read)
        .0
        .standing
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
