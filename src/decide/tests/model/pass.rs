//! The pass of the organization's controller, in its order: gather, read what is due, decide, note, send a slice or report.

use std::sync::Arc;

use k8s_openapi::jiff::SignedDuration;

use super::{
    events::{Consistency, Counting, Fate, Reading},
    system::System,
};
use crate::{
    api::{Reason, RemovalLimit},
    decide::{
        About, Action, Change, Claimant, Decision, Elsewhere, Input, Sent, Trouble, Turn,
        Visibility, decide, fixtures::Answer,
    },
    inventory::{
        Inventory,
        trust::{Asked, Expected},
    },
};

/// Actions that are sent at once.
pub(super) const IN_FLIGHT: usize = 4;
/// Listings in one step: what is due, and one for all lost answers.
const LISTINGS: usize = 3;
/// Decisions in one pass after which something never ends.
const ROUNDS: usize = 400;

impl System {
    /// One step of the process. While answers are awaited there is none.
    pub(super) fn pass(&mut self, reading: Reading, counting: Counting) {
        if !self.process.wire.is_empty() {
            return;
        }
        self.process.idle = false;
        self.keep_finalizers();
        let mut claims = self.process.claims();
        let organization = &self.process.organization;
        let own = Claimant {
            uid: &organization.uid,
            generation: organization.generation,
            given_up: false,
        };
        let memory = &mut self.process.memory;
        memory.note_claims(own, &mut claims, self.now);
        let mut needs_listing = false;
        for _ in 0..LISTINGS {
            let is_due = needs_listing || self.is_listing_due();
            if (is_due || self.synchronization_ended()) && !self.list(reading) {
                return;
            }
            self.process.ledger.prune(self.now);
            let decision = self.decide();
            self.settle(&decision);
            if decision.needs_listing {
                needs_listing = true;
                continue;
            }
            self.process.trouble = false;
            if decision.is_idle() {
                self.report(&decision);
                self.end_pass();
                return;
            }
            match self.process.turn.take(&decision) {
                Turn::Additions => self.send_additions(decision),
                Turn::Removals => self.send_removals(decision, counting),
            }
            return;
        }
        self.monitor
            .broken("a lost answer is looked up for ever".to_owned());
    }

    pub(super) fn is_listing_due(&self) -> bool {
        let process = &self.process;
        let elapsed = process.listed_at.map(|at| self.now.duration_since(at));
        let is_old =
            |elapsed: SignedDuration| elapsed.unsigned_abs() >= process.organization.resync;
        process.inventory.is_none() || process.trouble || elapsed.is_none_or(is_old)
    }

    /// Steps and answers until nothing is left to do.
    pub(super) fn run(&mut self) {
        for _ in 0..ROUNDS {
            if !self.process.wire.is_empty() {
                self.answer(Fate::Confirmed);
            } else if self.process.idle {
                return;
            } else {
                self.pass(Reading::Whole, Counting::Taken);
            }
        }
        self.monitor.broken("the pass never ends".to_owned());
    }

    /// The thin controllers put the finalizer on what needs a clean-up, and take it from what does not.
    fn keep_finalizers(&mut self) {
        for told in &mut self.process.objects {
            let needs_cleanup = told.claim.needs_cleanup();
            let Some(object) = self.store.object(&told.claim.uid) else {
                continue;
            };
            if object.claim.generation == told.claim.generation
                && object.finalizer != needs_cleanup
                && !(needs_cleanup && object.deleting)
            {
                object.finalizer = needs_cleanup;
                told.finalizer = needs_cleanup;
            }
        }
        let gone = |object: &super::store::Object| object.deleting && !object.finalizer;
        let uids: Vec<_> = self
            .store
            .objects
            .iter()
            .filter(|object| gone(object))
            .map(|object| Arc::clone(&object.claim.uid))
            .collect();
        self.store.objects.retain(|object| !gone(object));
        if self.consistency == Consistency::Current {
            let is_here = |object: &super::store::Object| !uids.contains(&object.claim.uid);
            self.process.objects.retain(is_here);
        }
    }

