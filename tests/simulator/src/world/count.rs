//! The numbers that listings show. Each is counted when it is asked for, and kept until something changes.

use uuid::Uuid;

use super::{Repository, World};
use crate::dialect::{ProjectAttachment, ProtectedRepositories, RepoCount};

/// The numbers of an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) total: usize,
    pub(crate) protected: usize,
    pub(crate) missing_licences: usize,
    pub(crate) removed: usize,
}

impl World {
    /// Something about the repositories of this organization has changed.
    pub(super) fn touch(&mut self, organization: Uuid) {
        if let Some(organization) = self.organization_mut(organization) {
            organization.counts = None;
        }
    }

    /// Something has changed that every organization's numbers may depend on.
    pub(crate) fn touch_all(&mut self) {
        for organization in &mut self.organizations {
            organization.counts = None;
        }
    }

    pub(crate) fn counts(&mut self, organization: Uuid) -> Counts {
        if let Some(counts) = self
            .organization(organization)
            .and_then(|found| found.counts)
        {
            return counts;
        }
        let counts = self.count(organization);
        if let Some(organization) = self.organization_mut(organization) {
            organization.counts = Some(counts);
        }
        counts
    }

    fn count(&self, organization: Uuid) -> Counts {
        let mut counts = Counts::default();
        let Some(organization) = self.organization(organization) else {
            return counts;
        };
        for place in &organization.repositories {
            let Some(repository) = self.repositories.get(&place.id) else {
                continue;
            };
            counts.total += 1;
            counts.removed += usize::from(repository.removed);
            counts.missing_licences += usize::from(!repository.licensed && !repository.removed);
            counts.protected += usize::from(match self.dialect.protected_repositories {
                ProtectedRepositories::LicensedInAPlan => {
                    repository.licensed && self.is_in_a_plan(repository)
                }
                ProtectedRepositories::Licensed => repository.licensed,
            });
        }
        counts
    }

    fn is_in_a_plan(&self, repository: &Repository) -> bool {
        !repository.plans.is_empty() || self.covering_plans(repository).next().is_some()
    }

    /// The plans that a repository is in because its project is, where that is what attaching a project means.
    pub(crate) fn covering_plans(&self, repository: &Repository) -> impl Iterator<Item = Uuid> {
        let project = match self.dialect.project_attachment {
            ProjectAttachment::Covers => repository
                .project
                .and_then(|project| self.projects.get(&project)),
            ProjectAttachment::Snapshot => None,
        };
        project
            .into_iter()
            .flat_map(|project| project.plans.iter().copied())
    }

    /// What `repoCount` of a plan shows under an organization.
    pub(crate) fn repo_count(&self, plan: Uuid, organization: Uuid) -> usize {
        let Some(plan) = self.plans.get(&plan) else {
            return 0;
        };
        let everywhere = self.dialect.repo_count == RepoCount::OfThePlan
            || plan.organizations.iter().all(|id| *id == organization);
        if everywhere && plan.projects.is_empty() {
            return plan.repositories.len();
        }
        let covered = plan
            .projects
            .iter()
            .filter(|_| self.dialect.project_attachment == ProjectAttachment::Covers)
            .filter_map(|project| self.projects.get(project))
            .flat_map(|project| &project.repositories)
            .filter(|repository| !plan.repositories.contains(repository));
        plan.repositories
            .iter()
            .chain(covered)
            .filter_map(|id| self.repositories.get(id))
            .filter(|repository| everywhere || repository.organization == organization)
            .count()
    }
}
