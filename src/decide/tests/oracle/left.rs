//! What is left to do: what is declared and is not so, and what of a clean-up is not done. Asked where everything has come to rest.

use std::sync::Arc;

use super::{
    Oracle, Row,
    names::{
        Stance, is_at_work, is_exclusive, is_living, names, names_by_itself, names_by_project,
        names_project, protects, refuses, releases, removes, stance, takes_licence,
    },
};
use crate::{
    decide::{Change, Claim, Standing, Wants, fixtures::project_id},
    inventory::{PlanId, ProjectId},
};

impl Oracle<'_> {
    /// What is declared by a claim at work and is not so, though nothing stands against it.
    pub(in crate::decide::tests) fn undone(&self) -> Vec<String> {
        self.undone_beside(|_, _, _| false)
    }

    /// The same without the attachments of projects that were sent and that no listing shows, so that they are not sent again.
    pub(in crate::decide::tests) fn undone_beside(
        &self,
        sent_unseen: impl Fn(&Claim, PlanId, ProjectId) -> bool,
    ) -> Vec<String> {
        let mut undone = Vec::new();
        let at_work = self.claims().filter(|claim| is_at_work(claim));
        for claim in at_work.filter(|claim| self.finds_its_plans(claim)) {
            for row in self.rows.iter().filter(|row| !row.removed) {
                let wants_licence = stance(claim, row) == Some(Stance::Wants);
                let disputed = self.claims().any(|other| {
                    let against = stance(other, row) == Some(Stance::Refuses)
                        || (other.remembered.repository == Some(row.id) && refuses(other));
                    other.standing == Standing::Accepted && is_living(other) && against
                });
                let limited = self.view.organization.license_limit.is_some();
                if wants_licence && !row.licensed && !disputed && !limited {
                    undone.push(format!("{} has no licence", row.path));
                }
                let may_attach = !wants_licence || row.licensed;
                for (id, plan) in self.plans() {
                    let project = row.project.as_deref().map(project_id);
                    let unseen = !names_by_itself(claim, row)
                        && project.is_some_and(|project| sent_unseen(claim, id, project));
                    let missing = names(claim, plan, row) && !row.plans.contains(&plan);
                    if missing && may_attach && !unseen {
                        undone.push(format!("{} is not in {plan}", row.path));
                    }
                }
            }
        }
        // With a limit that lets everything through, what may be removed is.
        if self.view.organization.removal_limit >= 100
            && self.claims().all(|claim| self.finds_its_plans(claim))
        {
            for row in &self.rows {
                for (id, plan) in self.plans().filter(|(_, name)| row.plans.contains(name)) {
                    let change = Change::Detach(id, row.id);
                    let matched = self
                        .claims()
                        .any(|claim| is_exclusive(claim, plan) && self.selects_something(claim));
                    let arrives = self.plans().any(|(_, other)| self.arrives(row, other));
                    if matched
                        && !arrives
                        && !self.claims().any(|claim| self.may_mean(claim, id, row))
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

    /// Whether the repository, or its project with another one of it, is still to come into a plan: what takes it out of a plan waits
    /// for that, even where the attachment is paused or refused.
    fn arrives(&self, row: &Row<'_>, plan: &str) -> bool {
        let is_out = |row: &Row<'_>| !row.removed && !row.plans.contains(&plan);
        let project = row.project.as_deref().map(project_id);
        let project = project.filter(|id| self.rows_of(*id).any(is_out));
        self.claims().any(|claim| {
            claim.standing == Standing::Accepted
                && is_living(claim)
                && ((is_out(row) && names(claim, plan, row))
                    || project.is_some_and(|id| names_project(claim, plan, id)))
        })
    }

    /// Whether a leaving claim waits for a person, who has to say of another one whether it means the same.
    pub(in crate::decide::tests) fn waits_for_another(&self, uid: &Arc<str>) -> bool {
        let mut leaving = self.claims().filter(|claim| claim.uid == *uid);
        leaving.any(|claim| {
            let others = || {
                self.claims()
                    .filter(|other| other.uid != claim.uid && is_living(other) && protects(other))
            };
            self.rows.iter().any(|row| {
                self.plans().any(|(id, plan)| {
                    releases(claim)
                        && names(claim, plan, row)
                        && others().any(|other| self.may_mean(other, id, row))
                })
            })
        })
    }

    /// Whether a claim keeps a repository in a plan that it does not name it for: what it named once, and what it names for a plan
    /// that is not found.
    fn may_mean(&self, claim: &Claim, plan: PlanId, row: &Row<'_>) -> bool {
        let selects = names_by_itself(claim, row) || names_by_project(claim, row);
        let any_plan = claim.remembered.plan == Some(plan) || !self.finds_its_plans(claim);
        claim.remembered.repository == Some(row.id) || (selects && any_plan)
    }

    /// One that does not find its plans is Stalled, and what it names is kept in all.
    fn finds_its_plans(&self, claim: &Claim) -> bool {
        let is_found = |name: &str| self.plans().any(|(_, plan)| plan == name);
        match &claim.wants {
            Wants::Plan(wants) => is_found(&wants.plan_name),
            Wants::Repository(wants) => wants.plans.iter().all(|plan| is_found(plan)),
            Wants::Project(wants) => wants.plans.iter().all(|plan| is_found(plan)),
        }
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
    pub(in crate::decide::tests) fn left_of(&self, uid: &Arc<str>) -> Vec<String> {
        let mut left = Vec::new();
        for claim in self.claims().filter(|claim| claim.uid == *uid) {
            for row in &self.rows {
                let others = |stance_of: fn(&Claim, &Row<'_>) -> bool| {
                    self.claims().any(|other| {
                        other.uid != claim.uid
                            && is_living(other)
                            && protects(other)
                            && stance_of(other, row)
                    })
                };
                let mut waits = false;
                for (id, plan) in self.plans() {
                    let living = || {
                        self.claims()
                            .filter(|other| is_living(other) && protects(other))
                    };
                    let named = living().any(|other| names(other, plan, row));
                    let meant = living()
                        .any(|other| other.uid != claim.uid && self.may_mean(other, id, row));
                    let spared = named || meant;
                    let is_its_own = releases(claim) && names(claim, plan, row);
                    waits |= is_its_own && meant && !named && row.plans.contains(&plan);
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
                // First it leaves its plans.
                if waits {
                    continue;
                }
                let wanted = others(|claim, row| {
                    stance(claim, row) == Some(Stance::Wants)
                        || claim.remembered.repository == Some(row.id)
                });
                if row.licensed && takes_licence(claim, row) && !wanted {
                    left.push(format!("{} still has its licence", row.path));
                }
                let named = others(|claim, row| {
                    stance(claim, row).is_some() || claim.remembered.repository == Some(row.id)
                });
                if removes(claim, row) && !named {
                    left.push(format!("{} is still there", row.path));
                }
            }
        }
        left
    }
}
