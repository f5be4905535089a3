//! Whether a listing may be trusted for removals. Pure: a listing, what is known from before, and nothing else.

use super::{Inventory, Organization, RepositoryId};
use crate::api::{Coverage, RemovalLimit};

/// Why a listing is not trusted. Additions go on all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The organization synchronized while it was read.
    Synchronizing,
    /// Fewer rows than before, by more than may be removed, and not because they are marked as removed.
    Shrunk,
    /// Xopero ONE does not say how many rows there are, or each time the same number that does not fit, so that some may be missing.
    Uncounted,
}

impl Doubt {
    /// Whether what was listed is still what the next listing is compared with. Elsewhere that is what was believed before.
    pub fn is_baseline(self) -> bool {
        match self {
            Self::Uncounted => true,
            Self::Synchronizing | Self::Shrunk => false,
        }
    }

    /// The word for the status and for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synchronizing => "Synchronizing",
            Self::Shrunk => "Shrunk",
            Self::Uncounted => "Uncounted",
        }
    }

    /// A sentence for the person who reads the condition.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Synchronizing => {
                "The organization was synchronizing while it was listed; nothing is removed until a listing is read in peace."
            }
            Self::Shrunk => {
                "The listing is shorter than before without an explanation; nothing is removed. If the repositories are really \
                 gone, the third listing in a row with the same rows is believed, or annotate the organization with \
                 xopero.dev/reconcile-requested-at."
            }
            Self::Uncounted => {
                "Xopero ONE does not say how many rows its listings have, or says a number that does not fit, so nothing proves that \
                 all came; nothing is removed. If it calls the field totalEntries otherwise, start the operator with --wire-names and \
                 the line response.page.totalEntries: <its name>."
            }
        }
    }
}

/// The word in status while the last listing failed, so that what is held is older.
pub const LISTING_FAILED: &str = "ListingFailed";

/// How many rows there were, and how many may be missing.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Rows not removed upstream in the last listing that was believed (`status.coverage.known`).
    pub known: usize,
    /// Rows marked as removed upstream in that listing (`status.coverage.removedUpstream`).
    pub removed_upstream: usize,
    /// The removal limit, in repositories.
    pub limit: usize,
}

impl Expected {
    /// What status says of the last listing that was believed, and how much may be removed of that.
    pub fn of(coverage: Coverage, limit: RemovalLimit) -> Self {
        let known = u64::try_from(coverage.known).unwrap_or_default();
        Self {
            known: usize::try_from(known).unwrap_or(usize::MAX),
            removed_upstream: usize::try_from(coverage.removed_upstream).unwrap_or_default(),
            limit: usize::try_from(limit.of(known)).unwrap_or(usize::MAX),
        }
    }
}

/// The memory of listings that were not believed: the same rows three times in a row are the new truth.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    ids: Vec<RepositoryId>,
    times: u32,
}

/// The same ids in this many listings in a row are believed.
const BELIEVED_AT_TIMES: u32 = 3;

impl Baseline {
    /// Judges one whole listing. `before` is the organization as it was read before its rows; the inventory holds it as it was
    /// read after them.
    pub fn doubt(
        &mut self,
        expected: Option<Expected>,
        before: &Organization,
        listed: &Inventory,
        asked: Asked,
    ) -> Option<Doubt> {
        let after = listed.organization();
        let synchronized_meanwhile = [before, after]
            .iter()
            .any(|organization| organization.synchronizing == Some(true));
        // What was read meanwhile counts for nothing, least of all as one of three listings in a row.
        if synchronized_meanwhile {
            return Some(Doubt::Synchronizing);
        }
        let ids: Vec<RepositoryId> = listed.repositories().iter().map(|row| row.id).collect();
        self.judge(expected, &ids, listed.living(), asked)
            .or_else(|| (!listed.is_counted()).then_some(Doubt::Uncounted))
    }

    /// Judges one whole listing: `ids` of all its rows, ordered, and how many of them are living.
    /// One that a person asked for is the new baseline.
    pub(super) fn judge(
        &mut self,
        expected: Option<Expected>,
        ids: &[RepositoryId],
        living: usize,
        asked: Asked,
    ) -> Option<Doubt> {
        let removed_upstream = ids.len().saturating_sub(living);
        let shrunk = expected.is_some_and(|expected| {
            let newly_marked = removed_upstream.saturating_sub(expected.removed_upstream);
            let missing = expected
                .known
                .saturating_sub(living)
                .saturating_sub(newly_marked);
            missing > expected.limit || (ids.is_empty() && expected.known > 0)
        });
        if !shrunk {
            *self = Self::default();
            return None;
        }
        // Another listing may come before status says how many there are by now: what is believed is remembered until then.
        self.times = match asked {
            Asked::ByAPerson => BELIEVED_AT_TIMES,
            Asked::No if self.ids == ids => BELIEVED_AT_TIMES.min(self.times + 1),
            Asked::No => 1,
        };
        ids.clone_into(&mut self.ids);
        (self.times < BELIEVED_AT_TIMES).then_some(Doubt::Shrunk)
    }
}

/// Whether a person asked for this observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// By `xopero.dev/reconcile-requested-at` on the organization.
    ByAPerson,
    /// It was due.
    No,
}

#[cfg(test)]
mod tests;
