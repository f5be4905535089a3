//! Promise 2, nothing is lost by absence, and promise 3, the blast radius.

use std::time::Duration;

use rstest::rstest;

use crate::{
    api::{
        DeletionPolicy, Reason, RepositoryLicense, Unclaimed,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Claim, Visibility, Writes,
        fixtures::{Operator, World, organization, plan_claim, repository, repository_claim},
    },
    inventory::trust::Doubt,
};

/// A plan that holds `api` and, though nobody selects them, so many others.
fn surplus(others: usize) -> World {
    let mut world = organization("acme").with(repository("api").licensed().in_plan("nightly"));
    for number in 0..others {
        let name = format!("old-{number:02}");
        world = world.with(repository(&name).licensed().in_plan("nightly"));
    }
    world
}

fn exclusive() -> Claim {
    plan_claim("nightly").include(&["api"]).exclusive()
}

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
#[case::synchronizing(Doubt::Synchronizing)]
#[case::shrunk(Doubt::Shrunk)]
#[case::failed(Doubt::ListingFailed)]
fn nothing_is_removed_from_an_untrusted_listing(#[case] doubt: Doubt) {
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
    assert!(!operator.verdict("old-00").released);
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

#[rstest]
#[case::observe(Writes::Observe)]
#[case::paused(Writes::Paused)]
#[case::conflict(Writes::Conflict(plan_claim("other").key))]
fn an_organization_that_does_not_manage_writes_nothing(#[case] writes: Writes) {
    let mut operator = surplus(1)
        .with(repository("new"))
        .operated([
            exclusive(),
            repository_claim("new")
                .license(RepositoryLicense::Active)
                .in_plans(&["nightly"]),
            repository_claim("api")
                .license(RepositoryLicense::Inactive)
                .named("contrary")
                .younger_by(5),
            repository_claim("old-00")
                .deleting_with(DeletionPolicy::Deactivate)
                .leaving(),
        ])
        .managing(|own| {
            own.writes = writes;
            own.unclaimed = Unclaimed::Deactivate;
        });
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert!(!operator.claims.is_empty());
}

#[test]
fn observe_shows_what_manage_would_change() {
    let mut operator = surplus(1)
        .operated([exclusive()])
        .managing(|own| own.writes = Writes::Observe);
    operator.next();
    operator.next();
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Observed)
    );
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Drift));
    assert_eq!(operator.drift("nightly"), ["Detach old-00 nightly"]);
}

#[test]
fn a_paused_claim_shows_its_drift_and_nothing_is_written_for_it() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["api"]).paused()]);
    assert!(operator.first().is_empty());
    assert_eq!(
        operator.drift("nightly"),
        [
            "Activate api (Paused)",
            "Attach api nightly (WaitingForLicense)"
        ]
    );
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Held));
}

#[test]
fn a_claim_with_more_due_than_the_limit_waits_for_a_person() {
    let mut operator = surplus(11).operated([exclusive()]);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::RemovalHeld)
    );
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Held));
    let token = operator.decide().held[0].token.clone();
    assert!(token.starts_with("11-"), "{token}");
    assert!(operator.message("nightly").contains(&token));
}

#[test]
fn one_claims_surplus_holds_up_no_others() {
    let mut operator = surplus(11)
        .with(repository("web").licensed().in_plan("weekly"))
        .operated([
            exclusive(),
            repository_claim("web")
                .license(RepositoryLicense::Inactive)
                .younger_by(60),
        ]);
    operator.next();
    assert!(!operator.world.is_licensed("web"));
}

#[test]
fn what_is_shared_with_a_held_claim_goes_for_the_one_that_fits() {
    let mut operator = surplus(12).operated([
        exclusive(),
        repository_claim("old-00").exclusive().younger_by(60),
    ]);
    operator.next();
    assert_eq!(operator.next(), ["Detach old-00 nightly"]);
    assert_eq!(operator.decide().held[0].changes.len(), 11);
}

#[test]
fn what_fits_the_limit_but_not_the_hour_follows_by_itself() {
    let mut operator = surplus(8)
        .with(repository("x-1").licensed().in_plan("weekly"))
        .with(repository("x-2").licensed().in_plan("weekly"))
        .with(repository("x-3").licensed().in_plan("weekly"))
        .with(repository("web").licensed().in_plan("weekly"))
        .operated([
            exclusive(),
            plan_claim("weekly")
                .include(&["web"])
                .exclusive()
                .younger_by(60),
        ]);
    operator.first();
    assert_eq!(operator.next().len(), 8);
    assert_eq!(
        operator.progress("weekly"),
        (ConditionType::Reconciling, Reason::RemovalPaced)
    );
    operator.wait(Duration::from_mins(40));
    assert!(operator.next().is_empty());
    operator.wait(Duration::from_mins(20));
    assert_eq!(operator.next().len(), 3, "all of a claim's or none");
}

#[test]
fn the_oldest_claim_goes_first() {
    let mut operator = surplus(6)
        .with(repository("x-1").licensed().in_plan("weekly"))
        .with(repository("x-2").licensed().in_plan("weekly"))
        .with(repository("x-3").licensed().in_plan("weekly"))
        .with(repository("web").licensed().in_plan("weekly"))
        .operated([
            plan_claim("weekly")
                .include(&["web"])
                .exclusive()
                .younger_by(60),
            exclusive(),
        ])
        .managing(|own| own.removal_limit = 6);
    operator.first();
    let sent = operator.next();
    assert!(
        sent.iter().all(|words| words.ends_with("nightly")),
        "{sent:?}"
    );
    assert_eq!(sent.len(), 6);
}

#[test]
fn a_limit_of_nothing_holds_every_removal() {
    let mut operator = surplus(1)
        .operated([exclusive()])
        .managing(|own| own.removal_limit = 0);
    operator.next();
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::RemovalHeld)
    );
}

#[test]
fn a_removal_that_follows_from_a_new_name_needs_approval() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["api", "web"]).exclusive()]);
    operator.next();
    for row in operator.world.repositories.values_mut() {
        if row.name == "web" {
            "frontend".clone_into(&mut row.name);
        }
    }
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::RemovalHeld)
    );
    assert!(operator.message("nightly").contains("changed name"));
}

#[test]
fn a_removal_whose_answer_was_lost_waits_for_a_listing_and_counts() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .operated([repository_claim("api").license(RepositoryLicense::Inactive)]);
    operator
        .world
        .answers
        .push_back(crate::decide::fixtures::Answer::LostAfter);
    assert_eq!(operator.first(), ["Deactivate api"]);
    assert!(operator.decide().needs_listing);
    assert!(operator.first().is_empty());
    assert!(
        operator.next().is_empty(),
        "the listing shows that it was made"
    );
    assert_eq!(operator.ledger.used(operator.now), 1);
}

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
