//! Under which names ids were known, in few bytes: status keeps them, so that a name that changed while nobody looked is noticed.

mod digest;

use std::fmt;

#[cfg(test)]
use k8s_openapi::jiff::Timestamp;

pub use digest::{Digest, TakenOut};

/// The names of an organization's repositories and plans. A repository's is spelled with its project, because patterns see both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Of repositories.
    pub repositories: Digest,
    /// Of plans.
    pub plans: Digest,
}

impl Names {
    /// Reads what status holds. `None` if it is nothing of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (repositories, plans) = text.split_once('-')?;
        Some(Self {
            repositories: Digest::parse(repositories)?,
            plans: Digest::parse(plans)?,
        })
    }

    /// See [`crate::decide::Memory::essence`].
    #[cfg(test)]
    pub(crate) fn essence(&self, age: impl Fn(Timestamp) -> i64) -> String {
        let of = |digest: &Digest| digest.essence(&age);
        of(&self.repositories) + &of(&self.plans)
    }
}

/// As it stands in status.
impl fmt::Display for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.repositories, self.plans)
    }
}
