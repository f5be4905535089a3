//! What can be changed in Xopero ONE: one item at a time ([`Change`]), and as it is sent ([`Action`]).

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use crate::inventory::{PlanId, ProjectId, RepositoryId};

/// One change of one item: what drift lists, the cap counts, and refusals, repeats and lost answers are remembered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Gives a repository a licence.
    Activate(RepositoryId),
    /// Puts a repository into a plan.
    Attach(PlanId, RepositoryId),
    /// Puts a project into a plan.
    AttachProject(PlanId, ProjectId),
    /// Sets a plan.
    Modify(PlanId),
    /// Takes a repository out of a plan.
    Detach(PlanId, RepositoryId),
    /// Takes a project out of a plan.
    DetachProject(PlanId, ProjectId),
    /// Takes a repository's licence.
    Deactivate(RepositoryId),
    /// Removes a repository from Xopero ONE.
    Remove(RepositoryId),
}

impl Change {
    /// Whether something is taken away.
    pub fn is_removal(self) -> bool {
        match self {
            Self::Activate(_) | Self::Attach(..) | Self::AttachProject(..) | Self::Modify(_) => {
                false
            }
            Self::Detach(..) | Self::DetachProject(..) | Self::Deactivate(_) | Self::Remove(_) => {
                true
            }
        }
    }

    /// The repository that it concerns, where it concerns one.
    pub fn repository(self) -> Option<RepositoryId> {
        match self {
            Self::Activate(id)
            | Self::Attach(_, id)
            | Self::Detach(_, id)
            | Self::Deactivate(id)
            | Self::Remove(id) => Some(id),
            Self::AttachProject(..) | Self::Modify(_) | Self::DetachProject(..) => None,
        }
    }

    /// The plan that it concerns, where it concerns one.
    pub fn plan(self) -> Option<PlanId> {
        match self {
            Self::Attach(plan, _)
            | Self::AttachProject(plan, _)
            | Self::Modify(plan)
            | Self::Detach(plan, _)
            | Self::DetachProject(plan, _) => Some(plan),
            Self::Activate(_) | Self::Deactivate(_) | Self::Remove(_) => None,
        }
    }

    /// The word in `status.drift`; `ModifyAzurePlan` for a plan of Azure DevOps.
    pub fn as_str(self, service: super::Service) -> &'static str {
        match self {
            Self::Activate(_) => "Activate",
            Self::Attach(..) => "Attach",
            Self::AttachProject(..) => "AttachProject",
            Self::Modify(_) => match service {
                super::Service::Git => "ModifyPlan",
                super::Service::Azure => "ModifyAzurePlan",
            },
            Self::Detach(..) => "Detach",
            Self::DetachProject(..) => "DetachProject",
            Self::Deactivate(_) => "Deactivate",
            Self::Remove(_) => "Remove",
        }
    }
}

/// The exact identity of a change, for digests: the verb and the ids.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activate(id) => write!(f, "activate {id}"),
            Self::Attach(plan, id) => write!(f, "attach {plan} {id}"),
            Self::AttachProject(plan, id) => write!(f, "attach-project {plan} {id}"),
            Self::Modify(plan) => write!(f, "modify {plan}"),
            Self::Detach(plan, id) => write!(f, "detach {plan} {id}"),
            Self::DetachProject(plan, id) => write!(f, "detach-project {plan} {id}"),
            Self::Deactivate(id) => write!(f, "deactivate {id}"),
            Self::Remove(id) => write!(f, "remove {id}"),
        }
    }
}

/// A write to Xopero ONE: the only place from which one can come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Licences for these repositories, in one call.
    Activate(Vec<RepositoryId>),
    /// Takes the licence of one repository.
    Deactivate(RepositoryId),
    /// A repository into a plan.
    Attach(PlanId, RepositoryId),
    /// A repository out of a plan.
    Detach(PlanId, RepositoryId),
    /// A project into a plan.
    AttachProject(PlanId, ProjectId),
    /// A project out of a plan.
    DetachProject(PlanId, ProjectId),
    /// The settings of a plan.
    ModifyPlan(PlanId, Declared),
    /// The settings of an Azure DevOps plan.
    ModifyAzurePlan(PlanId, Declared),
    /// Asks Xopero ONE to read the Git service again.
    Sync,
    /// Removes one repository from Xopero ONE.
    Remove(RepositoryId),
}

/// Settings as they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// `includeMetadata`, when declared.
    pub include_metadata: Option<bool>,
    /// Everything else.
    pub parameters: BTreeMap<String, Value>,
}

impl Action {
    /// The changes that it makes.
    pub fn changes(&self) -> Vec<Change> {
        match self {
            Self::Activate(ids) => ids.iter().copied().map(Change::Activate).collect(),
            Self::Deactivate(id) => vec![Change::Deactivate(*id)],
            Self::Attach(plan, id) => vec![Change::Attach(*plan, *id)],
            Self::Detach(plan, id) => vec![Change::Detach(*plan, *id)],
            Self::AttachProject(plan, id) => vec![Change::AttachProject(*plan, *id)],
            Self::DetachProject(plan, id) => vec![Change::DetachProject(*plan, *id)],
            Self::ModifyPlan(plan, _) | Self::ModifyAzurePlan(plan, _) => {
                vec![Change::Modify(*plan)]
            }
            Self::Sync => Vec::new(),
            Self::Remove(id) => vec![Change::Remove(*id)],
        }
    }

    /// All words of [`Self::kind`].
    pub const KINDS: [&'static str; 10] = [
        "Activate",
        "Deactivate",
        "Attach",
        "Detach",
        "AttachProject",
        "DetachProject",
        "ModifyPlan",
        "ModifyAzurePlan",
        "Sync",
        "Remove",
    ];

    /// The word for metrics, events and the log.
    pub const fn kind(&self) -> &'static str {
        let [
            activate,
            deactivate,
            attach,
            detach,
            attach_project,
            detach_project,
            modify_plan,
            modify_azure_plan,
            sync,
            remove,
        ] = Self::KINDS;
        match self {
            Self::Activate(_) => activate,
            Self::Deactivate(_) => deactivate,
            Self::Attach(..) => attach,
            Self::Detach(..) => detach,
            Self::AttachProject(..) => attach_project,
            Self::DetachProject(..) => detach_project,
            Self::ModifyPlan(..) => modify_plan,
            Self::ModifyAzurePlan(..) => modify_azure_plan,
            Self::Sync => sync,
            Self::Remove(_) => remove,
        }
    }
}
