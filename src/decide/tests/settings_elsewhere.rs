//! Promise 5 across organizations: a plan may serve several, and has its settings once. The oldest claim sets it, on whichever organization.

use std::collections::BTreeMap;

use rstest::rstest;
use serde_json::json;

use crate::{
    api::{
        Reason,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Claim, Elsewhere, Remembered, Setter, Settings, Writes,
        fixtures::{Operator, organization, plan_claim, plan_id, repository, settings},
    },
};

fn retention(days: u32) -> Settings {
    settings(None, &[("retention", json!(days))])
}

/// A claim of that name on some organization, so many seconds younger than the first claims of a test.
fn claim(name: &str, days: u32, younger_by: i64) -> Claim {
    let claim = plan_claim("nightly").named(name).include(&["api"]);
    claim.setting(retention(days)).younger_by(younger_by)
}

fn operated(claim: Claim) -> Operator {
    organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim])
}

fn set(claim: &Claim) -> Setter {
    Setter::of(claim, Some(plan_id("nightly"))).unwrap()
}

fn declared(setters: impl IntoIterator<Item = Setter>) -> Elsewhere {
    Elsewhere::new(setters.into_iter().collect(), BTreeMap::new())
}

#[rstest]
//                          own: days, age   theirs: days, age   sent
#[case::the_older_one_sets(     (7, 0),          (30, 5),            true)]
#[case::the_younger_does_not(   (7, 5),          (30, 0),            false)]
#[case::at_one_time_by_name(    (7, 5),          (30, 5),            true)]
#[case::the_same_is_no_dispute( (30, 5),         (30, 0),            true)]
fn the_oldest_claim_sets_the_plan(
    #[case] (days, age): (u32, i64),
    #[case] (their_days, their_age): (u32, i64),
    #[case] sent: bool,
) {
    let mut operator = operated(claim("a-own", days, age));
    operator.elsewhere = declared([set(&claim("b-theirs", their_days, their_age))]);
    let expected: &[&str] = if sent { &["ModifyPlan nightly"] } else { &[] };
    assert_eq!(operator.first(), expected);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    if sent {
        assert_eq!(operator.progress("a-own").0, ConditionType::Ready);
        assert_eq!(operator.in_sync("a-own"), (Truth::True, Reason::AsDeclared));
        return;
    }
    assert_eq!(
        operator.progress("a-own"),
        (ConditionType::Stalled, Reason::Conflict)
    );
    assert!(operator.message("a-own").contains("backup/b-theirs"));
    assert_eq!(operator.in_sync("a-own"), (Truth::False, Reason::Held));
    assert_eq!(operator.drift("a-own"), ["ModifyPlan nightly (Conflict)"]);
    operator.elsewhere = Elsewhere::default();
    assert_eq!(operator.next(), ["ModifyPlan nightly"], "it takes over");
}

/// What holds back its settings holds back nothing else of the claim.
#[test]
fn the_younger_goes_on_with_its_attachments() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([claim("own", 7, 5)]);
    operator.elsewhere = declared([set(&claim("theirs", 30, 0))]);
    assert_eq!(operator.first(), ["Attach api nightly"]);
}

#[rstest]
#[case::of_another_plan(Some("weekly"), false)]
#[case::of_the_plan(Some("nightly"), true)]
fn who_sets_another_plan_is_in_nobodys_way(#[case] plan: Option<&str>, #[case] held: bool) {
    let mut operator = operated(claim("own", 7, 5));
    let theirs = Setter::of(&claim("theirs", 30, 0), plan.map(plan_id)).unwrap();
    operator.elsewhere = declared([theirs]);
    assert_eq!(operator.first().is_empty(), held);
}

