//! What differs from what is declared, by name.

use std::borrow::Cow;

use super::Judge;
use crate::{
    api::{DriftItem, DriftStatus},
    decide::{Change, Due, Hold},
    inventory::{PlanId, ProjectId, RepositoryId, display_name},
};

/// A difference in the order of [`DriftItem`], not yet as it is shown.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Shown<'a> {
    action: &'static str,
    name: Cow<'a, str>,
    plan: Option<Cow<'a, str>>,
    held: Option<&'static str>,
}

impl From<Shown<'_>> for DriftItem {
    fn from(shown: Shown<'_>) -> Self {
        Self {
            action: shown.action.to_owned(),
            name: display_name(&shown.name),
            plan: shown.plan.map(|plan| display_name(&plan)),
            held: shown.held.map(str::to_owned),
        }
    }
}

impl<'a> Judge<'a> {
    /// What status shows of it. Only that much is spelled out: ten thousand names would cost more than the decision.
    pub(in crate::decide) fn drift(&self, dues: &[Due]) -> Option<DriftStatus> {
        let mut differences: Vec<Shown<'_>> = dues.iter().map(|due| self.difference(due)).collect();
        if differences.len() > DriftStatus::SHOWN {
            differences.select_nth_unstable(DriftStatus::SHOWN);
            differences.truncate(DriftStatus::SHOWN);
        }
        DriftStatus::of(dues.len(), differences.into_iter().map(DriftItem::from))
    }

    /// One change in words: `Attach api to nightly`.
    pub(super) fn spoken(&self, change: Change) -> String {
        let name = display_name(&self.name(change));
        let action = change.as_str(self.input.organization.service);
        let preposition = if change.is_removal() { "from" } else { "to" };
        match plan_beside(change) {
            Some(plan) => {
                let plan = display_name(&self.plan_name(plan));
                format!("{action} {name} {preposition} {plan}")
            }
            None => format!("{action} {name}"),
        }
    }

    fn difference(&self, due: &Due) -> Shown<'a> {
        Shown {
            action: due.change.as_str(self.input.organization.service),
            name: self.name(due.change),
            plan: plan_beside(due.change).map(|id| self.plan_name(id)),
            held: due.hold.and_then(Hold::word),
        }
    }

    fn name(&self, change: Change) -> Cow<'a, str> {
        match change {
            Change::Activate(id)
            | Change::Attach(_, id)
            | Change::Detach(_, id)
            | Change::Deactivate(id)
            | Change::Remove(id) => self.repository_name(id),
            Change::AttachProject(_, id) | Change::DetachProject(_, id) => self.project_name(id),
            Change::Modify(plan) => self.plan_name(plan),
        }
    }

    fn plan_name(&self, id: PlanId) -> Cow<'a, str> {
        let plan = self.input.inventory.plans().get(&id);
        plan.map_or_else(|| id.to_string().into(), |plan| plan.name.as_str().into())
    }

    fn repository_name(&self, id: RepositoryId) -> Cow<'a, str> {
        let inventory = self.input.inventory;
        let repository = inventory.row(id).and_then(|row| inventory.repository(row));
        named(repository.map(|repository| &repository.name), &id)
    }

    fn project_name(&self, id: ProjectId) -> Cow<'a, str> {
        let project = self.input.inventory.projects().get(&id);
        named(project.map(|project| &project.name), &id)
    }
}

/// The name; the id of what is not listed, or listed without a name.
fn named<'a>(name: Option<&'a String>, id: &impl ToString) -> Cow<'a, str> {
    match name {
        Some(name) if !name.is_empty() => name.into(),
        Some(_) | None => id.to_string().into(),
    }
}

/// The plan that is named beside the item: none where it is the item itself.
fn plan_beside(change: Change) -> Option<PlanId> {
    match change {
        Change::Modify(_) => None,
        Change::Activate(_)
        | Change::Attach(..)
        | Change::AttachProject(..)
        | Change::Detach(..)
        | Change::DetachProject(..)
        | Change::Deactivate(_)
        | Change::Remove(_) => change.plan(),
    }
}
