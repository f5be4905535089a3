//! What stands in a resource's status beside its conditions: counts, plans, and whether it is settled.

use rstest::rstest;

use super::projects::on_azure;
use crate::{
    api::{
        ProtectionRequirement, Reason, RepositoryLicense, Unclaimed, UnprotectedStatus,
        conditions::Truth,
    },
    decide::{
        About, Claim, Visibility,
        fixtures::{
            World, in_sync, member, organization, plan_claim, project_claim, repository,
            repository_claim,
        },
    },
};

/// The project `payments` is in the plan nightly, with all but one of its licences; `front` is not.
fn world() -> World {
    organization("acme")
        .with(member("payments", "api"))
        .with(
            repository("ledger")
                .in_project("payments")
                .in_plan("nightly"),
        )
        .with(repository("web").in_project("front").licensed())
        .with(repository("site").in_project("front").licensed())
        .with(member("front", "old").gone_upstream())
        .with_plan("weekly")
}

#[rstest]
#[case::repositories(plan_claim("nightly").include(&["*"]), (4, 2, 3))]
#[case::projects(plan_claim("nightly").projects(&["*"]), (2, 1, 3))]
#[case::repositories_and_their_projects(plan_claim("nightly").include(&["*"]).projects(&["*"]), (6, 3, 3))]
#[case::some_of_their_repositories(plan_claim("nightly").include(&["api", "web"]).projects(&["front"]), (3, 1, 3))]
fn a_plan_counts_what_it_selects_what_of_it_is_there_and_what_has_a_licence(
    #[case] claim: Claim,
    #[case] counts: (usize, usize, usize),
) {
    let about = on_azure(world(), [claim]).verdict("nightly").about;
    let About::Plan {
        matched,
        attached,
        licensed,
        ..
    } = about
    else {
        unreachable!("a plan is a plan: {about:?}")
    };
    assert_eq!((matched, attached, licensed), counts);
}

#[test]
fn a_repository_and_a_project_show_the_plans_that_they_are_in() {
    let claims = [
        project_claim("payments").in_plans(&["weekly"]),
        repository_claim("api").in_plans(&["weekly"]),
    ];
    let operator = on_azure(world(), claims);
    for name in ["payments", "api"] {
        let plans = match operator.verdict(name).about {
            About::Plan { .. } => None,
            About::Repository { plans, .. } | About::Project { plans, .. } => plans,
        };
        assert_eq!(plans.as_deref(), Some(["nightly".to_owned()].as_slice()));
    }
}

/// A list that may lack some would say that the project is in no others.
#[rstest]
#[case::all_is_shown("payments", |world| world, Some("nightly"))]
#[case::it_is_in_none("front", |world| world, Some(""))]
#[case::plans_are_not_shown("payments", World::hiding_plans, None)]
#[case::of_one_repository_they_are_not_shown("payments", hiding_the_plans_of_one, None)]
#[case::of_another_project_they_are_not_shown("front", hiding_the_plans_of_one, Some(""))]
#[case::there_is_no_such_project("typo", |world| world, None)]
#[case::its_repositories_are_gone("old", |world: World| world.with(member("old", "gone").gone_upstream()), None)]
fn a_project_shows_its_plans_only_where_all_are_known(
    #[case] name: &str,
    #[case] change: fn(World) -> World,
    #[case] shown: Option<&str>,
) {
    let claim = project_claim(name).in_plans(&["weekly"]);
    let about = on_azure(change(world()), [claim]).verdict(name).about;
    let About::Project { plans, .. } = about else {
        unreachable!("a project is a project: {about:?}")
    };
    let plans = plans.map(|plans| plans.join(" "));
    assert_eq!(plans.as_deref(), shown);
}

/// The row of a repository of `payments` does not show its plans.
fn hiding_the_plans_of_one(mut world: World) -> World {
    for row in world.repositories.values_mut() {
        row.plans = row.plans.take().filter(|_| row.name != "ledger");
    }
    world
}

#[test]
fn as_many_as_are_shown_are_shown_in_whole() {
    let world = (0..UnprotectedStatus::SHOWN).fold(organization("acme"), |world, number| {
        world.with(repository(&format!("r-{number}")))
    });
    let operator = world
        .operated([])
        .managing(|own| own.require = ProtectionRequirement::EveryRepository);
    let coverage = operator.decide().organization.coverage;
    let unprotected = coverage.unprotected.unwrap();
    assert_eq!(unprotected.names.len(), UnprotectedStatus::SHOWN);
}

/// What waits for something else is settled: it is written as it is.
#[rstest]
#[case::a_removal_that_is_about_to_be_made("api", false)]
#[case::what_a_synchronization_may_bring("fresh", true)]
fn only_what_this_process_is_about_to_do_is_not_settled(
    #[case] name: &str,
    #[case] is_settled: bool,
) {
    let claim = repository_claim(name).license(RepositoryLicense::Inactive);
    let mut world = organization("acme").with(repository("api").licensed());
    if is_settled {
        world = world.synchronizing();
    }
    assert_eq!(world.operated([claim]).verdict(name).settled, is_settled);
}

/// Whoever is unseen could only keep more.
#[test]
fn what_is_as_declared_is_in_sync_also_where_claims_may_be_unseen() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["api"])]);
    operator.visibility = Visibility::Partial {
        message: "Not all is listed.".to_owned(),
    };
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::True, Reason::AsDeclared)
    );
}

/// By its claims, or by what it asks for itself.
#[rstest]
#[case::what_a_claim_cannot_see(plan_claim("nightly").include(&["api"]), Unclaimed::Keep)]
#[case::what_it_cannot_see_itself(repository_claim("gone"), Unclaimed::Deactivate)]
fn an_organization_says_that_it_is_not_shown_whether_all_is_as_declared(
    #[case] claim: Claim,
    #[case] unclaimed: Unclaimed,
) {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .hiding_licences()
        .hiding_plans()
        .operated([claim])
        .managing(|own| own.unclaimed = unclaimed);
    operator.pass();
    assert_eq!(
        in_sync(&operator.decide().organization.statements),
        (Truth::Unknown, Reason::NotVisible)
    );
}
