//! Something is made anew beside what it replaces, and that goes only afterwards: as where a plan needs another encryption, or a Git
//! service is read in the middle of it.

use rstest::rstest;

use crate::{
    api::{DeletionPolicy, Reason, RepositoryLicense, conditions::ConditionType},
    decide::{
        Remembered,
        fixtures::{
            Operator, organization, plan_claim, plan_id, repository, repository_claim,
            repository_id,
        },
    },
};

/// A plan that was made beside the one of its name, which went then.
fn beside_the_old_plan(operator: &mut Operator) {
    operator.world = operator.world.clone().with_plan("anew");
    let anew = operator.world.plans.get_mut(&plan_id("anew")).unwrap();
    "nightly".clone_into(&mut anew.name);
    assert!(operator.next().is_empty());
    operator.world.delete_plan("nightly");
}

#[test]
fn a_plan_that_was_made_beside_the_old_one_is_meant_by_those_who_have_only_its_name() {
    let claim = repository_claim("api").in_plans(&["nightly"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    beside_the_old_plan(&mut operator);
    assert_eq!(operator.next(), ["Attach api nightly"]);
}

/// Which is what its condition says.
#[test]
fn a_resource_that_meant_the_old_plan_is_replaced_by_one_that_means_the_new_one() {
    let claim = plan_claim("nightly").include(&["api"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    beside_the_old_plan(&mut operator);
    assert!(operator.next().is_empty());
    let message = operator.message("nightly");
    assert!(message.contains("replace this resource"), "{message}");
    let replaced = &mut operator.claims[0];
    (replaced.uid, replaced.remembered) = ("anew".into(), Remembered::default());
    assert_eq!(operator.next(), ["Attach api nightly"]);
}

/// Before the next listing the old row is marked as gone.
#[rstest]
#[case::the_same_process(false)]
#[case::another_process(true)]
fn a_repository_that_was_listed_beside_its_old_row_is_the_one_that_is_meant(
    #[case] restarted: bool,
) {
    let claim = repository_claim("api")
        .license(RepositoryLicense::Active)
        .in_plans(&["nightly"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    operator.world = operator.world.clone().with(repository("anew"));
    let anew = operator.world.repositories.get_mut(&repository_id("anew"));
    "api".clone_into(&mut anew.unwrap().name);
    assert!(operator.next().is_empty());
    operator.world.mark_removed("api");
    if restarted {
        operator.restart();
        operator.first();
    } else {
        operator.next();
    }
    operator.next();
    assert!(operator.world.is_licensed("anew"));
    assert!(operator.world.is_in_plan("anew", "nightly"));
    assert!(operator.world.is_licensed("api"), "the last copy");
}

/// The plan has another name now, and another plan the same but for its case: what a person put into that one stays there.
#[test]
fn the_clean_up_of_a_repository_takes_it_out_of_no_plan_that_only_has_the_name_now() {
    let claim = repository_claim("api")
        .in_plans(&["nightly"])
        .deleting_with(DeletionPolicy::Detach);
    let mut operator = organization("acme")
        .with(
            repository("api")
                .licensed()
                .in_plan("nightly")
                .in_plan("NIGHTLY"),
        )
        .operated([claim]);
    assert!(operator.first().is_empty());
    assert!(operator.next().is_empty());
    operator.world.rename_plan("nightly", "old");
    assert!(operator.next().is_empty());
    operator.claims[0] = operator.claims[0].clone().leaving();
    for _ in 0..4 {
        assert_eq!(operator.next(), Vec::<String>::new());
    }
    assert!(operator.world.is_in_plan("api", "NIGHTLY"));
}

/// What the older claim means is gone: it has no say about the licence of another one of that name.
#[test]
fn who_means_what_is_gone_keeps_no_licence_from_its_namesake() {
    let mut inactive = repository_claim("docs").license(RepositoryLicense::Inactive);
    inactive.remembered.repository = Some(repository_id("p1/docs"));
    let mut operator = organization("acme")
        .with(repository("docs").in_project("p1"))
        .with(repository("docs").in_project("p2"))
        .with_plan("nightly")
        .operated([inactive]);
    assert!(operator.first().is_empty());
    operator.world.lose("p1/docs");
    assert!(operator.next().is_empty());
    operator
        .claims
        .push(plan_claim("nightly").include(&["p2/*"]).younger_by(9));
    assert_eq!(operator.next(), ["Activate docs", "Attach docs nightly"]);
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
}
