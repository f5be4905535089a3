//! What has to be seen once before the operator is ready.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Named parts, and whether each has been seen.
#[derive(Debug, Default)]
pub struct Readiness {
    parts: Mutex<BTreeMap<String, Seen>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Yes,
    NotYet,
}

impl Readiness {
    /// Names a part that has to be seen. One that was seen before, by a replica that stood by, counts as seen.
    pub fn expect(&self, part: impl Into<String>) {
        self.parts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(part.into())
            .or_insert(Seen::NotYet);
    }

    /// A part was seen.
    pub fn reached(&self, part: &str) {
        if let Some(seen) = self
            .parts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(part)
        {
            *seen = Seen::Yes;
        }
    }

    /// The parts that were not seen yet, in the order of their names.
    pub fn waiting(&self) -> Vec<String> {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts
            .iter()
            .filter(|(_, seen)| **seen == Seen::NotYet)
            .map(|(part, _)| part.clone())
            .collect()
    }

    /// Whether something was named and all of it was seen.
    pub fn is_ready(&self) -> bool {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        !parts.is_empty() && parts.values().all(|seen| *seen == Seen::Yes)
    }
}
