//! What of a resource its status spoke of last: it follows what a person does also while Xopero ONE is left alone.

use super::state::State;
use crate::api::{XoperoOrganization, annotations};

/// What a status speaks of, beside Xopero ONE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    generation: Option<i64>,
    paused: bool,
    deleting: bool,
    needed_by: Option<Vec<String>>,
}

impl Spoken {
    fn of(resource: &XoperoOrganization, state: &State) -> Self {
        let metadata = &resource.metadata;
        let deleting = metadata.deletion_timestamp.is_some();
        Self {
            generation: metadata.generation,
            paused: annotations::is_paused(metadata),
            deleting,
            needed_by: state.needed_by.clone().filter(|_| deleting),
        }
    }
}

impl State {
    /// Notes that the status speaks of the resource as it is now.
    pub(super) fn note_spoken_of(&mut self, resource: &XoperoOrganization) {
        self.spoken_of = Some(Spoken::of(resource, self));
    }

    /// Whether the status speaks of the resource as it is now.
    pub(super) fn has_spoken_of(&self, resource: &XoperoOrganization) -> bool {
        self.spoken_of.as_ref() == Some(&Spoken::of(resource, self))
    }
}
