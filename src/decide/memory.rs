//! What one process remembers of an organization between decisions. Values only: outcomes go in, answers come out; time is
//! a parameter. What must survive a restart stands in status instead.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{Change, Hold};
use crate::inventory::{Inventory, PlanId, ProjectId, ProjectMembership, RepositoryId};

/// A confirmed change that was kept for this long starts anew when it is due again; also the longest interval.
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);
/// A change that was confirmed this often and is due again is not kept.
const NOT_KEPT_TIMES: u32 = 3;
/// How many licences one call asks for.
pub const ACTIVATION_BATCH: usize = 50;
/// After this many refused single activations none is sent before the next listing.
const REFUSED_SINGLES: u32 = 2;

/// What became of a change that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The answer confirmed it.
    Confirmed,
    /// The server refused it with this status.
    Refused(u16),
    /// The answer was lost: it may have been applied.
    Lost,
    /// It was not applied.
    NotDone,
    /// The account may not call this endpoint.
    NotPermitted(String),
}

#[derive(Clone, Copy, Debug)]
struct Confirmed {
    times: u32,
    at: Timestamp,
    listing: u64,
}

#[derive(Clone, Copy, Debug)]
struct Refusal {
    times: u32,
    at: Timestamp,
    status: u16,
}

#[derive(Clone, Copy, Debug)]
struct Lost {
    times: u32,
    listing: u64,
}

/// How licences are asked for after refusals.
#[derive(Clone, Copy, Debug)]
struct Activation {
    batch: usize,
    refused_singles: u32,
    listing: u64,
}

/// Settings that were sent, and the plan as it was before.
#[derive(Clone, Debug)]
struct SentSettings {
    digest: String,
    listing: u64,
    name: String,
    backup_type: Option<i64>,
    repository_count: Option<i64>,
    harm: Option<String>,
}

/// What one process remembers of an organization.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    first_due: BTreeMap<Change, u64>,
    confirmed: BTreeMap<Change, Confirmed>,
    stubborn: BTreeSet<Change>,
    refused: BTreeMap<Change, Refusal>,
    lost: BTreeMap<Change, Lost>,
    sent_once: BTreeMap<(Arc<str>, i64), BTreeSet<Change>>,
    activation: Option<Activation>,
    settings: BTreeMap<(Arc<str>, PlanId), SentSettings>,
    telling_projects: BTreeSet<(PlanId, ProjectId)>,
    renamed: BTreeSet<RepositoryId>,
    renamed_plans: BTreeSet<PlanId>,
    waits_ended: BTreeMap<Arc<str>, Timestamp>,
    all_waits_ended: Option<Timestamp>,
    generations: BTreeMap<Arc<str>, i64>,
    not_permitted: BTreeMap<&'static str, (u64, String)>,
    pub(super) approved: BTreeSet<(Arc<str>, Change)>,
}

/// A change and the claim that asks for it, as memory is asked about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'a> {
    pub(super) uid: &'a Arc<str>,
    pub(super) change: Change,
    pub(super) derived: bool,
    pub(super) visible: bool,
}

