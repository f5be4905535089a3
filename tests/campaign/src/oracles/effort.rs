//! O6, effort: no more is asked than the work needs, and nothing is tried over and over.

use std::collections::BTreeMap;

use xopero_simulator::Endpoint;

use super::summary::Summary;
use crate::journal::{
    Event, Side, What,
    kubernetes::Reference,
    xopero::{endpoint, is_unseen},
};

/// How often one thing may be written beyond what the reference wrote, for each outcome that was unknown or refused.
const REPEATS: usize = 1;

/// How many writes more than in the reference a resource may see for each further process: it reports afresh.
const REPORTS: usize = 4;

/// How a run is measured.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Processes of the operator, the first included.
    pub processes: usize,
    /// Requests that were answered with an error, or not at all, because of the fault.
    pub disturbed: usize,
    /// How often a person has helped, which is reported on afresh.
    pub helped: usize,
}

/// What was too much, a sentence each.
pub fn violations(
    (events, summary): (&[Event], &Summary),
    (reference, reference_summary): (&[Event], &Summary),
    measure: Measure,
) -> Vec<String> {
    let Measure {
        processes,
        disturbed,
        helped,
    } = measure;
    let mut found = Vec::new();
    for (target, times) in &summary.0 {
        let before = reference_summary.0.get(target).copied().unwrap_or_default();
        let unseen = if is_unseen(target.0) {
            processes - 1
        } else {
            0
        };
        let limit = before.asked + REPEATS * (times.unknown + disturbed + unseen);
        let tried = times.asked + times.refused;
        if tried > limit + before.refused {
            let (endpoint, name) = target;
            found.push(format!(
                "{endpoint} {name}: tried {tried} times, and {limit} are allowed"
            ));
        }
    }
    let logins = |events: &[Event]| {
        let of_login = |event: &&Event| matches!(&event.what, What::Asked(asked) if endpoint(&asked.path) == Some(Endpoint::Login));
        events.iter().filter(of_login).count()
    };
    let limit = logins(reference) + (processes - 1) + disturbed + helped;
    if logins(events) > limit {
        found.push(format!(
            "{} logins, and {limit} are allowed",
            logins(events)
        ));
    }
    let (mine, theirs) = (writes(events), writes(reference));
    for (object, count) in &mine {
        let before = theirs.get(object).copied().unwrap_or_default();
        let limit = before + REPORTS * (processes + helped) + 2 * disturbed;
        if *count > limit {
            found.push(format!(
                "{object}: written {count} times, and {limit} are allowed"
            ));
        }
    }
    found
}

/// Writes to Kubernetes by what they do and to whom.
fn writes(events: &[Event]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        if let What::Asked(asked) = &event.what
            && asked.side == Side::Kubernetes
            && Reference::of_asked(asked).is_counted_write()
        {
            *counts.entry(asked.key.as_str()).or_default() += 1;
        }
    }
    counts
}
