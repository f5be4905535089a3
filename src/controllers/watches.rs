//! One watch and one store a kind and namespace, and what a change of a resource wakes.
//!
//! A store is never fed by two watches: their relists erase each other. What wakes a controller is a resource's creation, its
//! deletion, and a change of generation, annotations or finalizers, never of status: kube's own predicate for generations drops
//! the deletion of a resource without finalizer.

mod afresh;
mod hearing;
mod known;
mod touches;
mod trouble;
mod unheard;

use std::{fmt::Debug, sync::Arc};

use futures::StreamExt;
use kube::{
    Api, Client, Resource,
    core::NamespaceResourceScope,
    runtime::{WatchStreamExt, reflector, reflector::Store, watcher},
};
use serde::de::DeserializeOwned;
use tokio::select;
use tokio_util::sync::CancellationToken;

pub(super) use self::afresh::afresh;
use self::touches::touched;
pub use self::{
    afresh::LONGEST_SILENCE,
    hearing::{Hearing, Liveness},
    touches::{Touch, TouchEvent},
};
use super::observed::{Observed, Place};

/// What is needed of a kind to be watched.
pub trait Watchable:
    Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Watchable for K where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// One store with its liveness.
#[derive(Debug)]
struct Part<K: Watchable> {
    namespace: Option<String>,
    store: Store<Observed<K>>,
    liveness: Arc<Liveness>,
}

/// All resources of one kind in the watched namespaces.
#[derive(Debug)]
pub struct Stored<K: Watchable> {
    parts: Vec<Part<K>>,
}

impl<K: Watchable> Stored<K> {
    /// Every resource, in the order of namespaces and names.
    pub fn all(&self) -> Vec<Arc<Observed<K>>> {
        let mut all: Vec<Arc<Observed<K>>> = self
            .parts
            .iter()
            .flat_map(|part| part.store.state())
            .collect();
        // By what they hold: ten thousand names need not be copied for it.
        all.sort_unstable_by(|one, other| by_place(one).cmp(&by_place(other)));
        all
    }

    /// Every resource, in no order: for counting.
    pub fn unordered(&self) -> impl Iterator<Item = Arc<Observed<K>>> {
        self.parts.iter().flat_map(|part| part.store.state())
    }

    /// Whether what there is in that namespace is seen.
    pub fn watches(&self, namespace: &str) -> bool {
        let watched = |part: &Part<K>| part.namespace.as_deref().is_none_or(|it| it == namespace);
        self.parts.iter().any(watched)
    }

    /// A store that has listed these, and hears of no change.
    #[cfg(test)]
    pub(super) fn holding(resources: impl IntoIterator<Item = Observed<K>>) -> Arc<Self> {
        Self::holding_of(None, resources)
    }

    /// The same, where only that namespace is watched.
    #[cfg(test)]
    pub(super) fn holding_of(
        namespace: Option<&str>,
        resources: impl IntoIterator<Item = Observed<K>>,
    ) -> Arc<Self> {
        let liveness = Liveness::default();
        liveness.listed.cancel();
        Self::of(namespace, liveness, resources)
    }

    /// A store that has listed nothing yet.
    #[cfg(test)]
    pub(super) fn not_listed() -> Arc<Self> {
        Self::of(None, Liveness::default(), [])
    }

    /// One that has listed nothing that there is, and hears nothing now.
    #[cfg(test)]
    pub(super) fn failing() -> Arc<Self> {
        let liveness = Liveness::default();
        liveness.listed.cancel();
        liveness.note(&Err::<watcher::Event<K>, _>(
            watcher::Error::NoResourceVersion,
        ));
        Self::of(None, liveness, [])
    }

    #[cfg(test)]
    fn of(
        namespace: Option<&str>,
        liveness: Liveness,
        resources: impl IntoIterator<Item = Observed<K>>,
    ) -> Arc<Self> {
        let (store, mut writer) = reflector::store();
        for resource in resources {
            writer.apply_watcher_event(&watcher::Event::Apply(resource));
        }
        Arc::new(Self {
            parts: vec![Part {
                namespace: namespace.map(str::to_owned),
                store,
                liveness: Arc::new(liveness),
            }],
        })
    }

    /// How the watches stand.
    pub fn hearing(&self) -> Hearing {
        Hearing::of(self.parts.iter().map(|part| &*part.liveness))
    }

