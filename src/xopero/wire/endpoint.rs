//! The 14 endpoints that the vendor documents, by path.

use std::fmt;

use super::fields;

/// One endpoint of the REST API. All are `POST`, so whether a call may be repeated is a property of the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// Sign in.
    Login,
    /// List organizations.
    Organizations,
    /// List the plans of an organization.
    Plans,
    /// List the repositories of an organization.
    Repositories,
    /// Put a repository into a plan.
    AttachRepository,
    /// Take a repository out of a plan.
    DetachRepository,
    /// Put an Azure DevOps project into a plan.
    AttachProject,
    /// Take an Azure DevOps project out of a plan.
    DetachProject,
    /// Change the settings of a plan.
    ModifyGitPlan,
    /// Change the settings of an Azure DevOps plan.
    ModifyAzurePlan,
    /// Give repositories a licence.
    Activate,
    /// Take repositories' licences.
    Deactivate,
    /// Remove a repository from Xopero ONE.
    Remove,
    /// Read an organization's Git service again.
    Synchronize,
}

impl Endpoint {
    /// All endpoints.
    pub const ALL: [Self; 14] = [
        Self::Login,
        Self::Organizations,
        Self::Plans,
        Self::Repositories,
        Self::AttachRepository,
        Self::DetachRepository,
        Self::AttachProject,
        Self::DetachProject,
        Self::ModifyGitPlan,
        Self::ModifyAzurePlan,
        Self::Activate,
        Self::Deactivate,
        Self::Remove,
        Self::Synchronize,
    ];

    /// Where it is under the server's root. Documented; the three Azure paths are printed without a leading slash.
    pub(in crate::xopero) fn path(self) -> &'static str {
        match self {
            Self::Login => "/account/login",
            Self::Organizations => "/git/organizations/getmany",
            Self::Plans => "/plans/listassignedtoorganization",
            Self::Repositories => "/git/repositories/getmany",
            Self::AttachRepository => "/plans/attachgitrepository",
            Self::DetachRepository => "/plans/detachgitrepository",
            Self::AttachProject => "/plans/AttachAzureProject",
            Self::DetachProject => "/plans/DetachAzureProject",
            Self::ModifyGitPlan => "/plans/modifygitplan",
            Self::ModifyAzurePlan => "/plans/ModifyAzurePlanAsync",
            Self::Activate => "/git/repositories/activate",
            Self::Deactivate => "/git/repositories/deactivate",
            Self::Remove => "/git/repositories/remove",
            Self::Synchronize => "/git/repositories/sync",
        }
    }

    /// One bounded word: metric label, and the call's name in the file of wire names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Organizations => "organizations",
            Self::Plans => "plans",
            Self::Repositories => "repositories",
            Self::AttachRepository => "attachRepository",
            Self::DetachRepository => "detachRepository",
            Self::AttachProject => "attachProject",
            Self::DetachProject => "detachProject",
            Self::ModifyGitPlan => "modifyGitPlan",
            Self::ModifyAzurePlan => "modifyAzurePlan",
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Remove => "remove",
            Self::Synchronize => "synchronize",
        }
    }

    /// The key of the file of wire names that is the likeliest to help where the call is refused: of an assumed name, where
    /// there is one.
    pub(in crate::xopero) fn likeliest_key(self) -> &'static str {
        let field = match self {
            Self::Login => &fields::LOGIN_EMAIL,
            Self::Organizations => &fields::ORGANIZATIONS_ORDER_BY,
            Self::Plans => &fields::PLANS_ORGANIZATION,
            Self::Repositories => &fields::REPOSITORIES_ORGANIZATION,
            Self::AttachRepository => &fields::ATTACH_REPOSITORY_REPOSITORY,
            Self::DetachRepository => &fields::DETACH_REPOSITORY_REPOSITORY,
            Self::AttachProject => &fields::ATTACH_PROJECT_PROJECT,
            Self::DetachProject => &fields::DETACH_PROJECT_PROJECT,
            Self::ModifyGitPlan => &fields::MODIFY_GIT_PLAN_PLAN,
            Self::ModifyAzurePlan => &fields::MODIFY_AZURE_PLAN_PLAN,
            Self::Activate => &fields::ACTIVATE_REPOSITORIES,
            Self::Deactivate => &fields::DEACTIVATE_REPOSITORIES,
            Self::Remove => &fields::REMOVE_REPOSITORY,
            Self::Synchronize => &fields::SYNCHRONIZE_ORGANIZATION,
        };
        field.key
    }

    /// Reads back [`Endpoint::as_str`], for what a status remembers. `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|endpoint| endpoint.as_str() == word)
    }

    /// Whether a call changes something in Xopero ONE: then it waits for the write gate and is never repeated blindly.
    pub fn is_write(self) -> bool {
        match self {
            Self::Login | Self::Organizations | Self::Plans | Self::Repositories => false,
            Self::AttachRepository
            | Self::DetachRepository
            | Self::AttachProject
            | Self::DetachProject
            | Self::ModifyGitPlan
            | Self::ModifyAzurePlan
            | Self::Activate
            | Self::Deactivate
            | Self::Remove
            | Self::Synchronize => true,
        }
    }
}

/// What was being done, as the beginning of an error's sentence.
impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Login => "signing in",
            Self::Organizations => "listing the organizations",
            Self::Plans => "listing the plans of the organization",
            Self::Repositories => "listing the repositories of the organization",
            Self::AttachRepository => "attaching a repository",
            Self::DetachRepository => "detaching a repository",
            Self::AttachProject => "attaching a project",
            Self::DetachProject => "detaching a project",
            Self::ModifyGitPlan | Self::ModifyAzurePlan => "changing the settings of the plan",
            Self::Activate => "activating licences",
            Self::Deactivate => "deactivating licences",
            Self::Remove => "removing a repository",
            Self::Synchronize => "asking for a synchronization",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_endpoint_has_a_path_and_a_word_of_its_own() {
        let paths: BTreeSet<_> = Endpoint::ALL
            .iter()
            .map(|endpoint| endpoint.path())
            .collect();
        let words: BTreeSet<_> = Endpoint::ALL
            .iter()
            .map(|endpoint| endpoint.as_str())
            .collect();
        assert_eq!((paths.len(), words.len()), (14, 14));
        for endpoint in Endpoint::ALL {
            assert_eq!(Endpoint::parse(endpoint.as_str()), Some(endpoint));
            assert!(endpoint.path().starts_with('/'));
            let call = format!("request.{}.", endpoint.as_str());
            assert!(endpoint.likeliest_key().starts_with(&call), "{call}");
        }
        assert_eq!(Endpoint::parse("restore"), None);
    }
}
