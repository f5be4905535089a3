//! An organization that exists in a Xopero ONE instance: the unit of convergence.

#![expect(
    unreachable_pub,
    reason = "misfires on what derives KubeSchema: all of it is re-exported by api"
)]

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::api::{
    namespaces::OrganizationAllowedNamespaces,
    policies::{Mode, NamespacesFrom, ProtectionRequirement, Provider, Rights, Unclaimed},
    references::ConnectionReference,
    removal_limit::RemovalLimit,
    schema,
    status::{Coverage, DriftStatus, InventoryStatus, RemovalsStatus, UnprotectedStatus},
};

/// How often an organization is listed again. Each time is up to a tenth earlier or later, so that many spread out.
pub const DEFAULT_RESYNC_INTERVAL: Duration = Duration::from_mins(10);

/// Removals in any 60 minutes.
pub const DEFAULT_REMOVAL_LIMIT: RemovalLimit = RemovalLimit::Count(10);

/// An organization that exists in Xopero ONE, and what holds for all of it.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "xopero.dev",
    version = "v1alpha1",
    kind = "XoperoOrganization",
    plural = "xoperoorganizations",
    shortname = "xorg",
    category = "xopero",
    namespaced,
    status = "XoperoOrganizationStatus",
    derive = "PartialEq",
    doc = "An organization that exists in Xopero ONE. Plans, repositories and projects name it. Deleting it changes nothing in Xopero ONE."
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self.connectionRef == oldSelf.connectionRef && self.name == oldSelf.name && self.provider == oldSelf.provider && (!has(oldSelf.driver) || (has(self.driver) && self.driver == oldSelf.driver))")
    .message("connectionRef, name, provider and driver say which organization this is and cannot be changed (driver may be added once): delete this resource, which changes nothing in Xopero ONE, and create another"))]
pub struct XoperoOrganizationSpec {
    /// The connection to the instance in which the organization exists. It cannot be changed.
    pub connection_ref: ConnectionReference,

    /// The name of the organization in Xopero ONE, for example `kubernetes-sigs`: the exact spelling, or without
    /// regard to case if only one fits. From 1 to 256 characters. It cannot be changed.
    #[schemars(schema_with = "schema::name")]
    pub name: String,

    /// The Git service: `GitHub`, `GitLab`, `Bitbucket` or `AzureDevOps`. It decides whether plans are changed by the
    /// endpoints for Azure DevOps, and whether a row that shows no project hides one (Azure DevOps, Bitbucket). It cannot
    /// be changed.
    #[schemars(schema_with = "schema::words::<Provider>")]
    pub provider: Provider,

    /// The number that Xopero ONE gives the Git service, for example `1`: only to tell two organizations of one name
    /// apart. The condition `Ambiguous` names the numbers to choose from. It can be added once, and then not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub driver: Option<i32>,

    /// `Manage`: Xopero ONE is made equal to what is declared. `Observe`: nothing is written, and the differences
    /// stand in `status.drift`. `Manage` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<Mode>")]
    pub mode: Option<Mode>,

    /// How often the organization is listed again, for example `10m`. At least `1s`; `10m` when absent. Each time is up
    /// to a tenth earlier or later. A listing costs one request for 100 repositories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::resync_interval")]
    pub resync_interval: Option<kube::core::Duration>,

    /// Has Xopero ONE read the Git service again: new repositories appear only after that. When absent it is never
    /// asked to, and reads at its own times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<Sync>,

    /// The most removals (repositories detached, licences given back, repositories removed) in any 60 minutes, as a
    /// number, for example `10`, or a percentage of the repositories, for example `"5%"` (rounded down, at least 1). `0`
    /// holds every removal until it is approved. `10` when absent. A resource with more to remove than that is
    /// Stalled as `RemovalHeld`, and its message names the token to put into the annotation
    /// `xopero.dev/approve-removals` of this organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal_limit: Option<RemovalLimit>,

    /// How many licences may be used, and what becomes of those that nobody wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licenses: Option<Licenses>,

    /// What the condition `Protected` demands. When absent: that what is declared is protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Protection>,

    /// From which namespaces plans, repositories and projects may name this organization. When absent, only from its
    /// own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_namespaces: Option<OrganizationAllowedNamespaces>,
}

/// When Xopero ONE reads the Git service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    /// How often Xopero ONE is asked to, for example `1h`. At least `15m`.
    #[schemars(schema_with = "schema::sync_interval")]
    pub interval: kube::core::Duration,
}

