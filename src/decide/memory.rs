//! What one process remembers of an organization between decisions. Values only: outcomes go in, answers come out; time is
//! a parameter. What must survive a restart stands in status instead.

#[cfg(test)]
mod essence;
mod failures;
mod licences;
mod outcomes;
mod projects;
mod settings;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, btree_map::Entry},
    sync::Arc,
    time::Duration,
};

use k8s_openapi::jiff::Timestamp;

use super::{Admitted, By, Change, Claim, Decision, Hold};
use crate::inventory::{Inventory, Names, PlanId, RepositoryId};

pub use licences::ACTIVATION_BATCH;
pub use outcomes::Sent;

use failures::{Lost, Rows};
use licences::Activations;
use outcomes::{Confirmed, Refusal, endpoint_word, interval, is_done, later, opposite};
use projects::Projects;
use settings::SentSettings;

/// A confirmed change that was confirmed this often and is due again is not kept.
const NOT_KEPT_TIMES: usize = 3;

/// What one process remembers of an organization.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    first_due: BTreeMap<Change, u64>,
    confirmed: BTreeMap<Change, Confirmed>,
    /// Those that were confirmed more than once: few, and asked for at every item.
    repeated: BTreeSet<Change>,
    refused: BTreeMap<Change, Refusal>,
    lost: BTreeMap<Change, Lost>,
    failing: Rows,
    sent_once: BTreeMap<(Arc<str>, i64), BTreeSet<Change>>,
    activations: Activations,
    settings: BTreeMap<PlanId, SentSettings>,
    projects: Projects,
    renamed: BTreeSet<RepositoryId>,
    renamed_plans: BTreeSet<PlanId>,
    /// The names as another process left them; taken by the first listing.
    names_before: Option<Names>,
    /// What may have had another name when that ended.
    unsure: BTreeSet<RepositoryId>,
    waits_ended: HashMap<Arc<str>, Timestamp>,
    all_waits_ended: Option<Timestamp>,
    generations: HashMap<Arc<str>, i64>,
    not_permitted: BTreeMap<&'static str, (u64, String)>,
    approved: BTreeSet<(Arc<str>, Change)>,
}

/// A change and the claim that asks for it, as memory is asked about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    pub(super) uid: &'a Arc<str>,
    pub(super) change: Change,
    pub(super) derived: bool,
    pub(super) effect: Effect,
}

/// Whether listings show that a change is undone: only then is it repeated, and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// They do.
    Shown,
    /// They do not, or what they show is no reason to repeat it.
    Hidden,
}

impl Memory {
    /// The memory of a process that begins: all that is known is under which names ids were known, by what status says.
    pub fn begun(names: Option<Names>) -> Self {
        Self {
            names_before: names,
            ..Self::default()
        }
    }

    /// For status: under which names ids are known.
    pub fn names(&self, inventory: &Inventory) -> Names {
        let unsure = self.renamed.union(&self.unsure).copied().collect();
        Names::of(inventory, (&unsure, &self.renamed_plans))
    }

    /// The repositories of which it is not known whether they had another name.
    pub(super) fn unsure(&self) -> &BTreeSet<RepositoryId> {
        &self.unsure
    }

    /// Whether memory holds a change back, and why. `listing` is the number of the inventory that calls for it.
    pub(super) fn hold(
        &self,
        asking: Asking<'_>,
        listing: u64,
        now: Timestamp,
        resync: Duration,
    ) -> Option<Hold> {
        let Asking {
            uid,
            change,
            derived,
            effect,
        } = asking;
        if let Some(lost) = self.lost.get(&change)
            && lost.listing >= listing
        {
            return Some(Hold::AwaitsListing);
        }
        let ended = self.ended(uid);
        if let Some(refusal) = self.refused.get(&change)
            && refusal.at >= ended
            && now < later(refusal.at, interval(resync, refusal.times))
        {
            return Some(Hold::Refused(refusal.status));
        }
        if let Some(lost) = self.lost.get(&change).filter(|lost| lost.at >= ended)
            && lost.until(resync).is_some_and(|until| now < until)
        {
            return Some(Hold::Failed(lost.status));
        }
        if let Some(status) = self.failing.hold(change, ended, now, resync) {
            return Some(Hold::Failed(Some(status)));
        }
        let confirmed = self
            .confirmed
            .get(&change)
            .filter(|_| effect == Effect::Shown)?;
        let times = confirmed.times_since(ended);
        let not_kept = times >= NOT_KEPT_TIMES;
        if not_kept && derived {
            return Some(Hold::NotKept);
        }
        (times > 0
            && confirmed.listing < listing
            && now < later(confirmed.at, interval(resync, times)))
        .then_some(if not_kept {
            Hold::NotKept
        } else {
            Hold::Repeats
        })
    }

