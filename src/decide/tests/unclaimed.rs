//! Licences that no claim wants, given back where the organization asks for it.

use rstest::rstest;

use super::surplus::{exclusive, surplus};
use crate::{
    api::{
        Reason, RepositoryLicense, Unclaimed,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Action, Service, Writes,
        fixtures::{
            Operator, World, in_sync, organization, plan_claim, project_claim, repository,
            repository_claim,
        },
    },
};

#[test]
fn unclaimed_licences_are_given_back() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with(repository("kept").licensed().in_plan("nightly"))
        .with(repository("ignored").licensed())
        .with(repository("mentioned").licensed())
        .with(repository("spare").licensed())
        .operated([
            repository_claim("api").license(RepositoryLicense::Active),
            repository_claim("mentioned"),
            plan_claim("weekly")
                .include(&["ignored"])
                .ignoring_licences(),
        ])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    operator.first();
    assert_eq!(operator.next(), ["Deactivate spare"]);
    assert!(operator.next().is_empty());
}

/// As with a claim: whether they go, or a person is asked.
#[rstest]
#[case::that_go_after_a_second_listing(|_: &mut Operator| {}, Reason::Drift)]
#[case::all_of_which_wait_for_approval(
    |operator: &mut Operator| {
        operator.organization.removal_limit = 0;
        operator.next();
    },
    Reason::Held
)]
#[case::of_a_paused_organization(|operator: &mut Operator| operator.organization.writes = Writes::Paused, Reason::Held)]
#[case::one_of_which_is_refused(
    |operator: &mut Operator| {
        operator.world.refuses = |action| matches!(action, Action::Deactivate(_));
        operator.next();
    },
    Reason::Held
)]
#[case::one_of_which_is_refused_beside_a_new_one(
    |operator: &mut Operator| {
        operator.world.refuses = |action| matches!(action, Action::Deactivate(_));
        operator.next();
        operator.world = operator.world.clone().with(repository("another").licensed());
        operator.list();
    },
    Reason::Drift
)]
fn unclaimed_licences_are_held_where_all_of_them_are(
    #[case] change: fn(&mut Operator),
    #[case] reason: Reason,
) {
    let mut operator = organization("acme")
        .with(repository("spare").licensed())
        .operated([])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    operator.pass();
    change(&mut operator);
    assert_eq!(
        in_sync(&operator.decide().organization.statements),
        (Truth::False, reason)
    );
}

#[test]
fn a_licence_of_a_repository_without_a_name_may_be_claimed_by_any_resource() {
    let mut operator = organization("acme")
        .with(repository("api").nameless().licensed())
        .operated([repository_claim("api").license(RepositoryLicense::Active)])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn the_organization_asks_for_unclaimed_licences_with_its_own_age() {
    let mut operator = surplus(3)
        .with(repository("spare").licensed())
        .operated([exclusive()])
        .managing(|own| {
            own.unclaimed = Unclaimed::Deactivate;
            own.removal_limit = 3;
        });
    operator.first();
    assert_eq!(
        operator.next(),
        ["Deactivate spare"],
        "it is older, and 3 more do not fit"
    );
    let report: Operator = operator;
    assert_eq!(
        report.progress("nightly"),
        (ConditionType::Reconciling, Reason::RemovalPaced)
    );
}

/// One repository is in a plan by way of its project, which its row does not show; another project was attached by the operator.
fn by_project(world: World) -> Operator {
    world
        .with(repository("api").in_project("payments").licensed())
        .with(repository("web").in_project("front"))
        .with_plan("nightly")
        .operated([project_claim("front").in_plans(&["nightly"])])
        .managing(|own| {
            own.service = Service::Azure;
            own.unclaimed = Unclaimed::Deactivate;
        })
}

#[test]
fn a_licence_is_not_unclaimed_where_rows_do_not_tell_of_projects() {
    let mut operator = by_project(organization("acme").rows_do_not_follow_projects());
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["AttachProject front nightly"]);
    let mut operator = by_project(organization("acme"));
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["AttachProject front nightly", "Deactivate api"]);
}

#[test]
fn whether_a_repository_is_protected_by_its_project_is_unknown_where_rows_do_not_tell() {
    let protected = |world: World| {
        let world = world
            .with(repository("web").in_project("front").licensed())
            .with_plan("nightly");
        let mut operator = world
            .operated([project_claim("front").in_plans(&["nightly"])])
            .managing(|own| own.service = Service::Azure);
        operator.next();
        operator.next();
        let statement = operator.decide().organization.coverage.protected;
        (statement.truth, statement.reason)
    };
    assert_eq!(
        protected(organization("acme").rows_do_not_follow_projects()),
        (Truth::Unknown, Reason::NotVisible)
    );
    assert_eq!(
        protected(organization("acme")),
        (Truth::True, Reason::AllProtected)
    );
}
