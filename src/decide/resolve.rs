//! From names to ids: the exact spelling, else the only match without case; a living row before a removed one.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::Timestamp;

use super::{ProjectName, memory::Memory, verdict};
use crate::inventory::{Inventory, PlanId, ProjectId, Repository, RepositoryId, Row, display_name};

/// What a name turned out to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resolution<T> {
    /// Exactly this.
    Found(T),
    /// The id that was known under this name is listed under another.
    Renamed(T, String),
    /// What it meant is not listed, and this one, which is, is another of the name that it is spelled with here.
    Another(T, String),
    /// Several; the spellings to choose from.
    Ambiguous(Vec<T>, Vec<String>),
    /// Nothing.
    NotFound,
}

impl<T: Copy> Resolution<T> {
    /// What it means without doubt.
    pub(super) fn found(&self) -> Option<T> {
        match self {
            Self::Found(id) => Some(*id),
            Self::Renamed(..) | Self::Another(..) | Self::Ambiguous(..) | Self::NotFound => None,
        }
    }

    /// Whether what it means is not listed.
    pub(super) fn is_missing(&self) -> bool {
        match self {
            Self::NotFound | Self::Another(..) => true,
            Self::Found(_) | Self::Renamed(..) | Self::Ambiguous(..) => false,
        }
    }

    /// All that it may mean by its name alone, and not by what it meant before.
    pub(super) fn by_name(&self) -> Vec<T> {
        match self {
            Self::Renamed(..) => Vec::new(),
            Self::Found(_) | Self::Another(..) | Self::Ambiguous(..) | Self::NotFound => {
                self.candidates()
            }
        }
    }

    /// All that it may mean: what a claim protects.
    pub(super) fn candidates(&self) -> Vec<T> {
        match self {
            Self::Found(id) | Self::Renamed(id, _) | Self::Another(id, _) => vec![*id],
            Self::Ambiguous(ids, _) => ids.clone(),
            Self::NotFound => Vec::new(),
        }
    }
}

/// What a person is told of a name that means several, in the spellings that are listed; `otherwise`: what to do where they are
/// spelled alike.
pub(super) fn told_apart(what: &str, name: &str, spellings: &[String], otherwise: &str) -> String {
    // What is shown alike nobody can write apart.
    let spellings = spellings.iter().map(|spelling| display_name(spelling));
    let spellings: Vec<String> = spellings.collect();
    let different: BTreeSet<&str> = spellings.iter().map(String::as_str).collect();
    let count = spellings.len();
    if let (Some(only), 1) = (different.first(), different.len()) {
        return format!("Xopero ONE has {count} {what} of the name {only:?}: {otherwise}.");
    }
    let alike = if different.len() < count {
        format!(" Where there are several of one, {otherwise}.")
    } else {
        String::new()
    };
    let listed = verdict::listed(different.into_iter());
    let name = verdict::quoted(name);
    format!("{name} means several {what}: {listed}. Write one of these spellings.{alike}")
}

/// The plans of an organization by name, so that ten thousand claims ask at little cost.
#[derive(Debug)]
pub(super) struct PlanNames<'a> {
    by_lowered: BTreeMap<String, Vec<(PlanId, &'a str)>>,
    missing: BTreeMap<&'a str, PlanId>,
    inventory: &'a Inventory,
    memory: &'a Memory,
}

impl<'a> PlanNames<'a> {
    pub(super) fn new(inventory: &'a Inventory, memory: &'a Memory) -> Self {
        let mut by_lowered: BTreeMap<String, Vec<(PlanId, &str)>> = BTreeMap::new();
        for plan in inventory.plans().values() {
            by_lowered
                .entry(plan.name.to_lowercase())
                .or_default()
                .push((plan.id, &plan.name));
        }
        Self {
            by_lowered,
            missing: memory.missing_plans().collect(),
            inventory,
            memory,
        }
    }

