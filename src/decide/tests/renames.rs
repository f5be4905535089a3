//! What may have another name by now is in doubt until nothing would be removed by its present one, and no longer.

use rstest::rstest;

use crate::{
    api::{Reason, conditions::ConditionType},
    decide::{
        Service,
        fixtures::{
            Operator, member, organization, plan_claim, plan_id, project_claim, repository,
            repository_claim,
        },
    },
};

pub(super) const HELD: (ConditionType, Reason) = (ConditionType::Stalled, Reason::RemovalHeld);

/// An exclusive plan holds what it selects, and a plan that nobody names comes while the operator is not there.
fn a_plan_comes_meanwhile() -> Operator {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["api"]).exclusive()]);
    operator.first();
    operator.world = operator.world.clone().with_plan("weekly");
    operator.restart();
    operator
}

/// An exclusive plan holds two that it selects.
pub(super) fn two_are_selected() -> Operator {
    let mut operator = organization("acme")
        .with(repository("web-api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["web*"]).exclusive()]);
    operator.first();
    operator
}

/// All repositories of a project show another name of it.
pub(super) fn rename_project(operator: &mut Operator, project: &str, name: &str) {
    for row in operator.world.repositories.values_mut() {
        if row.project_name.as_deref() == Some(project) {
            row.project_name = Some(name.to_owned());
        }
    }
}

pub(super) fn approve(operator: &mut Operator) {
    let held = operator.decide().held;
    operator.organization.approvals = held.iter().map(|held| held.token.clone()).collect();
}

/// Someone attaches by hand what no claim names for the plan: it goes at the second listing that calls for it.
fn goes_within_the_limit(operator: &mut Operator, name: &str) {
    let plan = &operator.world.plans[&plan_id("nightly")].name;
    let detached = format!("Detach {name} {plan}");
    operator.world = operator
        .world
        .clone()
        .with(repository(name).in_plan("nightly"));
    assert!(operator.next().is_empty());
    assert_eq!(operator.next(), [detached]);
}

#[test]
fn a_plan_that_came_while_nobody_looked_holds_up_no_other_one() {
    let mut operator = a_plan_comes_meanwhile();
    goes_within_the_limit(&mut operator, "by-hand");
    operator.restart();
    goes_within_the_limit(&mut operator, "by-hand-2");
}

#[test]
fn a_plan_that_is_filled_as_it_is_named_is_known_by_its_new_name() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([repository_claim("api").in_plans(&["nightly", "weekly"])]);
    operator.first();
    operator.world.rename_plan("nightly", "weekly");
    operator.restart();
    assert!(operator.next().is_empty());
    operator
        .claims
        .push(plan_claim("weekly").include(&["api"]).exclusive());
    operator.pass();
    goes_within_the_limit(&mut operator, "by-hand");
}

/// What is gone from the Git service stays in its plan, and nobody names it.
#[test]
fn what_is_gone_upstream_keeps_no_plan_from_being_known_by_its_new_name() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("gone").in_plan("nightly").gone_upstream())
        .operated([repository_claim("api").in_plans(&["nightly", "weekly"])]);
    operator.first();
    operator.world.rename_plan("nightly", "weekly");
    operator.restart();
    operator
        .claims
        .push(plan_claim("weekly").include(&["api"]).exclusive());
    assert!(operator.next().is_empty());
    operator.pass();
    goes_within_the_limit(&mut operator, "by-hand");
}

/// Two plans have exchanged their names: a repository is in the one that its resource does not name.
fn two_plans_exchanged() -> Operator {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("other").licensed().in_plan("nightly"))
        .with_plan("weekly")
        .operated([repository_claim("api").in_plans(&["nightly"]).exclusive()]);
    operator.first();
    operator.world.rename_plan("nightly", "neither");
    operator.world.rename_plan("weekly", "nightly");
    operator.world.rename_plan("nightly", "weekly");
    operator
}

