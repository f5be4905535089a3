//! What was last written of each claim, for as long as its watch does not show it yet. A status decided on what a cache still shows
//! would be written once more, with other times.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::super::observed::Place;

/// No watch is behind for longer: the API server ends it before, and a new one begins with what is there.
const MOST_BEHIND: Duration = Duration::from_mins(5);

/// Entries below which there is nothing to tidy up.
const FEW: usize = 64;

/// The statuses of one kind that were written a moment ago.
#[derive(Debug)]
pub(super) struct Latest<S>(Mutex<Entries<S>>);

#[derive(Debug)]
struct Entries<S> {
    of: BTreeMap<Place, Entry<S>>,
    /// At so many entries those are thrown away that every cache shows by now.
    tidied_at: usize,
}

#[derive(Debug)]
struct Entry<S> {
    uid: String,
    /// The version that the object had with this status.
    version: u64,
    status: S,
    written_at: Instant,
}

/// An object as a cache shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cached<'a> {
    pub(super) uid: &'a str,
    /// Its resourceVersion.
    pub(super) version: &'a str,
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
    pub(super) fn beyond(&self, place: &Place, cached: Cached<'_>) -> Option<S> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = entries.of.get(place)?;
        // Versions of one resource can be compared as numbers; one that cannot is taken for a newer one.
        let is_older = number(cached.version).is_some_and(|version| version < last.version);
        if cached.uid == last.uid && is_older && last.written_at.elapsed() < MOST_BEHIND {
            return Some(last.status.clone());
        }
        entries.of.remove(place);
        None
    }

    /// Takes note of a status that the API server has taken, and of the version that it made.
    pub(super) fn note(&self, place: Place, written: Cached<'_>, status: S) {
        let Some(version) = number(written.version) else {
            return;
        };
        let entry = Entry {
            uid: written.uid.to_owned(),
            version,
            status,
            written_at: Instant::now(),
        };
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.of.insert(place, entry);
        if entries.of.len() >= entries.tidied_at {
            entries
                .of
                .retain(|_, last| last.written_at.elapsed() < MOST_BEHIND);
            entries.tidied_at = FEW.max(2 * entries.of.len());
        }
    }
}

fn number(version: &str) -> Option<u64> {
    version.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            namespace: "backup".to_owned(),
            name: "nightly".to_owned(),
        }
    }

    const fn at(version: &str) -> Cached<'_> {
        Cached { uid: "u", version }
    }

    fn written() -> Latest<&'static str> {
        let latest = Latest::default();
        latest.note(place(), at("10"), "written");
        latest
    }

    #[test]
    fn what_was_written_counts_until_the_cache_shows_that_version_or_a_newer_one() {
        for newer in ["10", "11", "100", "unreadable"] {
            let latest = written();
            for older in ["9", "1", "9"] {
                assert_eq!(latest.beyond(&place(), at(older)), Some("written"));
            }
            assert_eq!(latest.beyond(&place(), at(newer)), None, "{newer}");
            assert_eq!(latest.beyond(&place(), at("9")), None, "it is forgotten");
        }
    }

    #[test]
    fn another_object_of_the_name_is_not_taken_for_it() {
        let other = Cached {
            uid: "other",
            version: "9",
        };
        assert_eq!(written().beyond(&place(), other), None);
    }
}
