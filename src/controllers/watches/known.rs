//! What was last seen of each resource, to tell what an event changed.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use kube::{Resource, ResourceExt, runtime::watcher};

use super::{
    super::observed::{Observed, Place},
    OwnStatus, Target, Touch, TouchEvent, Watchable,
};

/// What was last seen of one resource.
#[derive(Clone, Debug)]
struct Seen {
    fingerprint: u64,
    target: Option<Place>,
}

/// What is known of the resources, so that a relist that lacks one is its deletion.
#[derive(Debug, Default)]
pub(super) struct Known {
    resources: BTreeMap<Place, Seen>,
    listed: BTreeMap<Place, Seen>,
}

impl Known {
    /// The touches of an event, and the resource for the controller of its own kind.
    pub(super) fn take<K: Watchable>(
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
                    (
                        vec![touch(place, Some(seen), TouchEvent::Applied)],
                        Some(resource),
                    )
                }
            }
            watcher::Event::InitDone => {
                let before =
                    std::mem::replace(&mut self.resources, std::mem::take(&mut self.listed));
                let gone = before
                    .into_iter()
                    .filter(|(place, _)| !self.resources.contains_key(place));
                (
                    gone.map(|(place, seen)| touch(place, Some(seen), TouchEvent::Deleted))
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
                    (
                        vec![touch(place, Some(seen), TouchEvent::Applied)],
                        Some(resource),
                    )
                }
            }
            watcher::Event::Delete(resource) => {
                let place = Place::of(&resource);
                let seen = self.resources.remove(&place);
                (vec![touch(place, seen, TouchEvent::Deleted)], None)
            }
        }
    }
}

fn touch(place: Place, seen: Option<Seen>, event: TouchEvent) -> Touch {
    Touch {
        place,
        target: seen.and_then(|seen| seen.target),
        event,
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
