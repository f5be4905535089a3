//! What of the organization is protected, and whether that is what it declares.

use super::{
    Input, Visibility,
    namers::{Declared, Namers},
    unreadable,
    verdict::{Judge, first_few, listed},
};
use crate::{
    api::{
        Coverage, ProtectionRequirement, Reason, UnprotectedStatus,
        conditions::{ConditionType, Statement, Truth},
    },
    inventory::{Licence, Repository, display_name, trust::Doubt},
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
    /// Of these, without a licence or in no plan. Where one is not shown, a repository is counted in neither.
    pub unprotected: usize,
    /// Known and removed upstream.
    pub removed_upstream: usize,
}

/// What the organization's status says of its repositories.
#[derive(Clone, Debug)]
pub struct CoverageReport {
    /// The counts.
    pub counts: Counts,
    /// Those that `protection` demands to be protected and that are not.
    pub unprotected: Option<UnprotectedStatus>,
    /// What `Protected` says.
    pub protected: Statement,
}

impl CoverageReport {
    /// What status says of it after what it said `before`, counts and names of one listing. One that is not believed is no baseline for
    /// the next.
    pub fn recorded(
        &self,
        doubt: Option<Doubt>,
        before: Option<(Coverage, Option<UnprotectedStatus>)>,
    ) -> (Coverage, Option<UnprotectedStatus>) {
        let is_baseline = doubt.is_none_or(Doubt::is_baseline);
        before
            .filter(|_| !is_baseline)
            .unwrap_or_else(|| (self.counted(), self.unprotected.clone()))
    }

    fn counted(&self) -> Coverage {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        // No `..`: a new count must not go unreported.
        let Counts {
            known,
            licensed,
            in_a_plan,
            protected,
            unprotected,
            removed_upstream,
        } = self.counts;
        Coverage {
            known: count(known),
            licensed: count(licensed),
            in_a_plan: count(in_a_plan),
            protected: count(protected),
            unprotected: count(unprotected),
            removed_upstream: count(removed_upstream),
        }
    }
}

pub(super) fn report(judge: &Judge<'_>, namers: &Namers) -> CoverageReport {
    let input = judge.input;
    let mut counts = Counts::default();
    let mut missing = Missing::default();
    for (row, repository) in input.inventory.rows_by_name() {
        if repository.removed {
            counts.removed_upstream += 1;
            continue;
        }
        let plans = repository.plans.shown();
        // Where a resource wants its project in a plan, and rows do not tell of projects, that its own is in none says nothing.
        let may_be_by_project = input.may_be_in_plans_by_project(repository)
            && repository
                .project
                .map_or_else(|| namers.may_mean(row), |id| namers.names_project(id));
        let in_no_plan = plans
            .map(<[_]>::is_empty)
            .filter(|in_no_plan| !(*in_no_plan && may_be_by_project));
        let protection = Protection::of(repository.licence, in_no_plan);
        counts.known += 1;
        counts.licensed += usize::from(repository.licence == Licence::Held);
        counts.in_a_plan += usize::from(plans.is_some_and(|plans| !plans.is_empty()));
        counts.protected += usize::from(protection == Protection::Protected);
        counts.unprotected += usize::from(protection == Protection::Unprotected);
        let required = match input.organization.require {
            ProtectionRequirement::EveryRepository => Declared::Yes,
            ProtectionRequirement::Declared => namers.declarations.of(row),
        };
        if is_excepted(input, repository) {
            continue;
        }
        match (required, protection) {
            (Declared::No, _) | (_, Protection::Protected) => {}
            (Declared::Perhaps, _) => missing.some_undetermined = true,
            (Declared::Yes, Protection::Unknown) => missing.some_unknown = true,
            (Declared::Yes, Protection::Unprotected) => missing.names.push(&repository.name),
        }
    }
    CoverageReport {
        counts,
        protected: protected(&missing, judge, namers),
        unprotected: missing.shown(),
    }
}

/// Whether a repository is backed up, as far as that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    /// It has a licence and is in a plan.
    Protected,
    /// One of both is known to be missing.
    Unprotected,
    /// None is known to be missing.
    Unknown,
}

impl Protection {
    fn of(licence: Licence, in_no_plan: Option<bool>) -> Self {
        match (licence, in_no_plan) {
            (Licence::Held, Some(false)) => Self::Protected,
            (Licence::NotHeld, _) | (_, Some(true)) => Self::Unprotected,
            (Licence::Held | Licence::Unknown, None) | (Licence::Unknown, Some(false)) => {
                Self::Unknown
            }
        }
    }
}

