//! Which organizations need a connection to undo what they did.

use std::sync::Arc;

use futures::FutureExt;
use kube::{Resource, ResourceExt};

use crate::{
    api::{
        XoperoConnection, XoperoOrganization,
        annotations::{IN_USE, has_finalizer},
    },
    controllers::{
        admission::{Admission, admits},
        connection::NeededBy,
        connections::connection_of,
        namespaces::SharedLabels,
        observed::{Observed, Place},
        watches::Stored,
    },
};

/// Says which organizations need a connection.
pub(super) fn needed_by(
    organizations: &Arc<Stored<XoperoOrganization>>,
    connections: &Arc<Stored<XoperoConnection>>,
    labels: &SharedLabels,
) -> NeededBy {
    let needs = Arc::new(Needs {
        organizations: Arc::clone(organizations),
        connections: Arc::clone(connections),
        labels: Arc::clone(labels),
    });
    Arc::new(move |key: &Place| {
        let (needs, key) = (Arc::clone(&needs), key.clone());
        async move { needs.of(&key).await }.boxed()
    })
}

/// What has to be known for that.
struct Needs {
    organizations: Arc<Stored<XoperoOrganization>>,
    connections: Arc<Stored<XoperoConnection>>,
    labels: SharedLabels,
}

impl Needs {
    /// Those that are needed themselves. `None` while that is not known.
    ///
    /// One that the connection never admitted has done nothing with it that would have to be undone: a stranger who names the connection
    /// does not hold it.
    async fn of(&self, key: &Place) -> Option<Vec<String>> {
        if !self.organizations.is_listed() || !self.labels.are_listed() {
            return None;
        }
        let mut needing = Vec::new();
        for observed in self.organizations.all() {
            let is_needed = has_finalizer(observed.meta(), IN_USE);
            if is_needed
                && connection_of(&observed).as_ref() == Some(key)
                && self.may_have_used(&observed, key).await
            {
                needing.push(Place::of(&*observed).to_string());
            }
        }
        Some(needing)
    }

    async fn may_have_used(&self, observed: &Observed<XoperoOrganization>, key: &Place) -> bool {
        // Of one that cannot be decoded it is not known.
        let was_found = observed.understood().is_none_or(|found| {
            let status = found.status.as_ref();
            status.is_some_and(|status| status.organization_id.is_some())
        });
        let namespace = observed.namespace().unwrap_or_default();
        was_found
            || admits(&self.connections, &self.labels, &namespace, key).await != Admission::Denied
    }
}

#[cfg(test)]
mod tests {
    use kube::{Client, Config};
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::controllers::namespaces::{NamespaceLabels, Reading};

    fn connection(from: &str) -> XoperoConnection {
        serde_json::from_value(json!({
            "metadata": { "name": "xopero", "namespace": "backup" },
            "spec": {
                "url": "https://xopero.example.com",
                "credentialsSecretRef": { "name": "account" },
                "allowedNamespaces": { "from": from },
            },
        }))
        .unwrap()
    }

    fn organization(
        namespace: &str,
        connection: &str,
        finalizers: &Value,
        status: &Value,
    ) -> XoperoOrganization {
        serde_json::from_value(json!({
            "metadata": { "name": "acme", "namespace": namespace, "finalizers": finalizers },
            "spec": {
                "connectionRef": { "name": connection, "namespace": "backup" }, "name": "acme", "provider": "GitHub",
            },
            "status": status,
        }))
        .unwrap()
    }

    #[rstest]
    //                                              in, and naming        finalizer            found  admits  needs
    #[case::of_its_own_namespace(("backup", "xopero"), "xopero.dev/in-use", false, "Same", true)]
    #[case::of_one_that_is_admitted(("tenant", "xopero"), "xopero.dev/in-use", false, "All", true)]
    #[case::of_one_that_never_was(("tenant", "xopero"), "xopero.dev/in-use", false, "Same", false)]
    #[case::of_one_that_was_before(("tenant", "xopero"), "xopero.dev/in-use", true, "Same", true)]
    #[case::that_nothing_needs(("backup", "xopero"), "example.com/held", true, "Same", false)]
    #[case::on_another_connection(("backup", "other"), "xopero.dev/in-use", true, "Same", false)]
    #[tokio::test]
    async fn an_organization_that_was_never_admitted_holds_no_connection(
        #[case] (namespace, names): (&str, &str),
        #[case] finalizer: &str,
        #[case] was_found: bool,
        #[case] from: &str,
        #[case] needs: bool,
    ) {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let client = Client::try_from(Config::new("http://127.0.0.1:1".parse().unwrap())).unwrap();
        let status = was_found.then(|| json!({ "organizationId": "7" }));
        let organization = organization(namespace, names, &json!([finalizer]), &json!(status));
        let connection = connection(from);
        let key = Place::from(&connection.metadata);
        let organizations = Stored::holding([Observed::Understood(organization)]);
        let connections = Stored::holding([Observed::Understood(connection)]);
        let labels = Arc::new(NamespaceLabels::Read(Reading::new(client)));
        let needed_by = needed_by(&organizations, &connections, &labels);
        let expected: Vec<String> = needs
            .then(|| format!("{namespace}/acme"))
            .into_iter()
            .collect();
        assert_eq!(needed_by(&key).await, Some(expected));
    }
}
