//! What of the organization is protected, and whether that is what it declares.

use super::{Input, named::Namers};
use crate::{
    api::{
        ProtectionRequirement, Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    inventory::{Licence, Repository, Row},
};

/// How many repositories are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Known and not removed upstream.
    pub known: usize,
    /// Of these, licensed.
    pub licensed: usize,
    /// Of these, in at least one plan.
    pub in_a_plan: usize,
    /// Of these, licensed and in a plan.
    pub protected: usize,
    /// Of these, not both.
    pub unprotected: usize,
    /// Known and removed upstream.
    pub removed_upstream: usize,
}

/// What the organization's status says of its repositories.
#[derive(Clone, Debug)]
pub struct CoverageReport {
    /// The counts.
    pub counts: Counts,
    /// The names of those that are not protected and not excepted.
    pub unprotected: Vec<String>,
    /// What `Protected` says.
    pub protected: Statement,
}

pub(super) fn report(input: &Input<'_>, namers: &Namers) -> CoverageReport {
    let mut counts = Counts::default();
    let mut unprotected = Vec::new();
    let mut required_and_missing = Vec::new();
    let mut unknown = false;
    for (row, repository) in input.inventory.rows_by_name() {
        if repository.removed {
            counts.removed_upstream += 1;
            continue;
        }
        let licensed = repository.licence == Licence::Held;
        let in_a_plan = repository
            .plans
            .shown()
            .is_some_and(|plans| !plans.is_empty());
        counts.known += 1;
        counts.licensed += usize::from(licensed);
        counts.in_a_plan += usize::from(in_a_plan);
        counts.protected += usize::from(licensed && in_a_plan);
        if licensed && in_a_plan {
            continue;
        }
        let excepted = input
            .organization
            .except
            .as_ref()
            .is_some_and(|except| except.contains(repository));
        if excepted {
            continue;
        }
        if is_unknown(repository) {
            unknown = true;
            continue;
        }
        let is_required = is_required(input.organization.require, row, namers);
        unprotected.push(repository.name.clone());
        if is_required {
            required_and_missing.push(repository.name.clone());
        }
    }
    counts.unprotected = counts.known - counts.protected;
    CoverageReport {
        counts,
        unprotected,
        protected: protected(&required_and_missing, unknown, input),
    }
}

/// Whether what is not shown might make it protected: a fact that is known to be missing settles it.
fn is_unknown(repository: &Repository) -> bool {
    let no_licence = repository.licence == Licence::NotHeld;
    let no_plan = repository.plans.shown().is_some_and(<[_]>::is_empty);
    !no_licence && !no_plan
}

fn is_required(require: ProtectionRequirement, row: Row, namers: &Namers) -> bool {
    match require {
        ProtectionRequirement::EveryRepository => true,
        ProtectionRequirement::Declared => namers.is_declared(row),
    }
}

fn protected(missing: &[String], unknown: bool, input: &Input<'_>) -> Statement {
    let type_ = ConditionType::Protected;
    if !missing.is_empty() {
        let what = match input.organization.require {
            ProtectionRequirement::EveryRepository => "protection.require is EveryRepository and",
            ProtectionRequirement::Declared => "Of the repositories that resources name,",
        };
        let names = super::verdict::listed(missing.iter().map(String::as_str));
        return Statement::new(
            type_,
            Truth::False,
            Reason::Unprotected,
            format!("{what} these have no licence or are in no plan: {names}."),
        );
    }
    if unknown {
        let message = "This Xopero ONE does not show licences or plans of all repositories.";
        return Statement::new(type_, Truth::Unknown, Reason::NotVisible, message);
    }
    let message = match input.organization.require {
        ProtectionRequirement::EveryRepository => {
            "Every repository has a licence and is in a plan."
        }
        ProtectionRequirement::Declared => {
            "Every repository that a resource names has a licence and is in a plan."
        }
    };
    Statement::new(type_, Truth::True, Reason::AllProtected, message)
}