/// What `protection` requires and is not there.
#[derive(Debug, Default)]
struct Missing<'a> {
    names: Vec<&'a str>,
    some_unknown: bool,
    /// Whether one is not protected, and not known to be required.
    some_undetermined: bool,
}

impl Missing<'_> {
    /// What status shows. Only that much is spelled out, and sorted.
    fn shown(mut self) -> Option<UnprotectedStatus> {
        let total = self.names.len();
        if total > UnprotectedStatus::SHOWN {
            self.names.select_nth_unstable(UnprotectedStatus::SHOWN);
            self.names.truncate(UnprotectedStatus::SHOWN);
        }
        UnprotectedStatus::of(total, self.names.into_iter().map(display_name))
    }
}

fn is_excepted(input: &Input<'_>, repository: &Repository) -> bool {
    let except = input.organization.except.as_ref().ok();
    except
        .and_then(Option::as_ref)
        .is_some_and(|except| except.contains(repository))
}

/// What resources want protected that no row stands for, or that may be any: a sentence.
fn undetermined(missing: &Missing<'_>, judge: &Judge<'_>, namers: &Namers) -> Option<String> {
    let unlisted = namers.declarations.unlisted().iter();
    let unlisted = unlisted.filter_map(|rank| judge.claims.get(usize::try_from(*rank).ok()?));
    let unlisted = first_few(unlisted.map(|claim| claim.key.to_string()));
    if !unlisted.is_empty() {
        return Some(format!(
            "What these resources name is not listed by Xopero ONE, so it is not known to be protected: {}.",
            listed(unlisted.iter().map(String::as_str))
        ));
    }
    if judge.input.organization.require == ProtectionRequirement::EveryRepository {
        return None;
    }
    if missing.some_undetermined {
        let message =
            "This Xopero ONE does not show of all repositories whether a resource names them.";
        return Some(message.to_owned());
    }
    if let Visibility::Unreadable { message } = judge.input.visibility {
        return Some(message.clone());
    }
    let unreadable = unreadable(judge.claims)?;
    Some(format!(
        "{} cannot be evaluated, so it may name what is not protected.",
        unreadable.key
    ))
}

fn protected(missing: &Missing<'_>, judge: &Judge<'_>, namers: &Namers) -> Statement {
    let input = judge.input;
    let type_ = ConditionType::Protected;
    if !missing.names.is_empty() {
        let what = match input.organization.require {
            ProtectionRequirement::EveryRepository => {
                "protection.require is EveryRepository, and these"
            }
            ProtectionRequirement::Declared => "Of the repositories that resources name, these",
        };
        let few = first_few(missing.names.iter().copied()).into_iter();
        let few: Vec<String> = few.map(display_name).collect();
        let few = listed(few.iter().map(String::as_str));
        return Statement::new(
            type_,
            Truth::False,
            Reason::Unprotected,
            format!("{what} have no licence or are in no plan: {few}."),
        );
    }
    if missing.some_unknown {
        let message = "This Xopero ONE does not show licences or plans of all repositories.";
        return Statement::new(type_, Truth::Unknown, Reason::NotVisible, message);
    }
    if let Some(message) = undetermined(missing, judge, namers) {
        return Statement::new(type_, Truth::Unknown, Reason::NotVisible, message);
    }
    // What is missing from such a listing may be unprotected.
    if let Some(doubt @ (Doubt::Shrunk | Doubt::Uncounted)) = input.doubt {
        return Statement::new(
            type_,
            Truth::Unknown,
            Reason::InventoryUntrusted,
            doubt.sentence(),
        );
    }
    if input.inventory.repositories().is_empty() {
        let message = "Xopero ONE lists no repository of this organization. If it has some, its field \
                       request.repositories.organizationId may have another name.";
        return Statement::new(type_, Truth::Unknown, Reason::NotVisible, message);
    }
    let message = match input.organization.require {
        ProtectionRequirement::EveryRepository => {
            "Every repository that is not excepted has a licence and is in a plan."
        }
        ProtectionRequirement::Declared => {
            "Every repository that a resource names, and that is not excepted, has a licence and is in a plan."
        }
    };
    Statement::new(type_, Truth::True, Reason::AllProtected, message)
}
