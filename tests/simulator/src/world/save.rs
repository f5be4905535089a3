//! From the state by id back to the state as it is written. Ids that the names give stay out.

use uuid::Uuid;

use super::{Organization, Plan, Project, Repository, World};
use crate::{
    ids,
    state::{self, State},
};

impl World {
    /// The state as it is now. Faults are the caller's to add.
    pub(crate) fn save(&self) -> State {
        State {
            users: self
                .accounts
                .iter()
                .map(|account| account.user.clone())
                .collect(),
            licences: self.licences,
            token_lifetime: self.token_lifetime,
            lock_after: self.lock_after,
            synchronization: self.synchronization,
            answer_time: self.answer_time,
            requires: self.requires.clone(),
            dialect: self.dialect.clone(),
            faults: Vec::new(),
            organizations: self
                .organizations
                .iter()
                .map(|organization| self.save_organization(organization))
                .collect(),
        }
    }

    pub(crate) fn save_organization(&self, organization: &Organization) -> state::Organization {
        let name = &organization.name;
        let repositories: Vec<state::Repository> = organization
            .repositories
            .iter()
            .filter_map(|place| Some((place.id, self.repositories.get(&place.id)?)))
            .map(|(id, repository)| self.save_repository(name, id, repository))
            .collect();
        state::Organization {
            id: explicit(organization.id, ids::organization(name)),
            name: name.clone(),
            provider: organization.provider,
            driver: (organization.driver != organization.provider.driver())
                .then_some(organization.driver),
            api_url: organization.api_url.clone(),
            is_read_only: organization.is_read_only,
            is_created_by_marketplace: organization.is_created_by_marketplace,
            default_worker_id: explicit(organization.default_worker_id, ids::derived_worker(name)),
            synchronization_in_progress: organization.synchronizing.is_some(),
            automatic_licensing: organization.automatic_licensing,
            plans: organization
                .plans
                .iter()
                .filter_map(|id| Some(save_plan(name, *id, self.plans.get(id)?)))
                .collect(),
            projects: organization
                .projects
                .values()
                .filter_map(|id| Some(self.save_project(name, *id, self.projects.get(id)?)))
                .collect(),
            repositories,
            upstream: self.save_upstream(organization),
        }
    }

    pub(crate) fn save_repository(
        &self,
        organization: &str,
        id: Uuid,
        repository: &Repository,
    ) -> state::Repository {
        let project = repository
            .project
            .and_then(|project| self.projects.get(&project))
            .map(|project| project.name.clone());
        let derived = ids::repository(organization, project.as_deref(), &repository.name);
        state::Repository {
            id: explicit(id, derived),
            name: repository.name.clone(),
            project,
            licensed: repository.licensed,
            removed: repository.removed,
            plans: self.plan_names(repository.plans.iter()),
        }
    }

    fn save_project(&self, organization: &str, id: Uuid, project: &Project) -> state::Project {
        state::Project {
            id: explicit(id, ids::project(organization, &project.name)),
            name: project.name.clone(),
            plans: self.plan_names(project.plans.iter()),
        }
    }

    /// The names of plans, in order, since ids say nothing to a reader.
    pub(crate) fn plan_names<'a>(&self, plans: impl Iterator<Item = &'a Uuid>) -> Vec<String> {
        let mut names: Vec<String> = plans
            .filter_map(|plan| Some(self.plans.get(plan)?.name.clone()))
            .collect();
        names.sort();
        names
    }

    /// What the Git service holds, none if that is just what is known and not marked removed.
    fn save_upstream(&self, organization: &Organization) -> Option<Vec<state::Upstream>> {
        let as_known = organization
            .repositories
            .iter()
            .filter_map(|place| Some((place.id, self.repositories.get(&place.id)?)))
            .filter(|(_, repository)| !repository.removed)
            .all(|(id, repository)| {
                organization
                    .upstream
                    .get(&id)
                    .is_some_and(|upstream| upstream.name == repository.name)
            });
        let living = organization
            .repositories
            .iter()
            .filter_map(|place| self.repositories.get(&place.id))
            .filter(|repository| !repository.removed)
            .count();
        if as_known && living == organization.upstream.len() {
            return None;
        }
        let mut upstream: Vec<state::Upstream> = organization
            .upstream
            .iter()
            .map(|(id, repository)| {
                let project = repository.project.as_deref();
                let derived = ids::repository(&organization.name, project, &repository.name);
                state::Upstream {
                    id: explicit(*id, derived),
                    name: repository.name.clone(),
                    project: repository.project.clone(),
                }
            })
            .collect();
        upstream
            .sort_by(|one, other| (&one.project, &one.name).cmp(&(&other.project, &other.name)));
        Some(upstream)
    }
}

fn save_plan(organization: &str, id: Uuid, plan: &Plan) -> state::Plan {
    state::Plan {
        id: explicit(id, ids::plan(organization, &plan.name)),
        name: plan.name.clone(),
        backup_type: plan.backup_type,
        include_metadata: plan.include_metadata,
        last_status: plan.last_status,
        plan_finished_time: plan.plan_finished_time,
        is_running: plan.is_running,
        method: plan.selection.method,
        rules: plan.selection.rules.clone(),
        reattaches: plan.selection.reattaches,
        settings: plan.settings.clone(),
    }
}

fn explicit(id: Uuid, derived: Uuid) -> Option<Uuid> {
    (id != derived).then_some(id)
}
