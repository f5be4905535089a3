//! Promise 2, nothing is lost by absence: what a removal needs, and what protects from it.

use rstest::rstest;

use super::surplus::{exclusive, surplus};
use crate::{
    api::{
        DeletionPolicy, Reason, RepositoryLicense, Unclaimed,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Claim, Visibility,
        fixtures::{Operator, organization, plan_claim, repository, repository_claim},
    },
    inventory::{Organization, trust::Doubt},
};

#[test]
fn a_derived_removal_needs_two_listings_in_a_row() {
    let mut operator = surplus(1).operated([exclusive()]);
    assert!(
        operator.first().is_empty(),
        "the first listing only notes it"
    );
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Reconciling, Reason::Pending)
    );
    assert!(
        operator.first().is_empty(),
        "the same listing is no second one"
    );
    operator
        .claims
        .push(repository_claim("old-00").in_plans(&["nightly"]));
    assert!(operator.next().is_empty(), "now it is claimed");
    operator.claims.pop();
    assert!(operator.next().is_empty(), "the row begins anew");
    assert_eq!(operator.next(), ["Detach old-00 nightly"]);
}

#[test]
fn a_named_removal_needs_one_listing() {
    let mut operator =
        surplus(0).operated([repository_claim("api").license(RepositoryLicense::Inactive)]);
    assert_eq!(operator.first(), ["Deactivate api"]);
}

#[rstest]
#[case::synchronizing(
    Doubt::Synchronizing,
    ConditionType::Reconciling,
    Reason::WaitingForSync
)]
#[case::shrunk(Doubt::Shrunk, ConditionType::Reconciling, Reason::Pending)]
#[case::uncounted(Doubt::Uncounted, ConditionType::Stalled, Reason::AnswerNotUnderstood)]
fn nothing_is_removed_from_an_untrusted_listing(
    #[case] doubt: Doubt,
    #[case] type_: ConditionType,
    #[case] reason: Reason,
) {
    let mut operator = surplus(1)
        .with(repository("web").licensed().in_plan("weekly"))
        .operated([
            exclusive(),
            repository_claim("web").license(RepositoryLicense::Inactive),
            repository_claim("old-00")
                .in_plans(&["nightly"])
                .deleting_with(DeletionPolicy::Remove)
                .leaving(),
        ])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    operator.doubt = Some(doubt);
    for _ in 0..5 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.in_sync("web"),
        (Truth::Unknown, Reason::InventoryUntrusted)
    );
    assert_eq!(operator.progress("web"), (type_, reason));
    assert!(!operator.verdict("old-00").released);
}

/// Rule 32: where it is not shown what is in a plan, a listing that is not believed is the greater doubt.
#[rstest]
#[case::of_a_listing_that_is_believed(None, Reason::NotVisible)]
#[case::of_one_that_has_shrunk(Some(Doubt::Shrunk), Reason::InventoryUntrusted)]
#[case::of_one_in_the_middle_of_a_synchronization(
    Some(Doubt::Synchronizing),
    Reason::InventoryUntrusted
)]
#[case::of_one_that_nobody_counted(Some(Doubt::Uncounted), Reason::InventoryUntrusted)]
fn a_claim_whose_removals_cannot_be_judged_says_why(
    #[case] doubt: Option<Doubt>,
    #[case] reason: Reason,
) {
    let mut operator = surplus(1)
        .with_plan("weekly")
        .hiding_plans()
        .operated([exclusive(), plan_claim("weekly").include(&["api"])]);
    operator.pass();
    operator.doubt = doubt;
    assert_eq!(operator.in_sync("nightly"), (Truth::Unknown, reason));
    assert_eq!(
        operator.in_sync("weekly"),
        (Truth::Unknown, Reason::NotVisible),
        "it removes nothing"
    );
}

#[test]
fn additions_go_on_in_spite_of_a_doubt() {
    let mut operator = surplus(0)
        .with(repository("web"))
        .operated([plan_claim("nightly").include(&["**"])]);
    operator.doubt = Some(Doubt::Shrunk);
    assert_eq!(operator.first(), ["Activate web", "Attach web nightly"]);
}

#[test]
fn a_doubt_in_between_breaks_the_row_of_listings() {
    let mut operator = surplus(1).operated([exclusive()]);
    operator.first();
    operator.doubt = Some(Doubt::Synchronizing);
    operator.next();
    operator.doubt = None;
    assert!(operator.next().is_empty());
    assert_eq!(operator.next(), ["Detach old-00 nightly"]);
}

/// Xopero ONE reads the Git service more often than it is listed, so that each listing is followed by a synchronization.
#[test]
fn a_synchronization_after_each_listing_holds_up_no_removal_for_ever() {
    let synchronize = |operator: &mut Operator, is_running: bool| {
        let organization = operator.inventory.organization().clone();
        operator.inventory.observe_organization(Organization {
            synchronizing: Some(is_running),
            ..organization
        });
    };
    let mut operator = surplus(1).operated([exclusive()]);
    assert!(operator.first().is_empty());
    synchronize(&mut operator, true);
    assert!(operator.first().is_empty());
    assert_eq!(operator.next(), ["Detach old-00 nightly"]);

    // What was first called for while it synchronized was not called for.
    let mut operator = surplus(1).operated([exclusive()]);
    synchronize(&mut operator, true);
    assert!(operator.first().is_empty());
    assert!(operator.next().is_empty());
    assert_eq!(operator.next(), ["Detach old-00 nightly"]);
}

#[test]
fn an_organization_that_synchronizes_now_loses_nothing() {
    let mut operator = surplus(1).operated([exclusive()]);
    operator.first();
    operator.world = operator.world.synchronizing();
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::InventoryUntrusted)
    );
}

