//! What roles grant, right by right.

use std::collections::BTreeSet;

use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject,
};
use kube::{Api, ResourceExt, api::ListParams};

use crate::{audit::Request, stage::Stage};

/// One right, by whatever role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grant {
    role: String,
    /// `None`: in all of them.
    pub(super) namespace: Option<String>,
    group: String,
    resource: String,
    verb: String,
    /// `None`: of any name.
    name: Option<String>,
}

impl Grant {
    pub(super) fn covers(&self, request: &Request) -> bool {
        let place = self.namespace.as_ref();
        let name = self.name.as_ref();
        self.group == request.group
            && self.resource == request.resource
            && self.verb == request.verb
            && place.is_none_or(|namespace| *namespace == request.namespace)
            && name.is_none_or(|name| *name == request.name)
    }
}

fn grants(role: &str, namespace: Option<&str>, rules: &[PolicyRule]) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for rule in rules {
        let names = match &rule.resource_names {
            None => vec![None],
            Some(names) => names.iter().cloned().map(Some).collect(),
        };
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                for verb in &rule.verbs {
                    for name in &names {
                        grants.insert(Grant {
                            role: role.to_owned(),
                            namespace: namespace.map(str::to_owned),
                            group: group.clone(),
                            resource: resource.clone(),
                            verb: verb.clone(),
                            name: name.clone(),
                        });
                    }
                }
            }
        }
    }
    grants
}

/// All that Kubernetes lets the account do, besides what it lets everybody do.
pub(super) async fn granted(stage: &Stage) -> BTreeSet<Grant> {
    let is_account = |subjects: &Option<Vec<Subject>>| {
        subjects.iter().flatten().any(|subject| {
            subject.kind == "ServiceAccount"
                && subject.name == "xopero-operator"
                && subject.namespace.as_deref() == Some("xopero-system")
        })
    };
    let all = ListParams::default();
    let mut found = BTreeSet::new();
    let bindings: Api<ClusterRoleBinding> = Api::all(stage.client.clone());
    for given in bindings.list(&all).await.unwrap() {
        if is_account(&given.subjects) {
            let roles: Api<ClusterRole> = Api::all(stage.client.clone());
            let role = roles.get(&given.role_ref.name).await.unwrap();
            found.extend(grants(&role.name_any(), None, &role.rules.unwrap()));
        }
    }
    let bindings: Api<RoleBinding> = Api::all(stage.client.clone());
    for given in bindings.list(&all).await.unwrap() {
        if is_account(&given.subjects) {
            let namespace = given.namespace().unwrap();
            let roles: Api<Role> = Api::namespaced(stage.client.clone(), &namespace);
            let role = roles.get(&given.role_ref.name).await.unwrap();
            let name = role.name_any();
            found.extend(grants(&name, Some(&namespace), &role.rules.unwrap()));
        }
    }
    found
}

/// Rights that no request needed. A Role is the same in all of its namespaces, and used if it is in one of them.
pub(super) fn unused(granted: &BTreeSet<Grant>, requests: &BTreeSet<Request>) -> BTreeSet<Grant> {
    let anywhere = |grant: &Grant| Grant {
        namespace: None,
        ..grant.clone()
    };
    let used = granted
        .iter()
        .filter(|grant| requests.iter().any(|request| grant.covers(request)));
    let used: BTreeSet<Grant> = used.map(anywhere).collect();
    granted
        .iter()
        .map(anywhere)
        .filter(|grant| !used.contains(grant))
        .collect()
}
