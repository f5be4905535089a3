//! What was last written of each claim, for as long as its watch does not show it yet.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::super::{observed::Place, status::LastStatus};

/// Entries below which there is nothing to tidy up.
const FEW: usize = 64;

/// The statuses of one kind that were written a moment ago.
#[derive(Debug)]
pub(super) struct Latest<S>(Mutex<Entries<S>>);

#[derive(Debug)]
struct Entries<S> {
    /// With the uid of the object.
    of: BTreeMap<Place, (Option<String>, LastStatus<S>)>,
    /// At so many entries those are thrown away that every cache shows by now.
    tidied_at: usize,
}

impl<S> Default for Latest<S> {
    fn default() -> Self {
        Self(Mutex::new(Entries {
            of: BTreeMap::new(),
            tidied_at: FEW,
        }))
    }
}

impl<S: Clone> Latest<S> {
    /// The status that the object has, where a cache shows an older version of it.
    pub(super) fn beyond(&self, place: &Place, cached: &ObjectMeta) -> Option<S> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (uid, last) = entries.of.get(place)?;
        if *uid == cached.uid && last.is_ahead_of(cached) {
            return Some(last.status.clone());
        }
        entries.of.remove(place);
        None
    }

    /// Takes note of a status that the API server has taken.
    pub(super) fn note(&self, place: Place, uid: Option<String>, said: LastStatus<S>) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.of.insert(place, (uid, said));
        if entries.of.len() >= entries.tidied_at {
            entries.of.retain(|_, (_, last)| last.is_recent());
            entries.tidied_at = FEW.max(2 * entries.of.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::super::status::Written, *};

    fn place() -> Place {
        Place {
            namespace: "backup".to_owned(),
            name: "nightly".to_owned(),
        }
    }

    fn at(version: &str) -> ObjectMeta {
        ObjectMeta {
            uid: Some("u".to_owned()),
            resource_version: Some(version.to_owned()),
            ..ObjectMeta::default()
        }
    }

    fn written() -> Latest<&'static str> {
        let latest = Latest::default();
        let version = Some(10);
        let said = LastStatus::then(None, "written", Written::Changed { version });
        latest.note(place(), at("10").uid, said);
        latest
    }

    #[test]
    fn it_is_forgotten_once_the_cache_has_shown_it() {
        let latest = written();
        for _ in 0..2 {
            assert_eq!(latest.beyond(&place(), &at("9")), Some("written"));
        }
        assert_eq!(latest.beyond(&place(), &at("10")), None);
        assert_eq!(latest.beyond(&place(), &at("9")), None);
    }

    #[test]
    fn another_object_of_the_name_is_not_taken_for_it() {
        let other = ObjectMeta {
            uid: Some("other".to_owned()),
            ..at("9")
        };
        assert_eq!(written().beyond(&place(), &other), None);
    }
}
