//! Item 1: the operator is killed at every write of every scenario.

use xopero_simulator::Endpoint;

use super::{Item, Listed};
use crate::{
    gate::{Fault, Position, Trap, When},
    journal::{Side, xopero},
    plan::Plan,
    run::{Reference, Write},
    scenario::Scenario,
};

/// Three plans for each write of the reference, and a fourth for each that takes something away.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    listed
        .unreached
        .extend(reference.unsteady.iter().map(|write| {
            let Write { key, nth, .. } = write;
            format!(
                "{}, {key}, time {nth}: only some runs write it",
                scenario.name
            )
        }));
    for write in &reference.writes {
        if !is_in_every_run(write) {
            listed.unreached.push(not_in_every_run(scenario, write));
            continue;
        }
        let at = |position, again| Plan {
            item: Item::Crashes.number(),
            traps: vec![trap(write, Fault::Crash(position))],
            again,
            ..Plan::reference(scenario.name)
        };
        listed
            .plans
            .extend(Position::ALL.map(|position| at(position, None)));
        if is_destructive(write) {
            listed
                .plans
                .push(at(Position::Before, Some(Position::Before)));
        }
    }
    listed
}

/// Whether every run makes the write. Of calls of `activate` the first is always there; how many follow depends on which claims are
/// seen together.
pub(super) fn is_in_every_run(write: &Write) -> bool {
    endpoint(write) != Some(Endpoint::Activate) || write.nth == 1
}

/// That a write is not in every run, in words.
pub(super) fn not_in_every_run(scenario: &Scenario, write: &Write) -> String {
    let (name, nth) = (scenario.name, write.nth);
    format!(
        "{name}, call {nth} of activate: whether licences are given in one call or in several depends on which claims are seen together"
    )
}

/// A fault at the write.
pub(super) fn trap(write: &Write, fault: Fault) -> Trap {
    Trap {
        side: write.side,
        when: if write.key.contains(' ') {
            When::Key(write.key.clone())
        } else {
            When::VerbAndResource(write.key.clone())
        },
        nth: write.nth,
        times: Some(1),
        fault,
    }
}

/// Whether a write takes something away.
pub(super) fn is_destructive(write: &Write) -> bool {
    write.side == Side::Xopero && endpoint(write).is_some_and(xopero::is_destructive)
}

/// The endpoint of a write to Xopero ONE.
pub(super) fn endpoint(write: &Write) -> Option<Endpoint> {
    let word = write.key.split(' ').next().unwrap_or_default();
    let mut all = Endpoint::ALL.into_iter();
    all.find(|endpoint| endpoint.name() == word)
}
