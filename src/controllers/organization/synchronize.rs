//! Asking Xopero ONE to read the Git service again, when that is due or a person asks for it.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use tracing::warn;

use super::{
    super::{chain::chain, connections::reason_of},
    act::{self, Acting},
    declared,
    state::State,
};
use crate::{
    api::whole_seconds,
    decide::{Action, NotAsked, Schedule, Sent, Trouble, Writes},
    inventory::trust::Asked,
    xopero,
};

/// Whether Xopero ONE reads the Git service at this moment.
pub(super) fn is_synchronizing(state: &State) -> bool {
    state
        .inventory
        .as_ref()
        .is_some_and(|inventory| inventory.organization().synchronizing == Some(true))
}

impl Acting<'_> {
    /// How long until the next is due by itself. `None`: never, as far as is declared and may be written.
    pub(super) fn until_synchronization(&self, state: &State, now: Timestamp) -> Option<Duration> {
        let schedule = Schedule {
            every: self.resource.spec.sync_interval(),
            resync: self.resource.spec.resync_interval(),
            last: state.said.status.last_sync_at.as_ref().map(|at| at.0),
        };
        let next = state.synchronization.next(schedule, now)?;
        self.may_synchronize(state)
            .then(|| Duration::try_from(next.duration_since(now)).unwrap_or_default())
    }

    fn may_synchronize(&self, state: &State) -> bool {
        let writes = |id| declared::writes(self.context, self.place, self.resource, id);
        state.id.is_some_and(|id| writes(id) == Writes::All)
    }

    /// Asks for a synchronization where one is due, or `asked` for.
    pub(super) async fn synchronize(&self, state: &mut State, asked: Asked) {
        let Some(id) = state.id.filter(|_| !self.context.stop.is_cancelled()) else {
            return;
        };
        let generation = self.resource.metadata.generation.unwrap_or_default();
        state.synchronization.note_generation(generation);
        state.synchronization.note_time(Timestamp::now());
        if is_synchronizing(state) {
            if state.synchronization.note_under_way() {
                self.begun(state).await;
            }
            return;
        }
        let is_due = if asked == Asked::ByAPerson {
            self.may_synchronize(state)
        } else {
            let left = self.until_synchronization(state, Timestamp::now());
            left.is_some_and(|left| left.is_zero())
        };
        if !is_due {
            return;
        }
        let (action, result) = act::send(
            self.usable.client.clone(),
            (id, Action::Sync),
            act::TAKES_NOTHING,
        )
        .await;
        let sent = result
            .as_ref()
            .err()
            .map_or(Sent::Confirmed, act::outcome_of);
        self.context.metrics.note_action(action.kind(), sent.word());
        match result {
            Ok(()) => self.begun(state).await,
            Err(error) => self.not_begun(state, &error, sent).await,
        }
    }

    async fn begun(&self, state: &mut State) {
        state.synchronization.succeed();
        state.said.status.last_sync_at = Some(whole_seconds(Timestamp::now()));
        if let Some(inventory) = state.inventory.as_mut() {
            let mut organization = inventory.organization().clone();
            organization.synchronizing = Some(true);
            inventory.observe_organization(organization);
        }
        let note = "Xopero ONE reads the Git service again.";
        self.context
            .announce(self.resource, "SyncRequested", "Sync", note)
            .await;
    }

    /// Said in the condition at every look, and in an event when it is another failure than before.
    async fn not_begun(&self, state: &mut State, error: &xopero::Error, sent: Sent) {
        warn!(organization = %self.place, error = chain(error), "{} could not be synchronized", self.place);
        // A refusal or a failure at this one call says nothing of the connection, and neither does an answer of another sort.
        let is_reached = matches!(sent, Sent::Refused(_) | Sent::Failed(_) | Sent::Lost);
        let trouble = Trouble {
            reason: reason_of(error.class().1),
            message: error.to_string(),
        };
        let why = match sent {
            Sent::Refused(status) => NotAsked::Refused(status),
            Sent::NotPermitted(words) => NotAsked::NotPermitted(words),
            Sent::Lost => {
                // Whether it has begun is to be seen there.
                state.listed_at = None;
                NotAsked::Lost(trouble)
            }
            Sent::Confirmed | Sent::Failed(_) | Sent::NotDone => NotAsked::Failed(trouble),
        };
        if !is_reached {
            self.context.connections.note_use(self.key, Err(error));
        }
        let before = state.synchronization.trouble();
        let generation = self.resource.metadata.generation.unwrap_or_default();
        state
            .synchronization
            .fail(why, generation, Timestamp::now());
        if let Some(now) = state.synchronization.trouble()
            && before.as_ref() != Some(&now)
        {
            self.context
                .warn(self.resource, "SyncFailed", "Sync", &now.message)
                .await;
        }
    }
}
