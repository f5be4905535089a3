//! Under which names things were listed: by this process one by one, and by the one before it as status keeps it. What is not
//! listed for a while, or hides its project, has the name that it had; a listing that comes in between makes no name a new one.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use k8s_openapi::jiff::Timestamp;

use super::{
    super::Renames,
    outcomes::{REMEMBERED, later},
};
use crate::inventory::{Inventory, Names, PlanId, Repository, RepositoryId, Unlike, display_name};

/// How long a name is remembered that is not listed.
const KEPT: Duration = REMEMBERED;

/// The names that are known.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownNames {
    repositories: BTreeMap<RepositoryId, Known>,
    plans: BTreeMap<PlanId, Known>,
    /// Those of the last listing; before the first, as another process left them.
    latest: Option<Names>,
    former: Option<Former>,
}

/// A name as it was shown last.
#[derive(Clone, Debug)]
struct Known {
    name: Box<str>,
    /// The project's, where a row ever showed one.
    project: Option<Box<str>>,
    listed: Timestamp,
}

/// The names that another process left, until all that they were made of was listed.
#[derive(Clone, Debug)]
struct Former {
    names: Names,
    /// Where that is not so; everywhere before the first listing.
    left: Option<Unlike>,
    begun: Option<Timestamp>,
}

/// What a listing tells of names.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// What has a name that is new to the operator, or may have.
    pub(super) renames: Renames,
    /// Those of them whose former name is known and that show a name, in words.
    pub(super) told: Vec<String>,
}

impl KnownNames {
    /// Those that a process begins with, by what status says.
    pub(super) fn begun(names: Option<Names>) -> Self {
        let former = names.clone().map(|names| Former {
            names,
            left: None,
            begun: None,
        });
        Self {
            latest: names,
            former,
            ..Self::default()
        }
    }

    /// As status keeps them, with those of the last listing.
    pub(super) const fn latest(&self) -> Option<&Names> {
        self.latest.as_ref()
    }

    /// It is gone by our own doing: a process that begins before the next listing wonders about no name beside it.
    pub(super) fn forget(&mut self, removed: &Repository) {
        if let Some(latest) = &mut self.latest {
            latest.forget(removed);
        }
    }

    /// See [`super::Memory::essence`].
    #[cfg(test)]
    pub(super) fn essence(
        &self,
        text: &mut String,
        age: impl Fn(Timestamp) -> i64,
    ) -> std::fmt::Result {
        use std::fmt::Write as _;
        let Self {
            repositories,
            plans,
            latest,
            former,
        } = self;
        let ids = repositories.keys().map(ToString::to_string);
        let ids = ids.chain(plans.keys().map(ToString::to_string));
        for (id, known) in ids.zip(repositories.values().chain(plans.values())) {
            let Known {
                name,
                project,
                listed,
            } = known;
            write!(text, "{id} {name} {project:?} {}", age(*listed))?;
        }
        if let Some(Former { names, left, begun }) = former {
            write!(text, "{names:?}{left:?}{:?}", begun.map(&age))?;
        }
        write!(text, "{latest:?}")
    }

    /// Takes in a whole listing.
    pub(super) fn list(&mut self, listed: &Inventory, now: Timestamp) -> Listed {
        let mut found = Listed::default();
        let mut first_seen = Renames::default();
        for repository in listed.repositories() {
            let shown = Shown {
                name: &repository.name,
                project: repository.project_name.as_deref(),
            };
            match note(&mut self.repositories, repository.id, shown, now) {
                Compared::First => first_seen.extend([repository.id], []),
                Compared::AsBefore => {}
                Compared::Renamed(told) => {
                    found.renames.extend([repository.id], []);
                    found.told.extend(told);
                }
            }
        }
        for plan in listed.plans().values() {
            let shown = Shown {
                name: &plan.name,
                project: None,
            };
            match note(&mut self.plans, plan.id, shown, now) {
                Compared::First => first_seen.extend([], [plan.id]),
                Compared::AsBefore => {}
                Compared::Renamed(told) => {
                    found.renames.extend([], [plan.id]);
                    found
                        .told
                        .extend(told.map(|told| format!("the plan {told}")));
                }
            }
        }
        self.compare_with_former(&first_seen, listed, now, &mut found.renames);
        forget_old(&mut self.repositories, now);
        forget_old(&mut self.plans, now);
        self.latest = Some(Names::of(listed));
        found
    }

    /// What this process sees for the first time may have had another name before it began.
    fn compare_with_former(
        &mut self,
        first_seen: &Renames,
        listed: &Inventory,
        now: Timestamp,
        renames: &mut Renames,
    ) {
        let Some(former) = &mut self.former else {
            return;
        };
        let is_first = former.begun.is_none();
        let begun = *former.begun.get_or_insert(now);
        if is_first || !first_seen.is_empty() {
            let unlike = former.names.unlike(listed);
            let left = former.left.get_or_insert_with(|| unlike.clone());
            left.narrow(&unlike);
            let repositories = first_seen.repositories.iter().copied();
            let plans = first_seen.plans.iter().copied();
            renames.extend(
                repositories.filter(|id| left.concerns_repository(*id)),
                plans.filter(|id| left.concerns_plan(*id)),
            );
        }
        let is_known = former.left.as_ref().is_some_and(Unlike::is_empty);
        if is_known || now >= later(begun, KEPT) {
            self.former = None;
        }
    }
}

/// A name as a listing shows it.
#[derive(Clone, Copy)]
struct Shown<'a> {
    name: &'a str,
    project: Option<&'a str>,
}

enum Compared {
    First,
    AsBefore,
    Renamed(Option<String>),
}

fn note<Id: Ord>(
    known: &mut BTreeMap<Id, Known>,
    id: Id,
    shown: Shown<'_>,
    now: Timestamp,
) -> Compared {
    let Some(before) = known.get_mut(&id) else {
        let first = Known {
            name: shown.name.into(),
            project: shown.project.map(Into::into),
            listed: now,
        };
        known.insert(id, first);
        return Compared::First;
    };
    before.listed = now;
    let compared = before.compare(shown);
    before.take_in(shown);
    compared
}

fn forget_old<Id: Ord>(known: &mut BTreeMap<Id, Known>, now: Timestamp) {
    known.retain(|_, known| now < later(known.listed, KEPT));
}

impl Known {
    /// A project that is not shown is no other one.
    fn compare(&self, shown: Shown<'_>) -> Compared {
        let is_elsewhere = self
            .project
            .as_deref()
            .zip(shown.project)
            .is_some_and(|(old, new)| old != new);
        if !is_elsewhere && &*self.name == shown.name {
            return Compared::AsBefore;
        }
        // One that shows no name any more has no other.
        let told = (!shown.name.is_empty()).then(|| {
            let old = spelled(self.project.as_deref(), &self.name);
            let new = spelled(shown.project, shown.name);
            format!("{} is now {}", display_name(&old), display_name(&new))
        });
        Compared::Renamed(told)
    }

    fn take_in(&mut self, shown: Shown<'_>) {
        if !shown.name.is_empty() && &*self.name != shown.name {
            self.name = shown.name.into();
        }
        if let Some(project) = shown.project
            && self.project.as_deref() != Some(project)
        {
            self.project = Some(project.into());
        }
    }
}

fn spelled<'a>(project: Option<&str>, name: &'a str) -> Cow<'a, str> {
    match project {
        Some(project) => format!("{project}/{name}").into(),
        None => name.into(),
    }
}
