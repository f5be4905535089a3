//! Writes that the server answers with a failure: what concerns one item stops no other, and nothing is repeated for ever.

use std::{sync::Arc, time::Duration};

use crate::{
    api::{Reason, conditions::ConditionType},
    decide::{
        Action,
        fixtures::{
            Answer, Operator, World, at, organization, plan_claim, plan_id, repository,
            repository_claim, repository_id, settings,
        },
    },
};

/// Passes and lists until nothing is sent any more, within a moment.
fn work(operator: &mut Operator) -> Vec<String> {
    let mut sent = Vec::new();
    for _ in 0..60 {
        let now = operator.first();
        if now.is_empty() {
            return sent;
        }
        sent.extend(now);
        operator.wait(Duration::from_millis(300));
        operator.list_now();
    }
    unreachable!("it never ends: {sent:?}")
}

fn licensed(count: usize) -> World {
    (0..count).fold(organization("acme"), |world, number| {
        world.with(repository(&format!("r{number:02}")).licensed())
    })
}

/// What was noted by a clock that was ahead is not waited for until the other has caught up.
#[test]
fn what_was_refused_before_the_clock_was_put_back_is_asked_for_again_after_an_interval() {
    let world = licensed(1)
        .with_plan("nightly")
        .refusing(|action| matches!(action, Action::Attach(..)));
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    operator.wait(Duration::from_hours(200));
    assert_eq!(operator.first(), ["Attach r00 nightly"]);
    operator.now = at(0);
    assert!(operator.first().is_empty());
    assert_eq!(operator.next(), ["Attach r00 nightly"]);
    assert!(operator.next().is_empty());
    assert_eq!(operator.next(), ["Attach r00 nightly"]);
}

/// A clock that was put back does not make what was refused after a person's request older than that.
#[test]
fn what_is_refused_after_the_clock_was_put_back_is_not_asked_for_again_at_once() {
    let world = licensed(1)
        .with_plan("nightly")
        .refusing(|action| matches!(action, Action::Attach(..)));
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    operator.wait(Duration::from_hours(2));
    let _noted = operator.look();
    let uid = Arc::clone(&operator.claims[0].uid);
    operator.memory.end_waits(&uid, operator.now);
    operator.now = at(0);
    assert_eq!(operator.first(), ["Attach r00 nightly"]);
    operator.list_now();
    assert!(operator.first().is_empty());

    operator.wait(Duration::from_secs(1));
    operator.memory.end_all_waits(operator.now);
    assert_eq!(operator.first(), ["Attach r00 nightly"], "a person asks");
    operator.list_now();
    assert!(operator.first().is_empty());
}

/// It may be of the same moment, where nothing takes any time.
#[test]
fn what_is_lost_at_the_moment_of_a_persons_request_is_not_asked_for_again_at_once() {
    let world = licensed(1).with_plan("nightly");
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    let _noted = operator.look();
    operator.memory.end_all_waits(operator.now);
    for _ in 0..3 {
        operator.world.answers.push_back(Answer::LostBefore);
        assert_eq!(operator.first(), ["Attach r00 nightly"]);
        operator.list_now();
    }
    assert!(operator.first().is_empty());
}

#[test]
fn one_repository_that_fails_stops_no_other_and_is_asked_for_at_growing_intervals() {
    let world = licensed(3).with_plan("nightly").failing(
        |_, action| matches!(action, Action::Attach(_, id) if *id == repository_id("r01")),
    );
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    let sent = work(&mut operator);
    assert!(
        operator.world.is_in_plan("r00", "nightly") && operator.world.is_in_plan("r02", "nightly")
    );
    let tries = |sent: &[String]| {
        sent.iter()
            .filter(|word| *word == "Attach r01 nightly")
            .count()
    };
    assert_eq!(
        tries(&sent),
        2,
        "a failure may pass, so the first is repeated at once"
    );
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Reconciling, Reason::ApiUnavailable)
    );
    let message = operator.message("nightly");
    assert!(
        message.contains("status 500") && message.contains("Attach r01"),
        "{message}"
    );
    assert_eq!(
        operator.drift("nightly"),
        ["Attach r01 nightly (ApiUnavailable)"]
    );

    // Doubling, from one resync: 15 looks hold four tries.
    let later: Vec<String> = (0..15).flat_map(|_| operator.next()).collect();
    assert_eq!(tries(&later), 4, "{later:?}");
    operator.world.fails = |_, _| false;
    for _ in 0..16 {
        operator.next();
    }
    assert!(operator.world.is_in_plan("r01", "nightly"));
}

#[test]
fn a_plan_that_takes_nothing_stops_no_younger_plan() {
    let world = licensed(40)
        .with_plan("all")
        .with_plan("nightly")
        .failing(|_, action| matches!(action, Action::Attach(plan, _) if *plan == plan_id("all")));
    let mut operator = world.operated([
        plan_claim("all").include(&["*"]),
        plan_claim("nightly").include(&["*"]).younger_by(60),
    ]);
    let sent = work(&mut operator);
    let tries = sent.iter().filter(|word| word.ends_with(" all")).count();
    assert_eq!(
        tries, 40,
        "after so many failures it is not tried again at once"
    );
    let nightly = operator.world.members(plan_id("nightly"));
    assert_eq!(nightly, 40);
    // What fails as a whole is asked for again as a whole, and seldom.
    let before = operator.world.received.len();
    for _ in 0..15 {
        operator.next();
    }
    let tries = operator.world.received.len() - before;
    assert!(tries <= 4 * 40, "{tries}");
}

