//! A plan that exists in an organization, and what belongs in it.

#![expect(
    unreachable_pub,
    reason = "misfires on what derives KubeSchema: all of it is re-exported by api"
)]

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::api::{
    policies::{AttachmentDeletionPolicy, Membership, PlanLicense},
    references::OrganizationReference,
    schema,
    selectors::NameSelector,
    status::{AttachedOnce, DriftStatus, LastBackup, SettingsSent},
};

/// A backup plan that exists in Xopero ONE, and what belongs in it.
#[derive(CustomResource, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "xopero.dev",
    version = "v1alpha1",
    kind = "XoperoBackupPlan",
    plural = "xoperobackupplans",
    shortname = "xplan",
    category = "xopero",
    namespaced,
    status = "XoperoBackupPlanStatus",
    derive = "PartialEq",
    doc = "A backup plan that exists in Xopero ONE, and the repositories and projects that belong in it. Deleting it changes nothing in Xopero ONE unless deletionPolicy says so."
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.organizationRef == oldSelf.organizationRef && self.planName == oldSelf.planName")
        .message("organizationRef and planName say which plan this is and cannot be changed: delete this resource, which changes nothing in Xopero ONE with deletionPolicy: Retain, and create another"),
    validation = Rule::new("!has(self.membership) || self.membership != 'Exclusive' || ((has(self.repositories) || has(self.projects)) && (!has(self.repositories) || (has(self.repositories.include) && size(self.repositories.include) > 0) || (has(self.repositories.includeRegex) && size(self.repositories.includeRegex) > 0)) && (!has(self.projects) || (has(self.projects.include) && size(self.projects.include) > 0) || (has(self.projects.includeRegex) && size(self.projects.includeRegex) > 0)))")
        .message("membership: Exclusive detaches what is not selected, so repositories and projects (whichever is present) need an include: write for example include: [\"**\"], or membership: Additive"),
)]
pub struct XoperoBackupPlanSpec {
    /// The organization in which the plan exists. It cannot be changed.
    pub organization_ref: OrganizationReference,

    /// The name of the plan in Xopero ONE, for example `Nightly`: the exact spelling, or without regard to case if only
    /// one fits. From 1 to 256 characters. It cannot be changed. The operator creates no plans.
    #[schemars(schema_with = "schema::name")]
    pub plan_name: String,

    /// The repositories that belong in the plan; new ones that match are added as they appear. When absent, the plan's
    /// repositories are left as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repositories: Option<NameSelector>,

    /// The Azure DevOps projects that belong in the plan, for example `include: ["Payments *"]`. When absent, the
    /// plan's projects are left as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projects: Option<NameSelector>,

    /// `Additive`: what is selected is added, and nothing is taken out. `Exclusive`: what no resource names for this
    /// plan is detached as well, within the organization's `removalLimit`. `Additive` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<Membership>")]
    pub membership: Option<Membership>,

    /// `Ensure`: a repository gets a licence before it is added to the plan. `Ignore`: licences are left as they are,
    /// and a repository is added with or without. `Ensure` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<PlanLicense>")]
    pub license: Option<PlanLicense>,

    /// Settings of the plan itself, sent when they change. Refused as `SettingsNotAllowed` unless the connection says
    /// `planSettings: Allowed`. Try them on a cloned plan first: it is not documented whether Xopero ONE keeps the
    /// settings that are left out. When removed, the plan stays as it is.
    /// Of several resources that set one plan the oldest does, on whichever organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<PlanSettings>,

    /// How old the last backup may be. When absent, its age is not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness: Option<Freshness>,

    /// What deleting this resource undoes in Xopero ONE. `Retain`: nothing. `Detach`: what it selects at that moment, is
    /// in the plan, and no other resource names, is taken out of the plan, within `removalLimit`. `Retain` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<AttachmentDeletionPolicy>")]
    pub deletion_policy: Option<AttachmentDeletionPolicy>,
}

/// Settings of a plan in Xopero ONE.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanSettings {
    /// Whether issues, pull requests, wikis and the like are backed up beside the code. When absent, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_metadata: Option<bool>,

    /// Further settings, sent as they stand here, for example `{"compression": "High"}`. The names are those of your
    /// instance's API and are not documented. They cannot be read back, so a change made by hand goes unnoticed. Ids
    /// (`planId`, `repositoryIds` and the like) are refused. At most 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::parameters")]
    pub parameters: Option<Map<String, Value>>,
}

/// How old the last backup may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Freshness {
    /// The age of the last finished run at which `BackupHealthy` becomes False, for example `24h`. At least `1s`.
    #[schemars(schema_with = "schema::max_age")]
    pub max_age: kube::core::Duration,
}

impl XoperoBackupPlanSpec {
    /// What the plan says about that which it does not select.
    pub fn membership(&self) -> Membership {
        self.membership.unwrap_or(Membership::Additive)
    }

    /// Whether what it selects gets a licence.
    pub fn license(&self) -> PlanLicense {
        self.license.unwrap_or(PlanLicense::Ensure)
    }

    /// What deleting the resource undoes.
    pub fn deletion_policy(&self) -> AttachmentDeletionPolicy {
        self.deletion_policy
            .unwrap_or(AttachmentDeletionPolicy::Retain)
    }

    /// How old the last backup may be. `None`: its age is not judged.
    pub fn max_age(&self) -> Option<Duration> {
        self.freshness
            .as_ref()
            .map(|freshness| freshness.max_age.into())
    }
}

/// What is known of the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct XoperoBackupPlanStatus {
    /// The generation of the resource that the conditions speak of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// `Ready`, `InSync`, `BackupHealthy`; `Reconciling`, `Stalled` and `Paused` while they are true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,

    /// The value of the annotation `xopero.dev/reconcile-requested-at` last acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,

    /// The id of the plan in Xopero ONE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,

    /// How many repositories and projects are selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<i64>,

    /// How many of these are in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<i64>,

    /// How many of these hold a licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licensed: Option<i64>,

    /// How many actions are still to be carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<i64>,

    /// How Xopero ONE differs from what is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftStatus>,

    /// What was attached once, where Xopero ONE does not show what is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_once: Option<AttachedOnce>,

    /// The settings last sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings_sent: Option<SettingsSent>,

    /// The last finished run of the plan. Absent until there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_backup: Option<LastBackup>,
}
