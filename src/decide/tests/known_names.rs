//! A name is known for three days, whatever listings and processes come in between.

use std::time::Duration;

use rstest::rstest;

use super::renames::{HELD, approve, rename_project, two_are_selected};
use crate::{
    decide::fixtures::{
        Operator, RepositoryFixture, at, organization, plan_claim, plan_id, repository,
        repository_id,
    },
    inventory::Digest,
};

/// Whatever would be removed for the name waits for approval.
fn waits_for_approval(operator: &mut Operator) {
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.progress("nightly"), HELD);
}

/// A row is not listed for a while, and comes back.
fn comes_back(operator: &mut Operator, look: fn(&mut Operator), name: &str) {
    let rows = operator.world.repositories.clone();
    operator.world.lose("web-api");
    look(operator);
    operator.pass();
    operator.world.repositories = rows;
    operator.world.rename("web-api", name);
}

#[rstest]
#[case::while_it_looks(Operator::list)]
#[case::when_it_begins(Operator::restart)]
fn what_comes_back_under_another_name_has_a_new_one(#[case] look: fn(&mut Operator)) {
    let mut operator = two_are_selected();
    comes_back(&mut operator, look, "payments");
    waits_for_approval(&mut operator);
    approve(&mut operator);
    assert_eq!(operator.next(), ["Detach payments nightly"]);
}

/// The last listing of one process misses it, and so does the first of the next, and of the one after.
#[rstest]
#[case::once(1)]
#[case::twice(2)]
#[case::thrice(3)]
fn what_was_missed_before_restarts_and_after_them_has_a_new_name(#[case] restarts: usize) {
    let mut operator = two_are_selected();
    let rows = operator.world.repositories.clone();
    operator.world.lose("web-api");
    operator.list();
    let names = operator.memory.names();
    for _ in 0..restarts {
        operator.wait(Duration::from_hours(20));
        operator.restart();
        operator.pass();
        assert_eq!(operator.memory.names(), names, "a restart writes nothing");
    }
    operator.world.repositories = rows;
    operator.world.rename("web-api", "payments");
    waits_for_approval(&mut operator);
}

/// It is in doubt from one process to the next: a restart writes nothing, whether the doubt began while one looked or not.
#[rstest]
#[case::while_it_looks(Operator::list)]
#[case::when_it_begins(Operator::restart)]
fn a_doubt_that_lasts_stands_in_status_as_it_did(#[case] look: fn(&mut Operator)) {
    let mut operator = two_are_selected();
    operator.world.rename("web-api", "payments");
    look(&mut operator);
    operator.pass();
    let names = operator.memory.names();
    for _ in 0..3 {
        operator.restart();
        operator.pass();
        assert_eq!(operator.memory.names(), names);
    }
    assert!(operator.next().is_empty());
    assert_eq!(operator.progress("nightly"), HELD);
}

/// The same with one more that nothing selects.
fn two_are_selected_beside(other: RepositoryFixture) -> Operator {
    let mut operator = two_are_selected();
    operator.world = operator.world.clone().with(other);
    operator.list();
    operator.pass();
    operator
}

/// Another repository that falls into the same bucket of the digest as this one.
fn beside(name: &str) -> String {
    let mut digest = Digest::sized(2);
    digest.turn(repository_id(name), name);
    let mut others = (0..).map(|number| format!("other-{number}"));
    let other = others.find(|other| {
        let seen = [(repository_id(other), other.into())];
        !digest.clone().take_out(&seen, at(0)).in_doubt.is_empty()
    });
    other.expect("one in 64")
}

/// One beside it was missing when the process began, so that its bucket is no measure; it is back when the next one begins.
#[test]
fn a_name_that_changes_beside_what_is_missing_is_remembered_when_that_is_back() {
    let beside = beside("web-api");
    let mut operator = two_are_selected_beside(repository(&beside));
    let missing = operator.world.repositories.clone();
    operator.world.lose(&beside);
    operator.list();
    operator.restart();
    operator.pass();
    operator.world.rename("web-api", "payments");
    operator.list();
    operator.pass();
    operator.world.repositories = missing;
    operator.world.rename("web-api", "payments");
    operator.restart();
    waits_for_approval(&mut operator);
}