#[test]
fn a_removal_that_fails_does_not_use_up_the_hour() {
    let world = organization("acme")
        .with(repository("old").in_plan("weekly"))
        .with(repository("r00").in_plan("nightly"))
        .with(repository("r01").in_plan("nightly"))
        .failing(
            |_, action| matches!(action, Action::Detach(_, id) if *id == repository_id("old")),
        );
    let mut operator = world.operated([
        plan_claim("weekly")
            .include(&["none", "r0*"])
            .exclusive()
            .ignoring_licences(),
        plan_claim("nightly")
            .include(&["r00"])
            .exclusive()
            .ignoring_licences()
            .younger_by(60),
    ]);
    work(&mut operator);
    operator.list();
    work(&mut operator);
    assert!(
        !operator.world.is_in_plan("r01", "nightly"),
        "the younger plan's removal is made"
    );
    assert!(
        operator.ledger.used(operator.now) <= 3,
        "{:?}",
        operator.ledger
    );
}

#[test]
fn where_licences_always_fail_fewer_are_asked_for_until_it_waits_and_says_so() {
    let world = (0..60).fold(
        organization("acme").with_plan("nightly"),
        |world, number| world.with(repository(&format!("r{number:02}"))),
    );
    let world = world.failing(|world, action| {
        let left = 7_usize.saturating_sub(
            world
                .repositories
                .values()
                .filter(|row| row.licence == Some(true))
                .count(),
        );
        matches!(action, Action::Activate(ids) if ids.len() > left)
    });
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    work(&mut operator);
    let licensed = |operator: &Operator| {
        (0..60)
            .filter(|number| operator.world.is_licensed(&format!("r{number:02}")))
            .count()
    };
    for _ in 0..8 {
        operator.next();
    }
    assert_eq!(licensed(&operator), 7, "all that there are");
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Reconciling, Reason::ApiUnavailable)
    );
    assert!(
        operator.message("nightly").contains("pool"),
        "{}",
        operator.message("nightly")
    );
    let before = operator.world.received.len();
    for _ in 0..15 {
        operator.next();
    }
    let tries = operator.world.received.len() - before;
    assert!(tries <= 15, "{tries}");
}

#[test]
fn settings_that_fail_are_not_said_to_be_in_force_and_are_sent_until_they_are() {
    let world = licensed(1)
        .with_plan("nightly")
        .failing(|_, action| matches!(action, Action::ModifyPlan(..)));
    let declared = settings(None, &[("retention", 7.into())]);
    let mut operator = world.operated([plan_claim("nightly").include(&["r00"]).setting(declared)]);
    work(&mut operator);
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Reconciling, Reason::ApiUnavailable)
    );
    operator.world.fails = |_, _| false;
    let sent: Vec<String> = (0..6).flat_map(|_| operator.next()).collect();
    assert_eq!(
        sent,
        ["ModifyPlan nightly"],
        "and not again once it is confirmed"
    );
    assert_eq!(operator.progress("nightly").0, ConditionType::Ready);
}

#[test]
fn a_removal_that_a_resource_names_goes_on_where_another_fails() {
    let world = organization("acme")
        .with(repository("a").licensed())
        .with(repository("b").licensed())
        .failing(|_, action| matches!(action, Action::Deactivate(id) if *id == repository_id("a")));
    let inactive = |name| repository_claim(name).license(crate::api::RepositoryLicense::Inactive);
    let mut operator = world.operated([inactive("a"), inactive("b")]);
    work(&mut operator);
    assert!(!operator.world.is_licensed("b"));
}

#[test]
fn that_many_licences_failed_together_makes_none_of_them_wait_for_long() {
    let world = (0..60).fold(
        organization("acme").with_plan("nightly"),
        |world, number| world.with(repository(&format!("r{number:02}"))),
    );
    let world = world.failing(|_, action| matches!(action, Action::Activate(ids) if ids.len() > 3));
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    work(&mut operator);
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn one_licence_that_fails_is_asked_for_at_growing_intervals_while_others_are_given() {
    let world = organization("acme")
        .with_plan("nightly")
        .with(repository("bad"))
        .failing(|_, action| matches!(action, Action::Activate(ids) if ids.contains(&repository_id("bad"))));
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    work(&mut operator);
    let mut sent = Vec::new();
    for number in 0..15 {
        let name = format!("r{number:02}");
        operator.world = operator.world.with(repository(&name));
        sent.extend(operator.next());
    }
    let tries = sent.iter().filter(|words| words.contains("bad")).count();
    assert_eq!(tries, 4, "{sent:?}");
    operator.next();
    assert!((0..15).all(|number| operator.world.is_licensed(&format!("r{number:02}"))));
}

fn remembered(operator: &Operator) -> String {
    let mut text = String::new();
    let listing = operator.inventory.listing();
    let written = operator.memory.essence(&mut text, listing, operator.now);
    written.map(|()| text).unwrap()
}

#[test]
fn what_is_gone_is_remembered_no_longer_as_lost() {
    let world = licensed(1).with_plan("nightly");
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    operator.world.answers.push_back(Answer::LostBefore);
    assert!(operator.slice());
    assert!(remembered(&operator).contains("lost Attach"));
    operator.world.lose("r00");
    operator.list();
    assert!(!remembered(&operator).contains("lost Attach"));
}
