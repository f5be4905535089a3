//! Item 11: the API server refuses, fails, loses answers and dies with its etcd, its watches break, and what it has to tell comes late.

use super::{Item, Listed, crashes};
use crate::{
    gate::{Fault, Trap, When},
    journal::{Side, kubernetes::Verb},
    plan::{Deleted, Plan},
    run::Reference,
    scenario::Scenario,
};

/// The scenarios with bad answers: a derived removal, and clean-ups with finalizers and an approval. Between them they use every verb
/// and every resource.
const ANSWERED: [&str; 2] = ["S2", "S5"];

/// The scenarios in which something comes late: those, and one in which who goes by what it was told removes too much.
const LATE: [&str; 3] = ["S2", "S5", "S10"];

/// What a request may meet.
const ANSWERS: [Fault; 6] = [
    Fault::Answer(409),
    Fault::Answer(429),
    Fault::Answer(500),
    Fault::LostAnswer(504),
    Fault::Reset,
    Fault::Answer(403),
];

/// What a watch may meet beside.
const WATCHES: [Fault; 3] = [Fault::Gone, Fault::Undecodable, Fault::Close];

/// The kinds whose first list comes late.
const KINDS: [&str; 5] = [
    "xoperoconnections",
    "xoperoorganizations",
    "xoperobackupplans",
    "xoperorepositories",
    "xoperoazureprojects",
];

/// The scenarios in which the API server dies, at every write.
const OUTAGES: [&str; 2] = ["S2", "S5"];

/// What is deleted in mid-run, and where: in scenarios that give, that let go by a plan, and that let go by a finalizer.
const DELETED: [(Deleted, &str); 8] = [
    (Deleted::Secret, "S1"),
    (Deleted::Secret, "S2"),
    (Deleted::Secret, "S5"),
    (Deleted::Secret, "S8"),
    (Deleted::PlanDefinition, "S2"),
    (Deleted::RepositoryDefinition, "S1"),
    (Deleted::Namespace, "S1"),
    (Deleted::Namespace, "S2"),
];

/// What no start writes again.
const CONNECTION_STATUS: &str = "patch xoperoconnections/status";

/// Every verb and resource with all that it may meet, at its first request after a start.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    for (verb, resource) in &reference.requests {
        let words = format!("{} {resource}", verb.as_str());
        if words == CONNECTION_STATUS {
            listed.unreached.push(format!(
                "{} {words}: it is written when the connection is met first, which is before the first step",
                scenario.name
            ));
            continue;
        }
        let is_watch = *verb == Verb::Watch;
        let is_list = *verb == Verb::List && KINDS.contains(&resource.as_str());
        let mut faults = Vec::new();
        if ANSWERED.contains(&scenario.name) {
            faults.extend(WATCHES.iter().filter(|_| is_watch));
            faults.extend(&ANSWERS);
        }
        if LATE.contains(&scenario.name) && (is_watch || is_list) {
            faults.push(&Fault::Held);
        }
        listed.plans.extend(faults.into_iter().map(|fault| Plan {
            item: Item::BadKubernetes.number(),
            traps: vec![Trap {
                side: Side::Kubernetes,
                when: When::VerbAndResource(words.clone()),
                nth: 1,
                times: Some(1),
                fault: *fault,
            }],
            restarts: true,
            ..Plan::reference(scenario.name)
        }));
    }
    if LATE.contains(&scenario.name) {
        listed
            .plans
            .extend(KINDS.map(|kind| from_the_past(scenario, kind)));
    }
    if OUTAGES.contains(&scenario.name) {
        let writes = reference.writes.iter();
        let writes = writes.filter(|write| crashes::is_in_every_run(write));
        listed.plans.extend(writes.map(|write| Plan {
            item: Item::BadKubernetes.number(),
            traps: vec![crashes::trap(write, Fault::Outage)],
            ..Plan::reference(scenario.name)
        }));
    }
    listed.plans.extend(deletions(scenario, reference));
    listed
}

/// What is listed after a start is as it was once, and what has happened since is not told.
fn from_the_past(scenario: &Scenario, kind: &str) -> Plan {
    let once = |verb: Verb, fault: Fault| Trap {
        side: Side::Kubernetes,
        when: When::VerbAndResource(format!("{} {kind}", verb.as_str())),
        nth: 1,
        times: Some(1),
        fault,
    };
    Plan {
        item: Item::BadKubernetes.number(),
        traps: vec![
            once(Verb::List, Fault::Earlier),
            once(Verb::Watch, Fault::Held),
        ],
        restarts: true,
        ..Plan::reference(scenario.name)
    }
}

/// What is deleted is so while the first write to Xopero ONE is on the wire.
fn deletions(scenario: &Scenario, reference: &Reference) -> Vec<Plan> {
    let mut writes = reference.writes.iter();
    let Some(write) = writes.find(|write| write.side == Side::Xopero) else {
        return Vec::new();
    };
    let of_this = DELETED.iter().filter(|(_, name)| *name == scenario.name);
    let plans = of_this.map(|(deleted, _)| Plan {
        item: Item::BadKubernetes.number(),
        traps: vec![crashes::trap(write, Fault::Blow)],
        deleted: Some(*deleted),
        ..Plan::reference(scenario.name)
    });
    plans.collect()
}
