//! Whom a change of a namespace's labels concerns.

use futures::{Stream, StreamExt, future};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    ResourceExt,
    api::PartialObjectMeta,
    runtime::{PredicateConfig, WatchStreamExt, predicates, watcher},
};

use crate::{
    api::{NamespacesFrom, XoperoConnection, XoperoOrganization},
    controllers::{
        admission::is_by_labels,
        connections::connection_of,
        observed::{Observed, Place},
        watches::Stored,
    },
};

/// The names of the namespaces that have other labels than before. All else that is written to a namespace concerns nobody; one that goes
/// takes along whatever is in it.
pub(super) fn relabelled(
    touched: impl Stream<Item = Result<PartialObjectMeta<Namespace>, watcher::Error>>,
) -> impl Stream<Item = String> {
    // An error is said by the watch itself.
    touched
        .predicate_filter(predicates::labels, PredicateConfig::default())
        .filter_map(|touched| future::ready(touched.ok().map(|namespace| namespace.name_any())))
}

/// The organizations that are concerned: those that select by labels who may refer to them, and those of the namespace whose connection
/// selects by labels who may use it.
pub(super) fn concerned(
    organizations: &Stored<XoperoOrganization>,
    connections: &Stored<XoperoConnection>,
    namespace: &str,
) -> Vec<Place> {
    let selects = |observed: &Observed<XoperoOrganization>| {
        observed
            .understood()
            .is_some_and(|found| found.spec.namespaces_from() == NamespacesFrom::Selector)
    };
    let is_selected = |observed: &Observed<XoperoOrganization>| {
        observed.namespace().as_deref() == Some(namespace)
            && connection_of(observed).is_some_and(|key| is_by_labels(connections, namespace, &key))
    };
    organizations
        .all()
        .iter()
        .filter(|observed| selects(observed) || is_selected(observed))
        .map(|observed| Place::of(&**observed))
        .collect()
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn selector() -> Value {
        json!({ "from": "Selector", "selector": { "matchLabels": { "team": "a" } } })
    }

    fn connection(name: &str, allowed: &Value) -> Observed<XoperoConnection> {
        let connection = json!({
            "metadata": { "name": name, "namespace": "backup" },
            "spec": {
                "url": "https://xopero.example.com",
                "credentialsSecretRef": { "name": "account" },
                "allowedNamespaces": allowed,
            },
        });
        Observed::Understood(serde_json::from_value(connection).unwrap())
    }

    fn organization(
        (namespace, name): (&str, &str),
        connection: &str,
        allowed: &Value,
    ) -> Observed<XoperoOrganization> {
        let organization = json!({
            "metadata": { "name": name, "namespace": namespace },
            "spec": {
                "connectionRef": { "name": connection, "namespace": "backup" }, "name": "acme", "provider": "GitHub",
                "allowedNamespaces": allowed,
            },
        });
        Observed::Understood(serde_json::from_value(organization).unwrap())
    }

    #[rstest]
    #[case::of_a_namespace_with_an_organization("team-a", &["backup/selects", "team-a/selected"])]
    #[case::of_another("team-b", &["backup/selects"])]
    #[case::of_the_connections_own("backup", &["backup/selects"])]
    fn labels_concern_who_selects_by_them_and_who_is_selected_by_its_connection(
        #[case] namespace: &str,
        #[case] concerns: &[&str],
    ) {
        let (same, all) = (json!({ "from": "Same" }), json!({ "from": "All" }));
        let connections = Stored::holding([
            connection("selecting", &selector()),
            connection("open", &all),
        ]);
        let organizations = Stored::holding([
            organization(("backup", "selects"), "open", &selector()),
            organization(("backup", "own"), "selecting", &same),
            organization(("team-a", "selected"), "selecting", &same),
            organization(("team-a", "admitted"), "open", &all),
            organization(("team-a", "dangling"), "absent", &same),
        ]);
        let places = concerned(&organizations, &connections, namespace);
        let places: Vec<String> = places.iter().map(ToString::to_string).collect();
        assert_eq!(places, concerns);
    }

    #[tokio::test]
    async fn only_other_labels_are_a_change_of_a_namespace() {
        let namespace = |name: &str, version: &str, team: &str| {
            let namespace = json!({
                "metadata": { "name": name, "uid": name, "resourceVersion": version, "labels": { "team": team } },
            });
            Ok(serde_json::from_value(namespace).unwrap())
        };
        let touched = stream::iter([
            namespace("team-a", "1", "a"),
            namespace("team-b", "2", "b"),
            namespace("team-a", "3", "a"),
            Err(watcher::Error::NoResourceVersion),
            namespace("team-a", "4", "b"),
            namespace("team-b", "5", "b"),
        ]);
        let told: Vec<String> = relabelled(touched).collect().await;
        assert_eq!(told, ["team-a", "team-b", "team-a"]);
    }
}
