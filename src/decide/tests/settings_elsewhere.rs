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
        Claim, ClaimKind, Elsewhere, HeldElsewhere, Remembered, SentElsewhere, Setter, Settings,
        Standing, Writes,
        fixtures::{
            Operator, organization, organization_claim, plan_claim, plan_id, repository, settings,
        },
    },
    inventory::{PlanId, trust::Doubt},
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
    set_on(claim, Some(plan_id("nightly")))
}

/// On the organization globex.
fn set_on(claim: &Claim, plan: Option<PlanId>) -> Setter {
    Setter::of(claim, &organization_claim("globex").key, plan).unwrap()
}

/// What was sent to the plan last was for another organization.
fn sent(sent: SentElsewhere) -> Elsewhere {
    Elsewhere::new(Vec::new(), [(plan_id("nightly"), sent)].into())
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
    let message = operator.message("a-own");
    let named = "XoperoBackupPlan backup/b-theirs, on XoperoOrganization backup/globex,";
    assert!(message.starts_with(named), "{message}");
    assert_eq!(operator.decide().held_elsewhere, HeldElsewhere::IsSet);
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
    let theirs = set_on(&claim("theirs", 30, 0), plan.map(plan_id));
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
    let theirs = set_on(&claim("theirs", their_days, their_age), None);
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
    assert_eq!(operator.decide().held_elsewhere, HeldElsewhere::MayBeSet);
    operator.elsewhere = Elsewhere::default();
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
}

/// Those that were in force before wait for nobody: they are not sent.
#[test]
fn what_was_sent_stays_said_while_an_older_claim_is_about_to_be_read() {
    let mut operator = operated(claim("own", 7, 5));
    operator.first();
    operator.restart();
    operator.elsewhere = declared([set_on(&claim("theirs", 30, 0), None)]);
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
    operator.elsewhere = sent(SentElsewhere {
        digest: theirs,
        listed_since: true,
    });
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
    assert!(set(&theirs).sent.is_some());
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
    let [setter] = operator.decide().setters.try_into().unwrap();
    assert_eq!(
        (setter.plan, setter.contends),
        (Some(plan_id("nightly")), sets)
    );
}

#[rstest]
#[case::accepted(|claim| claim, true)]
#[case::paused(Claim::paused, true)]
#[case::that_cannot_be_evaluated(Claim::unreadable, false)]
#[case::that_cannot_be_evaluated_any_more(|claim: Claim| sent_before(claim.unreadable()), true)]
#[case::refused(Claim::refused, false)]
#[case::not_allowed(|claim| standing(claim, |message| Standing::NotAllowed { message }), false)]
#[case::perhaps_allowed(|claim| standing(claim, |message| Standing::NotKnownToBeAllowed { message }), false)]
#[case::perhaps_allowed_and_once(
    |claim| sent_before(standing(claim, |message| Standing::NotKnownToBeAllowed { message })),
    true
)]
fn what_may_be_carried_out_in_a_moment_contends(
    #[case] of: fn(Claim) -> Claim,
    #[case] contends: bool,
) {
    let mut operator = operated(claim("own", 7, 0));
    operator.claims[0] = of(operator.claims[0].clone());
    let [setter] = operator.decide().setters.try_into().unwrap();
    assert_eq!(setter.contends, contends);
    assert_eq!(setter.organization.kind, ClaimKind::Organization);
}

fn sent_before(mut claim: Claim) -> Claim {
    claim.remembered.settings_sent = Some(retention(7).digest);
    claim
}

fn standing(mut claim: Claim, of: fn(String) -> Standing) -> Claim {
    claim.standing = of("It is not known.".to_owned());
    claim
}

/// That one tells of it.
#[test]
fn a_claim_on_another_resource_for_the_organization_is_not_ones_own() {
    let operator = operated(claim("own", 7, 0).beside());
    assert!(operator.decide().setters.is_empty());
}

