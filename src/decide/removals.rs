//! Which removals may go now: two listings for the derived ones, then the cap, claim by claim, all of a claim's or none.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Change, Ground, Hold, Input, assess::Assessment, ledger::Ledger};
use crate::inventory::{RepositoryId, trust::Doubt};

/// The removals of one claim that wait for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The uid of the claim.
    pub uid: Arc<str>,
    /// The exact set.
    pub changes: BTreeSet<Change>,
    /// The token that lets it through.
    pub token: String,
    /// Why it waits.
    pub why: Why,
}

/// Why a set of removals waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is larger than the limit.
    MoreThanTheLimit,
    /// It removes repositories from Xopero ONE, which always needs approval.
    Removes,
    /// It follows from a changed name.
    Renamed,
}

/// The removals of one claim that may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The uid of the claim.
    pub uid: Arc<str>,
    /// The exact set that may go, the steps that wait for earlier ones included.
    pub changes: BTreeSet<Change>,
    /// What was approved with it, and is held back for another reason: it needs no other approval.
    pub later: BTreeSet<Change>,
    /// What it was admitted by.
    pub by: By,
}

/// What a set of removals was admitted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The limit; it counts against the hour.
    Limit,
    /// This token, which is used up by the first step.
    Token(String),
    /// An approval whose token is used up already.
    EarlierApproval,
}

/// What became of all removals that are due.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) held: Vec<Held>,
    pub(super) admitted: Vec<Admitted>,
    /// All derived removals that this listing calls for.
    pub(super) derived: BTreeSet<Change>,
    /// Those that it called for as well before the organization began to synchronize: what was seen of them still counts.
    pub(super) suspended: BTreeSet<Change>,
    /// All removals that each claim calls for, whatever holds them back.
    pub(super) removing: BTreeMap<Arc<str>, BTreeSet<Change>>,
}

/// Judges the removals of all claims, oldest first, and writes what holds each back into the assessments.
pub(super) fn judge(input: &Input<'_>, claims: &mut [(&Arc<str>, &mut Assessment)]) -> Judged {
    let mut judging = Judging {
        input,
        left: input
            .organization
            .removal_limit
            .saturating_sub(input.ledger.used(input.now)),
        going: BTreeSet::new(),
        judged: Judged::default(),
    };
    for (uid, assessment) in claims {
        in_order(assessment);
        judging.claim(uid, assessment);
    }
    judging.judged
}

struct Judging<'a> {
    input: &'a Input<'a>,
    /// What is left of the hour.
    left: usize,
    /// What goes for an older claim already: it is neither counted nor sent twice.
    going: BTreeSet<Change>,
    judged: Judged,
}

impl Judging<'_> {
    fn claim(&mut self, uid: &Arc<str>, assessment: &mut Assessment) {
        let removals = assessment.dues.iter().filter(|due| due.change.is_removal());
        let due: BTreeSet<Change> = removals.clone().map(|due| due.change).collect();
        if due.is_empty() {
            return;
        }
        let since_listed = Some(Hold::Untrusted(Doubt::Synchronizing));
        if self.input.doubt.is_none() {
            let derived = removals.clone().filter(|due| due.ground == Ground::Derived);
            let suspended = derived.filter(|due| due.hold == since_listed);
            self.judged
                .suspended
                .extend(suspended.map(|due| due.change));
        }
        let mut named = BTreeSet::new();
        let mut derived = BTreeSet::new();
        for due in removals.filter(|due| due.hold.is_none()) {
            match due.ground {
                Ground::Derived => derived.insert(due.change),
                Ground::Named | Ground::Addition => named.insert(due.change),
            };
        }
        self.judged.removing.insert(Arc::clone(uid), due);
        self.judged.derived.extend(&derived);
        let listing = self.input.inventory.listing();
        let first_due = |change: &Change| self.input.memory.first_due(*change);
        let seen_twice = derived
            .iter()
            .all(|change| first_due(change).is_some_and(|first| first < listing));
        if !seen_twice {
            hold(assessment, &derived, Hold::SecondListing);
            // What is left of an approved set is known by its digest: it is judged as a whole or not at all.
            if self.input.ledger.is_carrying_out(uid) {
                hold(assessment, &named, Hold::Order);
                return;
            }
            derived.clear();
        }
        let changes: BTreeSet<Change> = named
            .iter()
            .chain(&derived)
            .filter(|change| !self.going.contains(change))
            .copied()
            .collect();
        if changes.is_empty() {
            return;
        }
        let later = self.later(uid, &changes);
        match self.admit(uid, (&changes, &later), &derived) {
            Ok(by) => {
                self.going.extend(&changes);
                self.judged.admitted.push(Admitted {
                    uid: Arc::clone(uid),
                    changes,
                    later,
                    by,
                });
            }
            Err(why) => hold(assessment, &changes, why),
        }
    }

    /// What leads to a removal from Xopero ONE is approved with it, also while a step of it is held back: a person is asked once, for
    /// all of it.
    fn later(&self, uid: &Arc<str>, changes: &BTreeSet<Change>) -> BTreeSet<Change> {
        let all = self.judged.removing.get(uid);
        let all = all.filter(|all| all.iter().copied().any(removes));
        let later = all.into_iter().flatten();
        later
            .filter(|change| !changes.contains(change) && !self.going.contains(change))
            .copied()
            .collect()
    }

    /// All of a claim's removals or none.
    fn admit(
        &mut self,
        uid: &Arc<str>,
        (changes, later): (&BTreeSet<Change>, &BTreeSet<Change>),
        derived: &BTreeSet<Change>,
    ) -> Result<By, Hold> {
        let all: BTreeSet<Change> = changes.union(later).copied().collect();
        if let Some(by) = self.approval(uid, &all) {
            return Ok(by);
        }
        if let Some(why) = self.needs_approval(&all, derived) {
            let ledger = self.input.ledger;
            self.judged.held.push(Held {
                uid: Arc::clone(uid),
                token: ledger.token(&self.input.organization.uid, &all),
                changes: all,
                why,
            });
            return Err(Hold::RemovalHeld);
        }
        let Some(left) = self.left.checked_sub(changes.len()) else {
            // Who comes after it does not use up what it waits for.
            self.left = 0;
            return Err(Hold::RemovalPaced);
        };
        self.left = left;
        Ok(By::Limit)
    }

    fn needs_approval(
        &self,
        changes: &BTreeSet<Change>,
        derived: &BTreeSet<Change>,
    ) -> Option<Why> {
        if changes.iter().copied().any(removes) {
            return Some(Why::Removes);
        }
        if changes.len() > self.input.organization.removal_limit {
            return Some(Why::MoreThanTheLimit);
        }
        let renames = self.input.memory.renames();
        derived
            .iter()
            .any(|change| renames.concern(*change, self.input.inventory))
            .then_some(Why::Renamed)
    }

    fn approval(&self, uid: &Arc<str>, changes: &BTreeSet<Change>) -> Option<By> {
        let ledger = self.input.ledger;
        let approvals = &self.input.organization.approvals;
        if let Some(token) = ledger.approving(&self.input.organization.uid, changes, approvals) {
            return Some(By::Token(token));
        }
        let continues =
            self.input.memory.were_approved(uid, changes) || ledger.continues(uid, changes);
        continues.then_some(By::EarlierApproval)
    }
}

