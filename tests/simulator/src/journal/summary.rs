//! The journal in numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::endpoint::Endpoint;

/// The journal in numbers, since it was last cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Calls of all endpoints.
    pub calls: u64,
    /// Calls of each endpoint that was called.
    pub by_endpoint: BTreeMap<Endpoint, u64>,
    /// Calls of each endpoint that changed something.
    pub changing: BTreeMap<Endpoint, u64>,
    /// Calls of endpoints that write, whether they changed anything or not.
    pub writes: u64,
    /// Logins, rejected ones included.
    pub logins: u64,
    /// Logins that arrived while another was under way.
    pub logins_beside_another: u64,
    /// The most calls under way at one time.
    pub most_in_flight: u64,
}

impl Summary {
    pub(super) fn of(entries: &[Entry], most_in_flight: u64) -> Self {
        let mut summary = Self {
            most_in_flight,
            ..Self::default()
        };
        for entry in entries {
            summary.calls += 1;
            summary.logins_beside_another += u64::from(entry.beside_another_login);
            let Some(endpoint) = entry.endpoint else {
                continue;
            };
            *summary.by_endpoint.entry(endpoint).or_default() += 1;
            summary.writes += u64::from(endpoint.is_write());
            summary.logins += u64::from(endpoint == Endpoint::Login);
            if entry.changed() {
                *summary.changing.entry(endpoint).or_default() += 1;
            }
        }
        summary
    }

    /// Calls of this endpoint.
    pub fn of_endpoint(&self, endpoint: Endpoint) -> u64 {
        self.by_endpoint.get(&endpoint).copied().unwrap_or_default()
    }

    /// Calls of this endpoint that changed something.
    pub fn changes_by(&self, endpoint: Endpoint) -> u64 {
        self.changing.get(&endpoint).copied().unwrap_or_default()
    }
}
