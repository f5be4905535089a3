//! Acting: the only place from which a write to Xopero ONE comes. In slices, with what became of each change noted.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream::FuturesUnordered};
use k8s_openapi::jiff::Timestamp;
use tracing::{info, warn};

use super::{
    super::{
        chain::chain,
        connections::{Usable, reason_of},
        observed::Place,
        status::Written,
    },
    Context,
    fresh_look::{NotMade, is_unchanged},
    made::{self, Made},
    report,
    slice::{Failure, Slice},
    state::State,
};
use crate::{
    api::{XoperoOrganization, conditions::ended},
    decide::{Action, Claim, Decision, Owner, Sent, Trouble},
    inventory::OrganizationId,
    xopero::{self, Client, Outcome, PlanSettings},
};

/// How long a slice begins new writes before everything is decided anew, so that a new declaration never waits behind ten
/// thousand attachments.
const SLICE: Duration = Duration::from_secs(2);

/// What becomes of a write whose answer was lost.
const ASKED_AGAIN: &str = " Where a listing shows that it was not done, it is asked for again at growing intervals, or at once after \
                           xopero.dev/reconcile-requested-at.";

/// Whether the pass goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Decide again.
    Decide,
    /// Xopero ONE does not answer as it should: later.
    Later,
}

/// What acting needs of a pass.
pub(super) struct Acting<'a> {
    pub(super) context: &'a Context,
    pub(super) place: &'a Place,
    pub(super) resource: &'a XoperoOrganization,
    pub(super) usable: &'a Usable,
    pub(super) key: &'a Place,
    pub(super) made: &'a mut Made,
}

impl Acting<'_> {
    /// Sends additions until the slice is over. Nothing that is on the wire is ever dropped.
    pub(super) async fn additions(&mut self, state: &mut State, decision: &Decision) -> Next {
        let Some(id) = state.id else {
            return Next::Later;
        };
        let started = Instant::now();
        let mut queue = decision.additions.iter().cloned();
        let mut running = FuturesUnordered::new();
        let mut slice = Slice::default();
        loop {
            while !slice.has_failed()
                && running.len() < self.usable.in_flight
                && started.elapsed() < SLICE
                && !self.context.stop.is_cancelled()
                && let Some(action) = queue.next()
            {
                running.push(send(self.usable.client.clone(), id, action));
            }
            let Some((action, result)) = running.next().await else {
                return slice.end(state, self.resource.spec.resync_interval());
            };
            self.note((state, &mut slice), decision, &action, result);
        }
    }

    /// Sends one step of the oldest admitted removals: counted in status first, each after a fresh look at its owner.
    pub(super) async fn removals(
        &mut self,
        state: &mut State,
        decision: &Decision,
        claims: &[Claim],
    ) -> Next {
        let (Some(id), Some((admitted, step))) = (state.id, decision.step(self.usable.in_flight))
        else {
            return Next::Later;
        };
        let mut ledger = state.ledger.clone();
        ledger.begin(admitted, &step, Timestamp::now());
        let previous = std::mem::replace(&mut state.ledger, ledger);
        let counted = report::write_ledger(self.context, self.place, self.resource, state).await;
        let why = match counted {
            Ok(Written::Changed { .. } | Written::Same) => None,
            Ok(Written::Gone) => Some("the organization's resource is gone".to_owned()),
            Err(error) => Some(chain(&error)),
        };
        if let Some(why) = why {
            state.ledger = previous;
            warn!(organization = %self.place, why, "Removals in {} could not be counted in status, so none was made: {why}", self.place);
            return Next::Later;
        }
        self.context.last_hour.note(id, &state.uid, &state.ledger);
        state.memory.approve(admitted);
        let own = own(self.resource, self.place);
        let owner = Owner::of(admitted, claims, own);
        let mut running = FuturesUnordered::new();
        for change in step {
            let Some(action) = change.removal() else {
                continue;
            };
            running.push(self.remove(id, action, owner.clone()));
        }
        let mut results = Vec::new();
        while let Some(result) = running.next().await {
            results.push(result);
        }
        drop(running);
        let mut slice = Slice::default();
        let mut not_sent = 0;
        for (action, result) in results {
            // Not sent: its owner is not what was decided on any more.
            let Some(result) = result else {
                not_sent += 1;
                continue;
            };
            self.note((state, &mut slice), decision, &action, result);
        }
        state.ledger.not_sent(admitted, not_sent);
        let next = slice.end(state, self.resource.spec.resync_interval());
        if not_sent > 0 { Next::Later } else { next }
    }

    async fn remove(
        &self,
        id: OrganizationId,
        action: Action,
        owner: Option<Owner>,
    ) -> (Action, Option<Result<(), xopero::Error>>) {
        let Some(owner) = owner else {
            return (action, None);
        };
        match is_unchanged(&owner, &self.context.client).await {
            Ok(()) => {}
            Err(NotMade::Changed(why)) => {
                info!(organization = %self.place, owner = %owner.key, why, "A removal was not made: {} is not what was decided on: {why}", owner.key);
                return (action, None);
            }
            Err(NotMade::NotRead(error)) => {
                let why = chain(&error);
                warn!(organization = %self.place, owner = %owner.key, error = why, "A removal was not made: {} could not be looked at once more: {why}", owner.key);
                return (action, None);
            }
        }
        let (action, result) = send(self.usable.client.clone(), id, action).await;
        (action, Some(result))
    }

    /// Takes in what became of an action.
    fn note(
        &mut self,
        (state, slice): (&mut State, &mut Slice),
        decision: &Decision,
        action: &Action,
        result: Result<(), xopero::Error>,
    ) {
        let is_made = result.is_ok();
        let sent = match result {
            Ok(()) => {
                slice.confirm();
                Sent::Confirmed
            }
            Err(error) => self.failed((state, slice), action, &error),
        };
        let Some(inventory) = state.inventory.as_mut() else {
            return;
        };
        let sent = state.memory.understand(action, sent, inventory);
        self.context.metrics.note_action(action.kind(), sent.word());
        if sent == Sent::Confirmed {
            if matches!(action, Action::ModifyPlan(..) | Action::ModifyAzurePlan(..)) {
                state.listed_at = None;
            }
            // What was so already is not told as made.
            if is_made {
                self.made.note(action, inventory);
            }
        }
        if let Some((plan, digest)) = decision.settings_sent((action, &sent)) {
            let own = (self.place, &state.uid);
            for other in self.context.plan_settings.note_sent(own, plan, digest) {
                self.context.wake.organization(&other);
            }
        }
        let now = Timestamp::now();
        let known = (inventory, &mut state.ledger);
        state
            .memory
            .note_answer((decision, action), &sent, known, now);
        if sent.doubts_listing(action) {
            state.doubt_listing(self.resource.spec.resync_interval());
        }
    }

    fn failed(
        &self,
        (state, slice): (&mut State, &mut Slice),
        action: &Action,
        error: &xopero::Error,
    ) -> Sent {
        let sent = outcome_of(error);
        let kind = action.kind();
        let what = |state: &State| made::named(action, state.inventory.as_ref());
        match sent {
            Sent::Confirmed | Sent::Refused(_) => return sent,
            Sent::NotPermitted(_) => {
                self.context.connections.note_use(self.key, Err(error));
                return sent;
            }
            // It answers, so it can be asked for everything else.
            Sent::Failed(_) => {
                warn!(organization = %self.place, action = kind, error = chain(error), "{kind} failed in {}: {}", self.place, what(state));
                return sent;
            }
            Sent::Lost | Sent::NotDone => {}
        }
        warn!(organization = %self.place, action = kind, error = chain(error), "{kind} was not confirmed in {}: {}", self.place, what(state));
        let mut trouble = Trouble {
            reason: reason_of(error.class().1),
            message: ended(format!("A write was not confirmed: {error}")),
        };
        // What answers wrongly to a write was reached, and is read all the same: that says nothing of the connection.
        if sent == Sent::Lost {
            trouble.message.push_str(ASKED_AGAIN);
            state.unconfirmed = Some(trouble.clone());
        } else {
            self.context.connections.note_use(self.key, Err(error));
        }
        slice.fail(Failure {
            trouble,
            retry_after: error.retry_after(),
        });
        sent
    }
}

