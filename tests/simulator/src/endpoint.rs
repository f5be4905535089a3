//! The 14 endpoints: their paths, their names in faults and the journal, and which of them write.

use serde::{Deserialize, Serialize};

/// One endpoint of the REST API. The name (camelCase in YAML and JSON) is the one that faults, the journal and the keys of wire names use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Endpoint {
    /// `/account/login`
    Login,
    /// `/git/organizations/getmany`
    ListOrganizations,
    /// `/plans/listassignedtoorganization`
    ListPlans,
    /// `/plans/attachgitrepository`
    AttachRepository,
    /// `/plans/detachgitrepository`
    DetachRepository,
    /// `/plans/AttachAzureProject`
    AttachProject,
    /// `/plans/DetachAzureProject`
    DetachProject,
    /// `/plans/modifygitplan`
    ModifyPlan,
    /// `/plans/ModifyAzurePlanAsync`
    ModifyAzurePlan,
    /// `/git/repositories/getmany`
    ListRepositories,
    /// `/git/repositories/activate`
    Activate,
    /// `/git/repositories/deactivate`
    Deactivate,
    /// `/git/repositories/remove`
    Remove,
    /// `/git/repositories/sync`
    Sync,
}

impl Endpoint {
    /// Every endpoint, in the order of the reference.
    pub const ALL: [Self; 14] = [
        Self::Login,
        Self::ListOrganizations,
        Self::ListPlans,
        Self::AttachRepository,
        Self::DetachRepository,
        Self::AttachProject,
        Self::DetachProject,
        Self::ModifyPlan,
        Self::ModifyAzurePlan,
        Self::ListRepositories,
        Self::Activate,
        Self::Deactivate,
        Self::Remove,
        Self::Sync,
    ];

    /// The path, as the reference prints it, with a leading slash.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Login => "/account/login",
            Self::ListOrganizations => "/git/organizations/getmany",
            Self::ListPlans => "/plans/listassignedtoorganization",
            Self::AttachRepository => "/plans/attachgitrepository",
            Self::DetachRepository => "/plans/detachgitrepository",
            Self::AttachProject => "/plans/AttachAzureProject",
            Self::DetachProject => "/plans/DetachAzureProject",
            Self::ModifyPlan => "/plans/modifygitplan",
            Self::ModifyAzurePlan => "/plans/ModifyAzurePlanAsync",
            Self::ListRepositories => "/git/repositories/getmany",
            Self::Activate => "/git/repositories/activate",
            Self::Deactivate => "/git/repositories/deactivate",
            Self::Remove => "/git/repositories/remove",
            Self::Sync => "/git/repositories/sync",
        }
    }

    /// The name in YAML, JSON and the keys of wire names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::ListOrganizations => "listOrganizations",
            Self::ListPlans => "listPlans",
            Self::AttachRepository => "attachRepository",
            Self::DetachRepository => "detachRepository",
            Self::AttachProject => "attachProject",
            Self::DetachProject => "detachProject",
            Self::ModifyPlan => "modifyPlan",
            Self::ModifyAzurePlan => "modifyAzurePlan",
            Self::ListRepositories => "listRepositories",
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Remove => "remove",
            Self::Sync => "sync",
        }
    }

    /// Whether a call of it may change something. A login does not count: it changes nothing that is backed up.
    pub const fn is_write(self) -> bool {
        match self {
            Self::Login | Self::ListOrganizations | Self::ListPlans | Self::ListRepositories => {
                false
            }
            Self::AttachRepository
            | Self::DetachRepository
            | Self::AttachProject
            | Self::DetachProject
            | Self::ModifyPlan
            | Self::ModifyAzurePlan
            | Self::Activate
            | Self::Deactivate
            | Self::Remove
            | Self::Sync => true,
        }
    }

    /// The endpoint of a path. Casing does not matter, as with ASP.NET Core.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|endpoint| endpoint.path().eq_ignore_ascii_case(path))
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_serde_writes() {
        for endpoint in Endpoint::ALL {
            assert_eq!(
                serde_json::to_value(endpoint).unwrap(),
                serde_json::json!(endpoint.name())
            );
            assert_eq!(
                Endpoint::of_path(&endpoint.path().to_uppercase()),
                Some(endpoint)
            );
        }
    }
}
