//! What Kubernetes has to let the operator do, and what people need who declare its resources: the one list from which the roles of
//! the chart and of `xtask/manifests` are made. The chart's tests compare it with what the API server's audit log saw.

use k8s_openapi::api::{
    coordination::v1::Lease,
    core::v1::{ConfigMap, Namespace, Secret},
    events::v1::Event,
    rbac::v1::PolicyRule,
};
use kube::Resource;

use crate::api::{
    GROUP, XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization,
    XoperoRepository,
};

/// What the operator watches, which decides how the labels of namespaces are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// All namespaces, by a `ClusterRole`.
    Cluster,
    /// Some, by a Role in each of them. A Role can allow the namespace that it is in to be read, and no list of them.
    Namespaces,
}

/// The roles that people have in a namespace, each with all of the one before: those that Kubernetes knows by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// Looks.
    View,
    /// Declares what is backed up.
    Edit,
    /// Declares organizations too, approves removals, and chooses the account.
    Admin,
}

/// What the operator does where the resources are.
pub fn of_resources(watched: Watched) -> Vec<PolicyRule> {
    let namespaces: &[&str] = match watched {
        Watched::Cluster => &["list", "watch"],
        Watched::Namespaces => &["get"],
    };
    vec![
        // get: before a removal, and after a refused patch, the cache is not believed. patch: finalizers, and nothing else.
        rule(GROUP, plurals(""), &["get", "list", "watch", "patch"]),
        rule(GROUP, plurals("/status"), &["patch"]),
        // By name alone: no list, no watch.
        rule(
            "",
            vec![plural::<Secret>(), plural::<ConfigMap>()],
            &["get"],
        ),
        // By whose labels an allowedNamespaces selects.
        rule("", vec![plural::<Namespace>()], namespaces),
        // patch: one that is told again is counted up.
        rule(
            &Event::group(&()),
            vec![plural::<Event>()],
            &["create", "patch"],
        ),
    ]
}

/// What a replica does with the Lease of this name, in the operator's own namespace.
pub fn of_lease(name: &str) -> Vec<PolicyRule> {
    let leases = || vec![plural::<Lease>()];
    let group = Lease::group(&());
    vec![
        // A request to create has no name that a rule could restrict.
        rule(&group, leases(), &["create"]),
        PolicyRule {
            resource_names: Some(vec![name.to_owned()]),
            ..rule(&group, leases(), &["get", "update"])
        },
    ]
}

/// What a person may do beyond the role before. Nobody but the operator writes a status.
pub fn of_person(person: Person) -> PolicyRule {
    let write: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
    match person {
        Person::View => rule(GROUP, plurals(""), &["get", "list", "watch"]),
        Person::Edit => rule(
            GROUP,
            vec![
                plural::<XoperoBackupPlan>(),
                plural::<XoperoRepository>(),
                plural::<XoperoAzureProject>(),
            ],
            write,
        ),
        Person::Admin => rule(
            GROUP,
            vec![plural::<XoperoConnection>(), plural::<XoperoOrganization>()],
            write,
        ),
    }
}

fn rule(group: &str, resources: Vec<String>, verbs: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(resources),
        verbs: verbs.iter().map(ToString::to_string).collect(),
        ..PolicyRule::default()
    }
}

fn plural<K: Resource<DynamicType = ()>>() -> String {
    K::plural(&()).into_owned()
}

/// All five kinds, or a subresource of each.
fn plurals(subresource: &str) -> Vec<String> {
    let kinds = [
        plural::<XoperoConnection>(),
        plural::<XoperoOrganization>(),
        plural::<XoperoBackupPlan>(),
        plural::<XoperoRepository>(),
        plural::<XoperoAzureProject>(),
    ];
    kinds
        .into_iter()
        .map(|kind| format!("{kind}{subresource}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::api::crds;

    #[test]
    fn a_kind_that_is_defined_is_not_forgotten() {
        let defined = || crds().into_iter().map(|crd| crd.spec.names.plural);
        let named = |rules: &[PolicyRule]| -> BTreeSet<String> {
            let resources = rules
                .iter()
                .flat_map(|rule| rule.resources.iter().flatten());
            resources.cloned().collect()
        };
        let operator = named(&of_resources(Watched::Cluster));
        let people = named(&[Person::Edit, Person::Admin].map(of_person));
        for kind in defined() {
            assert!(operator.contains(&kind), "{kind}");
            assert!(operator.contains(&format!("{kind}/status")), "{kind}");
            assert!(people.contains(&kind), "{kind}");
        }
        assert_eq!(people.len(), defined().count());
    }

    #[test]
    fn secrets_are_read_one_by_one_whatever_is_watched() {
        for watched in [Watched::Cluster, Watched::Namespaces] {
            let rules = of_resources(watched);
            let secrets = rules.iter().filter(|rule| {
                rule.resources
                    .iter()
                    .flatten()
                    .any(|name| name == "secrets")
            });
            let verbs: Vec<_> = secrets.flat_map(|rule| &rule.verbs).collect();
            assert_eq!(verbs, ["get"]);
        }
    }

    #[test]
    fn only_the_lease_of_the_name_is_read_and_written() {
        let rules = of_lease("backup");
        let unrestricted = rules.iter().filter(|rule| rule.resource_names.is_none());
        let verbs: Vec<_> = unrestricted.flat_map(|rule| &rule.verbs).collect();
        assert_eq!(verbs, ["create"]);
    }
}
