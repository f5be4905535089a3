//! What is added: the actions in their order, and what must be remembered of each once it is sent.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use super::{
    Action, Change, Claim, Declared, Input, Service, Settings, Wants,
    assess::{Assessment, Sending},
};
use crate::inventory::{PlanId, RepositoryId};

/// Additions, and what must be remembered of what is sent.
#[derive(Debug, Default)]
pub(super) struct Additions {
    pub(super) actions: Vec<Action>,
    pub(super) unseen: BTreeMap<Change, Vec<(Arc<str>, i64)>>,
    pub(super) recalled: Vec<(Arc<str>, i64, BTreeSet<Change>)>,
    pub(super) settings: BTreeMap<PlanId, (Arc<str>, String)>,
    pub(super) settings_in_force: BTreeMap<PlanId, String>,
}

/// Licences first, then what each claim adds, each change once: for the youngest that calls for it. The claims take turns, and the
/// youngest begins whenever it is decided anew: a new declaration waits behind no older one, however much that has to add.
pub(super) fn gather(
    input: &Input<'_>,
    claims: &[&Claim],
    assessments: &[Assessment],
    batches: Vec<Vec<RepositoryId>>,
) -> Additions {
    let mut additions = Additions {
        actions: batches.into_iter().map(Action::Activate).collect(),
        ..Additions::default()
    };
    let mut seen = HashSet::new();
    let mut queues = Vec::with_capacity(claims.len());
    for (claim, assessment) in claims.iter().zip(assessments).rev() {
        if assessment.sending == Sending::DoneBefore {
            let sent = assessment.unseen.iter().copied();
            let sent = sent.filter(|change| !input.memory.was_lost_twice(*change));
            let recalled = (Arc::clone(&claim.uid), claim.generation, sent.collect());
            additions.recalled.push(recalled);
        }
        if let Some(plan) = assessment.settings_in_force {
            let digest = assessment.settings_digest.clone();
            additions
                .settings_in_force
                .extend(digest.map(|digest| (plan, digest)));
        }
        let mut queue = Vec::new();
        for due in assessment.dues.iter().filter(|due| due.hold.is_none()) {
            if assessment.unseen.contains(&due.change) || may_be_unseen(due.change) {
                let claim = (Arc::clone(&claim.uid), claim.generation);
                additions.unseen.entry(due.change).or_default().push(claim);
            }
            if seen.insert(due.change) {
                queue.extend(additions.action(input.organization.service, claim, due.change));
            }
        }
        queues.push(queue.into_iter());
    }
    while !queues.is_empty() {
        queues.retain_mut(|queue| {
            additions.actions.extend(queue.next());
            queue.len() > 0
        });
    }
    additions
}

/// Whether only the next listing can tell that its effect is not shown.
const fn may_be_unseen(change: Change) -> bool {
    matches!(
        change,
        Change::AttachProject(..) | Change::DetachProject(..)
    )
}

impl Additions {
    /// What is sent for a change, with what must be remembered of it.
    fn action(&mut self, service: Service, claim: &Claim, change: Change) -> Option<Action> {
        match change {
            Change::Attach(plan, id) => Some(Action::Attach(plan, id)),
            Change::AttachProject(plan, id) => Some(Action::AttachProject(plan, id)),
            Change::Modify(plan) => {
                let Wants::Plan(wants) = &claim.wants else {
                    return None;
                };
                let declared = wants.settings.as_ref()?;
                let claim = (Arc::clone(&claim.uid), declared.digest.clone());
                self.settings.insert(plan, claim);
                Some(modify(service, plan, declared))
            }
            // Licences are sent in batches, removals step by step.
            Change::Activate(_)
            | Change::Detach(..)
            | Change::DetachProject(..)
            | Change::Deactivate(_)
            | Change::Remove(_) => None,
        }
    }
}

fn modify(service: Service, plan: PlanId, settings: &Settings) -> Action {
    let declared = Declared {
        include_metadata: settings.include_metadata,
        parameters: settings.parameters.clone(),
    };
    match service {
        Service::Git => Action::ModifyPlan(plan, declared),
        Service::Azure => Action::ModifyAzurePlan(plan, declared),
    }
}