/// What a listing shows of the plan is what it was before.
#[rstest]
#[case::that_began_before(false)]
#[case::that_began_since(true)]
fn what_a_listing_shows_that_began_before_others_were_sent_is_not_believed(
    #[case] listed_since: bool,
) {
    let shown = settings(Some(false), &[]);
    let claim = plan_claim("nightly").named("own").include(&["api"]);
    let mut operator = operated(claim.setting(shown.clone()));
    assert!(operator.first().is_empty(), "it is shown so");
    operator.elsewhere = sent(SentElsewhere {
        digest: Some(settings(Some(true), &[]).digest),
        listed_since,
    });
    assert_eq!(operator.slice(), !listed_since);
    let mut agreeing = operated(operator.claims[0].clone());
    for plan in agreeing.world.plans.values_mut() {
        plan.include_metadata = Some(true);
    }
    agreeing.list();
    agreeing.elsewhere = sent(SentElsewhere {
        digest: Some(shown.digest),
        listed_since,
    });
    assert!(agreeing.first().is_empty());
    let is_drift = agreeing.in_sync("own") == (Truth::False, Reason::Held);
    assert_eq!(is_drift, listed_since, "somebody else changed it");
}

/// Nothing is left to say of settings that others have replaced, also by a claim for which nothing is done now.
#[test]
fn what_was_replaced_is_not_said_to_be_in_force_by_who_does_not_contend() {
    let mut operator = operated(claim("own", 7, 0));
    operator.first();
    operator.claims[0] = operator.claims[0].clone().refused();
    operator.elsewhere = sent(SentElsewhere {
        digest: Some(retention(30).digest),
        listed_since: true,
    });
    operator.report();
    assert_eq!(operator.claims[0].remembered.settings_sent, None);
}

/// Of several that may mean any plan, the oldest may declare the same.
#[test]
fn all_are_awaited_that_are_older_and_declare_others() {
    let mut operator = operated(claim("own", 7, 9));
    let awaited = [claim("agrees", 7, 0), claim("differs", 30, 5)];
    operator.elsewhere = declared(awaited.map(|claim| set_on(&claim, None)));
    assert!(operator.first().is_empty());
    assert!(operator.message("own").contains("backup/differs"));
}

/// What was sent for it before it was edited may be in force: both did not know of each other then.
#[test]
fn what_was_sent_before_an_edit_may_be_in_force() {
    let mut operator = operated(claim("own", 7, 0));
    operator.first();
    let mut theirs = claim("theirs", 30, 5);
    theirs.remembered.settings_sent = Some(retention(60).digest);
    operator.restart();
    operator.elsewhere = declared([set(&theirs)]);
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
}

/// A plan that one listing misses is not free for others to set; one that does not serve the organization any more is.
#[test]
fn what_was_meant_before_is_set_until_it_is_known_to_be_gone() {
    let mut operator = operated(claim("own", 7, 0));
    operator.first();
    operator.world.delete_plan("nightly");
    let contends = |operator: &mut Operator| {
        operator.list();
        let [setter] = operator.look().setters.try_into().unwrap();
        assert_eq!(setter.plan, Some(plan_id("nightly")));
        setter.contends
    };
    assert!(contends(&mut operator));
    operator.doubt = Some(Doubt::Shrunk);
    assert!(contends(&mut operator));
    operator.doubt = None;
    assert!(contends(&mut operator), "the one before was not believed");
    assert!(!contends(&mut operator));
    operator.claims[0].remembered.settings_sent = None;
    operator.restart();
    assert!(!contends(&mut operator), "nothing is in force");
    operator.claims[0].remembered = Remembered::default();
    assert!(
        operator.decide().setters.is_empty(),
        "which one is not known"
    );
}

/// Which of two plans of its name it means is not known, so it keeps neither from others, whatever was sent to a third one before.
#[test]
fn a_name_that_two_plans_have_is_not_set_before_others() {
    let mut operator = operated(claim("own", 7, 0));
    operator.first();
    assert!(operator.claims[0].remembered.settings_sent.is_some());
    operator.world.delete_plan("nightly");
    for id in ["one", "two"] {
        operator.world = operator.world.clone().with_plan(id);
        let plan = operator.world.plans.get_mut(&plan_id(id)).unwrap();
        "nightly".clone_into(&mut plan.name);
    }
    operator.doubt = Some(Doubt::Shrunk);
    operator.list();
    let [setter] = operator.look().setters.try_into().unwrap();
    assert!(!setter.contends);
}
