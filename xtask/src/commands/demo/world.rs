//! What the simulated Xopero ONE holds, and what has changed in it, in plain words.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How many names a sentence holds before it goes on with a number.
const NAMES: usize = 6;

/// The part of the simulator's state that the demo speaks of.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct World {
    pub(super) users: Vec<User>,
    pub(super) organizations: Vec<Organization>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct User {
    pub(super) email: String,
    pub(super) password: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Organization {
    pub(super) name: String,
    #[serde(default)]
    pub(super) projects: Vec<Project>,
    #[serde(default)]
    pub(super) repositories: Vec<Repository>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Project {
    pub(super) name: String,
    #[serde(default)]
    pub(super) plans: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) name: String,
    pub(super) project: Option<String>,
    #[serde(default)]
    pub(super) licensed: bool,
    #[serde(default)]
    pub(super) removed: bool,
    #[serde(default)]
    pub(super) plans: Vec<String>,
}

impl World {
    pub(super) fn repository(&self, organization: &str, name: &str) -> Option<&Repository> {
        let mut organizations = self.organizations.iter();
        let organization = organizations.find(|other| other.name == organization)?;
        organization
            .repositories
            .iter()
            .find(|repository| repository.name == name)
    }

    /// The living repositories of a plan, in the order of the listing.
    pub(super) fn members<'a>(&'a self, organization: &str, plan: &'a str) -> Vec<&'a str> {
        let organizations = self.organizations.iter();
        let repositories = organizations
            .filter(|other| other.name == organization)
            .flat_map(|other| &other.repositories);
        repositories
            .filter(|repository| !repository.removed && repository.is_in(plan))
            .map(|repository| repository.name.as_str())
            .collect()
    }
}

impl Repository {
    /// Xopero ONE's plans are found without regard to case, if only one fits.
    pub(super) fn is_in(&self, plan: &str) -> bool {
        self.plans
            .iter()
            .any(|other| other.eq_ignore_ascii_case(plan))
    }

    fn shown(&self) -> String {
        match &self.project {
            Some(project) => format!("{project}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// What is different in `after`, one sentence each: licences first, since a repository needs one before it is in a plan.
pub(super) fn changes(before: &World, after: &World) -> Vec<String> {
    after
        .organizations
        .iter()
        .flat_map(|organization| {
            let mut old = before.organizations.iter();
            let old = old.find(|old| old.name == organization.name);
            organization_changes(old, organization)
        })
        .collect()
}

/// Keyed by the sentence's beginning, which also gives the order.
type Changes = BTreeMap<(u8, String), Vec<String>>;

fn organization_changes(old: Option<&Organization>, new: &Organization) -> Vec<String> {
    let mut found = Changes::new();
    for repository in &new.repositories {
        let shown = repository.shown();
        let before = old.into_iter().flat_map(|old| &old.repositories);
        let before = before.clone().find(|before| before.shown() == shown);
        let (was_licensed, was_removed) =
            before.map_or((false, false), |before| (before.licensed, before.removed));
        let mut note = |order: u8, words: &str| {
            found
                .entry((order, words.to_owned()))
                .or_default()
                .push(shown.clone());
        };
        match before {
            None => note(0, "now known"),
            Some(_) if repository.removed && !was_removed => {
                note(1, "marked as gone from the Git service");
            }
            Some(_) => {}
        }
        match (was_licensed, repository.licensed) {
            (false, true) => note(2, "got a licence"),
            (true, false) => note(3, "lost the licence"),
            (true, true) | (false, false) => {}
        }
        note_plans(
            &mut found,
            before.map_or(&[], |before| &before.plans),
            &repository.plans,
            &shown,
        );
    }
    for project in &new.projects {
        let before = old.into_iter().flat_map(|old| &old.projects);
        let before = before.clone().find(|before| before.name == project.name);
        let shown = format!("the whole project {}", project.name);
        note_plans(
            &mut found,
            before.map_or(&[], |before| &before.plans),
            &project.plans,
            &shown,
        );
    }
    let sentences = found
        .into_iter()
        .map(|((_, words), names)| format!("{}: {words}: {}", new.name, listed(&names)));
    sentences.collect()
}

fn note_plans(found: &mut Changes, before: &[String], after: &[String], shown: &str) {
    for plan in after.iter().filter(|plan| !before.contains(plan)) {
        found
            .entry((4, format!("attached to {plan}")))
            .or_default()
            .push(shown.to_owned());
    }
    for plan in before.iter().filter(|plan| !after.contains(plan)) {
        found
            .entry((5, format!("detached from {plan}")))
            .or_default()
            .push(shown.to_owned());
    }
}

fn listed(names: &[String]) -> String {
    match names.len().checked_sub(NAMES) {
        Some(more) if more > 1 => {
            let first = names.iter().take(NAMES).cloned().collect::<Vec<_>>();
            format!("{} and {more} more", first.join(", "))
        }
        Some(_) | None => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(repositories: &str, projects: &str) -> World {
        let text = format!(
            "{{users: [], organizations: [{{name: acme, repositories: {repositories}, projects: {projects}}}]}}"
        );
        serde_saphyr::from_str(&text).unwrap()
    }

    #[test]
    fn what_happened_is_told_in_the_order_in_which_it_can_happen() {
        let before = world(
            "[{name: api}, {name: old, licensed: true, plans: [Weekly]}, {name: web, licensed: true, plans: [Weekly]}]",
            "[{name: Payments}]",
        );
        let after = world(
            "[{name: api, licensed: true, plans: [Nightly]}, {name: old, licensed: true, removed: true, plans: [Weekly]}, \
             {name: web, plans: []}, {name: new, project: P}]",
            "[{name: Payments, plans: [Nightly]}]",
        );

        assert_eq!(
            changes(&before, &after),
            [
                "acme: now known: P/new",
                "acme: marked as gone from the Git service: old",
                "acme: got a licence: api",
                "acme: lost the licence: web",
                "acme: attached to Nightly: api, the whole project Payments",
                "acme: detached from Weekly: web",
            ]
        );
        assert_eq!(changes(&after, &after), Vec::<String>::new());
    }

    #[test]
    fn long_lists_end_in_a_number() {
        let names = |count: usize| {
            (1..=count)
                .map(|number| format!("r{number}"))
                .collect::<Vec<_>>()
        };

        assert_eq!(listed(&names(7)), "r1, r2, r3, r4, r5, r6, r7");
        assert_eq!(listed(&names(9)), "r1, r2, r3, r4, r5, r6 and 3 more");
    }

    #[test]
    fn a_plan_is_found_without_regard_to_case() {
        let world = world(
            "[{name: api, plans: [weekly]}, {name: gone, removed: true, plans: [weekly]}]",
            "[]",
        );

        assert_eq!(world.members("acme", "Weekly"), ["api"]);
    }
}
