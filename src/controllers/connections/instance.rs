//! What organizations saw of an instance, for the status of the connection. It is void when the address changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use crate::{
    api::{Provider, XoperoConnectionStatus},
    controllers::observed::Place,
    xopero::{Facts, Shown, display_name},
};

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Instance {
    pub(super) organizations: Option<Organizations>,
    /// Whether the account in use listed them.
    pub(super) accepted: bool,
    /// What each organization's listing does not show, by the resource that stands for it.
    not_shown: BTreeMap<Place, BTreeSet<&'static str>>,
    /// What the status said of that, before the first listing of this process.
    reported_not_shown: Vec<String>,
}

/// Whether somebody still uses a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Other organizations refer to it.
    GoesOn,
    /// None does any more.
    Over,
}

/// The organizations that the account sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controllers) struct Organizations {
    /// The first of the names, sorted.
    pub(in crate::controllers) names: Vec<String>,
    pub(in crate::controllers) total: i64,
}

impl Instance {
    /// What a status says was seen.
    pub(super) fn reported(status: &XoperoConnectionStatus) -> Self {
        let organizations = status.organizations_total.map(|total| Organizations {
            names: status.organizations.clone(),
            total,
        });
        Self {
            accepted: organizations.is_some(),
            organizations,
            not_shown: BTreeMap::new(),
            reported_not_shown: status.not_shown.clone(),
        }
    }

