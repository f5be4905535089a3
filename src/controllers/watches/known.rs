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
    version: Option<String>,
    target: Option<Place>,
}

/// What is known of the resources, so that a relist that lacks one is its deletion.
#[derive(Debug, Default)]
pub(super) struct Known {
    resources: BTreeMap<Place, Seen>,
    listed: BTreeMap<Place, Seen>,
}

/// What wakes.
#[derive(Debug, Default)]
pub(super) struct Woken {
    /// Whoever is concerned by these.
    pub(super) touches: Vec<Touch>,
    /// The controller of their own kind.
    pub(super) own: Vec<Place>,
}

impl Known {
    /// What an event wakes. What a list holds wakes when it is whole: until then the store shows what was there before.
    pub(super) fn take<K: Watchable>(
        &mut self,
        event: watcher::Event<Observed<K>>,
        target: Target<K>,
        own_status: OwnStatus,
    ) -> Woken {
        let seen = |resource: &Observed<K>| Seen {
            fingerprint: fingerprint(resource),
            version: resource.resource_version(),
            target: target(resource),
        };
        match event {
            watcher::Event::Init => {
                self.listed.clear();
                Woken::default()
            }
            watcher::Event::InitApply(resource) => {
                self.listed.insert(Place::of(&resource), seen(&resource));
                Woken::default()
            }
            watcher::Event::InitDone => self.take_list(own_status),
            watcher::Event::Apply(resource) => {
                let (place, seen) = (Place::of(&resource), seen(&resource));
                let before = self.resources.insert(place.clone(), seen.clone());
                let mut woken = Woken::default();
                woken.add(place, (before.as_ref(), &seen), own_status);
                woken
            }
            watcher::Event::Delete(resource) => {
                let place = Place::of(&resource);
                let seen = self.resources.remove(&place);
                Woken {
                    touches: vec![touch(place, seen.as_ref(), TouchEvent::Deleted)],
                    own: Vec::new(),
                }
            }
        }
    }

    fn take_list(&mut self, own_status: OwnStatus) -> Woken {
        let before = std::mem::replace(&mut self.resources, std::mem::take(&mut self.listed));
        let mut woken = Woken::default();
        for (place, seen) in &self.resources {
            woken.add(place.clone(), (before.get(place), seen), own_status);
        }
        let gone = before.iter();
        let gone = gone.filter(|(place, _)| !self.resources.contains_key(place));
        let gone = gone.map(|(place, seen)| touch(place.clone(), Some(seen), TouchEvent::Deleted));
        woken.touches.extend(gone);
        woken
    }
}

impl Woken {
    fn add(&mut self, place: Place, (before, now): (Option<&Seen>, &Seen), own_status: OwnStatus) {
        if before.is_some_and(|before| before.fingerprint == now.fingerprint) {
            let is_as_before = before.is_some_and(|before| before.version == now.version);
            if own_status == OwnStatus::Wakes && !is_as_before {
                self.own.push(place);
            }
        } else {
            self.touches
                .push(touch(place.clone(), Some(now), TouchEvent::Applied));
            self.own.push(place);
        }
    }
}

fn touch(place: Place, seen: Option<&Seen>, event: TouchEvent) -> Touch {
    Touch {
        place,
        target: seen.and_then(|seen| seen.target.clone()),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::XoperoRepository;

    type Event = watcher::Event<Observed<XoperoRepository>>;

    fn repository(name: &str, generation: i64, version: &str) -> Observed<XoperoRepository> {
        let resource = json!({
            "metadata": {
                "name": name, "namespace": "backup", "generation": generation, "resourceVersion": version,
            },
            "spec": { "organizationRef": { "name": "acme" }, "name": name },
        });
        serde_json::from_value(resource).unwrap()
    }

    /// What is woken: whoever is concerned, and its own controller.
    fn woken(known: &mut Known, event: Event, own: OwnStatus) -> (Vec<String>, Vec<String>) {
        let woken = known.take(event, |_| None, own);
        let touches = woken.touches.iter();
        let touches = touches.map(|touch| format!("{} {:?}", touch.place.name, touch.event));
        let own = woken.own.into_iter().map(|place| place.name);
        (touches.collect(), own.collect())
    }

    fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
        words.map(str::to_owned).into()
    }

    fn list(
        known: &mut Known,
        own: OwnStatus,
        all: Vec<Observed<XoperoRepository>>,
    ) -> (Vec<String>, Vec<String>) {
        let nothing = (Vec::new(), Vec::new());
        assert_eq!(woken(known, Event::Init, own), nothing);
        for resource in all {
            let listed = woken(known, Event::InitApply(resource), own);
            assert_eq!(listed, nothing, "the store does not show it yet");
        }
        woken(known, Event::InitDone, own)
    }

    #[test]
    fn a_list_wakes_once_it_is_whole_and_by_what_it_changes() {
        let mut known = Known::default();
        let first = vec![
            repository("api", 1, "1"),
            repository("web", 1, "2"),
            repository("old", 1, "3"),
        ];
        let all = list(&mut known, OwnStatus::Sleeps, first);
        let applied = words(["api Applied", "old Applied", "web Applied"]);
        assert_eq!(all, (applied, words(["api", "old", "web"])));
        let second = vec![
            repository("api", 1, "4"),
            repository("web", 2, "5"),
            repository("new", 1, "6"),
        ];
        let changed = list(&mut known, OwnStatus::Sleeps, second);
        let touched = words(["new Applied", "web Applied", "old Deleted"]);
        assert_eq!(changed, (touched, words(["new", "web"])));
    }

    /// What somebody wrote to a status while the watch was broken is seen as what is written while it is not.
    #[test]
    fn another_status_wakes_its_own_controller_where_it_asks_for_that_also_in_a_list() {
        let mut known = Known::default();
        let listed = |version: &str| vec![repository("api", 1, version)];
        list(&mut known, OwnStatus::Wakes, listed("1"));
        let nothing = (Vec::new(), Vec::new());
        assert_eq!(list(&mut known, OwnStatus::Wakes, listed("1")), nothing);
        let own = (Vec::new(), words(["api"]));
        assert_eq!(list(&mut known, OwnStatus::Wakes, listed("2")), own);
        let applied = |version: &str| Event::Apply(repository("api", 1, version));
        assert_eq!(woken(&mut known, applied("3"), OwnStatus::Wakes), own);
        assert_eq!(woken(&mut known, applied("4"), OwnStatus::Sleeps), nothing);
    }
}
