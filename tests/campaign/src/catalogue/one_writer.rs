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

/// What befalls it at writes to Kubernetes. They may take longer than it stands still, unlike those to Xopero ONE: so it goes on with
/// the answer to the count of removals, or to a finalizer, in hand, and the next that it would send is a write to Xopero ONE.
const BETWEEN: [Blow; 2] = [Blow::Stopped(110), Blow::Stopped(200)];

/// All that may befall the leader, at every write to Xopero ONE; and that it stands still at every write to Kubernetes.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    if !PLAYED.contains(&scenario.name) {
        return listed;
    }
    let mut writes = reference.writes.iter().collect::<Vec<_>>();
    writes.retain(|write| crashes::is_in_every_run(write));
    for write in writes {
        let blows = match write.side {
            Side::Xopero => Blow::ALL.as_slice(),
            Side::Kubernetes => BETWEEN.as_slice(),
        };
        listed.plans.extend(blows.iter().map(|blow| Plan {
            item: Item::OneWriter.number(),
            traps: vec![crashes::trap(write, Fault::Blow)],
            blow: Some(*blow),
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
