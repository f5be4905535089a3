//! O8, one writer: of two replicas only the one that holds the Lease writes to Xopero ONE, by what went through the gates.
//!
//! It goes by the order of what happened. Where it goes by times, they are those at which requests reached the gate, with as much more
//! than the promise as a request may take: a slow machine breaks none of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;

use crate::{
    gate::trap,
    journal::{
        Answered, Asked, Deed, Event, Reached, Side, What,
        kubernetes::{Reference, Verb},
    },
};

/// What all replicas keep to.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Of the Lease.
    pub duration: Duration,
    /// How long a request to Xopero ONE may take.
    pub timeout: Duration,
}

/// How many writes may come of a process that was just told that it has lost the Lease: the one that left it while it was told.
const ON_THE_WIRE: usize = 1;

/// After how many durations of a Lease that is not renewed somebody else has to ask for it.
const PATIENCE: u32 = 2;

/// What must not have happened, a sentence each:
///
/// 1. A process writes only after it has acquired the Lease, and not once another has acquired it since.
/// 2. Once it was told that the Lease is gone or another's, at most the one write comes that was on the wire.
/// 3. It writes nothing once its own last renewal is older than the Lease lasts.
/// 4. Who stands by asks for a Lease that it was shown unchanged for two durations, before it looks once more.
pub fn violations(events: &[Event], terms: Terms) -> Vec<String> {
    let mut watch = Watch::default();
    for event in events {
        match &event.what {
            What::Asked(asked) => watch.asked(event, asked, terms),
            What::Answered(answered) => watch.answered(event, answered, terms),
            What::Done(Deed::Killed | Deed::Stopped | Deed::Ended) => {
                watch.replicas.remove(&event.process);
            }
            What::Watched(_)
            | What::Called(_)
            | What::Done(Deed::Started | Deed::Frozen | Deed::Thawed | Deed::Changed(_)) => {}
        }
    }
    watch.violations
}

/// How often a process was told among these events what the Lease says.
pub fn looks(events: &[Event], process: u32) -> usize {
    let mut open = BTreeSet::new();
    let mut looks = 0;
    for event in events.iter().filter(|event| event.process == process) {
        match &event.what {
            What::Asked(asked) if lease_verb(asked) == Some(Verb::Get) => {
                open.insert(event.number);
            }
            What::Answered(answered) if open.contains(&answered.request) => looks += 1,
            What::Asked(_)
            | What::Answered(_)
            | What::Watched(_)
            | What::Called(_)
            | What::Done(_) => {}
        }
    }
    looks
}

/// Whether anybody has acquired the Lease among these events: one who has not had it in an earlier one of them, or before.
pub fn is_acquired(events: &[Event]) -> bool {
    let mut open = BTreeSet::new();
    events.iter().any(|event| match &event.what {
        What::Asked(asked) => {
            // Only who acquires it writes that it has changed hands just now.
            let at = |name: &str| asked.body.pointer(&format!("/spec/{name}"));
            let is_acquisition = at("holderIdentity").is_some_and(Value::is_string)
                && at("acquireTime") == at("renewTime");
            if lease_verb(asked).is_some_and(Verb::is_write) && is_acquisition {
                open.insert(event.number);
            }
            false
        }
        What::Answered(answered) => is_done(answered) && open.contains(&answered.request),
        What::Watched(_) | What::Called(_) | What::Done(_) => false,
    })
}

/// What is known so far.
#[derive(Debug, Default)]
struct Watch {
    replicas: BTreeMap<u32, Replica>,
    /// Requests about the Lease without an answer.
    open: BTreeMap<u64, Open>,
    /// Who has acquired it last.
    leader: u32,
    violations: Vec<String>,
}

#[derive(Debug)]
struct Open {
    verb: Verb,
    holder: Option<String>,
    time: u64,
}

/// What the journal shows of a process.
#[derive(Debug, Default)]
struct Replica {
    identity: String,
    /// When its last successful renewal was asked for. None: it does not hold the Lease.
    renewed: Option<u64>,
    /// Whether it has ever held it.
    has_led: bool,
    /// Writes since it was told that it has lost the Lease.
    since_told: usize,
    /// The version of the Lease that it was shown last, empty for none, and when first; none once it has asked for it.
    shown: Option<(String, u64)>,
    /// Whether that was long enough ago for it to ask.
    is_due: bool,
}

