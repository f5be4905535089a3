//! What was sent to plans as their settings, and what that did beside.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    decide::Change,
    inventory::{Inventory, PlanId},
};

/// Settings that were sent, or found in force, and the plan as it was before.
#[derive(Clone, Debug, Default)]
pub(super) struct SentSettings {
    /// For which claim they were sent, if they were.
    pub(super) uid: Option<Arc<str>>,
    /// What is in force, by its digest. `None` after an answer that was lost: it may be the one or the other.
    pub(super) digest: Option<String>,
    pub(super) harm: Option<String>,
    /// The plan as it was, until a listing begun later was compared with it and showed no harm.
    before: Option<Before>,
}

#[derive(Clone, Debug)]
struct Before {
    listing: u64,
    name: String,
    backup_type: Option<i64>,
    repository_count: Option<i64>,
}

impl SentSettings {
    pub(super) fn of(
        uid: &Arc<str>,
        digest: Option<String>,
        plan: PlanId,
        inventory: &Inventory,
    ) -> Option<Self> {
        let before = inventory.plans().get(&plan)?;
        Some(Self {
            uid: Some(Arc::clone(uid)),
            digest,
            harm: None,
            before: Some(Before {
                listing: inventory.listing(),
                name: before.name.clone(),
                backup_type: before.backup_type,
                repository_count: before.repository_count,
            }),
        })
    }

    /// A person knows of the harm.
    pub(super) fn acknowledge(&mut self) {
        if self.harm.take().is_some() {
            self.before = None;
        }
    }
}

/// A removal of our own makes plans smaller, which is no harm that settings did.
pub(super) fn expect_fewer(settings: &mut BTreeMap<PlanId, SentSettings>, change: Change) {
    for (plan, sent) in settings {
        let Some(before) = &mut sent.before else {
            continue;
        };
        match change {
            Change::Detach(of, _) if of == *plan => {
                before.repository_count =
                    before.repository_count.map(|count| count.saturating_sub(1));
            }
            // How many repositories of the plan that concerned is not known.
            Change::DetachProject(of, _) if of == *plan => before.repository_count = None,
            Change::Remove(_) => before.repository_count = None,
            Change::Detach(..)
            | Change::DetachProject(..)
            | Change::Activate(_)
            | Change::Attach(..)
            | Change::AttachProject(..)
            | Change::Modify(_)
            | Change::Deactivate(_) => {}
        }
    }
}

/// Compares each plan with what it was before its settings were sent, once, and again for as long as harm is seen: an answer that leaves
/// it out for a while is none that stays, nor what is put back. New harm comes back as sentences.
pub(super) fn harm_done(
    settings: &mut BTreeMap<PlanId, SentSettings>,
    after: &Inventory,
) -> Vec<String> {
    let mut sentences = Vec::new();
    for (id, sent) in settings {
        let Some(before) = sent
            .before
            .clone()
            .filter(|before| before.listing < after.listing())
        else {
            continue;
        };
        let harm = harm(&before, after, *id);
        if harm.is_none() {
            sent.before = None;
        }
        if harm != sent.harm {
            sentences.extend(harm.clone());
        }
        sent.harm = harm;
    }
    sentences
}

fn harm(before: &Before, after: &Inventory, plan: PlanId) -> Option<String> {
    let name = crate::inventory::display_name(&before.name);
    let Some(now) = after.plans().get(&plan) else {
        return Some(format!(
            "After its settings were sent, the plan {name:?} is no longer listed."
        ));
    };
    if now.name != before.name {
        return Some(format!(
            "After its settings were sent, the plan {name:?} is called {:?}.",
            crate::inventory::display_name(&now.name)
        ));
    }
    if now.backup_type != before.backup_type {
        return Some(format!(
            "After its settings were sent, the plan {name:?} is of another type."
        ));
    }
    let fewer = now
        .repository_count
        .zip(before.repository_count)
        .is_some_and(|(now, before)| now < before);
    fewer.then(|| {
        format!("After its settings were sent, the plan {name:?} holds fewer repositories.")
    })
}

#[cfg(test)]
mod tests;
