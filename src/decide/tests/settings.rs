//! Rules 17, 34 and 41: settings are sent when they are declared anew, never on a timer.

use std::sync::Arc;

use rstest::rstest;
use serde_json::json;

use crate::{
    api::{
        DeletionPolicy, Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{
        Claim, Remembered, Settings, SettingsRefusal, Wants, Writes,
        fixtures::{Answer, Operator, organization, plan_claim, plan_id, repository, settings},
    },
};

fn declaring(declared: Settings) -> Operator {
    organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["api"]).setting(declared)])
}

#[rstest]
//                                       declared                                             sent
#[case::as_it_is_shown_already(          settings(Some(false), &[]),                          &[])]
#[case::other_than_shown(                settings(Some(true), &[]),                           &["ModifyPlan nightly"])]
#[case::parameters_cannot_be_read(       settings(Some(false), &[("retention", json!(7))]),   &["ModifyPlan nightly"])]
fn settings_are_sent_when_they_may_differ(#[case] declared: Settings, #[case] sent: &[&str]) {
    let mut operator = declaring(declared);
    assert_eq!(operator.first(), sent);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.restart();
    assert!(operator.first().is_empty());
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::True, Reason::AsDeclared)
    );
}

/// Where it is not shown whether metadata is included, that may differ.
#[test]
fn what_is_not_shown_of_a_plan_may_differ() {
    let mut operator = declaring(settings(Some(true), &[]));
    for plan in operator.world.plans.values_mut() {
        plan.include_metadata = None;
    }
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
}

/// Neither the one that is leaving nor the one whose settings cannot be sent stands in the way of the younger.
#[rstest]
#[case::leaving(|claim: Claim| claim.deleting_with(DeletionPolicy::Detach).leaving().paused())]
#[case::unusable(|mut claim: Claim| {
    if let Wants::Plan(wants) = &mut claim.wants {
        let settings = wants.settings.as_mut().unwrap();
        settings.permitted = Err(SettingsRefusal::Unusable("it names a target".to_owned()));
    }
    claim
})]
fn an_older_resource_that_sets_nothing_stands_in_no_ones_way(#[case] older: fn(Claim) -> Claim) {
    let mut operator = declaring(settings(Some(true), &[]));
    let first = operator.claims.remove(0).named("first");
    let other = plan_claim("nightly").include(&["api"]).younger_by(5);
    operator.claims = vec![
        older(first),
        other.setting(settings(None, &[("retention", json!(7))])),
    ];
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
}

#[test]
fn a_status_that_is_lost_while_the_process_lives_sends_nothing_again() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    operator.restart();
    assert!(operator.first().is_empty());
    operator.claims[0].remembered = Remembered::default();
    assert!(operator.next().is_empty());
    assert!(operator.claims[0].remembered.settings_sent.is_some());
}

#[test]
fn each_change_is_sent_once_a_change_back_as_well() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    for retention in [30, 7, 30, 7] {
        let declared = settings(None, &[("retention", json!(retention))]);
        operator.claims[0] = operator.claims[0].clone().setting(declared).edited();
        assert_eq!(operator.next(), ["ModifyPlan nightly"]);
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn what_somebody_else_changed_is_said_and_not_fought() {
    let mut operator = declaring(settings(Some(true), &[]));
    operator.first();
    for plan in operator.world.plans.values_mut() {
        plan.include_metadata = Some(false);
    }
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Held));
    assert_eq!(operator.drift("nightly"), ["ModifyPlan nightly (NotKept)"]);
}

/// What is declared back is what somebody has set by hand meanwhile: it is in force without being sent, and known from then on.
#[test]
fn what_was_found_in_force_is_said_when_somebody_else_changes_it() {
    let show = |operator: &mut Operator, shown: bool| {
        let plan = operator.world.plans.get_mut(&plan_id("nightly")).unwrap();
        plan.include_metadata = Some(shown);
    };
    let mut operator = declaring(settings(Some(true), &[]));
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    show(&mut operator, false);
    let declared = settings(Some(false), &[]);
    operator.claims[0] = operator.claims[0].clone().setting(declared).edited();
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    show(&mut operator, true);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
        assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Held));
        assert_eq!(operator.drift("nightly"), ["ModifyPlan nightly (NotKept)"]);
    }
}

