//! Item 11: the API server refuses, fails and loses answers, and its watches break.

use std::collections::BTreeSet;

use super::Listed;
use crate::{
    gate::{Fault, Trap, When},
    journal::{
        Asked, Event, Side, What,
        kubernetes::{Reference as Request, Verb},
    },
    plan::Plan,
    run::Reference,
    scenario::Scenario,
};

/// What a request may meet.
const ANSWERS: [Fault; 6] = [
    Fault::Answer(409),
    Fault::Answer(429),
    Fault::Answer(500),
    Fault::LostAnswer(504),
    Fault::Reset,
    Fault::Answer(403),
];

/// What a watch may meet.
const WATCHES: [Fault; 3] = [Fault::Gone, Fault::Undecodable, Fault::Close];

/// Every verb and resource that the scenario uses, with every bad answer, once.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    for (words, verb) in used(&reference.events) {
        let faults: &[Fault] = if verb == Verb::Watch { &WATCHES } else { &ANSWERS };
        for fault in faults {
            listed.plans.push(Plan {
                item: 11,
                traps: vec![Trap {
                    side: Side::Kubernetes,
                    when: When::VerbAndResource(words.clone()),
                    nth: 1,
                    times: Some(1),
                    fault: *fault,
                }],
                ..Plan::reference(scenario.name)
            });
        }
    }
    listed
}

/// The verbs and resources of a run, Leases and events aside.
fn used(events: &[Event]) -> BTreeSet<(String, Verb)> {
    let asked = events.iter().filter_map(|event| match &event.what {
        What::Asked(asked) if asked.side == Side::Kubernetes => Some(asked),
        What::Asked(_) | What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => None,
    });
    let of = |asked: &Asked| {
        let request = Request::of_asked(asked);
        let words = format!("{} {}", request.verb.as_str(), request.resource);
        (words, request.verb)
    };
    asked.map(of).collect()
}
