//! Which instances were proved, in this process, to list the repositories of the organization asked for.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use super::super::connections::Usable;

/// The proved instances, by connection and address: one whose address changed has to prove it again.
#[derive(Debug, Default)]
pub struct Scopes {
    proved: Mutex<BTreeSet<(String, String)>>,
}

impl Scopes {
    pub(super) fn is_proved(&self, usable: &Usable) -> bool {
        self.proved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&key(usable))
    }

    pub(super) fn prove(&self, usable: &Usable) {
        self.proved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key(usable));
    }
}

fn key(usable: &Usable) -> (String, String) {
    (usable.uid.to_string(), usable.url.to_string())
}
