//! Rule 9: an answer of 404 ends a removal, but not of what the last listing shows.

use rstest::rstest;

use crate::{
    api::{DeletionPolicy, Reason, conditions::ConditionType},
    decide::{
        Action, Sent, Service,
        fixtures::{
            Answer, Operator, World, organization, plan_id, project_claim, repository,
            repository_claim, repository_id,
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

#[rstest]
#[case::a_removal_of_what_is_not_there(detach("gone"), Sent::Refused(404), Sent::Confirmed)]
#[case::a_removal_of_what_is_there(detach("api"), Sent::Refused(404), Sent::Refused(404))]
#[case::another_refusal(detach("gone"), Sent::Refused(409), Sent::Refused(409))]
#[case::a_failure(detach("gone"), Sent::Failed(500), Sent::Failed(500))]
#[case::an_addition(attach("gone"), Sent::Refused(404), Sent::Refused(404))]
#[case::an_addition_of_what_is_there(attach("api"), Sent::Refused(404), Sent::Refused(404))]
fn only_a_404_to_a_removal_may_mean_that_it_is_done(
    #[case] action: Action,
    #[case] sent: Sent,
    #[case] meant: Sent,
) {
    let operator = world().operated([]);
    let understood = operator
        .memory
        .understand(&action, sent, &operator.inventory);
    assert_eq!(understood, meant);
}

#[rstest]
#[case::a_refused_removal(detach("api"), Sent::Refused(409), true)]
#[case::a_removal_that_is_done(detach("api"), Sent::Confirmed, false)]
#[case::a_removal_that_failed(detach("api"), Sent::Failed(500), false)]
#[case::a_removal_that_is_not_permitted(detach("api"), Sent::NotPermitted(String::new()), false)]
#[case::a_refused_addition(attach("api"), Sent::Refused(409), false)]
fn only_a_refused_removal_lets_the_listing_be_doubted(
    #[case] action: Action,
    #[case] sent: Sent,
    #[case] doubts: bool,
) {
    assert_eq!(sent.doubts_listing(&action), doubts);
}

fn detach(name: &str) -> Action {
    Action::Detach(plan_id("nightly"), repository_id(name))
}

fn attach(name: &str) -> Action {
    Action::Attach(plan_id("nightly"), repository_id(name))
}
