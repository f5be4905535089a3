//! What goes into a plan whose settings are to be sent.

use std::collections::BTreeSet;

use crate::{
    api::Reason,
    decide::{
        Trouble,
        fixtures::{organization, plan_claim, repository, settings},
    },
};

/// Nobody knows whether settings keep what is in the plan, and what is sent side by side comes in any order.
#[test]
fn what_goes_into_a_plan_goes_after_its_settings() {
    let declared = settings(Some(true), &[]);
    let elsewhere = plan_claim("weekly").include(&["api"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .with_plan("weekly")
        .operated([
            plan_claim("nightly").include(&["api"]).setting(declared),
            elsewhere,
        ]);
    assert!(operator.slice());
    let sent: BTreeSet<String> = operator.sent().into_iter().collect();
    let together = ["Attach api weekly", "ModifyPlan nightly"];
    assert_eq!(sent, together.map(str::to_owned).into());
    assert_eq!(operator.next(), ["Attach api nightly"]);
}

/// Else a server that answers nothing to settings would keep everything out.
#[test]
fn settings_that_do_not_come_through_keep_nothing_out_of_the_plan() {
    let declared = settings(Some(true), &[]);
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["api"]).setting(declared)]);
    operator.trouble = Some(Trouble {
        reason: Reason::ApiUnavailable,
        message: "No answer.".to_owned(),
    });
    let additions = operator.decide().additions;
    assert_eq!(additions.len(), 2, "{additions:?}");
}
