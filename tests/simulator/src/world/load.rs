//! From the state as it is written to the state by id.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Account, Organization, Plan, Repository, Selection, Until, UpstreamRepository, World};
use crate::{
    dialect::UnknownKey,
    ids,
    state::{self, Provider, State, User},
};

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Two things with one id.
    #[error("{what} {name:?} has the id {id}, which another one has: give it an \"id\" of its own")]
    DuplicateId {
        /// What the second one is.
        what: &'static str,
        /// Its name.
        name: String,
        /// The id.
        id: Uuid,
    },
    /// A repository or project names a plan that its organization does not have.
    #[error(
        "{name:?} of organization {organization:?} is in plan {plan:?}, which the organization does not have: add it under \"plans\""
    )]
    UnknownPlan {
        /// The organization.
        organization: String,
        /// The repository or project.
        name: String,
        /// The plan named.
        plan: String,
    },
    /// The dialect names a field that does not exist.
    #[error(transparent)]
    Dialect(#[from] UnknownKey),
}

impl World {
    /// Indexes a state. Its faults are the caller's to put in place.
    pub(crate) fn load(state: State) -> Result<Self, Error> {
        let State {
            users,
            licences,
            token_lifetime,
            lock_after,
            synchronization,
            answer_time,
            requires,
            dialect,
            faults: _,
            organizations,
        } = state;
        dialect.check()?;
        let mut world = Self {
            accounts: users.into_iter().map(Account::new).collect(),
            licences,
            token_lifetime,
            lock_after,
            synchronization,
            answer_time,
            requires,
            dialect,
            organizations: Vec::new(),
            plans: BTreeMap::new(),
            projects: BTreeMap::new(),
            repositories: BTreeMap::new(),
            licensed: 0,
        };
        for organization in organizations {
            world.add_organization(organization)?;
        }
        Ok(world)
    }

    pub(crate) fn add_organization(&mut self, state: state::Organization) -> Result<Uuid, Error> {
        let state::Organization {
            id,
            name,
            provider,
            driver,
            api_url,
            is_read_only,
            is_created_by_marketplace,
            default_worker_id,
            synchronization_in_progress,
            automatic_licensing,
            plans,
            projects,
            repositories,
            upstream,
        } = state;
        let id = id.unwrap_or_else(|| ids::organization(&name));
        if self.organization(id).is_some() {
            return Err(duplicate("organization", &name, id));
        }
        self.organizations.push(Organization {
            id,
            name: name.clone(),
            provider,
            driver: driver.unwrap_or_else(|| provider.driver()),
            api_url,
            is_read_only,
            is_created_by_marketplace,
            default_worker_id: default_worker_id.unwrap_or_else(|| ids::derived_worker(&name)),
            automatic_licensing,
            synchronizing: synchronization_in_progress.then_some(Until::Released),
            plans: Vec::new(),
            projects: BTreeMap::new(),
            repositories: BTreeSet::new(),
            upstream: BTreeMap::new(),
            counts: None,
        });
        for plan in plans {
            self.add_plan(id, plan)?;
        }
        for project in projects {
            self.load_project(id, project)?;
        }
        let default_upstream = upstream.is_none();
        for repository in repositories {
            self.load_repository(id, repository, Presence::from(default_upstream))?;
        }
        for state::Upstream {
            id: upstream_id,
            name: repository,
            project,
        } in upstream.into_iter().flatten()
        {
            let upstream_id = upstream_id
                .or_else(|| self.known(id, project.as_deref(), &repository))
                .unwrap_or_else(|| ids::repository(&name, project.as_deref(), &repository));
            self.add_upstream(id, upstream_id, repository, project);
        }
        self.organization_plans(id)
            .into_iter()
            .for_each(|plan| self.select(plan));
        Ok(id)
    }

    fn organization_plans(&self, id: Uuid) -> Vec<Uuid> {
        self.organization(id)
            .map(|organization| organization.plans.clone())
            .unwrap_or_default()
    }

