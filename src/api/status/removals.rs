//! What an organization's status says of removals: counted, waiting for approval, and approved.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MAX_ENTRIES, bounded, bounded_names};

/// The most bytes of the names of held removals in a status, whatever the number of resources that call for them.
const MAX_HELD_BYTES: usize = 4 * 1024;

/// What was removed, and what waits for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemovalsStatus {
    /// What counts against `removalLimit`, written before it is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_the_last_hour: Vec<RemovalRecord>,

    /// How many approvals were used since the organization was declared.
    pub approvals_used: i64,

    /// The tokens last used, the newest last. They approve nothing again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_tokens: Vec<String>,

    /// The removals that wait for approval, resource by resource; at most 20 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldRemovals>,

    /// The approved removals that are being carried out, so that a restart goes on with exactly these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approved: Vec<ApprovedRemovals>,
}

/// Removals of one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemovalRecord {
    /// When they were decided, in whole seconds.
    pub at: Time,

    /// How many they are.
    pub count: i64,
}

/// Removals that wait for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldRemovals {
    /// The resource that calls for them, for example `XoperoBackupPlan backup/nightly`.
    pub resource: String,

    /// The value of the annotation `xopero.dev/approve-removals` that lets exactly these through, once.
    pub token: String,

    /// How many they are.
    pub count: i64,

    /// The names of the first 20, sorted; fewer where much is held under long names. All of them are in the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl HeldRemovals {
    /// The first of them, with no more names than a status has room for.
    pub fn bounded(all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut bytes = 0;
        let mut has_room = |name: &String| {
            bytes += name.len();
            bytes <= MAX_HELD_BYTES
        };
        let all = all.into_iter().take(MAX_ENTRIES);
        all.map(|mut held| {
            held.names.retain(&mut has_room);
            held
        })
        .collect()
    }

    /// The names, sorted, counted and cut.
    pub fn of(resource: &str, token: String, names: impl IntoIterator<Item = String>) -> Self {
        let (count, names) = bounded_names(names);
        Self {
            resource: bounded(resource),
            token,
            count,
            names,
        }
    }
}

/// An approved set of removals that is being carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovedRemovals {
    /// The uid of the resource that calls for them.
    pub uid: String,

    /// A digest of what is left once the step is done.
    pub rest: String,

    /// The removals of the step that was about to be sent; any part of them may have been made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub step: Vec<String>,
}
