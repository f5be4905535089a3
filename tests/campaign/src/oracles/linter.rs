//! O4, the status linter: every version of every resource that was shown to the operator or made by it.

use std::{collections::BTreeMap, time::Duration};

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Condition, jiff::SignedDuration};
use serde_json::Value;
use xopero_operator::api::conditions;

use crate::journal::{Event, What};

/// What a resource said last.
#[derive(Clone, Debug, Default)]
struct Before {
    /// The generation that it had observed.
    observed: Option<i64>,
    conditions: Vec<Condition>,
    /// Whether it was left on its way by a process that died, and arrived when the next had begun, which did not know of it yet.
    is_late: bool,
}

/// Where a version was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// In an answer.
    Answered,
    /// In an answer to who begins to watch, and knows nothing else.
    Listed,
    /// In a watch of this process.
    Watched(u32),
}

/// What no status may say, a sentence each.
///
/// 1. `observedGeneration` is never ahead of the resource, and never goes back.
/// 2. Every condition speaks of the generation observed, so none is True for one that was not.
/// 3. `lastTransitionTime` moves with the status of its condition, and only then.
/// 4. The rules of kstatus, and the closed list of types and reasons.
///
/// Where the clocks of two who wrote were `apart`, a time may go back by that much.
pub fn violations(events: &[Event], apart: Duration) -> Vec<String> {
    let mut linter = Linter {
        apart,
        ..Linter::default()
    };
    for event in events {
        match &event.what {
            What::Answered(answered) => {
                let items = answered.body.get("items").and_then(Value::as_array);
                match items {
                    Some(items) => items
                        .iter()
                        .for_each(|item| linter.see(event.number, Seen::Listed, item)),
                    None => linter.see(event.number, Seen::Answered, &answered.body),
                }
            }
            What::Watched(watched) => {
                if let Some(object) = watched.line.get("object") {
                    linter.see(event.number, Seen::Watched(event.process), object);
                }
            }
            What::Asked(_) | What::Called(_) | What::Done(_) => {}
        }
    }
    linter.violations
}

#[derive(Debug, Default)]
struct Linter {
    /// By uid, with the version that was seen last: two watches may show one again that is older.
    before: BTreeMap<String, (u64, Before)>,
    apart: Duration,
    violations: Vec<String>,
}

impl Linter {
    fn see(&mut self, number: u64, seen: Seen, object: &Value) {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let Some((uid, version)) = text("/metadata/uid").zip(text("/metadata/resourceVersion"))
        else {
            return;
        };
        // Without a specification it is metadata alone; without a generation no resource of the operator's, but a namespace.
        if object.get("spec").is_none() || object.pointer("/metadata/generation").is_none() {
            return;
        }
        let version: u64 = version.parse().unwrap_or_default();
        if let Some((known, before)) = self.before.get_mut(uid)
            && version <= *known
        {
            match seen {
                // It was shown before it was answered: so it is of this process.
                Seen::Answered => before.is_late &= version < *known,
                // Who is shown an older one cannot know since when the newer one says so.
                Seen::Listed => before.is_late |= version < *known,
                Seen::Watched(_) => {}
            }
            return;
        }
        // Items of a listing have no kind; of all that the operator reads, only its own kinds have such conditions.
        let Some(status) = object
            .get("status")
            .filter(|status| status.get("conditions").is_some())
        else {
            // None yet, or somebody wiped it: what is said next is said for the first time.
            self.before
                .insert(uid.to_owned(), (version, Before::default()));
            return;
        };
        let name = text("/metadata/name").unwrap_or_default();
        let kind = text("/kind").unwrap_or("resource");
        let generation = object
            .pointer("/metadata/generation")
            .and_then(Value::as_i64);
        let observed = status.get("observedGeneration").and_then(Value::as_i64);
        let read: Result<Vec<Condition>, _> =
            serde_json::from_value(status.get("conditions").cloned().unwrap_or_default());
        let mut broken = Vec::new();
        let conditions = read.unwrap_or_else(|error| {
            broken.push(format!("its conditions cannot be read: {error}"));
            Vec::new()
        });
        let before = self.before.get(uid).map(|(_, before)| before);
        broken.extend(generations((generation, observed), &conditions, before));
        broken.extend(times(&conditions, before, self.apart));
        let spoken_of = observed.unwrap_or_default();
        broken.extend(conditions::violations(&conditions, spoken_of));
        for sentence in broken {
            self.violations
                .push(format!("{number}: {kind} {name}: {sentence}"));
        }
        let now = Before {
            observed,
            conditions,
            // All that a process writes is answered before it writes again.
            is_late: matches!(seen, Seen::Watched(process) if process > 1),
        };
        self.before.insert(uid.to_owned(), (version, now));
    }
}

fn generations(
    (generation, observed): (Option<i64>, Option<i64>),
    conditions: &[Condition],
    before: Option<&Before>,
) -> Vec<String> {
    let mut broken = Vec::new();
    if observed > generation {
        broken.push(format!(
            "1: observedGeneration is {observed:?}, ahead of {generation:?}"
        ));
    }
    let earlier = before.and_then(|before| before.observed);
    if observed < earlier {
        broken.push(format!(
            "1: observedGeneration went back from {earlier:?} to {observed:?}"
        ));
    }
    let others = conditions
        .iter()
        .filter(|condition| condition.observed_generation != observed);
    broken.extend(others.map(|condition| {
        format!(
            "2: {} is {} for generation {:?}, and {observed:?} is observed",
            condition.type_, condition.status, condition.observed_generation
        )
    }));
    broken
}

fn times(conditions: &[Condition], before: Option<&Before>, apart: Duration) -> Vec<String> {
    let mut broken = Vec::new();
    for condition in conditions {
        let earlier = before.and_then(|before| {
            before
                .conditions
                .iter()
                .find(|earlier| earlier.type_ == condition.type_)
        });
        let Some(earlier) = earlier else {
            continue;
        };
        let same_status = earlier.status == condition.status;
        let same_time = earlier.last_transition_time == condition.last_transition_time;
        let is_late = before.is_some_and(|before| before.is_late);
        if same_status && !same_time && !is_late {
            broken.push(format!(
                "3: {} stays {}, and its lastTransitionTime moves",
                condition.type_, condition.status
            ));
        }
        let back = earlier
            .last_transition_time
            .0
            .duration_since(condition.last_transition_time.0);
        if SignedDuration::try_from(apart).is_ok_and(|apart| back > apart) {
            broken.push(format!(
                "3: the lastTransitionTime of {} goes back",
                condition.type_
            ));
        }
    }
    broken
}

#[cfg(test)]
mod tests;
