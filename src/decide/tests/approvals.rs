//! Approvals: a token lets one exact set through, once, whatever is interrupted.

use rstest::rstest;

use crate::{
    api::{DeletionPolicy, Reason, conditions::ConditionType},
    decide::{
        By, Change, Sent,
        fixtures::{
            Answer, Operator, organization, plan_claim, repository, repository_claim, repository_id,
        },
    },
    inventory::{Digest, Names},
};

/// An Exclusive plan with twelve members that nobody names: two more than the limit.
pub(super) fn held() -> Operator {
    let mut world = organization("acme").with(repository("api").licensed().in_plan("nightly"));
    for number in 0..12 {
        let name = format!("old-{number:02}");
        world = world.with(repository(&name).licensed().in_plan("nightly"));
    }
    let mut operator = world.operated([plan_claim("nightly").include(&["api"]).exclusive()]);
    operator.next();
    operator.next();
    operator
}

fn approve(operator: &mut Operator) -> String {
    let token = operator.decide().held[0].token.clone();
    operator.organization.approvals = vec![token.clone()];
    token
}

#[test]
fn an_approved_set_goes_through_beyond_the_limit_and_does_not_count() {
    let mut operator = held();
    approve(&mut operator);
    assert_eq!(operator.first().len(), 12);
    assert_eq!(operator.ledger.used(operator.now), 0);
    assert_eq!(operator.ledger.approvals_used(), 1);
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
    assert!(
        operator.ledger.approvals().is_empty(),
        "nothing is left of it"
    );
}

#[test]
fn a_used_token_approves_nothing_again() {
    let mut operator = held();
    let token = approve(&mut operator);
    operator.first();
    for number in 0..12 {
        operator
            .world
            .attach_by_hand(&format!("old-{number:02}"), "nightly");
    }
    // Long past, so that the same set is due again and no repeat.
    operator.wait(std::time::Duration::from_hours(30));
    for _ in 0..5 {
        assert!(operator.next().is_empty());
    }
    let held = operator.decide().held;
    assert_ne!(held[0].token, token, "the same set has another token now");
    operator.organization.approvals.push(held[0].token.clone());
    assert_eq!(operator.first().len(), 12);
}

#[test]
fn another_set_is_not_approved() {
    let mut operator = held();
    approve(&mut operator);
    operator
        .claims
        .push(repository_claim("old-00").in_plans(&["nightly"]));
    assert!(operator.first().is_empty());
    assert_eq!(operator.progress("nightly").1, Reason::RemovalHeld);
}

/// Somebody else does a part of it meanwhile: what is left was approved all the same, and is more than the limit.
#[test]
fn what_others_did_of_an_approved_set_does_not_end_its_approval() {
    let mut world = organization("acme").with(repository("api").licensed().in_plan("nightly"));
    for number in 0..20 {
        let name = format!("old-{number:02}");
        world = world.with(repository(&name).licensed().in_plan("nightly"));
    }
    let mut operator = world.operated([plan_claim("nightly").include(&["api"]).exclusive()]);
    operator.next();
    operator.next();
    approve(&mut operator);
    assert!(operator.slice());
    let done = operator.sent().len();
    operator.world.detach_by_hand("old-19", "nightly");
    assert_eq!(operator.next().len(), 19 - done);
}

#[test]
fn two_tokens_in_one_annotation_let_two_sets_through() {
    let mut world = organization("acme");
    for plan in ["nightly", "weekly"] {
        world = world.with(repository(&format!("{plan}-api")).licensed().in_plan(plan));
        for number in 0..11 {
            world = world.with(
                repository(&format!("{plan}-{number:02}"))
                    .licensed()
                    .in_plan(plan),
            );
        }
    }
    let mut operator = world.operated([
        plan_claim("nightly").include(&["nightly-api"]).exclusive(),
        plan_claim("weekly").include(&["weekly-api"]).exclusive(),
    ]);
    operator.next();
    operator.next();
    let tokens = operator.decide().held.into_iter().map(|held| held.token);
    operator.organization.approvals = tokens.collect();
    assert_eq!(operator.organization.approvals.len(), 2);
    assert_eq!(operator.first().len(), 22);
}

