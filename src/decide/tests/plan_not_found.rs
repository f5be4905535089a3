//! A plan that is named and not found may be any plan: a misspelt name costs nothing.

use rstest::rstest;

use crate::{
    api::{DeletionPolicy, Reason, conditions::ConditionType},
    decide::{
        Service, Standing,
        fixtures::{
            Operator, organization, plan_claim, project_claim, repository, repository_claim,
        },
    },
};

/// Whatever it sends adds something, and the claim says that its plan is not there.
#[track_caller]
fn only_adds_and_says_so(operator: &mut Operator, claim: &str) {
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    let adds = |words: &String| words.starts_with("Attach");
    assert!(sent.iter().all(adds), "{sent:?}");
    assert_eq!(
        operator.progress(claim),
        (ConditionType::Stalled, Reason::PlanNotFound)
    );
}

#[rstest]
#[case::alone(&["nigthly"])]
#[case::beside_one_that_is_right(&["weekly", "nigthly"])]
fn while_a_plan_is_not_found_an_exclusive_repository_leaves_none(#[case] plans: &[&str]) {
    let mut operator = organization("acme")
        .with(
            repository("api")
                .licensed()
                .in_plan("nightly")
                .in_plan("legacy"),
        )
        .with_plan("weekly")
        .operated([repository_claim("api").in_plans(plans).exclusive()]);
    only_adds_and_says_so(&mut operator, "api");
    operator.claim("api").wants = repository_claim("api")
        .in_plans(&["nightly"])
        .exclusive()
        .wants;
    operator.claim("api").generation += 1;
    operator.next();
    operator.next();
    assert!(
        !operator.world.is_in_plan("api", "legacy"),
        "once it is corrected"
    );
}

/// It is known by its name alone, and what it is called now is said all the same.
#[test]
fn a_plan_that_was_renamed_is_not_said_to_be_missing() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([repository_claim("api").in_plans(&["nightly"])]);
    operator.first();
    operator.world.rename_plan("nightly", "weekly");
    only_adds_and_says_so(&mut operator, "api");
    let message = operator.message("api");
    assert_eq!(
        message,
        r#"The plan "nightly" is now called "weekly": write that in plans."#
    );
}

#[test]
fn what_is_named_for_a_plan_that_is_not_found_is_kept_in_all_plans() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("docs").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .with(repository("loose").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["web"]).exclusive(),
            repository_claim("api").in_plans(&["nigthly"]),
            plan_claim("nihgtly").include(&["docs"]),
        ]);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Detach loose nightly"]);
}

#[rstest]
#[case::alone(&["nigthly"])]
#[case::beside_one_that_is_right(&["weekly", "nigthly"])]
fn while_a_plan_is_not_found_an_exclusive_project_leaves_none(#[case] plans: &[&str]) {
    let api = repository("api").in_project("payments").licensed();
    let mut operator = organization("acme")
        .with(api.in_plan("nightly").in_plan("legacy"))
        .with_plan("weekly")
        .operated([
            project_claim("payments").in_plans(plans).exclusive(),
            plan_claim("legacy").projects(&["front"]).exclusive(),
        ])
        .managing(|own| own.service = Service::Azure);
    only_adds_and_says_so(&mut operator, "payments");
}

#[test]
fn a_plan_that_was_made_anew_under_another_name_keeps_what_was_named_for_the_old_one() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["api"])]);
    operator.first();
    assert!(operator.claims[0].remembered.plan.is_some());
    operator.world = organization("acme")
        .with(repository("api").licensed().in_plan("nightly-2"))
        .with(repository("web").licensed().in_plan("nightly-2"));
    operator
        .claims
        .push(plan_claim("nightly-2").include(&["web"]).exclusive());
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn what_a_plan_releases_waits_while_another_plan_of_its_members_is_not_found() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly")
                .include(&["api", "web"])
                .deleting_with(DeletionPolicy::Detach)
                .leaving(),
            repository_claim("api").in_plans(&["nigthly"]),
        ]);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Detach web nightly"]);
    let message = operator.message("nightly");
    assert!(message.contains("its plan is not found"), "{message}");
}

#[rstest]
#[case::it_is_in_neither(&["nightly"], &[])]
#[case::it_is_in_one_of_them(&["nightly", "Weekly"], &["Detach api nightly"])]
fn a_repository_named_for_a_plan_that_is_not_known_leaves_no_other_but_where_it_is_in_one_it_may_mean(
    #[case] plans: &[&str],
    #[case] sent: &[&str],
) {
    let api = repository("api").licensed();
    let api = plans.iter().fold(api, |api, plan| api.in_plan(plan));
    let mut operator = organization("acme")
        .with(api)
        .with(repository("web").licensed().in_plan("nightly"))
        .with_plan("Weekly")
        .with_plan("WEEKLY")
        .operated([
            plan_claim("nightly").include(&["web"]).exclusive(),
            repository_claim("api").in_plans(&["weekly"]),
        ]);
    let detached: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(detached, sent);
}

/// Of two plans of nearly its name each may be the one that it means: in one it is where it is to be, whichever that is.
#[rstest]
#[case::it_is_in_neither(&["nightly"], &[])]
#[case::it_is_in_one_of_them(&["nightly", "Weekly"], &["DetachProject payments nightly"])]
fn a_project_named_for_a_plan_that_is_not_known_leaves_no_other_but_where_it_is_in_one_it_may_mean(
    #[case] plans: &[&str],
    #[case] sent: &[&str],
) {
    let api = repository("api").in_project("payments").licensed();
    let api = plans.iter().fold(api, |api, plan| api.in_plan(plan));
    let web = repository("web").in_project("front").licensed();
    let mut operator = organization("acme")
        .with(api)
        .with(web.in_plan("nightly"))
        .with_plan("Weekly")
        .with_plan("WEEKLY")
        .operated([
            plan_claim("nightly").projects(&["front"]).exclusive(),
            project_claim("payments").in_plans(&["weekly"]),
        ])
        .managing(|own| own.service = Service::Azure);
    let detached: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(detached, sent);
}

/// It moves to a plan that is not known yet: until it is there it stays where it is.
#[test]
fn what_is_named_for_a_plan_that_is_not_known_leaves_no_exclusive_one() {
    let exclusive = plan_claim("nightly").include(&["web"]).exclusive();
    let moved = plan_claim("weekly").include(&["api"]);
    let mut operator = organization("acme")
        .with(repository("web").licensed().in_plan("nightly"))
        .with(repository("api").licensed().in_plan("nightly"))
        .with_plan("Weekly")
        .with_plan("WEEKLY")
        .operated([exclusive, moved]);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("weekly"),
        (ConditionType::Stalled, Reason::Ambiguous)
    );
    operator.world.rename_plan("Weekly", "weekly");
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Attach api weekly", "Detach api nightly"]);
}

/// What was never admitted was never attached for it either.
#[test]
fn what_a_resource_names_that_is_not_allowed_is_held_for_no_plan() {
    let exclusive = plan_claim("nightly").include(&["web"]).exclusive();
    let mut stranger = repository_claim("api").in_plans(&["nigthly"]);
    stranger.standing = Standing::NotAllowed {
        message: "Its namespace is not allowed.".to_owned(),
    };
    let mut operator = organization("acme")
        .with(repository("web").licensed().in_plan("nightly"))
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([exclusive, stranger]);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Detach api nightly"]);
}