    /// What some organization's listing does not show.
    pub(super) fn not_shown(&self) -> Vec<String> {
        if self.not_shown.is_empty() {
            return self.reported_not_shown.clone();
        }
        let all: BTreeSet<&str> = self.not_shown.values().flatten().copied().collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// Notes the organizations that the account sees. Says whether there is something new to report.
    pub(super) fn note_organizations(&mut self, names: impl IntoIterator<Item = String>) -> bool {
        let names = names.into_iter().map(|name| display_name(&name));
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        let total = i64::try_from(names.len()).unwrap_or(i64::MAX);
        names.truncate(XoperoConnectionStatus::MAX_ORGANIZATIONS);
        let seen = Some(Organizations { names, total });
        let is_first = !mem::replace(&mut self.accepted, true);
        mem::replace(&mut self.organizations, seen) != self.organizations || is_first
    }

    /// Notes what a listing did not show. Says whether there is something new to report, and which facts are missing
    /// that were not known to be.
    pub(super) fn note_not_shown(
        &mut self,
        organization: &Place,
        shown: Showing,
    ) -> (bool, Vec<String>) {
        let Some(missing) = missing(shown) else {
            return (false, Vec::new());
        };
        let before = self.not_shown();
        self.not_shown.insert(organization.clone(), missing);
        let now = self.not_shown();
        let new = now.iter().filter(|fact| !before.contains(fact));
        (now != before, new.cloned().collect())
    }

    /// Drops what an organization that is gone noted. Says whether there is something new to report.
    pub(super) fn forget(&mut self, organization: &Place, still: Use) -> bool {
        let before = self.not_shown();
        self.not_shown.remove(organization);
        // Before the first listing of this process the status tells for all who use it.
        if still == Use::Over {
            self.reported_not_shown.clear();
        }
        self.not_shown() != before
    }
}

/// What a listing of repositories showed, and what it might have.
#[derive(Clone, Copy, Debug)]
pub struct Showing {
    /// What stood on its rows.
    pub facts: Facts,
    /// As [`crate::xopero::Listed::counted`]. A number that is always wrong shows as little as none.
    pub counted: bool,
    /// The Git service.
    pub provider: Provider,
}

/// The facts that a listing shows on no row. `None` when it has no rows and so says nothing.
fn missing(shown: Showing) -> Option<BTreeSet<&'static str>> {
    let Showing {
        facts:
            Facts {
                organization,
                licence,
                plans,
                removed,
                project,
                project_name,
            },
        counted,
        provider,
    } = shown;
    let where_needed = |needed, shown| if needed { shown } else { Shown::OnEveryRow };
    let all = [
        (organization, "the organization of a repository"),
        (licence, "whether a repository holds a licence"),
        (plans, "the plans of a repository"),
        (
            removed,
            "whether a repository was removed from the Git service",
        ),
        (
            where_needed(provider.keeps_all_in_projects(), project_name),
            "the name of a repository's project",
        ),
        // Only there a project is attached, by its id.
        (
            where_needed(provider == Provider::AzureDevOps, project),
            "the id of a repository's project",
        ),
    ];
    if all.iter().any(|(shown, _)| *shown == Shown::NoRows) {
        return None;
    }
    let uncounted = (!counted).then_some("how many rows a listing has");
    let missing = all
        .into_iter()
        .filter(|(shown, _)| *shown == Shown::Nowhere);
    Some(missing.map(|(_, words)| words).chain(uncounted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Place {
        Place {
            namespace: "backup".to_owned(),
            name: name.to_owned(),
        }
    }

    const FACTS: Facts = Facts {
        organization: Shown::OnEveryRow,
        licence: Shown::OnEveryRow,
        plans: Shown::OnSomeRows,
        removed: Shown::OnEveryRow,
        project: Shown::Nowhere,
        project_name: Shown::Nowhere,
    };

    const fn showing(facts: Facts) -> Showing {
        Showing {
            facts,
            counted: true,
            provider: Provider::GitHub,
        }
    }

    const ALL_SHOWN: Showing = showing(FACTS);

    const NO_LICENCE: Showing = showing(Facts {
        licence: Shown::Nowhere,
        ..FACTS
    });

    const NO_ROWS: Showing = showing(Facts {
        organization: Shown::NoRows,
        licence: Shown::NoRows,
        plans: Shown::NoRows,
        removed: Shown::NoRows,
        project: Shown::NoRows,
        project_name: Shown::NoRows,
    });

    const LICENCE: &str = "whether a repository holds a licence";

    #[test]
    fn a_missing_fact_is_told_once_and_stands_until_every_listing_shows_it() {
        let mut instance = Instance::default();
        assert_eq!(
            instance.note_not_shown(&of("a"), NO_LICENCE),
            (true, vec![LICENCE.to_owned()])
        );
        assert_eq!(
            instance.note_not_shown(&of("b"), NO_LICENCE),
            (false, vec![])
        );
        assert_eq!(
            instance.note_not_shown(&of("a"), ALL_SHOWN),
            (false, vec![])
        );
        assert_eq!(instance.not_shown(), [LICENCE]);
        assert_eq!(instance.note_not_shown(&of("b"), ALL_SHOWN), (true, vec![]));
        assert!(instance.not_shown().is_empty());
    }

    #[test]
    fn projects_are_missed_where_there_are_some_and_the_number_of_rows_everywhere() {
        let at = |provider| Showing {
            provider,
            ..ALL_SHOWN
        };
        let uncounted = Showing {
            counted: false,
            ..ALL_SHOWN
        };
        let missing = |shown| missing(shown).unwrap().into_iter().collect::<Vec<_>>();
        let (name, id) = (
            "the name of a repository's project",
            "the id of a repository's project",
        );
        assert_eq!(missing(at(Provider::Bitbucket)), [name]);
        assert_eq!(missing(at(Provider::AzureDevOps)), [id, name]);
        assert_eq!(missing(uncounted), ["how many rows a listing has"]);
    }

    #[test]
    fn what_an_organization_did_not_show_goes_with_it() {
        let mut instance = Instance::default();
        instance.note_not_shown(&of("a"), NO_LICENCE);
        instance.note_not_shown(&of("b"), NO_LICENCE);
        assert!(
            !instance.forget(&of("a"), Use::GoesOn),
            "b has not shown it either"
        );
        assert!(instance.forget(&of("b"), Use::GoesOn));
        assert!(instance.not_shown().is_empty());
    }

    #[test]
    fn what_a_status_says_was_not_shown_goes_with_the_last_that_uses_the_connection() {
        let status = XoperoConnectionStatus {
            not_shown: vec![LICENCE.to_owned()],
            ..XoperoConnectionStatus::default()
        };
        let mut instance = Instance::reported(&status);
        assert!(!instance.forget(&of("a"), Use::GoesOn));
        assert_eq!(instance.not_shown(), [LICENCE]);
        assert!(instance.forget(&of("b"), Use::Over));
        assert!(instance.not_shown().is_empty());
    }

    #[test]
    fn a_listing_without_rows_says_nothing_of_what_is_shown() {
        let mut instance = Instance::default();
        instance.note_not_shown(&of("a"), NO_LICENCE);
        assert_eq!(instance.note_not_shown(&of("a"), NO_ROWS), (false, vec![]));
        assert_eq!(instance.not_shown(), [LICENCE]);
    }

    #[test]
    fn after_a_restart_the_same_facts_are_no_news() {
        let status = XoperoConnectionStatus {
            organizations: vec!["acme".to_owned()],
            organizations_total: Some(1),
            not_shown: vec![LICENCE.to_owned()],
            ..XoperoConnectionStatus::default()
        };
        let mut instance = Instance::reported(&status);
        assert_eq!(instance.not_shown(), [LICENCE]);
        assert_eq!(
            instance.note_not_shown(&of("a"), NO_LICENCE),
            (false, vec![])
        );
        assert!(!instance.note_organizations(["acme".to_owned()]));
    }

    #[test]
    fn the_organizations_are_sorted_counted_and_cut_to_a_hundred() {
        let mut instance = Instance::default();
        let names = || (0..250).rev().map(|number| format!("o{number:03}"));
        assert!(instance.note_organizations(names()));
        assert!(!instance.note_organizations(names()));
        let seen = instance.organizations.unwrap();
        assert_eq!((seen.total, seen.names.len()), (250, 100));
        assert_eq!(
            (seen.names[0].as_str(), seen.names[99].as_str()),
            ("o000", "o099")
        );
    }
}
