//! When a listing is read again, and what several readings come to. Pure.
//!
//! Rows that come or go while they are read make one reading contradict itself; the next one is whole. A server that counts its rows
//! wrongly contradicts itself for ever, and each reading says the same: then its number is worth nothing, the rows are what they are,
//! and what came is called uncounted, as where no number is said at all.

use std::collections::BTreeSet;

use super::{Announced, Row};
use crate::xopero::{errors::Inconsistency, model::Listed};

/// Readings of a listing whose pages do not fit together, before it is called inconsistent, or the number of its rows wrong.
const READINGS: u32 = 3;

/// One reading, to its end or as far as it went.
#[derive(Debug)]
pub(in crate::xopero) enum Reading<R> {
    /// Its pages fit together.
    Listed(Listed<R>),
    /// It was read to its end, and nothing is wrong with it but the number of its rows.
    Miscounted(Miscounted<R>),
    /// Its pages do not fit together.
    Torn(Inconsistency),
}

/// All rows of a reading that are not as many as each of its pages announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::xopero) struct Miscounted<R> {
    inconsistency: Inconsistency,
    announced: Announced,
    rows: Vec<R>,
}

impl<R> Miscounted<R> {
    pub(super) fn new(inconsistency: Inconsistency, announced: Announced, rows: Vec<R>) -> Self {
        Self {
            inconsistency,
            announced,
            rows,
        }
    }
}

impl<R: Row> Miscounted<R> {
    /// Whether both announced the same and have the same rows, in whatever order.
    fn agrees_with(&self, other: &Self) -> bool {
        let ids = |reading: &Self| reading.rows.iter().map(Row::id).collect::<BTreeSet<_>>();
        self.announced == other.announced && ids(self) == ids(other)
    }
}

/// What to do after a reading.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::xopero) enum Judged<R> {
    /// Read again, because of this.
    Again(Inconsistency),
    /// This is the listing.
    Listed(Listed<R>),
    /// There is none, because of this.
    Inconsistent(Inconsistency),
}

/// The readings of one listing so far.
#[derive(Debug)]
pub(in crate::xopero) struct Readings<R> {
    count: u32,
    /// The last one, where all were miscounted and agree.
    agreed: Option<Miscounted<R>>,
}

impl<R: Row> Readings<R> {
    /// None yet.
    pub(in crate::xopero) fn new() -> Self {
        Self {
            count: 0,
            agreed: None,
        }
    }

    /// Takes one more.
    pub(in crate::xopero) fn take(&mut self, reading: Reading<R>) -> Judged<R> {
        self.count += 1;
        let (inconsistency, miscounted) = match reading {
            Reading::Listed(listed) => return Judged::Listed(listed),
            Reading::Miscounted(read) => (read.inconsistency, Some(read)),
            Reading::Torn(inconsistency) => (inconsistency, None),
        };
        let before = self.agreed.take();
        let is_first = self.count == 1;
        self.agreed = miscounted.filter(|read| {
            is_first
                || before
                    .as_ref()
                    .is_some_and(|before| before.agrees_with(read))
        });
        if self.count < READINGS {
            return Judged::Again(inconsistency);
        }
        match self.agreed.take() {
            Some(Miscounted { rows, .. }) => {
                let counted = false;
                Judged::Listed(Listed { rows, counted })
            }
            None => Judged::Inconsistent(inconsistency),
        }
    }
}

#[cfg(test)]
mod tests;