    /// Between listings a synchronizing organization is looked at alone.
    fn synchronization_ended(&mut self) -> bool {
        let Some(inventory) = self.process.inventory.as_mut() else {
            return false;
        };
        if inventory.organization().synchronizing != Some(true) {
            return false;
        }
        let mut organization = inventory.organization().clone();
        organization.synchronizing = Some(self.world.is_synchronizing());
        inventory.observe_organization(organization);
        !self.world.is_synchronizing()
    }

    /// One whole listing, unless it fails.
    fn list(&mut self, reading: Reading) -> bool {
        self.process.listings += 1;
        if reading == Reading::Fails {
            self.process.trouble = true;
            return false;
        }
        let mut shown = match reading {
            Reading::Lags => self.lagging.clone(),
            Reading::Whole
            | Reading::Fails
            | Reading::Synchronizing
            | Reading::Without(_)
            | Reading::Empty => self.world.clone(),
        };
        match reading {
            Reading::Without(row) => {
                let rows = shown.repositories.len().max(1);
                let id = shown.repositories.keys().nth(row % rows).copied();
                id.map(|id| shown.repositories.remove(&id));
            }
            Reading::Empty => shown.repositories.clear(),
            Reading::Whole | Reading::Fails | Reading::Synchronizing | Reading::Lags => {}
        }
        shown.listing = self.process.listings;
        let listed = shown.inventory();
        let mut before = listed.organization().clone();
        if reading == Reading::Synchronizing {
            before.synchronizing = Some(true);
        }
        let limit = u32::try_from(self.process.organization.removal_limit).unwrap_or(u32::MAX);
        let coverage = self.process.coverage;
        let expected = coverage.map(|coverage| Expected::of(coverage, RemovalLimit::Count(limit)));
        let process = &mut self.process;
        process.doubt = process
            .baseline
            .doubt(expected, &before, &listed, Asked::No);
        process.memory.note_listing(&listed, self.now);
        self.monitor
            .listed((reading, self.now), &shown, coverage, limit);
        self.process.inventory = Some(listed);
        self.process.called_before = std::mem::take(&mut self.process.called);
        self.process.seen = shown;
        self.process.listed_at = Some(self.now);
        self.process.trouble = false;
        true
    }

    pub(super) fn decide(&self) -> Decision {
        let process = &self.process;
        let trouble = Trouble {
            reason: Reason::ApiUnavailable,
            message: "The last write was not confirmed.".to_owned(),
        };
        decide(&Input {
            organization: &process.organization,
            claims: &process.claims(),
            visibility: &Visibility::Whole,
            elsewhere: &Elsewhere::default(),
            inventory: process.inventory.as_ref().expect("it is listed before"),
            doubt: process.doubt,
            memory: &process.memory,
            ledger: &process.ledger,
            trouble: process.trouble.then_some(&trouble),
            unconfirmed: None,
            now: self.now,
        })
    }

    fn settle(&mut self, decision: &Decision) {
        let process = &mut self.process;
        let listing = process.inventory.as_ref().map_or(0, Inventory::listing);
        process.memory.note_decision(decision, listing);
        if process.doubt.is_none() {
            process.ledger.end_approvals(&decision.removing);
        }
        // What it called for before it began to synchronize still counts.
        process
            .called
            .retain(|change| decision.suspended.contains(change));
        process.called.extend(&decision.derived);
        self.monitor.decides(&self.process);
    }

    fn send_additions(&mut self, decision: Decision) {
        let claims = self.process.claims();
        for action in decision.additions.iter().take(IN_FLIGHT) {
            self.monitor.adds(action, &self.process, &claims);
            self.process.wire.push_back(action.clone());
        }
        self.process.slice = Some(Arc::new(decision));
    }

    /// Nothing more is done before something happens. The next pass begins with additions.
    pub(super) fn end_pass(&mut self) {
        self.process.idle = true;
        self.process.turn = Turn::default();
    }

