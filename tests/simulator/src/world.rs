//! The state in the form that calls work on: everything by id, and a listing always in order, so that no write scans a list.

mod change;
mod count;
mod find;
mod load;
mod organization;
mod save;
mod sync;

pub use find::Error as FindError;
pub use load::Error as LoadError;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::Value;
use uuid::Uuid;

use crate::{
    dialect::Dialect,
    endpoint::Endpoint,
    state::{LastStatus, Method, Provider, Synchronization, User},
};

pub(crate) use count::Counts;
pub(crate) use load::Presence;

/// A server's whole content.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) accounts: Vec<Account>,
    pub(crate) licences: Option<usize>,
    pub(crate) token_lifetime: Duration,
    pub(crate) lock_after: Option<u32>,
    pub(crate) synchronization: Synchronization,
    pub(crate) answer_time: Duration,
    pub(crate) requires: BTreeMap<Endpoint, Vec<String>>,
    pub(crate) dialect: Dialect,
    /// In the order of the listing; a handful, so they are searched.
    pub(crate) organizations: Vec<Organization>,
    pub(crate) plans: BTreeMap<Uuid, Plan>,
    pub(crate) projects: BTreeMap<Uuid, Project>,
    pub(crate) repositories: BTreeMap<Uuid, Repository>,
    /// How many repositories hold a licence.
    licensed: usize,
}

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) user: User,
    /// Rejected logins since the last good one.
    pub(crate) failures: u32,
}

#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) provider: Provider,
    pub(crate) driver: i64,
    pub(crate) api_url: Option<String>,
    pub(crate) is_read_only: bool,
    pub(crate) is_created_by_marketplace: bool,
    pub(crate) default_worker_id: Uuid,
    pub(crate) automatic_licensing: bool,
    pub(crate) synchronizing: Option<Until>,
    /// In the order in which they were assigned.
    pub(crate) plans: Vec<Uuid>,
    pub(crate) projects: BTreeMap<String, Uuid>,
    pub(crate) repositories: BTreeSet<Place>,
    pub(crate) upstream: BTreeMap<Uuid, UpstreamRepository>,
    /// What was counted last, until something changes.
    counts: Option<Counts>,
}

/// When a synchronization ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    Time(Instant),
    Released,
}

/// Where a repository stands in its organization's listing: by name without case, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    key: String,
    pub(crate) id: Uuid,
}

impl Place {
    pub(crate) fn new(name: &str, id: Uuid) -> Self {
        Self {
            key: name.to_lowercase(),
            id,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UpstreamRepository {
    pub(crate) name: String,
    pub(crate) project: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) organization: Uuid,
    pub(crate) name: String,
    pub(crate) project: Option<Uuid>,
    pub(crate) licensed: bool,
    pub(crate) removed: bool,
    /// The plans that it is attached to itself.
    pub(crate) plans: BTreeSet<Uuid>,
}

#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) organization: Uuid,
    pub(crate) name: String,
    /// The plans that it is attached to as a project.
    pub(crate) plans: BTreeSet<Uuid>,
    pub(crate) repositories: BTreeSet<Uuid>,
}

#[expect(clippy::struct_field_names, reason = "the names are the vendor's")]
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    /// Whether it is a plan of Azure DevOps.
    pub(crate) azure: bool,
    pub(crate) backup_type: i64,
    pub(crate) include_metadata: bool,
    pub(crate) last_status: Option<LastStatus>,
    pub(crate) plan_finished_time: Option<i64>,
    pub(crate) is_running: bool,
    pub(crate) selection: Selection,
    pub(crate) settings: BTreeMap<String, Value>,
    pub(crate) organizations: BTreeSet<Uuid>,
    pub(crate) repositories: BTreeSet<Uuid>,
    pub(crate) projects: BTreeSet<Uuid>,
}

/// How a plan comes by its repositories.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) method: Method,
    pub(crate) rules: Vec<String>,
    pub(crate) reattaches: bool,
    /// Something was detached that its rules may match.
    pub(crate) unsettled: bool,
}

impl World {
    pub(crate) fn licences_left(&self) -> Option<usize> {
        let licences = self.licences?;
        Some(licences.saturating_sub(self.licensed))
    }
}
