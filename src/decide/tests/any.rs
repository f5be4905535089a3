//! Any organization, any claims on it, and any answers.

use std::fmt;

use proptest::prelude::*;

use crate::{
    api::{DeletionPolicy, RepositoryLicense, Unclaimed},
    decide::{
        Claim, Service, Standing, Wants,
        fixtures::{
            Answer, Operator, World, organization, plan_claim, plan_id, project_claim, repository,
            repository_claim,
        },
    },
    inventory::trust::Doubt,
};

/// Every repository, with the project that it is in on Azure DevOps.
pub(super) const REPOSITORIES: [(&str, Option<&str>); 7] = [
    ("api-0", Some("payments")),
    ("api-1", Some("payments")),
    ("web-0", Some("front")),
    ("web-1", Some("front")),
    ("old-0", None),
    ("old-1", None),
    ("old-2", None),
];
pub(super) const PLANS: [&str; 3] = ["nightly", "weekly", "hourly"];
const GLOBS: [&str; 7] = ["**", "api-*", "web-*", "old-*", "api-0", "old-1", "nothing"];
const PROJECTS: [&str; 3] = ["payments", "front", "*"];

const ANSWERS: [Answer; 6] = [
    Answer::Confirmed,
    Answer::LostAfter,
    Answer::LostBefore,
    Answer::Refused(404),
    Answer::Refused(409),
    Answer::NotDone,
];

const DOUBTS: [Doubt; 3] = [Doubt::Synchronizing, Doubt::Shrunk, Doubt::Uncounted];

/// What a test begins with.
#[derive(Clone)]
pub(super) struct Scene {
    world: World,
    claims: Vec<Claim>,
    service: Service,
    removal_limit: usize,
    license_limit: Option<usize>,
    unclaimed: Unclaimed,
}

/// In the fewest words: a failure is read by a person, and kept.
impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            world,
            claims,
            service,
            removal_limit,
            license_limit,
            unclaimed,
        } = self;
        write!(
            f,
            "{service:?} removalLimit {removal_limit} limit {license_limit:?} unclaimed {unclaimed}; "
        )?;
        for row in world.repositories.values() {
            let in_plan = |plan: &&str| {
                row.plans
                    .as_ref()
                    .is_some_and(|plans| plans.contains(&plan_id(plan)))
            };
            let plans: Vec<&str> = PLANS.into_iter().filter(in_plan).collect();
            let licensed = if row.licence == Some(true) {
                " licensed"
            } else {
                ""
            };
            let gone = if row.removed == Some(true) {
                " gone"
            } else {
                ""
            };
            write!(f, "{}{licensed}{gone} {plans:?}; ", row.name)?;
        }
        for claim in claims {
            write!(f, "{}; ", Brief(claim))?;
        }
        Ok(())
    }
}

pub(super) struct Brief<'a>(pub(super) &'a Claim);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let claim = self.0;
        let wants = match &claim.wants {
            Wants::Plan(wants) => {
                format!(
                    "{} {} {} {}",
                    wants.plan_name, wants.membership, wants.license, wants.deletion
                )
            }
            Wants::Repository(wants) => {
                let license = wants.license.map(|license| license.to_string());
                format!(
                    "{} {license:?} {:?} {} {}",
                    wants.name, wants.plans, wants.membership, wants.deletion
                )
            }
            Wants::Project(wants) => {
                format!(
                    "{:?} {:?} {} {}",
                    wants.project, wants.plans, wants.membership, wants.deletion
                )
            }
        };
        let paused = if claim.paused { " paused" } else { "" };
        let bare = if claim.held_by_finalizer {
            ""
        } else {
            " without finalizer"
        };
        let standing = match &claim.standing {
            Standing::Accepted => "",
            Standing::NotKnownToBeAllowed { .. } => " perhaps allowed",
            Standing::Refused { .. } | Standing::NotAllowed { .. } => {
                if claim.accepted_once {
                    " refused after it was accepted"
                } else {
                    " refused"
                }
            }
            Standing::Beside => " beside",
            Standing::Unreadable { .. } => " unreadable",
        };
        let (uid, created, life) = (&claim.uid, claim.created, claim.life);
        write!(
            f,
            "{uid} {wants} {created} {life:?}{paused}{bare}{standing}"
        )
    }
}

impl Scene {
    pub(super) fn service(&self) -> Service {
        self.service
    }

    pub(super) fn operated(&self) -> Operator {
        self.world
            .clone()
            .operated(self.claims.clone())
            .managing(|own| {
                own.service = self.service;
                own.removal_limit = self.removal_limit;
                own.license_limit = self.license_limit;
                own.unclaimed = self.unclaimed;
            })
    }
}

