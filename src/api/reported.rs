//! What the five kinds have in common, for controllers that serve them all.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use crate::api::{
    AttachmentDeletionPolicy, DeletionPolicy, OrganizationReference, XoperoAzureProject,
    XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};

/// A resource that reports itself in its status.
pub trait Reported: kube::Resource<DynamicType = ()> {
    /// The status of the kind.
    type Status;

    /// The status, absent before the first report.
    fn status(&self) -> Option<&Self::Status>;

    /// The conditions last reported.
    fn conditions(&self) -> &[Condition];

    /// The generation that was last reported on.
    fn observed_generation(&self) -> Option<i64>;

    /// The value of `xopero.dev/reconcile-requested-at` last acted upon.
    fn last_handled_reconcile_at(&self) -> Option<&str>;
}

/// A resource that claims something of an organization.
pub trait Claim: Reported {
    /// The organization that it names.
    fn organization_ref(&self) -> &OrganizationReference;

    /// Whether its deletion has something to undo, so that it carries the finalizer `xopero.dev/cleanup`.
    fn needs_cleanup(&self) -> bool;

    /// The id in Xopero ONE that its status shows: it was accepted once.
    fn accepted_id(&self) -> Option<&str>;
}

/// Implements [`Reported`] for a kind by the fields that every status has.
macro_rules! reported {
    ($($kind:ident: $status:ident),+ $(,)?) => {$(
        impl Reported for $kind {
            type Status = crate::api::$status;

            fn status(&self) -> Option<&Self::Status> {
                self.status.as_ref()
            }

            fn conditions(&self) -> &[Condition] {
                self.status.as_ref().map_or(&[], |status| &status.conditions)
            }

            fn observed_generation(&self) -> Option<i64> {
                self.status.as_ref()?.observed_generation
            }

            fn last_handled_reconcile_at(&self) -> Option<&str> {
                self.status.as_ref()?.last_handled_reconcile_at.as_deref()
            }
        }
    )+};
}

reported! {
    XoperoConnection: XoperoConnectionStatus,
    XoperoOrganization: XoperoOrganizationStatus,
    XoperoBackupPlan: XoperoBackupPlanStatus,
    XoperoRepository: XoperoRepositoryStatus,
    XoperoAzureProject: XoperoAzureProjectStatus,
}

impl Claim for XoperoBackupPlan {
    fn organization_ref(&self) -> &OrganizationReference {
        &self.spec.organization_ref
    }

    fn needs_cleanup(&self) -> bool {
        self.spec.deletion_policy() != AttachmentDeletionPolicy::Retain
    }

    fn accepted_id(&self) -> Option<&str> {
        self.status.as_ref()?.plan_id.as_deref()
    }
}

impl Claim for XoperoRepository {
    fn organization_ref(&self) -> &OrganizationReference {
        &self.spec.organization_ref
    }

    fn needs_cleanup(&self) -> bool {
        self.spec.deletion_policy() != DeletionPolicy::Retain
    }

    fn accepted_id(&self) -> Option<&str> {
        self.status.as_ref()?.repository_id.as_deref()
    }
}

impl Claim for XoperoAzureProject {
    fn organization_ref(&self) -> &OrganizationReference {
        &self.spec.organization_ref
    }

    fn needs_cleanup(&self) -> bool {
        self.spec.deletion_policy() != AttachmentDeletionPolicy::Retain
    }

    fn accepted_id(&self) -> Option<&str> {
        self.status.as_ref()?.project_id.as_deref()
    }
}
