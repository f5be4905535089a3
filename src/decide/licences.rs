//! Which licences are asked for now: by age of claim, then name, within the limit and what refusals tell of the pool.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Change, Hold, Input, assess::Assessment, memory::Effect};
use crate::inventory::{Inventory, Licence, RepositoryId};

/// The licences to ask for, in order, and what holds the others back.
#[derive(Debug, Default)]
pub(super) struct Licences {
    pub(super) batches: Vec<Vec<RepositoryId>>,
    pub(super) holds: BTreeMap<RepositoryId, Hold>,
}

/// Judges what all claims ask for, oldest first. Where licences are not shown, those that were sent count as held.
pub(super) fn judge(input: &Input<'_>, assessments: &[Assessment]) -> Licences {
    let mut seen = HashSet::new();
    let mut asked = Vec::new();
    let mut sent: BTreeSet<Change> = BTreeSet::new();
    for assessment in assessments {
        for due in &assessment.dues {
            if let (Change::Activate(id), None) = (due.change, due.hold)
                && seen.insert(id)
            {
                asked.push(id);
            }
        }
        if !assessment.unseen.is_empty() {
            let due: BTreeSet<Change> = assessment.dues.iter().map(|due| due.change).collect();
            let is_sent =
                |change: &&Change| matches!(change, Change::Activate(_)) && !due.contains(*change);
            sent.extend(assessment.unseen.iter().filter(is_sent));
        }
    }
    let mut licences = Licences::default();
    if asked.is_empty() {
        return licences;
    }
    for id in &asked {
        sent.remove(&Change::Activate(*id));
    }
    let licensed = input
        .inventory
        .repositories()
        .iter()
        .filter(|repository| repository.licence == Licence::Held)
        .count();
    let memory = input.memory;
    // What a listing misses may have its licence all the same.
    let mut counted = licensed + memory.licences_missing() + sent.len();
    if input.doubt.is_some() {
        counted = counted.max(input.organization.licensed_before);
    }
    let mut left = input
        .organization
        .license_limit
        .map_or(usize::MAX, |limit| limit.saturating_sub(counted));
    let effect = effect_of_licences(&asked, input.inventory);
    let batch = memory.activation_batch(input.inventory.listing(), effect);
    // What was refused alone comes last, and of several that which was refused last: none keeps the others from being tried.
    asked.sort_by_key(|id| memory.last_licence_refusal(*id));
    let mut going = Vec::new();
    for id in asked {
        if left == 0 {
            licences.holds.insert(id, Hold::LicenseLimit);
        } else if batch.is_none() {
            let hold = match effect {
                Effect::Shown => Hold::LicensesExhausted,
                Effect::Hidden => Hold::OthersRefused,
            };
            licences.holds.insert(id, hold);
        } else {
            left -= 1;
            going.push(id);
        }
    }
    if let Some(size) = batch {
        // What keeps failing is asked for alone, so that it makes none fail with it.
        let (failing, going): (Vec<_>, Vec<_>) =
            going.into_iter().partition(|id| memory.fails_alone(*id));
        let together = going.chunks(size.max(1));
        licences.batches = together
            .chain(failing.chunks(1))
            .map(<[RepositoryId]>::to_vec)
            .collect();
        // After a refusal one call at a time: each answer decides the size of the next.
        if size < super::ACTIVATION_BATCH {
            licences.batches.truncate(1);
        }
    }
    licences
}

/// Whether the listing shows that one of these has no licence, so that a refusal tells of the pool.
pub(super) fn effect_of_licences(ids: &[RepositoryId], inventory: &Inventory) -> Effect {
    let is_shown = ids.iter().any(|id| {
        let row = inventory.row(*id).and_then(|row| inventory.repository(row));
        row.is_some_and(|repository| repository.licence != Licence::Unknown)
    });
    if is_shown {
        Effect::Shown
    } else {
        Effect::Hidden
    }
}
