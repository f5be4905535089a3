//! What a person is told of a token that approves nothing.

use super::approvals::held;
use crate::decide::fixtures::{Operator, organization, plan_claim, repository};

#[test]
fn a_token_that_fits_nothing_is_named_and_one_that_was_used_is_not() {
    let in_vain = |operator: &Operator| {
        let message = operator.message("nightly");
        let (before, _) = message.split_once("12 removals are due").unwrap();
        before.to_owned()
    };
    let mut operator = held();
    assert_eq!(in_vain(&operator), "");
    operator.organization.approvals = vec!["37-3f9a1c".to_owned()];
    assert_eq!(
        in_vain(&operator),
        "\"37-3f9a1c\" in xopero.dev/approve-removals approves nothing that waits. "
    );
    operator.ledger.use_token("37-3f9a1c");
    assert_eq!(in_vain(&operator), "");
}

/// Of two sets that wait one is approved, and its removals are about to be made.
#[test]
fn a_token_that_fits_the_set_of_another_resource_is_not_said_to_fit_nothing() {
    let mut world = organization("acme");
    for number in 0..24 {
        let plan = if number % 2 == 0 { "nightly" } else { "weekly" };
        let old = repository(&format!("old-{number:02}"));
        world = world.with(old.licensed().in_plan(plan));
    }
    let selecting = |plan: &str| plan_claim(plan).include(&["new"]).exclusive();
    let world = world.with(
        repository("new")
            .licensed()
            .in_plan("nightly")
            .in_plan("weekly"),
    );
    let mut operator = world.operated([selecting("nightly"), selecting("weekly")]);
    operator.first();
    operator.list();
    let _noted = operator.look();
    let [first, second] = operator.decide().held.try_into().unwrap();
    operator.organization.approvals = vec![first.token.clone()];
    assert_eq!(operator.decide().held.len(), 1);
    let waits = if operator.claim("nightly").uid == second.uid {
        "nightly"
    } else {
        "weekly"
    };
    let message = operator.message(waits);
    assert!(!message.contains("approves nothing"), "{message}");
    assert!(message.contains("12 removals are due"), "{message}");
}