prop_compose! {
    pub(super) fn any_scene()(service in prop_oneof![2 => Just(Service::Git), 1 => Just(Service::Azure)])(
        world in any_world(service),
        claims in prop::collection::vec(any_claim(service), 0..7),
        service in Just(service),
        removal_limit in prop_oneof![Just(0_usize), Just(1), Just(3), Just(100)],
        license_limit in prop_oneof![3 => Just(None), 1 => (0_usize..6).prop_map(Some)],
        unclaimed in prop_oneof![Just(Unclaimed::Keep), Just(Unclaimed::Deactivate)],
    ) -> Scene {
        let claims = (0_usize..)
            .zip(claims)
            .map(|(number, claim)| numbered(claim, number))
            .collect();
        Scene { world, claims, service, removal_limit, license_limit, unclaimed }
    }
}

fn any_world(service: Service) -> impl Strategy<Value = World> {
    let row = (
        any::<bool>(),
        prop::collection::btree_set(0_usize..3, 0..3),
        0_u8..8,
    );
    prop::collection::vec(row, REPOSITORIES.len()).prop_map(move |rows| {
        let mut world = organization("acme");
        for plan in PLANS {
            world = world.with_plan(plan);
        }
        for ((name, project), (licensed, plans, gone)) in REPOSITORIES.into_iter().zip(rows) {
            let mut fixture = repository(name);
            if licensed {
                fixture = fixture.licensed();
            }
            for plan in plans {
                fixture = fixture.in_plan(PLANS[plan]);
            }
            if gone == 0 {
                fixture = fixture.gone_upstream();
            }
            if let (Service::Azure, Some(project)) = (service, project) {
                fixture = fixture.in_project(project);
            }
            world = world.with(fixture);
        }
        world
    })
}

pub(super) fn any_claim(service: Service) -> impl Strategy<Value = Claim> {
    let kinds = match service {
        Service::Git => 2,
        Service::Azure => 3,
    };
    let policy = prop_oneof![
        Just(DeletionPolicy::Retain),
        Just(DeletionPolicy::Detach),
        Just(DeletionPolicy::Deactivate),
        Just(DeletionPolicy::Remove),
    ];
    let wants = (
        0..kinds,
        0_usize..7,
        0_usize..3,
        any::<bool>(),
        0_u8..3,
        any::<bool>(),
    );
    (wants, policy, 0_u8..24, 0_i64..3, 0_usize..4).prop_map(
        move |((kind, item, plan, exclusive, license, projects), policy, state, age, other)| {
            let mut selects = String::from("|");
            let mut claim = match kind {
                0 => {
                    GLOBS[item].clone_into(&mut selects);
                    selects.push('|');
                    let mut claim = plan_claim(PLANS[plan]).include(&[GLOBS[item]]);
                    if projects && service == Service::Azure {
                        claim = claim.projects(&[PROJECTS[other % 3]]);
                        selects.push_str(PROJECTS[other % 3]);
                    }
                    if license == 0 {
                        claim.ignoring_licences()
                    } else {
                        claim
                    }
                }
                1 => {
                    let (name, _) = REPOSITORIES[item];
                    let plans = if other == 3 {
                        vec![]
                    } else {
                        vec![PLANS[plan], PLANS[other]]
                    };
                    let claim = repository_claim(name).in_plans(&plans);
                    match license {
                        0 => claim,
                        1 => claim.license(RepositoryLicense::Active),
                        _ => claim.license(RepositoryLicense::Inactive),
                    }
                }
                _ => project_claim(PROJECTS[other % 2]).in_plans(&[PLANS[plan]]),
            };
            if exclusive {
                claim = claim.exclusive();
            }
            claim.uid = selects.into();
            in_state(claim.deleting_with(policy).younger_by(age), state)
        },
    )
}

/// The uid begins with the globs that the claim selects by, repositories and projects: a compiled selector does not tell.
pub(super) fn numbered(mut claim: Claim, number: usize) -> Claim {
    let selects: Vec<&str> = claim.uid.split('|').take(2).collect();
    let uid = format!("{}|{number}", selects.join("|"));
    claim = claim.named(&format!("claim-{number}"));
    claim.uid = uid.into();
    claim
}

fn in_state(claim: Claim, state: u8) -> Claim {
    match state {
        0 => claim.paused(),
        1 => claim.without_finalizer(),
        2 => claim.refused(),
        3 => claim.refused().accepted_once(),
        4 => claim.beside(),
        5 => claim.paused().leaving_or_released(),
        6 | 7 => claim.leaving_or_released(),
        8 => claim.unreadable(),
        _ => claim,
    }
}

pub(super) fn any_answers() -> impl Strategy<Value = Vec<Answer>> {
    prop::collection::vec(prop::sample::select(&ANSWERS[..]), 0..12)
}

pub(super) fn any_doubt() -> impl Strategy<Value = Doubt> {
    prop::sample::select(&DOUBTS[..])
}

/// The path of a repository: with its project, where it is in one.
pub(super) fn path(service: Service, row: usize) -> String {
    match (service, REPOSITORIES[row]) {
        (Service::Azure, (name, Some(project))) => format!("{project}/{name}"),
        (Service::Azure | Service::Git, (name, _)) => name.to_owned(),
    }
}
