//! What the status of a resource tells the process that comes next.

use serde_json::{Value, json};

use super::super::*;

const ID: &str = "0b9a44a1-8a2b-4d53-9d0f-0d4c2f3a7e11";

fn read<K: serde::de::DeserializeOwned>(spec: &Value, status: &Value) -> K {
    let mut whole = json!({"metadata": {"name": "a", "namespace": "backup"}, "spec": spec});
    if !status.is_null() {
        whole["status"] = status.clone();
    }
    whole["spec"]["organizationRef"] = json!({"name": "acme"});
    serde_json::from_value(whole).unwrap()
}

#[test]
fn a_plan_remembers_what_it_meant_and_sent() {
    let spec = json!({"planName": "Nightly"});
    let status = json!({
        "planId": ID,
        "attachedOnce": {"generation": 3, "digest": "once"},
        "settingsSent": {"generation": 2, "digest": "sent"},
    });
    let expected = Remembered {
        plan: PlanId::parse(ID),
        attached_once: Some((3, "once".to_owned())),
        settings_sent: Some("sent".to_owned()),
        ..Remembered::default()
    };
    assert!(expected.plan.is_some());
    let plan: XoperoBackupPlan = read(&spec, &status);
    assert_eq!(plan.remembered(), expected);
    let new: XoperoBackupPlan = read(&spec, &Value::Null);
    assert_eq!(new.remembered(), Remembered::default());
}

#[test]
fn a_repository_remembers_what_it_meant_and_sent() {
    let spec = json!({"name": "api", "plans": ["Nightly"]});
    let status = json!({
        "repositoryId": ID,
        "attachedOnce": {"generation": 3, "digest": "once"},
    });
    let expected = Remembered {
        repository: RepositoryId::parse(ID),
        attached_once: Some((3, "once".to_owned())),
        ..Remembered::default()
    };
    assert!(expected.repository.is_some());
    let repository: XoperoRepository = read(&spec, &status);
    assert_eq!(repository.remembered(), expected);
    let new: XoperoRepository = read(&spec, &Value::Null);
    assert_eq!(new.remembered(), Remembered::default());
}

#[test]
fn a_project_remembers_what_it_meant_and_sent() {
    let spec = json!({"name": "Shop", "plans": ["Nightly"]});
    let status = json!({
        "projectId": ID,
        "attachedOnce": {"generation": 3, "digest": "once"},
    });
    let expected = Remembered {
        project: ProjectId::parse(ID),
        attached_once: Some((3, "once".to_owned())),
        ..Remembered::default()
    };
    assert!(expected.project.is_some());
    let project: XoperoAzureProject = read(&spec, &status);
    assert_eq!(project.remembered(), expected);
    let new: XoperoAzureProject = read(&spec, &Value::Null);
    assert_eq!(new.remembered(), Remembered::default());
}
