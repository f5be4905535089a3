//! Every call that reached an endpoint, in order, with what it was answered and whether it changed anything. No password and no token stands in it.

mod summary;

pub use summary::Summary;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::endpoint::Endpoint;

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its number: it grows with every call, and never goes back, also when the journal is cleared.
    pub number: u64,
    /// When it arrived, in milliseconds since the Unix epoch.
    pub time: u64,
    /// The endpoint; none when the path is no endpoint's.
    pub endpoint: Option<Endpoint>,
    /// The path as it was asked.
    pub path: String,
    /// What it names, in the order of the request.
    pub targets: Vec<Target>,
    /// The page asked for, of a listing.
    pub page: Option<usize>,
    /// The e-mail of the account: that of the token, or the one that signs in.
    pub user: Option<String>,
    /// Whether it carried an `Authorization` header; the token itself is not kept.
    pub authorization: bool,
    /// The body, with passwords masked; null when it was no JSON.
    pub request: Value,
    /// What it was answered.
    pub answer: Answer,
    /// How many things it changed; it grows later when the call is applied late.
    pub changes: u64,
    /// The number of the call after which it was applied, of one that was applied late.
    pub applied_after: Option<u64>,
    /// The number of the fault that fired at it.
    pub fault: Option<u64>,
    /// Calls under way when it arrived, itself included.
    pub in_flight: u64,
    /// Of a login: whether another login was under way.
    pub beside_another_login: bool,
}

impl Entry {
    /// Whether it changed anything.
    pub fn changed(&self) -> bool {
        self.changes > 0
    }

    /// Whether its endpoint is one that writes, whatever this call did.
    pub fn is_write(&self) -> bool {
        self.endpoint.is_some_and(Endpoint::is_write)
    }

    /// The status answered, none if there was no reply or not yet.
    pub fn status(&self) -> Option<u16> {
        match self.answer {
            Answer::Status(status) => Some(status),
            Answer::Pending | Answer::Closed | Answer::Abandoned => None,
        }
    }

    /// The ids of the repositories that it names.
    pub fn repositories(&self) -> Vec<Uuid> {
        let repositories = self
            .targets
            .iter()
            .filter(|target| target.kind == Kind::Repository);
        repositories.map(|target| target.id).collect()
    }

    /// Whether it names this, by id or by name.
    pub fn names(&self, wanted: &str) -> bool {
        self.targets.iter().any(|target| {
            target.id.to_string().eq_ignore_ascii_case(wanted)
                || target.name.as_ref().is_some_and(|name| name == wanted)
        })
    }
}

/// What a call was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// Nothing yet.
    Pending,
    /// This status.
    Status(u16),
    /// The connection was closed without a reply.
    Closed,
    /// The caller went away before the answer.
    Abandoned,
}

/// Something that a call names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// What it is.
    pub kind: Kind,
    /// The id as it was sent.
    pub id: Uuid,
    /// Its name at that moment, none if there was no such thing.
    pub name: Option<String>,
}

/// What an id in a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// An organization.
    Organization,
    /// A plan.
    Plan,
    /// A project.
    Project,
    /// A repository.
    Repository,
}

/// What is written down when a call arrives.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) path: String,
    pub(crate) targets: Vec<Target>,
    pub(crate) page: Option<usize>,
    pub(crate) user: Option<String>,
    pub(crate) authorization: bool,
    pub(crate) request: Value,
}

/// The entries since the last clearing, and what is under way.
#[derive(Debug)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    /// Shared with whoever wants one order over several journals.
    sequence: Arc<AtomicU64>,
    in_flight: u64,
    logins_in_flight: u64,
    most_in_flight: u64,
}

impl Journal {
    pub(crate) fn new(sequence: Arc<AtomicU64>) -> Self {
        Self {
            entries: Vec::new(),
            sequence,
            in_flight: 0,
            logins_in_flight: 0,
            most_in_flight: 0,
        }
    }

    /// Writes an arrival down and gives the call its number.
    pub(crate) fn arrive(&mut self, arrival: Arrival) -> u64 {
        let number = self.sequence.fetch_add(1, Ordering::SeqCst) + 1;
        let is_login = arrival.endpoint == Some(Endpoint::Login);
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
        let beside_another_login = is_login && self.logins_in_flight > 0;
        if is_login {
            self.logins_in_flight += 1;
        }
        let Arrival {
            endpoint,
            path,
            targets,
            page,
            user,
            authorization,
            request,
        } = arrival;
        self.entries.push(Entry {
            number,
            time: now_in_milliseconds(),
            endpoint,
            path,
            targets,
            page,
            user,
            authorization,
            request: masked(request),
            answer: Answer::Pending,
            changes: 0,
            applied_after: None,
            fault: None,
            in_flight: self.in_flight,
            beside_another_login,
        });
        number
    }

    /// The call has left: it was answered, or will never be.
    pub(crate) fn leave(&mut self, number: u64, endpoint: Option<Endpoint>, answer: Answer) {
        self.in_flight -= 1;
        if endpoint == Some(Endpoint::Login) {
            self.logins_in_flight -= 1;
        }
        if let Some(entry) = self.entry(number) {
            entry.answer = answer;
        }
    }

    /// The entry of a call, none when the journal was cleared since.
    pub(crate) fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let index = self
            .entries
            .binary_search_by_key(&number, |entry| entry.number)
            .ok()?;
        self.entries.get_mut(index)
    }

    /// The entries with a number greater than `number`.
    pub(crate) fn since(&self, number: u64) -> &[Entry] {
        let start = self.entries.partition_point(|entry| entry.number <= number);
        self.entries.get(start..).unwrap_or_default()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.most_in_flight = self.in_flight;
    }

    pub(crate) fn summary(&self) -> Summary {
        Summary::of(&self.entries, self.most_in_flight)
    }
}

fn now_in_milliseconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok())
        .unwrap_or_default()
}

/// Replaces what a field with "password" or "token" in its name holds, at any depth.
fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let lower = name.to_lowercase();
                let is_secret = lower.contains("password") || lower.contains("token");
                let value = if is_secret {
                    "***".into()
                } else {
                    masked(value)
                };
                (name, value)
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(masked).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_masked_at_any_depth_and_in_any_casing() {
        assert_eq!(
            masked(json!({"Password": "a", "x": [{"accessToken": "b", "page": 1}]})),
            json!({"Password": "***", "x": [{"accessToken": "***", "page": 1}]})
        );
    }

    fn arrival(endpoint: Endpoint) -> Arrival {
        Arrival {
            endpoint: Some(endpoint),
            path: endpoint.path().to_owned(),
            targets: Vec::new(),
            page: None,
            user: None,
            authorization: false,
            request: Value::Null,
        }
    }

    #[test]
    fn numbers_go_on_after_a_clearing_and_logins_side_by_side_are_seen() {
        let mut journal = Journal::new(Arc::default());
        let first = journal.arrive(arrival(Endpoint::Login));
        let second = journal.arrive(arrival(Endpoint::Login));
        assert!(!journal.entry(first).unwrap().beside_another_login);
        assert!(journal.entry(second).unwrap().beside_another_login);
        journal.leave(first, Some(Endpoint::Login), Answer::Status(200));
        journal.leave(second, Some(Endpoint::Login), Answer::Closed);
        assert_eq!(journal.summary().most_in_flight, 2);
        journal.clear();
        let third = journal.arrive(arrival(Endpoint::Sync));
        assert!(third > second);
        assert_eq!(journal.since(second).len(), 1);
    }
}
