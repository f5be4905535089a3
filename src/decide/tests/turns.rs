//! Claims take turns: a new declaration waits behind none that has much to add.

use crate::decide::fixtures::{World, organization, plan_claim, repository, repository_claim};

fn licensed(names: &[&str]) -> World {
    let empty = organization("acme").with_plan("nightly");
    let names = names.iter();
    names.fold(empty, |world, name| world.with(repository(name).licensed()))
}

#[test]
fn a_new_declaration_waits_behind_no_older_one() {
    let world = licensed(&["r0", "r1", "r2", "r3", "r4"]);
    let mut operator = world.with(repository("new").licensed()).operated([
        plan_claim("nightly").include(&["r*"]),
        repository_claim("new")
            .in_plans(&["nightly"])
            .younger_by(60),
    ]);
    let sent = operator.first();
    assert_eq!(sent.first().map(String::as_str), Some("Attach new nightly"));
    assert_eq!(sent.len(), 6);
}

/// It stands in the turn of the youngest that calls for it.
#[test]
fn what_an_older_one_calls_for_as_well_waits_behind_nothing_of_it() {
    let world = licensed(&["r0", "r1", "r2", "r3", "r4"]);
    let mut operator = world.operated([
        plan_claim("nightly").include(&["**"]),
        repository_claim("r4").in_plans(&["nightly"]).younger_by(60),
    ]);
    let sent = operator.first();
    assert_eq!(sent.first().map(String::as_str), Some("Attach r4 nightly"));
    assert_eq!(sent.len(), 5);
}

/// Of two with much to add none waits for all that the other has.
#[test]
fn what_two_declare_goes_side_by_side() {
    let world = licensed(&["a0", "a1", "a2", "b0", "b1", "b2"]);
    let mut operator = world.operated([
        plan_claim("nightly").include(&["a*"]),
        plan_claim("nightly")
            .named("younger")
            .include(&["b*"])
            .younger_by(60),
    ]);
    let expected = ["b0", "a0", "b1", "a1", "b2", "a2"];
    assert_eq!(
        operator.first(),
        expected.map(|name| format!("Attach {name} nightly"))
    );
}
