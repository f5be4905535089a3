//! What a test asks of the state.

use uuid::Uuid;

use super::Simulator;
use crate::world::{FindError, World};

/// A known repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryView {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The name of its project, if it has one.
    pub project: Option<String>,
    /// Whether it holds a licence.
    pub licensed: bool,
    /// Whether its row says that it is gone from the Git service.
    pub removed: bool,
    /// The names of the plans that it is attached to itself, in order.
    pub plans: Vec<String>,
}

impl Simulator {
    /// A known repository, by name, `project/name`, or id.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn repository(
        &self,
        organization: &str,
        repository: &str,
    ) -> Result<RepositoryView, FindError> {
        self.look(|world| {
            let id = world.find_repository(organization, repository)?;
            world.view(id).ok_or_else(|| FindError::Repository {
                organization: organization.to_owned(),
                repository: repository.to_owned(),
            })
        })
    }

    /// Every known repository of an organization, in the order of the listing.
    ///
    /// # Errors
    ///
    /// When there is no such organization.
    pub fn repositories(&self, organization: &str) -> Result<Vec<RepositoryView>, FindError> {
        self.look(|world| {
            let organization = world.find_organization(organization)?;
            let places = organization.repositories.iter();
            Ok(places.filter_map(|place| world.view(place.id)).collect())
        })
    }

    /// The names of the repositories that hold a licence, in order.
    ///
    /// # Errors
    ///
    /// When there is no such organization.
    pub fn licensed(&self, organization: &str) -> Result<Vec<String>, FindError> {
        let repositories = self.repositories(organization)?.into_iter();
        Ok(repositories
            .filter(|repository| repository.licensed)
            .map(|repository| repository.name)
            .collect())
    }

    /// The names of the repositories that are attached to a plan themselves, in order.
    ///
    /// # Errors
    ///
    /// When there is no such organization or plan.
    pub fn members(&self, organization: &str, plan: &str) -> Result<Vec<String>, FindError> {
        self.look(|world| {
            let plan = world.find_plan(organization, plan)?;
            let organization = world.find_organization(organization)?;
            let places = organization.repositories.iter();
            Ok(places
                .filter_map(|place| world.repositories.get(&place.id))
                .filter(|repository| repository.plans.contains(&plan))
                .map(|repository| repository.name.clone())
                .collect())
        })
    }

    /// The names of the projects that are attached to a plan, in order.
    ///
    /// # Errors
    ///
    /// When there is no such organization or plan.
    pub fn project_members(
        &self,
        organization: &str,
        plan: &str,
    ) -> Result<Vec<String>, FindError> {
        self.look(|world| {
            let plan = world.find_plan(organization, plan)?;
            let organization = world.find_organization(organization)?;
            let projects = organization.projects.iter();
            Ok(projects
                .filter(|(_, id)| {
                    let project = world.projects.get(id);
                    project.is_some_and(|project| project.plans.contains(&plan))
                })
                .map(|(name, _)| name.clone())
                .collect())
        })
    }

    /// The id of an organization, by name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn organization_id(&self, organization: &str) -> Result<Uuid, FindError> {
        self.look(|world| Ok(world.find_organization(organization)?.id))
    }

    /// The id of a plan, by name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn plan_id(&self, organization: &str, plan: &str) -> Result<Uuid, FindError> {
        self.look(|world| world.find_plan(organization, plan))
    }

    /// The id of a project, by name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn project_id(&self, organization: &str, project: &str) -> Result<Uuid, FindError> {
        self.look(|world| world.find_project(organization, project))
    }

    /// The id of a repository, by name or `project/name`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn repository_id(&self, organization: &str, repository: &str) -> Result<Uuid, FindError> {
        self.look(|world| world.find_repository(organization, repository))
    }

    /// The licences that are left; none when there is no limit.
    pub fn licences_left(&self) -> Option<usize> {
        self.shared.lock().world.licences_left()
    }

    fn look<T>(&self, view: impl FnOnce(&World) -> Result<T, FindError>) -> Result<T, FindError> {
        let mut simulation = self.shared.lock();
        simulation.world.settle(std::time::Instant::now());
        view(&simulation.world)
    }
}

impl World {
    fn view(&self, id: Uuid) -> Option<RepositoryView> {
        let repository = self.repositories.get(&id)?;
        let project = repository.project.and_then(|id| self.projects.get(&id));
        Some(RepositoryView {
            id,
            name: repository.name.clone(),
            project: project.map(|project| project.name.clone()),
            licensed: repository.licensed,
            removed: repository.removed,
            plans: self.plan_names(repository.plans.iter()),
        })
    }
}
