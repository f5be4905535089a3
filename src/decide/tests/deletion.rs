//! The clean-up of a deletion: what is released, and what is spared. Rules 26 and 33, promise 4.

use rstest::rstest;

use crate::{
    api::{DeletionPolicy, Reason, RepositoryLicense, conditions::ConditionType},
    decide::{
        Claim, Service,
        fixtures::{
            Answer, member, organization, plan_claim, project_claim, repository, repository_claim,
        },
    },
};

#[rstest]
//                                    policy                        sent
#[case::retain(                       DeletionPolicy::Retain,       &[])]
#[case::detach(                       DeletionPolicy::Detach,       &["Detach api nightly"])]
#[case::deactivate(                   DeletionPolicy::Deactivate,   &["Detach api nightly", "Deactivate api"])]
#[case::remove_waits_for_a_person(    DeletionPolicy::Remove,       &[])]
fn each_policy_includes_the_ones_before_it(#[case] policy: DeletionPolicy, #[case] sent: &[&str]) {
    let mut operator = organization("acme")
        .with(
            repository("api")
                .licensed()
                .in_plan("nightly")
                .in_plan("weekly"),
        )
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(policy)]);
    operator.first();
    operator.delete("api");
    assert_eq!(operator.next(), sent);
    let waits = policy == DeletionPolicy::Remove;
    assert_eq!(operator.claims.len(), usize::from(waits));
}

#[test]
fn a_plan_releases_what_it_selects_and_nobody_else_names() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .with(repository("shared").licensed().in_plan("nightly"))
        .with(
            repository("gone")
                .gone_upstream()
                .licensed()
                .in_plan("nightly"),
        )
        .operated([
            plan_claim("nightly")
                .include_but(&["**"], &["web"])
                .deleting_with(DeletionPolicy::Detach),
            repository_claim("shared").in_plans(&["nightly"]),
        ]);
    operator.first();
    operator.delete("nightly");
    assert_eq!(operator.next(), ["Detach api nightly"]);
    assert_eq!(operator.claims.len(), 1);
}

#[rstest]
#[case::paused(|claim: Claim| claim.paused())]
#[case::beside(Claim::beside)]
#[case::refused_after_it_was_accepted(|claim: Claim| claim.refused().accepted_once())]
#[case::of_which_not_all_can_be_read(Claim::unreadable)]
#[case::of_a_namespace_that_cannot_be_read(Claim::perhaps_allowed)]
#[case::living(|claim: Claim| claim)]
fn a_named_removal_spares_what_any_living_claim_names(#[case] state: fn(Claim) -> Claim) {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([
            repository_claim("api")
                .in_plans(&["nightly"])
                .license(RepositoryLicense::Active)
                .deleting_with(DeletionPolicy::Remove)
                .leaving(),
            state(plan_claim("nightly").include(&["api"])),
        ]);
    operator.organization.removal_limit = 100;
    assert!(operator.first().is_empty());
    assert!(operator.decide().held.is_empty());
    assert_eq!(
        operator.claims.len(),
        1,
        "with nothing to do it is released"
    );
}

#[test]
fn two_claims_that_leave_together_do_not_spare_each_other() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly")
                .include(&["api"])
                .deleting_with(DeletionPolicy::Detach)
                .leaving(),
            repository_claim("api")
                .in_plans(&["nightly"])
                .deleting_with(DeletionPolicy::Deactivate)
                .leaving(),
        ]);
    assert_eq!(operator.first(), ["Detach api nightly", "Deactivate api"]);
    assert!(operator.claims.is_empty());
    assert_eq!(
        operator.ledger.used(operator.now),
        2,
        "what both ask for counts once"
    );
}

