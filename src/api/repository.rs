//! One repository.

#![expect(
    unreachable_pub,
    reason = "misfires on what derives KubeSchema: all of it is re-exported by api"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::api::{
    policies::{DeletionPolicy, Membership, RepositoryLicense},
    references::OrganizationReference,
    schema,
    status::{AttachedOnce, DriftStatus},
};

/// One repository, its licence and the plans that it belongs in.
#[derive(CustomResource, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "xopero.dev",
    version = "v1alpha1",
    kind = "XoperoRepository",
    plural = "xoperorepositories",
    shortname = "xrepo",
    category = "xopero",
    namespaced,
    status = "XoperoRepositoryStatus",
    derive = "PartialEq",
    doc = "One repository that Xopero ONE knows, its licence and the plans that it belongs in. Deleting it changes nothing in Xopero ONE unless deletionPolicy says so."
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.organizationRef == oldSelf.organizationRef && self.name == oldSelf.name && has(self.project) == has(oldSelf.project) && (!has(self.project) || self.project == oldSelf.project)")
        .message("organizationRef, name and project say which repository this is and cannot be changed: delete this resource, which changes nothing in Xopero ONE with deletionPolicy: Retain, and create another"),
    validation = Rule::new("!has(self.membership) || self.membership != 'Exclusive' || (has(self.plans) && size(self.plans) > 0)")
        .message("membership: Exclusive detaches the repository from every plan but those in plans: name at least one plan there, or write membership: Additive"),
)]
pub struct XoperoRepositorySpec {
    /// The organization to which the repository belongs. It cannot be changed.
    pub organization_ref: OrganizationReference,

    /// The name of the repository in Xopero ONE, for example `api` or, for GitLab groups, `platform/runtime/api`: the
    /// exact spelling, or without regard to case if only one fits. From 1 to 256 characters. It cannot be changed.
    #[schemars(schema_with = "schema::name")]
    pub name: String,

    /// The project of the repository in Azure DevOps or Bitbucket, for example `Payments Core`: only to tell two
    /// repositories of one name apart. From 1 to 256 characters. It cannot be added, changed or removed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::name")]
    pub project: Option<String>,

    /// `Active`: the repository holds a licence. `Inactive`: its licence is given back, within the organization's
    /// `removalLimit`. When absent or removed, the licence is left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<RepositoryLicense>")]
    pub license: Option<RepositoryLicense>,

    /// The names in Xopero ONE of the plans in which the repository belongs, for example `["Nightly"]`. At most 64,
    /// each once. A plan taken off this list keeps the repository with `membership: Additive`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::plans")]
    pub plans: Vec<String>,

    /// `Additive`: the repository is added to `plans`, and taken out of none. `Exclusive`: it is detached from the plans
    /// for which no resource names it, within the organization's `removalLimit`. `Additive` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<Membership>")]
    pub membership: Option<Membership>,

    /// What deleting this resource undoes in Xopero ONE; each policy includes the ones before it. `Retain`: nothing.
    /// `Detach`: the repository is taken out of `plans`. `Deactivate`: its licence is given back. `Remove`: it is removed
    /// from Xopero ONE, perhaps with its last copy, and always only after approval. What another resource names stays.
    /// `Retain` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<DeletionPolicy>")]
    pub deletion_policy: Option<DeletionPolicy>,
}

impl XoperoRepositorySpec {
    /// What the resource says about plans that it does not name.
    pub fn membership(&self) -> Membership {
        self.membership.unwrap_or(Membership::Additive)
    }

    /// What deleting the resource undoes.
    pub fn deletion_policy(&self) -> DeletionPolicy {
        self.deletion_policy.unwrap_or(DeletionPolicy::Retain)
    }
}

/// What is known of the repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct XoperoRepositoryStatus {
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

    /// The id of the repository in Xopero ONE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<String>,

    /// Whether it holds a licence. Absent where Xopero ONE does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licensed: Option<bool>,

    /// The plans that it is in, sorted. Absent where Xopero ONE does not show them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plans: Option<Vec<String>>,

    /// Whether it is gone from the Git service. Its copies are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_upstream: Option<bool>,

    /// How Xopero ONE differs from what is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<DriftStatus>,

    /// What was attached once, where Xopero ONE does not show what is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_once: Option<AttachedOnce>,
}
