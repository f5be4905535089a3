//! The promises in other words: who names what is found here by name, over the world itself, with no part of `decide`.

mod left;
mod names;

use super::any::{REPOSITORIES, path};
use crate::{
    api::{Membership, Unclaimed},
    decide::{
        Change, Claim, OrganizationClaim, Service, Wants,
        fixtures::{Operator, World, project_id, repository_id},
    },
    inventory::{PlanId, ProjectId, RepositoryId, trust::Doubt},
};
use names::{
    Stance, is_at_work, is_exclusive, is_exclusive_project, is_living, is_unreadable, names,
    names_project, protects, releases, removes, stance, takes_licence,
};

/// One repository of the world.
#[derive(Clone, Debug)]
struct Row<'a> {
    id: RepositoryId,
    path: String,
    name: String,
    project: Option<String>,
    licensed: bool,
    removed: bool,
    /// By the names that they have.
    plans: Vec<&'a str>,
}

/// What is judged: who claims what, and what is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) organization: &'a OrganizationClaim,
    pub(super) claims: &'a [Claim],
    pub(super) world: &'a World,
    pub(super) doubt: Option<Doubt>,
}

/// Who names what, and what is there.
#[derive(Debug)]
pub(super) struct Oracle<'a> {
    view: View<'a>,
    rows: Vec<Row<'a>>,
}

impl<'a> Oracle<'a> {
    pub(super) fn of(operator: &'a Operator) -> Self {
        Self::over(View {
            organization: &operator.organization,
            claims: &operator.claims,
            world: &operator.world,
            doubt: operator.doubt,
        })
    }

    pub(super) fn over(view: View<'a>) -> Self {
        let View {
            organization,
            world,
            ..
        } = view;
        let rows = (0..REPOSITORIES.len()).filter_map(|number| {
            let path = path(organization.service, number);
            let (_, project) = REPOSITORIES[number];
            let row = world.repositories.get(&repository_id(&path))?;
            let project = project.filter(|_| organization.service == Service::Azure);
            let is_in = |id: &PlanId| row.plans.as_ref().is_some_and(|plans| plans.contains(id));
            Some(Row {
                id: row.id,
                name: row.name.clone(),
                project: project.map(str::to_owned),
                licensed: world.is_licensed(&path),
                removed: row.removed == Some(true),
                plans: world
                    .plans
                    .values()
                    .filter(|plan| is_in(&plan.id))
                    .map(|plan| plan.name.as_str())
                    .collect(),
                path,
            })
        });
        Self {
            view,
            rows: rows.collect(),
        }
    }

