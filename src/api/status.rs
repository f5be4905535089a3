//! The pieces of status that several kinds share, and their bounds.
//!
//! A status above 64 KiB would be a bug: lists are sorted and cut here, and say beside them how many there are.

mod removals;

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::removals::{ApprovedRemovals, HeldRemovals, RemovalRecord, RemovalsStatus};

/// The most entries of a list of differences or names.
const MAX_ENTRIES: usize = 20;

/// The most bytes of one string in such a list, and of one that a person wrote.
pub(super) const MAX_STRING_BYTES: usize = 300;

/// A time as a resource holds it. Kubernetes keeps whole seconds: with its fraction a time would differ from the one
/// read back, and the same status would be written for ever.
pub fn whole_seconds(at: Timestamp) -> Time {
    Time(Timestamp::from_second(at.as_second()).unwrap_or(at))
}

/// The text, cut on a character to at most so many bytes.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes))
        .unwrap_or_default()
}

fn bounded(text: &str) -> String {
    cut(text, MAX_STRING_BYTES).to_owned()
}

fn bounded_names(names: impl IntoIterator<Item = String>) -> (i64, Vec<String>) {
    let mut names: Vec<String> = names.into_iter().map(|name| bounded(&name)).collect();
    names.sort_unstable();
    let total = i64::try_from(names.len()).unwrap_or(i64::MAX);
    names.truncate(MAX_ENTRIES);
    (total, names)
}

/// How Xopero ONE differs from what is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftStatus {
    /// How many differences there are.
    pub total: i64,

    /// The first 20 of them, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<DriftItem>,
}

impl DriftStatus {
    /// How many items are shown.
    pub const SHOWN: usize = MAX_ENTRIES;

    /// So many differences, the first of which are these. `None` if there are none.
    pub fn of(total: usize, first: impl IntoIterator<Item = DriftItem>) -> Option<Self> {
        let mut items: Vec<DriftItem> = first.into_iter().map(DriftItem::bounded).collect();
        items.sort_unstable();
        items.truncate(Self::SHOWN);
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        (total > 0).then_some(Self { total, items })
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftItem {
    /// What would remove the difference: `Activate`, `Deactivate`, `Attach`, `Detach`, `AttachProject`,
    /// `DetachProject`, `ModifyPlan`, `ModifyAzurePlan` or `Remove`.
    pub action: String,

    /// What it is about, for example the name of a repository.
    pub name: String,

    /// The plan in Xopero ONE, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,

    /// Why it is not carried out: a reason, for example `RemovalHeld`, or `Paused` on what is paused. Absent while it is about to be, or waits for something that comes by
    /// itself, such as a second listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
}

impl DriftItem {
    fn bounded(self) -> Self {
        let Self {
            action,
            name,
            plan,
            held,
        } = self;
        Self {
            action: bounded(&action),
            name: bounded(&name),
            plan: plan.as_deref().map(bounded),
            held: held.as_deref().map(bounded),
        }
    }
}

/// Repositories that are not protected as they should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnprotectedStatus {
    /// How many there are.
    pub total: i64,

    /// The names of the first 20, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl UnprotectedStatus {
    /// How many names are shown.
    pub const SHOWN: usize = MAX_ENTRIES;

    /// So many, the first of which are these. `None` if there are none.
    pub fn of(total: usize, first: impl IntoIterator<Item = String>) -> Option<Self> {
        let (_, names) = bounded_names(first);
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        (total > 0).then_some(Self { total, names })
    }
}

/// How much of an organization is protected. Counts repositories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Known to Xopero ONE and not removed from the Git service.
    pub known: i64,

    /// Of these, with a licence.
    pub licensed: i64,

    /// Of these, in a plan.
    pub in_a_plan: i64,

    /// Of these, with a licence and in a plan.
    pub protected: i64,

    /// Of these, the ones that are not protected.
    pub unprotected: i64,

    /// Known to Xopero ONE and removed from the Git service. Not counted above.
    pub removed_upstream: i64,
}

/// Whether the last listing of the organization may be relied upon for removals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InventoryStatus {
    /// When `false`, nothing is removed.
    pub trusted: bool,

    /// Why it is not trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,

    /// A digest of the names of repositories and plans, for the operator alone: by it a name that changed while the operator was
    /// not there is noticed, and what would be removed for it waits for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::schema::names_digest")]
    pub names: Option<String>,
}

/// What was attached once although Xopero ONE does not show whether it is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttachedOnce {
    /// The generation of the resource that asked for it.
    pub generation: i64,

    /// A digest of the whole set. A different one is sent once more.
    pub digest: String,
}

/// The settings last sent to the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingsSent {
    /// The generation of the resource that declared them.
    pub generation: i64,

    /// A digest of the settings. Equal ones are not sent again.
    pub digest: String,
}

