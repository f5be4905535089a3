//! Azure DevOps projects: told by the rows where they follow, sent once where they do not.

use std::time::Duration;

use rstest::rstest;

use crate::{
    api::{
        Reason,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Claim, Service,
        fixtures::{
            Operator, World, member, organization, plan_claim, project_claim, repository,
            repository_claim,
        },
    },
};

/// Only Azure DevOps has projects: elsewhere those of a plan mean nothing.
#[test]
fn where_there_are_no_projects_no_licence_is_asked_for_by_one() {
    let world = organization("acme")
        .with(repository("api").in_project("payments"))
        .with_plan("nightly");
    let mut operator = world.operated([plan_claim("nightly").projects(&["payments"])]);
    assert_eq!(operator.first(), [""; 0]);
}

pub(super) fn azure() -> World {
    organization("acme")
        .with(repository("api").in_project("payments").licensed())
        .with(repository("ledger").in_project("payments").licensed())
        .with(repository("web").in_project("front").licensed())
        .with_plan("nightly")
}

pub(super) fn on_azure(world: World, claims: impl IntoIterator<Item = Claim>) -> Operator {
    world
        .operated(claims)
        .managing(|own| own.service = Service::Azure)
}

#[test]
fn a_plan_attaches_the_projects_that_it_selects_and_licenses_their_repositories() {
    let world = azure().with(repository("new").in_project("payments"));
    let mut operator = on_azure(world, [plan_claim("nightly").projects(&["pay*"])]);
    assert_eq!(
        operator.first(),
        ["Activate new", "AttachProject payments nightly"]
    );
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::True, Reason::AsDeclared)
    );
}

/// It is one repository, and its licence is one difference.
#[rstest]
#[case::by_its_name(&["new"], &[], &["Activate new", "Attach new nightly (WaitingForLicense)"])]
#[case::by_its_project(&[], &["pay*"], &["Activate new", "AttachProject payments nightly"])]
#[case::by_both(
    &["new"],
    &["pay*"],
    &["Activate new", "Attach new nightly (WaitingForLicense)", "AttachProject payments nightly"]
)]
fn a_repository_that_a_plan_selects_by_name_and_by_project_counts_once(
    #[case] include: &[&str],
    #[case] projects: &[&str],
    #[case] drift: &[&str],
) {
    let world = azure().with(repository("new").in_project("payments"));
    let claim = plan_claim("nightly").include(include).projects(projects);
    let operator = on_azure(world, [claim]);
    assert_eq!(operator.drift("nightly"), drift);
    let verdict = operator.verdict("nightly");
    assert_eq!(verdict.pending, drift.len());
    let total = verdict.drift.map(|drift| drift.total);
    assert_eq!(total, i64::try_from(drift.len()).ok());
}

#[test]
fn where_rows_follow_a_detachment_by_hand_is_repaired() {
    let mut operator = on_azure(azure(), [project_claim("payments").in_plans(&["nightly"])]);
    assert_eq!(operator.first(), ["AttachProject payments nightly"]);
    operator.list();
    operator.wait(Duration::from_hours(1));
    operator.world.detach_project_by_hand("payments", "nightly");
    assert_eq!(operator.next(), ["AttachProject payments nightly"]);
}

#[test]
fn after_a_restart_as_well() {
    let mut operator = on_azure(azure(), [project_claim("payments").in_plans(&["nightly"])]);
    operator.first();
    operator.list();
    operator.report();
    operator.restart();
    operator.pass();
    operator.world.detach_project_by_hand("payments", "nightly");
    operator.sent();
    assert_eq!(operator.next(), ["AttachProject payments nightly"]);
}

#[test]
fn where_rows_do_not_follow_each_attachment_is_sent_once_a_declaration() {
    let world = azure().rows_do_not_follow_projects();
    let mut operator = on_azure(world, [plan_claim("nightly").projects(&["payments"])]);
    assert_eq!(operator.first(), ["AttachProject payments nightly"]);
    for _ in 0..5 {
        assert!(operator.next().is_empty());
    }
    operator.restart();
    assert!(operator.first().is_empty(), "status knows that it was sent");
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::NotVisible)
    );
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
    let edited = operator
        .claims
        .remove(0)
        .projects(&["payments", "front"])
        .edited();
    operator.claims.push(edited);
    assert_eq!(operator.next().len(), 2);
    assert!(operator.next().is_empty());
    assert!(operator.next().is_empty());
}

