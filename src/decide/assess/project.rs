//! What a `XoperoAzureProject` calls for, and how a project is in a plan.

use super::{Assessing, Change, Ground, Hold};
use crate::{
    api::{AttachmentDeletionPolicy, Membership, Reason},
    decide::{
        ProjectName, ProjectWants, Service,
        resolve::{Resolution, told_apart},
        verdict::{listed, quoted},
    },
    inventory::{PlanId, ProjectId, ProjectMembership},
};

impl Assessing<'_> {
    pub(super) fn project(&mut self, wants: &ProjectWants) {
        if self.scene.input.organization.service == Service::Git {
            self.stall(
                Reason::InvalidSpec,
                "projects exist only in an organization whose provider is AzureDevOps: refer to such an organization."
                    .to_owned(),
            );
            return;
        }
        let Some(project) = self.project_id(wants) else {
            return;
        };
        let plans = self.plans_found();
        if !self.is_living() {
            if self.is_leaving() && wants.deletion == AttachmentDeletionPolicy::Detach {
                for plan in plans {
                    self.detach_project(plan, project);
                }
            }
            return;
        }
        for plan in &plans {
            self.attach_project(*plan, project);
        }
        if wants.membership == Membership::Exclusive {
            self.exclusive_project(&plans, project);
        }
    }

    /// The plans that are found; what is wrong with the others is said.
    pub(super) fn plans_found(&mut self) -> Vec<PlanId> {
        let mut found = Vec::new();
        for (name, resolution) in &self.named.plans {
            match resolution {
                Resolution::Found(plan) => found.push(*plan),
                Resolution::NotFound if self.scene.inventory().lists_unowned_plan(name) => {
                    self.done.not_judged = true;
                    let organization = self.scene.inventory().organization();
                    self.done.problems.push(super::Problem {
                        reason: Reason::PlanNotFound,
                        message: super::plan::unowned(organization, name),
                        stalls: true,
                    });
                }
                Resolution::Another(_, other) => self.done.problems.push(super::Problem {
                    reason: Reason::PlanNotFound,
                    message: super::another("plan", &format!("{name:?}"), other),
                    stalls: true,
                }),
                // By their names alone: of these plans no id is known.
                Resolution::NotFound | Resolution::Renamed(..) => {
                    self.done.problems.push(super::Problem {
                        reason: Reason::PlanNotFound,
                        message: self.plan_not_found(name),
                        stalls: true,
                    });
                }
                Resolution::Ambiguous(_, spellings) => self.done.problems.push(super::Problem {
                    reason: Reason::Ambiguous,
                    message: told_apart("plans", name, spellings, "rename one of them there"),
                    stalls: true,
                }),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn plan_not_found(&self, name: &str) -> String {
        let renamed = self.scene.input.memory.plan_formerly(name);
        let plan = renamed.and_then(|id| self.scene.inventory().plans().get(&id));
        match plan.map(|plan| &plan.name).filter(|now| !now.is_empty()) {
            Some(now) => format!(
                "The plan {name:?} is now called {}: write that in plans.",
                quoted(now)
            ),
            None => format!(
                "There is no plan {name:?} in this organization: correct it in plans, or create it in Xopero ONE. These are there: {}.",
                super::plan::known_plans(self)
            ),
        }
    }

    fn project_id(&mut self, wants: &ProjectWants) -> Option<ProjectId> {
        let shown = match &wants.project {
            ProjectName::Name(name) => format!("{name:?}"),
            ProjectName::Id(id) => format!("of id {id}"),
        };
        match self.named.project.clone()? {
            Resolution::Found(project) => return Some(project),
            Resolution::NotFound | Resolution::Another(..) if self.scene.input.synchronizing() => self.wait(
                Reason::WaitingForSync,
                format!("The project {shown} is not known yet; the organization is synchronizing."),
            ),
            Resolution::NotFound if !self.named.hidden.is_empty() => {
                self.done.not_judged = true;
                self.stall(
                Reason::ProjectNotFound,
                format!(
                    "This Xopero ONE does not show of every repository which project it is in, so the project {shown} is not \
                     known, and nothing is changed. If it calls the fields otherwise, start the operator with --wire-names and \
                     the lines response.repository.projectId: <its name> and response.repository.projectName: <its name>."
                ),
            );
            }
            Resolution::NotFound => self.stall(
                Reason::ProjectNotFound,
                format!(
                    "No repository of this organization shows a project {shown}: correct it, or let Xopero ONE read \
                     the Git service again (sync on the organization)."
                ),
            ),
            Resolution::Another(_, other) => {
                let message = super::another("project", &shown, &other);
                self.stall(Reason::ProjectNotFound, message);
            }
            Resolution::Renamed(_, now) if now.is_empty() => {
                let message = super::no_longer_shown("project", &shown);
                self.stall(Reason::ProjectNotFound, message);
            }
            Resolution::Renamed(_, now) => self.stall(
                Reason::ProjectNotFound,
                format!(
                    "The project {shown} is now called {}: nothing is changed. Replace this resource.",
                    quoted(&now)
                ),
            ),
            Resolution::Ambiguous(ids, spellings) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let otherwise = format!(
                    "replace this resource by one with the projectId, one of {}",
                    listed(ids.iter().map(String::as_str))
                );
                let name = match &wants.project {
                    ProjectName::Name(name) => name.clone(),
                    ProjectName::Id(id) => id.to_string(),
                };
                let message = told_apart("projects", &name, &spellings, &otherwise);
                self.stall(Reason::Ambiguous, message);
            }
        }
        None
    }

    /// Membership of one project in one plan.
    pub(super) fn attach_project(&mut self, plan: PlanId, project: ProjectId) {
        let change = Change::AttachProject(plan, project);
        match self.scene.input.inventory.project_membership(project, plan) {
            ProjectMembership::In => {
                self.done.attached += 1;
                self.settled(change);
            }
            ProjectMembership::NotAll if self.rows_tell(change, plan, project) => {
                self.due(change, Ground::Addition, None);
            }
            ProjectMembership::NotAll | ProjectMembership::Unknown => {
                self.unseen(change, Ground::Addition, None);
            }
        }
    }

    /// A named detachment, spared where another living claim names the project or one of its repositories.
    pub(super) fn detach_project(&mut self, plan: PlanId, project: ProjectId) {
        let inventory = self.scene.input.inventory;
        if self
            .scene
            .namers
            .other_attaches_project(plan, project, self.rank, inventory)
            .is_some()
        {
            return;
        }
        let change = Change::DetachProject(plan, project);
        let namers = self.scene.namers;
        let unknown = namers.other_may_attach_project(plan, project, self.rank, inventory);
        let hold = unknown.map(Hold::MayBeMeant);
        match inventory.project_membership(project, plan) {
            ProjectMembership::In => self.due(change, Ground::Named, hold),
            ProjectMembership::NotAll if self.is_seen_out(plan, project) => {}
            ProjectMembership::NotAll | ProjectMembership::Unknown => {
                self.unseen(change, Ground::Named, hold);
            }
        }
    }

    /// Whether rows that are not in the plan mean that their project is not. They do where rows were seen to follow; else
    /// they are believed until the project was attached for this declaration and they did not move.
    pub(super) fn rows_tell(&self, change: Change, plan: PlanId, project: ProjectId) -> bool {
        let memory = self.scene.input.memory;
        let learned = memory.projects();
        let (uid, generation) = (&self.claim.uid, self.claim.generation);
        learned.rows_follow()
            || (!memory.was_confirmed_once(uid, generation, change)
                && (learned.was_seen_in(plan, project)
                    || self.claim.remembered.attached_once.is_none()))
    }

    /// Whether no repository of the project is in the plan, where that means that the project is not.
    fn is_seen_out(&self, plan: PlanId, project: ProjectId) -> bool {
        let inventory = self.scene.input.inventory;
        let learned = self.scene.input.memory.projects();
        let rows = inventory.projects().get(&project).map(|known| &known.rows);
        let any_in = rows.into_iter().flatten().any(|row| {
            inventory
                .repository(*row)
                .is_some_and(|repository| repository.plans.contains(plan) == Some(true))
        });
        !any_in && (learned.rows_follow() || learned.was_seen_in(plan, project))
    }

    fn exclusive_project(&mut self, plans: &[PlanId], project: ProjectId) {
        let inventory = self.scene.input.inventory;
        for plan in inventory
            .plans()
            .keys()
            .copied()
            .filter(|plan| !plans.contains(plan))
        {
            match inventory.project_membership(project, plan) {
                ProjectMembership::In
                    if !self.scene.namers.protects_project(plan, project, inventory) =>
                {
                    self.derived_project(plan, project);
                }
                ProjectMembership::In | ProjectMembership::NotAll => {}
                ProjectMembership::Unknown => self.done.not_judged = true,
            }
        }
    }

    /// Detaches a project that nobody names, unless one of its repositories may be gone from the Git service and would go with it,
    /// or may be named by a pattern.
    pub(super) fn derived_project(&mut self, plan: PlanId, project: ProjectId) {
        let inventory = self.scene.input.inventory;
        if inventory.may_hold_removed(project) || inventory.may_hold_hidden(project) {
            self.done.not_judged = true;
        } else {
            self.due(Change::DetachProject(plan, project), Ground::Derived, None);
        }
    }
}
