//! Item 2: what became of a write to Xopero ONE is not known.

use xopero_simulator::{Effect, Endpoint, Fault, faults::Late};

use super::{
    Item, Listed,
    crashes::{self, endpoint},
};
use crate::{
    gate::{self, Position},
    journal::Side,
    plan::Plan,
    run::{Reference, Write},
    scenario::Scenario,
};

/// Five plans for each write to Xopero ONE: lost, late by one call, late until the next listing, late until the next process has
/// listed, twice.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    let writes = reference
        .writes
        .iter()
        .filter(|write| write.side == Side::Xopero);
    for write in writes {
        let Some(endpoint) = endpoint(write) else {
            listed.unreached.push(format!(
                "{} {}: it is no endpoint's",
                scenario.name, write.key
            ));
            continue;
        };
        if !crashes::is_in_every_run(write) {
            let why = crashes::not_in_every_run(scenario, write);
            listed.unreached.push(why);
            continue;
        }
        let late = |calls, of| {
            Effect::Late(Late {
                calls,
                of,
                reply: xopero_simulator::faults::LateReply::None,
            })
        };
        let listed_late = || late(1, Some(Endpoint::ListRepositories));
        let effects = [Effect::Lost, late(1, None), listed_late(), Effect::Twice];
        listed.plans.extend(effects.map(|effect| Plan {
            item: Item::UnknownOutcomes.number(),
            xopero: vec![fault(endpoint, write, effect)],
            ..Plan::reference(scenario.name)
        }));
        // Accepted, and not carried out when the operator dies: it is once the next process has listed what is there.
        let crash = gate::Fault::Crash(Position::Lost);
        listed.plans.push(Plan {
            item: Item::UnknownOutcomes.number(),
            traps: vec![crashes::trap(write, crash)],
            xopero: vec![fault(endpoint, write, listed_late())],
            ..Plan::reference(scenario.name)
        });
    }
    listed
}

/// At the very call: of its endpoint, and of the last thing that it names.
fn fault(endpoint: Endpoint, write: &Write, effect: Effect) -> Fault {
    let named = write.key.split_once(' ').map(|(_, names)| names);
    // Names stand sorted, plans before repositories where they begin with a capital letter; either tells the call apart.
    let target = named.and_then(|names| names.rsplit(", ").next());
    let fault = Fault::on(endpoint, effect).nth(write.nth);
    match target {
        Some(target) => fault.target(target),
        None => fault,
    }
}
