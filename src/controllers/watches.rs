//! One watch and one store a kind and namespace, and what a change of a resource wakes.
//!
//! A store is never fed by two watches: their relists erase each other. What wakes a controller is a resource's creation, its
//! deletion, and a change of generation, annotations or finalizers, never of status: kube's own predicate for generations drops
//! the deletion of a resource without finalizer.

mod afresh;
mod hearing;
mod trouble;

use std::{
    collections::BTreeMap,
    fmt::Debug,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use futures::{Stream, StreamExt};
use kube::{
    Api, Client, Resource, ResourceExt,
    core::NamespaceResourceScope,
    runtime::{WatchStreamExt, reflector, reflector::Store, watcher},
};
use serde::de::DeserializeOwned;
use tokio::select;
use tokio_util::sync::CancellationToken;
use tracing::warn;

pub use self::hearing::Hearing;
pub(super) use self::{afresh::afresh, hearing::Liveness};
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

    /// A store that has listed these, and hears of no change.
    #[cfg(test)]
    pub(super) fn holding(resources: impl IntoIterator<Item = Observed<K>>) -> Arc<Self> {
        let (store, mut writer) = reflector::store();
        for resource in resources {
            writer.apply_watcher_event(&watcher::Event::Apply(resource));
        }
        let liveness = Liveness::default();
        liveness.listed.cancel();
        Arc::new(Self {
            parts: vec![Part {
                namespace: None,
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

/// A change that wakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Where the resource is, or was.
    pub place: Place,
    /// What it refers to: a claim's organization, an organization's connection.
    pub target: Option<Place>,
    /// What happened.
    pub event: TouchEvent,
}

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TouchEvent {
    /// It was created, or changed in what wakes.
    Applied,
    /// It is gone.
    Deleted,
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
            Arc::clone(&liveness),
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

fn touched<K: Watchable>(
    events: impl Stream<Item = Result<watcher::Event<Observed<K>>, watcher::Error>> + Send,
    liveness: Arc<Liveness>,
    (target, own_status): (Target<K>, OwnStatus),
    woken: impl Fn(&Touch) + Send + Sync,
) -> impl Stream<Item = Result<Observed<K>, watcher::Error>> + Send {
    let mut known = Known::default();
    events.flat_map(move |event| {
        let kind = K::kind(&());
        if let Some(why) = liveness.note(&event) {
            warn!(%kind, error = why, "The watch of {kind} failed; it is tried again, and nothing is removed meanwhile: {why}");
        }
        let (touches, applied) = match event {
            Ok(event) => known.take(event, target, own_status),
            // It is noted and waited for already; handed on, it would stop what wakes the controller as well.
            Err(_) => return futures::stream::iter(Vec::new()),
        };
        touches.iter().for_each(&woken);
        futures::stream::iter(applied.map(Ok).into_iter().collect::<Vec<_>>())
    })
}

/// What was last seen of one resource.
#[derive(Clone, Debug)]
struct Seen {
    fingerprint: u64,
    target: Option<Place>,
}

/// What is known of the resources, so that a relist that lacks one is its deletion.
#[derive(Debug, Default)]
struct Known {
    resources: BTreeMap<Place, Seen>,
    listed: BTreeMap<Place, Seen>,
}

impl Known {
    /// The touches of an event, and the resource for the controller of its own kind.
    fn take<K: Watchable>(
        &mut self,
        event: watcher::Event<Observed<K>>,
        target: Target<K>,
        own_status: OwnStatus,
    ) -> (Vec<Touch>, Option<Observed<K>>) {
        let seen = |resource: &Observed<K>| Seen {
            fingerprint: fingerprint(resource),
            target: target(resource),
        };
        match event {
            watcher::Event::Init => {
                self.listed.clear();
                (Vec::new(), None)
            }
            watcher::Event::InitApply(resource) => {
                let (place, seen) = (Place::of(&resource), seen(&resource));
                let known = self
                    .resources
                    .get(&place)
                    .is_some_and(|known| known.fingerprint == seen.fingerprint);
                self.listed.insert(place.clone(), seen.clone());
                if known {
                    (Vec::new(), None)
                } else {
                    (vec![applied(place, seen)], Some(resource))
                }
            }
            watcher::Event::InitDone => {
                let before =
                    std::mem::replace(&mut self.resources, std::mem::take(&mut self.listed));
                let gone = before
                    .into_iter()
                    .filter(|(place, _)| !self.resources.contains_key(place));
                (
                    gone.map(|(place, seen)| deleted(place, Some(seen)))
                        .collect(),
                    None,
                )
            }
            watcher::Event::Apply(resource) => {
                let (place, seen) = (Place::of(&resource), seen(&resource));
                let before = self.resources.insert(place.clone(), seen.clone());
                let known = before.is_some_and(|known| known.fingerprint == seen.fingerprint);
                if known {
                    let own = (own_status == OwnStatus::Wakes).then_some(resource);
                    (Vec::new(), own)
                } else {
                    (vec![applied(place, seen)], Some(resource))
                }
            }
            watcher::Event::Delete(resource) => {
                let place = Place::of(&resource);
                let seen = self.resources.remove(&place);
                (vec![deleted(place, seen)], None)
            }
        }
    }
}

fn applied(place: Place, seen: Seen) -> Touch {
    Touch {
        place,
        target: seen.target,
        event: TouchEvent::Applied,
    }
}

fn deleted(place: Place, seen: Option<Seen>) -> Touch {
    Touch {
        place,
        target: seen.and_then(|seen| seen.target),
        event: TouchEvent::Deleted,
    }
}

/// Of what wakes: the identity, the declaration, the annotations and the finalizers.
fn fingerprint<K: Watchable>(resource: &Observed<K>) -> u64 {
    let metadata = resource.meta();
    let mut hasher = DefaultHasher::new();
    metadata.uid.hash(&mut hasher);
    metadata.generation.hash(&mut hasher);
    resource.annotations().hash(&mut hasher);
    resource.finalizers().hash(&mut hasher);
    metadata.deletion_timestamp.is_some().hash(&mut hasher);
    hasher.finish()
}