/// Another resource managed the organization for a while: what it sent meanwhile, or others, is not shown.
#[rstest]
#[case::in_one_process(false)]
#[case::across_a_restart(true)]
fn what_was_sent_before_another_resource_took_over_is_sent_again_after_it(#[case] restarts: bool) {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    operator.organization.writes = Writes::Conflict(plan_claim("other").key);
    assert!(operator.next().is_empty());
    if restarts {
        operator.restart();
    }
    operator.organization.writes = Writes::All;
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
}

/// The older one that came, and went again, has left its own settings in the plan.
#[test]
fn what_another_resource_has_set_meanwhile_is_sent_again_when_that_is_gone() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    operator.claims[0] = operator.claims[0].clone().younger_by(60);
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
    let older = plan_claim("nightly")
        .named("older")
        .setting(settings(None, &[("retention", json!(30))]));
    operator.claims.push(older);
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
    operator.claims.retain(|claim| claim.key.name != "older");
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
}

#[test]
fn where_settings_are_not_allowed_the_rest_goes_on() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .operated([plan_claim("nightly")
            .include(&["api"])
            .setting(settings(Some(true), &[]).forbidden())]);
    assert_eq!(operator.first(), ["Activate api", "Attach api nightly"]);
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::SettingsNotAllowed)
    );
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Held));
    assert_eq!(
        operator.drift("nightly"),
        ["ModifyPlan nightly (SettingsNotAllowed)"]
    );
}

#[test]
fn after_a_lost_answer_the_same_is_sent_until_one_is_confirmed() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    operator
        .world
        .answers
        .extend([Answer::LostBefore, Answer::LostBefore]);
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    assert_eq!(
        operator.progress("nightly").0,
        ConditionType::Reconciling,
        "they are not known to be in force"
    );
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
    assert_eq!(operator.progress("nightly").0, ConditionType::Ready);
}

/// Which of the two is in force is not known then, whatever was sent before.
#[rstest]
#[case::it_was_applied(Answer::LostAfter)]
#[case::it_was_not(Answer::LostBefore)]
fn what_is_declared_back_after_a_lost_answer_is_sent(#[case] answer: Answer) {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    let declared = settings(None, &[("retention", json!(30))]);
    operator.claims[0] = operator.claims[0].clone().setting(declared).edited();
    operator.world.answers.push_back(answer);
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    let declared = settings(None, &[("retention", json!(7))]);
    operator.claims[0] = operator.claims[0].clone().setting(declared).edited();
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
}

/// It has its old name and another id, and the settings of a new plan.
#[rstest]
#[case::while_it_looks(Operator::list)]
#[case::when_it_begins(Operator::restart)]
fn a_plan_that_was_made_anew_is_given_its_settings(#[case] then: fn(&mut Operator)) {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    operator.world = operator.world.clone().with_plan("anew");
    operator.world.delete_plan("nightly");
    operator.world.rename_plan("anew", "nightly");
    then(&mut operator);
    assert!(operator.next().contains(&"ModifyPlan nightly".to_owned()));
    assert!(operator.next().is_empty());
}

/// The older one has set the plan and is gone; what the younger declares is shown, so that nothing was sent for it.
#[test]
fn what_was_found_in_force_after_an_older_one_is_gone_is_not_fought() {
    let mut operator = declaring(settings(Some(true), &[]));
    operator.claims[0] = operator.claims[0].clone().younger_by(60);
    let both = settings(Some(true), &[("retention", json!(30))]);
    let older = plan_claim("nightly").named("older").setting(both);
    operator.claims.push(older);
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    operator.claims.retain(|claim| claim.key.name != "older");
    assert!(operator.next().is_empty());
    let plan = operator.world.plans.get_mut(&plan_id("nightly")).unwrap();
    plan.include_metadata = Some(false);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.drift("nightly"), ["ModifyPlan nightly (NotKept)"]);
}

