//! Names and ids to things.

use uuid::Uuid;

use super::{Organization, Place, World};

/// There is no such thing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No user.
    #[error("there is no user {0:?}")]
    User(String),
    /// No organization.
    #[error("there is no organization {0:?}: write its name or its id")]
    Organization(String),
    /// No plan.
    #[error("the organization {organization:?} has no plan {plan:?}: write its name or its id")]
    Plan {
        /// The organization asked for.
        organization: String,
        /// The plan asked for.
        plan: String,
    },
    /// No project.
    #[error(
        "the organization {organization:?} has no project {project:?}: write its name or its id"
    )]
    Project {
        /// The organization asked for.
        organization: String,
        /// The project asked for.
        project: String,
    },
    /// No repository.
    #[error(
        "the organization {organization:?} knows no repository {repository:?}: write its name, its project and name as \"project/name\", or its id"
    )]
    Repository {
        /// The organization asked for.
        organization: String,
        /// The repository asked for.
        repository: String,
    },
    /// Not at the Git service.
    #[error("the Git service of {organization:?} has no repository {repository:?}")]
    Upstream {
        /// The organization asked for.
        organization: String,
        /// The repository asked for.
        repository: String,
    },
}

impl World {
    pub(crate) fn organization(&self, id: Uuid) -> Option<&Organization> {
        self.organizations
            .iter()
            .find(|organization| organization.id == id)
    }

    pub(crate) fn organization_mut(&mut self, id: Uuid) -> Option<&mut Organization> {
        self.organizations
            .iter_mut()
            .find(|organization| organization.id == id)
    }

    /// The organization of this id or name; the first of several of one name.
    pub(crate) fn find_organization(&self, wanted: &str) -> Result<&Organization, Error> {
        let id = Uuid::parse_str(wanted).ok();
        self.organizations
            .iter()
            .find(|organization| Some(organization.id) == id || organization.name == wanted)
            .ok_or_else(|| Error::Organization(wanted.to_owned()))
    }

    pub(crate) fn find_plan(&self, organization: &str, wanted: &str) -> Result<Uuid, Error> {
        let id = Uuid::parse_str(wanted).ok();
        let mut plans = self.find_organization(organization)?.plans.iter().copied();
        plans
            .find(|plan| {
                Some(*plan) == id || self.plans.get(plan).is_some_and(|plan| plan.name == wanted)
            })
            .ok_or_else(|| Error::Plan {
                organization: organization.to_owned(),
                plan: wanted.to_owned(),
            })
    }

    pub(crate) fn find_project(&self, organization: &str, wanted: &str) -> Result<Uuid, Error> {
        let projects = &self.find_organization(organization)?.projects;
        let by_id = || {
            let id = Uuid::parse_str(wanted).ok()?;
            projects.values().copied().find(|project| *project == id)
        };
        projects
            .get(wanted)
            .copied()
            .or_else(by_id)
            .ok_or_else(|| Error::Project {
                organization: organization.to_owned(),
                project: wanted.to_owned(),
            })
    }

    /// The repository of this id, name, or `project/name`; the first in the order of the listing.
    pub(crate) fn find_repository(&self, organization: &str, wanted: &str) -> Result<Uuid, Error> {
        let found = self.find_organization(organization)?;
        let by_id = || {
            let id = Uuid::parse_str(wanted).ok()?;
            let repository = self.repositories.get(&id)?;
            (repository.organization == found.id).then_some(id)
        };
        let in_project = || {
            let mut cuts = wanted.match_indices('/');
            cuts.find_map(|(cut, _)| {
                let (project, name) = wanted.split_at_checked(cut)?;
                let project = found.projects.get(project)?;
                self.named(found, name.trim_start_matches('/'))
                    .find(|id| self.project_of(*id) == Some(*project))
            })
        };
        by_id()
            .or_else(|| self.named(found, wanted).next())
            .or_else(in_project)
            .ok_or_else(|| Error::Repository {
                organization: organization.to_owned(),
                repository: wanted.to_owned(),
            })
    }

    fn project_of(&self, repository: Uuid) -> Option<Uuid> {
        self.repositories.get(&repository)?.project
    }

    /// The repositories of exactly this name.
    fn named<'a>(
        &'a self,
        organization: &'a Organization,
        name: &'a str,
    ) -> impl Iterator<Item = Uuid> + 'a {
        let first = Place::new(name, Uuid::nil());
        let last = Place::new(name, Uuid::max());
        let places = organization.repositories.range(first..=last);
        places.map(|place| place.id).filter(move |id| {
            self.repositories
                .get(id)
                .is_some_and(|repository| repository.name == name)
        })
    }

    /// The id of what the Git service holds under this name, `project/name`, or id.
    pub(crate) fn find_upstream(&self, organization: &str, wanted: &str) -> Result<Uuid, Error> {
        let upstream = &self.find_organization(organization)?.upstream;
        let id = Uuid::parse_str(wanted).ok();
        let named = |full: bool| {
            upstream
                .iter()
                .find(|(_, repository)| match (&repository.project, full) {
                    (Some(project), true) => wanted
                        .strip_prefix(project.as_str())
                        .and_then(|rest| rest.strip_prefix('/'))
                        .is_some_and(|name| name == repository.name),
                    (None, true) => false,
                    (_, false) => repository.name == wanted,
                })
        };
        let by_id = || upstream.iter().find(|(known, _)| Some(**known) == id);
        by_id()
            .or_else(|| named(false))
            .or_else(|| named(true))
            .map(|(id, _)| *id)
            .ok_or_else(|| Error::Upstream {
                organization: organization.to_owned(),
                repository: wanted.to_owned(),
            })
    }
}
