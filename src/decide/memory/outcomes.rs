//! What became of single changes, and how long to wait before each is repeated.

use std::time::Duration;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use crate::{
    decide::Change,
    inventory::{Inventory, Licence, PlanId, ProjectMembership, RepositoryId},
};

/// A confirmed change that was kept for this long starts anew when it is due again; also the longest interval.
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);
/// How long a refusal is remembered: past the longest interval, so that the next one is known to be another of a row.
pub(super) const REMEMBERED: Duration = Duration::from_hours(72);
/// How many confirmations are remembered: the intervals between more of them are all of the longest.
const CONFIRMATIONS: usize = 12;

/// What became of a change that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The answer confirmed it, or said of a removal that there is nothing to remove (404), and no listing says otherwise.
    Confirmed,
    /// The server refused it with this status.
    Refused(u16),
    /// The answer was lost: it may have been applied.
    Lost,
    /// The server answered that it failed, with this status: it may have been applied all the same.
    Failed(u16),
    /// It was not applied.
    NotDone,
    /// The account may not call this endpoint.
    NotPermitted(String),
}

impl Sent {
    /// All words of it.
    pub const WORDS: [&'static str; 6] = [
        "confirmed",
        "refused",
        "lost",
        "failed",
        "not-done",
        "not-permitted",
    ];

    /// Whether the change may have been made.
    pub const fn may_be_made(&self) -> bool {
        match self {
            Self::Confirmed | Self::Lost | Self::Failed(_) => true,
            Self::Refused(_) | Self::NotDone | Self::NotPermitted(_) => false,
        }
    }

    /// The word for metrics.
    pub const fn word(&self) -> &'static str {
        let [confirmed, refused, lost, failed, not_done, not_permitted] = Self::WORDS;
        match self {
            Self::Confirmed => confirmed,
            Self::Refused(_) => refused,
            Self::Lost => lost,
            Self::Failed(_) => failed,
            Self::NotDone => not_done,
            Self::NotPermitted(_) => not_permitted,
        }
    }
}

/// A change that was confirmed, with the times that it was confirmed before.
#[derive(Clone, Debug)]
pub(super) struct Confirmed {
    pub(super) at: Timestamp,
    pub(super) listing: u64,
    pub(super) earlier: Vec<Timestamp>,
}

impl Confirmed {
    pub(super) const fn first(at: Timestamp, listing: u64) -> Self {
        Self {
            at,
            listing,
            earlier: Vec::new(),
        }
    }

    pub(super) fn again(&mut self, now: Timestamp, listing: u64) {
        self.earlier.push(self.at);
        let surplus = self.earlier.len().saturating_sub(CONFIRMATIONS);
        self.earlier.drain(..surplus);
        self.at = now;
        self.listing = listing;
    }

    /// How often it was confirmed since then.
    pub(super) fn times_since(&self, ended: Timestamp) -> usize {
        let earlier = self.earlier.iter().filter(|at| **at >= ended).count();
        earlier + usize::from(self.at >= ended)
    }

    /// Until it was kept for a day. One that is undone again and again is remembered for as long as it stays undone.
    pub(super) fn is_worth_keeping(
        &self,
        change: Change,
        after: &Inventory,
        now: Timestamp,
    ) -> bool {
        now < later(self.at, LONGEST_INTERVAL)
            || (!self.earlier.is_empty() && is_undone(change, after))
    }
}

/// A change that was refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) times: usize,
    pub(super) at: Timestamp,
    pub(super) status: u16,
}

/// Whether a listing shows that a change does not hold.
pub(in crate::decide) fn is_undone(change: Change, inventory: &Inventory) -> bool {
    let licence = |id| repository(inventory, id).map(|repository| repository.licence);
    let is_member = |plan: PlanId, id| {
        repository(inventory, id).and_then(|repository| repository.plans.contains(plan))
    };
    match change {
        Change::Activate(id) => licence(id) == Some(Licence::NotHeld),
        Change::Deactivate(id) => licence(id) == Some(Licence::Held),
        Change::Attach(plan, id) => is_member(plan, id) == Some(false),
        Change::Detach(plan, id) => is_member(plan, id) == Some(true),
        Change::AttachProject(plan, project) => {
            inventory.project_membership(project, plan) == ProjectMembership::NotAll
        }
        Change::DetachProject(plan, project) => {
            inventory.project_membership(project, plan) == ProjectMembership::In
        }
        Change::Remove(id) => inventory.row(id).is_some(),
        Change::Modify(_) => false,
    }
}

/// Whether a listing shows that a change holds.
pub(super) fn is_done(change: Change, inventory: &Inventory) -> bool {
    match (change, opposite(change)) {
        (Change::Remove(id), _) => inventory.row(id).is_none(),
        (_, Some(opposite)) => is_undone(opposite, inventory),
        (_, None) => false,
    }
}

/// Whether a listing with all rows does not hold what a change is made to.
pub(super) fn is_gone(change: Change, inventory: &Inventory) -> bool {
    let is_missing = |id| inventory.row(id).is_none();
    let repository = change.repository().is_some_and(is_missing);
    let is_unknown = |id| !inventory.plans().contains_key(&id);
    let plan = change.plan().is_some_and(is_unknown);
    inventory.is_counted() && (repository || plan)
}

fn repository(inventory: &Inventory, id: RepositoryId) -> Option<&crate::inventory::Repository> {
    inventory.row(id).and_then(|row| inventory.repository(row))
}

/// The change that undoes it.
pub(super) fn opposite(change: Change) -> Option<Change> {
    match change {
        Change::Activate(id) => Some(Change::Deactivate(id)),
        Change::Deactivate(id) => Some(Change::Activate(id)),
        Change::Attach(plan, id) => Some(Change::Detach(plan, id)),
        Change::Detach(plan, id) => Some(Change::Attach(plan, id)),
        Change::AttachProject(plan, id) => Some(Change::DetachProject(plan, id)),
        Change::DetachProject(plan, id) => Some(Change::AttachProject(plan, id)),
        Change::Modify(_) | Change::Remove(_) => None,
    }
}

/// Which permission a change needs: changes of one word go through one endpoint.
pub(super) fn endpoint_word(change: Change) -> &'static str {
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
pub(in crate::decide) fn interval(resync: Duration, times: usize) -> Duration {
    let doublings = u32::try_from(times.saturating_sub(1)).unwrap_or(u32::MAX);
    let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    resync.saturating_mul(factor).min(LONGEST_INTERVAL)
}

pub(in crate::decide) fn later(at: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| at.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
