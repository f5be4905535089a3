//! Who names what, over all claims of the organization: the knowledge that keeps one claim from taking what another one wants.

mod claimants;
mod declarations;
mod plan_claims;

use std::collections::{BTreeMap, BTreeSet};

use claimants::{Claimants, Two};
use declarations::Declarations;
pub(super) use declarations::Declared;
use plan_claims::PlanClaims;

use super::{
    Claim, Life, Wants,
    named::{Named, rows_of},
    resolve::Resolution,
};
use crate::{
    api::{Membership, PlanLicense, RepositoryLicense},
    inventory::{Inventory, PlanId, ProjectId, Row},
};

/// The position of a claim in the order of age.
pub(super) type Rank = u32;

const NOBODY: Rank = Rank::MAX;

/// Who wants a repository's licence, and who does not.
#[derive(Clone, Copy, Debug)]
struct LicenceClaims {
    active: Two,
    oldest_active: Rank,
    oldest_inactive: Rank,
    mentioned: bool,
}

/// Who names what, over all claims of the organization.
#[derive(Debug)]
pub(super) struct Namers {
    licences: Vec<LicenceClaims>,
    repositories: Vec<Two>,
    pub(super) declarations: Declarations,
    plans: BTreeMap<PlanId, PlanClaims>,
    /// Those that a claim, in whatever state, wants no other members in.
    exclusive: BTreeSet<PlanId>,
    /// Who may mean it, which its row does not show.
    hidden: Vec<Claimants>,
    /// Those of them that want its licence.
    hidden_wanting: Vec<Claimants>,
    /// Those that a claim names for what its name meant before: another may have that name one day, and take its place.
    formerly_named: (BTreeSet<Row>, BTreeSet<PlanId>),
    /// What a claim names for a plan that is not found: any plan may be the one that is meant.
    for_any_plan: PlanClaims,
}

