//! What was last written of each claim, for as long as its watch may not show it yet. A status decided on what a cache still shows
//! would be written once more, with other times.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use super::super::{observed::Place, status::LastStatus};

/// Entries below which there is nothing to tidy up.
const FEW: usize = 64;

/// The statuses of one kind that were written a moment ago.
#[derive(Debug)]
pub(super) struct Latest<S>(Mutex<Entries<S>>);

#[derive(Debug)]
struct Entries<S> {
    of: BTreeMap<Place, (String, LastStatus<S>)>,
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

impl<S: Clone + PartialEq> Latest<S> {
    /// The status that the object of this uid has, where it is not the one that a cache shows.
    pub(super) fn beyond(&self, place: &Place, uid: &str, cached: Option<&S>) -> Option<S> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, last) = entries.of.get(place)?;
        if of != uid || cached == Some(&last.status) {
            // Another object, or the cache has it by now: what it shows from here on is newer.
            entries.of.remove(place);
            return None;
        }
        let shown = last.shown(None).cloned();
        if shown.is_none() {
            entries.of.remove(place);
        }
        shown
    }

    /// Takes note of a status that the API server has taken.
    pub(super) fn note(&self, place: Place, uid: String, status: S) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written_at = Some(Instant::now());
        entries
            .of
            .insert(place, (uid, LastStatus { status, written_at }));
        if entries.of.len() >= entries.tidied_at {
            entries.of.retain(|_, (_, last)| last.shown(None).is_some());
            entries.tidied_at = FEW.max(2 * entries.of.len());
        }
    }
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

    fn written() -> Latest<&'static str> {
        let latest = Latest::default();
        latest.note(place(), "u".to_owned(), "second");
        latest
    }

    #[test]
    fn what_was_written_counts_until_the_cache_shows_it() {
        let latest = written();
        for cached in [None, Some(&"first"), None] {
            assert_eq!(latest.beyond(&place(), "u", cached), Some("second"));
        }
        assert_eq!(latest.beyond(&place(), "u", Some(&"second")), None);
        // Somebody else changed it since.
        assert_eq!(latest.beyond(&place(), "u", Some(&"third")), None);
    }

    #[test]
    fn another_object_of_the_name_is_not_taken_for_it() {
        let latest = written();
        assert_eq!(latest.beyond(&place(), "other", None), None);
        assert_eq!(latest.beyond(&place(), "u", None), None);
    }
}
