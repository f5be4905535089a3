//! Sentences that several controllers say. Those that must not tell two cases apart stand here once.

/// An organization that is not there, or does not allow the namespace: the same words, so that nothing is learned by asking.
pub(super) fn organization_missing(name: &str, namespace: &str) -> String {
    format!(
        "There is no XoperoOrganization {name:?} in namespace {namespace:?}, or its allowedNamespaces do not include this \
         namespace: apply it, or correct organizationRef."
    )
}

/// A connection that is not there, or does not allow the namespace.
pub(super) fn connection_missing(name: &str, namespace: &str) -> String {
    format!(
        "There is no XoperoConnection {name:?} in namespace {namespace:?}, or its allowedNamespaces do not include this \
         namespace: apply it, or correct connectionRef."
    )
}
