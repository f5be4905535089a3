//! One journal for both sides of the operator: what it asked of Kubernetes and of Xopero ONE, what it was answered, what its watches
//! showed it, and what was done to it. One sequence of numbers orders all of it.

pub mod kubernetes;
pub mod xopero;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use xopero_simulator::Entry;

/// The two sides of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// The API server.
    Kubernetes,
    /// Xopero ONE.
    Xopero,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its place in the order of all things.
    pub number: u64,
    /// When, in milliseconds since the Unix epoch.
    pub time: u64,
    /// Which process of the operator it concerns, counted from 1; 0 for none.
    pub process: u32,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// A request of the operator reached a gate; its number names it.
    Asked(Asked),
    /// A request was answered, or never will be.
    Answered(Answered),
    /// A line of a watch was handed to the operator.
    Watched(Watched),
    /// A call as Xopero ONE took it, at its arrival; answer and changes were filled in later.
    Called(Box<Entry>),
    /// What was done to the operator, or to the world around it.
    Done(Deed),
}

/// A request. Bodies that hold secrets are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Of whom.
    pub side: Side,
    /// `GET`, `PATCH`, …
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query without the question mark, empty if there is none.
    pub query: String,
    /// Whether the metadata of objects is asked for, and no more.
    #[serde(default)]
    pub metadata_alone: bool,
    /// The body; null if there is none, or it is no JSON.
    pub body: Value,
    /// What is asked, in words that are the same in every run: `patch xoperobackupplans/status nightly`, `attachRepository Nightly, api`.
    pub key: String,
}

/// The end of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// The number of the request.
    pub request: u64,
    /// What the server said; none if it was not asked, or did not answer.
    pub status: Option<u16>,
    /// The body of it; null if it is no JSON, or a watch.
    pub body: Value,
    /// What reached the operator.
    pub reached: Reached,
}

/// What of an answer reached the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reached {
    /// All of it.
    Whole,
    /// Nothing: the connection was closed without it. Whether the server has applied it, only `status` tells.
    Nothing,
    /// Something else, with this status.
    Another(u16),
}

/// A line of a watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watched {
    /// The number of the request that the watch answers.
    pub request: u64,
    /// The line: `{"type": …, "object": …}`.
    pub line: Value,
}

/// What is done to the operator, or to the world around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deed {
    /// It was started.
    Started,
    /// It was killed.
    Killed,
    /// It was asked to end, and has ended.
    Stopped,
    /// It ended by itself, as one does that no longer leads.
    Ended,
    /// It stands still where it is.
    Frozen,
    /// It goes on.
    Thawed,
    /// The campaign changed the world: what and whom.
    Changed(String),
}

/// The journal of a run. Clones write to the same one.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    sequence: Arc<AtomicU64>,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Journal {
    /// The counter that its numbers come from, for a simulator to share.
    pub fn sequence(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.sequence)
    }

    /// The number of what happened last.
    pub fn last_number(&self) -> u64 {
        self.sequence.load(Ordering::SeqCst)
    }

    /// Writes it down, and tells its number.
    pub fn note(&self, process: u32, what: What) -> u64 {
        // Under the lock, so that the events stand in the order of their numbers.
        let mut events = self.events();
        let number = self.sequence.fetch_add(1, Ordering::SeqCst) + 1;
        events.push(Event {
            number,
            time: now_in_milliseconds(),
            process,
            what,
        });
        number
    }

    /// What the first request of those that ask for the same as that one was answered in full.
    pub fn answered_first(&self, request: u64) -> Option<Value> {
        let events = self.events();
        let asked = |number: u64| {
            let at = events.binary_search_by_key(&number, |event| event.number);
            at.ok().and_then(|at| match &events.get(at)?.what {
                What::Asked(asked) => Some(asked),
                What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => None,
            })
        };
        let now = asked(request)?;
        events.iter().find_map(|event| match &event.what {
            What::Answered(answered)
                if answered.status == Some(200)
                    && answered.reached == Reached::Whole
                    && asked(answered.request) == Some(now) =>
            {
                Some(answered.body.clone())
            }
            What::Asked(_)
            | What::Answered(_)
            | What::Watched(_)
            | What::Called(_)
            | What::Done(_) => None,
        })
    }

    /// All that happened, with the calls as Xopero ONE took them.
    pub fn joined(&self, entries: Vec<Entry>) -> Vec<Event> {
        let mut events = self.events().clone();
        let calls = entries.into_iter().map(|entry| {
            // Who called stands with the request at the gate, whose number is the last before that of the call with its path.
            let process = events
                .iter()
                .take_while(|event| event.number < entry.number)
                .filter(
                    |event| matches!(&event.what, What::Asked(asked) if asked.path == entry.path),
                )
                .map(|event| event.process)
                .last();
            Event {
                number: entry.number,
                time: entry.time,
                process: process.unwrap_or_default(),
                what: What::Called(Box::new(entry)),
            }
        });
        let calls: Vec<Event> = calls.collect();
        events.extend(calls);
        events.sort_by_key(|event| event.number);
        events
    }

    fn events(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The events after a number.
pub fn since(events: &[Event], number: u64) -> &[Event] {
    let start = events.partition_point(|event| event.number <= number);
    events.get(start..).unwrap_or_default()
}

fn now_in_milliseconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(of: &str) -> What {
        What::Asked(Asked {
            side: Side::Kubernetes,
            method: "GET".to_owned(),
            path: format!("/apis/xopero.dev/v1alpha1/namespaces/backup/{of}"),
            query: "limit=500".to_owned(),
            metadata_alone: false,
            body: Value::Null,
            key: format!("list {of}"),
        })
    }

    fn answer(request: u64, status: u16, body: &str) -> What {
        What::Answered(Answered {
            request,
            status: Some(status),
            body: json!(body),
            reached: Reached::Whole,
        })
    }

    #[test]
    fn what_was_answered_first_is_found_by_what_was_asked() {
        let journal = Journal::default();
        let plans = journal.note(1, list("xoperobackupplans"));
        journal.note(1, answer(plans, 200, "plans"));
        let failed = journal.note(1, list("xoperorepositories"));
        assert_eq!(journal.answered_first(failed), None);
        journal.note(1, answer(failed, 500, "no"));
        for body in ["earlier", "later"] {
            let asked = journal.note(2, list("xoperorepositories"));
            journal.note(2, answer(asked, 200, body));
        }
        let now = journal.note(3, list("xoperorepositories"));
        assert_eq!(journal.answered_first(now), Some(json!("earlier")));
    }
}
