//! One organization: its plans, its projects, its repositories, and what the Git service holds beside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// An organization of a Git service. The field names are those of the listing where it shows them.
#[expect(
    clippy::struct_excessive_bools,
    reason = "three of them are fields of the vendor's own shape"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Organization {
    /// Derived from the name when absent; must be given for the second of two organizations of one name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The name at the Git service.
    pub name: String,
    /// Which Git service; GitHub when absent.
    #[serde(default)]
    pub provider: Provider,
    /// The number shown for the Git service. Documented for GitHub alone (1); the provider's assumed number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<i64>,
    /// Shown as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_url: Option<String>,
    /// Shown as it is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_read_only: bool,
    /// Shown as it is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_created_by_marketplace: bool,
    /// Shown as it is; derived when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_worker_id: Option<Uuid>,
    /// A synchronization that is under way from the start, until it is released.
    #[serde(default, skip_serializing_if = "is_false")]
    pub synchronization_in_progress: bool,
    /// The switch "Automatically add new repositories": a repository found by a synchronization gets a licence, if one is left.
    #[serde(default, skip_serializing_if = "is_false")]
    pub automatic_licensing: bool,
    /// The plans assigned to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<Plan>,
    /// Projects of Azure DevOps or Bitbucket that need an id or a plan; one that a repository names need not stand here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<Project>,
    /// The repositories known to Xopero ONE.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<Repository>,
    /// What the Git service holds, known or not: all known repositories that are not marked removed, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Vec<Upstream>>,
}

/// The kind of Git service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Provider {
    /// GitHub, driver 1 (documented).
    #[default]
    GitHub,
    /// GitLab, driver 2 (assumed).
    GitLab,
    /// Bitbucket, driver 3 (assumed).
    Bitbucket,
    /// Azure DevOps, driver 4 (assumed). Its plans take projects.
    AzureDevOps,
}

impl Provider {
    pub(crate) const fn driver(self) -> i64 {
        match self {
            Self::GitHub => 1,
            Self::GitLab => 2,
            Self::Bitbucket => 3,
            Self::AzureDevOps => 4,
        }
    }
}

/// A backup plan. A plan that stands under several organizations with one explicit id is one plan that serves them all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// Derived from organization and name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The name in Xopero ONE.
    pub name: String,
    /// Shown as it is; opaque.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub backup_type: i64,
    /// The one setting that listings show.
    #[serde(default, skip_serializing_if = "is_false")]
    pub include_metadata: bool,
    /// The counts of the last run, null when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_status: Option<LastStatus>,
    /// When the last run ended, in milliseconds since the Unix epoch; null when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_finished_time: Option<i64>,
    /// Whether it runs now.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_running: bool,
    /// How it selects repositories; by name when absent.
    #[serde(default, skip_serializing_if = "Method::is_default")]
    pub method: Method,
    /// Wildcards (`*`, `?`) on names, for [`Method::Rules`]; matched after each synchronization.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Whether what its rules match is attached again before the next listing, also after a detach.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reattaches: bool,
    /// Settings that no listing shows, as they were sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
}

/// The outcome of a plan's last run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LastStatus {
    /// Repositories backed up.
    pub successes: u32,
    /// Repositories backed up with a warning.
    pub warnings: u32,
    /// Repositories not backed up.
    pub errors: u32,
}

/// The five methods by which a plan selects repositories, less those that make no difference here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// Select repositories or projects: attach and detach decide.
    #[default]
    Selected,
    /// Protect all: every repository that is not marked removed is in it, and attach and detach are refused.
    Everything,
    /// Rules: what matches is in it after each synchronization, what is attached by hand as well.
    Rules,
}

impl Method {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A project of Azure DevOps or Bitbucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Project {
    /// Derived from organization and name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The name at the Git service; it may hold spaces.
    pub name: String,
    /// The names of the plans that it is attached to as a project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<String>,
}

/// A repository known to Xopero ONE. In YAML the name alone will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Spelling")]
pub struct Repository {
    /// Derived from organization, project and name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The name as listings show it; GitLab groups are part of it (`platform/runtime/api`).
    pub name: String,
    /// The name of its project, on Azure DevOps and Bitbucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Whether it holds a licence.
    #[serde(skip_serializing_if = "is_false")]
    pub licensed: bool,
    /// Known, but gone from the Git service when last synchronized.
    #[serde(skip_serializing_if = "is_false")]
    pub removed: bool,
    /// The names of the plans that it is attached to itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Spelling {
    Name(String),
    Full(Full),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Full {
    id: Option<Uuid>,
    name: String,
    project: Option<String>,
    #[serde(default)]
    licensed: bool,
    #[serde(default)]
    removed: bool,
    #[serde(default)]
    plans: Vec<String>,
}

impl From<Spelling> for Repository {
    fn from(spelling: Spelling) -> Self {
        match spelling {
            Spelling::Name(name) => Self {
                name,
                ..Self::default()
            },
            Spelling::Full(Full {
                id,
                name,
                project,
                licensed,
                removed,
                plans,
            }) => Self {
                id,
                name,
                project,
                licensed,
                removed,
                plans,
            },
        }
    }
}

/// A repository at the Git service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Upstream {
    /// The id that it has, or will have, in Xopero ONE; it survives a new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Its name.
    pub name: String,
    /// The name of its project, on Azure DevOps and Bitbucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(value: &i64) -> bool {
    *value == 0
}
