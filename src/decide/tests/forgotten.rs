//! What is remembered of one resource says nothing of another, and goes with its own alone.

use std::time::Duration;

use rstest::rstest;

use crate::decide::{
    Action, Claim,
    fixtures::{Operator, organization, plan_claim, repository, repository_claim},
};

/// A repository that is to be attached, and the resource of another one.
fn two_of(claim: Claim) -> Operator {
    organization("acme")
        .with(repository("api").licensed())
        .with(repository("web"))
        .with_plan("nightly")
        .operated([claim, repository_claim("web")])
}

fn is_attachment(action: &Action) -> bool {
    matches!(action, Action::Attach(..))
}

#[test]
fn waits_that_a_changed_declaration_ended_do_not_begin_again_when_another_goes() {
    let mut operator = two_of(repository_claim("api").in_plans(&["nightly"]));
    operator.world.refuses = is_attachment;
    assert_eq!(operator.first(), ["Attach api nightly"]);
    operator.world.refuses = |_| false;
    operator.wait(Duration::from_mins(1));
    operator.claim("api").generation += 1;
    operator.report();
    operator.delete("web");
    operator.wait(Duration::from_mins(1));
    assert_eq!(operator.first(), ["Attach api nightly"]);
}

#[test]
fn what_was_sent_without_being_shown_is_not_sent_again_when_another_goes() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .hiding_licences()
        .hiding_plans()
        .operated([
            plan_claim("nightly").include(&["*"]),
            repository_claim("api"),
        ]);
    assert_eq!(operator.first(), ["Activate api", "Attach api nightly"]);
    operator.delete("api");
    operator.world = operator.world.clone().with(repository("new"));
    assert_eq!(operator.next(), ["Activate new", "Attach new nightly"]);
}

/// What others have done of it makes the rest another set than the one that stands in status.
#[test]
fn what_is_left_of_an_approved_set_is_approved_when_another_goes() {
    let mut world = organization("acme").with(repository("api").licensed().in_plan("nightly"));
    for number in 0..20 {
        let name = format!("old-{number:02}");
        world = world.with(repository(&name).licensed().in_plan("nightly"));
    }
    let mut operator = world.operated([
        plan_claim("nightly").include(&["api"]).exclusive(),
        repository_claim("api"),
    ]);
    operator.next();
    operator.next();
    let held = operator.decide().held;
    operator.organization.approvals = held.into_iter().map(|held| held.token).collect();
    assert!(operator.slice());
    let done = operator.sent().len();
    operator.world.detach_by_hand("old-19", "nightly");
    operator.delete("api");
    assert_eq!(operator.next().len(), 19 - done);
}

/// The attachment of `api` was made, or not, for a resource that was deleted since; a resource made anew is another one.
#[rstest]
#[case::refused(|operator: &mut Operator| operator.world.refuses = is_attachment)]
#[case::failed(|operator: &mut Operator| operator.world.fails = |_, action| is_attachment(action))]
#[case::undone(|_: &mut Operator| {})]
fn what_was_done_for_another_resource_says_nothing_against_a_new_one(
    #[case] answers: fn(&mut Operator),
) {
    let claim = repository_claim("api").in_plans(&["nightly"]);
    let mut operator = two_of(claim.clone());
    answers(&mut operator);
    for _ in 0..2 {
        operator.world.detach_by_hand("api", "nightly");
        operator.wait(Duration::from_hours(5));
        operator.list_now();
        assert_eq!(operator.first(), ["Attach api nightly"]);
    }
    operator.world.detach_by_hand("api", "nightly");
    operator.world.refuses = |_| false;
    operator.world.fails = |_, _| false;
    operator.wait(Duration::from_mins(1));
    operator.list_now();
    assert!(operator.first().is_empty(), "it waits for its own resource");
    operator.delete("api");
    let anew = Claim {
        uid: "anew".into(),
        ..claim
    };
    operator.claims.push(anew);
    assert_eq!(operator.first(), ["Attach api nightly"]);
}
