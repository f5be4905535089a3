//! Which namespaces may refer to a connection or an organization, in the shape of the Gateway API.

mod reading;

use std::{collections::BTreeMap, sync::Arc};

use futures::{Stream, StreamExt, stream};
use k8s_openapi::{api::core::v1::Namespace, apimachinery::pkg::apis::meta::v1::LabelSelector};
use kube::{
    Api, Client,
    api::PartialObjectMeta,
    core::{Selector, SelectorExt as _},
    runtime::{
        WatchStreamExt,
        reflector::{self, ObjectRef, Store},
        watcher,
    },
};
use tracing::warn;

pub use self::reading::Reading;
use super::watches::{Liveness, afresh};
use crate::api::{NamespacesFrom, Rights};

type Labels = BTreeMap<String, String>;

/// Whether a namespace may refer, and what it may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It may.
    Granted(Rights),
    /// It may not.
    Denied,
    /// That is not known yet, for this reason.
    Unknown(Arc<str>),
}

/// The watch of all namespaces.
#[expect(missing_debug_implementations, reason = "a stream has none")]
pub struct NamespaceWatch<S> {
    /// What is known of them.
    pub store: Store<PartialObjectMeta<Namespace>>,
    /// How it stands.
    pub(super) liveness: Arc<Liveness>,
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
    let liveness = Arc::new(Liveness::default());
    let noted = Arc::clone(&liveness);
    let mut listed = Vec::new();
    let touched = afresh(api)
        .reflect(writer)
        .inspect(move |event| {
            if let Some(why) = noted.note(event) {
                warn!(
                    error = why,
                    "The watch of namespaces failed; it is tried again, and the labels known before count meanwhile: {why}"
                );
            }
        })
        .flat_map(move |event| stream::iter(shown(event, &mut listed)));
    NamespaceWatch {
        store,
        liveness,
        touched,
    }
}

/// What the store shows by an event that it did not before: all of a list once that is whole.
fn shown<K>(
    event: Result<watcher::Event<K>, watcher::Error>,
    listed: &mut Vec<K>,
) -> Vec<Result<K, watcher::Error>> {
    match event {
        Ok(watcher::Event::Init) => {
            listed.clear();
            Vec::new()
        }
        Ok(watcher::Event::InitApply(resource)) => {
            listed.push(resource);
            Vec::new()
        }
        Ok(watcher::Event::InitDone) => std::mem::take(listed).into_iter().map(Ok).collect(),
        Ok(watcher::Event::Apply(resource) | watcher::Event::Delete(resource)) => {
            vec![Ok(resource)]
        }
        Err(error) => vec![Err(error)],
    }
}

/// What is known of the labels of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It has these.
    Labels(Labels),
    /// There is no such namespace.
    Absent,
    /// Nothing, for this reason. That is not the same as none.
    Nothing(Arc<str>),
}

/// The labels of namespaces: from a watch where the whole cluster is seen, else one at a time.
#[expect(
    missing_debug_implementations,
    reason = "a client has none worth reading"
)]
pub enum NamespaceLabels {
    /// All of them are watched.
    Watched(Store<PartialObjectMeta<Namespace>>, Arc<Liveness>),
    /// Each is read when it matters, as a Role allows.
    Read(Reading),
}

impl NamespaceLabels {
    /// Whether all there are have been listed; where each is read when it matters, nothing has to be.
    pub fn are_listed(&self) -> bool {
        match self {
            Self::Watched(_, liveness) => liveness.listed.is_cancelled(),
            Self::Read(_) => true,
        }
    }

    /// Whether a watch tells of their changes.
    pub fn are_watched(&self) -> bool {
        match self {
            Self::Watched(..) => true,
            Self::Read(_) => false,
        }
    }

    /// Whether what is known of them is what they are, as far as a watch tells. What is read when it matters is.
    pub fn are_heard(&self) -> bool {
        match self {
            Self::Watched(_, liveness) => liveness.hears(),
            Self::Read(_) => true,
        }
    }