impl Memory {
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
            visible,
        } = asking;
        let ended = self
            .waits_ended
            .get(uid)
            .copied()
            .max(self.all_waits_ended)
            .unwrap_or(Timestamp::MIN);
        if let Some(lost) = self.lost.get(&change)
            && lost.listing >= listing
        {
            return Some(Hold::AwaitsListing);
        }
        if let Some(refusal) = self.refused.get(&change)
            && refusal.at >= ended
            && now < later(refusal.at, interval(resync, refusal.times))
        {
            return Some(Hold::Refused(refusal.status));
        }
        let confirmed = self
            .confirmed
            .get(&change)
            .filter(|confirmed| visible && confirmed.at >= ended)?;
        let not_kept = confirmed.times >= NOT_KEPT_TIMES;
        if not_kept && derived {
            return Some(Hold::NotKept);
        }
        (confirmed.listing < listing
            && now < later(confirmed.at, interval(resync, confirmed.times)))
        .then_some(if not_kept {
            Hold::NotKept
        } else {
            Hold::Repeats
        })
    }

    /// Whether the account may not make this kind of change, in the words of the error.
    pub(super) fn not_permitted(&self, change: Change, listing: u64) -> Option<&str> {
        self.not_permitted
            .get(endpoint_word(change))
            .filter(|(at, _)| *at >= listing)
            .map(|(_, message)| message.as_str())
    }

    /// Whether a change was made again and again and never stayed.
    pub(super) fn is_stubborn(&self, change: Change) -> bool {
        self.stubborn.contains(&change)
    }

    /// Whether any change was.
    pub(super) fn any_stubborn(&self) -> bool {
        !self.stubborn.is_empty()
    }

    /// Where the outcome cannot be observed: whether the change was sent for this declaration already.
    pub(super) fn was_sent_once(&self, uid: &Arc<str>, generation: i64, change: Change) -> bool {
        let lost_twice = self.lost.get(&change).is_some_and(|lost| lost.times > 1);
        lost_twice
            || self
                .sent_once
                .get(&(Arc::clone(uid), generation))
                .is_some_and(|changes| changes.contains(&change))
    }

    /// The listing in which a derived removal was due first.
    pub(super) fn first_due(&self, change: Change) -> Option<u64> {
        self.first_due.get(&change).copied()
    }

    /// Remembers which derived removals are due by this listing; those that are not are forgotten.
    pub fn note_derived(&mut self, due: &BTreeSet<Change>, listing: u64) {
        self.first_due.retain(|change, _| due.contains(change));
        for change in due {
            self.first_due.entry(*change).or_insert(listing);
        }
    }

    /// How many licences the next call may ask for; none where refusals have ended it until the next listing.
    pub(super) fn activation_batch(&self, listing: u64) -> Option<usize> {
        match self.activation {
            Some(activation) if activation.listing == listing => {
                (activation.refused_singles < REFUSED_SINGLES).then_some(activation.batch)
            }
            Some(_) | None => Some(ACTIVATION_BATCH),
        }
    }

    /// What became of a call for licences. A refused batch is halved; a refused single one counts.
    pub fn note_activation(&mut self, size: usize, sent: &Sent, listing: u64) {
        if !matches!(sent, Sent::Refused(_)) {
            return;
        }
        let fresh = Activation {
            batch: ACTIVATION_BATCH,
            refused_singles: 0,
            listing,
        };
        let mut activation = self
            .activation
            .filter(|activation| activation.listing == listing)
            .unwrap_or(fresh);
        if size <= 1 {
            activation.refused_singles += 1;
        }
        activation.batch = activation.batch.min((size / 2).max(1));
        self.activation = Some(activation);
    }

    /// What became of one change. `claims` are those that asked for it, with their generations.
    pub fn note_sent(&mut self, change: Change, sent: &Sent, now: Timestamp, listing: u64) {
        match sent {
            Sent::Confirmed => {
                self.refused.remove(&change);
                self.lost.remove(&change);
                let before = self
                    .confirmed
                    .get(&change)
                    .filter(|c| now < later(c.at, LONGEST_INTERVAL));
                let times = before.map_or(1, |confirmed| confirmed.times + 1);
                self.confirmed.insert(
                    change,
                    Confirmed {
                        times,
                        at: now,
                        listing,
                    },
                );
                if times >= NOT_KEPT_TIMES {
                    self.stubborn.insert(change);
                }
            }
            // A licence that was refused in a batch says nothing about the single repository.
            Sent::Refused(_) if matches!(change, Change::Activate(_)) => {}
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
            Sent::Lost => {
                let times = self.lost.get(&change).map_or(1, |lost| lost.times + 1);
                self.lost.insert(change, Lost { times, listing });
            }
            Sent::NotDone => {}
            Sent::NotPermitted(message) => {
                self.not_permitted
                    .insert(endpoint_word(change), (listing, message.clone()));
            }
        }
    }

    /// Remembers that a change was sent for a declaration whose effect no listing shows.
    pub fn note_sent_once(&mut self, uid: &Arc<str>, generation: i64, change: Change) {
        self.sent_once
            .entry((Arc::clone(uid), generation))
            .or_default()
            .insert(change);
    }

    /// A person asked for these claims to be observed now: their waits end.
    pub fn end_waits(&mut self, uid: &Arc<str>, now: Timestamp) {
        self.waits_ended.insert(Arc::clone(uid), now);
        self.activation = None;
    }

    /// A person asked for the organization to be observed now: all waits end.
    pub fn end_all_waits(&mut self, now: Timestamp) {
        self.all_waits_ended = Some(now);
        self.activation = None;
    }

    /// An approved set is being carried out: what is left of it needs no other approval.
    pub fn approve(&mut self, admitted: &super::Admitted) {
        if admitted.by != super::By::Limit {
            let owned = admitted
                .changes
                .iter()
                .map(|change| (Arc::clone(&admitted.uid), *change));
            self.approved.extend(owned);
        }
    }

    /// A changed declaration begins anew: what was remembered against the former one ends.
    pub fn note_generation(&mut self, uid: &Arc<str>, generation: i64, now: Timestamp) {
        match self.generations.insert(Arc::clone(uid), generation) {
            Some(before) if before != generation => {
                self.waits_ended.insert(Arc::clone(uid), now);
                self.sent_once
                    .retain(|(owner, of), _| owner != uid || *of == generation);
                self.approved.retain(|(owner, _)| owner != uid);
            }
            Some(_) | None => {}
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
        let Some(before) = inventory.plans().get(&plan) else {
            return;
        };
        self.settings.insert(
            (Arc::clone(uid), plan),
            SentSettings {
                digest: digest.to_owned(),
                listing: inventory.listing(),
                name: before.name.clone(),
                backup_type: before.backup_type,
                repository_count: before.repository_count,
                harm: None,
            },
        );
    }

    /// The digest of the settings that this process sent for a claim.
    pub(super) fn settings_sent(&self, uid: &Arc<str>, plan: PlanId) -> Option<&str> {
        self.settings
            .get(&(Arc::clone(uid), plan))
            .map(|sent| sent.digest.as_str())
    }

    /// What a plan lost when its settings were sent.
    pub(super) fn settings_harm(&self, uid: &Arc<str>, plan: PlanId) -> Option<&str> {
        self.settings
            .get(&(Arc::clone(uid), plan))
            .and_then(|sent| sent.harm.as_deref())
    }

    /// Whether the rows of a project were seen to follow its attachment to a plan, so that their absence means something.
    pub(super) fn project_tells(&self, plan: PlanId, project: ProjectId) -> bool {
        self.telling_projects.contains(&(plan, project))
    }

    /// Whether this process attached the project, and a listing has been read since.
    pub(super) fn project_was_attached(
        &self,
        plan: PlanId,
        project: ProjectId,
        listing: u64,
    ) -> bool {
        self.confirmed
            .get(&Change::AttachProject(plan, project))
            .is_some_and(|confirmed| confirmed.listing < listing)
    }

    /// Whether a removal concerns something whose name changed: it follows from the new name and needs approval.
    pub(super) fn is_renamed(&self, change: Change) -> bool {
        change
            .repository()
            .is_some_and(|id| self.renamed.contains(&id))
            || change
                .plan()
                .is_some_and(|id| self.renamed_plans.contains(&id))
    }

    /// Takes in a new whole listing: renames, what settings did, what is kept, and what is long past.
    /// The harm that settings did comes back as sentences, once.
    pub fn note_listing(
        &mut self,
        before: Option<&Inventory>,
        after: &Inventory,
        now: Timestamp,
    ) -> Vec<String> {
        if let Some(before) = before {
            self.renamed
                .extend(after.renamed_repositories(before).map(|(id, ..)| id));
            self.renamed_plans
                .extend(after.renamed_plans(before).map(|(id, ..)| id));
        }
        self.confirmed
            .retain(|_, confirmed| now < later(confirmed.at, LONGEST_INTERVAL));
        let confirmed = &self.confirmed;
        self.stubborn
            .retain(|change| confirmed.contains_key(change));
        for project in after.projects().keys() {
            for plan in after.plans().keys() {
                if after.project_membership(*project, *plan) == ProjectMembership::In {
                    self.telling_projects.insert((*plan, *project));
                }
            }
        }
        let mut sentences = Vec::new();
        for ((_, id), sent) in &mut self.settings {
            if sent.harm.is_some() || sent.listing >= after.listing() {
                continue;
            }
            sent.harm = harm(sent, after, *id);
            sentences.extend(sent.harm.clone());
            sent.listing = u64::MAX;
        }
        sentences
    }
}

