//! Which removals may go now: two listings for the derived ones, then the cap, claim by claim, all of a claim's or none.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Change, Due, Ground, Hold, Input, assess::Assessment, ledger::Ledger};

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
    /// The exact set that is due, the steps that wait for earlier ones included.
    pub changes: BTreeSet<Change>,
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
    pub(super) paced: bool,
}

/// Judges the removals of all claims, oldest first, and writes what holds each back into the assessments.
pub(super) fn judge(
    input: &Input<'_>,
    claims: &[(&Arc<str>, &mut Assessment)],
) -> (Judged, Vec<BTreeMap<Change, Hold>>) {
    let limit = input.organization.removal_limit;
    let mut left = limit.saturating_sub(input.ledger.used(input.now));
    let mut judged = Judged::default();
    let mut owned: BTreeSet<Change> = BTreeSet::new();
    let mut holds = Vec::with_capacity(claims.len());
    for (uid, assessment) in claims {
        let mut mine = BTreeMap::new();
        let due: Vec<&Due> = assessment
            .dues
            .iter()
            .filter(|due| {
                due.change.is_removal() && due.hold.is_none() && !owned.contains(&due.change)
            })
            .collect();
        if !due.is_empty() {
            owned.extend(due.iter().map(|due| due.change));
            admit(input, uid, &due, (limit, &mut left), &mut judged, &mut mine);
        }
        holds.push(mine);
    }
    (judged, holds)
}

fn admit(
    input: &Input<'_>,
    uid: &Arc<str>,
    due: &[&Due],
    (limit, left): (usize, &mut usize),
    judged: &mut Judged,
    holds: &mut BTreeMap<Change, Hold>,
) {
    let derived: BTreeSet<Change> = due
        .iter()
        .filter(|due| due.ground == Ground::Derived)
        .map(|due| due.change)
        .collect();
    judged.derived.extend(&derived);
    let listing = input.inventory.listing();
    let seen_twice = derived.iter().all(|change| {
        input
            .memory
            .first_due(*change)
            .is_some_and(|first| first < listing)
    });
    let changes: BTreeSet<Change> = due
        .iter()
        .map(|due| due.change)
        .filter(|change| seen_twice || !derived.contains(change))
        .collect();
    if !seen_twice {
        holds.extend(derived.iter().map(|change| (*change, Hold::SecondListing)));
    }
    if changes.is_empty() {
        return;
    }
    let hold = match approval(input, uid, &changes) {
        Some(by) => {
            judged.admitted.push(Admitted {
                uid: Arc::clone(uid),
                changes,
                by,
            });
            return;
        }
        None => match needs_approval(input, &changes, &derived, limit) {
            Some(why) => {
                let token = input.ledger.token(&changes);
                judged.held.push(Held {
                    uid: Arc::clone(uid),
                    changes: changes.clone(),
                    token,
                    why,
                });
                Hold::RemovalHeld
            }
            None if changes.len() > *left => {
                judged.paced = true;
                Hold::RemovalPaced
            }
            None => {
                *left -= changes.len();
                judged.admitted.push(Admitted {
                    uid: Arc::clone(uid),
                    changes,
                    by: By::Limit,
                });
                return;
            }
        },
    };
    holds.extend(changes.iter().map(|change| (*change, hold)));
}

fn needs_approval(
    input: &Input<'_>,
    changes: &BTreeSet<Change>,
    derived: &BTreeSet<Change>,
    limit: usize,
) -> Option<Why> {
    if changes
        .iter()
        .any(|change| matches!(change, Change::Remove(_)))
    {
        return Some(Why::Removes);
    }
    if changes.len() > limit {
        return Some(Why::MoreThanTheLimit);
    }
    changes
        .iter()
        .any(|change| derived.contains(change) && input.memory.is_renamed(*change))
        .then_some(Why::Renamed)
}

fn approval(input: &Input<'_>, uid: &Arc<str>, changes: &BTreeSet<Change>) -> Option<By> {
    let token = input.ledger.token(changes);
    if input.organization.approvals.contains(&token) && !input.ledger.used_tokens().contains(&token)
    {
        return Some(By::Token(token));
    }
    let in_this_process = changes
        .iter()
        .all(|change| input.memory.approved.contains(&(Arc::clone(uid), *change)));
    (in_this_process || input.ledger.continues(uid, changes)).then_some(By::EarlierApproval)
}

/// Of the removals of one claim, those whose turn it is: a repository is detached, then deactivated, then removed.
pub(super) fn in_turn(changes: &BTreeSet<Change>) -> Vec<Change> {
    let stage = |change: Change| match change {
        Change::Detach(..) | Change::DetachProject(..) => 0,
        Change::Deactivate(_) => 1,
        Change::Remove(_) => 2,
        Change::Activate(_)
        | Change::Attach(..)
        | Change::AttachProject(..)
        | Change::Modify(_) => 3,
    };
    let mut first: BTreeMap<_, i32> = BTreeMap::new();
    for change in changes {
        if let Some(id) = change.repository() {
            let earliest = first.entry(id).or_insert(stage(*change));
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
    /// Counts one step of an admitted set before it is sent: `step` goes now, `rest` later.
    pub fn begin(
        &mut self,
        admitted: &Admitted,
        step: &BTreeSet<Change>,
        now: k8s_openapi::jiff::Timestamp,
    ) {
        let rest: BTreeSet<Change> = admitted.changes.difference(step).copied().collect();
        match &admitted.by {
            By::Limit => self.record(now, step.len()),
            By::Token(token) => {
                self.use_token(token);
                self.begin_approved(&admitted.uid, step, &rest);
            }
            By::EarlierApproval => self.begin_approved(&admitted.uid, step, &rest),
        }
    }
}