#[test]
fn what_a_living_project_names_is_not_removed() {
    let mut operator = organization("acme")
        .with(repository("api").in_project("pay"))
        .with_plan("nightly")
        .operated([
            project_claim("pay").in_plans(&["nightly"]),
            repository_claim("api")
                .deleting_with(DeletionPolicy::Remove)
                .leaving(),
        ])
        .managing(|own| own.service = Service::Azure);
    assert_eq!(operator.first(), ["AttachProject pay nightly"]);
    let decision = operator.decide();
    assert!(decision.held.is_empty() && decision.removals.is_empty());
    assert_eq!(
        operator.claims.len(),
        1,
        "it goes, and the repository stays"
    );
}

#[test]
fn a_plan_that_was_renamed_is_not_cleaned_up_by_guess() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly")
            .include(&["api"])
            .deleting_with(DeletionPolicy::Detach)]);
    operator.first();
    for plan in operator.world.plans.values_mut() {
        "nightly-2".clone_into(&mut plan.name);
    }
    operator.delete("nightly");
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert!(!operator.verdict("nightly").released);
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::PlanNotFound)
    );
    assert!(operator.message("nightly").contains("force-finalize"));
}

#[test]
fn a_removal_whose_row_is_gone_is_done() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .operated([repository_claim("api").deleting_with(DeletionPolicy::Remove)]);
    operator.first();
    operator.delete("api");
    operator.world.lose("api");
    operator.next();
    operator.next();
    assert!(operator.claims.is_empty());
}

#[test]
fn what_waits_for_an_earlier_step_waits_in_order() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .refusing(|action| matches!(action, crate::decide::Action::Detach(..)))
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(DeletionPolicy::Deactivate)
            .leaving()]);
    for _ in 0..4 {
        operator.next();
    }
    assert!(
        operator.world.is_licensed("api"),
        "detached first, then deactivated"
    );
    assert_eq!(operator.progress("api").1, Reason::Refused);
}

#[test]
fn a_repository_gone_upstream_is_cleaned_up_by_the_resource_that_names_it() {
    let mut operator = organization("acme")
        .with(
            repository("api")
                .gone_upstream()
                .licensed()
                .in_plan("nightly"),
        )
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(DeletionPolicy::Deactivate)
            .leaving()]);
    assert_eq!(operator.first(), ["Detach api nightly", "Deactivate api"]);
}

#[test]
fn a_project_is_detached_on_deletion_unless_a_living_claim_names_it_or_its_repositories() {
    let world = organization("acme")
        .with(member("payments", "api"))
        .with(member("front", "web"));
    let mut operator = world
        .operated([
            project_claim("payments")
                .in_plans(&["nightly"])
                .deleting_with(DeletionPolicy::Detach)
                .leaving(),
            project_claim("front")
                .in_plans(&["nightly"])
                .deleting_with(DeletionPolicy::Detach)
                .leaving(),
            repository_claim("web").in_plans(&["nightly"]),
        ])
        .managing(|own| own.service = Service::Azure);
    assert_eq!(operator.first(), ["DetachProject payments nightly"]);
    assert_eq!(operator.claims.len(), 1);
}

#[test]
fn a_claim_without_its_finalizer_causes_no_write() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .license(RepositoryLicense::Active)
            .deleting_with(DeletionPolicy::Detach)
            .without_finalizer()]);
    assert!(operator.first().is_empty());
    assert_eq!(
        operator.progress("api"),
        (ConditionType::Reconciling, Reason::Pending)
    );
}

#[test]
fn an_addition_comes_before_the_detachment_that_a_deletion_asks_for() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with_plan("hourly")
        .operated([
            repository_claim("api")
                .named("old")
                .in_plans(&["nightly"])
                .deleting_with(DeletionPolicy::Detach)
                .leaving(),
            repository_claim("api").named("new").in_plans(&["hourly"]),
        ]);
    assert_eq!(
        operator.first(),
        ["Attach api hourly", "Detach api nightly"]
    );
}

#[test]
fn a_policy_that_was_tightened_too_late_cleans_nothing_up() {
    let mut claim = repository_claim("api")
        .in_plans(&["nightly"])
        .deleting_with(DeletionPolicy::Remove);
    claim.life = crate::decide::Life::Released;
    claim.held_by_finalizer = false;
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    assert!(operator.drift("api").is_empty());
    assert!(operator.decide().held.is_empty());
}

