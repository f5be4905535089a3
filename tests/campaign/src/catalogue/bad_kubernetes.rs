//! Item 11: the API server refuses, fails and loses answers, and its watches break.

use super::{Item, Listed};
use crate::{
    gate::{Fault, Trap, When},
    journal::{Side, kubernetes::Verb},
    plan::Plan,
    run::Reference,
    scenario::Scenario,
};

/// The scenarios that are played: a derived removal, and clean-ups with finalizers and an approval. Between them they use every verb
/// and every resource.
const SCENARIOS: [&str; 2] = ["S2", "S5"];

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

/// Every verb and resource with every bad answer, at its first request after a start.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    if !SCENARIOS.contains(&scenario.name) {
        return listed;
    }
    for (verb, resource) in &reference.requests {
        let words = format!("{} {resource}", verb.as_str());
        let faults = match verb {
            Verb::Watch => WATCHES.iter().chain(&ANSWERS),
            Verb::Get
            | Verb::List
            | Verb::Create
            | Verb::Patch
            | Verb::Update
            | Verb::Delete
            | Verb::Other => [].iter().chain(&ANSWERS),
        };
        listed.plans.extend(faults.map(|fault| Plan {
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
    listed
}