/// The last finished run of a plan, as Xopero ONE reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastBackup {
    /// When it finished, in whole seconds.
    pub finished_at: Time,

    /// How many tasks succeeded. Like the rest, absent where Xopero ONE does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successes: Option<i64>,

    /// How many ended with warnings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<i64>,

    /// How many failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<i64>,

    /// Whether the plan runs again right now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
}

/// A login that Xopero ONE rejected. No call is made until e-mail or password change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedLogin {
    /// The uid of the Secret that was used.
    pub secret_uid: String,

    /// Its resourceVersion.
    pub secret_resource_version: String,

    /// The key in it that held the e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_key: Option<String>,

    /// The key in it that held the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_key: Option<String>,

    /// The Xopero ONE that rejected it. With another `url`, or other keys, the login is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An endpoint that refuses the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedEndpoint {
    /// The endpoint in one word, for example `activate`.
    pub endpoint: String,

    /// The id of the organization that it refuses the account. Absent where it refuses the account at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,

    /// Since when, in whole seconds. It is tried again a day later, when e-mail or password change, or after
    /// `xopero.dev/reconcile-requested-at` on the connection.
    pub since: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detach(name: &str) -> DriftItem {
        DriftItem {
            action: "Detach".to_owned(),
            name: name.to_owned(),
            plan: None,
            held: None,
        }
    }

    #[test]
    fn drift_is_sorted_counted_and_cut_to_twenty() {
        let drift =
            DriftStatus::of(45, (0..45).rev().map(|n| detach(&format!("r{n:02}")))).unwrap();
        assert_eq!(drift.total, 45);
        assert_eq!(drift.items.len(), 20);
        assert_eq!(drift.items[0].name, "r00");
        assert_eq!(drift.items[19].name, "r19");
    }

    #[test]
    fn no_difference_is_no_drift() {
        assert_eq!(DriftStatus::of(0, []), None);
        assert_eq!(UnprotectedStatus::of(0, []), None);
    }

    #[test]
    fn a_name_is_cut_on_a_character() {
        // 299 bytes and a character of two bytes.
        let name = format!("{}ä", "x".repeat(299));
        let drift = DriftStatus::of(1, [detach(&name)]).unwrap();
        assert_eq!(drift.items[0].name, "x".repeat(299));
    }

    #[test]
    fn a_time_equals_itself_after_it_was_read_back() {
        let at = whole_seconds("2026-11-25T01:02:03.456Z".parse().unwrap());
        let read_back: Time = serde_json::from_value(serde_json::to_value(&at).unwrap()).unwrap();
        assert_eq!(read_back, at);
    }

    /// As much of everything as a status ever holds. Conditions and names are of the most bytes, without what JSON would escape.
    #[test]
    fn the_largest_status_stays_below_what_the_api_server_takes() {
        let long = |number: usize| format!("{number:0>400}");
        let names = || (0..50).map(long);
        let item = |number| DriftItem {
            plan: Some(long(number)),
            held: Some("InventoryUntrusted".to_owned()),
            ..detach(&long(number))
        };
        let held = (0..30).map(|number| HeldRemovals::of(&long(number), long(9), names()));
        let time = whole_seconds("2026-11-25T00:00:00Z".parse().unwrap());
        let removals = RemovalsStatus {
            in_the_last_hour: vec![
                RemovalRecord {
                    at: time.clone(),
                    count: 9_999
                };
                61
            ],
            approvals_used: i64::MAX,
            used_tokens: vec!["10000-3f9a1c".to_owned(); 20],
            held: HeldRemovals::bounded(held.map(|held| HeldRemovals {
                token: "10000-3f9a1c".to_owned(),
                ..held
            })),
            approved: vec![
                ApprovedRemovals {
                    uid: "0".repeat(36),
                    rest: "0".repeat(64),
                    step: vec!["0".repeat(90); 64],
                };
                2
            ],
        };
        let condition = k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition {
            type_: "BackupHealthy".to_owned(),
            status: "Unknown".to_owned(),
            reason: "WaitingForOrganization".to_owned(),
            message: "x".repeat(1_024),
            observed_generation: Some(i64::MAX),
            last_transition_time: time.clone(),
        };
        let status = crate::api::XoperoOrganizationStatus {
            observed_generation: Some(i64::MAX),
            // `Ready`, `Reconciling`, `Stalled`, `Paused`, `InSync` and `Protected`.
            conditions: vec![condition; 6],
            organization_id: Some("0".repeat(36)),
            driver: Some(i64::MIN),
            instance_url: Some("x".repeat(2_048)),
            unprotected: UnprotectedStatus::of(50, names()),
            inventory: Some(InventoryStatus {
                trusted: false,
                reason: Some("Synchronizing".to_owned()),
                names: Some("0".repeat((512 + 64) * (8 + 9) + 3)),
            }),
            removals: Some(removals),
            drift: DriftStatus::of(50, (0..50).map(item)),
            ..crate::api::XoperoOrganizationStatus::default()
        };
        let bytes = serde_json::to_vec(&status).unwrap().len();
        assert!(bytes <= 64 * 1024, "{bytes}");
    }
}