/// The instance showed projects, and does not any more: rows that are out of the plan since an attachment of ours say nothing.
#[rstest]
#[case::confirmed(Answer::Confirmed)]
#[case::its_answer_lost(Answer::LostAfter)]
fn a_project_that_was_attached_again_without_being_seen_is_detached_before_it_is_released(
    #[case] attached: Answer,
) {
    let in_plan = |name| {
        repository(name)
            .in_project("payments")
            .licensed()
            .in_plan("nightly")
    };
    let world = organization("acme")
        .with(in_plan("api"))
        .with(in_plan("ledger"))
        .with_plan("nightly")
        .rows_do_not_follow_projects();
    let claim = project_claim("payments")
        .in_plans(&["nightly"])
        .deleting_with(DeletionPolicy::Detach);
    let mut operator = world
        .operated([claim])
        .managing(|own| own.service = Service::Azure);
    assert!(operator.first().is_empty());
    operator.list();
    for row in ["payments/api", "payments/ledger"] {
        operator.world.detach_by_hand(row, "nightly");
    }
    operator.world.answers.push_back(attached);
    assert_eq!(operator.next(), ["AttachProject payments nightly"]);
    operator.list();
    operator.report();

    operator.delete("payments");
    assert_eq!(operator.next(), ["DetachProject payments nightly"]);
    operator.list();
    operator.report();
    assert!(operator.claims.is_empty());
}

/// By a pattern; the project's own resource names it.
#[rstest]
#[case::in_the_plan(&["nightly"], &["DetachProject front nightly"])]
#[case::in_another(&["weekly"], &["DetachProject payments nightly", "DetachProject front nightly"])]
fn a_plan_that_leaves_keeps_a_project_with_which_a_repository_would_go_that_is_gone_upstream(
    #[case] of_the_gone: &[&str],
    #[case] sent: &[&str],
) {
    let gone = repository("gone").in_project("payments").gone_upstream();
    let gone = of_the_gone
        .iter()
        .fold(gone, |gone, plan| gone.in_plan(plan));
    let world = organization("acme")
        .with(member("payments", "api"))
        .with(member("front", "web"))
        .with(gone)
        .with_plan("weekly");
    let leaving = plan_claim("nightly")
        .projects(&["**"])
        .deleting_with(DeletionPolicy::Detach)
        .leaving();
    let mut operator = world
        .operated([leaving])
        .managing(|own| own.service = Service::Azure);
    assert_eq!(operator.first(), sent);
    assert!(operator.claims.is_empty(), "nothing is waited for");
}

/// Something is to be made to another project meanwhile, which is no reason to leave this to its own project.
#[test]
fn a_repository_is_detached_by_its_own_resource_also_where_projects_come_and_go() {
    let in_project = |name, project| repository(name).in_project(project).licensed();
    let mut operator = organization("acme")
        .with(in_project("api", "payments").in_plan("nightly"))
        .with(in_project("web", "front"))
        .operated([
            project_claim("front").in_plans(&["nightly"]),
            repository_claim("api")
                .in_plans(&["nightly"])
                .deleting_with(DeletionPolicy::Detach)
                .leaving(),
        ])
        .managing(|own| own.service = Service::Azure);
    assert_eq!(
        operator.first(),
        ["AttachProject front nightly", "Detach api nightly"]
    );
}

#[test]
fn a_plan_that_leaves_detaches_a_project_as_a_whole_and_nothing_of_it_beside() {
    let in_project = |name| repository(name).in_project("payments").licensed();
    let mut operator = organization("acme")
        .with(in_project("api").in_plan("nightly"))
        .operated([plan_claim("nightly")
            .projects(&["payments"])
            .include(&["api"])
            .deleting_with(DeletionPolicy::Detach)
            .leaving()])
        .managing(|own| own.service = Service::Azure);
    assert_eq!(operator.first(), ["DetachProject payments nightly"]);
}
