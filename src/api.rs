//! The custom resources `xopero.dev/v1alpha1`: their types, defaults, bounds, conditions and reasons.
//!
//! Descriptions of fields are the user's manual behind `kubectl explain`. Nothing here talks to anyone: no client, no
//! clock, no decision about what is written to Xopero ONE.

pub mod annotations;
pub mod conditions;
pub mod reasons;
pub mod reference;

mod azure_project;
mod backup_plan;
mod columns;
mod connection;
mod definitions;
mod namespaces;
mod organization;
mod policies;
mod references;
mod removal_limit;
mod reported;
mod repository;
mod schema;
mod selectors;
mod status;

pub(crate) use self::status::cut;
pub use self::{
    azure_project::{XoperoAzureProject, XoperoAzureProjectSpec, XoperoAzureProjectStatus},
    backup_plan::{
        Freshness, PlanSettings, XoperoBackupPlan, XoperoBackupPlanSpec, XoperoBackupPlanStatus,
    },
    connection::{
        DEFAULT_EMAIL_KEY, DEFAULT_PASSWORD_KEY, DEFAULT_REQUEST_TIMEOUT,
        DEFAULT_REQUESTS_IN_FLIGHT, DEFAULT_REQUESTS_PER_SECOND, Requests, Tls, XoperoConnection,
        XoperoConnectionSpec, XoperoConnectionStatus,
    },
    definitions::{Unwritable, crd_file_name, crd_yaml, crds, not_observed},
    namespaces::{AllowedNamespaces, OrganizationAllowedNamespaces},
    organization::{
        DEFAULT_REMOVAL_LIMIT, DEFAULT_RESYNC_INTERVAL, Licenses, Protection, Sync,
        XoperoOrganization, XoperoOrganizationSpec, XoperoOrganizationStatus,
    },
    policies::{
        AttachmentDeletionPolicy, CaBundleKind, DeletionPolicy, Membership, Mode, NamespacesFrom,
        PlanLicense, PlanSettingsPolicy, ProtectionRequirement, Provider, RepositoryLicense,
        Rights, Unclaimed,
    },
    reasons::Reason,
    references::{
        CaBundleReference, ConnectionReference, CredentialsSecretReference, OrganizationReference,
    },
    removal_limit::{InvalidRemovalLimit, RemovalLimit},
    reported::{Claim, Reported},
    repository::{XoperoRepository, XoperoRepositorySpec, XoperoRepositoryStatus},
    schema::LONGEST_REQUEST_TIMEOUT,
    selectors::NameSelector,
    status::{
        ApprovedRemovals, AttachedOnce, Coverage, DriftItem, DriftStatus, HeldRemovals,
        InventoryStatus, LastBackup, RefusedEndpoint, RejectedLogin, RemovalRecord, RemovalsStatus,
        SettingsSent, UnprotectedStatus, whole_seconds,
    },
};

/// The API group of every kind.
pub const GROUP: &str = "xopero.dev";

/// The version of every kind.
pub const VERSION: &str = "v1alpha1";

#[cfg(test)]
mod tests;
