//! Item 9: two replicas, and something befalls the one that leads, or its Lease.

use super::{Item, Listed, crashes};
use crate::{
    gate::Fault,
    journal::Side,
    plan::{Blow, Plan},
    run::Reference,
    scenario::Scenario,
};

/// The scenarios: derived removals after additions, and a clean-up with a finalizer.
const PLAYED: [&str; 2] = ["S2", "S4"];

/// All that may befall the leader, at every write to Xopero ONE.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    if !PLAYED.contains(&scenario.name) {
        return listed;
    }
    let writes = reference
        .writes
        .iter()
        .filter(|write| write.side == Side::Xopero && crashes::is_in_every_run(write));
    for write in writes {
        listed.plans.extend(Blow::ALL.map(|blow| Plan {
            item: Item::OneWriter.number(),
            traps: vec![crashes::trap(write, Fault::Blow)],
            blow: Some(blow),
            ..Plan::reference(scenario.name)
        }));
    }
    for clock in ["ahead", "behind"] {
        listed.unreached.push(format!(
            "{}, the clock of one replica an hour {clock}: it takes libfaketime, which neither Rust nor a fresh machine brings along",
            scenario.name
        ));
    }
    listed
}