    /// What a plan's name means. `remembered` decides between two of one name. Without it, what is spelled as it is written is meant; what
    /// differs by its case is not, where another plan had that very name before.
    pub(super) fn resolve(&self, name: &str, remembered: Option<PlanId>) -> Resolution<PlanId> {
        let alike = self
            .by_lowered
            .get(&name.to_lowercase())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let exact: Vec<_> = alike
            .iter()
            .copied()
            .filter(|(_, listed)| *listed == name)
            .collect();
        let choice = if exact.is_empty() {
            alike.to_vec()
        } else {
            exact
        };
        match choice.as_slice() {
            [(id, spelled)] => {
                let had_it = || {
                    let missing = self.missing.get(name).copied();
                    missing.or_else(|| self.memory.plan_formerly(name))
                };
                let is_exact = *spelled == name;
                let meant = remembered.or_else(|| if is_exact { None } else { had_it() });
                let meant = meant.filter(|meant| meant != id);
                meant.map_or(Resolution::Found(*id), |meant| {
                    self.of_two(meant, (*id, spelled))
                })
            }
            [] => remembered
                .and_then(|id| self.inventory.plans().get(&id))
                .map_or(Resolution::NotFound, |plan| {
                    Resolution::Renamed(plan.id, plan.name.clone())
                }),
            several => match remembered.filter(|id| several.iter().any(|(known, _)| known == id)) {
                Some(id) => Resolution::Found(id),
                None => Resolution::Ambiguous(
                    several.iter().map(|(id, _)| *id).collect(),
                    several.iter().map(|(_, name)| (*name).to_owned()).collect(),
                ),
            },
        }
    }

    /// One plan was meant, and another one has the name.
    fn of_two(&self, meant: PlanId, (other, spelled): (PlanId, &str)) -> Resolution<PlanId> {
        let plans = &self.memory.beside().plans;
        match self.inventory.plans().get(&meant) {
            Some(plan) if plans.had_its_name_beside(meant, other) => {
                Resolution::Renamed(meant, plan.name.clone())
            }
            None if self.inventory.shows_unlisted(meant) || plans.stood_beside(meant, other) => {
                Resolution::Another(other, spelled.to_owned())
            }
            Some(_) | None => Resolution::Found(other),
        }
    }
}

/// Where a repository or a project is looked for, and what was listed there beside what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Among<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) memory: &'a Memory,
    /// Those that are in a project and not listed, as far as they are remembered.
    pub(super) unlisted: &'a [Repository],
    pub(super) now: Timestamp,
}

/// What a repository's name means.
pub(super) fn repository(
    among: Among<'_>,
    name: &str,
    project: Option<&str>,
    remembered: Option<RepositoryId>,
) -> Resolution<Row> {
    let inventory = among.inventory;
    let alike: Vec<(Row, &Repository)> = inventory
        .named(name)
        .filter(|(_, repository)| in_project(repository, project))
        .collect();
    let choose = |keep: &dyn Fn(&Repository) -> bool| -> Vec<(Row, &Repository)> {
        alike
            .iter()
            .copied()
            .filter(|(_, repository)| keep(repository))
            .collect()
    };
    let preferences: [&dyn Fn(&Repository) -> bool; 4] = [
        &|repository| !repository.removed && repository.name == name,
        &|repository| !repository.removed,
        &|repository| repository.name == name,
        &|_| true,
    ];
    for keep in preferences {
        let choice = choose(keep);
        match choice.as_slice() {
            [] => {}
            [(row, repository)] => {
                let meant = remembered.filter(|meant| *meant != repository.id);
                return meant.map_or(Resolution::Found(*row), |meant| {
                    of_two(among, meant, (*row, repository), &alike)
                });
            }
            several => {
                let known = several
                    .iter()
                    .find(|(_, repository)| Some(repository.id) == remembered);
                return known.map_or_else(
                    || {
                        Resolution::Ambiguous(
                            several.iter().map(|(row, _)| *row).collect(),
                            several
                                .iter()
                                .map(|(_, repository)| repository.spelled().into_owned())
                                .collect(),
                        )
                    },
                    |(row, _)| Resolution::Found(*row),
                );
            }
        }
    }
    remembered
        .and_then(|id| inventory.row(id))
        .and_then(|row| {
            inventory
                .repository(row)
                .map(|repository| (row, repository))
        })
        .filter(|(_, repository)| in_project(repository, project))
        .map_or(Resolution::NotFound, |(row, repository)| {
            Resolution::Renamed(row, repository.name.clone())
        })
}

