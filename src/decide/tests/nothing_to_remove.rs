//! Rule 9: an answer of 404 ends a removal, but not of what the last listing shows.

use rstest::rstest;

use crate::{
    api::{DeletionPolicy, Reason, conditions::ConditionType},
    decide::{
        Service,
        fixtures::{
            Answer, Operator, World, organization, project_claim, repository, repository_claim,
        },
    },
};

const NOT_FOUND: Answer = Answer::Refused(404);

fn world() -> World {
    organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with_plan("nightly")
}

/// Its resource is being deleted.
fn leaving(world: World, policy: DeletionPolicy) -> Operator {
    let claim = repository_claim("api").in_plans(&["nightly"]);
    world.operated([claim.deleting_with(policy).leaving()])
}

#[rstest]
#[case::of_a_plan(DeletionPolicy::Detach, &["Detach api nightly"])]
#[case::of_a_licence(DeletionPolicy::Deactivate, &["Detach api nightly", "Deactivate api"])]
fn what_a_listing_shows_is_not_gone_by_a_404(
    #[case] policy: DeletionPolicy,
    #[case] steps: &[&str],
) {
    for (done, step) in steps.iter().enumerate() {
        let mut operator = leaving(world(), policy);
        operator.world.answers.extend(vec![Answer::Confirmed; done]);
        operator.world.answers.push_back(NOT_FOUND);
        assert_eq!(operator.first(), steps[..=done]);
        assert_eq!(
            operator.progress("api"),
            (ConditionType::Stalled, Reason::Refused),
            "{step}"
        );
        assert!(
            !operator.claims.is_empty(),
            "{step}: it keeps its finalizer"
        );
        assert_eq!(operator.next(), steps[done..], "{step}: after a resync");
        assert!(operator.claims.is_empty(), "{step}: then it is let go");
    }
}

#[test]
fn what_somebody_else_took_away_in_between_is_done_by_the_next_listing() {
    let mut operator = leaving(world(), DeletionPolicy::Detach);
    operator.world.detach_by_hand("api", "nightly");
    operator.world.answers.push_back(NOT_FOUND);
    assert_eq!(operator.first(), ["Detach api nightly"]);
    operator.list_now();
    assert!(operator.first().is_empty());
    assert!(operator.claims.is_empty(), "it is let go at once");
}

#[test]
fn what_no_listing_shows_is_gone_by_a_404() {
    let mut operator = leaving(world().hiding_plans(), DeletionPolicy::Detach);
    operator.world.answers.push_back(NOT_FOUND);
    assert_eq!(operator.first(), ["Detach api nightly"]);
    assert!(operator.claims.is_empty());
}

#[test]
fn a_project_whose_repositories_are_there_one_by_one_is_gone_by_a_second_404() {
    let world = organization("acme")
        .with(
            repository("api")
                .in_project("payments")
                .licensed()
                .in_plan("nightly"),
        )
        .with_plan("nightly");
    let claim = project_claim("payments").in_plans(&["nightly"]);
    let mut operator = world
        .operated([claim.deleting_with(DeletionPolicy::Detach).leaving()])
        .managing(|own| own.service = Service::Azure);
    operator.world.answers.extend([NOT_FOUND, NOT_FOUND]);
    assert_eq!(operator.first(), ["DetachProject payments nightly"]);
    assert_eq!(operator.claims.len(), 1);
    assert_eq!(operator.next(), ["DetachProject payments nightly"]);
    assert!(operator.claims.is_empty());
}