    /// The labels of a namespace.
    async fn of(&self, namespace: &str) -> Known {
        match self {
            // Whoever refers is seen before its namespace is, where both are new.
            Self::Watched(store, _) => store.get(&ObjectRef::new(namespace)).map_or_else(
                || Known::Nothing("the namespace has not been seen yet".into()),
                |namespace| Known::Labels(namespace.metadata.labels.clone().unwrap_or_default()),
            ),
            Self::Read(reading) => reading.of(namespace).await,
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
        let allowed = match (self.from, &self.selector) {
            (NamespacesFrom::Same, _) | (NamespacesFrom::Selector, None) => false,
            (NamespacesFrom::All, _) => true,
            (NamespacesFrom::Selector, Some(selector)) => match labels.of(other).await {
                Known::Labels(labels) => matches(selector, &labels),
                Known::Absent => false,
                Known::Nothing(why) => return Permission::Unknown(why),
            },
        };
        if allowed {
            Permission::Granted(self.rights)
        } else {
            Permission::Denied
        }
    }
}

/// Whether the labels satisfy the selector. The API server lets no other in than those that can be read; one that cannot selects
/// nothing.
fn matches(selector: &LabelSelector, labels: &Labels) -> bool {
    Selector::try_from(selector.clone()).is_ok_and(|selector| selector.matches(labels))
}

/// Shared by all controllers.
pub type SharedLabels = Arc<NamespaceLabels>;

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case::by_label(json!({ "matchLabels": { "team": "a" } }), true)]
    #[case::by_another(json!({ "matchLabels": { "team": "b" } }), false)]
    #[case::among(json!({ "matchExpressions": [{ "key": "team", "operator": "In", "values": ["a", "b"] }] }), true)]
    #[case::not_among(json!({ "matchExpressions": [{ "key": "team", "operator": "NotIn", "values": ["a"] }] }), false)]
    #[case::not_among_where_it_has_none(json!({ "matchExpressions": [{ "key": "stage", "operator": "NotIn", "values": ["a"] }] }), true)]
    #[case::has_none(json!({ "matchExpressions": [{ "key": "stage", "operator": "DoesNotExist" }] }), true)]
    #[case::all_of_it(json!({ "matchLabels": { "team": "a" }, "matchExpressions": [{ "key": "stage", "operator": "Exists" }] }), false)]
    #[case::everything(json!({}), true)]
    #[case::what_cannot_be_read(json!({ "matchExpressions": [{ "key": "team", "operator": "Like", "values": ["a"] }] }), false)]
    fn a_selector_selects_as_that_of_kubernetes_does(
        #[case] selector: Value,
        #[case] selects: bool,
    ) {
        let labels = Labels::from([("team".to_owned(), "a".to_owned())]);
        let selector = serde_json::from_value(selector).unwrap();
        assert_eq!(matches(&selector, &labels), selects);
    }

    /// The namespaces that a list or a change brings, by their numbers, as the store shows them.
    #[test]
    fn what_a_list_brings_is_shown_once_it_is_whole() {
        use watcher::Event::{Apply, Delete, Init, InitApply, InitDone};
        const NONE: [u8; 0] = [];

        let mut listed = Vec::new();
        let mut shown = |event| {
            let shown = super::shown(Ok(event), &mut listed).into_iter();
            shown.map(Result::unwrap).collect::<Vec<u8>>()
        };
        assert_eq!(shown(Init), NONE);
        assert_eq!(shown(InitApply(1)), NONE);
        assert_eq!(shown(Init), NONE, "the list is begun anew");
        assert_eq!(shown(InitApply(2)), NONE);
        assert_eq!(shown(InitApply(3)), NONE);
        assert_eq!(shown(InitDone), [2, 3]);
        assert_eq!(shown(InitDone), NONE);
        assert_eq!(shown(Apply(4)), [4]);
        assert_eq!(shown(Delete(4)), [4]);
    }

    #[test]
    fn labels_are_known_once_the_watch_has_listed_them() {
        let liveness = Arc::new(Liveness::default());
        let (store, _writer) = reflector::store();
        let labels = NamespaceLabels::Watched(store, Arc::clone(&liveness));
        assert!(!labels.are_listed() && !labels.are_heard());
        assert!(labels.are_watched());
        liveness.note(&Ok(watcher::Event::<()>::InitDone));
        assert!(labels.are_listed() && labels.are_heard());
        liveness.note(&Err::<watcher::Event<()>, _>(
            watcher::Error::NoResourceVersion,
        ));
        assert!(labels.are_listed() && !labels.are_heard());
    }
}