#[rstest]
#[case::while_it_looks(Operator::list)]
#[case::while_it_is_not_there(Operator::restart)]
fn what_follows_from_a_plans_name_is_held_until_it_is_approved(#[case] then: fn(&mut Operator)) {
    let mut operator = two_plans_exchanged();
    then(&mut operator);
    assert_eq!(operator.first(), ["Attach api nightly"]);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
        assert_eq!(operator.progress("api"), HELD);
    }
    operator.restart();
    for _ in 0..2 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.progress("api"), HELD);
    approve(&mut operator);
    assert_eq!(operator.next(), ["Detach api weekly"]);
    // From now on the plan is known by its name, although it holds what nobody names.
    operator.next();
    operator.world.attach_by_hand("api", "nightly");
    assert!(operator.next().is_empty());
    assert_eq!(operator.next(), ["Detach api weekly"]);
}

#[test]
fn a_plan_whose_patterns_match_nothing_yet_is_in_doubt_until_they_do() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("weekly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["web"]).exclusive()]);
    operator.first();
    operator.world.lose("web");
    operator.world.plans.remove(&plan_id("nightly"));
    operator.world.rename_plan("weekly", "nightly");
    operator.restart();
    operator.pass();
    assert!(operator.next().is_empty());
    operator.world = operator.world.clone().with(repository("web").licensed());
    assert_eq!(operator.next(), ["Attach web nightly"]);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.progress("nightly"), HELD);
}

/// A claim keeps what its name meant before, until the name means another: what it loses by that follows from the name, still.
#[test]
fn what_is_named_for_its_former_name_alone_is_not_known_by_its_new_one() {
    let mut operator = organization("acme")
        .with(repository("web").in_plan("nightly"))
        .with(repository("web-api").in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["web"]).exclusive(),
            repository_claim("web-api").in_plans(&["nightly"]),
        ]);
    operator.first();
    operator.world.rename("web-api", "payments");
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.world = operator.world.clone().with(repository("web-new"));
    operator.world.rename("web-new", "web-api");
    operator.list();
    operator.pass();
    for _ in 0..4 {
        let sent = operator.next();
        assert!(
            !sent.iter().any(|sent| sent.starts_with("Detach")),
            "{sent:?}"
        );
    }
    assert_eq!(operator.progress("nightly"), HELD);
}

/// The same of a project.
#[test]
fn a_project_that_is_named_by_its_former_name_is_not_known_by_its_new_one() {
    let of = |project: &str| repository("api").in_project(project).licensed();
    let mut operator = organization("acme")
        .with(of("payments").in_plan("nightly"))
        .with(of("front").in_plan("nightly"))
        .operated([
            plan_claim("nightly").projects(&["front"]).exclusive(),
            project_claim("payments").in_plans(&["nightly"]),
        ])
        .managing(|own| own.service = Service::Azure);
    operator.first();
    rename_project(&mut operator, "payments", "billing");
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.world = operator.world.clone().with(of("fresh"));
    rename_project(&mut operator, "fresh", "payments");
    assert_eq!(operator.next(), ["AttachProject payments nightly"]);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.progress("nightly"), HELD);
}

/// The same of a plan, which its resource knows by its id.
#[test]
fn a_plan_that_is_named_by_its_former_name_is_not_known_by_its_new_one() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("old").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["*"]).exclusive()]);
    operator.first();
    operator.world.rename_plan("nightly", "weekly");
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.claims = vec![plan_claim("weekly").include(&["api"]).exclusive()];
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.progress("weekly"), HELD);
}

#[test]
fn what_another_resource_names_by_its_new_name_is_known_by_it() {
    let mut operator = two_are_selected();
    let claim = repository_claim("payments").in_plans(&["nightly"]);
    operator.claims.push(claim);
    operator.world.rename("web-api", "payments");
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.claims.retain(|claim| claim.key.name != "payments");
    assert!(operator.next().is_empty());
    assert_eq!(operator.next(), ["Detach payments nightly"]);
}

