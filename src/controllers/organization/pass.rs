//! One pass: dereference, observe when it is due, decide, act in slices, report. Each step is a file beside this one; when it is
//! due to observe, and how a failure is waited for, stands in `reading`.

mod announce;
mod next_look;
mod reading;
mod requests;
mod slices;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use k8s_openapi::jiff::Timestamp;
use tracing::debug;

use super::{
    super::{
        admission::Admission,
        claims::has_given_up,
        connections::{Connected, Usable, connection_meant},
        failure::ReportError,
        observed::Place,
    },
    BETWEEN_PASSES, Context,
    act::{Acting, Next},
    declared,
    dereference::{admission, dereference},
    elsewhere::elsewhere,
    fresh_look::is_as_begun,
    gather::{Gathered, gather, settings_rights},
    made::Made,
    plan_settings::{Moment, Shared},
    report::{self, When},
    state::State,
    twins, waiting,
};
use crate::{
    api::XoperoOrganization,
    decide::{Claim, Claimant, Decision, Input, Turn, Writes, decide},
    inventory::trust::{Asked, Doubt},
};

/// What is waited for is looked at again after this, though its change wakes the organization at once.
const WAITING_LOOK: Duration = Duration::from_mins(1);

/// Does one pass. Says when the next is due.
pub(super) async fn pass(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &mut State,
) -> Result<Duration, ReportError> {
    let interval = resource.spec.resync_interval();
    let leads_elsewhere =
        |instance: &str| twins::leads_elsewhere(context, (resource, place), instance);
    if state.instance.as_deref().is_some_and(leads_elsewhere) {
        context.leave_instance(place, state);
    }
    let usable = match dereference(context, place, resource).await {
        Ok(Some(usable)) if !leads_elsewhere(&usable.url) => usable,
        // Its change wakes the organization, and nothing was done yet that the next pass should keep apart from.
        Ok(Some(_) | None) => {
            state.begun_at = None;
            if context.is_past_the_start() {
                context.owners.note_tried(place);
            }
            return Ok(WAITING_LOOK);
        }
        Err(trouble) => {
            // Whatever failed before is not what is waited for now.
            state.recover();
            context.owners.note_tried(place);
            waiting::wait(context, place, resource, state, &trouble).await?;
            return Ok(interval.min(WAITING_LOOK));
        }
    };
    state.instance = Some(Arc::clone(&usable.url));
    state.note_client(&usable.uid, usable.generation);
    let recorded = || twins::recorded(context, place, resource);
    let id = state.id.or_else(recorded);
    if let Some(older) = twins::older_to_come(context, place, resource, id).await {
        debug!(organization = %place, "{place} waits for the first look at {older}, which is older and may be the same organization");
        return Ok(BETWEEN_PASSES);
    }
    let key = connection_meant(&resource.spec.connection_ref, &place.namespace);
    let mut pass = Pass {
        context,
        place,
        resource,
        key,
        usable,
        made: Made::default(),
        turn: Turn::default(),
        begun: Instant::now(),
    };
    let next = pass.run(state, interval).await;
    // What was made is told, whatever came after it.
    pass.announce().await;
    next
}

/// Whether Xopero ONE is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    /// When the interval is over, or what is known may be out of date.
    WhenDue,
    /// At once: a person asks for it, or nothing can be decided without.
    Now,
}

/// What a look came to.
enum Look {
    /// There is something to decide from.
    At(Gathered),
    /// It is to be looked again after this.
    Later(Duration),
}

struct Pass<'a> {
    context: &'a Context,
    place: &'a Place,
    resource: &'a XoperoOrganization,
    key: Place,
    usable: Usable,
    made: Made,
    turn: Turn,
    begun: Instant,
}

