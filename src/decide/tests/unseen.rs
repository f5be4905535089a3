//! Rule 9: what Xopero ONE does not show is sent once for a declaration, across restarts.

use crate::{
    api::{
        DeletionPolicy, Reason, RepositoryLicense,
        conditions::{ConditionType, Truth},
    },
    decide::fixtures::{Answer, Operator, organization, plan_claim, repository, repository_claim},
};

/// An instance that shows neither licences nor plans.
fn blind() -> Operator {
    organization("acme")
        .with(repository("api"))
        .with(repository("web"))
        .with_plan("nightly")
        .hiding_licences()
        .hiding_plans()
        .operated([plan_claim("nightly").include(&["**"])])
}

#[test]
fn what_is_not_shown_is_sent_once() {
    let mut operator = blind();
    assert_eq!(
        operator.first(),
        [
            "Activate api web",
            "Attach api nightly",
            "Attach web nightly"
        ]
    );
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::NotVisible)
    );
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn a_restart_sends_nothing_when_status_knows_the_same_set() {
    let mut operator = blind();
    operator.first();
    operator.restart();
    assert!(operator.first().is_empty());
    assert!(operator.next().is_empty());
}

/// Once it is shown, nothing of it is to be remembered.
#[test]
fn what_is_shown_again_is_remembered_no_longer() {
    let mut operator = blind();
    operator.first();
    assert!(operator.verdict("nightly").attached_once.is_some());
    let in_it = |name: &str| repository(name).licensed().in_plan("nightly");
    operator.world = organization("acme").with(in_it("api")).with(in_it("web"));
    operator.world.listing = operator.inventory.listing();
    assert!(operator.next().is_empty());
    assert_eq!(operator.verdict("nightly").attached_once, None);
}

#[test]
fn a_new_repository_is_the_only_one_that_is_sent() {
    let mut operator = blind();
    operator.first();
    operator.restart();
    operator.first();
    operator.world = operator.world.clone().with(repository("new"));
    assert_eq!(operator.next(), ["Activate new", "Attach new nightly"]);
    assert!(operator.next().is_empty());
}

#[test]
fn a_restart_with_another_set_sends_the_set_once_more() {
    let mut operator = blind();
    operator.first();
    operator.world = operator.world.clone().with(repository("new"));
    operator.restart();
    assert_eq!(operator.first().len(), 4);
    assert!(operator.next().is_empty());
}

#[test]
fn a_new_declaration_is_sent_once_more() {
    let mut operator = blind();
    operator.first();
    let edited = operator.claims.remove(0).edited();
    operator.claims.push(edited);
    assert_eq!(operator.first().len(), 3);
    assert!(operator.next().is_empty());
}

#[test]
fn a_lost_answer_is_repeated_once_after_a_listing() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .hiding_plans()
        .operated([repository_claim("api").in_plans(&["nightly"])]);
    operator
        .world
        .answers
        .extend([Answer::LostBefore, Answer::LostBefore]);
    assert_eq!(operator.first(), ["Attach api nightly"]);
    assert_eq!(operator.next(), ["Attach api nightly"]);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.world.answers.extend([Answer::LostBefore]);
    let edited = operator.claims.remove(0).edited();
    operator.claims.push(edited);
    operator.wait(std::time::Duration::from_secs(1));
    assert_eq!(
        operator.next(),
        ["Attach api nightly"],
        "another declaration begins anew"
    );
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.wait(std::time::Duration::from_secs(1));
    let uid = std::sync::Arc::clone(&operator.claims[0].uid);
    operator.memory.end_waits(&uid, operator.now);
    assert_eq!(
        operator.next(),
        ["Attach api nightly"],
        "a person asks for it"
    );
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn nothing_is_derived_from_what_is_not_shown() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("old").licensed().in_plan("nightly"))
        .hiding_plans()
        .operated([plan_claim("nightly").include(&["api"]).exclusive()])
        .managing(|own| own.unclaimed = crate::api::Unclaimed::Deactivate);
    assert_eq!(operator.first(), ["Attach api nightly"]);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::NotVisible)
    );
}

#[test]
fn a_named_removal_that_is_not_shown_is_sent_once_and_ends() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .hiding_licences()
        .hiding_plans()
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(DeletionPolicy::Deactivate)]);
    operator.first();
    operator.delete("api");
    assert_eq!(operator.next(), ["Detach api nightly", "Deactivate api"]);
    assert!(operator.claims.is_empty(), "it is released");
}

#[test]
fn an_inactive_licence_that_is_not_shown_is_taken_once() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .hiding_licences()
        .operated([repository_claim("api").license(RepositoryLicense::Inactive)]);
    assert_eq!(operator.first(), ["Deactivate api"]);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    operator.restart();
    assert!(operator.first().is_empty());
}

#[test]
fn protection_is_unknown_where_facts_are() {
    let operator = blind();
    let report = operator.decide().organization;
    assert_eq!(report.coverage.protected.truth, Truth::Unknown);
    assert_eq!(report.coverage.counts.unprotected, 0);
    assert_eq!(report.coverage.counts.protected, 0);
    assert!(report.coverage.unprotected.is_none());
}

#[test]
fn a_plan_that_is_missing_for_a_while_is_not_sent_everything_again() {
    let mut operator = blind();
    operator.first();
    let plans = std::mem::take(&mut operator.world.plans);
    assert!(operator.next().is_empty());
    operator.world.plans = plans;
    operator.restart();
    assert!(operator.first().is_empty());
}

/// Ten thousand of them would be copied with every decision.
#[test]
fn what_status_says_was_sent_is_taken_in_once() {
    let mut operator = blind();
    operator.first();
    operator.restart();
    assert_eq!(operator.look().recalled.len(), 1);
    assert!(operator.look().recalled.is_empty());
}

#[test]
fn what_is_shown_is_not_remembered_as_sent() {
    let operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["*"])]);
    let decision = operator.decide();
    assert_eq!(decision.additions.len(), 1);
    assert!(decision.unseen.is_empty());
}

/// 409 says that it is so already, or that something is in the way; where no listing tells, it was asked for once.
#[test]
fn an_attachment_that_is_not_shown_and_conflicts_is_there_as_far_as_is_known() {
    let mut operator = blind();
    for _ in 0..3 {
        operator
            .world
            .answers
            .push_back(match operator.world.answers.len() {
                0 => Answer::Confirmed,
                _ => Answer::Refused(409),
            });
    }
    assert_eq!(operator.first().len(), 3);
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
    operator.restart();
    assert!(operator.first().is_empty());
}

#[test]
fn an_attachment_that_is_shown_not_to_be_there_and_conflicts_is_refused() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["**"])]);
    operator.world.answers.push_back(Answer::Refused(409));
    operator.first();
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::Refused)
    );
}
