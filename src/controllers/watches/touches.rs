//! What wakes, out of the events of a watch.

use std::sync::Arc;

use futures::{Stream, StreamExt};
use kube::runtime::{
    reflector::{ObjectRef, Store},
    watcher,
};
use tracing::warn;

use super::{
    super::observed::{Observed, Place},
    Liveness, OwnStatus, Target, Watchable,
    known::{Known, Woken},
};

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

/// The resources that the kind's own controller has to look at, as the store shows them, which has taken in each event before it comes here;
/// `woken` is told of every touch.
pub(super) fn touched<K: Watchable>(
    events: impl Stream<Item = Result<watcher::Event<Observed<K>>, watcher::Error>> + Send,
    (store, liveness): (Store<Observed<K>>, Arc<Liveness>),
    (target, own_status): (Target<K>, OwnStatus),
    woken: impl Fn(&Touch) + Send + Sync,
) -> impl Stream<Item = Result<Observed<K>, watcher::Error>> + Send {
    let mut known = Known::default();
    events.flat_map(move |event| {
        let kind = K::kind(&());
        if let Some(why) = liveness.note(&event) {
            warn!(%kind, error = why, "The watch of {kind} failed; it is tried again, and nothing is removed meanwhile: {why}");
        }
        let changed = match event {
            Ok(event) => known.take(event, target, own_status),
            // It is noted and waited for already; handed on, it would stop what wakes the controller as well.
            Err(_) => Woken::default(),
        };
        changed.touches.iter().for_each(&woken);
        let store = store.clone();
        let own = changed.own.into_iter().filter_map(move |place| {
            let reference = ObjectRef::new(&place.name).within(&place.namespace);
            store.get(&reference).map(|resource| Ok((*resource).clone()))
        });
        futures::stream::iter(own)
    })
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use kube::{
        ResourceExt,
        runtime::{WatchStreamExt, reflector},
    };
    use serde_json::json;
    use watcher::Event;

    use super::*;
    use crate::api::XoperoRepository;

    fn repository(name: &str) -> Observed<XoperoRepository> {
        let resource = json!({
            "metadata": { "name": name, "namespace": "backup", "generation": 1 },
            "spec": { "organizationRef": { "name": "acme" }, "name": name },
        });
        serde_json::from_value(resource).unwrap()
    }

    /// kube waits after each error before it looks at anything that wakes a controller, other watches and news of claims among it.
    #[tokio::test]
    async fn a_watch_that_fails_holds_up_nothing_else_that_wakes_the_controller() {
        let liveness = Arc::new(Liveness::default());
        let events = [
            Ok(Event::Init),
            Ok(Event::InitApply(repository("api"))),
            Ok(Event::InitDone),
            Err(watcher::Error::NoResourceVersion),
            Ok(Event::Apply(repository("web"))),
            Err(watcher::Error::NoResourceVersion),
        ];
        let (store, writer) = reflector::store();
        let woken = touched(
            stream::iter(events).reflect(writer),
            (store, Arc::clone(&liveness)),
            (|_| None, OwnStatus::Sleeps),
            |_| (),
        );
        let heard: Vec<_> = woken
            .map(|heard| heard.map(|resource| resource.name_any()))
            .collect()
            .await;
        let heard: Result<Vec<_>, _> = heard.into_iter().collect();
        assert_eq!(heard.unwrap(), ["api", "web"]);
        assert!(!liveness.hears());
    }
}
