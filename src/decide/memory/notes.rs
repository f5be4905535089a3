//! What memory takes in: claims, decisions, answers, listings.

use std::{
    collections::{BTreeSet, HashMap, btree_map::Entry},
    sync::Arc,
};

use k8s_openapi::jiff::Timestamp;

use super::{
    Effect, Memory,
    failures::Lost,
    licences::Activations,
    outcomes::{self, Confirmed, Refusal, Sent, endpoint_word, is_done, is_gone, later, opposite},
    settings::{self, SentSettings},
};
use crate::{
    decide::{Action, Admitted, By, Change, Claim, Decision},
    inventory::{Inventory, PlanId, RepositoryId},
};

/// What a new listing tells that somebody has to be told, once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// What is known under another name, in words: `api is now gateway`.
    pub renamed: Vec<String>,
    /// What settings did beside, as sentences.
    pub harm: Vec<String>,
}

/// A resource that claims, as it is declared now.
#[derive(Clone, Copy, Debug)]
pub struct Claimant<'a> {
    /// Its uid.
    pub uid: &'a Arc<str>,
    /// Its generation.
    pub generation: i64,
    /// Whether its status says of that generation that a derived removal is made no more because it is not kept.
    pub given_up: bool,
}

impl Memory {
    /// Takes in who claims what before a decision: a changed declaration begins anew, and what was remembered of claims
    /// that are gone is forgotten. Puts in what their status does not show yet: that one was accepted once. `own` is the
    /// organization's resource, which claims, too.
    pub fn note_claims(&mut self, own: Claimant<'_>, claims: &mut [Claim], now: Timestamp) {
        self.note_time(now);
        self.note_generation(own, now);
        for claim in &mut *claims {
            let declared = Claimant {
                uid: &claim.uid,
                generation: claim.generation,
                given_up: claim.remembered.given_up,
            };
            self.note_generation(declared, now);
            if claim.takes_part() {
                self.accepted.insert(Arc::clone(&claim.uid));
            }
            claim.accepted_once |= self.accepted.contains(&claim.uid);
        }
        if self.generations.len() <= claims.len() + 1 {
            return;
        }
        let known: BTreeSet<&Arc<str>> = claims
            .iter()
            .map(|claim| &claim.uid)
            .chain([own.uid])
            .collect();
        let is_gone = |uid: &Arc<str>, generations: &HashMap<Arc<str>, i64>| {
            generations.contains_key(uid) && !known.contains(uid)
        };
        let generations = &self.generations;
        self.waits_ended.retain(|uid, _| !is_gone(uid, generations));
        self.sent_once
            .retain(|(uid, _), _| !is_gone(uid, generations));
        self.approved.retain(|(uid, _)| !is_gone(uid, generations));
        self.given_up.retain(|uid| known.contains(uid));
        self.accepted.retain(|uid| known.contains(uid));
        self.generations.retain(|uid, _| known.contains(uid));
    }