impl Pass<'_> {
    /// Looks, decides and acts, slice by slice, until there is nothing to do or to wait for what hinders it.
    async fn run(
        &mut self,
        state: &mut State,
        interval: Duration,
    ) -> Result<Duration, ReportError> {
        let mut listing = Listing::WhenDue;
        loop {
            if !self.is_current().await {
                // What changed has woken the organization already: a new pass begins at once.
                return Ok(BETWEEN_PASSES);
            }
            let gathered = match self.look(state, interval, listing).await? {
                Look::At(gathered) => gathered,
                Look::Later(wait) => return Ok(wait),
            };
            let now = Timestamp::now();
            self.bring_up_to(now, state);
            let Some((decision, moment)) = self.decide(state, &gathered, now) else {
                return Ok(interval);
            };
            listing = Listing::WhenDue;
            if self.share(&decision, moment) == Shared::OutOfDate {
                continue;
            }
            self.settle(state, &decision, &gathered.claims).await;
            // Where there is nothing left to do, what failed has to be read, to know that it is over.
            let is_over = decision.is_idle() && state.trouble.is_some();
            // What settings do beside is told by the plan as it is just before, whoever has changed it since the last listing.
            let is_outdated = decision.sends_settings()
                && state.listing_began.is_none_or(|began| began < self.begun);
            let needs_listing = decision.needs_listing || is_over || is_outdated;
            if needs_listing && !self.context.stop.is_cancelled() {
                listing = Listing::Now;
                continue;
            }
            if decision.is_idle() || self.context.stop.is_cancelled() {
                state.recover();
                if state.forget_confirmed(&decision) {
                    // What was said of it is said no more.
                    continue;
                }
                return self.finish(state, &gathered, &decision, interval).await;
            }
            let acted = self.act(state, &decision, &gathered).await;
            if matches!(acted, Ok(Next::Decide)) {
                if state.trouble.is_some() {
                    self.context.connections.note_use(&self.key, Ok(()));
                }
                state.recover();
                continue;
            }
            let Some((decision, _)) = self.decide(state, &gathered, Timestamp::now()) else {
                return Ok(interval);
            };
            let wait = self.finish(state, &gathered, &decision, interval).await?;
            return acted.map(|_| wait);
        }
    }

    /// Looks at everything there is to decide from: the claims, and Xopero ONE where that is due.
    async fn look(
        &mut self,
        state: &mut State,
        interval: Duration,
        listing: Listing,
    ) -> Result<Look, ReportError> {
        let mut gathered = self.gather(state).await;
        self.note_claims(state, &mut gathered.claims);
        let asked = self.take_requests(state, &gathered.claims);
        if let Some(wait) = self.hold_off(state, &gathered.claims, asked).await? {
            return Ok(Look::Later(wait));
        }
        let listing = match asked {
            Asked::ByAPerson => Listing::Now,
            Asked::No => listing,
        };
        let known = (state.id, state.listings);
        if let Some(wait) = self.observe(state, interval, listing).await? {
            return Ok(Look::Later(wait));
        }
        self.enter(state);
        if (state.id, state.listings) != known {
            // A listing takes its time: what was declared meanwhile counts, and what refers to other resources of the same organization.
            if !self.is_current().await {
                return Ok(Look::Later(BETWEEN_PASSES));
            }
            gathered = self.gather(state).await;
            self.note_claims(state, &mut gathered.claims);
            requests::leave_to_the_next(state, &mut gathered.claims);
        }
        let asked = state.asked;
        // What was listed in the middle of a synchronization was not what a person asked for.
        if state.doubt != Some(Doubt::Synchronizing) {
            state.asked = Asked::No;
        }
        self.acting().synchronize(state, asked).await;
        Ok(Look::At(gathered))
    }

    /// Whether the organization and its connection are still what this pass began with, and the one may still use the other.
    async fn is_current(&mut self) -> bool {
        let same = is_as_begun(self.context, self.place, self.resource);
        match self.context.connections.get(&self.key) {
            Connected::Usable(usable) if usable.url == self.usable.url => {
                self.usable = usable;
                let namespace = &self.place.namespace;
                same && admission(self.context, namespace, &self.key).await == Admission::Admitted
            }
            Connected::Usable(_)
            | Connected::Waiting { .. }
            | Connected::Unread
            | Connected::Missing => false,
        }
    }

    fn acting(&mut self) -> Acting<'_> {
        Acting {
            context: self.context,
            place: self.place,
            resource: self.resource,
            usable: &self.usable,
            key: &self.key,
            made: &mut self.made,
        }
    }

    async fn gather(&self, state: &State) -> Gathered {
        let settings = settings_rights(&self.usable);
        let own = (self.place, self.resource);
        let known = (state.id, state.inventory.as_ref());
        gather(self.context, own, known, settings).await
    }

    /// Before every decision: whom memory does not know yet, nothing is remembered against.
    fn note_claims(&self, state: &mut State, claims: &mut [Claim]) {
        let status = self.resource.status.as_ref();
        let own = Claimant {
            uid: &state.uid,
            generation: self.resource.metadata.generation.unwrap_or_default(),
            given_up: has_given_up(
                self.resource,
                status.and_then(|status| status.drift.as_ref()),
            ),
        };
        state.memory.note_claims(own, claims, Timestamp::now());
    }

    /// The removals of the last hour, and no others. Who writes counts those that another resource made before.
    fn bring_up_to(&self, now: Timestamp, state: &mut State) {
        state.ledger.prune(now);
        self.context.last_hour.prune(now);
        let Some(id) = state.id else { return };
        let hour = &self.context.last_hour;
        // What its status says it made before this process began: another one may take over.
        if state.ledger.used(now) > 0 {
            hour.note(id, &state.uid, &state.ledger);
        }
        if declared::writes(self.context, self.place, self.resource, id) == Writes::All {
            hour.hand_over(id, &state.uid, &mut state.ledger);
        }
    }

    /// After a failure nothing is called before its time, whatever wakes the organization: it and its claims say what is waited for.
    async fn hold_off(
        &self,
        state: &mut State,
        claims: &[Claim],
        asked: Asked,
    ) -> Result<Option<Duration>, ReportError> {
        let left = |at: Instant| at.checked_duration_since(Instant::now());
        let (Some(left), Asked::No) = (state.retry_at.and_then(left), asked) else {
            return Ok(None);
        };
        let Some(trouble) = state.trouble.clone() else {
            return Ok(None);
        };
        let own = (self.place, self.resource, &*state);
        waiting::tell_claims(self.context, own, claims, &trouble);
        waiting::say_meanwhile(self.context, self.place, self.resource, state, &trouble).await?;
        Ok(Some(left))
    }

    fn decide(
        &self,
        state: &State,
        gathered: &Gathered,
        now: Timestamp,
    ) -> Option<(Decision, Moment)> {
        let inventory = state.inventory.as_ref()?;
        let own = (self.place, self.resource);
        let (elsewhere, moment) = elsewhere(self.context, own, (state, &gathered.beside));
        let organization = declared::organization(self.context, self.place, self.resource, state)?;
        let decision = decide(&Input {
            organization: &organization,
            claims: &gathered.claims,
            visibility: &gathered.visibility,
            elsewhere: &elsewhere,
            inventory,
            doubt: state.doubt,
            memory: &state.memory,
            ledger: &state.ledger,
            trouble: state.trouble.as_ref(),
            unconfirmed: state.unconfirmed.as_ref(),
            now,
        });
        Some((decision, moment))
    }

    /// Tells other organizations what is set on the plans that they have in common.
    fn share(&self, decision: &Decision, moment: Moment) -> Shared {
        let settings = &self.context.plan_settings;
        let (concerned, shared) = settings.declare(self.place, &decision.setters, moment);
        for other in concerned {
            self.context.wake.organization(&other);
        }
        shared
    }

    /// Notes what a decision says of removals: for the next listing, for the log, for approvals that are over.
    async fn settle(&self, state: &mut State, decision: &Decision, claims: &[Claim]) {
        let listing = state
            .inventory
            .as_ref()
            .map_or(0, crate::inventory::Inventory::listing);
        state.memory.note_decision(decision, listing);
        if state.doubt.is_none() {
            state.ledger.end_approvals(&decision.removing);
        }
        for note in report::log_held(self.place, state, decision, claims, self.resource) {
            self.context
                .warn(self.resource, "RemovalHeld", "Remove", &note)
                .await;
        }
    }

    /// Reports everything, and says when to look again.
    async fn finish(
        &mut self,
        state: &mut State,
        gathered: &Gathered,
        decision: &Decision,
        interval: Duration,
    ) -> Result<Duration, ReportError> {
        let claims = &gathered.claims;
        report::publish(self.context, &decision.verdicts, claims, When::AtTheEnd);
        let now = Timestamp::now();
        self.context
            .looks
            .note_differences(self.place, &state.uid, decision.differences.count());
        let mut status = report::decided(self.resource, state, decision, &gathered.claims, now);
        if let Some(value) = state.requests.get(&state.uid) {
            status.last_handled_reconcile_at = Some(value.clone());
        }
        report::write(self.context, self.place, self.resource, state, status).await?;
        state.note_spoken_of(self.resource);
        if state.trouble.is_some() {
            return Ok(state.until_retry());
        }
        Ok(self.until_next_look(state, (gathered, decision), now, interval))
    }
}

#[cfg(test)]
mod tests;
