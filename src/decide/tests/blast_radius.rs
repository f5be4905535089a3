//! Promise 3, the blast radius: so many removals in an hour, all of a claim's or none, and a person for the rest.

use std::time::Duration;

use super::{
    deletion_waits::leaving_with,
    surplus::{exclusive, surplus},
};
use crate::{
    api::{
        DeletionPolicy, Reason, RepositoryLicense,
        conditions::{ConditionType, Truth},
    },
    decide::fixtures::{Answer, organization, plan_claim, repository, repository_claim},
};

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

/// A younger one that fits what is left would use up what the older one waits for, again and again.
#[test]
fn who_waits_for_the_hour_is_not_overtaken() {
    let mut operator = surplus(6);
    for number in 1..=5 {
        let name = format!("x-{number}");
        operator = operator.with(repository(&name).licensed().in_plan("weekly"));
    }
    let claim = |plan| plan_claim(plan).include(&["web"]).exclusive();
    let mut operator = operator
        .with(repository("y").licensed().in_plan("hourly"))
        .with(
            repository("web")
                .licensed()
                .in_plan("weekly")
                .in_plan("hourly"),
        )
        .operated([
            exclusive(),
            claim("weekly").younger_by(60),
            claim("hourly").younger_by(120),
        ])
        .managing(|own| own.removal_limit = 10);
    operator.first();
    assert_eq!(operator.next().len(), 6);
    assert!(operator.next().is_empty());
    operator.wait(Duration::from_hours(1));
    assert_eq!(operator.next().len(), 5 + 1);
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
    assert!(
        operator
            .message("nightly")
            .contains("a name or an id that is new")
    );
}

#[test]
fn a_removal_whose_answer_was_lost_is_repeated_when_two_listings_call_for_it() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .operated([repository_claim("api").license(RepositoryLicense::Inactive)]);
    operator.world.answers.push_back(Answer::LostBefore);
    assert_eq!(operator.first(), ["Deactivate api"]);
    assert!(operator.next().is_empty());
    assert!(operator.decide().needs_listing);
    assert_eq!(operator.next(), ["Deactivate api"]);
}

#[test]
fn a_removal_whose_answer_was_lost_waits_for_a_listing_and_counts() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .operated([repository_claim("api").license(RepositoryLicense::Inactive)]);
    operator.world.answers.push_back(Answer::LostAfter);
    assert_eq!(operator.first(), ["Deactivate api"]);
    assert!(operator.decide().needs_listing);
    assert!(operator.first().is_empty());
    assert!(
        operator.next().is_empty(),
        "the listing shows that it was made"
    );
    assert_eq!(operator.ledger.used(operator.now), 1);
}

/// What was counted before it was sent, and then was not sent, leaves the hour as it was.
#[test]
fn what_was_counted_and_not_sent_does_not_count() {
    let mut operator = leaving_with(DeletionPolicy::Detach);
    let decision = operator.look();
    let (admitted, step) = decision.step(1).unwrap();
    operator.ledger.begin(admitted, &step, operator.now);
    assert_eq!(operator.ledger.used(operator.now), 1);
    operator.ledger.not_made(admitted, step.len());
    assert_eq!(operator.ledger.used(operator.now), 0);
}
