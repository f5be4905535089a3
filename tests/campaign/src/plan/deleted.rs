//! What is deleted in Kubernetes in the middle of a run, and put back.

use serde::{Deserialize, Serialize};

/// What is deleted at the write of the trap, which is on the wire meanwhile. It is put back once that has been noticed, with all that
/// went with it, as a tool does that keeps manifests in Git.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deleted {
    /// The Secret of the account.
    Secret,
    /// The definition of plans, and with it every plan.
    PlanDefinition,
    /// The definition of repositories, and with it every repository.
    RepositoryDefinition,
    /// The namespace, and with it everything in it.
    Namespace,
}

impl Deleted {
    /// Whether it concerns all that use the same API server.
    pub const fn is_felt_by_others(self) -> bool {
        match self {
            Self::Secret | Self::Namespace => false,
            Self::PlanDefinition | Self::RepositoryDefinition => true,
        }
    }

    /// Why a line that tells where two ends differ is of no weight: what is made anew has had fewer generations.
    pub fn explains(self, line: &str) -> bool {
        let is_made_anew = match self {
            Self::Secret => false,
            Self::PlanDefinition => line.starts_with("/kubernetes/XoperoBackupPlan "),
            Self::RepositoryDefinition => line.starts_with("/kubernetes/XoperoRepository "),
            Self::Namespace => line.starts_with("/kubernetes/"),
        };
        let path = line.split(": ").next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        is_made_anew && ["generation", "observedGeneration"].contains(&last)
    }

    /// Whether the organization's resource is made anew, and with it what its status had counted.
    pub const fn forgets_counts(self) -> bool {
        match self {
            Self::Namespace => true,
            Self::Secret | Self::PlanDefinition | Self::RepositoryDefinition => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_generations_of_what_is_made_anew_make_no_difference_and_all_else_does() {
        let plan = "/kubernetes/XoperoBackupPlan nightly";
        let of = |path: &str| format!("{plan}{path}: 1, and in the reference 2");
        for path in [
            "/generation",
            "/status/observedGeneration",
            "/status/conditions/Ready/observedGeneration",
        ] {
            assert!(Deleted::PlanDefinition.explains(&of(path)), "{path}");
            assert!(!Deleted::RepositoryDefinition.explains(&of(path)), "{path}");
            assert!(!Deleted::Secret.explains(&of(path)), "{path}");
        }
        assert!(!Deleted::PlanDefinition.explains(&of("/status/members")));
    }
}
