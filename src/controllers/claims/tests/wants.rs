//! What can be sent or used of what a resource wants, and what is said of the rest.

use rstest::rstest;
use serde_json::{Value, json};

use super::super::*;

fn plan(spec: &Value) -> XoperoBackupPlan {
    let mut whole = json!({"organizationRef": {"name": "acme"}, "planName": "Nightly"});
    let fields = spec.as_object().unwrap().clone();
    whole.as_object_mut().unwrap().extend(fields);
    serde_json::from_value(json!({
        "apiVersion": "xopero.dev/v1alpha1",
        "kind": "XoperoBackupPlan",
        "metadata": {"name": "nightly", "namespace": "backup"},
        "spec": whole,
    }))
    .unwrap()
}

fn permitted(settings: &Value, rights: SettingsRights<'_>) -> Result<(), SettingsRefusal> {
    let plan = plan(&json!({"settings": settings}));
    let (wants, _) = plan.wants(&Selectors::default(), rights);
    let Wants::Plan(wants) = wants else {
        panic!("a plan wants what plans want")
    };
    wants.settings.unwrap().permitted
}

#[rstest]
#[case::an_id_with_an_underscore(json!({"parameters": {"plan_id": 1}}), "plan_id")]
#[case::an_id_with_a_hyphen(json!({"parameters": {"plan-id": 1}}), "plan-id")]
#[case::ids_of_projects(json!({"parameters": {"projectIds": []}}), "projectIds")]
#[case::two_casings(json!({"parameters": {"Retention": 1, "retention": 2}}), "retention")]
#[case::a_field_of_its_own(json!({"includeMetadata": true, "parameters": {"include_metadata": false}}), "include_metadata")]
#[case::under_the_name_of_the_file(json!({"parameters": {"target": 1}}), "target")]
fn what_can_never_be_sent_is_refused_before_it_is_tried(
    #[case] settings: Value,
    #[case] named: &str,
) {
    let names = WireNames::from_yaml("request.modifyGitPlan.planId: target").unwrap();
    let refused = permitted(&settings, SettingsRights::Allowed(&names));
    let Err(SettingsRefusal::Unusable(why)) = refused else {
        panic!("{refused:?}")
    };
    assert!(why.contains(named), "{why}");
}

#[test]
fn what_the_connection_forbids_is_said_after_what_could_never_be_sent() {
    let compression = json!({"parameters": {"compression": "High"}});
    let names = WireNames::default();
    assert_eq!(
        permitted(&compression, SettingsRights::Allowed(&names)),
        Ok(())
    );
    assert_eq!(
        permitted(&compression, SettingsRights::Forbidden),
        Err(SettingsRefusal::NotAllowed)
    );
    let target = json!({"parameters": {"planId": 1}});
    assert!(matches!(
        permitted(&target, SettingsRights::Forbidden),
        Err(SettingsRefusal::Unusable(_))
    ));
}

#[test]
fn two_broken_selectors_are_both_told() {
    let broken = json!({"includeRegex": ["("]});
    let plan = plan(&json!({"repositories": broken, "projects": broken}));
    let (_, broken) = plan.wants(&Selectors::default(), SettingsRights::Forbidden);
    let broken = broken.unwrap();
    assert!(broken.contains("repositories.includeRegex[0]"), "{broken}");
    assert!(broken.contains("projects.includeRegex[0]"), "{broken}");
}

/// It is carried out nowhere, and what it names all the same stays named: a removal that is asked for spares that.
#[test]
fn what_can_be_read_of_a_broken_selector_still_names() {
    let selector = json!({"include": ["api"], "includeRegex": ["("], "exclude": ["api"]});
    let plan = plan(&json!({"repositories": selector}));
    let (wants, broken) = plan.wants(&Selectors::default(), SettingsRights::Forbidden);
    assert!(broken.is_some());
    let Wants::Plan(wants) = wants else {
        panic!("a plan wants what plans want")
    };
    let selector = wants.repositories.unwrap();
    assert!(selector.contains_name("acme", "api"));
    assert!(!selector.contains_name("acme", "web"));
}
