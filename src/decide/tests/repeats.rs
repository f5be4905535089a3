//! Rule 15: what was confirmed and is due again is repeated at doubling intervals; what was refused waits alone. Rule 36.

use std::time::Duration;

use rstest::rstest;

use crate::{
    api::{
        Reason, RepositoryLicense, Unclaimed,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Action, Claim, Sent, Service,
        fixtures::{
            Operator, in_sync, organization, plan_claim, progress, repository, repository_claim,
            repository_id,
        },
    },
};

/// One repository that was attached, and a resync of ten minutes.
fn attached() -> Operator {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([repository_claim("api").in_plans(&["nightly"])]);
    assert_eq!(operator.first(), ["Attach api nightly"]);
    operator
}

#[test]
fn what_was_undone_long_after_is_made_again_at_once() {
    let mut operator = attached();
    operator.wait(Duration::from_hours(5));
    operator.list();
    operator.world.detach_by_hand("api", "nightly");
    assert_eq!(operator.next(), ["Attach api nightly"]);
}

#[test]
fn the_first_repeat_waits_one_resync() {
    let mut operator = attached();
    operator.world.detach_by_hand("api", "nightly");
    operator.wait(Duration::from_mins(3));
    operator.list_now();
    assert!(operator.first().is_empty());
    assert_eq!(
        operator.progress("api"),
        (ConditionType::Reconciling, Reason::Pending)
    );
    operator.wait(Duration::from_mins(7));
    assert_eq!(operator.first(), ["Attach api nightly"]);
}

/// How many listings, ten minutes apart, until it is made again each time.
#[test]
fn repeats_double_and_the_third_is_not_kept_without_flapping() {
    let mut operator = attached();
    let mut listings = Vec::new();
    let mut since = 0;
    let mut said = Vec::new();
    for _ in 0..40 {
        operator.world.detach_by_hand("api", "nightly");
        operator.list();
        since += 1;
        said.push(operator.progress("api").1);
        operator.pass();
        said.push(operator.progress("api").1);
        if !operator.sent().is_empty() {
            listings.push(since);
            since = 0;
        }
    }
    assert_eq!(listings, [1, 2, 4, 8, 16]);
    let first = said
        .iter()
        .position(|reason| *reason == Reason::NotKept)
        .unwrap();
    assert_eq!(first, 2 * 3, "when it has not stayed for the third time");
    assert!(
        said[first..]
            .iter()
            .all(|reason| *reason == Reason::NotKept),
        "{said:?}"
    );
    assert_eq!(operator.in_sync("api"), (Truth::False, Reason::NotKept));
}

/// Also while it is there, just made again.
#[rstest]
#[case::of_a_repository(repository_claim("api").license(RepositoryLicense::Active))]
#[case::of_a_plan(plan_claim("nightly").named("api").include(&["api"]))]
fn a_licence_that_is_taken_each_time_is_not_kept(#[case] claim: Claim) {
    let mut operator = organization("acme")
        .with(repository("api").in_plan("nightly"))
        .operated([claim]);
    let mut said = Vec::new();
    for _ in 0..40 {
        operator.world.take_licence_by_hand("api");
        operator.list();
        operator.pass();
        said.push(operator.progress("api").1 == Reason::NotKept);
    }
    let is_kept = said.iter().position(|not_kept| *not_kept).unwrap();
    assert!(said[is_kept..].iter().all(|not_kept| *not_kept), "{said:?}");
}

#[test]
fn what_was_kept_for_a_day_is_believed_again() {
    let mut operator = attached();
    for _ in 0..20 {
        operator.world.detach_by_hand("api", "nightly");
        operator.next();
    }
    assert_eq!(operator.progress("api").1, Reason::NotKept);
    operator.wait(Duration::from_hours(6));
    operator.list();
    operator.pass();
    assert_eq!(
        operator.progress("api").1,
        Reason::NotKept,
        "made again, and not believed yet"
    );
    operator.wait(Duration::from_hours(24));
    operator.list();
    assert_eq!(
        operator.progress("api"),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn a_fight_of_days_is_not_forgotten() {
    let mut operator = attached();
    for _ in 0..20 {
        operator.world.detach_by_hand("api", "nightly");
        operator.wait(Duration::from_hours(12));
        operator.next();
    }
    operator.world.detach_by_hand("api", "nightly");
    operator.list();
    assert_eq!(operator.progress("api").1, Reason::NotKept);
}

#[test]
fn a_changed_declaration_begins_anew() {
    let mut operator = attached();
    for _ in 0..20 {
        operator.world.detach_by_hand("api", "nightly");
        operator.next();
    }
    let edited = operator.claims.remove(0).edited();
    operator.claims.push(edited);
    operator.world.detach_by_hand("api", "nightly");
    assert_eq!(operator.next(), ["Attach api nightly"]);
    assert_eq!(
        operator.progress("api"),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn a_changed_declaration_does_not_wait_for_the_first_repeat() {
    let mut operator = attached();
    operator.world.detach_by_hand("api", "nightly");
    operator.wait(Duration::from_mins(3));
    operator.list_now();
    assert!(operator.first().is_empty());
    operator.claim("api").generation += 1;
    assert_eq!(operator.first(), ["Attach api nightly"]);
}

#[test]
fn a_request_ends_the_wait() {
    let mut operator = attached();
    for _ in 0..4 {
        operator.world.detach_by_hand("api", "nightly");
        operator.next();
    }
    assert!(operator.next().is_empty());
    let uid = std::sync::Arc::clone(&operator.claims[0].uid);
    operator.wait(Duration::from_secs(1));
    operator.memory.end_waits(&uid, operator.now);
    assert_eq!(operator.first(), ["Attach api nightly"]);
}

#[test]
fn a_derived_removal_that_is_not_kept_stops_until_the_declaration_changes() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("old").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["api"]).exclusive()]);
    let mut sent = 0;
    for _ in 0..60 {
        operator.world.attach_by_hand("old", "nightly");
        sent += operator.next().len();
    }
    assert_eq!(sent, 3);
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::NotKept)
    );
    operator.wait(Duration::from_hours(100));
    assert!(operator.next().is_empty());
    assert!(operator.next().is_empty());
    let edited = operator.claims.remove(0).edited();
    operator.claims.push(edited);
    operator.next();
    assert_eq!(operator.next(), ["Detach old nightly"]);
}

