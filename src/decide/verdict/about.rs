//! What is said of one kind alone: ids, counts, what is read.

use super::{About, Judge};
use crate::{
    decide::{Claim, LastRun, Wants, assess::Assessment, named::Named, resolve::Resolution},
    inventory::{Licence, PlanId, ProjectId, ProjectMembership, Repository, display_name},
};

impl Judge<'_> {
    pub(super) fn about(&self, claim: &Claim, named: &Named<'_>, assessment: &Assessment) -> About {
        let inventory = self.input.inventory;
        let sees = claim.may_see();
        match &claim.wants {
            Wants::Plan(_) => {
                let named = named.plans.first().filter(|_| sees);
                let id = named.and_then(|(_, plan)| plan.found());
                let plan = id.and_then(|id| inventory.plans().get(&id));
                About::Plan {
                    id: id.or(claim.remembered.plan),
                    matched: assessment.matched,
                    attached: assessment.attached,
                    licensed: assessment.licensed,
                    settings: assessment.settings_digest.clone(),
                    last_run: plan.and_then(LastRun::of),
                }
            }
            Wants::Repository(_) => {
                let named = named.repository.as_ref().filter(|_| sees);
                let row = named.and_then(Resolution::found);
                let repository: Option<&Repository> = row.and_then(|row| inventory.repository(row));
                About::Repository {
                    id: repository
                        .map(|repository| repository.id)
                        .or(claim.remembered.repository),
                    licensed: repository.and_then(|repository| match repository.licence {
                        Licence::Held => Some(true),
                        Licence::NotHeld => Some(false),
                        Licence::Unknown => None,
                    }),
                    plans: repository
                        .and_then(|repository| repository.plans.shown())
                        .map(|plans| self.names_of(plans)),
                    removed_upstream: repository.map(|repository| repository.removed),
                }
            }
            Wants::Project(_) => {
                let named = named.project.as_ref().filter(|_| sees);
                let id = named.and_then(Resolution::found);
                let plans = id.and_then(|id| self.plans_of(id));
                About::Project {
                    id: id.or(claim.remembered.project),
                    plans: plans.map(|plans| self.names_of(&plans)),
                }
            }
        }
    }

    /// The plans that a project is in. `None` where that is not known of one of them: a list without it would say that it is not in it.
    fn plans_of(&self, project: ProjectId) -> Option<Vec<PlanId>> {
        let inventory = self.input.inventory;
        let mut plans = Vec::new();
        for plan in inventory.plans().keys().copied() {
            match inventory.project_membership(project, plan) {
                ProjectMembership::In => plans.push(plan),
                ProjectMembership::NotAll => {}
                ProjectMembership::Unknown => return None,
            }
        }
        Some(plans)
    }

    fn names_of(&self, plans: &[PlanId]) -> Vec<String> {
        let known = self.input.inventory.plans();
        let mut names: Vec<String> = plans
            .iter()
            .filter_map(|id| known.get(id))
            .map(|plan| display_name(&plan.name))
            .collect();
        names.sort_unstable();
        names
    }
}