    /// What was sent first is answered.
    pub(super) fn answer(&mut self, fate: Fate) {
        let Some(action) = self.process.wire.pop_front() else {
            return;
        };
        let before = self.world.clone();
        let fate = self.possible(fate, &action);
        let sent = match fate {
            Fate::Late => {
                self.late.push(action.clone());
                Sent::Lost
            }
            Fate::Confirmed => self.receive(Answer::Confirmed, &action),
            Fate::Refused => self.receive(Answer::Refused(409), &action),
            Fate::NotDone => self.receive(Answer::NotDone, &action),
            Fate::LostBefore => self.receive(Answer::LostBefore, &action),
            Fate::LostAfter => self.receive(Answer::LostAfter, &action),
        };
        self.lagging = before;
        if sent == Sent::Confirmed {
            self.process.seen.land(&action);
        }
        if sent == Sent::Lost {
            self.monitor.lost(&action);
        }
        let failed = matches!(sent, Sent::Lost | Sent::NotDone);
        self.process.later |= failed;
        self.process.trouble |= failed;
        let slice = self.process.slice.clone();
        if let (Some(slice), Some(inventory)) = (slice, self.process.inventory.as_mut()) {
            let known = (inventory, &mut self.process.ledger);
            self.process
                .memory
                .note_answer((&slice, &action), &sent, known, self.now);
            let is_removal = action.changes().iter().any(|change| change.is_removal());
            if let Some(admitted) = slice.removals.first()
                && is_removal
                && !sent.may_be_made()
            {
                self.process.ledger.not_made(admitted, 1);
                self.monitor.not_made(&admitted.by);
            }
        }
        if self.process.wire.is_empty() {
            self.end_slice();
        }
    }

    fn receive(&mut self, answer: Answer, action: &Action) -> Sent {
        self.world.answers.push_back(answer);
        self.world.receive(action)
    }

    /// Nothing is added to what is not there.
    fn possible(&self, fate: Fate, action: &Action) -> Fate {
        let is_here = |change: &Change| {
            change.is_removal()
                || change
                    .repository()
                    .is_none_or(|id| self.world.repositories.contains_key(&id))
        };
        if fate == Fate::Confirmed && !action.changes().iter().all(is_here) {
            return Fate::Refused;
        }
        fate
    }

    /// Everything is answered: the pass goes on, or ends because something was not as it should be.
    pub(super) fn end_slice(&mut self) {
        self.process.slice = None;
        if std::mem::take(&mut self.process.later) {
            let decision = self.decide();
            self.report(&decision);
            // After a failure it is tried again; what else ends a slice, a watch will tell.
            if self.process.trouble {
                self.process.turn = Turn::default();
            } else {
                self.end_pass();
            }
        }
    }

    /// Statuses are written, and who is released goes.
    pub(super) fn report(&mut self, decision: &Decision) {
        self.record();
        let before = self.process.coverage.map(|coverage| (coverage, None));
        let (coverage, _) = decision
            .organization
            .coverage
            .recorded(self.process.doubt, before);
        self.process.coverage = Some(coverage);
        self.store.coverage = Some(coverage);
        self.store.names = self.process.memory.names();
        self.monitor.recorded();
        self.store.held = decision
            .organization
            .held
            .iter()
            .map(|held| held.token.clone())
            .collect();
        for verdict in &decision.verdicts {
            let Some(object) = self.store.object(&verdict.uid) else {
                continue;
            };
            let remembered = &mut object.claim.remembered;
            remembered.attached_once = verdict
                .attached_once
                .clone()
                .map(|digest| (verdict.generation, digest));
            match &verdict.about {
                About::Plan { id, settings, .. } => {
                    remembered.plan = *id;
                    remembered.settings_sent.clone_from(settings);
                }
                About::Repository { id, .. } => remembered.repository = *id,
                About::Project { id, .. } => remembered.project = *id,
            }
            if verdict.released && object.deleting && object.claim.generation == verdict.generation
            {
                let uid = Arc::clone(&verdict.uid);
                self.store.objects.retain(|object| object.claim.uid != uid);
            }
        }
        if self.consistency == Consistency::Current {
            self.deliver_all();
        }
    }

    pub(super) fn record(&mut self) {
        self.store.removals = self.process.ledger.recorded();
    }
}
