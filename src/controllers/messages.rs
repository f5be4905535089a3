//! Sentences that several controllers say. Those that must not tell two cases apart stand here once.

/// An organization that is not there, or does not allow the namespace `from`: the same words, so that nothing is learned by asking.
pub(super) fn organization_missing(name: &str, namespace: &str, from: &str) -> String {
    let missing = missing("XoperoOrganization", (name, namespace), from);
    format!("{missing}: apply it, or correct organizationRef.")
}

/// A connection that is not there, or does not allow the namespace `from`.
pub(super) fn connection_missing(name: &str, namespace: &str, from: &str) -> String {
    let missing = missing("XoperoConnection", (name, namespace), from);
    format!("{missing}: apply it, or correct connectionRef.")
}

/// An organization in a namespace that is not watched: whether it is there is not known, nor whom it allows.
pub(super) fn organization_unseen(name: &str, namespace: &str) -> String {
    let unseen = unseen("XoperoOrganization", (name, namespace));
    format!("{unseen}, or correct organizationRef.")
}

/// A connection in a namespace that is not watched.
pub(super) fn connection_unseen(name: &str, namespace: &str) -> String {
    let unseen = unseen("XoperoConnection", (name, namespace));
    format!("{unseen}, or correct connectionRef.")
}

/// Which namespaces are watched is not said: whoever refers may know nothing of them.
fn unseen(kind: &str, (name, namespace): (&str, &str)) -> String {
    format!(
        "This operator does not see {kind} {name:?}: it watches only some namespaces (--watch-namespace), and {namespace:?} is none of \
         them. Have it watched"
    )
}

/// Whether `from` may refer to it is not known yet, for this reason.
pub(super) fn namespace_unknown(
    kind: &str,
    (name, namespace): (&str, &str),
    from: &str,
    why: &str,
) -> String {
    format!(
        "It is not known yet whether namespace {from:?} may refer to {kind} {name:?} in namespace {namespace:?}: {why}. It is \
         looked at again by itself."
    )
}

fn missing(kind: &str, (name, namespace): (&str, &str), from: &str) -> String {
    let missing = format!("There is no {kind} {name:?} in namespace {namespace:?}");
    // Its own namespace is always allowed.
    if namespace == from {
        missing
    } else {
        format!("{missing}, or its allowedNamespaces do not include this namespace")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::its_own(
        "backup",
        "There is no XoperoOrganization \"acme\" in namespace \"backup\": apply it, or correct organizationRef."
    )]
    #[case::another(
        "tenants",
        "There is no XoperoOrganization \"acme\" in namespace \"backup\", or its allowedNamespaces do not include this namespace: apply it, or correct organizationRef."
    )]
    fn only_another_namespace_may_not_be_allowed(#[case] from: &str, #[case] says: &str) {
        assert_eq!(organization_missing("acme", "backup", from), says);
    }
}
