//! What the organization says: its own drift, and `InSync` over all its claims.

use rstest::rstest;

use super::coverage::mixed;
use crate::{
    api::{
        Reason, Unclaimed,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{
        Action, Selector, Visibility, Writes,
        fixtures::{Operator, in_sync, organization, plan_claim, progress, repository},
    },
    inventory::trust::Doubt,
};

fn statements(operator: &Operator) -> Vec<Statement> {
    operator.decide().organization.statements
}

#[test]
fn an_organization_whose_claims_are_in_force_is_in_sync() {
    let mut operator = mixed();
    operator
        .claims
        .push(plan_claim("nightly").include(&["protected"]));
    assert_eq!(
        in_sync(&statements(&operator)),
        (Truth::True, Reason::AsDeclared)
    );
    assert_eq!(
        progress(&statements(&operator)),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn a_claim_that_differs_is_named() {
    let mut operator = mixed();
    operator
        .claims
        .push(plan_claim("nightly").include(&["bare"]));
    let said = statements(&operator);
    assert_eq!(in_sync(&said), (Truth::False, Reason::Drift));
    assert!(said[0].message.contains("XoperoBackupPlan backup/nightly"));
    operator.claims[0].paused = true;
    assert_eq!(
        in_sync(&statements(&operator)),
        (Truth::False, Reason::Held)
    );
}

#[test]
fn a_doubt_makes_unknown_only_what_it_concerns() {
    let mut operator = mixed();
    operator
        .claims
        .push(plan_claim("nightly").include(&["protected"]));
    operator.doubt = Some(Doubt::Synchronizing);
    assert_eq!(
        in_sync(&statements(&operator)).0,
        Truth::True,
        "no removal is due"
    );
    operator.organization.unclaimed = Unclaimed::Deactivate;
    assert_eq!(
        in_sync(&statements(&operator)),
        (Truth::Unknown, Reason::InventoryUntrusted)
    );
    operator.doubt = None;
    operator.visibility = Visibility::Partial {
        message: "Not all is listed.".to_owned(),
    };
    assert_eq!(
        in_sync(&statements(&operator)),
        (Truth::Unknown, Reason::ClaimsNotVisible)
    );
}

#[rstest]
#[case::a_listing_that_is_not_believed(
    |operator: &mut Operator| operator.doubt = Some(Doubt::Shrunk),
    Reason::InventoryUntrusted
)]
#[case::a_kind_that_is_not_listed(
    |operator: &mut Operator| {
        operator.visibility = Visibility::Partial { message: "Not all is listed.".to_owned() };
    },
    Reason::ClaimsNotVisible
)]
fn what_a_claim_cannot_tell_its_organization_cannot_either(
    #[case] stop: fn(&mut Operator),
    #[case] reason: Reason,
) {
    let mut operator = mixed();
    let plan = plan_claim("nightly").include(&["protected"]);
    operator.claims.push(plan.exclusive());
    stop(&mut operator);
    assert_eq!(in_sync(&statements(&operator)), (Truth::Unknown, reason));
}

#[test]
fn a_claim_that_cannot_be_compared_is_named() {
    let mut operator = mixed();
    operator.claims.push(plan_claim("missing").include(&["**"]));
    let said = statements(&operator);
    assert_eq!(in_sync(&said), (Truth::Unknown, Reason::NotObserved));
    assert!(said[0].message.contains("XoperoBackupPlan backup/missing"));
}

#[test]
fn unclaimed_licences_are_its_own_drift() {
    let mut operator = organization("acme")
        .with(repository("spare").licensed())
        .operated([])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    let _noted = operator.look();
    let report = operator.decide().organization;
    assert_eq!(report.drift.unwrap().items[0].action, "Deactivate");
    assert_eq!(
        progress(&report.statements),
        (ConditionType::Reconciling, Reason::Pending)
    );
    assert_eq!(operator.next(), ["Deactivate spare"]);
    assert_eq!(
        progress(&statements(&operator)),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn what_of_its_own_is_refused_is_said() {
    let mut operator = organization("acme")
        .with(repository("spare").licensed())
        .refusing(|action| matches!(action, Action::Deactivate(_)))
        .operated([])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    operator.first();
    operator.next();
    assert_eq!(
        progress(&statements(&operator)),
        (ConditionType::Stalled, Reason::Refused)
    );
}

#[test]
fn its_own_surplus_waits_for_a_person_with_a_token() {
    let mut world = organization("acme");
    for number in 0..11 {
        world = world.with(repository(&format!("spare-{number:02}")).licensed());
    }
    let mut operator = world
        .operated([])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    operator.next();
    assert!(operator.next().is_empty());
    let report = operator.decide().organization;
    assert_eq!(
        progress(&report.statements),
        (ConditionType::Stalled, Reason::RemovalHeld)
    );
    let message = &report.statements.last().unwrap().message;
    assert!(message.contains(&report.held[0].token), "{message}");
    operator.organization.approvals = vec![report.held[0].token.clone()];
    assert_eq!(operator.first().len(), 11);
}

#[test]
fn no_message_is_cut_before_it_says_the_way_out() {
    let mut world = organization("acme").with(repository("api").licensed().in_plan("nightly"));
    for number in 0..30 {
        let long = format!("{}-{number:02}", "x".repeat(250));
        world = world.with(repository(&long).licensed().in_plan("nightly"));
    }
    let mut operator = world.operated([plan_claim("nightly").include(&["api"]).exclusive()]);
    operator.next();
    operator.next();
    let message = operator.message("nightly");
    assert!(message.len() <= 1_024, "{}", message.len());
    assert!(message.contains("approve-removals") && message.contains("and others"));
}

#[test]
fn exceptions_that_cannot_be_used_are_said_and_hold_nothing_up() {
    let world = organization("acme")
        .with_plan("nightly")
        .with(repository("api"));
    let broken = Selector::globs(&["x".repeat(3_000_000)]);
    let mut operator = world
        .operated([plan_claim("nightly").include(&["api"])])
        .managing(|own| own.except = Err(broken.unwrap_err()));
    assert_eq!(operator.first(), ["Activate api", "Attach api nightly"]);
    for writes in [Writes::All, Writes::Observe] {
        operator = operator.managing(|own| own.writes = writes);
        let report = operator.decide().organization;
        assert_eq!(
            progress(&report.statements),
            (ConditionType::Stalled, Reason::InvalidSpec)
        );
        let message = &report.statements.last().unwrap().message;
        assert!(message.contains("except"), "{message}");
    }
}

/// However much it would remove, nothing of it waits for anybody.
#[test]
fn in_observe_mode_it_is_said_that_nothing_is_written() {
    let mut operator = mixed().managing(|own| own.writes = Writes::Observe);
    operator
        .claims
        .push(plan_claim("nightly").include(&["protected"]));
    let said = statements(&operator);
    assert_eq!(progress(&said), (ConditionType::Ready, Reason::Observed));
    let message = &said.last().unwrap().message;
    assert!(message.contains("Nothing is written"), "{message}");
}