fn harm(sent: &SentSettings, after: &Inventory, plan: PlanId) -> Option<String> {
    let name = &sent.name;
    let Some(now) = after.plans().get(&plan) else {
        return Some(format!(
            "After its settings were sent, the plan {name:?} is no longer listed."
        ));
    };
    if now.name != sent.name {
        return Some(format!(
            "After its settings were sent, the plan {name:?} is called {:?}.",
            now.name
        ));
    }
    if now.backup_type != sent.backup_type {
        return Some(format!(
            "After its settings were sent, the plan {name:?} is of another type."
        ));
    }
    (now.repository_count < sent.repository_count).then(|| {
        format!("After its settings were sent, the plan {name:?} holds fewer repositories.")
    })
}

/// Which permission a change needs: changes of one word go through one endpoint.
fn endpoint_word(change: Change) -> &'static str {
    match change {
        Change::Activate(_) => "activate",
        Change::Attach(..) => "attach",
        Change::AttachProject(..) => "attach-project",
        Change::Modify(_) => "modify",
        Change::Detach(..) => "detach",
        Change::DetachProject(..) => "detach-project",
        Change::Deactivate(_) => "deactivate",
        Change::Remove(_) => "remove",
    }
}

/// Doubling from one resync up to a day.
fn interval(resync: Duration, times: u32) -> Duration {
    let factor = 1_u32
        .checked_shl(times.saturating_sub(1))
        .unwrap_or(u32::MAX);
    resync.saturating_mul(factor).min(LONGEST_INTERVAL)
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| at.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}
