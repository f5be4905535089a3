//! What one process remembers of an organization between decisions. Values only: outcomes go in, answers come out; time is
//! a parameter. What must survive a restart stands in status instead.

mod beside;
mod clock;
#[cfg(test)]
mod essence;
mod failures;
mod licences;
mod names;
mod notes;
pub(super) mod outcomes;
mod projects;
mod settings;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use k8s_openapi::jiff::Timestamp;

use super::{Change, Hold, Missed, Renames};
use crate::inventory::{Names, PlanId, RepositoryId};

pub use licences::ACTIVATION_BATCH;
pub use notes::{Claimant, Noted};
pub use outcomes::Sent;

pub(super) use beside::Beside;
use failures::{Lost, Rows};
use licences::Activations;
use names::KnownNames;
pub(super) use names::Whereabouts;
use outcomes::{Confirmed, Refusal, endpoint_word, interval, later};
use projects::Projects;
use settings::SentSettings;

/// A confirmed change that was confirmed this often and is due again is not kept.
const NOT_KEPT_TIMES: usize = 3;

/// What one process remembers of an organization.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    latest: Option<Timestamp>,
    first_due: BTreeMap<Change, u64>,
    /// What a claim named and was not listed, and since which listing.
    missing: BTreeMap<(Arc<str>, Missed), u64>,
    confirmed: BTreeMap<Change, Confirmed>,
    /// Those that were confirmed more than once: few, and asked for at every item.
    repeated: BTreeSet<Change>,
    refused: BTreeMap<Change, Refusal>,
    lost: BTreeMap<Change, Lost>,
    failing: Rows,
    sent_once: BTreeMap<(Arc<str>, i64), BTreeSet<Change>>,
    activations: Activations,
    licences_missing: licences::Missing,
    settings: BTreeMap<PlanId, SentSettings>,
    projects: Projects,
    may_be_renamed: Renames,
    /// What claims mean though their status does not say so yet. A process that begins before it does is to follow it as well.
    followed: Renames,
    names: KnownNames,
    /// Claims that were carried out, though their status does not show it yet: in a first pass, which may be long.
    accepted: BTreeSet<Arc<str>>,
    waits_ended: HashMap<Arc<str>, Timestamp>,
    all_waits_ended: Option<Timestamp>,
    generations: HashMap<Arc<str>, i64>,
    /// For whom no derived removal is made, as a process before found that they are not kept.
    given_up: BTreeSet<Arc<str>>,
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
            names: KnownNames::begun(names),
            ..Self::default()
        }
    }

    /// For status: under which names ids are known.
    pub fn names(&self) -> Option<Names> {
        let mut unsure = self.may_be_renamed.clone();
        let Renames {
            repositories,
            plans,
        } = self.followed.clone();
        unsure.extend(repositories, plans);
        self.names.for_status(&unsure)
    }

    /// The plan that had this name before the one that it has now, where this process saw that.
    pub(super) fn plan_formerly(&self, name: &str) -> Option<PlanId> {
        self.names.plan_formerly(name)
    }

    /// What was listed beside what.
    pub(super) fn beside(&self) -> &Beside {
        self.names.beside()
    }

    /// Where a repository is that is not listed.
    pub(super) fn whereabouts(&self, id: RepositoryId, now: Timestamp) -> Whereabouts<'_> {
        self.names.whereabouts(id, now)
    }

    /// The repositories that are not listed: the name that each had, and that of its project.
    pub(super) fn missing_repositories(
        &self,
    ) -> impl Iterator<Item = (RepositoryId, &str, Option<&str>)> {
        self.names.missing_repositories()
    }

    /// The plans that are not listed, by the names that they had.
    pub(super) fn missing_plans(&self) -> impl Iterator<Item = (&str, PlanId)> {
        self.names.missing_plans()
    }

    /// What has, or may have, a name that is new to the operator.
    pub(super) fn renames(&self) -> &Renames {
        &self.may_be_renamed
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
            && lost.awaited_listings(change, listing) > 0
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
        if derived && self.given_up.contains(uid) {
            return Some(Hold::NotKept);
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

    /// Whether it was refused with this status.
    pub(super) fn was_refused(&self, change: Change, status: u16) -> bool {
        let refusal = self.refused.get(&change);
        refusal.is_some_and(|refusal| refusal.status == status)
    }

    /// Whether a change that is due was made so often for this claim that it is not kept.
    pub(super) fn is_not_kept(&self, uid: &Arc<str>, change: Change) -> bool {
        let was_given_up = change.is_removal() && self.given_up.contains(uid);
        was_given_up || self.times_confirmed(uid, change) >= NOT_KEPT_TIMES
    }

    /// Whether a change that is as declared was not kept before, so that it is not believed yet.
    pub(super) fn is_stubborn(&self, uid: &Arc<str>, change: Change) -> bool {
        self.times_confirmed(uid, change) > NOT_KEPT_TIMES
    }

    /// How often it was confirmed for this claim, where that is more than once.
    fn times_confirmed(&self, uid: &Arc<str>, change: Change) -> usize {
        if !self.repeated.contains(&change) {
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

    /// Whether its answer was lost again, and nothing has shown since what became of it.
    pub(super) fn was_lost_twice(&self, change: Change) -> bool {
        let lost = self.lost.get(&change);
        lost.is_some_and(|lost| lost.times > 1)
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

    /// Whether a listing before this one missed what the claim names, and each since.
    pub(super) fn was_missing(&self, missed: &(Arc<str>, Missed), listing: u64) -> bool {
        let first = self.missing.get(missed);
        first.is_some_and(|first| *first < listing)
    }

    /// Whether the change was made by this process, and nothing undid it.
    pub(super) fn was_confirmed(&self, change: Change) -> bool {
        self.confirmed.contains_key(&change)
    }

    /// Whether a licence is asked for alone, since it was answered with a failure again, or was refused alone and may be there.
    pub(super) fn fails_alone(&self, id: RepositoryId) -> bool {
        let change = Change::Activate(id);
        let lost = self.lost.get(&change);
        lost.is_some_and(|lost| lost.times > 1 && lost.status.is_some())
            || self.refused.contains_key(&change)
    }

    /// How many had a licence and are not listed.
    pub(super) fn licences_missing(&self) -> usize {
        self.licences_missing.count()
    }

    /// How many licences the next call may ask for; none where refusals have ended it until the next listing.
    pub(super) fn activation_batch(&self, listing: u64, effect: Effect) -> Option<usize> {
        self.activations.batch(listing, effect)
    }

    /// Which refusal was the last that the licence met when it was asked for alone: those without, and with older ones, are asked
    /// for first.
    pub(super) fn last_licence_refusal(&self, id: RepositoryId) -> Option<u64> {
        self.activations.last_refusal(id)
    }

    /// The digest of the settings that are in force in the plan: those that this process has sent or found, or else what status says.
    /// None if that is not known.
    pub(super) fn settings_in_force<'a>(
        &'a self,
        plan: PlanId,
        by_status: Option<&'a str>,
    ) -> Option<&'a str> {
        match self.settings.get(&plan) {
            Some(sent) => sent.digest.as_deref(),
            None => by_status,
        }
    }

    /// Whether this process has sent settings to the plan.
    pub(super) fn has_sent_settings(&self, plan: PlanId) -> bool {
        self.settings
            .get(&plan)
            .is_some_and(|sent| sent.uid.is_some())
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

    /// Whether all of these are left of a set that was approved in this process.
    pub(super) fn were_approved(&self, uid: &Arc<str>, changes: &BTreeSet<Change>) -> bool {
        changes
            .iter()
            .all(|change| self.approved.contains(&(Arc::clone(uid), *change)))
    }
}
