//! What goes wrong, and at which request.

use serde::{Deserialize, Serialize};

use crate::journal::{
    Asked, Side,
    kubernetes::{Reference, Verb},
    xopero,
};

/// Where in the life of a write the operator dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Position {
    /// The write has left the operator, and reaches nobody.
    Before,
    /// It is applied, and its answer reaches nobody.
    Lost,
    /// Its answer has reached the operator, whose next request reaches nobody.
    After,
}

impl Position {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Before, Self::Lost, Self::After];
}

/// What goes wrong at a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// The operator is killed there.
    Crash(Position),
    /// Not forwarded; answered with this status.
    Answer(u16),
    /// Forwarded, and answered with this status whatever came back.
    LostAnswer(u16),
    /// Not forwarded; the connection is closed.
    Reset,
    /// A watch: its first line says that its version is gone (410).
    Gone,
    /// A watch: a line with an object that nobody can read, and then the rest.
    Undecodable,
    /// A watch: closed at once.
    Close,
    /// The API server and its etcd are killed there and started again; the request is passed on while it is down.
    Outage,
    /// Something befalls the process that asks, the Lease by which it writes, or what it works on, as the plan says. The request is
    /// passed on in the end.
    Blow,
    /// A watch: open and without a line; a listing: without an answer. Until all traps are ended.
    Held,
    /// A listing: what it was answered when it was asked for first, as by an API server that is behind or was set up from a backup.
    Earlier,
}

/// Which requests a trap concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum When {
    /// Those of this key, see [`Asked::key`].
    Key(String),
    /// Those to Kubernetes with this verb and resource, such as `patch xoperobackupplans/status`; those to Xopero ONE of this endpoint.
    VerbAndResource(String),
    /// Listings of a resource in one namespace.
    ListIn {
        /// The namespace.
        namespace: String,
        /// The kind in the plural.
        resource: String,
    },
    /// Those that write, Leases and events aside.
    AnyWrite,
}

/// A fault, and the requests at which it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trap {
    /// The side whose gate has it.
    pub side: Side,
    /// The requests that it concerns.
    pub when: When,
    /// The first of them at which it happens, counted from 1.
    pub nth: u64,
    /// How often, from there on; until it is healed when absent.
    pub times: Option<u64>,
    /// What happens.
    pub fault: Fault,
}

/// A trap in place, with what it has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The trap.
    pub trap: Trap,
    /// Requests that it concerned.
    pub seen: u64,
    /// Times that it happened.
    pub fired: u64,
    /// Whether it happens no more.
    pub healed: bool,
}

impl Report {
    pub(super) const fn of(trap: Trap) -> Self {
        Self {
            trap,
            seen: 0,
            fired: 0,
            healed: false,
        }
    }

    fn take(&mut self, asked: &Asked) -> Option<Fault> {
        if self.healed || !self.trap.when.concerns(asked) {
            return None;
        }
        self.seen += 1;
        let is_left = self.trap.times.is_none_or(|times| self.fired < times);
        (is_left && self.seen >= self.trap.nth).then(|| {
            self.fired += 1;
            self.trap.fault
        })
    }
}

/// What happens at a request, if anything does. The first trap that is due wins.
pub(super) fn spring(traps: &mut [Report], asked: &Asked) -> Option<Fault> {
    traps.iter_mut().find_map(|report| report.take(asked))
}

impl When {
    fn concerns(&self, asked: &Asked) -> bool {
        match self {
            Self::Key(key) => asked.key == *key,
            Self::VerbAndResource(words) => {
                if asked.side == Side::Xopero {
                    return asked.key.split(' ').next() == Some(words);
                }
                let reference = Reference::of_asked(asked);
                let own = format!("{} {}", reference.verb.as_str(), reference.resource);
                own == *words
            }
            Self::ListIn {
                namespace,
                resource,
            } => {
                let reference = Reference::of_asked(asked);
                reference.verb == Verb::List
                    && reference.namespace == *namespace
                    && reference.resource == *resource
            }
            Self::AnyWrite => is_write(asked),
        }
    }
}

/// Whether a request changes what is kept on its side.
pub fn is_write(asked: &Asked) -> bool {
    match asked.side {
        Side::Kubernetes => Reference::of_asked(asked).is_counted_write(),
        Side::Xopero => {
            xopero::endpoint(&asked.path).is_some_and(xopero_simulator::Endpoint::is_write)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn asked(key: &str) -> Asked {
        Asked {
            side: Side::Kubernetes,
            method: "PATCH".to_owned(),
            path: "/apis/xopero.dev/v1alpha1/namespaces/n/xoperobackupplans/nightly/status"
                .to_owned(),
            query: String::new(),
            metadata_alone: false,
            body: Value::Null,
            key: key.to_owned(),
        }
    }

    fn fires(when: When, nth: u64, times: Option<u64>) -> Vec<bool> {
        let trap = Trap {
            side: Side::Kubernetes,
            when,
            nth,
            times,
            fault: Fault::Reset,
        };
        let mut traps = [Report::of(trap)];
        let mut fired = Vec::new();
        for key in ["a", "b", "a", "a"] {
            fired.push(spring(&mut traps, &asked(key)).is_some());
        }
        fired
    }

    #[test]
    fn a_trap_fires_from_the_nth_request_that_it_concerns_as_often_as_it_says() {
        let a = || When::Key("a".to_owned());
        assert_eq!(fires(a(), 2, Some(1)), [false, false, true, false]);
        assert_eq!(fires(a(), 1, None), [true, false, true, true]);
        assert_eq!(
            fires(When::AnyWrite, 2, Some(2)),
            [false, true, true, false]
        );
        let status = When::VerbAndResource("patch xoperobackupplans/status".to_owned());
        assert_eq!(fires(status, 4, None), [false, false, false, true]);
        let other = When::VerbAndResource("patch xoperobackupplans".to_owned());
        assert_eq!(fires(other, 1, None), [false; 4]);
    }
}
