//! Which claim names what, found by names: a glob of the tests is all, a prefix, or a whole name.

use super::Row;
use crate::{
    api::{AttachmentDeletionPolicy, DeletionPolicy, Membership, PlanLicense, RepositoryLicense},
    decide::{Claim, Life, ProjectName, Standing, Wants, fixtures::project_id},
    inventory::ProjectId,
};

/// What a claim says of a repository's licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    Wants,
    Mentions,
    Refuses,
    /// Named by way of its project alone: by `XoperoAzureProject`.
    OfProject,
}

pub(super) fn is_living(claim: &Claim) -> bool {
    claim.life == Life::Living
}

pub(super) fn protects(claim: &Claim) -> bool {
    let refused = matches!(
        claim.standing,
        Standing::Refused { .. } | Standing::NotAllowed { .. }
    );
    !refused || claim.accepted_once
}

pub(super) fn is_unreadable(claim: &Claim) -> bool {
    matches!(claim.standing, Standing::Unreadable { .. })
}

pub(super) fn is_at_work(claim: &Claim) -> bool {
    claim.standing == Standing::Accepted
        && is_living(claim)
        && !claim.paused
        && claim.held_by_finalizer
}

/// Whether its deletion detaches what it names.
pub(super) fn releases(claim: &Claim) -> bool {
    let detaches = match &claim.wants {
        Wants::Plan(wants) => wants.deletion == AttachmentDeletionPolicy::Detach,
        Wants::Repository(wants) => wants.deletion >= DeletionPolicy::Detach,
        Wants::Project(wants) => wants.deletion == AttachmentDeletionPolicy::Detach,
    };
    let leaving =
        claim.standing == Standing::Accepted && claim.life == Life::Leaving && !claim.paused;
    leaving && detaches
}

/// Whether it wants no licence for what it names.
pub(super) fn refuses(claim: &Claim) -> bool {
    matches!(&claim.wants, Wants::Repository(wants) if wants.license == Some(RepositoryLicense::Inactive))
}

pub(super) fn takes_licence(claim: &Claim, row: &Row<'_>) -> bool {
    let Wants::Repository(wants) = &claim.wants else {
        return false;
    };
    let inactive = is_at_work(claim) && wants.license == Some(RepositoryLicense::Inactive);
    let leaving = releases(claim) && wants.deletion >= DeletionPolicy::Deactivate;
    wants.name == row.name && (inactive || leaving)
}

pub(super) fn removes(claim: &Claim, row: &Row<'_>) -> bool {
    let Wants::Repository(wants) = &claim.wants else {
        return false;
    };
    releases(claim) && wants.deletion == DeletionPolicy::Remove && wants.name == row.name
}

pub(super) fn is_exclusive(claim: &Claim, plan: &str) -> bool {
    let exclusive = matches!(&claim.wants, Wants::Plan(wants)
        if wants.membership == Membership::Exclusive && wants.plan_name == plan);
    is_at_work(claim) && exclusive
}

pub(super) fn is_exclusive_project(claim: &Claim, project: ProjectId) -> bool {
    let exclusive = matches!(&claim.wants, Wants::Project(wants)
        if wants.membership == Membership::Exclusive && is_project(&wants.project, project));
    is_at_work(claim) && exclusive
}

pub(super) fn is_project(name: &ProjectName, project: ProjectId) -> bool {
    match name {
        ProjectName::Name(name) => project_id(name) == project,
        ProjectName::Id(id) => *id == project,
    }
}

/// The globs that a plan selects repositories and projects by, from its uid.
pub(super) fn selects(claim: &Claim) -> (&str, &str) {
    let mut parts = claim.uid.split('|');
    (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    )
}

/// A glob of the tests: all, a prefix, or a whole name.
pub(super) fn glob_matches(glob: &str, name: &str) -> bool {
    match glob.trim_end_matches('*') {
        prefix if prefix.len() < glob.len() => name.starts_with(prefix),
        whole => whole == name,
    }
}

pub(super) fn names_by_itself(claim: &Claim, row: &Row<'_>) -> bool {
    match &claim.wants {
        Wants::Plan(_) => glob_matches(selects(claim).0, &row.name),
        Wants::Repository(wants) => wants.name == row.name,
        Wants::Project(_) => false,
    }
}

pub(super) fn names_by_project(claim: &Claim, row: &Row<'_>) -> bool {
    // A project holds its living repositories.
    let Some(project) = row.project.as_deref().filter(|_| !row.removed) else {
        return false;
    };
    match &claim.wants {
        Wants::Plan(_) => glob_matches(selects(claim).1, project),
        Wants::Repository(_) => false,
        Wants::Project(wants) => is_project(&wants.project, project_id(project)),
    }
}

/// Whether a claim names a repository for a plan, by itself or by its project.
pub(super) fn names(claim: &Claim, plan: &str, row: &Row<'_>) -> bool {
    names_plan(claim, plan) && (names_by_itself(claim, row) || names_by_project(claim, row))
}

pub(super) fn names_plan(claim: &Claim, plan: &str) -> bool {
    match &claim.wants {
        Wants::Plan(wants) => wants.plan_name == plan,
        Wants::Repository(wants) => wants.plans.iter().any(|name| name == plan),
        Wants::Project(wants) => wants.plans.iter().any(|name| name == plan),
    }
}

pub(super) fn names_project(claim: &Claim, plan: &str, project: ProjectId) -> bool {
    let is_named = match &claim.wants {
        Wants::Plan(_) => {
            let glob = selects(claim).1;
            ["payments", "front"]
                .into_iter()
                .any(|name| project_id(name) == project && glob_matches(glob, name))
        }
        Wants::Repository(_) => false,
        Wants::Project(wants) => is_project(&wants.project, project),
    };
    is_named && names_plan(claim, plan)
}

pub(super) fn stance(claim: &Claim, row: &Row<'_>) -> Option<Stance> {
    let by_project = names_by_project(claim, row);
    if !(names_by_itself(claim, row) || by_project) {
        return None;
    }
    Some(match &claim.wants {
        Wants::Plan(wants) => match wants.license {
            PlanLicense::Ensure => Stance::Wants,
            PlanLicense::Ignore => Stance::Mentions,
        },
        Wants::Repository(wants) => match wants.license {
            Some(RepositoryLicense::Active) => Stance::Wants,
            Some(RepositoryLicense::Inactive) => Stance::Refuses,
            None => Stance::Mentions,
        },
        Wants::Project(_) => Stance::OfProject,
    })
}
