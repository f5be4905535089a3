//! One Azure DevOps project.

#![expect(
    unreachable_pub,
    reason = "misfires on what derives KubeSchema: all of it is re-exported by api"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::api::{
    policies::{AttachmentDeletionPolicy, Membership},
    references::OrganizationReference,
    schema,
    status::{AttachedOnce, DriftStatus},
};

/// One Azure DevOps project and the plans that it belongs in.
#[derive(CustomResource, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "xopero.dev",
    version = "v1alpha1",
    kind = "XoperoAzureProject",
    plural = "xoperoazureprojects",
    shortname = "xproj",
    category = "xopero",
    namespaced,
    status = "XoperoAzureProjectStatus",
    derive = "PartialEq",
    doc = "One Azure DevOps project that Xopero ONE knows, and the plans that it belongs in. Deleting it changes nothing in Xopero ONE unless deletionPolicy says so."
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.organizationRef == oldSelf.organizationRef && has(self.name) == has(oldSelf.name) && (!has(self.name) || self.name == oldSelf.name) && has(self.projectId) == has(oldSelf.projectId) && (!has(self.projectId) || self.projectId == oldSelf.projectId)")
        .message("organizationRef, name and projectId say which project this is and cannot be changed: delete this resource, which changes nothing in Xopero ONE with deletionPolicy: Retain, and create another"),
    validation = Rule::new("has(self.name) != has(self.projectId)")
        .message("write either name or projectId, and not both"),
    validation = Rule::new("!has(self.membership) || self.membership != 'Exclusive' || (has(self.plans) && size(self.plans) > 0)")
        .message("membership: Exclusive detaches the project from every plan but those in plans: name at least one plan there, or write membership: Additive"),
)]
pub struct XoperoAzureProjectSpec {
    /// The organization to which the project belongs, one with `provider: AzureDevOps`. It cannot be changed.
    pub organization_ref: OrganizationReference,

    /// The name of the project, for example `Payments Core`: the exact spelling, or without regard to case if only one
    /// fits. From 1 to 256 characters. Write either `name` or `projectId`. It cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::name")]
    pub name: Option<String>,

    /// The id of the project, for example `6f1c9a52-0c1e-4d0b-9a3e-2f6f5b8f7c11`, where its repositories do not show its
    /// name. Write either `name` or `projectId`. It cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::guid")]
    pub project_id: Option<String>,

    /// The names in Xopero ONE of the plans in which the project belongs, for example `["Nightly"]`. At most 64, each
    /// once. A plan taken off this list keeps the project with `membership: Additive`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::plans")]
    pub plans: Vec<String>,

    /// `Additive`: the project is added to `plans`, and taken out of none. `Exclusive`: it is detached from the plans for
    /// which no resource names it, within the organization's `removalLimit`. `Additive` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<Membership>")]
    pub membership: Option<Membership>,

    /// What deleting this resource undoes in Xopero ONE. `Retain`: nothing. `Detach`: the project is taken out of `plans`,
    /// but for those for which another resource names it, within `removalLimit`. `Retain` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<AttachmentDeletionPolicy>")]
    pub deletion_policy: Option<AttachmentDeletionPolicy>,
}

impl XoperoAzureProjectSpec {
    /// What the resource says about plans that it does not name.
    pub fn membership(&self) -> Membership {
        self.membership.unwrap_or(Membership::Additive)
    }

    /// What deleting the resource undoes.
    pub fn deletion_policy(&self) -> AttachmentDeletionPolicy {
        self.deletion_policy
            .unwrap_or(AttachmentDeletionPolicy::Retain)
    }
}

/// What is known of the project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct XoperoAzureProjectStatus {
    /// The generation of the resource that the conditions speak of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// `Ready`, `InSync`; `Reconciling`, `Stalled` and `Paused` while they are true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,

    /// The value of the annotation `xopero.dev/reconcile-requested-at` last acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,

    /// The id of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,

    /// The plans that it is in, sorted. Absent where Xopero ONE does not show them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans: Option<Vec<String>>,

    /// How Xopero ONE differs from what is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftStatus>,

    /// What was attached once, where Xopero ONE does not show what is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_once: Option<AttachedOnce>,
}
