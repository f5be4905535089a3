//! What a `XoperoAzureProject` calls for, and how a project is in a plan.

use super::{Assessing, Change, Ground};
use crate::{
    api::{AttachmentDeletionPolicy, Membership, Reason},
    decide::{ProjectName, ProjectWants, Service, resolve::Resolution},
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
        self.done.matched = 1;
        let plans = self.plans_found();
        if !self.is_living() {
            if wants.deletion == AttachmentDeletionPolicy::Detach {
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
                Resolution::NotFound => self.done.problems.push(super::Problem {
                    reason: Reason::PlanNotFound,
                    message: format!("There is no plan {name:?} in this organization: correct it in plans, or create it in Xopero ONE."),
                    stalls: true,
                }),
                Resolution::Ambiguous(_, spellings) => self.done.problems.push(super::Problem {
                    reason: Reason::Ambiguous,
                    message: format!("{name:?} in plans means several plans: write one of {}.", spellings.join(", ")),
                    stalls: true,
                }),
                Resolution::Renamed(_, now) => self.done.problems.push(super::Problem {
                    reason: Reason::PlanNotFound,
                    message: format!("The plan {name:?} is now called {now:?}: write that in plans."),
                    stalls: true,
                }),
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn project_id(&mut self, wants: &ProjectWants) -> Option<ProjectId> {
        let shown = match &wants.project {
            ProjectName::Name(name) => format!("{name:?}"),
            ProjectName::Id(id) => format!("of id {id}"),
        };
        match self.named.project.clone()? {
            Resolution::Found(project) => return Some(project),
            Resolution::NotFound if self.scene.input.synchronizing() => self.wait(
                Reason::WaitingForSync,
                format!("The project {shown} is not known yet; the organization is synchronizing."),
            ),
            Resolution::NotFound => self.stall(
                Reason::ProjectNotFound,
                format!(
                    "No repository of this organization shows a project {shown}: correct it, or let Xopero ONE read \
                     the Git service again (sync on the organization)."
                ),
            ),
            Resolution::Renamed(_, now) => self.stall(
                Reason::ProjectNotFound,
                format!("The project {shown} is now called {now:?}: nothing is changed. Replace this resource."),
            ),
            Resolution::Ambiguous(_, spellings) => self.stall(
                Reason::Ambiguous,
                format!(
                    "{shown} means several projects ({}): write the exact spelling, or projectId.",
                    spellings.join(", ")
                ),
            ),
        }
        None
    }

    /// Membership of one project in one plan.
    pub(super) fn attach_project(&mut self, plan: PlanId, project: ProjectId) {
        let change = Change::AttachProject(plan, project);
        let inventory = self.scene.input.inventory;
        let memory = self.scene.input.memory;
        match inventory.project_membership(project, plan) {
            ProjectMembership::In => {
                self.done.attached += 1;
                self.settled(change);
            }
            // Attached and not shown since: the rows of this instance do not follow their project.
            ProjectMembership::NotAll
                if !memory.project_tells(plan, project)
                    && (self.claim.remembered.attached_once.is_some()
                        || memory.project_was_attached(plan, project, inventory.listing())) =>
            {
                self.unseen(change, Ground::Addition, None);
            }
            ProjectMembership::NotAll => self.due(change, Ground::Addition, None),
            ProjectMembership::Unknown => self.unseen(change, Ground::Addition, None),
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
        match inventory.project_membership(project, plan) {
            ProjectMembership::In => self.due(change, Ground::Named, None),
            ProjectMembership::NotAll if self.scene.input.memory.project_tells(plan, project) => {}
            ProjectMembership::NotAll | ProjectMembership::Unknown => {
                self.unseen(change, Ground::Named, None)
            }
        }
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
                    self.due(Change::DetachProject(plan, project), Ground::Derived, None);
                }
                ProjectMembership::In | ProjectMembership::NotAll => {}
                ProjectMembership::Unknown => self.done.not_judged = true,
            }
        }
    }
}
