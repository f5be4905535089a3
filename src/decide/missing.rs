//! What a listing misses: once is no proof that it is gone, and a clean-up that was not made is never made up for.

use super::{Change, Claim, Input, named::Named};

/// Whether a listing that is believed misses something that the claim names.
pub(super) fn misses(input: &Input<'_>, claim: &Claim, named: &Named<'_>) -> bool {
    claim.takes_part() && input.distrust().is_none() && named.misses_something()
}

/// Whether what it misses may be missing from this one listing only: not what we removed ourselves.
pub(super) fn may_come_back(input: &Input<'_>, claim: &Claim, named: &Named<'_>) -> bool {
    let is_removed = |id| input.memory.was_confirmed(Change::Remove(id));
    misses(input, claim, named)
        && !claim.remembered.repository.is_some_and(is_removed)
        && !input
            .memory
            .was_missing(&claim.uid, input.inventory.listing())
}