impl Namers {
    /// `claims` in the order of age, with what each names.
    pub(super) fn gather(claims: &[&Claim], named: &[Named<'_>], inventory: &Inventory) -> Self {
        let rows = inventory.repositories().len();
        let none = LicenceClaims {
            active: Two::NONE,
            oldest_active: NOBODY,
            oldest_inactive: NOBODY,
            mentioned: false,
        };
        let mut namers = Self {
            licences: vec![none; rows],
            repositories: vec![Two::NONE; rows],
            declarations: Declarations::none(rows),
            plans: BTreeMap::new(),
            exclusive: BTreeSet::new(),
            // Any claim may mean one without a name.
            hidden: inventory
                .repositories()
                .iter()
                .map(|repository| match repository.name.as_str() {
                    "" => Claimants::UNKNOWN,
                    _ => Claimants::NONE,
                })
                .collect(),
            hidden_wanting: vec![Claimants::NONE; rows],
            formerly_named: (BTreeSet::new(), BTreeSet::new()),
            for_any_plan: PlanClaims::default(),
        };
        for (rank, (claim, named)) in (0..).zip(claims.iter().zip(named)) {
            if claim.protects() {
                namers.add(rank, claim, named, inventory);
            }
        }
        namers
    }

    fn add(&mut self, rank: Rank, claim: &Claim, named: &Named<'_>, inventory: &Inventory) {
        let living = claim.life == Life::Living;
        let wants_licences = matches!(licence_stance(&claim.wants), LicenceStance::Wants);
        for row in &named.hidden {
            if let Some(claimants) = self.hidden.get_mut(*row) {
                claimants.add(rank, claim.life);
            }
            if wants_licences && let Some(claimants) = self.hidden_wanting.get_mut(*row) {
                claimants.add(rank, claim.life);
            }
        }
        for row in rows(claim, named, inventory) {
            if living && let Some(two) = self.repositories.get_mut(row) {
                two.add(rank);
            }
            self.add_to_licence(row, rank, (claim, named));
        }
        self.declarations.add(rank, (claim, named), inventory);
        let plans: BTreeSet<PlanId> = named
            .plans
            .iter()
            .flat_map(|(_, plan)| plan.candidates())
            .collect();
        let by_name = named.plans.iter().flat_map(|(_, plan)| plan.by_name());
        let by_name: BTreeSet<PlanId> = by_name.collect();
        let (formerly_rows, formerly_plans) = &mut self.formerly_named;
        let (rows, projects) = &named.formerly;
        formerly_rows.extend(rows.iter().copied().chain(rows_of(projects, inventory)));
        let renamed = plans.iter().copied().chain(claim.remembered.plan);
        formerly_plans.extend(renamed.filter(|plan| !by_name.contains(plan)));
        if let Wants::Plan(wants) = &claim.wants
            && wants.membership == Membership::Exclusive
        {
            self.exclusive.extend(&plans);
        }
        // A plan that was renamed, or whose name now means another one, stays protected under the id it had.
        for plan in plans.into_iter().chain(claim.remembered.plan) {
            let claims = self.plans.entry(plan).or_default();
            claims.add(rank, claim.life, (named, inventory));
        }
        let mut missing = named.plans.iter().map(|(_, plan)| plan);
        let is_known = |plan| inventory.plans().contains_key(&plan);
        if !claim.remembered.plan.is_some_and(is_known) && missing.any(Resolution::is_missing) {
            self.for_any_plan.add(rank, claim.life, (named, inventory));
        }
    }

    /// What a claim only may mean it keeps from others' removals, and contends for nothing.
    fn add_to_licence(&mut self, row: Row, rank: Rank, (claim, named): (&Claim, &Named<'_>)) {
        let Some(licence) = self.licences.get_mut(row) else {
            return;
        };
        let living = claim.life == Life::Living;
        let contends = claim.takes_part() && named.means(row);
        match licence_stance(&claim.wants) {
            LicenceStance::Wants => {
                licence.mentioned = true;
                if living {
                    licence.active.add(rank);
                    if contends {
                        licence.oldest_active = licence.oldest_active.min(rank);
                    }
                }
            }
            LicenceStance::Mentions => licence.mentioned = true,
            LicenceStance::Refuses if living && contends => {
                licence.oldest_inactive = licence.oldest_inactive.min(rank);
            }
            LicenceStance::Refuses => {}
        }
    }

    /// Whether any claim, in whatever state, names the repository for the plan, or for one that is not found.
    pub(super) fn protects_attachment(&self, plan: PlanId, row: Row) -> bool {
        let claims = self.plans.get(&plan);
        self.for_any_plan.names(row) || claims.is_some_and(|claims| claims.names(row))
    }

    /// Whether some claim names the repository only for what its name meant before.
    pub(super) fn names_formerly(&self, row: Row) -> bool {
        self.formerly_named.0.contains(&row)
    }

    /// The same of a plan.
    pub(super) fn names_plan_formerly(&self, plan: PlanId) -> bool {
        self.formerly_named.1.contains(&plan)
    }

    /// Whether any claim, in whatever state, wants no members in the plan but those that are named for it.
    pub(super) fn is_exclusive(&self, plan: PlanId) -> bool {
        self.exclusive.contains(&plan)
    }

    /// Whether a claim may mean the repository, whose row does not show it: the name is missing, or that of the project.
    pub(super) fn may_mean(&self, row: Row) -> bool {
        self.hidden.get(row).is_none_or(|claimants| claimants.any)
    }

    /// Another living claim that names the repository for the plan.
    pub(super) fn other_attaches(&self, plan: PlanId, row: Row, rank: Rank) -> Option<Rank> {
        self.plans.get(&plan)?.living_other_than(rank, row)
    }

    /// Another living claim that may mean the repository, for this plan or at all, which is not known: its row hides that, or the
    /// plan of the claim is not found.
    pub(super) fn other_may_attach(&self, row: Row, rank: Rank) -> Option<Rank> {
        let by_plan = self.for_any_plan.living_other_than(rank, row);
        by_plan.or_else(|| self.other_may_name(row, rank))
    }

    /// The same of the repositories of a project, in that plan; one that is not listed may be in it.
    pub(super) fn other_may_attach_project(
        &self,
        plan: PlanId,
        project: ProjectId,
        rank: Rank,
        inventory: &Inventory,
    ) -> Option<Rank> {
        let direct = self.for_any_plan.projects.get(&project);
        let direct = direct.and_then(|claimants| claimants.living_other_than(rank));
        let around = || {
            let claims = self.plans.get(&plan).into_iter();
            let mut claims = claims.chain([&self.for_any_plan]);
            claims.find_map(|claims| claims.living_around(project, rank))
        };
        direct.or_else(around).or_else(|| {
            let known = inventory.projects().get(&project)?;
            let mut rows = known.rows.iter().chain(&known.removed_rows);
            rows.find_map(|row| self.other_may_attach(*row, rank))
        })
    }

    /// Another living claim that may mean the repository, whose row hides that.
    pub(super) fn other_may_name(&self, row: Row, rank: Rank) -> Option<Rank> {
        self.hidden.get(row)?.living_other_than(rank)
    }

    /// Another living claim that wants the licence if it means the repository, whose row hides that.
    pub(super) fn other_may_want_licence(&self, row: Row, rank: Rank) -> Option<Rank> {
        self.hidden_wanting.get(row)?.living_other_than(rank)
    }

    /// Whether any claim names the project for a plan.
    pub(super) fn names_project(&self, project: ProjectId) -> bool {
        let mut plans = self.plans.values();
        plans.any(|claims| claims.projects.contains_key(&project))
    }

    /// Whether a project stays in the plan: any claim names it or one of its repositories for the plan, or one that is not listed and
    /// may be in it, or one that is gone from the Git service would go with it.
    pub(super) fn protects_project(
        &self,
        plan: PlanId,
        project: ProjectId,
        inventory: &Inventory,
    ) -> bool {
        let Some(known) = inventory.projects().get(&project) else {
            return true;
        };
        if inventory.would_take_removed(plan, project) {
            return true;
        }
        let claims = self.plans.get(&plan);
        let mut rows = known.rows.iter().chain(&known.removed_rows);
        self.for_any_plan.may_name_project(project)
            || claims.is_some_and(|claims| claims.may_name_project(project))
            || rows.any(|row| self.protects_attachment(plan, *row))
    }

    /// Another living claim that names the project, or one of its repositories, for the plan.
    pub(super) fn other_attaches_project(
        &self,
        plan: PlanId,
        project: ProjectId,
        rank: Rank,
        inventory: &Inventory,
    ) -> Option<Rank> {
        let claims = self.plans.get(&plan)?;
        let direct = claims
            .projects
            .get(&project)
            .and_then(|claimants| claimants.living_other_than(rank));
        direct.or_else(|| {
            let known = inventory.projects().get(&project)?;
            let rows = known.rows.iter().chain(&known.removed_rows);
            let mut rows = rows;
            rows.find_map(|row| claims.living_other_than(rank, *row))
        })
    }

    /// Whether any claim wants the licence, or says nothing against it: it is not unclaimed.
    pub(super) fn protects_licence(&self, row: Row) -> bool {
        self.licences
            .get(row)
            .is_some_and(|licence| licence.mentioned)
    }

    /// Another living claim that wants the licence.
    pub(super) fn other_wants_licence(&self, row: Row, rank: Rank) -> Option<Rank> {
        self.licences.get(row)?.active.other_than(rank)
    }

    /// Another living claim that names the repository at all.
    pub(super) fn other_names_repository(&self, row: Row, rank: Rank) -> Option<Rank> {
        self.repositories.get(row)?.other_than(rank)
    }

    /// The older claim that keeps the licence from one that wants it.
    pub(super) fn older_against_licence(&self, row: Row) -> Option<Rank> {
        let licence = self.licences.get(row)?;
        (licence.oldest_inactive < licence.oldest_active).then_some(licence.oldest_inactive)
    }

    /// The older claim that keeps one from taking the licence.
    pub(super) fn older_for_licence(&self, row: Row) -> Option<Rank> {
        let licence = self.licences.get(row)?;
        (licence.oldest_active < licence.oldest_inactive).then_some(licence.oldest_active)
    }
}

/// All repositories that a claim names, or may mean by what it names.
fn rows<'a>(
    claim: &Claim,
    named: &'a Named<'_>,
    inventory: &'a Inventory,
) -> impl Iterator<Item = Row> + use<'a> {
    let is_project = matches!(claim.wants, Wants::Project(_));
    let of_project = is_project.then(|| rows_of(&named.projects, inventory));
    let rows = named.rows.iter().chain(&named.project_rows).copied();
    rows.chain(of_project.into_iter().flatten())
}

/// What a claim says about licences.
enum LicenceStance {
    /// It wants them.
    Wants,
    /// It leaves them as they are, and so does nobody else for its sake.
    Mentions,
    /// It wants none.
    Refuses,
}

fn licence_stance(wants: &Wants) -> LicenceStance {
    match wants {
        Wants::Plan(plan) => match plan.license {
            PlanLicense::Ensure => LicenceStance::Wants,
            PlanLicense::Ignore => LicenceStance::Mentions,
        },
        Wants::Repository(repository) => match repository.license {
            Some(RepositoryLicense::Active) => LicenceStance::Wants,
            Some(RepositoryLicense::Inactive) => LicenceStance::Refuses,
            None => LicenceStance::Mentions,
        },
        Wants::Project(_) => LicenceStance::Mentions,
    }
}

#[cfg(test)]
mod tests;