#[test]
fn after_a_crash_in_mid_set_the_rest_goes_on() {
    let mut operator = held();
    approve(&mut operator);
    let decision = operator.look();
    let step = operator.begin_step(&decision).unwrap();
    // Of the four that were about to be sent two were: then the process ends.
    for change in step.iter().take(2) {
        let Change::Detach(plan, id) = change else {
            panic!("{change:?}")
        };
        operator
            .world
            .receive(&crate::decide::Action::Detach(*plan, *id));
    }
    operator.sent();
    operator.restart();
    operator.pass();
    let sent = operator.next();
    assert_eq!(sent.len(), 10, "{sent:?}");
    assert_eq!(operator.ledger.approvals_used(), 1);
}

/// It was looked at once more when it had its turn, and the approval was gone.
#[test]
fn an_approval_that_is_withdrawn_before_anything_is_sent_approves_nothing() {
    let mut operator = held();
    let token = approve(&mut operator);
    let decision = operator.look();
    let step = operator.begin_step(&decision).unwrap();
    let (admitted, _) = decision.step(step.len()).unwrap();
    operator.ledger.withheld(admitted);
    operator.memory.withheld(admitted);
    operator.organization.approvals.clear();
    assert!(operator.next().is_empty());
    assert_eq!(operator.decide().held[0].token, token);
    operator.restart();
    operator.next();
    assert!(operator.next().is_empty());
    operator.organization.approvals = vec![token];
    assert_eq!(operator.next().len(), 12);
}

#[test]
fn a_crash_before_anything_was_sent_costs_nothing() {
    let mut operator = held();
    approve(&mut operator);
    let decision = operator.look();
    operator.begin_step(&decision).unwrap();
    operator.restart();
    operator.pass();
    assert_eq!(operator.next().len(), 12);
}

#[test]
fn what_was_refused_of_an_approved_set_is_tried_again_without_asking() {
    let mut operator = held();
    approve(&mut operator);
    operator.world.answers.push_back(Answer::Refused(409));
    operator.world.answers.push_back(Answer::LostBefore);
    assert_eq!(operator.first().len(), 12);
    let mut sent = operator.next();
    sent.extend(operator.next());
    sent.extend(operator.next());
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(operator.decide().held.is_empty());
    assert_eq!(operator.ledger.approvals_used(), 1);
}

#[test]
fn what_was_approved_and_made_needs_approval_when_it_is_due_again() {
    let mut operator = held();
    approve(&mut operator);
    operator.world.answers.push_back(Answer::Refused(409));
    operator.first();
    // While one of the set is still due, two that were made are undone.
    operator.world.attach_by_hand("old-03", "nightly");
    operator.world.attach_by_hand("old-04", "nightly");
    operator.list();
    operator.organization.removal_limit = 0;
    for _ in 0..4 {
        operator.pass();
        operator.list();
    }
    assert!(operator.world.is_in_plan("old-03", "nightly"));
}

/// The claim has another removal that waits, so that its approval is remembered.
#[rstest]
#[case::in_one_process(false)]
#[case::after_a_restart(true)]
fn the_last_step_of_an_approved_set_is_approved_no_longer_once_it_was_made(#[case] restarts: bool) {
    let mut operator = held();
    operator.world = operator
        .world
        .with(repository("moving").licensed().in_plan("nightly"))
        .with_plan("weekly");
    let elsewhere = repository_claim("moving").in_plans(&["weekly"]).exclusive();
    operator.claims.push(elsewhere.paused());
    operator.next();
    approve(&mut operator);
    let sent = operator.first();
    assert_eq!(sent.len(), 12);
    if restarts {
        operator.restart();
    }
    let last = sent.last().and_then(|word| word.split(' ').nth(1)).unwrap();
    operator.world.attach_by_hand(last, "nightly");
    operator.organization.removal_limit = 0;
    for _ in 0..4 {
        operator.list();
        operator.pass();
    }
    assert!(operator.world.is_in_plan(last, "nightly"));
    assert_eq!(operator.progress("nightly").1, Reason::RemovalHeld);
}

