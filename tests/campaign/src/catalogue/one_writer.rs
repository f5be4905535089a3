//! Item 9: two replicas, and something befalls the one that leads, or its Lease.

use super::{Item, Listed, crashes};
use crate::{
    gate::Fault,
    journal::Side,
    plan::{Blow, Clock, Plan},
    run::{Reference, clock},
    scenario::Scenario,
};

/// The scenarios: derived removals after additions, and a clean-up with a finalizer.
const PLAYED: [&str; 2] = ["S2", "S4"];

/// What befalls it at writes to Kubernetes. They may take longer than it stands still, unlike those to Xopero ONE: so it goes on with
/// the answer to the count of removals, or to a finalizer, in hand, and the next that it would send is a write to Xopero ONE.
const BETWEEN: [Blow; 2] = [Blow::Stopped(110), Blow::Stopped(200)];

/// What is tried again under wrong clocks: one who comes back in time, and one who does not.
const UNDER_WRONG_CLOCKS: [Blow; 2] = [Blow::Stopped(90), Blow::Stopped(200)];

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
    let clocks = wrong_clocks(&listed.plans);
    if clock::library().is_some() {
        listed.plans.extend(clocks);
    } else {
        listed.unreached.push(format!(
            "{}, {} plans with a clock that is an hour ahead or behind: libfaketime is not installed (Debian's package `faketime`)",
            scenario.name,
            clocks.len()
        ));
    }
    listed
}

/// The same with a wrong clock, at writes to Xopero ONE: who goes by the times in the Lease takes it from one who still leads, or
/// never takes it at all.
fn wrong_clocks(plans: &[Plan]) -> Vec<Plan> {
    let is_meant = |plan: &&Plan| {
        let is_outside = plan.traps.iter().all(|trap| trap.side == Side::Xopero);
        is_outside
            && plan
                .blow
                .is_some_and(|blow| UNDER_WRONG_CLOCKS.contains(&blow))
    };
    let meant = plans.iter().filter(is_meant);
    let both = meant.flat_map(|plan| {
        Clock::ALL.map(|clock| Plan {
            clock: Some(clock),
            ..plan.clone()
        })
    });
    both.collect()
}