    fn claims(&self) -> impl Iterator<Item = &'a Claim> {
        self.view.claims.iter()
    }

    /// The plans, by the names that they have.
    fn plans(&self) -> impl Iterator<Item = (PlanId, &'a str)> {
        let plans = self.view.world.plans.values();
        plans.map(|plan| (plan.id, plan.name.as_str()))
    }

    fn plan_name(&self, id: PlanId) -> &'a str {
        let plan = self.view.world.plans.get(&id);
        plan.map_or("", |plan| plan.name.as_str())
    }

    fn row(&self, id: RepositoryId) -> Option<&Row<'a>> {
        self.rows.iter().find(|row| row.id == id)
    }

    fn rows_of(&self, project: ProjectId) -> impl Iterator<Item = &Row<'a>> {
        self.rows
            .iter()
            .filter(move |row| row.project.as_deref().map(project_id) == Some(project))
    }

    /// Whether this removal may be made at all.
    pub(super) fn may_remove(&self, change: Change) -> bool {
        if self.view.doubt.is_some() {
            return false;
        }
        match change {
            Change::Detach(plan, id) => {
                let plan = self.plan_name(plan);
                let Some(row) = self.row(id) else {
                    return false;
                };
                let named = self
                    .claims()
                    .any(|claim| releases(claim) && names(claim, plan, row));
                let spared = self
                    .claims()
                    .any(|claim| is_living(claim) && protects(claim) && names(claim, plan, row));
                (named && !spared) || self.may_derive_detachment(plan, row)
            }
            Change::DetachProject(plan, project) => {
                let plan = self.plan_name(plan);
                let takes_removed = self
                    .rows_of(project)
                    .any(|row| row.removed && row.plans.contains(&plan));
                let is_pattern = |claim: &Claim| matches!(claim.wants, Wants::Plan(_));
                let named = self.claims().any(|claim| {
                    releases(claim)
                        && names_project(claim, plan, project)
                        && !(is_pattern(claim) && takes_removed)
                });
                let concerns = |claim: &&Claim| {
                    names_project(claim, plan, project)
                        || self.rows_of(project).any(|row| names(claim, plan, row))
                };
                let spared = self
                    .claims()
                    .filter(concerns)
                    .any(|claim| is_living(claim) && protects(claim));
                let derived = self
                    .claims()
                    .any(|claim| is_exclusive(claim, plan) || is_exclusive_project(claim, project))
                    && !self.claims().filter(concerns).any(protects)
                    && !takes_removed
                    && !self.claims().any(is_unreadable);
                (named && !spared) || derived
            }
            Change::Deactivate(id) => {
                let Some(row) = self.row(id) else {
                    return false;
                };
                let named = self.claims().any(|claim| takes_licence(claim, row));
                let spared = self.claims().any(|claim| {
                    is_living(claim) && protects(claim) && stance(claim, row) == Some(Stance::Wants)
                });
                let derived = self.view.organization.unclaimed == Unclaimed::Deactivate
                    && !row.removed
                    && row.plans.is_empty()
                    && !self.claims().any(is_unreadable)
                    && !self.claims().any(|claim| {
                        protects(claim)
                            && matches!(stance(claim, row), Some(Stance::Wants | Stance::Mentions))
                    });
                (named && !spared) || derived
            }
            Change::Remove(id) => {
                let Some(row) = self.row(id) else {
                    return false;
                };
                let leaving: Vec<&Claim> =
                    self.claims().filter(|claim| removes(claim, row)).collect();
                let others = self.claims().any(|claim| {
                    is_living(claim) && protects(claim) && stance(claim, row).is_some()
                });
                !leaving.is_empty() && !others
            }
            Change::Activate(_)
            | Change::Attach(..)
            | Change::AttachProject(..)
            | Change::Modify(_) => false,
        }
    }

    fn may_derive_detachment(&self, plan: &str, row: &Row<'_>) -> bool {
        let exclusive = self.claims().any(|claim| {
            is_exclusive(claim, plan)
                || (is_at_work(claim)
                    && matches!(&claim.wants, Wants::Repository(wants)
                        if wants.membership == Membership::Exclusive && wants.name == row.name))
        });
        exclusive
            && !row.removed
            && !self
                .claims()
                .any(|claim| protects(claim) && names(claim, plan, row))
            && !self.claims().any(is_unreadable)
    }

    /// Whether it is where its name puts it: some claim names it for all that it has.
    pub(super) fn is_in_place(&self, id: RepositoryId) -> bool {
        self.row(id).is_some_and(|row| {
            let named = |plan: &&str| {
                self.claims()
                    .any(|claim| protects(claim) && names(claim, plan, row))
            };
            let declared = self
                .claims()
                .any(|claim| protects(claim) && stance(claim, row).is_some());
            row.plans.iter().all(named) && (declared || !row.licensed)
        })
    }

    /// Whether some claim at work takes out of this plan what nobody names for it.
    pub(super) fn is_taken_from(&self, plan: PlanId) -> bool {
        let name = self.plan_name(plan);
        self.rows
            .iter()
            .filter(|row| row.plans.contains(&name))
            .any(|row| self.may_derive_detachment(name, row))
    }

    /// The repositories of a project, or the one that the change is about.
    pub(super) fn repositories_of(&self, change: Change) -> Vec<RepositoryId> {
        match change {
            Change::DetachProject(_, project) | Change::AttachProject(_, project) => {
                self.rows_of(project).map(|row| row.id).collect()
            }
            Change::Activate(_)
            | Change::Attach(..)
            | Change::Modify(_)
            | Change::Detach(..)
            | Change::Deactivate(_)
            | Change::Remove(_) => change.repository().into_iter().collect(),
        }
    }

    /// Whether some claim at work asks for this addition.
    pub(super) fn may_add(&self, change: Change) -> bool {
        let at_work = || self.claims().filter(|claim| is_at_work(claim));
        match change {
            Change::Attach(plan, id) => self.row(id).is_some_and(|row| {
                !row.removed && at_work().any(|claim| names(claim, self.plan_name(plan), row))
            }),
            Change::AttachProject(plan, project) => {
                at_work().any(|claim| names_project(claim, self.plan_name(plan), project))
            }
            Change::Activate(id) => self.row(id).is_some_and(|row| {
                !row.removed && at_work().any(|claim| stance(claim, row) == Some(Stance::Wants))
            }),
            Change::Modify(_)
            | Change::Detach(..)
            | Change::DetachProject(..)
            | Change::Deactivate(_)
            | Change::Remove(_) => false,
        }
    }

    /// Whether the world is as the change would make it, or the change is not asked for any more.
    pub(super) fn is_done(&self, change: Change) -> bool {
        match change {
            Change::Detach(plan, id) => self
                .row(id)
                .is_none_or(|row| !row.plans.contains(&self.plan_name(plan))),
            Change::DetachProject(plan, project) => self
                .rows_of(project)
                .all(|row| !row.plans.contains(&self.plan_name(plan))),
            Change::Deactivate(id) => self.row(id).is_none_or(|row| !row.licensed),
            Change::Remove(id) => self.row(id).is_none(),
            Change::Activate(_)
            | Change::Attach(..)
            | Change::AttachProject(..)
            | Change::Modify(_) => true,
        }
    }
}
