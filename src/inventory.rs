//! What one organization holds in Xopero ONE: plans, repositories, projects.
//!
//! An inventory is made from whole listings only and takes up a write of our own only after its confirmed answer. Whether it
//! may be trusted for removals is judged in [`trust`]. What a listing does not show is unknown here, never absent.

mod names;
mod projects;
mod repository;
#[cfg(test)]
mod tests;
pub mod trust;

use std::collections::{BTreeMap, BTreeSet};

use repository::{Hides, Unmarked};

pub use names::{Digest, Names, TakenOut};
pub use projects::{Project, ProjectMembership};
pub use repository::{Licence, Plans, Repository};

pub use crate::xopero::{
    LastStatus, Organization, OrganizationId, Plan, PlanId, ProjectId,
    Repository as ListedRepository, RepositoryId, display_name,
};

/// Where a repository stands in [`Inventory::repositories`]. Valid for that one inventory only.
pub type Row = usize;

/// The rows, plans and projects of one organization, as of one whole listing and our confirmed writes since.
#[derive(Clone, Debug)]
pub struct Inventory {
    organization: Organization,
    plans: BTreeMap<PlanId, Plan>,
    /// Plans that the organization or a repository shows, and that are not listed.
    unlisted_plans: BTreeSet<PlanId>,
    unowned_plans: Vec<String>,
    repositories: Vec<Repository>,
    by_name: Vec<u32>,
    projects: BTreeMap<ProjectId, Project>,
    listing: u64,
    is_counted: bool,
}

impl Inventory {
    /// Orders the listed rows. `listing` numbers the whole listings of this organization in this process, from 1.
    #[must_use]
    pub fn new(
        organization: Organization,
        plans: Vec<Plan>,
        rows: Vec<ListedRepository>,
        listing: u64,
    ) -> Self {
        let organization_name = organization.name.to_lowercase();
        let unmarked = Unmarked::in_listing(organization.removed_repositories, &rows);
        let mut repositories: Vec<Repository> = rows
            .into_iter()
            .map(|row| Repository::listed(row, &organization_name, unmarked))
            .collect();
        repositories.sort_unstable_by_key(|repository| repository.id);
        let mut by_name: Vec<u32> =
            (0..u32::try_from(repositories.len()).unwrap_or(u32::MAX)).collect();
        by_name.sort_by(|a, b| {
            let key = |row: &u32| {
                repositories
                    .get(*row as usize)
                    .map(|r| (r.lowered_name(), r.id))
            };
            key(a).cmp(&key(b))
        });
        let projects = projects::gather(&repositories);
        let plans: BTreeMap<PlanId, Plan> = plans.into_iter().map(|plan| (plan.id, plan)).collect();
        let own = organization.plans.iter().flatten();
        let of_rows = repositories.iter().filter_map(|row| row.plans.shown());
        let shown = own.chain(of_rows.flatten()).copied();
        let unlisted_plans = shown.filter(|plan| !plans.contains_key(plan)).collect();
        Self {
            organization,
            plans,
            unlisted_plans,
            unowned_plans: Vec::new(),
            repositories,
            by_name,
            projects,
            listing,
            is_counted: true,
        }
    }

    /// Nothing proves that it holds all rows that there are.
    #[must_use]
    pub fn uncounted(self) -> Self {
        Self {
            is_counted: false,
            ..self
        }
    }

    /// Whether as many rows came as were announced.
    pub fn is_counted(&self) -> bool {
        self.is_counted
    }

    /// Its Git service keeps every repository in a project: a row without one, or without its id, does not show it.
    #[must_use]
    pub fn with_everything_in_projects(mut self) -> Self {
        for repository in &mut self.repositories {
            repository.hides = Hides {
                name: repository.project_name.is_none(),
                id: repository.project.is_none(),
            };
        }
        self
    }

    /// Remembers the names of plans that were listed with the organization's and that its own list does not hold, so that they
    /// are none of its plans.
    #[must_use]
    pub fn with_unowned_plans(self, unowned_plans: Vec<String>) -> Self {
        Self {
            unowned_plans,
            ..self
        }
    }

    /// Whether such a plan has that name, in any casing: then it is there, and yet it is not the organization's.
    pub fn lists_unowned_plan(&self, name: &str) -> bool {
        let lowered = name.to_lowercase();
        self.unowned_plans
            .iter()
            .any(|unowned| unowned.to_lowercase() == lowered)
    }

    /// Whether every plan that the organization or a repository shows is among those listed, with its name. Elsewhere one that is not
    /// found may be there all the same.
    pub fn lists_all_plans(&self) -> bool {
        self.unlisted_plans.is_empty() && self.plans.values().all(|plan| !plan.name.is_empty())
    }

    /// Whether the organization or a repository shows a plan that is not listed.
    pub fn shows_unlisted(&self, plan: PlanId) -> bool {
        self.unlisted_plans.contains(&plan)
    }

    /// The organization as it was listed last.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// Takes a newer reading of the organization alone; the rows stay. Where it does not show whether it synchronizes, it is not
    /// known that it does so no more.
    pub fn observe_organization(&mut self, organization: Organization) {
        let synchronizing = organization
            .synchronizing
            .or(self.organization.synchronizing);
        self.organization = Organization {
            synchronizing,
            ..organization
        };
    }

    /// The number of the whole listing that this inventory was made from.
    pub fn listing(&self) -> u64 {
        self.listing
    }

    /// The plans of the organization, by id.
    pub fn plans(&self) -> &BTreeMap<PlanId, Plan> {
        &self.plans
    }

