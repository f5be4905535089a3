//! Rule 15 across restarts: a derived removal that was not kept stays undone until the declaration changes, or a person asks.

use std::sync::Arc;

use crate::{
    api::{Reason, conditions::ConditionType},
    decide::{
        Claim,
        fixtures::{organization, plan_claim, repository},
    },
};

/// A restart changes no declaration: what status says of it counts.
#[test]
fn a_derived_removal_that_was_given_up_stays_so_in_the_next_process() {
    let given_up = |mut claim: Claim| {
        claim.remembered.given_up = true;
        claim
    };
    let plan = plan_claim("nightly").include(&["api"]).exclusive();
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with(repository("old").licensed().in_plan("nightly"))
        .operated([given_up(plan)]);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Attach api nightly"]);
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::NotKept)
    );
    assert_eq!(operator.drift("nightly"), ["Detach old nightly (NotKept)"]);
    let edited = operator.claims.remove(0).edited();
    operator.claims.push(edited);
    operator.next();
    assert_eq!(operator.next(), ["Detach old nightly"]);
}

#[test]
fn what_was_given_up_is_tried_again_where_a_person_asks_for_it() {
    let mut plan = plan_claim("nightly").include(&["api"]).exclusive();
    plan.remembered.given_up = true;
    let uid = Arc::clone(&plan.uid);
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("old").licensed().in_plan("nightly"))
        .operated([plan]);
    assert!((0..3).all(|_| operator.next().is_empty()));
    operator.memory.end_waits(&uid, operator.now);
    let sent: Vec<String> = (0..2).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Detach old nightly"]);
}
