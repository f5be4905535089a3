//! What happens to a whole organization, or a whole plan.

use uuid::Uuid;

use super::{LoadError, World};
use crate::{ids, state};

impl World {
    /// Deletes a plan: nothing is attached to it any more.
    pub(crate) fn remove_plan(&mut self, id: Uuid) {
        let Some(plan) = self.plans.remove(&id) else {
            return;
        };
        for repository in &plan.repositories {
            if let Some(repository) = self.repositories.get_mut(repository) {
                repository.plans.remove(&id);
            }
        }
        for project in &plan.projects {
            if let Some(project) = self.projects.get_mut(project) {
                project.plans.remove(&id);
            }
        }
        for organization in &mut self.organizations {
            organization.plans.retain(|plan| *plan != id);
        }
        self.touch_all();
    }

    /// Removes an organization with all that is known of it; a plan that serves another one too stays.
    pub(crate) fn remove_organization(&mut self, id: Uuid) {
        let Some(organization) = self.organization(id) else {
            return;
        };
        let places: Vec<Uuid> = organization
            .repositories
            .iter()
            .map(|place| place.id)
            .collect();
        let projects: Vec<Uuid> = organization.projects.values().copied().collect();
        let plans = organization.plans.clone();
        for repository in places {
            self.forget(repository);
        }
        for project in projects {
            self.projects.remove(&project);
            for plan in &plans {
                if let Some(plan) = self.plans.get_mut(plan) {
                    plan.projects.remove(&project);
                }
            }
        }
        for plan in plans {
            let served = self.plans.get_mut(&plan).map(|found| {
                found.organizations.remove(&id);
                found.organizations.len()
            });
            if served == Some(0) {
                self.plans.remove(&plan);
            }
        }
        self.organizations
            .retain(|organization| organization.id != id);
    }

    /// Removes an organization and adds it again, under other ids, with what the Git service holds. Plans keep their ids.
    pub(crate) fn re_add_organization(&mut self, id: Uuid) -> Result<(), LoadError> {
        let Some(organization) = self.organization(id) else {
            return Ok(());
        };
        let mut state = self.save_organization(organization);
        state.id = Some(ids::successor(id));
        state.synchronization_in_progress = false;
        let upstream = organization.upstream.iter();
        state.repositories = upstream
            .map(|(id, upstream)| state::Repository {
                id: Some(ids::successor(*id)),
                name: upstream.name.clone(),
                project: upstream.project.clone(),
                ..state::Repository::default()
            })
            .collect();
        state.upstream = None;
        for project in &mut state.projects {
            let of_old = organization.projects.get(&project.name);
            project.id = of_old.map(|id| ids::successor(*id));
            project.plans.clear();
        }
        for (plan, id) in state.plans.iter_mut().zip(&organization.plans) {
            plan.id = Some(*id);
        }
        self.remove_organization(id);
        self.add_organization(state)?;
        Ok(())
    }
}
