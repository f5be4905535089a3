//! Acting: the only place from which a write to Xopero ONE comes. In slices, with what became of each change noted.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use k8s_openapi::jiff::Timestamp;
use tracing::warn;

use super::{
    super::{
        chain::chain,
        connections::{Usable, reason_of},
        failure::ReportError,
        observed::Place,
        status::Written,
    },
    Context,
    fresh_look::NotMade,
    gather::{Gathered, settings_rights},
    last_look::LastLook,
    made::{self, Made},
    report,
    slice::{Failure, Slice},
    state::State,
};
use crate::{
    api::{XoperoOrganization, conditions::ended},
    decide::{Action, Admitted, Change, Decision, Owner, Sent, Trouble},
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
                running.push(send(
                    self.usable.client.clone(),
                    (id, action),
                    TAKES_NOTHING,
                ));
            }
            let Some((action, result)) = running.next().await else {
                return slice.end(state, self.resource.spec.resync_interval());
            };
            self.note((state, &mut slice), decision, &action, result);
        }
    }

    /// Sends one step of the oldest admitted removals: counted in status first, each after a last look once it has its turn.
    ///
    /// # Errors
    /// When that was not counted, or what it was decided on not looked at: none is made for it, and it is tried again.
    pub(super) async fn removals(
        &mut self,
        state: &mut State,
        decision: &Decision,
        gathered: &Gathered,
    ) -> Result<Next, ReportError> {
        let (Some(id), Some((admitted, step))) = (state.id, decision.step(self.usable.in_flight))
        else {
            return Ok(Next::Later);
        };
        let own = own(self.resource, self.place);
        let Some(owner) = Owner::of(admitted, &gathered.claims, own) else {
            return Ok(Next::Later);
        };
        let whole = (self.context, self.place, self.resource);
        let rights = (id, settings_rights(self.usable));
        let last_look = LastLook::at(whole, rights, owner, gathered);
        // Before anything is counted: what is not heard of may last for a minute.
        if let Err(hindrance) = last_look.hears().await {
            last_look.tell(&hindrance);
            return hindered(hindrance, Next::Later);
        }
        if !self.count(state, admitted, &step).await? {
            return Ok(Next::Later);
        }
        state.memory.approve(admitted);
        let look = || last_look.lets().boxed();
        let mut running = FuturesUnordered::new();
        for action in step.into_iter().filter_map(Change::removal) {
            running.push(send(self.usable.client.clone(), (id, action), &look));
        }
        let mut results = Vec::new();
        while let Some(result) = running.next().await {
            results.push(result);
        }
        drop(running);
        let mut slice = Slice::default();
        let is_withheld = |result: &Result<(), xopero::Error>| {
            matches!(result, Err(xopero::Error::Withheld { .. }))
        };
        if results.iter().all(|(_, result)| is_withheld(result)) {
            state.ledger.withheld(admitted);
            state.memory.withheld(admitted);
        }
        let mut not_made = 0;
        for (action, result) in results {
            let is_made = match result {
                Err(xopero::Error::Withheld { .. }) => false,
                result => self
                    .note((state, &mut slice), decision, &action, result)
                    .may_be_made(),
            };
            not_made += usize::from(!is_made);
        }
        state.ledger.not_made(admitted, not_made);
        let next = slice.end(state, self.resource.spec.resync_interval());
        match last_look.hindrance() {
            Some(hindrance) => hindered(hindrance, next),
            None => Ok(next),
        }
    }

    /// Counts a step in status. `false`: there is no resource any more to count it in.
    async fn count(
        &self,
        state: &mut State,
        admitted: &Admitted,
        step: &BTreeSet<Change>,
    ) -> Result<bool, ReportError> {
        let Some(id) = state.id else {
            return Ok(false);
        };
        let mut ledger = state.ledger.clone();
        ledger.begin(admitted, step, Timestamp::now());
        let previous = std::mem::replace(&mut state.ledger, ledger);
        let counted = report::write_ledger(self.context, self.place, self.resource, state).await;
        let is_counted = matches!(counted, Ok(Written::Changed { .. } | Written::Same));
        if !is_counted {
            state.ledger = previous;
            let gone = |_| "the organization's resource is gone".to_owned();
            let why = counted.as_ref().map_or_else(|error| chain(error), gone);
            warn!(organization = %self.place, why, "Removals in {} could not be counted in status, so none was made: {why}", self.place);
            counted?;
            return Ok(false);
        }
        self.context.last_hour.note(id, &state.uid, &state.ledger);
        Ok(true)
    }

    /// Takes in what became of an action.
    fn note(
        &mut self,
        (state, slice): (&mut State, &mut Slice),
        decision: &Decision,
        action: &Action,
        result: Result<(), xopero::Error>,
    ) -> Sent {
        let is_made = result.is_ok();
        let sent = match result {
            Ok(()) => {
                slice.confirm();
                Sent::Confirmed
            }
            Err(error) => self.failed((state, slice), action, &error),
        };
        let Some(inventory) = state.inventory.as_mut() else {
            return sent;
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
        sent
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

/// How to go on where a removal was not made. What was declared meanwhile is decided on at once; what else has changed wakes the
/// organization, or is tried again.
fn hindered(hindrance: NotMade, next: Next) -> Result<Next, ReportError> {
    match hindrance {
        NotMade::Declared(_) => Ok(next),
        NotMade::Changed(_) => Ok(Next::Later),
        NotMade::NotRead(error) => Err(ReportError::Look(error)),
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

/// The last look of what takes nothing away: what would is not sent.
pub(super) static TAKES_NOTHING: &xopero::LastLook<'static> = &|| std::future::ready(false).boxed();

/// Sends one action. The one place that writes.
pub(super) async fn send(
    client: Client,
    (organization, action): (OrganizationId, Action),
    look: &xopero::LastLook<'_>,
) -> (Action, Result<(), xopero::Error>) {
    let settings = |declared: &crate::decide::Declared| PlanSettings {
        include_metadata: declared.include_metadata,
        parameters: declared.parameters.clone(),
    };
    let result = match &action {
        Action::Activate(ids) => client.activate(ids).await,
        Action::Deactivate(id) => client.deactivate(&[*id], look).await,
        Action::Attach(plan, id) => client.attach_repository(*plan, *id).await,
        Action::Detach(plan, id) => client.detach_repository(*plan, *id, look).await,
        Action::AttachProject(plan, id) => client.attach_project(*plan, *id).await,
        Action::DetachProject(plan, id) => client.detach_project(*plan, *id, look).await,
        Action::ModifyPlan(plan, declared) => {
            client.modify_git_plan(*plan, &settings(declared)).await
        }
        Action::ModifyAzurePlan(plan, declared) => {
            client.modify_azure_plan(*plan, &settings(declared)).await
        }
        Action::Sync => client.synchronize(organization).await,
        Action::Remove(id) => client.remove(*id, look).await,
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