    /// When the waits of a claim ended last: what was remembered before says nothing against it.
    fn ended(&self, uid: &Arc<str>) -> Timestamp {
        let own = self.waits_ended.get(uid).copied();
        own.max(self.all_waits_ended).unwrap_or(Timestamp::MIN)
    }

    /// Whether the account may not make this kind of change, in the words of the error.
    pub(super) fn not_permitted(&self, change: Change, listing: u64) -> Option<&str> {
        self.not_permitted
            .get(endpoint_word(change))
            .filter(|(at, _)| *at >= listing)
            .map(|(_, message)| message.as_str())
    }

    /// Whether a change that is due was made so often for this claim that it is not kept.
    pub(super) fn is_not_kept(&self, uid: &Arc<str>, change: Change) -> bool {
        self.times_confirmed(uid, change) >= NOT_KEPT_TIMES
    }

    /// Whether a change that is as declared was not kept before, so that it is not believed yet.
    pub(super) fn is_stubborn(&self, uid: &Arc<str>, change: Change) -> bool {
        self.times_confirmed(uid, change) > NOT_KEPT_TIMES
    }

    /// How often it was confirmed for this claim, where that is more than once.
    fn times_confirmed(&self, uid: &Arc<str>, change: Change) -> usize {
        if self.repeated.is_empty() || !self.repeated.contains(&change) {
            return 0;
        }
        let confirmed = self.confirmed.get(&change);
        confirmed.map_or(0, |confirmed| confirmed.times_since(self.ended(uid)))
    }

    /// Where the outcome cannot be observed: whether the change was sent for this declaration already. A second lost answer
    /// counts as sent.
    pub(super) fn was_sent_once(&self, uid: &Arc<str>, generation: i64, change: Change) -> bool {
        let lost_twice = self
            .lost
            .get(&change)
            .is_some_and(|lost| lost.times > 1 && lost.at >= self.ended(uid));
        lost_twice || self.was_confirmed_once(uid, generation, change)
    }

    /// Whether the change was confirmed for this declaration.
    pub(super) fn was_confirmed_once(
        &self,
        uid: &Arc<str>,
        generation: i64,
        change: Change,
    ) -> bool {
        self.sent_once
            .get(&(Arc::clone(uid), generation))
            .is_some_and(|changes| changes.contains(&change))
    }

    /// Whether anything is remembered as sent for this declaration.
    pub(super) fn remembers_declaration(&self, uid: &Arc<str>, generation: i64) -> bool {
        self.sent_once.contains_key(&(Arc::clone(uid), generation))
    }

    /// The listing in which a derived removal was due first.
    pub(super) fn first_due(&self, change: Change) -> Option<u64> {
        self.first_due.get(&change).copied()
    }

    /// How many licences the next call may ask for; none where refusals have ended it until the next listing.
    pub(super) fn activation_batch(&self, listing: u64) -> Option<usize> {
        self.activations.batch(listing)
    }

    /// Which refusal was the last that the licence met when it was asked for alone: those without, and with older ones, are asked
    /// for first.
    pub(super) fn last_licence_refusal(&self, id: RepositoryId) -> Option<u64> {
        self.activations.last_refusal(id)
    }

    /// The digest of the settings that this process sent to the plan last.
    pub(super) fn settings_sent(&self, plan: PlanId) -> Option<&str> {
        self.settings.get(&plan).map(|sent| sent.digest.as_str())
    }

    /// What a plan lost when its settings were sent.
    pub(super) fn settings_harm(&self, plan: PlanId) -> Option<&str> {
        self.settings
            .get(&plan)
            .and_then(|sent| sent.harm.as_deref())
    }

    /// What was learned of projects.
    pub(super) fn projects(&self) -> &Projects {
        &self.projects
    }

    /// Whether a removal concerns something whose name changed, or may have while nobody looked: it may follow from the new name,
    /// and needs approval.
    pub(super) fn is_renamed(&self, change: Change) -> bool {
        change
            .repository()
            .is_some_and(|id| self.renamed.contains(&id) || self.unsure.contains(&id))
            || change
                .plan()
                .is_some_and(|id| self.renamed_plans.contains(&id))
    }

    /// Whether all of these are left of a set that was approved in this process.
    pub(super) fn were_approved(&self, uid: &Arc<str>, changes: &BTreeSet<Change>) -> bool {
        changes
            .iter()
            .all(|change| self.approved.contains(&(Arc::clone(uid), *change)))
    }

