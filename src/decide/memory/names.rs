//! Under which names things were listed: by this process one by one, and by those before it as status keeps it. What is not
//! listed for a while, or hides its project, has the name that it had; a listing that comes in between makes no name a new one.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt, mem,
    time::Duration,
};

use k8s_openapi::jiff::Timestamp;

use super::{
    super::Renames,
    beside::Beside,
    outcomes::{REMEMBERED, later},
};
use crate::inventory::{Digest, Inventory, Names, PlanId, RepositoryId, display_name};

/// How long a name is remembered that is not listed.
const KEPT: Duration = REMEMBERED;

/// The names that are known.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownNames {
    repositories: BTreeMap<RepositoryId, Known>,
    plans: BTreeMap<PlanId, Known>,
    former: Option<Former>,
    beside: Beside,
    /// Those of the last listing, as status keeps them, and where something is missing. Before the first, as another process left them.
    recorded: Option<Names>,
}

/// Where a repository is that is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Whereabouts<'a> {
    /// In the project of this name.
    Project(&'a str),
    /// In any project, or in none.
    Anywhere,
    /// It is not remembered any more.
    Gone,
}

/// What another process has left in status.
#[derive(Clone, Debug)]
struct Former {
    /// Of what that process listed last: nothing was listed of it since under the same name. And what was missing then.
    left: Names,
    /// Until when that is missing now. Before the first listing that is open.
    until: Option<Timestamp>,
}

/// A name as it was shown last.
#[derive(Clone, Debug)]
struct Known {
    name: Box<str>,
    /// The name before that one.
    former: Option<Box<str>>,
    /// The project's, where a row ever showed one.
    project: Option<Box<str>>,
    listed: Timestamp,
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
        Self {
            former: names.clone().map(|left| Former { left, until: None }),
            recorded: names,
            ..Self::default()
        }
    }

    /// As status keeps them: a process after this one is to be unsure of these as well.
    pub(super) fn for_status(&self, unsure: &Renames) -> Option<Names> {
        let mut names = self.recorded.clone()?;
        names.repositories.spoil(unsure.repositories.iter());
        names.plans.spoil(unsure.plans.iter());
        Some(names)
    }

    /// Leaves of these what has a name that is known.
    pub(super) fn retain_known(&self, of: &mut Renames) {
        of.repositories
            .retain(|id| self.repositories.contains_key(id));
        of.plans.retain(|id| self.plans.contains_key(id));
    }

    /// What was listed beside what.
    pub(super) fn beside(&self) -> &Beside {
        &self.beside
    }

    /// Where a repository is that is not listed, for as long as it is remembered: it may come back.
    pub(super) fn whereabouts(&self, id: RepositoryId, now: Timestamp) -> Whereabouts<'_> {
        // The process before this one may have known it.
        let may_know = |former: &Former| former.left.repositories.may_know(id, now);
        match self.repositories.get(&id) {
            Some(known) => known
                .project
                .as_deref()
                .map_or(Whereabouts::Anywhere, Whereabouts::Project),
            None if self.former.as_ref().is_some_and(may_know) => Whereabouts::Anywhere,
            None => Whereabouts::Gone,
        }
    }

    /// The repositories that are not listed: the name that each had, and that of its project.
    pub(super) fn missing_repositories(
        &self,
    ) -> impl Iterator<Item = (RepositoryId, &str, Option<&str>)> {
        missing(&self.repositories).map(|(id, known)| (*id, &*known.name, known.project.as_deref()))
    }

    /// The plans that are not listed, by the names that they had.
    pub(super) fn missing_plans(&self) -> impl Iterator<Item = (&str, PlanId)> {
        missing(&self.plans).map(|(id, known)| (&*known.name, *id))
    }

    /// The plan that had this name before the one that it has now.
    pub(super) fn plan_formerly(&self, name: &str) -> Option<PlanId> {
        let lowered = name.to_lowercase();
        let had_it = |known: &Known| {
            let former = known.former.as_deref();
            former.is_some_and(|former| former.to_lowercase() == lowered)
        };
        let mut plans = self.plans.iter();
        plans.find_map(|(id, known)| had_it(known).then_some(*id))
    }

    /// It is gone by our own doing: a process that begins before the next listing wonders about no name beside it.
    pub(super) fn forget(&mut self, removed: RepositoryId) {
        let known = self.repositories.remove(&removed);
        if let (Some(known), Some(recorded)) = (known, &mut self.recorded) {
            recorded.repositories.turn(removed, &known.spelled());
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
            beside,
            former,
            recorded,
        } = self;
        write!(text, "{:?}", beside.essence())?;
        let ids = repositories.keys().map(ToString::to_string);
        let ids = ids.chain(plans.keys().map(ToString::to_string));
        for (id, known) in ids.zip(repositories.values().chain(plans.values())) {
            let Known {
                name,
                // It is in a message alone.
                former: _,
                project,
                listed,
            } = known;
            write!(text, "{id} {name} {project:?} {}", age(*listed))?;
        }
        let left = former.as_ref().map(|former| &former.left);
        let names = [left, recorded.as_ref()].map(|names| names.map(|names| names.essence(&age)));
        let until = former.as_ref().and_then(|former| former.until);
        write!(text, "{names:?}{:?}", until.map(age))
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
                    let told = told.map(|told| format!("the plan {told}"));
                    found.told.extend(told);
                }
            }
        }
        self.beside.list(listed, &found.renames);
        self.compare_with_former(&first_seen, now, &mut found.renames);
        forget_old(&mut self.repositories, now);
        forget_old(&mut self.plans, now);
        self.recorded = Some(self.record(now));
        found
    }

    /// What this process sees for the first time may have had another name before it began.
    fn compare_with_former(&mut self, first_seen: &Renames, now: Timestamp, renames: &mut Renames) {
        let Some(Former { left, until }) = &mut self.former else {
            return;
        };
        let until = *until.get_or_insert_with(|| {
            let until = later(now, KEPT);
            left.repositories.miss_no_longer(until);
            left.plans.miss_no_longer(until);
            until
        });
        let repositories = spelled_of_these(&first_seen.repositories, &self.repositories);
        let plans = spelled_of_these(&first_seen.plans, &self.plans);
        let repositories = left.repositories.take_out(&repositories, now);
        let plans = left.plans.take_out(&plans, now);
        self.beside.repositories.compare(&repositories);
        self.beside.plans.compare(&plans);
        renames.extend(repositories.in_doubt, plans.in_doubt);
        if now >= until {
            left.repositories.give_up();
            left.plans.give_up();
        }
        if left.repositories.is_settled(now) && left.plans.is_settled(now) {
            self.former = None;
        }
    }

    /// What was listed now, and what is missing: of what this process knows, and of what another one knew.
    fn record(&self, now: Timestamp) -> Names {
        let mut names = Names {
            repositories: digest(&self.repositories, usize::MAX, now),
            // There are few, and no more buckets of them.
            plans: digest(&self.plans, 0, now),
        };
        if let Some(Former { left, until }) = &self.former {
            let until = until.unwrap_or(now);
            names.repositories.inherit(&left.repositories, until, now);
            names.plans.inherit(&left.plans, until, now);
        }
        names
    }
}

