//! What was listed beside what. A name whose bearer is not listed any more may mean what was made anew under it, or another one that
//! was there all the time: to that one nothing is done for the name.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Renames;
use crate::inventory::{Inventory, PlanId, ProjectId, RepositoryId, TakenOut};

/// What was listed beside what, of each kind.
#[derive(Clone, Debug, Default)]
pub(in crate::decide) struct Beside {
    /// Repositories.
    pub(in crate::decide) repositories: Sightings<RepositoryId>,
    /// Plans.
    pub(in crate::decide) plans: Sightings<PlanId>,
    /// Azure DevOps projects. Of these status keeps no names, so a process tells only what it saw itself.
    pub(in crate::decide) projects: Sightings<ProjectId>,
}

impl Beside {
    /// Takes in a whole listing; `renamed` is what has another name in it than this process knew.
    pub(super) fn list(&mut self, listed: &Inventory, renamed: &Renames) {
        let listing = listed.listing();
        self.repositories.rename(&renamed.repositories, listing);
        self.plans.rename(&renamed.plans, listing);
        for repository in listed.repositories() {
            self.repositories.note(repository.id, listing);
            if !repository.removed {
                self.repositories.note_there(repository.id, listing);
            }
        }
        for plan in listed.plans().keys().copied() {
            self.plans.note(plan, listing);
            self.plans.note_there(plan, listing);
        }
        for (id, project) in listed.projects() {
            self.projects.note(*id, listing);
            if !project.rows.is_empty() {
                self.projects.note_there(*id, listing);
            }
        }
    }
}

#[cfg(test)]
impl Beside {
    pub(super) fn essence(&self) -> [Vec<bool>; 3] {
        let Self {
            repositories,
            plans,
            projects,
        } = self;
        [repositories.essence(), plans.essence(), projects.essence()]
    }
}

/// When the things of one kind were listed, by the numbers of the listings. What is gone stays known as long as the process lives:
/// what stood beside it is no less another one for that.
#[derive(Clone, Debug)]
pub(in crate::decide) struct Sightings<Id> {
    seen: BTreeMap<Id, Sighting>,
}

#[derive(Clone, Copy, Debug)]
struct Sighting {
    /// The first listing of it under the name that it has.
    first: u64,
    /// The last one of it as one that is there, and not as gone from the Git service.
    there: Option<u64>,
    /// The last one of it under the name that it had before.
    formerly: Option<u64>,
}

/// Before the first listing of this process.
const BEFORE: u64 = 0;

impl<Id> Default for Sightings<Id> {
    fn default() -> Self {
        Self {
            seen: BTreeMap::new(),
        }
    }
}

impl<Id: Copy + Ord> Sightings<Id> {
    fn note(&mut self, id: Id, listing: u64) {
        self.seen.entry(id).or_insert(Sighting {
            first: listing,
            there: None,
            formerly: None,
        });
    }

    /// It is not gone from the Git service.
    fn note_there(&mut self, id: Id, listing: u64) {
        if let Some(sighting) = self.seen.get_mut(&id) {
            sighting.there = Some(listing);
        }
    }

    fn rename(&mut self, ids: &BTreeSet<Id>, listing: u64) {
        for id in ids {
            if let Some(sighting) = self.seen.get_mut(id) {
                sighting.formerly = Some(sighting.there.unwrap_or(BEFORE));
                sighting.first = listing;
            }
        }
    }

    /// Takes in what the process before this one knew of these.
    pub(super) fn compare(&mut self, before: &TakenOut<Id>) {
        for id in &before.known {
            if let Some(sighting) = self.seen.get_mut(id) {
                sighting.first = BEFORE;
            }
        }
        for id in &before.in_doubt {
            if let Some(sighting) = self.seen.get_mut(id) {
                sighting.formerly.get_or_insert(BEFORE);
            }
        }
    }

    /// Whether the one that is listed was there beside the one that was meant before and is not there any more, and so is not that one
    /// made anew. One that was gone when this process began was there before: had the other been made in its place, the process before
    /// had not known it, or had taken it for the one that is meant.
    pub(in crate::decide) fn stood_beside(&self, meant: Id, listed: Id) -> bool {
        let last = self.seen.get(&meant).and_then(|meant| meant.there);
        self.was_there(listed, last.unwrap_or(BEFORE))
    }

    /// The same, where the one that is meant is listed under another name now: whether the other had its name already when it still
    /// had the one that is meant.
    pub(in crate::decide) fn had_its_name_beside(&self, meant: Id, listed: Id) -> bool {
        let last = self.seen.get(&meant).and_then(|meant| meant.formerly);
        last.is_some_and(|last| self.was_there(listed, last))
    }

    fn was_there(&self, id: Id, last: u64) -> bool {
        self.seen
            .get(&id)
            .is_some_and(|sighting| sighting.first <= last)
    }

    /// See [`super::Memory::essence`]: what `stood_beside` says of all that is known.
    #[cfg(test)]
    fn essence(&self) -> Vec<bool> {
        let ids = self.seen.keys();
        let pairs = ids.flat_map(|meant| self.seen.keys().map(move |listed| (*meant, *listed)));
        let beside = pairs.flat_map(|(meant, listed)| {
            [
                self.stood_beside(meant, listed),
                self.had_its_name_beside(meant, listed),
            ]
        });
        let alone = self.seen.iter().flat_map(|(id, sighting)| {
            [
                sighting.there.is_some(),
                sighting.formerly.is_some(),
                self.was_there(*id, BEFORE),
            ]
        });
        beside.chain(alone).collect()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const MEANT: u8 = 1;
    const LISTED: u8 = 2;

    #[rstest]
    // M: the one that is meant, m: the same, gone from the Git service; L: the other one.
    #[case::always(&["ML", "L"], true)]
    #[case::once(&["M", "ML", "L"], true)]
    #[case::and_then_the_one_was_gone_from_the_git_service(&["ML", "mL"], true)]
    #[case::made_anew_at_once(&["M", "L"], false)]
    #[case::made_anew_later(&["M", "", "L"], false)]
    #[case::made_anew_after_it_was_gone_from_the_git_service(&["M", "m", "mL"], false)]
    #[case::it_is_not_listed(&["M"], false)]
    fn what_stood_beside_it_is_not_the_one_that_is_meant(
        #[case] listings: &[&str],
        #[case] expected: bool,
    ) {
        let mut sightings = Sightings::default();
        for (listing, shown) in (1..).zip(listings) {
            for one in shown.chars() {
                let id = if one == 'L' { LISTED } else { MEANT };
                sightings.note(id, listing);
                if one != 'm' {
                    sightings.note_there(id, listing);
                }
            }
        }
        assert_eq!(sightings.stood_beside(MEANT, LISTED), expected);
    }

    #[rstest]
    #[case::known_before(&[LISTED], true)]
    #[case::not_known_before(&[], false)]
    fn after_a_restart_what_was_known_before_is_not_made_anew(
        #[case] known: &[u8],
        #[case] expected: bool,
    ) {
        let mut sightings = Sightings::default();
        sightings.note(LISTED, 1);
        sightings.compare(&TakenOut {
            known: known.to_vec(),
            in_doubt: Vec::new(),
        });
        assert_eq!(sightings.stood_beside(MEANT, LISTED), expected);
    }
}
