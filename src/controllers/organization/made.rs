//! What was made in a pass, for one event and one line of the log of each kind.

use std::collections::BTreeMap;

use crate::{
    decide::{Action, about, counted},
    inventory::Inventory,
};

/// What was made in a pass.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// By kind of action: what each concerned, in words.
    names: BTreeMap<&'static str, Vec<String>>,
}

/// What is told of one kind of action.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The kind of action.
    pub(super) kind: &'static str,
    /// How often it was made.
    pub(super) count: usize,
    /// The word of the event.
    pub(super) reason: &'static str,
    /// The sentence.
    pub(super) note: String,
}

/// What an action concerns, in words, for a line of the log.
pub(super) fn named(action: &Action, inventory: Option<&Inventory>) -> String {
    let names = inventory.map_or_else(Vec::new, |inventory| names(action, inventory));
    counted(names.iter().map(String::as_str))
}

fn names(action: &Action, inventory: &Inventory) -> Vec<String> {
    let changes = action.changes().into_iter();
    changes.map(|change| about(change, inventory)).collect()
}

impl Made {
    /// Notes an action with the names that things had before it.
    pub(super) fn note(&mut self, action: &Action, inventory: &Inventory) {
        let made = self.names.entry(action.kind()).or_default();
        made.extend(names(action, inventory));
    }

    /// Each kind of action, with how often it was made in the organization of this name, and of what.
    pub(super) fn told(&self, organization: &str) -> impl Iterator<Item = Told> {
        self.names.iter().map(move |(kind, names)| {
            let (reason, one, many) = words(kind);
            let count = names.len();
            let what = if count == 1 { one } else { many };
            let names = counted(names.iter().map(String::as_str));
            Told {
                kind,
                count,
                reason,
                note: format!("{count} {what} in {organization}: {names}."),
            }
        })
    }
}

/// The word of the event, and the sentence for one and for several.
fn words(kind: &str) -> (&'static str, &'static str, &'static str) {
    match kind {
        "Activate" => (
            "LicenseActivated",
            "repository was given a licence",
            "repositories were given a licence",
        ),
        "Attach" => (
            "Attached",
            "repository was attached to a plan",
            "repositories were attached to a plan",
        ),
        "AttachProject" => (
            "ProjectAttached",
            "project was attached to a plan",
            "projects were attached to a plan",
        ),
        "Detach" => (
            "Detached",
            "repository was detached from a plan",
            "repositories were detached from a plan",
        ),
        "DetachProject" => (
            "ProjectDetached",
            "project was detached from a plan",
            "projects were detached from a plan",
        ),
        "Deactivate" => (
            "LicenseDeactivated",
            "licence was taken",
            "licences were taken",
        ),
        "Remove" => (
            "Removed",
            "repository was removed from Xopero ONE",
            "repositories were removed from Xopero ONE",
        ),
        _ => ("SettingsSent", "plan was set", "plans were set"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixtures::{organization, plan_id, repository, repository_id};

    #[test]
    fn what_was_made_is_told_with_its_names() {
        let inventory = organization("acme")
            .with(repository("api").licensed().in_plan("nightly"))
            .with(repository("web").licensed())
            .inventory();
        let mut made = Made::default();
        let (plan, api, web) = (
            plan_id("nightly"),
            repository_id("api"),
            repository_id("web"),
        );
        made.note(&Action::Attach(plan, web), &inventory);
        made.note(&Action::Activate(vec![api, web]), &inventory);
        made.note(&Action::Detach(plan, api), &inventory);
        let told: Vec<_> = made.told("acme").map(|told| told.note).collect();
        assert_eq!(
            told,
            [
                "2 repositories were given a licence in acme: api, web.",
                "1 repository was attached to a plan in acme: web to nightly.",
                "1 repository was detached from a plan in acme: api from nightly.",
            ]
        );
    }
}