/// The claims that protect `old-00` from an Exclusive plan, each in a state in which nothing is done for it.
#[rstest]
#[case::living(repository_claim("old-00").in_plans(&["nightly"]))]
#[case::paused(repository_claim("old-00").in_plans(&["nightly"]).paused())]
#[case::without_its_finalizer(repository_claim("old-00").in_plans(&["nightly"]).without_finalizer())]
#[case::refused_after_it_was_accepted(repository_claim("old-00").in_plans(&["nightly"]).refused().accepted_once())]
#[case::of_a_namespace_that_cannot_be_read(repository_claim("old-00").in_plans(&["nightly"]).perhaps_allowed())]
#[case::of_another_resource_of_the_organization(repository_claim("old-00").in_plans(&["nightly"]).beside())]
#[case::a_paused_plan(plan_claim("nightly").named("other").include(&["old-*"]).paused())]
#[case::unreadable(plan_claim("hourly").unreadable())]
fn a_claim_protects_what_it_names_from_the_moment_it_exists(#[case] protects: Claim) {
    let mut operator = surplus(1).operated([exclusive(), protects]);
    for _ in 0..5 {
        operator.next();
    }
    assert!(operator.world.is_in_plan("old-00", "nightly"));
}

#[test]
fn a_claim_that_is_being_deleted_protects_until_it_is_gone() {
    let leaving = repository_claim("old-00").in_plans(&["nightly"]).leaving();
    let mut operator = surplus(1).operated([exclusive(), leaving]);
    operator.claim("old-00").paused = true;
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    operator.claims.pop();
    operator.next();
    assert_eq!(operator.next(), ["Detach old-00 nightly"]);
}

#[test]
fn a_claim_that_never_was_accepted_protects_nothing() {
    let refused = repository_claim("old-00").in_plans(&["nightly"]).refused();
    let mut operator = surplus(1).operated([exclusive(), refused]);
    operator.first();
    assert_eq!(operator.next(), ["Detach old-00 nightly"]);
}

#[test]
fn a_claim_that_cannot_be_read_stops_derived_removals_and_nothing_else() {
    let mut operator = surplus(1)
        .with(repository("web").licensed())
        .with(repository("new"))
        .operated([
            exclusive(),
            plan_claim("hourly").unreadable(),
            repository_claim("web").license(RepositoryLicense::Inactive),
            repository_claim("new").license(RepositoryLicense::Active),
        ]);
    assert_eq!(operator.first(), ["Activate new", "Deactivate web"]);
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::ClaimsNotVisible)
    );
    assert_eq!(
        operator.progress("hourly"),
        (ConditionType::Stalled, Reason::InvalidSpec)
    );
}

#[test]
fn claims_that_may_be_unseen_stop_derived_removals() {
    let mut operator = surplus(1).operated([exclusive()]);
    operator.visibility = Visibility::Partial {
        message: "XoperoRepository was not listed yet.".to_owned(),
    };
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::ClaimsNotVisible)
    );
    operator.visibility = Visibility::Whole;
    assert!(operator.next().is_empty(), "two listings count from here");
    assert_eq!(operator.next(), ["Detach old-00 nightly"]);
}

/// What is asked for by name spares what others name: it waits until it is known who they are.
#[rstest]
#[case::a_licence(
    repository_claim("web").license(RepositoryLicense::Inactive),
    &["Deactivate web"]
)]
#[case::a_clean_up(
    repository_claim("web").in_plans(&["weekly"]).deleting_with(DeletionPolicy::Detach).leaving(),
    &["Detach web weekly"]
)]
fn a_kind_that_was_never_listed_stops_named_removals_as_well(
    #[case] claim: Claim,
    #[case] removals: &[&str],
) {
    let unlisted = Visibility::Unseen {
        message: "Not all resources are listed yet (XoperoBackupPlan).".to_owned(),
    };
    let mut operator = surplus(0)
        .with(repository("web").licensed().in_plan("weekly"))
        .with(repository("new").licensed())
        .operated([claim, plan_claim("nightly").include(&["new"])]);
    operator.visibility = unlisted;
    assert_eq!(operator.first(), ["Attach new nightly"]);
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.in_sync("web"),
        (Truth::Unknown, Reason::ClaimsNotVisible)
    );
    let message = operator.message("web");
    assert!(
        message.contains("Not all resources are listed"),
        "{message}"
    );
    operator.visibility = Visibility::Whole;
    assert_eq!(operator.next(), removals);
}

#[test]
fn of_a_repository_that_may_be_gone_upstream_nothing_is_derived() {
    let world = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("may-be-gone").licensed().in_plan("nightly"))
        .with(repository("unwanted").licensed());
    let claims = [
        exclusive(),
        repository_claim("api").in_plans(&["weekly"]).exclusive(),
    ];
    let mut operator = world.with_plan("weekly").operated(claims);
    operator.organization.unclaimed = Unclaimed::Deactivate;
    for row in operator.world.repositories.values_mut() {
        row.removed = None;
    }
    for _ in 0..4 {
        let sent = operator.next();
        let takes = |word: &&String| word.starts_with("Det") || word.starts_with("Dea");
        assert_eq!(sent.iter().find(takes), None);
    }
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::NotVisible)
    );

    // One that says that something is gone does not mention it of the others.
    operator.world = operator
        .world
        .clone()
        .with(repository("gone").licensed().gone_upstream());
    let sent: Vec<String> = (0..3).flat_map(|_| operator.next()).collect();
    assert!(
        sent.contains(&"Detach may-be-gone nightly".to_owned()),
        "{sent:?}"
    );
    assert!(sent.contains(&"Deactivate unwanted".to_owned()), "{sent:?}");
}
