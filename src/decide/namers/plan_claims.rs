//! Who names what in one plan.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::{Rank, claimants::Claimants};
use crate::{
    decide::{
        Life,
        named::{Around, Named, rows_of},
    },
    inventory::{Inventory, ProjectId, Row},
};

/// Who names what in one plan.
#[derive(Debug)]
pub(super) struct PlanClaims {
    /// Only what is named: dense, fifty plans of a large organization would take tens of megabytes for each decision.
    rows: HashMap<Row, Claimants, FixedState>,
    pub(super) projects: BTreeMap<ProjectId, Claimants>,
    /// Who names a repository that is not listed, by the project that it may be in.
    around: BTreeMap<ProjectId, Claimants>,
    /// Those of them for whom it may be in any.
    around_any: Claimants,
}

impl Default for PlanClaims {
    fn default() -> Self {
        Self {
            rows: HashMap::default(),
            projects: BTreeMap::new(),
            around: BTreeMap::new(),
            around_any: Claimants::NONE,
        }
    }
}

impl PlanClaims {
    pub(super) fn add(
        &mut self,
        rank: Rank,
        life: Life,
        (named, inventory): (&Named<'_>, &Inventory),
    ) {
        let of_projects = rows_of(&named.projects, inventory);
        for row in named.rows.iter().copied().chain(of_projects) {
            let claimants = self.rows.entry(row).or_insert(Claimants::NONE);
            claimants.add(rank, life);
        }
        for project in &named.projects {
            let claimants = self.projects.entry(*project).or_insert(Claimants::NONE);
            claimants.add(rank, life);
        }
        match &named.around {
            Around::None => {}
            Around::These(projects) => {
                for project in projects {
                    let claimants = self.around.entry(*project).or_insert(Claimants::NONE);
                    claimants.add(rank, life);
                }
            }
            Around::Any => self.around_any.add(rank, life),
        }
    }

    /// Whether the project is named, or may be that of a repository that is named and not listed.
    pub(super) fn may_name_project(&self, project: ProjectId) -> bool {
        self.projects.contains_key(&project)
            || self.around.contains_key(&project)
            || self.around_any.any
    }

    /// Another living claim that names a repository that is not listed and may be in the project.
    pub(super) fn living_around(&self, project: ProjectId, rank: Rank) -> Option<Rank> {
        let around = self.around.get(&project);
        let around = around.and_then(|claimants| claimants.living_other_than(rank));
        around.or_else(|| self.around_any.living_other_than(rank))
    }

    pub(super) fn names(&self, row: Row) -> bool {
        self.rows.contains_key(&row)
    }

    pub(super) fn living_other_than(&self, rank: Rank, row: Row) -> Option<Rank> {
        self.rows.get(&row)?.living_other_than(rank)
    }
}
