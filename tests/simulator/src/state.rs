//! What a simulated Xopero ONE server holds, as a person writes it: the YAML of `--state`, and what the builders make.
//! Everything is named, ids may be left out. The indexed form that calls work on is made from it and turned back into it.

mod organization;
mod server;

pub use organization::{
    LastStatus, Method, Organization, Plan, Project, Provider, Repository, Upstream,
};
pub(crate) use server::administrator;
pub use server::{Password, Synchronization, User};

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{dialect::Dialect, duration, endpoint::Endpoint, faults::Fault};

/// The role that every call needs, documented.
pub const SYSTEM_ADMINISTRATOR: &str = "System Administrator";

/// The permission that the account should also hold, assumed: "administration of DevOps organizations".
pub const DEVOPS_MANAGEMENT: &str = "DevOps management";

/// A whole server: its users, its licences, its organizations, and how it behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct State {
    /// Who may sign in.
    pub users: Vec<User>,
    /// The licences bought: at most so many repositories hold one. Without limit when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licences: Option<usize>,
    /// How long an access token is valid, 30 days when absent (documented).
    #[serde(with = "duration")]
    pub token_lifetime: Duration,
    /// After so many rejected logins in a row the account is locked until an edit unlocks it. Never when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_after: Option<u32>,
    /// How long a synchronization takes; at once when absent.
    pub synchronization: Synchronization,
    /// How long every answer takes, one call beside the other; none when absent.
    #[serde(with = "duration")]
    pub answer_time: Duration,
    /// The roles or permissions that an endpoint asks for beside [`SYSTEM_ADMINISTRATOR`]; none when absent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub requires: BTreeMap<Endpoint, Vec<String>>,
    /// How the server speaks where the reference is silent.
    pub dialect: Dialect,
    /// The faults in place from the start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// The organizations, in the order of the listing.
    pub organizations: Vec<Organization>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            licences: None,
            token_lifetime: Duration::from_hours(30 * 24),
            lock_after: None,
            synchronization: Synchronization::default(),
            answer_time: Duration::ZERO,
            requires: BTreeMap::new(),
            dialect: Dialect::default(),
            faults: Vec::new(),
            organizations: Vec::new(),
        }
    }
}

/// Why a text is no state.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not the YAML of a state.
    #[error("the state cannot be read: correct the YAML at the place named")]
    Yaml(#[source] Box<serde_saphyr::Error>),
    /// It cannot be written as YAML.
    #[error("the state cannot be written as YAML")]
    Write(#[source] Box<serde_saphyr::ser::Error>),
}

impl State {
    /// Reads YAML, and JSON since that is YAML too.
    ///
    /// # Errors
    ///
    /// When the text is no YAML, or has a field that a state does not have.
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        // A state of 10 organizations with 10,000 repositories each is far beyond the budgets meant for hostile input.
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_nodes: 50_000_000,
                max_events: 100_000_000,
                max_total_scalar_bytes: 1 << 30,
            },
        };
        serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| Error::Yaml(Box::new(error)))
    }

    /// Writes the YAML that [`State::from_yaml`] reads, passwords included.
    ///
    /// # Errors
    ///
    /// When a name cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String, Error> {
        serde_saphyr::to_string(self).map_err(|error| Error::Write(Box::new(error)))
    }
}