#[rstest]
//                                     own: days, age   theirs: days, age   waits
#[case::for_an_older_one(                  (7, 5),          (30, 0),            true)]
#[case::not_for_a_younger_one(             (7, 0),          (30, 5),            false)]
#[case::not_for_one_that_declares_the_same((30, 5),         (30, 0),            false)]
fn nothing_is_sent_before_it_is_known_which_plan_an_older_claim_means(
    #[case] (days, age): (u32, i64),
    #[case] (their_days, their_age): (u32, i64),
    #[case] waits: bool,
) {
    let mut operator = operated(claim("own", days, age));
    let theirs = Setter::of(&claim("theirs", their_days, their_age), None).unwrap();
    operator.elsewhere = declared([theirs]);
    assert_eq!(operator.first().is_empty(), waits);
    if !waits {
        return;
    }
    assert_eq!(
        operator.progress("own"),
        (ConditionType::Reconciling, Reason::Pending)
    );
    assert!(operator.message("own").contains("backup/theirs"));
    operator.elsewhere = Elsewhere::default();
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
}

/// Those that were in force before wait for nobody: they are not sent.
#[test]
fn what_was_sent_stays_said_while_an_older_claim_is_about_to_be_read() {
    let mut operator = operated(claim("own", 7, 5));
    operator.first();
    operator.restart();
    operator.elsewhere = declared([Setter::of(&claim("theirs", 30, 0), None).unwrap()]);
    assert!(operator.first().is_empty());
    assert_eq!(operator.in_sync("own"), (Truth::True, Reason::AsDeclared));
}

#[rstest]
#[case::others(Some(retention(30).digest), true)]
#[case::others_perhaps(None, true)]
#[case::the_same(Some(retention(7).digest), false)]
fn what_was_sent_for_another_organization_since_is_in_force(
    #[case] theirs: Option<String>,
    #[case] sends_again: bool,
) {
    let mut operator = operated(claim("own", 7, 0));
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
    operator.elsewhere = Elsewhere::new(Vec::new(), [(plan_id("nightly"), theirs)].into());
    operator.list();
    assert_eq!(operator.slice(), sends_again);
    operator.sent();
    operator.elsewhere = Elsewhere::default();
    assert!(operator.next().is_empty(), "ours were the last then");
}

/// Of two that were sent in a process before, it is not known which came last: two that did not know of each other, for example.
#[test]
fn where_two_say_that_theirs_were_sent_the_older_ones_are_sent_once() {
    let sent = |claim: Claim| {
        let mut operator = operated(claim);
        operator.first();
        operator.claims.remove(0)
    };
    let (ours, theirs) = (sent(claim("own", 7, 0)), sent(claim("theirs", 30, 5)));
    assert!(set(&theirs).said_sent);
    let mut operator = operated(ours);
    operator.elsewhere = declared([set(&theirs)]);
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
    let mut theirs = theirs;
    theirs.remembered = Remembered::default();
    operator.elsewhere = declared([set(&theirs)]);
    operator.restart();
    assert!(operator.first().is_empty(), "the younger says so no more");
}

#[rstest]
#[case::managed(Writes::All, true)]
#[case::paused(Writes::Paused, true)]
#[case::observed(Writes::Observe, false)]
#[case::in_conflict_itself(Writes::Conflict(plan_claim("other").key), false)]
fn an_organization_that_manages_sets_its_plans(#[case] writes: Writes, #[case] sets: bool) {
    let mut operator = operated(claim("own", 7, 0));
    operator.organization.writes = writes;
    let setters = operator.decide().setters;
    assert_eq!(setters.len(), usize::from(sets));
    for setter in setters {
        assert_eq!(setter, set(&operator.claims[0]));
    }
}

/// A plan that is not listed for a moment, or was renamed, is not free for others to set.
#[test]
fn what_was_meant_before_is_set_while_it_is_not_listed() {
    let mut operator = operated(claim("own", 7, 0));
    operator.first();
    operator.world.plans.remove(&plan_id("nightly"));
    operator.list();
    let [setter] = operator.decide().setters.try_into().unwrap();
    assert_eq!(setter.plan, Some(plan_id("nightly")));
    operator.claims[0].remembered = Remembered::default();
    assert!(
        operator.decide().setters.is_empty(),
        "which one is not known"
    );
}
