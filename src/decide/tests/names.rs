//! Names: which of several of one name is meant; a living row before a removed one; renames.

use rstest::rstest;

use crate::{
    api::{Reason, RepositoryLicense, conditions::ConditionType},
    decide::fixtures::{
        Operator, World, member, organization, plan_claim, repository, repository_claim,
    },
};

#[test]
fn two_of_one_name_are_told_apart_by_their_project() {
    let world = organization("acme")
        .with(repository("api").in_project("payments"))
        .with(repository("api").in_project("front"));
    let mut operator = world.operated([
        repository_claim("api")
            .named("either")
            .license(RepositoryLicense::Active),
        repository_claim("api")
            .named("one")
            .of_project("Front")
            .license(RepositoryLicense::Active),
    ]);
    assert_eq!(operator.first().len(), 1);
    assert!(operator.world.is_licensed("front/api"));
    assert_eq!(
        operator.progress("either"),
        (ConditionType::Stalled, Reason::Ambiguous)
    );
    assert!(
        operator
            .message("either")
            .contains("front/api, payments/api"),
        "{}",
        operator.message("either")
    );
}

#[test]
fn an_ambiguous_name_protects_all_that_it_may_mean() {
    let world = organization("acme")
        .with(member("payments", "api"))
        .with(member("front", "api"))
        .with(repository("web").licensed().in_plan("nightly"));
    let mut operator = world.operated([
        plan_claim("nightly").include(&["web"]).exclusive(),
        repository_claim("api").in_plans(&["nightly"]),
    ]);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn a_living_row_comes_before_a_removed_one() {
    let world = organization("acme")
        .with(repository("Api").in_project("a").gone_upstream())
        .with(repository("api").in_project("b"));
    let mut operator = world.operated([repository_claim("Api").license(RepositoryLicense::Active)]);
    assert_eq!(operator.first(), ["Activate api"]);
}

#[test]
fn a_plan_listed_under_another_name_is_said_and_not_followed() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["web"])]);
    operator.first();
    for plan in operator.world.plans.values_mut() {
        "nightly-2".clone_into(&mut plan.name);
    }
    operator.claims[0] = operator.claims[0].clone().include(&["api"]);
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::PlanNotFound)
    );
    assert!(
        operator
            .message("nightly")
            .contains("is now called \"nightly-2\"")
    );
}

#[test]
fn a_name_that_is_not_shown_any_more_is_no_new_name() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["api"]),
            repository_claim("api").in_plans(&["nightly"]),
        ]);
    operator.first();
    for plan in operator.world.plans.values_mut() {
        plan.name.clear();
    }
    for row in operator.world.repositories.values_mut() {
        row.name.clear();
    }
    assert!(operator.next().is_empty());
    for name in ["nightly", "api"] {
        let message = operator.message(name);
        assert!(message.contains("without a name now"), "{message}");
        assert!(!message.contains("now called"), "{message}");
    }
}

#[rstest]
#[case::it_names_none(organization("acme"), "is empty")]
#[case::it_names_another(organization("acme").with_plan("weekly"), "does not name it")]
fn a_plan_that_the_organization_does_not_name_is_not_said_to_be_missing(
    #[case] world: World,
    #[case] own: &str,
) {
    let mut operator = world.operated([plan_claim("nightly").include(&["**"])]);
    operator.inventory = operator
        .inventory
        .with_unowned_plans(vec!["Nightly".to_owned()]);
    assert!(operator.first().is_empty());
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::PlanNotFound)
    );
    let message = operator.message("nightly");
    assert!(message.contains(own), "{message}");
    assert!(message.contains("response.organization.plans"), "{message}");
    assert!(!message.contains("create it there"), "{message}");
}

#[test]
fn a_renamed_repository_stays_protected_by_the_claim_that_knew_it() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["web"]).exclusive(),
            repository_claim("api").in_plans(&["nightly"]),
        ]);
    operator.first();
    for row in operator
        .world
        .repositories
        .values_mut()
        .filter(|row| row.name == "api")
    {
        "gateway".clone_into(&mut row.name);
    }
    // A restart forgets that it was renamed; status still knows its id.
    operator.restart();
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("api"),
        (ConditionType::Stalled, Reason::RepositoryNotFound)
    );
}

