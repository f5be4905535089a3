//! What the five kinds have in common, for controllers that serve them all.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use crate::api::{
    AttachmentDeletionPolicy, DeletionPolicy, OrganizationReference, XoperoAzureProject,
    XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository, annotations,
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

    /// Whether a person asked for it to be looked at now, and it has not been yet.
    fn is_reconcile_requested(&self) -> bool {
        let requested = annotations::reconcile_requested_at(self.meta());
        requested.is_some() && requested != self.last_handled_reconcile_at()
    }
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

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::never(None, None, false)]
    #[case::never_and_once_handled(None, Some("1"), false)]
    #[case::for_the_first_time(Some("1"), None, true)]
    #[case::and_handled(Some("1"), Some("1"), false)]
    #[case::and_again(Some("2"), Some("1"), true)]
    fn any_new_value_requests_and_its_absence_does_not(
        #[case] requested: Option<&str>,
        #[case] handled: Option<&str>,
        #[case] expected: bool,
    ) {
        let annotations =
            requested.map(|value| json!({ "xopero.dev/reconcile-requested-at": value }));
        let plan: XoperoBackupPlan = serde_json::from_value(json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoBackupPlan",
            "metadata": { "name": "nightly", "annotations": annotations },
            "spec": { "organizationRef": { "name": "acme" }, "planName": "Nightly" },
            "status": { "lastHandledReconcileAt": handled },
        }))
        .unwrap();
        assert_eq!(plan.is_reconcile_requested(), expected);
    }
}