/// One had another name, and is gone: nothing beside it is in doubt for that, however often a process begins.
#[test]
fn what_is_gone_for_good_leaves_no_doubt_behind() {
    let beside = beside("web-api");
    let mut operator = two_are_selected_beside(repository(&beside).licensed());
    operator.world.rename(&beside, "renamed");
    operator.list();
    operator.pass();
    operator.world.lose(&beside);
    for _ in 0..4 {
        operator.wait(Duration::from_hours(20));
        operator.list();
    }
    operator.restart();
    operator.pass();
    let narrowed = plan_claim("nightly").include(&["web"]);
    *operator.claim("nightly") = narrowed.exclusive().edited();
    operator.next();
    assert_eq!(operator.next(), ["Detach web-api nightly"]);
}

/// However often a process begins: the time goes on.
#[test]
fn a_name_that_is_not_listed_is_forgotten_after_three_days_by_who_begins_meanwhile() {
    let mut operator = two_are_selected();
    let rows = operator.world.repositories.clone();
    operator.world.lose("web-api");
    operator.list();
    for _ in 0..4 {
        operator.wait(Duration::from_hours(20));
        operator.restart();
        operator.pass();
    }
    operator.world.repositories = rows;
    operator.world.rename("web-api", "payments");
    operator.next();
    assert_eq!(operator.next(), ["Detach payments nightly"]);
}

/// What was missing already, when the process began, is forgotten sooner than what it misses as well.
#[test]
fn what_is_missed_later_is_remembered_longer() {
    let mut operator = two_are_selected_beside(repository("gone"));
    operator.world.lose("gone");
    operator.list();
    operator.wait(Duration::from_hours(60));
    operator.list();
    let rows = operator.world.repositories.clone();
    operator.world.lose("web-api");
    operator.restart();
    operator.wait(Duration::from_hours(60));
    operator.list_now();
    operator.world.repositories = rows;
    operator.world.rename("web-api", "payments");
    waits_for_approval(&mut operator);
}

#[rstest]
#[case::within_three_days(71, &[])]
#[case::later(73, &["Detach payments nightly"])]
fn a_name_that_is_not_listed_is_known_for_three_days(#[case] hours: u64, #[case] sent: &[&str]) {
    let mut operator = two_are_selected();
    let rows = operator.world.repositories.clone();
    operator.world.lose("web-api");
    operator.list();
    operator.wait(Duration::from_hours(hours));
    operator.list_now();
    operator.world.repositories = rows;
    operator.world.rename("web-api", "payments");
    operator.next();
    assert_eq!(operator.next(), sent);
}

#[rstest]
#[case::while_it_looks(Operator::list)]
#[case::when_it_begins(Operator::restart)]
fn what_comes_back_as_it_was_is_known(#[case] look: fn(&mut Operator)) {
    let mut operator = two_are_selected();
    comes_back(&mut operator, look, "web-api");
    let narrowed = plan_claim("nightly").include(&["web"]);
    *operator.claim("nightly") = narrowed.exclusive().edited();
    operator.next();
    assert_eq!(operator.next(), ["Detach web-api nightly"]);
}

#[test]
fn a_project_that_was_hidden_for_a_while_and_is_another_has_a_new_name() {
    let mut operator = organization("acme")
        .with(repository("api").in_project("payments").in_plan("nightly"))
        .with(repository("web").in_project("pay-front").in_plan("nightly"))
        .operated([plan_claim("nightly")
            .include(&["pay*/*"])
            .exclusive()
            .ignoring_licences()]);
    operator.first();
    let rows = operator.world.repositories.clone();
    operator.world.hide_projects(&["payments/api"]);
    assert!(operator.next().is_empty());
    operator.world.repositories = rows;
    rename_project(&mut operator, "payments", "billing");
    waits_for_approval(&mut operator);
}

#[test]
fn a_plan_that_comes_back_under_another_name_has_a_new_one() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("weekly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["web"]).exclusive()]);
    operator.first();
    let plans = operator.world.plans.clone();
    operator.world.plans.remove(&plan_id("weekly"));
    operator.list();
    operator.world.plans = plans;
    operator.world.rename_plan("nightly", "hourly");
    operator.world.rename_plan("weekly", "nightly");
    for _ in 0..3 {
        operator.next();
    }
    assert!(
        operator
            .drift("nightly")
            .contains(&"Detach api nightly (RemovalHeld)".to_owned())
    );
}
