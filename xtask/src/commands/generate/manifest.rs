//! `xtask/manifests/operator.yaml`: the operator's namespace, account and rights, without the chart.

use anyhow::Result;
use k8s_openapi::{
    api::{
        core::v1::{Namespace, ServiceAccount},
        rbac::v1::{
            ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
        },
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde::Serialize;
use xopero_operator::runtime::permissions::{self, Watched};
use xtask::operator::{ACCOUNT, NAMESPACE};

/// Where it is.
pub(super) const PATH: &str = "xtask/manifests/operator.yaml";

const HEAD: &str =
    "# Generated from src/runtime/permissions.rs by cargo xtask generate. Do not edit.\n";

/// Its text.
pub(super) fn text() -> Result<String> {
    let documents = [
        document(&Namespace {
            metadata: ObjectMeta {
                name: Some(NAMESPACE.to_owned()),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        })?,
        document(&ServiceAccount {
            metadata: named(Some(NAMESPACE)),
            ..ServiceAccount::default()
        })?,
        document(&ClusterRole {
            metadata: named(None),
            rules: Some(of_either()),
            ..ClusterRole::default()
        })?,
        document(&ClusterRoleBinding {
            metadata: named(None),
            role_ref: role("ClusterRole"),
            subjects: Some(subjects()),
        })?,
        document(&Role {
            metadata: named(Some(NAMESPACE)),
            rules: Some(permissions::of_lease(ACCOUNT)),
        })?,
        document(&RoleBinding {
            metadata: named(Some(NAMESPACE)),
            role_ref: role("Role"),
            subjects: Some(subjects()),
        })?,
    ];
    Ok(format!("{HEAD}{}", documents.join("---\n")))
}

/// What the operator does whatever it watches: who applies this may start it either way.
fn of_either() -> Vec<PolicyRule> {
    let mut rules = permissions::of_resources(Watched::Cluster);
    for rule in permissions::of_resources(Watched::Namespaces) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules
}

/// The rules as YAML, without indentation.
pub(super) fn rules(rules: &[PolicyRule]) -> Result<String> {
    document(&rules)
}

/// By way of a value, which leaves out nothing that Kubernetes asks for and orders the fields.
fn document(object: &impl Serialize) -> Result<String> {
    Ok(serde_saphyr::to_string(&serde_json::to_value(object)?)?)
}

fn named(namespace: Option<&str>) -> ObjectMeta {
    ObjectMeta {
        name: Some(ACCOUNT.to_owned()),
        namespace: namespace.map(str::to_owned),
        ..ObjectMeta::default()
    }
}

fn role(kind: &str) -> RoleRef {
    RoleRef {
        api_group: "rbac.authorization.k8s.io".to_owned(),
        kind: kind.to_owned(),
        name: ACCOUNT.to_owned(),
    }
}

fn subjects() -> Vec<Subject> {
    vec![Subject {
        kind: "ServiceAccount".to_owned(),
        name: ACCOUNT.to_owned(),
        namespace: Some(NAMESPACE.to_owned()),
        ..Subject::default()
    }]
}
