//! When the organization is looked at again.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use super::{
    super::{
        dereference::hears_of_no_labels,
        gather::{Gathered, Permissions},
        state::State,
        synchronize::is_synchronizing,
    },
    Pass, WAITING_LOOK,
};
use crate::decide::{Decision, HeldElsewhere, Visibility};

/// While the organization synchronizes it is looked at this often, so that what appears is taken up soon.
const SYNCHRONIZING_LOOK: Duration = Duration::from_secs(5);
/// As long as the process begins, it is looked at this often whether other organizations have been decided on.
const BEGINNING_LOOK: Duration = Duration::from_secs(2);

impl Pass<'_> {
    /// How long until the next look, where nothing went wrong.
    pub(super) fn until_next_look(
        &mut self,
        state: &State,
        (gathered, decision): (&Gathered, &Decision),
        now: Timestamp,
        interval: Duration,
    ) -> Duration {
        let mut next = state.until_listing(interval);
        if is_synchronizing(state) {
            next = next.min(SYNCHRONIZING_LOOK);
        } else if let Some(left) = self.acting().until_synchronization(state, now) {
            next = next.min(left);
        }
        // What could be done and is not may have been hindered by a resource whose change wakes others alone.
        if self.waits_unawakened(gathered) || !decision.is_idle() {
            next = next.min(WAITING_LOOK);
        }
        // What holds these back may end without a word: a resource that is deleted while its organization cannot be read.
        next = match decision.held_elsewhere {
            HeldElsewhere::No => next,
            HeldElsewhere::IsSet => next.min(WAITING_LOOK),
            HeldElsewhere::MayBeSet => next.min(BEGINNING_LOOK),
        };
        if let Some(release) = state.ledger.next_release(now)
            && let Ok(until) = Duration::try_from(release.duration_since(now))
        {
            next = next.min(until);
        }
        next.max(Duration::from_millis(100))
    }

    /// Whether something is waited for, and nothing wakes the organization when that is known.
    fn waits_unawakened(&self, gathered: &Gathered) -> bool {
        let is_blind = match gathered.visibility {
            Visibility::Whole => false,
            Visibility::Partial { .. }
            | Visibility::Unreadable { .. }
            | Visibility::Unseen { .. } => true,
        };
        is_blind
            || hears_of_no_labels(self.context, self.place, self.resource)
            || gathered.permissions == Permissions::Unknown
    }
}
