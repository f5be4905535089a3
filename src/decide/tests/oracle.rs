//! The promises in other words: who names what is found here by name, over the world itself, with no part of `decide`.

mod names;

use super::any::{PLANS, REPOSITORIES, path};
use crate::{
    api::{Membership, Unclaimed},
    decide::{
        Change, Claim, OrganizationClaim, Service, Standing, Wants,
        fixtures::{Operator, World, plan_id, project_id, repository_id},
    },
    inventory::{PlanId, ProjectId, RepositoryId, trust::Doubt},
};
use names::{
    Stance, is_at_work, is_exclusive, is_exclusive_project, is_living, is_unreadable, names,
    names_by_itself, names_project, plan_name, protects, releases, removes, stance, takes_licence,
};

/// One repository of the world.
#[derive(Clone, Debug)]
struct Row {
    id: RepositoryId,
    path: String,
    name: String,
    project: Option<String>,
    licensed: bool,
    removed: bool,
    plans: Vec<&'static str>,
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
    rows: Vec<Row>,
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
            let is_in = |plan: &&'static str| world.is_in_plan(&path, plan);
            Some(Row {
                id: row.id,
                name: row.name.clone(),
                project: project.map(str::to_owned),
                licensed: world.is_licensed(&path),
                removed: row.removed == Some(true),
                plans: PLANS.into_iter().filter(is_in).collect(),
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

    fn row(&self, id: RepositoryId) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    fn rows_of(&self, project: ProjectId) -> impl Iterator<Item = &Row> {
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
                let plan = plan_name(plan);
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
                let plan = plan_name(plan);
                let named = self
                    .claims()
                    .any(|claim| releases(claim) && names_project(claim, plan, project));
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
                    && !self
                        .rows_of(project)
                        .any(|row| row.removed && row.plans.contains(&plan))
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

    fn may_derive_detachment(&self, plan: &str, row: &Row) -> bool {
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
                !row.removed && at_work().any(|claim| names(claim, plan_name(plan), row))
            }),
            Change::AttachProject(plan, project) => {
                at_work().any(|claim| names_project(claim, plan_name(plan), project))
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
                .is_none_or(|row| !row.plans.contains(&plan_name(plan))),
            Change::DetachProject(plan, project) => self
                .rows_of(project)
                .all(|row| !row.plans.contains(&plan_name(plan))),
            Change::Deactivate(id) => self.row(id).is_none_or(|row| !row.licensed),
            Change::Remove(id) => self.row(id).is_none(),
            Change::Activate(_)
            | Change::Attach(..)
            | Change::AttachProject(..)
            | Change::Modify(_) => true,
        }
    }

    /// What is declared by a claim at work and is not so, though nothing stands against it.
    pub(super) fn undone(&self) -> Vec<String> {
        self.undone_beside(|_, _, _| false)
    }

    /// The same without the attachments of projects that were sent and that no listing shows, so that they are not sent again.
    pub(super) fn undone_beside(
        &self,
        sent_unseen: impl Fn(&Claim, PlanId, ProjectId) -> bool,
    ) -> Vec<String> {
        let mut undone = Vec::new();
        for claim in self.claims().filter(|claim| is_at_work(claim)) {
            for row in self.rows.iter().filter(|row| !row.removed) {
                let wants_licence = stance(claim, row) == Some(Stance::Wants);
                let disputed = self.claims().any(|other| {
                    other.standing == Standing::Accepted
                        && is_living(other)
                        && stance(other, row) == Some(Stance::Refuses)
                });
                let limited = self.view.organization.license_limit.is_some();
                if wants_licence && !row.licensed && !disputed && !limited {
                    undone.push(format!("{} has no licence", row.path));
                }
                let may_attach = !wants_licence || row.licensed;
                for plan in PLANS {
                    let project = row.project.as_deref().map(project_id);
                    let unseen = !names_by_itself(claim, row)
                        && project
                            .is_some_and(|project| sent_unseen(claim, plan_id(plan), project));
                    let missing = names(claim, plan, row) && !row.plans.contains(&plan);
                    if missing && may_attach && !unseen {
                        undone.push(format!("{} is not in {plan}", row.path));
                    }
                }
            }
        }
        // With a limit that lets everything through, what may be removed is.
        if self.view.organization.removal_limit >= 100 {
            for row in &self.rows {
                for plan in &row.plans {
                    let change = Change::Detach(plan_id(plan), row.id);
                    let matched = self
                        .claims()
                        .any(|claim| is_exclusive(claim, plan) && self.selects_something(claim));
                    // It waits even for an attachment that is paused or refused.
                    let arrives = PLANS
                        .into_iter()
                        .filter(|other| !row.plans.contains(other))
                        .any(|other| {
                            self.claims().any(|claim| {
                                claim.standing == Standing::Accepted
                                    && is_living(claim)
                                    && (names(claim, other, row)
                                        || row.project.as_deref().is_some_and(|project| {
                                            names_project(claim, other, project_id(project))
                                        }))
                            })
                        });
                    if matched
                        && !arrives
                        && self.may_derive_detachment(plan, row)
                        && self.may_remove(change)
                    {
                        undone.push(format!("{} is still in {plan}", row.path));
                    }
                }
            }
        }
        undone
    }

    /// Whether each selector of a plan matches something: one that matches nothing removes nothing.
    fn selects_something(&self, claim: &Claim) -> bool {
        let Wants::Plan(wants) = &claim.wants else {
            return false;
        };
        let rows = self.rows.iter().filter(|row| !row.removed);
        let repositories = rows.clone().any(|row| names_by_itself(claim, row));
        wants.repositories.is_some() && repositories
    }

    /// What of the clean-up of a leaving claim is not done.
    pub(super) fn left_of(&self, uid: &std::sync::Arc<str>) -> Vec<String> {
        let mut left = Vec::new();
        for claim in self.claims().filter(|claim| claim.uid == *uid) {
            for row in &self.rows {
                let others = |stance_of: fn(&Claim, &Row) -> bool| {
                    self.claims().any(|other| {
                        other.uid != claim.uid
                            && is_living(other)
                            && protects(other)
                            && stance_of(other, row)
                    })
                };
                for plan in PLANS {
                    let spared = self.claims().any(|other| {
                        is_living(other) && protects(other) && names(other, plan, row)
                    });
                    let is_its_own = releases(claim) && names(claim, plan, row);
                    let by_plan_and_gone =
                        row.removed && matches!(claim.wants, Wants::Plan(_) | Wants::Project(_));
                    let project_spared = row.project.as_deref().is_some_and(|project| {
                        self.rows_of(project_id(project)).any(|row| {
                            self.claims().any(|other| {
                                is_living(other) && protects(other) && names(other, plan, row)
                            })
                        })
                    }) && !names_by_itself(claim, row);
                    if is_its_own
                        && !spared
                        && !project_spared
                        && !by_plan_and_gone
                        && row.plans.contains(&plan)
                    {
                        left.push(format!("{} is still in {plan}", row.path));
                    }
                }
                let wanted = others(|claim, row| stance(claim, row) == Some(Stance::Wants));
                if row.licensed && takes_licence(claim, row) && !wanted {
                    left.push(format!("{} still has its licence", row.path));
                }
                let named = others(|claim, row| stance(claim, row).is_some());
                if removes(claim, row) && !named {
                    left.push(format!("{} is still there", row.path));
                }
            }
        }
        left
    }
}
