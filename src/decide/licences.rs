//! Which licences are asked for now: by age of claim, then name, within the limit and what refusals tell of the pool.

use std::collections::BTreeMap;

use super::{Change, Hold, Input, assess::Assessment};
use crate::inventory::{Licence, RepositoryId};

/// The licences to ask for, in order, and what holds the others back.
#[derive(Debug, Default)]
pub(super) struct Licences {
    pub(super) batches: Vec<Vec<RepositoryId>>,
    pub(super) holds: BTreeMap<RepositoryId, Hold>,
}

/// Judges what all claims ask for, oldest first.
pub(super) fn judge<'a>(
    input: &Input<'_>,
    assessments: impl Iterator<Item = &'a Assessment>,
) -> Licences {
    let licensed = input
        .inventory
        .repositories()
        .iter()
        .filter(|r| r.licence == Licence::Held)
        .count();
    let mut left = input
        .organization
        .license_limit
        .map_or(usize::MAX, |limit| limit.saturating_sub(licensed));
    let batch = input.memory.activation_batch(input.inventory.listing());
    let mut seen = std::collections::BTreeSet::new();
    let mut asked = Vec::new();
    let mut licences = Licences::default();
    for assessment in assessments {
        for due in assessment.dues.iter().filter(|due| due.hold.is_none()) {
            let Change::Activate(id) = due.change else {
                continue;
            };
            if !seen.insert(id) {
                continue;
            }
            if left == 0 {
                licences.holds.insert(id, Hold::LicenseLimit);
            } else if batch.is_none() {
                licences.holds.insert(id, Hold::LicensesExhausted);
            } else {
                left -= 1;
                asked.push(id);
            }
        }
    }
    if let Some(size) = batch {
        licences.batches = asked
            .chunks(size.max(1))
            .map(<[RepositoryId]>::to_vec)
            .collect();
        // After a refusal one call at a time: each answer decides the size of the next.
        if size < super::ACTIVATION_BATCH {
            licences.batches.truncate(1);
        }
    }
    licences
}
