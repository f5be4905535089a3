//! The small situations that are searched to the end: two plans, two repositories, two claims.

use crate::{
    api::{DeletionPolicy, RepositoryLicense, Unclaimed},
    decide::{
        Claim,
        fixtures::{World, organization, plan_claim, repository, repository_claim},
    },
};

/// The two repositories, by their place in the tables of the tests, and their names.
pub(super) const ROWS: [usize; 2] = [4, 5];
const API: &str = "old-0";
const WEB: &str = "old-1";

/// What a search begins with.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) world: World,
    pub(super) claims: Vec<Claim>,
    /// Declared by an edit, if at all.
    pub(super) declared_later: Option<Claim>,
    pub(super) removal_limit: usize,
    pub(super) unclaimed: Unclaimed,
}

/// Both repositories are licensed and in the first plan.
fn both_in_nightly() -> World {
    organization("acme")
        .with_plan("nightly")
        .with_plan("weekly")
        .with(repository(API).licensed().in_plan("nightly"))
        .with(repository(WEB).licensed().in_plan("nightly"))
}

/// Each is in the plan that the claims want the other in.
fn swapped() -> World {
    organization("acme")
        .with(repository(API).licensed().in_plan("weekly"))
        .with(repository(WEB).licensed().in_plan("nightly"))
}

fn nothing_done() -> World {
    organization("acme")
        .with_plan("nightly")
        .with_plan("weekly")
        .with(repository(API))
        .with(repository(WEB))
}

/// The uid tells what a plan selects: a compiled pattern does not.
fn plan(plan: &str, glob: &str, number: u8) -> Claim {
    let mut claim = plan_claim(plan)
        .include(&[glob])
        .named(&format!("claim-{number}"));
    claim.uid = format!("{glob}||{number}").into();
    claim
}

fn of_repository(name: &str, plans: &[&str], number: u8) -> Claim {
    let mut claim = repository_claim(name)
        .in_plans(plans)
        .named(&format!("claim-{number}"));
    claim.uid = format!("||{number}").into();
    claim
}

fn scene(name: &'static str, world: World, claims: [Claim; 2]) -> Scene {
    Scene {
        name,
        world,
        claims: claims.into(),
        declared_later: None,
        removal_limit: 1,
        unclaimed: Unclaimed::Keep,
    }
}

pub(super) fn scenes() -> Vec<Scene> {
    let protects = of_repository(WEB, &["nightly"], 2);
    let later = plan("weekly", "**", 2).exclusive();
    vec![
        scene(
            "an Exclusive plan, and a claim that protects what it does not select",
            both_in_nightly(),
            [
                plan("nightly", API, 1).exclusive(),
                protects.clone().deleting_with(DeletionPolicy::Detach),
            ],
        ),
        scene(
            "two Exclusive plans that each hold what the other selects",
            swapped(),
            [
                plan("nightly", API, 1).exclusive(),
                plan("weekly", WEB, 2).exclusive().younger_by(1),
            ],
        ),
        scene(
            "a repository that is removed when its claim goes, and a plan that selects it",
            both_in_nightly(),
            [
                of_repository(API, &["nightly"], 1)
                    .license(RepositoryLicense::Active)
                    .deleting_with(DeletionPolicy::Remove),
                plan("nightly", WEB, 2).deleting_with(DeletionPolicy::Detach),
            ],
        ),
        Scene {
            unclaimed: Unclaimed::Deactivate,
            ..scene(
                "licences that nobody claims, and a repository that changes plans",
                swapped(),
                [
                    of_repository(API, &["nightly"], 1).exclusive(),
                    of_repository(WEB, &[], 2).license(RepositoryLicense::Inactive),
                ],
            )
        },
        scene(
            "a plan that gives licences, and a claim against one",
            nothing_done(),
            [
                plan("nightly", "**", 1).deleting_with(DeletionPolicy::Detach),
                of_repository(WEB, &["weekly"], 2)
                    .license(RepositoryLicense::Inactive)
                    .younger_by(1),
            ],
        ),
        Scene {
            removal_limit: 0,
            ..scene(
                "nothing is removed without approval",
                both_in_nightly(),
                [
                    plan("nightly", API, 1).exclusive(),
                    of_repository(API, &["weekly"], 2).deleting_with(DeletionPolicy::Deactivate),
                ],
            )
        },
        Scene {
            declared_later: Some(later),
            claims: vec![plan("nightly", "nothing", 1).exclusive()],
            ..scene(
                "a plan that matches nothing, and one declared later",
                swapped(),
                [protects.clone(), protects],
            )
        },
    ]
}
