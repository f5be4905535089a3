//! The domain in few words, for tests: an organization as Xopero ONE holds it, claims on it, and an operator that decides,
//! acts on that model and lists it again, as the controller does with the real one.

mod claims;
mod operator;
mod world;

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::inventory::{OrganizationId, PlanId, ProjectId, RepositoryId};

pub(crate) use claims::{
    at, organization_claim, plan_claim, project_claim, repository_claim, settings,
};
pub(crate) use operator::{Operator, in_sync, progress};
pub(crate) use world::{Answer, RepositoryFixture, World, member, organization, repository};

/// The id of the plan of that name.
pub(crate) fn plan_id(name: &str) -> PlanId {
    PlanId::numbered(number("plan", name))
}

/// The id of the repository of that name; `project/name` where it is in a project.
pub(crate) fn repository_id(name: &str) -> RepositoryId {
    RepositoryId::numbered(number("repository", name))
}

/// The id of the project of that name.
pub(crate) fn project_id(name: &str) -> ProjectId {
    ProjectId::numbered(number("project", name))
}

pub(crate) fn organization_id(name: &str) -> OrganizationId {
    OrganizationId::numbered(number("organization", name))
}

/// Ids are in another order than names, so that no test passes because the two agree.
fn number(kind: &str, name: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (kind, name, salt).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(1) << 64 | half(2)
}
