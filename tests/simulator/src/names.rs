//! Every wire name, with whether the reference documents it. The keys are those of `names` in a dialect.

use crate::endpoint::Endpoint;

/// Whether a name is in the vendor's text or a reading of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// In the vendor's text.
    Documented,
    /// Our best reading.
    Assumed,
}

use Known::{Assumed, Documented};

/// The fields of a paged listing's request, all documented.
const PAGING: [(&str, Known); 5] = [
    ("limit", Documented),
    ("page", Documented),
    ("orderby", Documented),
    ("ordertype", Documented),
    ("filters", Documented),
];

/// The field names that an endpoint's request has. `modifygitplan` and its Azure twin take settings of any name beside them.
pub fn request(endpoint: Endpoint) -> Vec<(&'static str, Known)> {
    match endpoint {
        Endpoint::Login => vec![
            ("email", Documented),
            ("password", Documented),
            ("rememberMe", Documented),
        ],
        Endpoint::ListOrganizations => PAGING.to_vec(),
        Endpoint::ListPlans | Endpoint::Sync => vec![("organizationId", Assumed)],
        Endpoint::AttachRepository | Endpoint::DetachRepository => {
            vec![("planId", Documented), ("repositoryId", Documented)]
        }
        Endpoint::AttachProject | Endpoint::DetachProject => {
            vec![("planId", Assumed), ("projectId", Assumed)]
        }
        Endpoint::ModifyPlan | Endpoint::ModifyAzurePlan => {
            vec![("planId", Assumed), ("includeMetadata", Assumed)]
        }
        Endpoint::ListRepositories => std::iter::once(("organizationId", Assumed))
            .chain(PAGING)
            .collect(),
        Endpoint::Activate | Endpoint::Deactivate => vec![("repositoryIds", Assumed)],
        Endpoint::Remove => vec![("repositoryId", Assumed)],
    }
}

/// The shapes that answers are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Login,
    Page,
    Organization,
    Plan,
    LastStatus,
    Repository,
    PlanReference,
}

impl Shape {
    pub(crate) const ALL: [Self; 7] = [
        Self::Login,
        Self::Page,
        Self::Organization,
        Self::Plan,
        Self::LastStatus,
        Self::Repository,
        Self::PlanReference,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Page => "page",
            Self::Organization => "organization",
            Self::Plan => "plan",
            Self::LastStatus => "lastStatus",
            Self::Repository => "repository",
            Self::PlanReference => "planReference",
        }
    }

    /// Its field names.
    pub(crate) const fn fields(self) -> &'static [(&'static str, Known)] {
        match self {
            Self::Login => &[("userId", Documented), ("accessToken", Documented)],
            Self::Page => &[
                ("currentPage", Documented),
                ("pageCount", Documented),
                ("totalEntries", Documented),
                ("result", Documented),
            ],
            Self::Organization => &[
                ("id", Documented),
                ("driver", Documented),
                ("name", Documented),
                ("apiUrl", Documented),
                ("isReadOnly", Documented),
                ("protectedRepositories", Documented),
                ("totalRepositories", Documented),
                ("missingLicences", Documented),
                ("removedRepositories", Documented),
                ("defaultWorkerId", Documented),
                ("isCreatedByMarketplace", Documented),
                ("synchronizationInProgress", Documented),
                ("plans", Documented),
            ],
            Self::Plan => &[
                ("id", Documented),
                ("name", Documented),
                ("backupType", Documented),
                ("includeMetadata", Documented),
                ("repoCount", Documented),
                ("lastStatus", Documented),
                ("planFinishedTime", Documented),
                ("isRunning", Documented),
                ("projects", Assumed),
            ],
            Self::LastStatus => &[
                ("successes", Documented),
                ("warnings", Documented),
                ("errors", Documented),
            ],
            Self::Repository => &[
                ("id", Assumed),
                ("name", Assumed),
                ("organizationId", Assumed),
                ("projectId", Assumed),
                ("projectName", Assumed),
                ("hasLicence", Assumed),
                ("isRemoved", Assumed),
                ("plans", Assumed),
            ],
            Self::PlanReference => &[("id", Assumed), ("name", Assumed)],
        }
    }
}

/// Every key that `names` of a dialect may hold.
pub fn keys() -> Vec<(String, Known)> {
    let requests = Endpoint::ALL.into_iter().flat_map(|endpoint| {
        request(endpoint)
            .into_iter()
            .map(move |(name, known)| (format!("request.{endpoint}.{name}"), known))
    });
    let responses = Shape::ALL.into_iter().flat_map(|shape| {
        shape
            .fields()
            .iter()
            .map(move |(name, known)| (format!("response.{}.{name}", shape.name()), *known))
    });
    requests.chain(responses).collect()
}