    /// Takes in who claims what before a decision: a changed declaration begins anew, and what was remembered of claims
    /// that are gone is forgotten. `own` are the uid and generation of the organization's resource, which claims, too.
    pub fn note_claims(&mut self, own: (&Arc<str>, i64), claims: &[Claim], now: Timestamp) {
        self.note_generation(own.0, own.1, now);
        for claim in claims {
            self.note_generation(&claim.uid, claim.generation, now);
        }
        if self.generations.len() <= claims.len() + 1 {
            return;
        }
        let known: BTreeSet<&Arc<str>> = claims
            .iter()
            .map(|claim| &claim.uid)
            .chain([own.0])
            .collect();
        let is_gone = |uid: &Arc<str>, generations: &HashMap<Arc<str>, i64>| {
            generations.contains_key(uid) && !known.contains(uid)
        };
        let generations = &self.generations;
        self.waits_ended.retain(|uid, _| !is_gone(uid, generations));
        self.sent_once
            .retain(|(uid, _), _| !is_gone(uid, generations));
        self.approved.retain(|(uid, _)| !is_gone(uid, generations));
        self.generations.retain(|uid, _| known.contains(uid));
    }

    /// A changed declaration begins anew: what was remembered against the former one ends.
    fn note_generation(&mut self, uid: &Arc<str>, generation: i64, now: Timestamp) {
        match self.generations.get(uid) {
            Some(before) if *before == generation => return,
            Some(_) => {
                self.waits_ended.insert(Arc::clone(uid), now);
                self.forget_sent(uid);
                self.approved.retain(|(owner, _)| owner != uid);
            }
            // What was made for others says nothing against a new claim.
            None if self.has_outcomes() => {
                self.waits_ended.insert(Arc::clone(uid), now);
            }
            None => {}
        }
        self.generations.insert(Arc::clone(uid), generation);
    }

    fn forget_sent(&mut self, uid: &Arc<str>) {
        let all = (Arc::clone(uid), i64::MIN)..=(Arc::clone(uid), i64::MAX);
        let former: Vec<_> = self
            .sent_once
            .range(all)
            .map(|(key, _)| key.clone())
            .collect();
        for key in former {
            self.sent_once.remove(&key);
        }
    }

    fn has_outcomes(&self) -> bool {
        !(self.confirmed.is_empty() && self.refused.is_empty() && self.lost.is_empty())
    }

    /// Takes in a decision, whether or not it is carried out: which derived removals it calls for, so that the next listing
    /// can call for them again; what status says was sent; and which approvals are left.
    pub fn note_decision(&mut self, decision: &Decision, listing: u64) {
        self.note_derived(&decision.derived, listing);
        for known in &decision.known_by_name {
            self.unsure.remove(known);
        }
        for (uid, generation, changes) in &decision.recalled {
            self.sent_once
                .entry((Arc::clone(uid), *generation))
                .or_default()
                .extend(changes);
        }
        self.approved.retain(|(uid, change)| {
            decision
                .removing
                .get(uid)
                .is_some_and(|due| due.contains(change))
        });
    }

    /// Remembers which derived removals are due by this listing; those that are not are forgotten.
    fn note_derived(&mut self, due: &BTreeSet<Change>, listing: u64) {
        self.first_due.retain(|change, _| due.contains(change));
        for change in due {
            self.first_due.entry(*change).or_insert(listing);
        }
    }

    /// An approved set is being carried out: what is left of it needs no other approval.
    pub fn approve(&mut self, admitted: &Admitted) {
        if admitted.by != By::Limit {
            let owned = admitted
                .changes
                .iter()
                .map(|change| (Arc::clone(&admitted.uid), *change));
            self.approved.extend(owned);
        }
    }

    /// What became of a call for licences. A refused batch is halved; a refused single one counts.
    pub fn note_activation(&mut self, ids: &[RepositoryId], sent: &Sent, listing: u64) {
        self.activations.note(ids, sent, listing);
    }

    /// What became of one change.
    pub fn note_sent(&mut self, change: Change, sent: &Sent, now: Timestamp, listing: u64) {
        match sent {
            Sent::Confirmed => self.note_confirmed(change, now, listing),
            // A licence that was refused in a batch says nothing about the single repository.
            Sent::Refused(_) if matches!(change, Change::Activate(_)) => {
                self.lost.remove(&change);
            }
            Sent::Refused(status) => {
                self.lost.remove(&change);
                let times = self
                    .refused
                    .get(&change)
                    .map_or(1, |refusal| refusal.times + 1);
                self.refused.insert(
                    change,
                    Refusal {
                        times,
                        at: now,
                        status: *status,
                    },
                );
            }
            Sent::Lost => self.note_lost(change, now, listing, None),
            Sent::Failed(status) => {
                self.failing.failed(change, *status, now, listing);
                self.note_lost(change, now, listing, Some(*status));
            }
            Sent::NotDone => {}
            Sent::NotPermitted(message) => {
                self.not_permitted
                    .insert(endpoint_word(change), (listing, message.clone()));
            }
        }
    }