#[test]
fn a_plan_that_shrinks_with_its_settings_is_said_once_and_shown() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    operator.first();
    operator.world.detach_by_hand("api", "nightly");
    let harm = operator.list_now().harm;
    assert_eq!(harm.len(), 1, "{harm:?}");
    assert!(harm[0].contains("fewer repositories"));
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Drift));
    let statements = operator.verdict("nightly").statements;
    let is_shown = |statement: &Statement| statement.message.contains("fewer repositories");
    assert!(statements.iter().any(is_shown), "{statements:?}");
    assert!(operator.list_now().harm.is_empty());
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Drift));

    operator.world.attach_by_hand("api", "nightly");
    assert!(operator.list_now().harm.is_empty());
    let back = (Truth::True, Reason::AsDeclared);
    assert_eq!(operator.in_sync("nightly"), back, "it was put back");
}

#[test]
fn a_plan_that_is_not_listed_for_a_while_is_said_once_and_no_longer_when_it_is_back() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    operator.first();
    let plans = std::mem::take(&mut operator.world.plans);
    let mut harm = Vec::new();
    for _ in 0..2 {
        harm.extend(operator.list_now().harm);
    }
    assert_eq!(harm.len(), 1, "{harm:?}");
    assert!(harm[0].contains("is no longer listed"), "{harm:?}");
    operator.world.plans = plans;
    assert!(operator.list_now().harm.is_empty());
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::True, Reason::AsDeclared)
    );
}

#[test]
fn a_plan_that_comes_back_smaller_is_shown_as_such() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    operator.first();
    let plans = std::mem::take(&mut operator.world.plans);
    operator.list_now();
    operator.world.plans = plans;
    operator.world.detach_by_hand("api", "nightly");
    let harm = operator.list_now().harm;
    assert!(harm[0].contains("fewer repositories"), "{harm:?}");
}

#[rstest]
#[case::our_own_detachments(Some(1))]
#[case::a_count_that_is_no_longer_shown(None)]
fn no_harm_is_seen_in(#[case] detached: Option<usize>) {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("old").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly")
            .include(&["api"])
            .exclusive()
            .setting(settings(None, &[("retention", json!(7))]))]);
    if detached.is_some() {
        operator.memory.note_decision(&operator.decide(), 0);
    }
    operator.first();
    operator.world.listing += 1;
    let mut after = operator.world.inventory();
    if detached.is_none() {
        let plans = after.plans().values().cloned().map(|mut plan| {
            plan.repository_count = None;
            plan
        });
        after = crate::inventory::Inventory::new(
            after.organization().clone(),
            plans.collect(),
            Vec::new(),
            operator.world.listing,
        );
    }
    let harm = operator.memory.note_listing(&after, operator.now).harm;
    assert!(harm.is_empty(), "{harm:?}");
}

#[test]
fn a_plan_of_azure_devops_has_its_own_endpoint() {
    let mut operator = declaring(settings(Some(true), &[]))
        .managing(|own| own.service = crate::decide::Service::Azure);
    assert_eq!(operator.first(), ["ModifyAzurePlan nightly"]);
}

#[test]
fn a_claim_that_is_refused_for_a_while_forgets_nothing_of_what_was_sent() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    operator.first();
    let claim = operator.claims[0].clone();
    operator.claims[0] = claim.clone().refused();
    operator.next();
    let remembered = operator.claims[0].remembered.clone();
    assert!(remembered.settings_sent.is_some());
    operator.claims[0] = claim;
    operator.claims[0].remembered = remembered;
    operator.restart();
    assert!(operator.first().is_empty());
}

#[test]
fn a_request_ends_what_is_said_of_harm_for_its_own_resource_alone() {
    let mut operator = declaring(settings(None, &[("retention", json!(7))]));
    operator.first();
    operator.world.detach_by_hand("api", "nightly");
    operator.list();
    operator.first();
    let of_another = Arc::from("another");
    let own = Arc::clone(&operator.claims[0].uid);
    let mut said = Vec::new();
    for uid in [of_another, own] {
        operator.memory.end_waits(&uid, operator.now);
        said.push(operator.in_sync("nightly").0);
    }
    assert_eq!(said, [Truth::False, Truth::True]);
}
