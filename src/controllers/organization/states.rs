//! What is kept of each organization between its passes; locked for the length of one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{super::observed::Place, state::State};

/// What is kept of one organization.
pub(super) type Kept = Arc<tokio::sync::Mutex<Option<State>>>;

/// What is kept of all of them.
#[derive(Debug, Default)]
pub(super) struct States(Mutex<HashMap<Place, Kept>>);

impl States {
    /// What is kept of the organization at that place; nothing, at first.
    pub(super) fn of(&self, place: &Place) -> Kept {
        Arc::clone(self.states().entry(place.clone()).or_default())
    }

    /// Lets go of a place where nothing is kept any more, unless somebody else waits for what was.
    pub(super) fn release(&self, place: &Place, kept: Kept) {
        let mut states = self.states();
        drop(kept);
        if states
            .get(place)
            .is_some_and(|kept| Arc::strong_count(kept) == 1)
        {
            states.remove(place);
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.states().is_empty()
    }

    fn states(&self) -> MutexGuard<'_, HashMap<Place, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_let_go_of_once_nobody_waits_for_it() {
        let place = Place {
            namespace: "backup".to_owned(),
            name: "acme".to_owned(),
        };
        let states = States::default();
        let (ours, waits) = (states.of(&place), states.of(&place));
        states.release(&place, ours);
        assert!(
            Arc::ptr_eq(&waits, &states.of(&place)),
            "two would pass at once"
        );
        states.release(&place, waits);
        assert!(states.is_empty());
    }
}
