//! What went wrong with writes whose answers were lost, for as long as one of them is waited for: between two tries Xopero ONE is read
//! without trouble, and what is said must not turn with each of them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::super::observed::Place;
use crate::{
    api::Reason,
    decide::{Decision, Difference, Trouble},
};

/// The last of each organization.
#[derive(Debug, Default)]
pub(super) struct Unconfirmed(Mutex<HashMap<Place, Trouble>>);

impl Unconfirmed {
    /// A write was not confirmed, because of this.
    pub(super) fn note(&self, place: &Place, trouble: Trouble) {
        self.troubles().insert(place.clone(), trouble);
    }

    /// What went wrong, if something is still waited for.
    pub(super) fn get(&self, place: &Place) -> Option<Trouble> {
        self.troubles().get(place).cloned()
    }

    /// Forgets it once a decision waits for nothing whose answer may have been lost. Says whether there was something to forget.
    pub(super) fn is_settled(&self, place: &Place, decision: &Decision) -> bool {
        let awaits = |(difference, _): (Difference, usize)| {
            difference.held == Some(Reason::ApiUnavailable.as_str())
        };
        let waits = !decision.is_idle() || decision.differences.count().into_iter().any(awaits);
        !waits && self.forget(place)
    }

    /// The organization is gone, or read anew. Says whether there was something to forget.
    pub(super) fn forget(&self, place: &Place) -> bool {
        self.troubles().remove(place).is_some()
    }

    fn troubles(&self) -> MutexGuard<'_, HashMap<Place, Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