/// Those that the last listing did not have.
fn missing<Id>(known: &BTreeMap<Id, Known>) -> impl Iterator<Item = (&Id, &Known)> {
    let last = known.values().map(|known| known.listed).max();
    known
        .iter()
        .filter(move |(_, known)| Some(known.listed) < last)
}

fn digest<Id: fmt::Display>(known: &BTreeMap<Id, Known>, most: usize, now: Timestamp) -> Digest {
    // What is missing makes no other number of buckets: after a restart it is not known.
    let listed = known.values().filter(|known| known.listed == now);
    let mut digest = Digest::sized(listed.count().min(most));
    for (id, known) in known {
        if known.listed == now {
            digest.turn(id, &known.spelled());
        } else {
            digest.miss(id, later(known.listed, KEPT));
        }
    }
    digest
}

fn spelled_of_these<'a, Id: Copy + Ord>(
    ids: &BTreeSet<Id>,
    known: &'a BTreeMap<Id, Known>,
) -> Vec<(Id, Cow<'a, str>)> {
    let known = ids.iter().filter_map(|id| known.get_key_value(id));
    known.map(|(id, known)| (*id, known.spelled())).collect()
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
    /// In words, where both names are shown.
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
            former: None,
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
        let is_named = !(self.name.is_empty() || shown.name.is_empty());
        let told = is_named.then(|| {
            let old = self.spelled();
            let new = spelled(shown.project, shown.name);
            format!("{} is now {}", display_name(&old), display_name(&new))
        });
        Compared::Renamed(told)
    }

    fn spelled(&self) -> Cow<'_, str> {
        spelled(self.project.as_deref(), &self.name)
    }

    fn take_in(&mut self, shown: Shown<'_>) {
        if !shown.name.is_empty() && &*self.name != shown.name {
            let former = mem::replace(&mut self.name, shown.name.into());
            self.former = Some(former).filter(|former| !former.is_empty());
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

#[cfg(test)]
mod tests;
