//! What a listing misses: once is no proof that it is gone, and a clean-up that was not made is never made up for.

use std::sync::Arc;

use super::{Change, Claim, Input, named::Named};

/// What is not listed, of what a claim names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missed {
    /// The plan of that name.
    Plan(String),
    /// The repository that it is about.
    Repository,
    /// The project that it is about.
    Project,
}

/// What a listing that is believed misses of what the claim names.
pub(super) fn missed(
    input: &Input<'_>,
    claim: &Claim,
    named: &Named<'_>,
) -> Vec<(Arc<str>, Missed)> {
    if !claim.takes_part() || input.distrust().is_some() {
        return Vec::new();
    }
    let plans = named.plans.iter();
    let plans = plans.filter(|(_, plan)| plan.is_missing());
    let plans = plans.map(|(name, _)| Missed::Plan((*name).to_owned()));
    let repository = named.repository.as_ref();
    let repository = repository.filter(|repository| repository.is_missing());
    let project = named.project.as_ref();
    let project = project.filter(|project| project.is_missing());
    plans
        .chain(repository.map(|_| Missed::Repository))
        .chain(project.map(|_| Missed::Project))
        .map(|missed| (Arc::clone(&claim.uid), missed))
        .collect()
}

/// Whether any of it may be missing from this one listing only: not what we removed ourselves.
pub(super) fn may_come_back(input: &Input<'_>, claim: &Claim, named: &Named<'_>) -> bool {
    let is_removed = |id| input.memory.was_confirmed(Change::Remove(id));
    let listing = input.inventory.listing();
    missed(input, claim, named).iter().any(|missed| {
        let removed =
            missed.1 == Missed::Repository && claim.remembered.repository.is_some_and(is_removed);
        !removed && !input.memory.was_missing(missed, listing)
    })
}
