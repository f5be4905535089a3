//! The closed words of the specs. Each default stands beside the field that has it.

use serde::{Deserialize, Serialize};

/// The words of a closed list, for its schema.
pub(super) trait Words {
    /// Every word, in the order of the list.
    const WORDS: &[&str];
}

/// Defines a closed word list of the API: the derives that every one of them needs.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// Every word, in the order of the schema.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as it stands in a resource.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                }
            }
        }

        impl Words for $name {
            const WORDS: &[&str] = &[$(stringify!($variant)),+];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What the operator may do in an organization.
    Mode {
        /// Make Xopero ONE equal to what is declared.
        Manage,
        /// Report the differences, write nothing.
        Observe,
    }
}

words! {
    /// The Git service of an organization. It selects the Azure endpoints of Xopero ONE, and says whether every repository has a project.
    Provider {
        /// GitHub, GitHub Enterprise.
        GitHub,
        /// GitLab, also self-managed.
        GitLab,
        /// Bitbucket Cloud and Data Center.
        Bitbucket,
        /// Azure DevOps Services and Server.
        AzureDevOps,
    }
}

impl Provider {
    /// Whether every repository of that Git service is in a project, so that a row without one only does not show it.
    pub fn keeps_all_in_projects(self) -> bool {
        match self {
            Self::AzureDevOps | Self::Bitbucket => true,
            Self::GitHub | Self::GitLab => false,
        }
    }
}

words! {
    /// What a claim says about that which it does not name.
    Membership {
        /// Nothing: it stays as it is.
        Additive,
        /// It does not belong there, and is detached.
        Exclusive,
    }
}

words! {
    /// Whether a plan gives the repositories that it selects a licence.
    PlanLicense {
        /// A licence is activated before a repository is attached.
        Ensure,
        /// Licences are left as they are.
        Ignore,
    }
}

words! {
    /// The licence that a repository shall have.
    RepositoryLicense {
        /// It holds a licence.
        Active,
        /// It holds none.
        Inactive,
    }
}

words! {
    /// What deleting a plan or project resource undoes in Xopero ONE.
    AttachmentDeletionPolicy {
        /// Nothing.
        Retain,
        /// What the resource names is detached.
        Detach,
    }
}

words! {
    /// What deleting a repository resource undoes in Xopero ONE. Each policy includes the ones before it.
    DeletionPolicy {
        /// Nothing.
        Retain,
        /// The repository is detached from the plans named.
        Detach,
        /// Its licence is given back.
        Deactivate,
        /// It is removed from Xopero ONE. Its last copy may go with it, so a person always has to approve.
        Remove,
    }
}

words! {
    /// What becomes of a licence that no claim wants.
    Unclaimed {
        /// It stays.
        Keep,
        /// It is given back.
        Deactivate,
    }
}

words! {
    /// What has to be protected for an organization to count as protected.
    ProtectionRequirement {
        /// What is declared by some resource.
        Declared,
        /// Every repository of the organization.
        EveryRepository,
    }
}

words! {
    /// From which namespaces a resource may be referenced.
    NamespacesFrom {
        /// From its own.
        Same,
        /// From every namespace.
        All,
        /// From the namespaces whose labels match the selector.
        Selector,
    }
}

words! {
    /// What claims from other namespaces may do.
    Rights {
        /// Add repositories and licences, never remove, never change settings.
        Add,
        /// Whatever a claim of the organization's own namespace may do.
        Full,
    }
}

words! {
    /// Whether plans of a connection may change the settings of plans in Xopero ONE.
    PlanSettingsPolicy {
        /// They may not.
        Forbidden,
        /// They may.
        Allowed,
    }
}

words! {
    /// The kind of object that holds a bundle of certificates.
    CaBundleKind {
        /// A Secret. It needs no consent label: only certificates are read from it.
        Secret,
        /// A `ConfigMap`.
        ConfigMap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_deletion_policy_includes_the_ones_before_it() {
        assert!(DeletionPolicy::Retain < DeletionPolicy::Detach);
        assert!(DeletionPolicy::Detach < DeletionPolicy::Deactivate);
        assert!(DeletionPolicy::Deactivate < DeletionPolicy::Remove);
    }

    #[test]
    fn a_word_is_spelled_as_in_a_resource() {
        for provider in Provider::ALL {
            assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
        }
    }
}
