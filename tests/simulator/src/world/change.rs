//! The changes that calls and edits make. Each says whether it changed anything; whether it is allowed is asked before.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::{Place, Repository, World};
use crate::{
    dialect::{Modify, ProjectAttachment},
    state::Method,
};

impl World {
    /// Gives or takes a licence, whatever is left of them.
    #[expect(
        clippy::fn_params_excessive_bools,
        reason = "it is the field of the row"
    )]
    pub(crate) fn set_licence(&mut self, repository: Uuid, licensed: bool) -> bool {
        let Some(found) = self.repositories.get_mut(&repository) else {
            return false;
        };
        if found.licensed == licensed {
            return false;
        }
        found.licensed = licensed;
        let organization = found.organization;
        if licensed {
            self.licensed += 1;
        } else {
            self.licensed -= 1;
        }
        self.touch(organization);
        true
    }

    pub(crate) fn attach(&mut self, plan: Uuid, repository: Uuid) -> bool {
        let (Some(found), Some(in_plan)) = (
            self.repositories.get_mut(&repository),
            self.plans.get_mut(&plan),
        ) else {
            return false;
        };
        in_plan.repositories.insert(repository);
        let changed = found.plans.insert(plan);
        let organization = found.organization;
        self.touch(organization);
        changed
    }

    pub(crate) fn detach(&mut self, plan: Uuid, repository: Uuid) -> bool {
        let (Some(found), Some(in_plan)) = (
            self.repositories.get_mut(&repository),
            self.plans.get_mut(&plan),
        ) else {
            return false;
        };
        in_plan.repositories.remove(&repository);
        in_plan.selection.unsettled |= in_plan.selection.method == Method::Rules;
        let changed = found.plans.remove(&plan);
        let organization = found.organization;
        self.touch(organization);
        changed
    }

    /// Attaches a project; the number of things that it changed.
    pub(crate) fn attach_project(&mut self, plan: Uuid, project: Uuid) -> u64 {
        let (Some(found), Some(in_plan)) =
            (self.projects.get_mut(&project), self.plans.get_mut(&plan))
        else {
            return 0;
        };
        in_plan.projects.insert(project);
        let mut changes = u64::from(found.plans.insert(plan));
        let organization = found.organization;
        if self.dialect.project_attachment == ProjectAttachment::Snapshot {
            for repository in found.repositories.clone() {
                changes += u64::from(self.attach(plan, repository));
            }
        }
        self.touch(organization);
        changes
    }

    /// Detaches a project; the number of things that it changed.
    pub(crate) fn detach_project(&mut self, plan: Uuid, project: Uuid) -> u64 {
        let (Some(found), Some(in_plan)) =
            (self.projects.get_mut(&project), self.plans.get_mut(&plan))
        else {
            return 0;
        };
        in_plan.projects.remove(&project);
        let mut changes = u64::from(found.plans.remove(&plan));
        let organization = found.organization;
        if self.dialect.project_attachment == ProjectAttachment::Snapshot {
            for repository in found.repositories.clone() {
                changes += u64::from(self.detach(plan, repository));
            }
        }
        self.touch(organization);
        changes
    }

    /// Changes a plan's settings. The fields are those sent, less the ids.
    pub(crate) fn modify(&mut self, plan: Uuid, sent: BTreeMap<String, Value>) -> bool {
        let mode = self.dialect.modify;
        let Some(found) = self.plans.get_mut(&plan) else {
            return false;
        };
        let before = (found.include_metadata, found.settings.clone());
        if mode != Modify::Patches {
            found.include_metadata = false;
            found.settings.clear();
        }
        for (name, value) in sent {
            match value.as_bool() {
                Some(include) if name.eq_ignore_ascii_case("includeMetadata") => {
                    found.include_metadata = include;
                }
                Some(_) | None => {
                    found.settings.insert(name, value);
                }
            }
        }
        let mut changed = before != (found.include_metadata, found.settings.clone());
        if mode == Modify::ReplacesAll {
            let (repositories, projects) = (found.repositories.clone(), found.projects.clone());
            for repository in repositories {
                changed |= self.detach(plan, repository);
            }
            for project in projects {
                changed |= self.detach_project(plan, project) > 0;
            }
        }
        changed
    }

    /// Makes a repository known.
    pub(crate) fn know(&mut self, id: Uuid, repository: Repository) {
        let Repository {
            organization,
            ref name,
            project,
            licensed,
            removed: _,
            plans: _,
        } = repository;
        let place = Place::new(name, id);
        if let Some(organization) = self.organization_mut(organization) {
            organization.repositories.insert(place);
        }
        if let Some(project) = project.and_then(|project| self.projects.get_mut(&project)) {
            project.repositories.insert(id);
        }
        self.licensed += usize::from(licensed);
        for plan in &repository.plans {
            if let Some(plan) = self.plans.get_mut(plan) {
                plan.repositories.insert(id);
            }
        }
        self.repositories.insert(id, repository);
        self.touch(organization);
    }

    /// Removes a repository from the system: its row, its licence, its place in plans. The Git service is not asked.
    pub(crate) fn forget(&mut self, id: Uuid) -> bool {
        self.set_licence(id, false);
        let Some(repository) = self.repositories.remove(&id) else {
            return false;
        };
        for plan in &repository.plans {
            if let Some(plan) = self.plans.get_mut(plan) {
                plan.repositories.remove(&id);
            }
        }
        if let Some(project) = repository
            .project
            .and_then(|project| self.projects.get_mut(&project))
        {
            project.repositories.remove(&id);
        }
        if let Some(organization) = self.organization_mut(repository.organization) {
            organization
                .repositories
                .remove(&Place::new(&repository.name, id));
        }
        self.touch(repository.organization);
        true
    }

    /// Gives a known repository another name.
    pub(crate) fn rename(&mut self, id: Uuid, name: &str) -> bool {
        let Some(repository) = self.repositories.get_mut(&id) else {
            return false;
        };
        if repository.name == name {
            return false;
        }
        let before = std::mem::replace(&mut repository.name, name.to_owned());
        let organization = repository.organization;
        if let Some(organization) = self.organization_mut(organization) {
            organization.repositories.remove(&Place::new(&before, id));
            organization.repositories.insert(Place::new(name, id));
        }
        true
    }

    #[expect(
        clippy::fn_params_excessive_bools,
        reason = "it is the field of the row"
    )]
    pub(crate) fn mark_removed(&mut self, id: Uuid, removed: bool) -> bool {
        let Some(repository) = self.repositories.get_mut(&id) else {
            return false;
        };
        let changed = repository.removed != removed;
        repository.removed = removed;
        let organization = repository.organization;
        self.touch(organization);
        changed
    }
}