const fn removes(change: Change) -> bool {
    matches!(change, Change::Remove(_))
}

fn hold(assessment: &mut Assessment, changes: &BTreeSet<Change>, why: Hold) {
    let dues = assessment.dues.iter_mut();
    for due in dues.filter(|due| due.hold.is_none() && changes.contains(&due.change)) {
        due.hold = Some(why);
    }
}

/// A repository is detached, then deactivated, then removed: what is held back of a clean-up holds back what comes after it.
fn in_order(assessment: &mut Assessment) {
    let mut waiting: BTreeMap<RepositoryId, u8> = BTreeMap::new();
    for due in assessment.dues.iter().filter(|due| due.hold.is_some()) {
        if let (Ground::Named, Some(id)) = (due.ground, due.change.repository()) {
            let earliest = waiting.entry(id).or_insert_with(|| stage(due.change));
            *earliest = stage(due.change).min(*earliest);
        }
    }
    if waiting.is_empty() {
        return;
    }
    for due in assessment.dues.iter_mut().filter(|due| due.hold.is_none()) {
        let earliest = due.change.repository().and_then(|id| waiting.get(&id));
        if due.change.is_removal() && earliest.is_some_and(|earliest| *earliest < stage(due.change))
        {
            due.hold = Some(Hold::Order);
        }
    }
}

const fn stage(change: Change) -> u8 {
    match change {
        Change::Detach(..) | Change::DetachProject(..) => 0,
        Change::Deactivate(_) => 1,
        Change::Remove(_) => 2,
        Change::Activate(_)
        | Change::Attach(..)
        | Change::AttachProject(..)
        | Change::Modify(_) => 3,
    }
}

/// Of the removals of one claim, those whose turn it is: a repository is detached, then deactivated, then removed.
pub(super) fn in_turn(changes: &BTreeSet<Change>) -> Vec<Change> {
    let mut first: BTreeMap<RepositoryId, u8> = BTreeMap::new();
    for change in changes {
        if let Some(id) = change.repository() {
            let earliest = first.entry(id).or_insert_with(|| stage(*change));
            *earliest = stage(*change).min(*earliest);
        }
    }
    changes
        .iter()
        .copied()
        .filter(|change| {
            change
                .repository()
                .is_none_or(|id| first.get(&id) == Some(&stage(*change)))
        })
        .collect()
}

impl Ledger {
    /// Counts one step of an admitted set before it is sent: `step` goes now, the rest later.
    pub fn begin(
        &mut self,
        admitted: &Admitted,
        step: &BTreeSet<Change>,
        now: k8s_openapi::jiff::Timestamp,
    ) {
        let all = admitted.changes.union(&admitted.later);
        let rest: BTreeSet<Change> = all
            .filter(|change| !step.contains(change))
            .copied()
            .collect();
        match &admitted.by {
            By::Limit => self.record(now, step.len()),
            By::Token(token) => {
                self.use_token(token);
                self.begin_approved(&admitted.uid, step, &rest);
            }
            By::EarlierApproval => self.begin_approved(&admitted.uid, step, &rest),
        }
    }

    /// Nothing of the step that was begun last was sent: what its token approves may still be withdrawn.
    pub fn withheld(&mut self, admitted: &Admitted) {
        match &admitted.by {
            By::Token(token) => self.give_back(&admitted.uid, token),
            By::Limit | By::EarlierApproval => {}
        }
    }

    /// Of the step that was begun last, so many were not made: they do not count against the hour. Approvals are used up all the same.
    pub fn not_made(&mut self, admitted: &Admitted, count: usize) {
        match admitted.by {
            By::Limit => self.take_back(count),
            By::Token(_) | By::EarlierApproval => {}
        }
    }
}
