//! Names: the exact spelling, else the only match without case, of repositories, plans and projects.

use rstest::rstest;

use super::{
    projects::{azure, on_azure},
    renames::rename_project,
};
use crate::{
    api::{Reason, RepositoryLicense, conditions::ConditionType},
    decide::fixtures::{organization, plan_claim, project_claim, repository, repository_claim},
};

#[rstest]
//                                            rows                                declared   activated
#[case::exact(                                &["Api", "api"],                    "api",     &["Activate api"])]
#[case::the_only_one_without_case(            &["API"],                           "api",     &["Activate API"])]
#[case::none(                                 &["web"],                           "api",     &[])]
#[case::two_without_case(                     &["API", "Api"],                    "api",     &[])]
fn a_name_takes_the_exact_spelling_or_the_only_match(
    #[case] rows: &[&str],
    #[case] declared: &str,
    #[case] activated: &[&str],
) {
    let mut world = organization("acme");
    for name in rows {
        world = world.with(repository(name));
    }
    let mut operator =
        world.operated([repository_claim(declared).license(RepositoryLicense::Active)]);
    assert_eq!(operator.first(), activated);
}

/// The plans of one name, and which of them the resource named nightly means.
#[rstest]
//                                  plans                                     attached
#[case::exact(                      &["Nightly", "nightly", "NIGHTLY"],       &["Attach api nightly"])]
#[case::the_only_one_without_case(  &["NIGHTLY"],                             &["Attach api NIGHTLY"])]
#[case::two_without_case(           &["Nightly", "NIGHTLY"],                  &[])]
fn a_plans_name_takes_the_exact_spelling_or_the_only_match(
    #[case] plans: &[&str],
    #[case] attached: &[&str],
) {
    let mut world = organization("acme").with(repository("api").licensed());
    for plan in plans {
        world = world.with_plan(plan);
    }
    let mut operator = world.operated([plan_claim("nightly").include(&["api"])]);
    assert_eq!(operator.first(), attached);
}

/// Only of those that it may mean does a resource go on to mean the one that it knew.
#[test]
fn a_name_that_two_plans_share_is_not_that_of_a_third_which_was_known_by_it() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["api"])]);
    operator.first();
    operator.world.detach_by_hand("api", "nightly");
    operator.world.rename_plan("nightly", "weekly");
    operator.world = operator
        .world
        .clone()
        .with_plan("Nightly")
        .with_plan("NIGHTLY");
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::Ambiguous)
    );
}

#[test]
fn of_two_that_are_gone_the_exact_spelling_is_meant() {
    let mut operator = organization("acme")
        .with(repository("API").licensed().gone_upstream())
        .with(repository("api").licensed().gone_upstream())
        .operated([repository_claim("api").license(RepositoryLicense::Inactive)]);
    assert_eq!(operator.first(), ["Deactivate api"]);
}

/// Of two that are alike but for the case, the one that is spelled so.
#[test]
fn a_projects_name_takes_the_exact_spelling_or_the_only_match() {
    let world = organization("acme")
        .with(repository("api").in_project("Payments").licensed())
        .with(repository("web").in_project("payments").licensed())
        .with(repository("old").in_project("FRONT").licensed())
        .with_plan("nightly");
    let claims = [
        project_claim("payments").in_plans(&["nightly"]),
        project_claim("front").in_plans(&["nightly"]),
    ];
    let mut sent = on_azure(world, claims).first();
    sent.sort();
    assert_eq!(
        sent,
        [
            "AttachProject FRONT nightly",
            "AttachProject payments nightly"
        ]
    );
}

/// Only of those that it may mean does a resource go on to mean the one that it knew.
#[test]
fn a_name_that_two_projects_share_is_not_that_of_a_third_which_was_known_by_it() {
    let mut operator = on_azure(azure(), [project_claim("payments").in_plans(&["nightly"])]);
    operator.first();
    operator.world.detach_project_by_hand("payments", "nightly");
    rename_project(&mut operator, "payments", "billing");
    for project in ["Payments", "PAYMENTS"] {
        let row = repository(project).in_project(project).licensed();
        operator.world = operator.world.clone().with(row);
    }
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.progress("payments"),
        (ConditionType::Stalled, Reason::Ambiguous)
    );
}
