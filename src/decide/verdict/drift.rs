//! What differs from what is declared, by name.

use std::{borrow::Cow, fmt};

use super::{
    Judge,
    wording::{first_few, listed},
};
use crate::{
    api::{DriftItem, DriftStatus},
    decide::{Change, Due, Hold},
    inventory::{Inventory, PlanId, display_name},
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

    /// The first few of the changes in words: `Attach api to nightly`.
    pub(in crate::decide) fn items(&self, changes: impl Iterator<Item = Change>) -> String {
        let service = self.input.organization.service;
        let spoken = changes.map(|change| {
            let concerned = Concerned::of(change, self.input.inventory);
            (change.as_str(service), concerned)
        });
        let words = first_few(spoken).into_iter();
        let words: Vec<String> = words
            .map(|(action, concerned)| format!("{action} {concerned}"))
            .collect();
        listed(words.iter().map(String::as_str))
    }

    fn difference(&self, due: &Due) -> Shown<'a> {
        Shown {
            action: due.change.as_str(self.input.organization.service),
            name: name(due.change, self.input.inventory),
            plan: plan_beside(due.change).map(|id| plan_name(id, self.input.inventory)),
            held: due.hold.and_then(Hold::word),
        }
    }
}

/// What a change concerns, in words: `api to nightly`. What is not listed, or without a name, is known by its id.
pub fn about(change: Change, inventory: &Inventory) -> String {
    Concerned::of(change, inventory).to_string()
}

/// What a change concerns, not yet in words.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Concerned<'a> {
    name: Cow<'a, str>,
    plan: Option<(&'static str, Cow<'a, str>)>,
}

impl<'a> Concerned<'a> {
    fn of(change: Change, inventory: &'a Inventory) -> Self {
        let preposition = if change.is_removal() { "from" } else { "to" };
        Self {
            name: name(change, inventory),
            plan: plan_beside(change).map(|plan| (preposition, plan_name(plan, inventory))),
        }
    }
}

impl fmt::Display for Concerned<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, plan } = self;
        formatter.write_str(&display_name(name))?;
        match plan {
            Some((preposition, plan)) => {
                write!(formatter, " {preposition} {}", display_name(plan))
            }
            None => Ok(()),
        }
    }
}

fn name(change: Change, inventory: &Inventory) -> Cow<'_, str> {
    match change {
        Change::Activate(id)
        | Change::Attach(_, id)
        | Change::Detach(_, id)
        | Change::Deactivate(id)
        | Change::Remove(id) => {
            let repository = inventory.row(id).and_then(|row| inventory.repository(row));
            named(repository.map(|repository| &repository.name), &id)
        }
        Change::AttachProject(_, id) | Change::DetachProject(_, id) => {
            let project = inventory.projects().get(&id);
            named(project.map(|project| &project.name), &id)
        }
        Change::Modify(plan) => plan_name(plan, inventory),
    }
}

fn plan_name(id: PlanId, inventory: &Inventory) -> Cow<'_, str> {
    named(inventory.plans().get(&id).map(|plan| &plan.name), &id)
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::decide::fixtures::{organization, plan_id, project_id, repository, repository_id};

    #[rstest]
    #[case::into_a_plan(
        Change::Attach(plan_id("nightly"), repository_id("pay/api")),
        "api to nightly"
    )]
    #[case::out_of_one(
        Change::Detach(plan_id("nightly"), repository_id("pay/api")),
        "api from nightly"
    )]
    #[case::a_project(
        Change::AttachProject(plan_id("nightly"), project_id("pay")),
        "pay to nightly"
    )]
    #[case::a_licence(Change::Activate(repository_id("pay/api")), "api")]
    #[case::a_plan(Change::Modify(plan_id("nightly")), "nightly")]
    #[case::without_a_name(Change::Activate(repository_id("nameless")), &repository_id("nameless").to_string())]
    #[case::not_listed(Change::Modify(plan_id("gone")), &plan_id("gone").to_string())]
    fn a_change_is_told_by_the_names_of_what_it_concerns(
        #[case] change: Change,
        #[case] words: &str,
    ) {
        let inventory = organization("acme")
            .with(repository("api").in_project("pay"))
            .with(repository("nameless").nameless())
            .with_plan("nightly")
            .inventory();
        assert_eq!(about(change, &inventory), words);
    }
}