    /// The resource at that place.
    pub fn get(&self, place: &Place) -> Option<Arc<Observed<K>>> {
        let reference = reflector::ObjectRef::new(&place.name).within(&place.namespace);
        self.parts
            .iter()
            .filter(|part| {
                part.namespace
                    .as_ref()
                    .is_none_or(|namespace| *namespace == place.namespace)
            })
            .find_map(|part| part.store.get(&reference))
    }

    /// The watches that have not listed everything, or do not hear of changes.
    pub fn not_seen(&self) -> Vec<String> {
        let kind = K::kind(&());
        self.parts
            .iter()
            .filter(|part| !part.liveness.hears())
            .map(|part| match &part.namespace {
                Some(namespace) => format!("{kind} in namespace {namespace}"),
                None => kind.to_string(),
            })
            .collect()
    }

    /// The namespace of each watch, or all of them, with a token that is cancelled once everything there was listed.
    ///
    /// For whoever waits: kube's own `wait_until_ready` wakes only the one that asked last, and that has to be the controller.
    pub fn listings(&self) -> Vec<(Option<String>, CancellationToken)> {
        self.parts
            .iter()
            .map(|part| (part.namespace.clone(), part.liveness.listed.clone()))
            .collect()
    }

    /// Whether every watch has listed everything once.
    pub fn is_listed(&self) -> bool {
        self.parts
            .iter()
            .all(|part| part.liveness.listed.is_cancelled())
    }
}

fn by_place<K: Watchable>(resource: &Observed<K>) -> (Option<&str>, Option<&str>) {
    let metadata = resource.meta();
    (metadata.namespace.as_deref(), metadata.name.as_deref())
}

/// Whether a change of status alone wakes the kind's own controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnStatus {
    /// It does: what was written is compared with what should be, once the store shows it. A store that is one write behind
    /// would else hide that a status went back to what it was before.
    Wakes,
    /// It does not.
    Sleeps,
}

/// What a resource refers to.
pub type Target<K> = fn(&Observed<K>) -> Option<Place>;

/// One watch as a controller takes it: the store, and the resources that it has to look at.
#[expect(missing_debug_implementations, reason = "a stream has none")]
pub struct Watch<K: Watchable> {
    /// The namespace, or all of them.
    pub namespace: Option<String>,
    /// What the controller reads from.
    pub store: Store<Observed<K>>,
    /// Cancelled once all there are have been listed; before that no reconcile begins.
    pub listed: CancellationToken,
    /// What wakes it.
    pub touched: futures::stream::BoxStream<'static, Result<Observed<K>, watcher::Error>>,
}

/// Watches a kind in each of the namespaces, or in all of them where none is named. `woken` is told of every touch.
pub fn watch<K: Watchable>(
    client: &Client,
    namespaces: &[String],
    (target, own_status): (Target<K>, OwnStatus),
    woken: impl Fn(&Touch) + Clone + Send + Sync + 'static,
) -> (Arc<Stored<K>>, Vec<Watch<K>>) {
    let places: Vec<Option<String>> = if namespaces.is_empty() {
        vec![None]
    } else {
        namespaces.iter().cloned().map(Some).collect()
    };
    let mut parts = Vec::new();
    let mut watches = Vec::new();
    for namespace in places {
        let api: Api<Observed<K>> = match &namespace {
            Some(namespace) => Api::namespaced(client.clone(), namespace),
            None => Api::all(client.clone()),
        };
        let (store, writer) = reflector::store();
        let liveness = Arc::new(Liveness::default());
        let events = afresh(api).reflect(writer);
        let touched = touched(
            events,
            (store.clone(), Arc::clone(&liveness)),
            (target, own_status),
            woken.clone(),
        )
        .boxed();
        let listed = liveness.listed.clone();
        parts.push(Part {
            namespace: namespace.clone(),
            store: store.clone(),
            liveness,
        });
        watches.push(Watch {
            namespace,
            store,
            listed,
            touched,
        });
    }
    (Arc::new(Stored { parts }), watches)
}

/// Runs a watch's controller until it has ended. Told to stop before its watch was listed, it has nothing under way, and would wait
/// for that list: it is dropped.
pub async fn until_ended(
    controller: impl Future<Output = ()>,
    listed: CancellationToken,
    stop: CancellationToken,
) {
    let stopped_before = async {
        stop.cancelled().await;
        if listed.is_cancelled() {
            std::future::pending::<()>().await;
        }
    };
    select! {
        () = controller => {}
        () = stopped_before => {}
    }
}
