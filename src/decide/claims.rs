//! What decisions are made from: the declarations on one organization, as values.

use std::{fmt, sync::Arc};

use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use super::Selector;
use crate::{
    api::{AttachmentDeletionPolicy, DeletionPolicy, Membership, PlanLicense, RepositoryLicense},
    inventory::{Inventory, OrganizationId, PlanId, ProjectId, RepositoryId},
};

/// The kinds of resource that can ask for a change. The order breaks ties after age, namespace and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimKind {
    /// The organization itself, for `licenses.unclaimed: Deactivate`.
    Organization,
    /// A plan.
    BackupPlan,
    /// A repository.
    Repository,
    /// An Azure DevOps project.
    AzureProject,
}

impl ClaimKind {
    /// The Kubernetes kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "XoperoOrganization",
            Self::BackupPlan => "XoperoBackupPlan",
            Self::Repository => "XoperoRepository",
            Self::AzureProject => "XoperoAzureProject",
        }
    }
}

/// Which resource it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimKey {
    /// Its kind.
    pub kind: ClaimKind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for ClaimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind.as_str(), self.namespace, self.name)
    }
}

/// How far a claim counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is carried out.
    Accepted,
    /// It may not ask for what it asks; it protects what it names only if it was accepted once.
    Refused {
        /// What is not permitted, and what to write instead.
        message: String,
    },
    /// Its namespace may not refer to the organization. To it that is the same as an organization that is not there.
    NotAllowed {
        /// The same words as for an organization that is not there.
        message: String,
    },
    /// Whether its namespace may refer to the organization cannot be read; it protects as if it might.
    NotKnownToBeAllowed {
        /// Why, and what to do.
        message: String,
    },
    /// It belongs to another resource of the same organization in Xopero ONE, which has the conflict; it protects.
    Beside,
    /// Its specification cannot be evaluated; it protects everything.
    Unreadable {
        /// What is wrong with it.
        message: String,
    },
}

/// Where the resource is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It exists.
    Living,
    /// It is being deleted and our clean-up is due.
    Leaving,
    /// It is being deleted and nothing of ours is due any more.
    Released,
}

/// What the resource remembers in its status of what was sent where answers do not show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// `status.planId`, on a plan.
    pub plan: Option<PlanId>,
    /// `status.repositoryId`, on a repository.
    pub repository: Option<RepositoryId>,
    /// `status.projectId`, on a project.
    pub project: Option<ProjectId>,
    /// The digest in `status.attachedOnce`, with the generation it was for.
    pub attached_once: Option<(i64, String)>,
    /// The digest in `status.settingsSent`.
    pub settings_sent: Option<String>,
    /// Whether its status says, of this very declaration, that a derived removal is made no more because it is not kept.
    pub given_up: bool,
}

impl Remembered {
    /// Whether what it once meant is listed there.
    pub fn means_something_in(&self, inventory: &Inventory) -> bool {
        let plan = |id: &PlanId| inventory.plans().contains_key(id);
        let project = |id: &ProjectId| inventory.projects().contains_key(id);
        let repository = |id: RepositoryId| inventory.row(id).is_some();
        self.plan.as_ref().is_some_and(plan)
            || self.project.as_ref().is_some_and(project)
            || self.repository.is_some_and(repository)
    }
}

/// One declaration.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Which resource it is.
    pub key: ClaimKey,
    /// Its uid: a resource of the same name made anew is another claim.
    pub uid: Arc<str>,
    /// The generation that this claim was read from.
    pub generation: i64,
    /// When it was created: the older keeps what is in dispute.
    pub created: Timestamp,
    /// How far it counts.
    pub standing: Standing,
    /// Where it is in its life.
    pub life: Life,
    /// `xopero.dev/paused`.
    pub paused: bool,
    /// Whether the finalizer that its policy needs is on. Without it, nothing is written for the claim.
    pub held_by_finalizer: bool,
    /// Whether its status ever held an id: it was accepted once.
    pub accepted_once: bool,
    /// What it remembers.
    pub remembered: Remembered,
    /// A `xopero.dev/reconcile-requested-at` that is not acknowledged yet.
    pub requested: Option<String>,
    /// What it asks for.
    pub wants: Wants,
}

impl Claim {
    /// The order of age: the older first, ties by namespace, name and kind.
    pub fn age(&self) -> (Timestamp, &str, &str, ClaimKind) {
        (
            self.created,
            &self.key.namespace,
            &self.key.name,
            self.key.kind,
        )
    }

    /// Whether it protects what it names from derived removals.
    pub fn protects(&self) -> bool {
        match self.standing {
            Standing::Accepted
            | Standing::Beside
            | Standing::Unreadable { .. }
            | Standing::NotKnownToBeAllowed { .. } => true,
            Standing::Refused { .. } | Standing::NotAllowed { .. } => self.accepted_once,
        }
    }

    /// Whether it may be told what Xopero ONE holds: the status of one that is refused shows nothing new.
    pub fn may_see(&self) -> bool {
        match self.standing {
            Standing::Accepted | Standing::Beside | Standing::Unreadable { .. } => true,
            Standing::Refused { .. }
            | Standing::NotAllowed { .. }
            | Standing::NotKnownToBeAllowed { .. } => false,
        }
    }

    /// Whether it may not do what it asks for, and never might, as far as status tells: nothing was ever done for it.
    pub fn was_never_accepted(&self) -> bool {
        match self.standing {
            Standing::Refused { .. } | Standing::NotAllowed { .. } => !self.accepted_once,
            Standing::Accepted
            | Standing::NotKnownToBeAllowed { .. }
            | Standing::Unreadable { .. }
            | Standing::Beside => false,
        }
    }