/// How licences are used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Licenses {
    /// The most repositories with a licence, by hand or by the operator, for example `500`. At the limit no further
    /// licence is activated; none is ever given back for it. From 0; no limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub limit: Option<i64>,

    /// What becomes of a licence that no resource wants, of a repository in no plan: `Keep` leaves it, `Deactivate`
    /// gives it back within `removalLimit`, also where someone activated it by hand. `Keep` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<Unclaimed>")]
    pub unclaimed: Option<Unclaimed>,
}

/// What the condition `Protected` demands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Protection {
    /// `Declared`: what resources name is licensed and in a plan. `EveryRepository`: every repository of the
    /// organization is. `Declared` when absent. It is reported and changes nothing in Xopero ONE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<ProtectionRequirement>")]
    pub require: Option<ProtectionRequirement>,

    /// Wildcards of the repositories that need no protection, for example `["*-sandbox"]`. `*` stands for any
    /// characters but `/`, `**` for any. At most 100 of 256 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::globs")]
    pub except: Vec<String>,
}

impl XoperoOrganizationSpec {
    /// What the operator may do.
    pub fn mode(&self) -> Mode {
        self.mode.unwrap_or(Mode::Manage)
    }

    /// How often the organization is listed again, before the tenth earlier or later.
    pub fn resync_interval(&self) -> Duration {
        self.resync_interval
            .map_or(DEFAULT_RESYNC_INTERVAL, Duration::from)
    }

    /// How often Xopero ONE is asked to read the Git service again. `None`: never.
    pub fn sync_interval(&self) -> Option<Duration> {
        self.sync.as_ref().map(|sync| sync.interval.into())
    }

    /// The most removals in any 60 minutes.
    pub fn removal_limit(&self) -> RemovalLimit {
        self.removal_limit.unwrap_or(DEFAULT_REMOVAL_LIMIT)
    }

    /// The most repositories with a licence. `None`: no limit.
    pub fn license_limit(&self) -> Option<i64> {
        self.licenses.as_ref().and_then(|licenses| licenses.limit)
    }

    /// What becomes of a licence that no claim wants.
    pub fn unclaimed(&self) -> Unclaimed {
        self.licenses
            .as_ref()
            .and_then(|licenses| licenses.unclaimed)
            .unwrap_or(Unclaimed::Keep)
    }

    /// What the condition `Protected` demands.
    pub fn protection_requirement(&self) -> ProtectionRequirement {
        let declared = self
            .protection
            .as_ref()
            .and_then(|protection| protection.require);
        declared.unwrap_or(ProtectionRequirement::Declared)
    }

    /// The wildcards of what needs no protection.
    pub fn protection_exceptions(&self) -> &[String] {
        self.protection
            .as_ref()
            .map_or(&[], |protection| &protection.except)
    }

    /// From which namespaces claims may name this organization.
    pub fn namespaces_from(&self) -> NamespacesFrom {
        self.allowed_namespaces
            .as_ref()
            .and_then(|allowed| allowed.from)
            .unwrap_or(NamespacesFrom::Same)
    }

    /// What claims of other namespaces may do.
    pub fn rights(&self) -> Rights {
        self.allowed_namespaces
            .as_ref()
            .and_then(|allowed| allowed.rights)
            .unwrap_or(Rights::Add)
    }
}

/// What is known of the organization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct XoperoOrganizationStatus {
    /// The generation of the resource that the conditions speak of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// `Ready`, `InSync`, `Protected`; `Reconciling`, `Stalled` and `Paused` while they are true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,

    /// The value of the annotation `xopero.dev/reconcile-requested-at` last acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,

    /// The id of the organization in Xopero ONE. Another one after the organization was added anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,

    /// Its driver: the number of the Git service in Xopero ONE, where that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<i64>,

    /// The ids of up to 20 other organizations of its name, in whatever casing, that were listed beside this one. None of them is taken
    /// for this one while it is not listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namesakes: Vec<String>,

    /// The address of the Xopero ONE in which it was found as `organizationId`. Where the connection leads elsewhere now, that
    /// id says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_url: Option<String>,

    /// How much is protected, by the last trusted listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,

    /// The repositories that `protection` demands to be protected and that are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprotected: Option<UnprotectedStatus>,

    /// Whether the last listing may be relied upon for removals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<InventoryStatus>,

    /// What is used of `removalLimit`, and what waits for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removals: Option<RemovalsStatus>,

    /// What is due for the organization itself: licences that nobody wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftStatus>,

    /// When Xopero ONE was last asked to read the Git service again, in whole seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync_at: Option<Time>,
}