    /// All rows, those removed upstream included, ordered by id.
    pub fn repositories(&self) -> &[Repository] {
        &self.repositories
    }

    /// The rows in the order of their names.
    pub fn rows_by_name(&self) -> impl Iterator<Item = (Row, &Repository)> {
        self.by_name.iter().filter_map(|row| {
            self.repositories
                .get(*row as usize)
                .map(|repository| (*row as usize, repository))
        })
    }

    /// The rows whose name equals `name` in Unicode lower case.
    pub fn named(&self, name: &str) -> impl Iterator<Item = (Row, &Repository)> {
        let lowered = name.to_lowercase();
        let start = self.by_name.partition_point(|row| {
            self.repositories
                .get(*row as usize)
                .is_some_and(|r| r.lowered_name() < lowered.as_str())
        });
        self.by_name.iter().skip(start).map_while(move |row| {
            let repository = self.repositories.get(*row as usize)?;
            (repository.lowered_name() == lowered).then_some((*row as usize, repository))
        })
    }

    /// The row of that id.
    pub fn row(&self, id: RepositoryId) -> Option<Row> {
        self.repositories
            .binary_search_by_key(&id, |repository| repository.id)
            .ok()
    }

    /// The repository in that row.
    pub fn repository(&self, row: Row) -> Option<&Repository> {
        self.repositories.get(row)
    }

    /// The Azure DevOps projects that the rows show, by id.
    pub fn projects(&self) -> &BTreeMap<ProjectId, Project> {
        &self.projects
    }

    /// Whether a project is in a plan, as far as its repositories tell: in when all its living ones are.
    pub fn project_membership(&self, project: ProjectId, plan: PlanId) -> ProjectMembership {
        projects::membership(self.projects.get(&project), &self.repositories, plan)
    }

    /// How many repositories are known and not removed upstream.
    pub fn living(&self) -> usize {
        self.repositories
            .iter()
            .filter(|repository| !repository.removed)
            .count()
    }

    /// Takes up a confirmed change of a licence.
    pub fn confirm_licence(&mut self, id: RepositoryId, licence: Licence) {
        if let Some(repository) = self.row(id).and_then(|row| self.repositories.get_mut(row))
            && repository.licence != Licence::Unknown
        {
            repository.licence = licence;
        }
    }

    /// Takes up a confirmed attachment.
    pub fn confirm_attached(&mut self, plan: PlanId, id: RepositoryId) {
        if let Some(repository) = self.row(id).and_then(|row| self.repositories.get_mut(row)) {
            repository.plans.insert(plan);
        }
    }

    /// Takes up a confirmed detachment.
    pub fn confirm_detached(&mut self, plan: PlanId, id: RepositoryId) {
        if let Some(repository) = self.row(id).and_then(|row| self.repositories.get_mut(row)) {
            repository.plans.remove(plan);
        }
    }

    /// Takes up a confirmed attachment of a project: all its repositories are in the plan from then on.
    pub fn confirm_project_attached(&mut self, plan: PlanId, project: ProjectId) {
        for row in self
            .projects
            .get(&project)
            .map(|p| p.rows.clone())
            .unwrap_or_default()
        {
            if let Some(repository) = self.repositories.get_mut(row) {
                repository.plans.insert(plan);
            }
        }
    }

    /// Takes up a confirmed detachment of a project.
    pub fn confirm_project_detached(&mut self, plan: PlanId, project: ProjectId) {
        for row in self
            .projects
            .get(&project)
            .map(|p| p.rows.clone())
            .unwrap_or_default()
        {
            if let Some(repository) = self.repositories.get_mut(row) {
                repository.plans.remove(plan);
            }
        }
    }

    /// Takes up settings that were sent and confirmed, as far as listings show them.
    pub fn confirm_settings(&mut self, plan: PlanId, include_metadata: Option<bool>) {
        if let (Some(plan), Some(include)) = (self.plans.get_mut(&plan), include_metadata) {
            plan.include_metadata = Some(include);
        }
    }

    /// Whether a repository of the project is gone from the Git service and may be in the plan: it would leave with its project.
    pub fn would_take_removed(&self, plan: PlanId, project: ProjectId) -> bool {
        let rows = self.projects.get(&project).map(|known| &known.removed_rows);
        rows.into_iter()
            .flatten()
            .filter_map(|row| self.repository(*row))
            .any(|repository| repository.plans.contains(plan) != Some(false))
    }

    /// Whether a repository of the project may be gone from the Git service though its row does not say so.
    pub fn may_hold_removed(&self, project: ProjectId) -> bool {
        let rows = self.projects.get(&project).map(|known| &known.rows);
        rows.into_iter()
            .flatten()
            .filter_map(|row| self.repository(*row))
            .any(|repository| repository.may_be_removed)
    }

    /// Whether a repository of it, or one that may be, does not show what its project is called: then it is not known whether a
    /// pattern means it.
    pub fn may_hold_hidden(&self, project: ProjectId) -> bool {
        let name = self.projects.get(&project).map(|known| known.name.as_str());
        let mut all = self.repositories.iter();
        all.any(|repository| repository.may_hide_project(Some(project), name))
    }

    /// Takes up a confirmed removal: the row is gone.
    pub fn confirm_removed(&mut self, id: RepositoryId) {
        let Some(row) = self.row(id) else { return };
        self.repositories.remove(row);
        self.by_name.retain(|at| *at as usize != row);
        for at in &mut self.by_name {
            if *at as usize > row {
                *at -= 1;
            }
        }
        projects::forget(&mut self.projects, row);
    }
}