/// One repository was meant, and another one has the name; `alike`: all that have it.
fn of_two(
    Among {
        inventory, memory, ..
    }: Among<'_>,
    meant: RepositoryId,
    (row, other): (Row, &Repository),
    alike: &[(Row, &Repository)],
) -> Resolution<Row> {
    let beside = &memory.beside().repositories;
    let found = inventory.row(meant);
    let found = found.and_then(|row| Some((row, inventory.repository(row)?)));
    match found {
        Some((known_row, known)) if !known.removed => {
            if beside.had_its_name_beside(meant, other.id) {
                Resolution::Renamed(known_row, known.name.clone())
            } else {
                Resolution::Found(row)
            }
        }
        Some(_) | None if !beside.stood_beside(meant, other.id) => Resolution::Found(row),
        // No Git service has two of one name in one place: the one that is there was made anew, however they were listed.
        Some((_, known)) if is_same_place(known, other) => Resolution::Found(row),
        // It is gone from the Git service, and still the one that is meant.
        Some((known_row, _)) if alike.iter().any(|(_, one)| one.id == meant) => {
            Resolution::Found(known_row)
        }
        Some(_) | None => Resolution::Another(row, other.spelled().into_owned()),
    }
}

/// Whether two repositories have the same name in the same place, as far as their rows show one.
fn is_same_place(one: &Repository, other: &Repository) -> bool {
    !one.hides_project()
        && !other.hides_project()
        && one.spelled().to_lowercase() == other.spelled().to_lowercase()
}

/// What a project's name or id means.
pub(super) fn project(
    Among {
        inventory, memory, ..
    }: Among<'_>,
    project: &ProjectName,
    remembered: Option<ProjectId>,
) -> Resolution<ProjectId> {
    let name = match project {
        ProjectName::Id(id) => {
            // Where the rows show no project at all, an id is all there is; elsewhere a foreign one must not get in.
            let may_exist =
                inventory.projects().is_empty() || inventory.projects().contains_key(id);
            return if may_exist {
                Resolution::Found(*id)
            } else {
                Resolution::NotFound
            };
        }
        ProjectName::Name(name) => name,
    };
    let lowered = name.to_lowercase();
    let alike: Vec<_> = inventory
        .projects()
        .values()
        .filter(|known| known.name.to_lowercase() == lowered)
        .collect();
    let exact: Vec<_> = alike
        .iter()
        .copied()
        .filter(|known| &known.name == name)
        .collect();
    let choice = if exact.is_empty() { alike } else { exact };
    match choice.as_slice() {
        [known] => {
            let is_another = |meant: &ProjectId| {
                !inventory.projects().contains_key(meant)
                    && memory.beside().projects.stood_beside(*meant, known.id)
            };
            match remembered.filter(is_another) {
                Some(_) => Resolution::Another(known.id, known.name.clone()),
                None => Resolution::Found(known.id),
            }
        }
        [] => remembered
            .and_then(|id| inventory.projects().get(&id))
            .map_or(Resolution::NotFound, |known| {
                Resolution::Renamed(known.id, known.name.clone())
            }),
        several => match remembered.filter(|id| several.iter().any(|known| known.id == *id)) {
            Some(id) => Resolution::Found(id),
            None => Resolution::Ambiguous(
                several.iter().map(|known| known.id).collect(),
                several.iter().map(|known| known.name.clone()).collect(),
            ),
        },
    }
}

fn in_project(repository: &Repository, project: Option<&str>) -> bool {
    project.is_none_or(|project| {
        let lowered = project.to_lowercase();
        repository
            .project_name
            .as_deref()
            .is_some_and(|name| name.to_lowercase() == lowered)
            || repository
                .project
                .is_some_and(|id| id.to_string() == lowered)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    //                            listed                    says
    #[case::by_spelling(          &["DUP", "Dup"],          "\"dup\" means several plans: DUP, Dup. Write one of these spellings.")]
    #[case::by_nothing(           &["Dup", "Dup"],          "Xopero ONE has 2 plans of the name \"Dup\": rename one.")]
    #[case::by_nothing_some_of_them(&["Dup", "DUP", "Dup"], "\"dup\" means several plans: DUP, Dup. Write one of these spellings. Where there are several of one, rename one.")]
    fn several_of_one_name_are_told_apart_by_what_differs(
        #[case] spellings: &[&str],
        #[case] says: &str,
    ) {
        let spellings: Vec<String> = spellings.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(told_apart("plans", "dup", &spellings, "rename one"), says);
    }
}