    /// Adds a plan to an organization. An id that exists already is that plan, which serves this organization too.
    pub(crate) fn add_plan(&mut self, to: Uuid, state: state::Plan) -> Result<Uuid, Error> {
        let state::Plan {
            id,
            name,
            backup_type,
            include_metadata,
            last_status,
            plan_finished_time,
            is_running,
            method,
            rules,
            reattaches,
            settings,
        } = state;
        let Some(organization) = self.organizations.iter_mut().find(|found| found.id == to) else {
            return Ok(to);
        };
        let id = id.unwrap_or_else(|| ids::plan(&organization.name, &name));
        if organization.plans.contains(&id) {
            return Err(duplicate("plan", &name, id));
        }
        organization.plans.push(id);
        let plan = self.plans.entry(id).or_insert_with(|| Plan {
            name,
            azure: organization.provider == Provider::AzureDevOps,
            backup_type,
            include_metadata,
            last_status,
            plan_finished_time,
            is_running,
            selection: Selection {
                method,
                rules,
                reattaches,
                unsettled: true,
            },
            settings,
            organizations: BTreeSet::new(),
            repositories: BTreeSet::new(),
            projects: BTreeSet::new(),
        });
        plan.organizations.insert(to);
        Ok(id)
    }

    fn load_project(&mut self, organization: Uuid, state: state::Project) -> Result<(), Error> {
        let state::Project { id, name, plans } = state;
        let organization_name = self.name_of(organization);
        let id = id.unwrap_or_else(|| ids::project(&organization_name, &name));
        if self.projects.contains_key(&id) {
            return Err(duplicate("project", &name, id));
        }
        self.add_project(id, organization, &name);
        for plan in plans {
            let plan = self.plan_of(organization, &name, &plan)?;
            self.attach_project(plan, id);
        }
        Ok(())
    }

    pub(crate) fn load_repository(
        &mut self,
        organization: Uuid,
        state: state::Repository,
        presence: Presence,
    ) -> Result<Uuid, Error> {
        let state::Repository {
            id,
            name,
            project,
            licensed,
            removed,
            plans,
        } = state;
        let organization_name = self.name_of(organization);
        let derived = || ids::repository(&organization_name, project.as_deref(), &name);
        let id = id.unwrap_or_else(derived);
        if self.repositories.contains_key(&id) {
            return Err(duplicate("repository", &name, id));
        }
        let plans = plans
            .iter()
            .map(|plan| self.plan_of(organization, &name, plan))
            .collect::<Result<BTreeSet<_>, _>>()?;
        if presence == Presence::Upstream && !removed {
            self.add_upstream(organization, id, name.clone(), project.clone());
        }
        let project = project.map(|project| self.project_named(organization, &project));
        self.know(
            id,
            Repository {
                organization,
                name,
                project,
                licensed,
                removed,
                plans,
            },
        );
        Ok(id)
    }

    pub(crate) fn add_upstream(
        &mut self,
        organization: Uuid,
        id: Uuid,
        name: String,
        project: Option<String>,
    ) {
        if let Some(organization) = self.organization_mut(organization) {
            let upstream = UpstreamRepository { name, project };
            organization.upstream.insert(id, upstream);
        }
    }

    /// The id of a known repository, so that what the Git service holds need not repeat an explicit one.
    fn known(&self, organization: Uuid, project: Option<&str>, name: &str) -> Option<Uuid> {
        let full = match project {
            Some(project) => format!("{project}/{name}"),
            None => name.to_owned(),
        };
        self.find_repository(&organization.to_string(), &full).ok()
    }

    fn name_of(&self, organization: Uuid) -> String {
        self.organization(organization)
            .map(|organization| organization.name.clone())
            .unwrap_or_default()
    }

    fn plan_of(&self, organization: Uuid, name: &str, plan: &str) -> Result<Uuid, Error> {
        self.find_plan(&organization.to_string(), plan)
            .map_err(|_| Error::UnknownPlan {
                organization: self.name_of(organization),
                name: name.to_owned(),
                plan: plan.to_owned(),
            })
    }
}

/// Whether a repository that is made known is at the Git service as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Upstream,
    KnownAlone,
}

impl From<bool> for Presence {
    fn from(upstream: bool) -> Self {
        if upstream {
            Self::Upstream
        } else {
            Self::KnownAlone
        }
    }
}

impl Account {
    pub(crate) fn new(user: User) -> Self {
        Self {
            id: user.id.unwrap_or_else(|| ids::user(&user.email)),
            user,
            failures: 0,
        }
    }
}

fn duplicate(what: &'static str, name: &str, id: Uuid) -> Error {
    Error::DuplicateId {
        what,
        name: name.to_owned(),
        id,
    }
}