impl Watch {
    fn asked(&mut self, event: &Event, asked: &Asked, terms: Terms) {
        let replica = self.replicas.entry(event.process).or_default();
        if let Some(verb) = lease_verb(asked) {
            let is_late = std::mem::take(&mut replica.is_due) && !verb.is_write();
            let holder = asked.body.pointer("/spec/holderIdentity");
            let holder = holder.and_then(Value::as_str).map(str::to_owned);
            if verb.is_write() {
                replica.shown = None;
                replica.identity = holder.clone().unwrap_or_default();
            }
            let open = Open {
                verb,
                holder,
                time: event.time,
            };
            self.open.insert(event.number, open);
            if is_late {
                self.violate(
                    event,
                    "the Lease was not renewed for two of its durations, and is not asked for",
                );
            }
            return;
        }
        if asked.side == Side::Kubernetes || !trap::is_write(asked) {
            return;
        }
        if let Err(why) = replica.may_write(event.time, terms) {
            self.violate(event, &format!("{}: {why}", asked.key));
        } else if self.leader != event.process {
            let leader = self.leader;
            let sentence = format!("{}: process {leader} leads meanwhile", asked.key);
            self.violate(event, &sentence);
        }
    }

    fn answered(&mut self, event: &Event, answered: &Answered, terms: Terms) {
        let Some(open) = self.open.remove(&answered.request) else {
            return;
        };
        let replica = self.replicas.entry(event.process).or_default();
        if open.verb.is_write() {
            if !is_done(answered) {
                return;
            }
            let is_kept = open.holder.is_some();
            if is_kept && replica.renewed.is_none() {
                self.leader = event.process;
                replica.has_led = true;
                replica.since_told = 0;
            }
            replica.renewed = is_kept.then_some(open.time);
            return;
        }
        let is_gone = answered.status == Some(404);
        if answered.reached != Reached::Whole || !(is_gone || is_done(answered)) {
            return;
        }
        let text = |pointer: &str| answered.body.pointer(pointer).and_then(Value::as_str);
        if is_gone || text("/spec/holderIdentity") != Some(replica.identity.as_str()) {
            replica.renewed = None;
        }
        let version = text("/metadata/resourceVersion").unwrap_or_default();
        replica.see(version, event.time, terms);
    }

    fn violate(&mut self, event: &Event, sentence: &str) {
        self.violations.push(format!(
            "{}: process {}: {sentence}",
            event.number, event.process
        ));
    }
}

impl Replica {
    /// Whether a write of it may arrive at this time.
    fn may_write(&mut self, time: u64, terms: Terms) -> Result<(), &'static str> {
        match self.renewed {
            // The request that had been sent before it ran out has been given up by now.
            Some(renewed) if time > renewed + milliseconds(terms.duration + terms.timeout) => {
                Err("written after its Lease had run out")
            }
            Some(_) => Ok(()),
            None if !self.has_led => Err("written by who has never held the Lease"),
            None => {
                self.since_told += 1;
                if self.since_told > ON_THE_WIRE {
                    Err("written after it was told that it has lost the Lease")
                } else {
                    Ok(())
                }
            }
        }
    }

    /// It is shown this version of the Lease.
    fn see(&mut self, version: &str, time: u64, terms: Terms) {
        match &self.shown {
            Some((known, since)) if known == version => {
                let is_over = time > since + milliseconds(terms.duration * PATIENCE);
                self.is_due = is_over && !self.has_led;
            }
            Some(_) | None => self.shown = Some((version.to_owned(), time)),
        }
    }
}

/// What a request does to a Lease, if it is about one.
fn lease_verb(asked: &Asked) -> Option<Verb> {
    let reference = (asked.side == Side::Kubernetes).then(|| Reference::of_asked(asked));
    let reference = reference.filter(|reference| reference.resource == "leases")?;
    Some(reference.verb)
}

fn is_done(answered: &Answered) -> bool {
    let is_success = answered
        .status
        .is_some_and(|status| (200..300).contains(&status));
    is_success && answered.reached == Reached::Whole
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