    /// A call for several licences failed. It says little of each of them: fewer are asked for at once.
    pub fn note_batch_failed(
        &mut self,
        ids: &[RepositoryId],
        status: u16,
        now: Timestamp,
        listing: u64,
    ) {
        if let Some(first) = ids.first() {
            let change = Change::Activate(*first);
            self.failing.failed(change, status, now, listing);
        }
        for id in ids {
            let change = Change::Activate(*id);
            let before = self.lost.get(&change);
            let mut lost = Lost::again(before, now, listing, Some(status));
            lost.times = before.map_or(1, |lost| lost.times);
            self.lost.insert(change, lost);
        }
    }

    fn note_lost(&mut self, change: Change, now: Timestamp, listing: u64, status: Option<u16>) {
        let lost = Lost::again(self.lost.get(&change), now, listing, status);
        self.lost.insert(change, lost);
    }

    fn note_confirmed(&mut self, change: Change, now: Timestamp, listing: u64) {
        self.refused.remove(&change);
        self.lost.remove(&change);
        self.failing.succeeded(change);
        // Undone by ourselves, which is no reason to doubt that it would have been kept.
        if let Some(opposite) = opposite(change) {
            self.confirmed.remove(&opposite);
            self.repeated.remove(&opposite);
        }
        match self.confirmed.entry(change) {
            Entry::Occupied(mut confirmed) => {
                confirmed.get_mut().again(now, listing);
                self.repeated.insert(change);
            }
            Entry::Vacant(entry) => {
                entry.insert(Confirmed::first(now, listing));
            }
        }
        if change.is_removal() {
            // Approved once is approved once.
            self.approved.retain(|(_, approved)| *approved != change);
            settings::expect_fewer(&mut self.settings, change);
        }
    }

    /// Remembers that a change was sent for a declaration whose effect no listing shows.
    pub fn note_sent_once(&mut self, uid: &Arc<str>, generation: i64, change: Change) {
        self.sent_once
            .entry((Arc::clone(uid), generation))
            .or_default()
            .insert(change);
    }

    /// A person asked for this claim, or for the organization, to be observed now: its waits end, and so do those for licences.
    pub fn end_waits(&mut self, uid: &Arc<str>, now: Timestamp) {
        self.waits_ended.insert(Arc::clone(uid), now);
        self.activations = Activations::default();
        for sent in self.settings.values_mut().filter(|sent| sent.uid == *uid) {
            sent.harm = None;
        }
    }

    /// A person asked for the whole organization to be observed now: all waits end.
    pub fn end_all_waits(&mut self, now: Timestamp) {
        self.all_waits_ended = Some(now);
        self.activations = Activations::default();
        for sent in self.settings.values_mut() {
            sent.harm = None;
        }
    }

    /// Settings were sent; the plan is looked at again for what they did beside.
    pub fn note_settings(
        &mut self,
        uid: &Arc<str>,
        digest: &str,
        plan: PlanId,
        inventory: &Inventory,
    ) {
        if let Some(sent) = SentSettings::of(uid, digest, plan, inventory) {
            self.settings.insert(plan, sent);
        }
    }

    /// Takes in a new whole listing: renames, what settings did, what is kept, and what is long past.
    /// The harm that settings did comes back as sentences, once.
    pub fn note_listing(
        &mut self,
        before: Option<&Inventory>,
        after: &Inventory,
        now: Timestamp,
    ) -> Vec<String> {
        if let Some(known) = self.names_before.take() {
            let (repositories, plans) = known.changed(after);
            self.unsure.extend(repositories);
            self.renamed_plans.extend(plans);
        }
        if let Some(before) = before {
            self.renamed
                .extend(after.renamed_repositories(before).map(|(id, ..)| id));
            self.renamed_plans
                .extend(after.renamed_plans(before).map(|(id, ..)| id));
        }
        self.projects.learn(after, &self.confirmed);
        self.confirmed
            .retain(|change, confirmed| confirmed.is_worth_keeping(*change, after, now));
        let confirmed = &self.confirmed;
        self.repeated
            .retain(|change| confirmed.contains_key(change));
        self.refused
            .retain(|_, refusal| now < later(refusal.at, outcomes::REMEMBERED));
        // What was carried out all the same has not failed.
        self.lost.retain(|change, _| !is_done(*change, after));
        settings::harm_done(&mut self.settings, after)
    }
}