#[test]
fn rows_attached_one_by_one_prove_nothing_of_projects() {
    let world = azure()
        .rows_do_not_follow_projects()
        .with(member("payments", "api"))
        .with(member("payments", "ledger"));
    let mut operator = on_azure(world, [project_claim("payments").in_plans(&["nightly"])]);
    assert!(operator.first().is_empty(), "all its repositories are in");
    operator.world = operator
        .world
        .clone()
        .with(repository("new").in_project("payments"));
    assert_eq!(operator.next(), ["AttachProject payments nightly"]);
    for _ in 0..6 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("payments"),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn a_project_of_unknown_membership_is_attached_once() {
    let mut operator = on_azure(
        azure().hiding_plans(),
        [project_claim("payments").by_id().in_plans(&["nightly"])],
    );
    assert_eq!(operator.first(), ["AttachProject payments nightly"]);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.restart();
    assert!(operator.first().is_empty());
}

#[test]
fn an_exclusive_plan_detaches_a_project_as_a_whole() {
    let world = azure()
        .with(member("front", "web"))
        .with(member("front", "js"));
    let claim = plan_claim("nightly")
        .include(&["api"])
        .projects(&["payments"])
        .exclusive();
    let mut operator = on_azure(world, [claim]);
    let mut sent = operator.first();
    sent.extend(operator.next());
    assert_eq!(
        sent,
        [
            "AttachProject payments nightly",
            "DetachProject front nightly"
        ]
    );
    assert!(operator.next().is_empty());
}

#[test]
fn a_row_in_the_plan_by_way_of_its_project_is_not_detached_by_itself() {
    let world = azure()
        .with(member("payments", "api"))
        .with(member("payments", "ledger"))
        .with(member("front", "web"));
    let mut operator = on_azure(
        world,
        [
            plan_claim("nightly").include(&["web"]).exclusive(),
            project_claim("payments").in_plans(&["nightly"]),
        ],
    );
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn two_exclusive_claims_on_one_plan_do_not_both_detach_a_project() {
    let world = azure()
        .with(member("front", "web"))
        .with(member("front", "js"))
        .with(member("payments", "api"))
        .with(member("payments", "ledger"));
    let mut operator = on_azure(
        world,
        [
            plan_claim("nightly")
                .named("rows")
                .include(&["api"])
                .exclusive(),
            plan_claim("nightly")
                .named("projects")
                .projects(&["payments"])
                .exclusive(),
        ],
    );
    operator.first();
    assert_eq!(operator.next(), ["DetachProject front nightly"]);
}

#[test]
fn a_repository_of_a_project_that_goes_in_is_not_attached_beside_it() {
    let claim = plan_claim("nightly")
        .include(&["payments/*", "web"])
        .projects(&["payments"]);
    let mut operator = on_azure(azure(), [claim]);
    assert_eq!(
        operator.first(),
        ["Attach web nightly", "AttachProject payments nightly"]
    );
    assert!(operator.next().is_empty());
}

#[test]
fn exclusive_cannot_be_kept_for_projects_that_are_not_shown() {
    let claim = plan_claim("nightly").projects(&["payments"]).exclusive();
    let mut operator = on_azure(azure().hiding_plans(), [claim]);
    operator.first();
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::InvalidSpec)
    );
}

#[test]
fn projects_selected_by_nothing_detach_nothing() {
    let world = azure().with(member("front", "web"));
    let claim = plan_claim("nightly")
        .include(&["api"])
        .projects(&["typo"])
        .exclusive();
    let mut operator = on_azure(world, [claim]);
    operator.first();
    let mut sent = operator.next();
    sent.extend(operator.next());
    assert!(
        !sent.iter().any(|words| words.starts_with("DetachProject")),
        "{sent:?}"
    );
}

#[test]
fn a_project_goes_into_its_new_plan_before_it_leaves_the_old_one() {
    let world = azure()
        .with(
            repository("api")
                .in_project("payments")
                .licensed()
                .in_plan("weekly"),
        )
        .with(
            repository("ledger")
                .in_project("payments")
                .licensed()
                .in_plan("weekly"),
        );
    let mut operator = on_azure(
        world,
        [project_claim("payments").in_plans(&["nightly"]).exclusive()],
    );
    let mut sent = operator.first();
    sent.extend(operator.next());
    sent.extend(operator.next());
    assert_eq!(
        sent,
        [
            "AttachProject payments nightly",
            "DetachProject payments weekly"
        ]
    );
}

#[test]
fn projects_go_with_azure_devops_alone() {
    let mut operator = azure().operated([
        project_claim("payments").in_plans(&["nightly"]),
        plan_claim("nightly")
            .projects(&["payments"])
            .include(&["api"]),
        repository_claim("web").in_plans(&["nightly"]),
    ]);
    assert_eq!(
        operator.first(),
        ["Attach web nightly", "Attach api nightly"]
    );
    assert_eq!(
        operator.progress("payments"),
        (ConditionType::Stalled, Reason::InvalidSpec)
    );
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::InvalidSpec)
    );
}

#[test]
fn a_project_whose_detachment_does_not_show_is_released_after_one_call() {
    let world = azure().rows_do_not_follow_projects();
    let claim = project_claim("payments")
        .in_plans(&["nightly"])
        .deleting_with(crate::api::DeletionPolicy::Detach);
    let mut operator = on_azure(world, [claim]);
    operator.first();
    operator.list();
    operator.delete("payments");
    assert_eq!(operator.first(), ["DetachProject payments nightly"]);
    operator.list();
    operator.report();
    assert!(operator.claims.is_empty());
}
