//! What may have another name than the one that its declarations were written for: a removal that follows from that needs approval.
//! The doubt ends where nothing would be removed by the present name; a person who approves, or corrects, brings that about.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Change,
    assess::Scene,
    namers::{Declared, Namers},
};
use crate::inventory::{Inventory, Licence, PlanId, ProjectId, Repository, RepositoryId, Row};

/// What has a name that is new to the operator, or may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    /// By their own name, or by that of their project.
    pub repositories: BTreeSet<RepositoryId>,
    /// By their name.
    pub plans: BTreeSet<PlanId>,
}

impl Renames {
    pub(super) fn is_empty(&self) -> bool {
        self.repositories.is_empty() && self.plans.is_empty()
    }

    /// These, too.
    pub(super) fn extend(
        &mut self,
        repositories: impl IntoIterator<Item = RepositoryId>,
        plans: impl IntoIterator<Item = PlanId>,
    ) {
        self.repositories.extend(repositories);
        self.plans.extend(plans);
    }

    /// These are known by the names that they have.
    pub(super) fn end(&mut self, known: &Self) {
        self.repositories
            .retain(|id| !known.repositories.contains(id));
        self.plans.retain(|id| !known.plans.contains(id));
    }

    /// Whether a removal may follow from a name that is new.
    pub(super) fn concern(&self, change: Change, inventory: &Inventory) -> bool {
        change
            .repository()
            .is_some_and(|id| self.repositories.contains(&id))
            || change.plan().is_some_and(|id| self.plans.contains(&id))
            || project(change).is_some_and(|id| self.concern_project(id, inventory))
    }

    /// A project has no name of its own but that in its rows.
    fn concern_project(&self, id: ProjectId, inventory: &Inventory) -> bool {
        let known = inventory.projects().get(&id);
        let rows = known.map(|known| known.rows.iter().chain(&known.removed_rows));
        let mut repositories = rows
            .into_iter()
            .flatten()
            .filter_map(|row| inventory.repository(*row));
        repositories.any(|repository| self.repositories.contains(&repository.id))
    }

    /// Those of them that are where their present names put them: by these nothing would be removed. Only a listing that is
    /// believed tells, and only where no claim is unseen.
    pub(super) fn known(
        &self,
        scene: Scene<'_>,
        removing: &BTreeMap<Arc<str>, BTreeSet<Change>>,
    ) -> Self {
        let Scene {
            input,
            namers,
            settings: _,
            invisible,
        } = scene;
        if self.is_empty() || input.distrust().is_some() || invisible.is_some() {
            return Self::default();
        }
        let inventory = input.inventory;
        let due: Vec<Change> = removing.values().flatten().copied().collect();
        let left: BTreeSet<RepositoryId> = due.iter().filter_map(|due| due.repository()).collect();
        let emptied: BTreeSet<PlanId> = due.iter().filter_map(|due| due.plan()).collect();
        let is_known = |id: &RepositoryId| {
            let row = inventory.row(*id);
            let repository = row.and_then(|row| inventory.repository(row));
            row.zip(repository)
                .is_some_and(|(row, repository)| is_in_place(row, repository, namers))
        };
        let listed = |id: &PlanId| inventory.plans().contains_key(id);
        let by_name = |id: &PlanId| listed(id) && !namers.names_plan_formerly(*id);
        let plans = self.plans.difference(&emptied).copied().filter(by_name);
        Self {
            repositories: self
                .repositories
                .difference(&left)
                .copied()
                .filter(is_known)
                .collect(),
            plans: filled_as_named(plans.collect(), inventory, namers),
        }
    }
}

/// Whether some claim names it for all that it has, by the name that it has now, or it has nothing that could be taken.
fn is_in_place(row: Row, repository: &Repository, namers: &Namers) -> bool {
    let plans = repository.plans.shown();
    let has_nothing = repository.licence == Licence::NotHeld;
    !namers.names_formerly(row)
        && (namers.declarations.of(row) == Declared::Yes || has_nothing)
        && plans.is_some_and(|plans| {
            plans
                .iter()
                .all(|plan| namers.protects_attachment(*plan, row))
        })
}

/// Those whose members are all named for them. Members that nobody names are in the way only where a claim wants no other: elsewhere
/// nothing takes them.
fn filled_as_named(
    mut plans: BTreeSet<PlanId>,
    inventory: &Inventory,
    namers: &Namers,
) -> BTreeSet<PlanId> {
    for (row, repository) in inventory.repositories().iter().enumerate() {
        if repository.removed || plans.is_empty() {
            continue;
        }
        for plan in repository.plans.shown().unwrap_or_default() {
            if namers.is_exclusive(*plan) && !namers.protects_attachment(*plan, row) {
                plans.remove(plan);
            }
        }
    }
    plans
}

fn project(change: Change) -> Option<ProjectId> {
    match change {
        Change::AttachProject(_, project) | Change::DetachProject(_, project) => Some(project),
        Change::Activate(_)
        | Change::Attach(..)
        | Change::Modify(_)
        | Change::Detach(..)
        | Change::Deactivate(_)
        | Change::Remove(_) => None,
    }
}
