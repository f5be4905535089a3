//! Which namespaces may refer to a connection or an organization, in the shape of the Gateway API.

use std::{collections::BTreeMap, sync::Arc};

use futures::{FutureExt, Stream, StreamExt};
use k8s_openapi::{
    api::core::v1::Namespace,
    apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement},
};
use kube::{
    Api, Client,
    api::PartialObjectMeta,
    runtime::{
        WatchStreamExt,
        reflector::{self, ObjectRef, Store},
        watcher,
    },
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::watches::{Liveness, afresh};
use crate::api::{NamespacesFrom, Rights};

type Labels = BTreeMap<String, String>;

/// Whether a namespace may refer, and what it may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It may.
    Granted(Rights),
    /// It may not, as far as is known.
    Denied,
}

/// The watch of all namespaces.
#[expect(missing_debug_implementations, reason = "a stream has none")]
pub struct NamespaceWatch<S> {
    /// What is known of them.
    pub store: Store<PartialObjectMeta<Namespace>>,
    /// Cancelled once all there are have been listed.
    pub listed: CancellationToken,
    /// Those that changed. The store is fed by whoever polls this.
    pub touched: S,
}

/// Watches the metadata of all namespaces.
pub fn watch_namespaces(
    client: &Client,
) -> NamespaceWatch<
    impl Stream<Item = Result<PartialObjectMeta<Namespace>, watcher::Error>> + Send + 'static,
> {
    let api: Api<PartialObjectMeta<Namespace>> = Api::all(client.clone());
    let (store, writer) = reflector::store();
    let liveness = Liveness::default();
    let listed = liveness.listed.clone();
    let touched = afresh(api)
        .reflect(writer)
        .inspect(move |event| {
            if let Some(why) = liveness.note(event) {
                warn!(
                    error = why,
                    "The watch of namespaces failed; it is tried again: {why}"
                );
            }
        })
        .touched_objects();
    NamespaceWatch {
        store,
        listed,
        touched,
    }
}

/// The labels of namespaces: from a watch where the whole cluster is seen, else one at a time.
#[derive(Clone)]
#[expect(
    missing_debug_implementations,
    reason = "a client has none worth reading"
)]
pub enum NamespaceLabels {
    /// All of them are watched.
    Watched(Store<PartialObjectMeta<Namespace>>),
    /// Each is read when it matters, as a Role allows.
    Read(Client),
}

impl NamespaceLabels {
    /// Whether all there are have been listed; where each is read when it matters, nothing has to be.
    pub fn are_listed(&self) -> bool {
        match self {
            Self::Watched(store) => store.wait_until_ready().now_or_never().is_some(),
            Self::Read(_) => true,
        }
    }

    /// The labels of a namespace; `None` where they are not known, which permits nothing.
    pub async fn of(&self, namespace: &str) -> Option<Labels> {
        match self {
            Self::Watched(store) => store
                .get(&ObjectRef::new(namespace))
                .map(|namespace| namespace.metadata.labels.clone().unwrap_or_default()),
            Self::Read(client) => {
                let api: Api<Namespace> = Api::all(client.clone());
                api.get_metadata(namespace)
                    .await
                    .ok()
                    .map(|found| found.metadata.labels.unwrap_or_default())
            }
        }
    }
}

/// What is allowed by a resource in `own`, for claims from `other`.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// The namespace of the resource that is referred to.
    pub own: String,
    /// Which namespaces it allows.
    pub from: NamespacesFrom,
    /// By which labels, with `from: Selector`.
    pub selector: Option<LabelSelector>,
    /// What they may ask for.
    pub rights: Rights,
}

impl Allowance {
    /// Whether namespace `other` may refer.
    pub async fn permits(&self, other: &str, labels: &NamespaceLabels) -> Permission {
        if other == self.own {
            return Permission::Granted(Rights::Full);
        }
        let allowed = match self.from {
            NamespacesFrom::Same => false,
            NamespacesFrom::All => true,
            NamespacesFrom::Selector => match (&self.selector, labels.of(other).await) {
                (Some(selector), Some(labels)) => matches(selector, &labels),
                (None, _) | (_, None) => false,
            },
        };
        if allowed {
            Permission::Granted(self.rights)
        } else {
            Permission::Denied
        }
    }
}

/// Whether the labels satisfy the selector, as Kubernetes does it.
pub fn matches(selector: &LabelSelector, labels: &Labels) -> bool {
    let equal = selector
        .match_labels
        .iter()
        .flatten()
        .all(|(key, value)| labels.get(key) == Some(value));
    equal
        && selector
            .match_expressions
            .iter()
            .flatten()
            .all(|requirement| holds(requirement, labels))
}

fn holds(requirement: &LabelSelectorRequirement, labels: &Labels) -> bool {
    let value = labels.get(&requirement.key);
    let among = || {
        value.is_some_and(|value| {
            requirement
                .values
                .iter()
                .flatten()
                .any(|other| other == value)
        })
    };
    match requirement.operator.as_str() {
        "In" => among(),
        "NotIn" => !among(),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        // The API server does not let another operator in; one that it does permits nothing.
        _ => false,
    }
}

/// Shared by all controllers.
pub type SharedLabels = Arc<NamespaceLabels>;