    /// A changed declaration begins anew: what was remembered against the former one ends.
    fn note_generation(&mut self, declared: Claimant<'_>, now: Timestamp) {
        let Claimant {
            uid,
            generation,
            given_up,
        } = declared;
        match self.generations.get(uid) {
            Some(before) if *before == generation => return,
            Some(_) => {
                self.waits_ended.insert(Arc::clone(uid), now);
                self.given_up.remove(uid);
                self.forget_sent(uid);
                self.approved.retain(|(owner, _)| owner != uid);
            }
            // What was made for others says nothing against a new claim.
            None => {
                self.waits_ended.insert(Arc::clone(uid), now);
                if given_up {
                    self.given_up.insert(Arc::clone(uid));
                }
            }
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

    /// Takes in a decision, whether or not it is carried out: which derived removals it calls for, so that the next listing
    /// can call for them again; what status says was sent; and which approvals are left.
    pub fn note_decision(&mut self, decision: &Decision, listing: u64) {
        self.note_derived(&decision.derived, &decision.suspended, listing);
        self.missing
            .retain(|missed, _| decision.missing.contains(missed));
        for missed in &decision.missing {
            self.missing.entry(missed.clone()).or_insert(listing);
        }
        self.may_be_renamed.end(&decision.known_by_name);
        self.followed = decision.followed.clone();
        for (uid, generation, changes) in &decision.recalled {
            self.sent_once
                .entry((Arc::clone(uid), *generation))
                .or_default()
                .extend(changes);
        }
        if decision.contested {
            for sent in self.settings.values_mut() {
                sent.digest = None;
            }
        }
        for (plan, digest) in &decision.settings_in_force {
            self.settings.entry(*plan).or_default().digest = Some(digest.clone());
        }
        self.approved.retain(|(uid, change)| {
            decision
                .removing
                .get(uid)
                .is_some_and(|due| due.contains(change))
        });
    }

    /// Remembers which derived removals are due by this listing; those that are not are forgotten. What is `suspended` is due again when
    /// the organization rests: one that synchronizes more often than it is listed would never have a second listing.
    fn note_derived(&mut self, due: &BTreeSet<Change>, suspended: &BTreeSet<Change>, listing: u64) {
        self.first_due
            .retain(|change, _| due.contains(change) || suspended.contains(change));
        for change in due {
            self.first_due.entry(*change).or_insert(listing);
        }
    }

    /// An approved set is being carried out: what is left of it needs no other approval.
    pub fn approve(&mut self, admitted: &Admitted) {
        if admitted.by != By::Limit {
            let all = admitted.changes.union(&admitted.later);
            let owned = all.map(|change| (Arc::clone(&admitted.uid), *change));
            self.approved.extend(owned);
        }
    }

    /// Nothing was sent of what a token let through: that may still be withdrawn.
    pub fn withheld(&mut self, admitted: &Admitted) {
        if matches!(admitted.by, By::Token(_)) {
            self.approved.retain(|(uid, _)| *uid != admitted.uid);
        }
    }

    /// What became of a call for licences. A refused batch is halved; a refused single one counts, and is one of its own where it is
    /// not shown whether there was a licence already.
    pub(in crate::decide) fn note_activation(
        &mut self,
        ids: &[RepositoryId],
        sent: &Sent,
        effect: Effect,
        (now, listing): (Timestamp, u64),
    ) {
        self.activations.note(ids, sent, listing, effect);
        if let ([single], Sent::Refused(status), Effect::Hidden) = (ids, sent, effect) {
            self.note_refused(Change::Activate(*single), *status, now);
        }
    }

    /// What became of one change.
    pub fn note_sent(&mut self, change: Change, sent: &Sent, now: Timestamp, listing: u64) {
        if let Change::AttachProject(plan, project) = change
            && matches!(sent, Sent::Confirmed | Sent::Lost | Sent::Failed(_))
        {
            self.projects.may_be_attached(plan, project);
        }
        match sent {
            Sent::Confirmed => self.note_confirmed(change, now, listing),
            // A licence that was refused in a batch says nothing about the single repository.
            Sent::Refused(_) if matches!(change, Change::Activate(_)) => {
                self.lost.remove(&change);
            }
            Sent::Refused(status) => {
                self.lost.remove(&change);
                self.note_refused(change, *status, now);
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

    fn note_refused(&mut self, change: Change, status: u16, now: Timestamp) {
        let before = self.refused.get(&change);
        let times = before.map_or(1, |refusal| refusal.times + 1);
        let at = now;
        self.refused.insert(change, Refusal { times, at, status });
    }

    /// A call for several licences failed. It says little of each of them: fewer are asked for at once.
    pub(in crate::decide) fn note_batch_failed(
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
        self.given_up.remove(uid);
        self.activations = Activations::default();
        let sent = self.settings.values_mut();
        for sent in sent.filter(|sent| sent.uid.as_ref() == Some(uid)) {
            sent.acknowledge();
        }
    }

    /// A person asked for the whole organization to be observed now: all waits end.
    pub fn end_all_waits(&mut self, now: Timestamp) {
        self.all_waits_ended = Some(now);
        self.given_up.clear();
        self.activations = Activations::default();
        for sent in self.settings.values_mut() {
            sent.acknowledge();
        }
    }

    /// Settings were sent; the plan is looked at again for what they did beside. Without a digest it is not known whether they
    /// came into force.
    pub fn note_settings(
        &mut self,
        uid: &Arc<str>,
        digest: Option<String>,
        plan: PlanId,
        inventory: &Inventory,
    ) {
        if let Some(sent) = SentSettings::of(uid, digest, plan, inventory) {
            self.settings.insert(plan, sent);
        }
    }

    /// What is given and taken counts whether or not it is listed next.
    pub(in crate::decide) fn note_licences(&mut self, confirmed: &Action) {
        if let Action::Activate(ids) = confirmed {
            self.licences_missing.given(ids);
        }
        if let Action::Deactivate(id) | Action::Remove(id) = confirmed {
            self.licences_missing.forget(*id);
        }
    }

    /// One is gone by our own doing: a process that begins before the next listing wonders about no name beside it.
    pub(in crate::decide) fn note_removed(&mut self, removed: RepositoryId) {
        self.names.forget(removed);
        self.may_be_renamed.repositories.remove(&removed);
    }

    /// Takes in a new whole listing: renames, what settings did, what is kept, and what is long past.
    pub fn note_listing(&mut self, after: &Inventory, now: Timestamp) -> Noted {
        let listed = self.names.list(after, now);
        self.may_be_renamed
            .extend(listed.renames.repositories, listed.renames.plans);
        // What is gone for good is no reason to doubt what is beside it.
        self.names.retain_known(&mut self.may_be_renamed);
        self.projects.learn(after, &self.confirmed);
        self.licences_missing.list(after);
        self.confirmed
            .retain(|change, confirmed| confirmed.is_worth_keeping(*change, after, now));
        let confirmed = &self.confirmed;
        self.repeated
            .retain(|change| confirmed.contains_key(change));
        self.refused
            .retain(|_, refusal| now < later(refusal.at, outcomes::REMEMBERED));
        // What was carried out all the same has not failed, and what is gone is not asked for again.
        self.lost.retain(|change, lost| {
            let is_settled = lost.awaited_listings(*change, after.listing()) == 0;
            let is_moot = is_settled && is_gone(*change, after);
            !(is_done(*change, after) || is_moot)
        });
        self.activations
            .forget_refusals(|id| after.is_counted() && after.row(id).is_none());
        Noted {
            renamed: listed.told,
            harm: settings::harm_done(&mut self.settings, after),
        }
    }
}

#[cfg(test)]
mod tests;