#[test]
fn an_edited_declaration_is_not_covered_by_the_approval_of_the_former_one() {
    let mut operator = held();
    approve(&mut operator);
    operator.slice();
    let edited = operator.claims.remove(0).edited();
    operator.claims.push(edited);
    // The rest of the approved set is known by its digest all the same: it is exactly what was approved.
    let decision = operator.look();
    assert_eq!(decision.removals[0].by, By::EarlierApproval);
    let mut names = (0..12).map(|number| format!("old-{number:02}"));
    let left = names
        .find(|name| operator.world.is_in_plan(name, "nightly"))
        .unwrap();
    let claimed = repository_claim(&left).in_plans(&["nightly"]);
    operator.claims.push(claimed);
    operator.sent();
    operator.pass();
    assert_eq!(operator.sent().len(), 7, "what is left fits the limit");
    assert_eq!(operator.ledger.used(operator.now), 7);
}

/// The clean-up of a repository that is to be removed from Xopero ONE.
fn removing() -> Operator {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(DeletionPolicy::Remove)
            .leaving()]);
    let _noted = operator.look();
    operator
}

#[test]
fn a_removal_from_xopero_one_always_needs_approval() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(DeletionPolicy::Remove)])
        .managing(|own| own.removal_limit = 1_000);
    operator.first();
    operator.delete("api");
    assert!(operator.next().is_empty());
    let held = operator.decide().held[0].clone();
    assert_eq!(
        held.changes.len(),
        3,
        "detach, deactivate and remove are one set"
    );
    approve(&mut operator);
    assert_eq!(
        operator.first(),
        ["Detach api nightly", "Deactivate api", "Remove api"]
    );
    operator.report();
    assert!(operator.claims.is_empty(), "it is released");
}

/// One of whose steps the account may not make.
fn removing_without_permission() -> Operator {
    let mut operator = removing();
    let listing = operator.world.listing;
    let change = Change::Deactivate(repository_id("api"));
    let denied = Sent::NotPermitted("DevOps management is missing".to_owned());
    operator
        .memory
        .note_sent(change, &denied, operator.now, listing);
    operator
}

#[test]
fn what_leads_to_a_removal_waits_for_its_approval_also_while_a_later_step_is_not_permitted() {
    let mut operator = removing_without_permission();
    operator.pass();
    let sent = operator.sent();
    assert!(sent.is_empty(), "{sent:?}");
}

#[rstest]
#[case::in_one_process(false)]
#[case::after_a_restart(true)]
fn what_leads_to_a_removal_is_approved_once_also_while_a_later_step_is_not_permitted(
    #[case] restarts: bool,
) {
    let mut operator = removing_without_permission();
    approve(&mut operator);
    assert_eq!(operator.first(), ["Detach api nightly"]);
    if restarts {
        operator.restart();
    }
    assert_eq!(operator.next(), ["Deactivate api", "Remove api"]);
    assert_eq!(operator.ledger.approvals_used(), 1);
}

#[test]
fn after_a_removal_from_xopero_one_a_restart_doubts_no_other_name() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with(repository("web"))
        .operated([repository_claim("api")
            .deleting_with(DeletionPolicy::Remove)
            .leaving()]);
    let _noted = operator.look();
    approve(&mut operator);
    assert_eq!(operator.first(), ["Remove api"]);
    let inventory = operator.world.inventory();
    let mut repositories = Digest::sized(1);
    for row in inventory.repositories() {
        repositories.turn(row.id, &row.name);
    }
    let plans = Digest::sized(0);
    let listed = Names {
        repositories,
        plans,
    };
    assert_eq!(operator.memory.names(), Some(listed));
}

#[test]
fn a_crash_between_the_steps_of_one_clean_up_goes_on_with_the_next() {
    let mut operator = removing();
    approve(&mut operator);
    assert!(operator.slice());
    operator.restart();
    operator.pass();
    assert_eq!(
        operator.sent(),
        ["Detach api nightly", "Deactivate api", "Remove api"]
    );
}

/// It is counted with the other, and nobody is asked for it twice.
#[test]
fn what_goes_for_an_older_resource_is_no_part_of_what_is_approved() {
    let leaving = |policy| {
        repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(policy)
            .leaving()
    };
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([
            leaving(DeletionPolicy::Deactivate),
            leaving(DeletionPolicy::Remove)
                .named("second")
                .younger_by(5),
        ]);
    let decision = operator.look();
    assert_eq!(decision.removals.len(), 1);
    let removed = [Change::Remove(repository_id("api"))].into();
    assert_eq!(decision.held[0].changes, removed);
}