#[test]
fn what_is_told_of_names_is_what_they_were_and_are() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with(repository("web").in_project("front"))
        .with_plan("nightly")
        .operated([]);
    operator.world.rename("api", "gateway");
    operator.world.rename("front/web", "site");
    operator.world.rename_plan("nightly", "daily");
    let mut told = operator.list_now().renamed;
    told.sort();
    assert_eq!(
        told,
        [
            "api is now gateway",
            "front/web is now front/site",
            "the plan nightly is now daily"
        ]
    );
    operator.world.rename("api", "");
    assert!(operator.list_now().renamed.is_empty());
    operator.world.rename("api", "gateway");
    assert!(operator.list_now().renamed.is_empty());
}

#[test]
fn a_repository_that_is_still_selected_is_known_by_its_new_name() {
    let mut operator = organization("acme")
        .with(repository("web-api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["web*"]).exclusive()]);
    operator.first();
    operator.world.rename("web-api", "web-2");
    assert!(operator.next().is_empty());
    let narrowed = plan_claim("nightly").include(&["web"]);
    *operator.claim("nightly") = narrowed.exclusive().edited();
    operator.next();
    assert_eq!(operator.next(), ["Detach web-2 nightly"]);
}

#[rstest]
#[case::in_one_process(|_: &mut Operator| ())]
#[case::after_a_restart(Operator::restart)]
fn what_was_approved_once_is_known_by_its_new_name(#[case] then: fn(&mut Operator)) {
    let mut operator = organization("acme")
        .with(repository("web-api").in_plan("nightly"))
        .with(repository("web").in_plan("nightly"))
        .operated([plan_claim("nightly")
            .include(&["web*"])
            .exclusive()
            .ignoring_licences()]);
    operator.first();
    operator.world.rename("web-api", "payments");
    operator.next();
    assert!(operator.next().is_empty());
    approve(&mut operator);
    assert_eq!(operator.next(), ["Detach payments nightly"]);
    operator.next();
    then(&mut operator);
    operator.world.attach_by_hand("web-api", "nightly");
    assert!(operator.next().is_empty());
    assert_eq!(operator.next(), ["Detach payments nightly"]);
}

#[test]
fn a_listing_that_is_not_believed_ends_no_doubt() {
    let mut operator = two_plans_exchanged();
    operator.world.begin_to_synchronize();
    let mut rows = operator.world.repositories.values_mut();
    let api = rows.find(|row| row.name == "api").unwrap();
    let plans = std::mem::take(&mut api.plans);
    operator.list();
    operator.pass();
    operator.world.end_to_synchronize();
    let mut rows = operator.world.repositories.values_mut();
    rows.find(|row| row.name == "api").unwrap().plans = plans;
    for _ in 0..4 {
        operator.next();
    }
    assert_eq!(operator.progress("api"), HELD);
}

#[test]
fn what_follows_from_a_projects_name_needs_approval() {
    let mut operator = organization("acme")
        .with(member("payments", "api"))
        .with(member("pay-front", "web"))
        .operated([plan_claim("nightly").projects(&["pay*"]).exclusive()])
        .managing(|own| own.service = Service::Azure);
    operator.first();
    rename_project(&mut operator, "payments", "billing");
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.progress("nightly"), HELD);
    approve(&mut operator);
    assert_eq!(operator.next(), ["DetachProject billing nightly"]);
}

/// The name of a repository says nothing of the project that its resource names.
#[test]
fn a_repository_of_a_project_that_a_resource_names_is_known_by_its_new_name() {
    let mut operator = organization("acme")
        .with(member("payments", "api"))
        .operated([project_claim("payments").in_plans(&["nightly"])])
        .managing(|own| own.service = Service::Azure);
    operator.first();
    operator.world.rename("payments/api", "gateway");
    operator.list();
    assert!(!operator.memory.renames().is_empty());
    operator.pass();
    assert!(operator.memory.renames().is_empty());
}

#[test]
fn a_project_under_another_name_is_told_once() {
    let mut operator = organization("acme")
        .with(repository("api").in_project("payments"))
        .operated([]);
    rename_project(&mut operator, "payments", "billing");
    assert_eq!(
        operator.list_now().renamed,
        ["payments/api is now billing/api"]
    );
    assert!(operator.list_now().renamed.is_empty());
}