/// What became of a write that was not confirmed.
pub(super) fn outcome_of(error: &xopero::Error) -> Sent {
    if error.class().1 == xopero::Reason::PermissionMissing {
        return Sent::NotPermitted(error.to_string());
    }
    match error.outcome() {
        Outcome::Refused => error.refusal().map_or(Sent::NotDone, Sent::Refused),
        Outcome::Unknown => error.failure().map_or(Sent::Lost, Sent::Failed),
        Outcome::NotDone => Sent::NotDone,
    }
}

/// Sends one action. The one place that writes.
pub(super) async fn send(
    client: Client,
    organization: OrganizationId,
    action: Action,
) -> (Action, Result<(), xopero::Error>) {
    let settings = |declared: &crate::decide::Declared| PlanSettings {
        include_metadata: declared.include_metadata,
        parameters: declared.parameters.clone(),
    };
    let result = match &action {
        Action::Activate(ids) => client.activate(ids).await,
        Action::Deactivate(id) => client.deactivate(&[*id]).await,
        Action::Attach(plan, id) => client.attach_repository(*plan, *id).await,
        Action::Detach(plan, id) => client.detach_repository(*plan, *id).await,
        Action::AttachProject(plan, id) => client.attach_project(*plan, *id).await,
        Action::DetachProject(plan, id) => client.detach_project(*plan, *id).await,
        Action::ModifyPlan(plan, declared) => {
            client.modify_git_plan(*plan, &settings(declared)).await
        }
        Action::ModifyAzurePlan(plan, declared) => {
            client.modify_azure_plan(*plan, &settings(declared)).await
        }
        Action::Sync => client.synchronize(organization).await,
        Action::Remove(id) => client.remove(*id).await,
    };
    (action, result)
}

/// The organization's resource, as it was decided on.
fn own(resource: &XoperoOrganization, place: &Place) -> Owner {
    Owner {
        key: super::owners::key(place),
        uid: resource.metadata.uid.as_deref().unwrap_or_default().into(),
        generation: resource.metadata.generation.unwrap_or_default(),
        deleting: resource.metadata.deletion_timestamp.is_some(),
    }
}