/// A plan holds two repositories that it selects.
fn two_of_a_kind() -> Operator {
    let mut operator = organization("acme")
        .with(repository("web-api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["web*"]).exclusive()]);
    operator.first();
    operator
}

fn rename(operator: &mut Operator) {
    let mut rows = operator.world.repositories.values_mut();
    let row = rows.find(|row| row.name == "web-api").unwrap();
    "payments".clone_into(&mut row.name);
}

fn while_it_looks(operator: &mut Operator) {
    rename(operator);
    operator.next();
    operator.restart();
}

fn while_it_is_not_there(operator: &mut Operator) {
    rename(operator);
    operator.restart();
}

fn before_several_restarts(operator: &mut Operator) {
    rename(operator);
    for _ in 0..3 {
        operator.restart();
        operator.next();
    }
}

#[rstest]
#[case(while_it_looks)]
#[case(while_it_is_not_there)]
#[case(before_several_restarts)]
fn what_follows_from_a_changed_name_needs_approval_after_every_restart(
    #[case] happens: fn(&mut Operator),
) {
    let mut operator = two_of_a_kind();
    happens(&mut operator);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::RemovalHeld)
    );
    let held = operator.decide().held;
    operator.organization.approvals = held.iter().map(|held| held.token.clone()).collect();
    assert_eq!(operator.next(), ["Detach payments nightly"]);
}

fn move_to_another_project(operator: &mut Operator) {
    let mut rows = operator.world.repositories.values_mut();
    let row = rows.find(|row| row.name == "web-api").unwrap();
    row.project_name = Some("payments".to_owned());
}

#[rstest]
#[case(Operator::list)]
#[case(Operator::restart)]
fn what_follows_from_a_move_to_another_project_needs_approval(#[case] then: fn(&mut Operator)) {
    let mut operator = organization("acme")
        .with(member("shop", "web-api"))
        .with(member("shop", "web"))
        .operated([plan_claim("nightly").include(&["shop/*"]).exclusive()]);
    operator.first();
    move_to_another_project(&mut operator);
    then(&mut operator);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::RemovalHeld)
    );
}

#[test]
fn where_no_name_changed_a_restart_asks_for_no_approval() {
    let mut operator = two_of_a_kind();
    operator.restart();
    operator.world = operator
        .world
        .clone()
        .with(repository("by-hand").in_plan("nightly"));
    operator.next();
    assert_eq!(operator.next(), ["Detach by-hand nightly"]);
}

/// Also of what a resource names that knows it by its id.
#[test]
fn what_a_resource_has_known_all_the_time_is_in_no_doubt_after_a_restart() {
    let claim = repository_claim("api").in_plans(&["nightly"]).exclusive();
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with_plan("weekly")
        .operated([claim]);
    assert!(operator.first().is_empty());
    assert!(operator.next().is_empty());
    let again = repository("api").licensed().in_plan("nightly");
    operator.world = operator.world.clone().with(again.in_plan("weekly"));
    operator.restart();
    let sent = (0..4).flat_map(|_| operator.next());
    assert_eq!(sent.collect::<Vec<_>>(), ["Detach api weekly"]);
}

#[test]
fn what_is_new_since_the_last_process_is_in_no_doubt_once_it_is_claimed() {
    let mut operator = two_of_a_kind();
    operator.world = operator
        .world
        .clone()
        .with(repository("web-2").licensed().in_plan("nightly"));
    operator.restart();
    operator.next();
    let narrowed = plan_claim("nightly").include(&["web", "web-api"]);
    *operator.claim("nightly") = narrowed.exclusive().edited();
    operator.next();
    assert_eq!(operator.next(), ["Detach web-2 nightly"]);
}

#[test]
fn a_name_that_means_another_repository_now_protects_both() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["web"]).exclusive(),
            repository_claim("api").in_plans(&["nightly"]),
        ]);
    operator.first();
    for row in operator
        .world
        .repositories
        .values_mut()
        .filter(|row| row.name == "api")
    {
        "gateway".clone_into(&mut row.name);
    }
    operator.world = operator.world.clone().with(repository("API").licensed());
    operator.list();
    assert!(operator.decide().derived.is_empty());
}

#[test]
fn what_is_not_known_yet_is_waited_for_while_the_organization_synchronizes() {
    let mut operator = organization("acme")
        .synchronizing()
        .operated([repository_claim("new").license(RepositoryLicense::Active)]);
    operator.first();
    assert_eq!(
        operator.progress("new"),
        (ConditionType::Reconciling, Reason::WaitingForSync)
    );
}

#[test]
fn a_repository_does_not_say_either_that_a_plan_is_missing_that_the_organization_does_not_name() {
    let world = organization("acme").with(repository("api").licensed());
    let mut operator = world.operated([repository_claim("api").in_plans(&["nightly"])]);
    operator.inventory = operator
        .inventory
        .with_unowned_plans(vec!["nightly".to_owned()]);
    assert!(operator.first().is_empty());
    let message = operator.message("api");
    assert!(message.contains("response.organization.plans"), "{message}");
    assert!(!message.contains("create it"), "{message}");
}
