//! Whether a connection admits a namespace.

use std::sync::Arc;

use super::{
    namespaces::{Allowance, NamespaceLabels, Permission},
    observed::Place,
    watches::Stored,
};
use crate::api::{NamespacesFrom, Rights, XoperoConnection};

/// Whether a connection admits a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It does.
    Admitted,
    /// It does not.
    Denied,
    /// It is not there.
    Missing,
    /// It cannot be decoded: it may yet.
    Unknown,
    /// It may: what decides that of the namespace is not known, for this reason.
    NamespaceUnknown(Arc<str>),
}

/// Whether the connection at `key` admits the namespace.
pub(super) async fn admits(
    connections: &Stored<XoperoConnection>,
    labels: &NamespaceLabels,
    namespace: &str,
    key: &Place,
) -> Admission {
    let Some(observed) = connections.get(key) else {
        return Admission::Missing;
    };
    if key.namespace == namespace {
        return Admission::Admitted;
    }
    let Some(found) = observed.understood() else {
        return Admission::Unknown;
    };
    let allowance = Allowance {
        own: key.namespace.clone(),
        from: found.spec.namespaces_from(),
        selector: found
            .spec
            .allowed_namespaces
            .as_ref()
            .and_then(|allowed| allowed.selector.clone()),
        rights: Rights::Full,
    };
    match allowance.permits(namespace, labels).await {
        Permission::Granted(_) => Admission::Admitted,
        Permission::Denied => Admission::Denied,
        Permission::Unknown(why) => Admission::NamespaceUnknown(why),
    }
}

/// Whether the labels of the namespace decide if the connection at `key` admits it.
pub(super) fn is_by_labels(
    connections: &Stored<XoperoConnection>,
    namespace: &str,
    key: &Place,
) -> bool {
    let selects =
        |found: &XoperoConnection| found.spec.namespaces_from() == NamespacesFrom::Selector;
    let observed = connections.get(key);
    let found = observed.as_ref().and_then(|observed| observed.understood());
    key.namespace != namespace && found.is_some_and(selects)
}
