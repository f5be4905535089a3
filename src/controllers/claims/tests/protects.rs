//! When a resource counts against removals for others, and when what it names is not known.

use rstest::rstest;
use serde_json::{Value, json};

use super::super::*;
use crate::api::annotations::CLEANUP;

/// That of this namespace, with these fields.
fn plan(namespace: &str, fields: &Value) -> XoperoBackupPlan {
    let mut spec =
        json!({"organizationRef": {"name": "acme", "namespace": "backup"}, "planName": "Nightly"});
    let mut whole = json!({"metadata": {"name": "nightly", "namespace": namespace}});
    for (field, value) in fields.as_object().unwrap() {
        match field.as_str() {
            "finalizers" | "annotations" | "deletionTimestamp" => {
                whole["metadata"][field] = value.clone();
            }
            "status" => whole[field] = value.clone(),
            _ => spec[field] = value.clone(),
        }
    }
    whole["spec"] = spec;
    serde_json::from_value(whole).unwrap()
}

fn claim_of(plan: &XoperoBackupPlan, permission: Permission) -> (Claim, Option<String>) {
    let names = WireNames::default();
    let read = (&Selectors::default(), SettingsRights::Allowed(&names));
    claim(plan, "backup", permission, Side::Own, read)
}

/// One without it could go at any moment, and its clean-up with it.
#[rstest]
#[case::with_both(json!({"deletionPolicy": "Detach", "finalizers": [CLEANUP]}), true)]
#[case::not_yet(json!({"deletionPolicy": "Detach"}), false)]
#[case::with_that_of_another(json!({"deletionPolicy": "Detach", "finalizers": ["example.com/x"]}), false)]
#[case::nothing_to_clean_up(json!({}), true)]
#[case::not_taken_off_yet(json!({"finalizers": [CLEANUP]}), true)]
fn what_has_to_be_cleaned_up_needs_its_finalizer(#[case] fields: Value, #[case] held: bool) {
    let permission = Permission::Granted(Rights::Full);
    let (claim, _) = claim_of(&plan("backup", &fields), permission);
    assert_eq!(claim.held_by_finalizer, held);
}

#[rstest]
#[case::not_deleted(json!({"deletionPolicy": "Detach", "finalizers": [CLEANUP]}), Life::Living)]
#[case::to_be_cleaned_up(json!({"deletionPolicy": "Detach", "finalizers": [CLEANUP], "deletionTimestamp": DELETED}), Life::Leaving)]
#[case::cleaned_up(json!({"deletionPolicy": "Detach", "finalizers": ["example.com/x"], "deletionTimestamp": DELETED}), Life::Released)]
#[case::loosened(json!({"finalizers": [CLEANUP], "deletionTimestamp": DELETED}), Life::Released)]
fn what_is_deleted_leaves_only_as_long_as_its_clean_up_is_due(
    #[case] fields: Value,
    #[case] life: Life,
) {
    let permission = Permission::Granted(Rights::Full);
    assert_eq!(claim_of(&plan("backup", &fields), permission).0.life, life);
}

const DELETED: &str = "2026-11-25T00:00:00Z";

#[rstest]
#[case::by_a_person(json!({"annotations": {REQUESTED: "now"}}), Some("now"))]
#[case::by_nobody(json!({}), None)]
fn what_a_person_asks_for_is_asked_for(#[case] fields: Value, #[case] asked: Option<&str>) {
    let permission = Permission::Granted(Rights::Full);
    let (claim, _) = claim_of(&plan("backup", &fields), permission);
    assert_eq!(claim.requested.as_deref(), asked);
}

const REQUESTED: &str = "xopero.dev/reconcile-requested-at";

fn is_given_up<K: Claiming + serde::de::DeserializeOwned>(name: &str) -> bool {
    let resource: K = serde_json::from_value(json!({
        "metadata": {"name": "shop", "namespace": "backup", "generation": 3},
        "spec": {"organizationRef": {"name": "acme"}, name: "shop"},
        "status": {
            "conditions": [{
                "type": "InSync", "status": "False", "reason": "NotKept", "message": "",
                "observedGeneration": 3, "lastTransitionTime": DELETED,
            }],
            "drift": {"total": 1, "items": [{"action": "Detach", "name": "api", "held": "NotKept"}]},
        },
    }))
    .unwrap();
    let names = WireNames::default();
    let read = (&Selectors::default(), SettingsRights::Allowed(&names));
    let permission = Permission::Granted(Rights::Full);
    let (claim, _) = claim(&resource, "backup", permission, Side::Own, read);
    claim.remembered.given_up
}

#[rstest]
#[case::plan(is_given_up::<XoperoBackupPlan>("planName"))]
#[case::repository(is_given_up::<XoperoRepository>("name"))]
#[case::project(is_given_up::<XoperoAzureProject>("name"))]
fn what_a_process_before_gave_up_is_remembered_of_each_kind(#[case] given_up: bool) {
    assert!(given_up);
}

#[rstest]
#[case::the_one_beside_it("backup", json!({"name": "acme"}), true)]
#[case::by_its_namespace("tenants", json!({"name": "acme", "namespace": "backup"}), true)]
#[case::its_namesake_elsewhere("tenants", json!({"name": "acme"}), false)]
#[case::another_beside_it("backup", json!({"name": "globex"}), false)]
#[case::neither("tenants", json!({"name": "globex"}), false)]
fn a_resource_refers_to_one_organization_and_no_namesake(
    #[case] namespace: &str,
    #[case] reference: Value,
    #[case] refers: bool,
) {
    let plan = plan(namespace, &json!({"organizationRef": reference}));
    let place = Place {
        namespace: "backup".to_owned(),
        name: "acme".to_owned(),
    };
    assert_eq!(refers_to(&Observed::Understood(plan), &place), refers);
}

const BROKEN: &str = "a(";

/// Whether it is said beside the claim that it may name anything.
#[rstest]
#[case::where_its_standing_says_so("backup", Permission::Granted(Rights::Full), json!({}), false)]
#[case::where_it_was_accepted_and_is_refused_now(
    "tenants",
    Permission::Granted(Rights::Add),
    accepted_and_exclusive(),
    true
)]
#[case::where_it_never_counted("tenants", Permission::Granted(Rights::Add), json!({"membership": "Exclusive"}), false)]
fn a_broken_pattern_is_said_of_what_protects_all_the_same(
    #[case] namespace: &str,
    #[case] permission: Permission,
    #[case] mut fields: Value,
    #[case] is_said: bool,
) {
    fields["repositories"] = json!({"includeRegex": [BROKEN]});
    let (claim, said) = claim_of(&plan(namespace, &fields), permission);
    assert_eq!(said.is_some(), is_said, "{claim:?}");
    let is_unreadable = matches!(claim.standing, Standing::Unreadable { .. });
    assert_eq!(is_unreadable, namespace == "backup");
}

fn accepted_and_exclusive() -> Value {
    let id = "7f2f0a3e-0000-4000-8000-000000000001";
    json!({"membership": "Exclusive", "status": {"planId": id}})
}