#[test]
fn what_we_undo_ourselves_is_no_fight() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["web"]).exclusive()])
        .managing(|own| own.removal_limit = 100);
    for round in 0..6 {
        operator.claims.truncate(1);
        operator.next();
        operator.next();
        assert!(
            !operator.world.is_in_plan("api", "nightly"),
            "round {round}"
        );
        operator
            .claims
            .push(repository_claim("api").in_plans(&["nightly"]));
        operator.next();
        assert!(operator.world.is_in_plan("api", "nightly"), "round {round}");
    }
}

#[test]
fn a_refused_item_is_held_alone_with_the_same_intervals() {
    fn hits_the_bad_one(action: &Action) -> bool {
        matches!(action, Action::Attach(_, id) if *id == repository_id("bad"))
    }
    let mut operator = organization("acme")
        .with(repository("bad").licensed())
        .with(repository("good").licensed())
        .with_plan("nightly")
        .refusing(hits_the_bad_one)
        .operated([plan_claim("nightly").include(&["**"])]);
    assert_eq!(
        operator.first(),
        ["Attach bad nightly", "Attach good nightly"]
    );
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::Refused)
    );
    let mut listings = Vec::new();
    let mut since = 0;
    for _ in 0..31 {
        since += 1;
        if !operator.next().is_empty() {
            listings.push(since);
            since = 0;
        }
    }
    assert_eq!(listings, [1, 2, 4, 8, 16]);
}

#[test]
fn an_endpoint_that_is_not_permitted_is_asked_once_a_listing() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with(repository("web").licensed())
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["**"])]);
    let decision = operator.look();
    let action = decision.additions[0].clone();
    let refused = Sent::NotPermitted("the server answered 403".to_owned());
    let listing = operator.inventory.listing();
    for change in action.changes() {
        operator
            .memory
            .note_sent(change, &refused, operator.now, listing);
    }
    assert!(operator.first().is_empty());
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::PermissionMissing)
    );
    assert!(
        operator
            .message("nightly")
            .contains("the server answered 403")
    );
    assert_eq!(operator.next().len(), 2);
}

#[test]
fn a_lost_answer_is_looked_up_before_it_is_repeated() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([repository_claim("api").in_plans(&["nightly"])]);
    operator
        .world
        .answers
        .push_back(crate::decide::fixtures::Answer::LostAfter);
    assert_eq!(operator.first(), ["Attach api nightly"]);
    assert!(operator.decide().needs_listing);
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.progress("api"),
        (ConditionType::Ready, Reason::Converged)
    );
}

/// Only what is taken out and comes back may be in the plan through its project; an attachment that does not stay is something else.
#[test]
fn a_project_is_named_as_the_cause_of_what_comes_back_alone() {
    let in_pay = |name: &str| repository(name).in_project("pay").licensed();
    let world = organization("acme")
        .with(in_pay("api"))
        .with(in_pay("old").in_plan("nightly"));
    let named = |undo: fn(&mut Operator), limit: usize| {
        let exclusive = plan_claim("nightly").include(&["api"]).exclusive();
        let mut operator = world.clone().operated([exclusive]).managing(|own| {
            own.service = Service::Azure;
            own.removal_limit = limit;
        });
        for _ in 0..40 {
            undo(&mut operator);
            operator.next();
        }
        let message = operator.message("nightly");
        assert!(message.contains("a second cluster"), "{message}");
        message.contains("declare projects as well")
    };
    assert!(named(
        |operator| operator.world.attach_by_hand("pay/old", "nightly"),
        10
    ));
    assert!(!named(
        |operator| operator.world.detach_by_hand("pay/api", "nightly"),
        0
    ));
}

/// Rule 42: for `unclaimed: Deactivate` the organization itself is the claim.
#[test]
fn a_licence_that_nobody_claims_and_that_comes_back_each_time_is_not_kept() {
    let mut operator = organization("acme")
        .with(repository("spare").licensed())
        .operated([])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    let mut taken = 0;
    let mut said = Vec::new();
    for _ in 0..40 {
        operator.world.license_by_hand("spare");
        taken += operator.next().len();
        let report = operator.decide().organization;
        said.push(progress(&report.statements));
    }
    assert_eq!(
        taken, 3,
        "a derived removal stops until the declaration changes"
    );
    let first = said
        .iter()
        .position(|said| *said == (ConditionType::Stalled, Reason::NotKept))
        .unwrap();
    assert!(
        said[first..].iter().all(|said| said.1 == Reason::NotKept),
        "{said:?}"
    );
    let report = operator.decide().organization;
    assert_eq!(in_sync(&report.statements), (Truth::False, Reason::NotKept));
    let message = &report.statements.last().unwrap().message;
    assert!(message.contains("Deactivate spare"), "{message}");
    assert_eq!(
        report.drift.unwrap().items[0].held.as_deref(),
        Some("NotKept")
    );
    operator.organization.generation += 1;
    operator.next();
    assert_eq!(operator.next(), ["Deactivate spare"]);
}