    /// Whether it takes part in what is decided: it contends, and is carried out unless paused.
    pub fn takes_part(&self) -> bool {
        self.standing == Standing::Accepted
    }
}

/// What a claim asks for.
#[derive(Clone, Debug)]
pub enum Wants {
    /// A plan's members, licences and settings.
    Plan(Box<PlanWants>),
    /// One repository's licence and plans.
    Repository(RepositoryWants),
    /// One project's plans.
    Project(ProjectWants),
}

/// What a `XoperoBackupPlan` asks for.
#[derive(Clone, Debug)]
pub struct PlanWants {
    /// The plan's name in Xopero ONE.
    pub plan_name: String,
    /// Which repositories, when the plan declares any.
    pub repositories: Option<Arc<Selector>>,
    /// Which projects, when the plan declares any.
    pub projects: Option<Arc<Selector>>,
    /// What becomes of members that no claim names.
    pub membership: Membership,
    /// Whether members get a licence.
    pub license: PlanLicense,
    /// What to set, when the connection allows it.
    pub settings: Option<Settings>,
    /// `freshness.maxAge`.
    pub max_age: Option<std::time::Duration>,
    /// What happens on deletion.
    pub deletion: AttachmentDeletionPolicy,
}

impl PlanWants {
    /// Whether it has a selector. One without may be there for its settings.
    pub(super) fn selects(&self) -> bool {
        self.repositories.is_some() || self.projects.is_some()
    }
}

/// What a `XoperoRepository` asks for.
#[derive(Clone, Debug)]
pub struct RepositoryWants {
    /// The repository's name.
    pub name: String,
    /// The project that tells two of one name apart.
    pub project: Option<String>,
    /// Whether it holds a licence; absent: not managed.
    pub license: Option<RepositoryLicense>,
    /// Names of plans in Xopero ONE.
    pub plans: Vec<String>,
    /// What becomes of plans that no claim names.
    pub membership: Membership,
    /// What happens on deletion.
    pub deletion: DeletionPolicy,
}

/// What a `XoperoAzureProject` asks for.
#[derive(Clone, Debug)]
pub struct ProjectWants {
    /// Which project.
    pub project: ProjectName,
    /// Names of plans in Xopero ONE.
    pub plans: Vec<String>,
    /// What becomes of plans that no claim names.
    pub membership: Membership,
    /// What happens on deletion.
    pub deletion: AttachmentDeletionPolicy,
}

/// How a project is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectName {
    /// By its name.
    Name(String),
    /// By its id in Xopero ONE.
    Id(ProjectId),
}

/// The settings of a plan, as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `includeMetadata`, the one that listings show.
    pub include_metadata: Option<bool>,
    /// Everything else, sent flat beside the plan's id.
    pub parameters: std::collections::BTreeMap<String, Value>,
    /// A digest of both.
    pub digest: String,
    /// Whether they may be sent at all, and if not, why.
    pub permitted: Result<(), SettingsRefusal>,
}

/// Why settings are not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsRefusal {
    /// The connection does not allow it.
    NotAllowed,
    /// A parameter can never be sent, and why: it would name another plan, organization, repository or project, or is there twice.
    Unusable(String),
}

/// The organization's own declaration.
#[derive(Clone, Debug)]
pub struct OrganizationClaim {
    /// Which resource it is; its kind is `Organization`.
    pub key: ClaimKey,
    /// Its uid.
    pub uid: Arc<str>,
    /// The generation that this was read from.
    pub generation: i64,
    /// When it was created.
    pub created: Timestamp,
    /// Which organization it resolved to.
    pub id: OrganizationId,
    /// Whether anything is written.
    pub writes: Writes,
    /// Whether the provider is Azure DevOps: projects and the Azure settings exist only there.
    pub service: Service,
    /// The removal limit, in actions for any 60 minutes.
    pub removal_limit: usize,
    /// `licenses.limit`.
    pub license_limit: Option<usize>,
    /// How many had a licence by the last listing that was believed, as status has it.
    pub licensed_before: usize,
    /// `licenses.unclaimed`.
    pub unclaimed: crate::api::Unclaimed,
    /// `protection.require`.
    pub require: crate::api::ProtectionRequirement,
    /// `protection.except`, and why it cannot be used.
    pub except: Result<Option<Arc<Selector>>, super::PatternError>,
    /// The tokens in `xopero.dev/approve-removals`.
    pub approvals: Vec<String>,
    /// How often the organization is observed: the first of the doubling intervals.
    pub resync: std::time::Duration,
    /// Why Xopero ONE does not synchronize it, though it was asked to.
    pub not_synchronized: Option<super::Trouble>,
}

/// Whether anything is written for the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Everything that is due.
    All,
    /// Nothing, because of `mode: Observe`.
    Observe,
    /// Nothing, because the organization is paused.
    Paused,
    /// Nothing, because an older resource manages the same organization.
    Conflict(ClaimKey),
}

/// Which endpoints a plan's members and settings go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// GitHub, GitLab, Bitbucket.
    Git,
    /// Azure DevOps.
    Azure,
}

/// Whether every claim can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Every kind is listed in every watched namespace, and every claim can be read.
    Whole,
    /// Something may name an item without being seen: nothing derived is removed.
    Partial {
        /// What is not seen, and what to do.
        message: String,
    },
    /// The same, because a resource is seen that cannot be read.
    Unreadable {
        /// Which, and what to do.
        message: String,
    },
    /// This process has never listed some of it, or does not hear of its changes at the moment: not even what is removed by name can spare
    /// what is named there.
    Unseen {
        /// What is not seen.
        message: String,
    },
}
