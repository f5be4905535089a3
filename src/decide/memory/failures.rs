//! Writes that went wrong without being refused: each is observed before it is repeated, and what goes wrong again and again is
//! repeated at growing intervals, while everything else goes on.

use std::{collections::BTreeMap, time::Duration};

use k8s_openapi::jiff::Timestamp;

use super::outcomes::{endpoint_word, interval, later};
use crate::{decide::Change, inventory::PlanId};

/// After so many failures of one kind of change in one plan, and no success, the others of that kind wait as well.
const IN_A_ROW: usize = 8;

/// A change whose answer was lost, or told of a failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    pub(super) times: usize,
    pub(super) at: Timestamp,
    pub(super) listing: u64,
    /// What the server said; `None`: nothing.
    pub(super) status: Option<u16>,
}

impl Lost {
    /// Once more: how often, by now.
    pub(super) fn again(
        before: Option<&Self>,
        at: Timestamp,
        listing: u64,
        status: Option<u16>,
    ) -> Self {
        Self {
            times: before.map_or(1, |lost| lost.times + 1),
            at,
            listing,
            status,
        }
    }

    /// How many listings are to come, seen from this one, before it may be repeated. What takes something away is repeated only
    /// when two call for it: the first may have been read before it was made.
    pub(super) fn awaited_listings(&self, change: Change, listing: u64) -> u64 {
        let needed = if change.is_removal() { 2 } else { 1 };
        (self.listing + needed).saturating_sub(listing)
    }

    /// Until when it is not repeated. The first failure may be a passing one, and so may the second where nobody answered.
    pub(super) fn until(&self, resync: Duration) -> Option<Timestamp> {
        let patience = if self.status.is_some() { 1 } else { 2 };
        let waits = self
            .times
            .checked_sub(patience)
            .filter(|waits| *waits > 0)?;
        Some(later(self.at, interval(resync, waits)))
    }
}

/// Failures in a row, of one kind of change in one plan.
#[derive(Clone, Copy, Debug)]
struct Row {
    failures: usize,
    /// How many listings saw failures since there were so many.
    rounds: usize,
    at: Timestamp,
    listing: u64,
    status: u16,
}

type Kind = (&'static str, Option<PlanId>);

/// Rows of failures that the server told of. Of a server that does not answer at all they say nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows(BTreeMap<Kind, Row>);

impl Rows {
    pub(super) fn failed(&mut self, change: Change, status: u16, at: Timestamp, listing: u64) {
        let row = self.0.entry(kind(change)).or_insert(Row {
            failures: 0,
            rounds: 0,
            at,
            listing,
            status,
        });
        row.failures += 1;
        if row.failures >= IN_A_ROW && (row.rounds == 0 || row.listing != listing) {
            row.rounds += 1;
        }
        (row.at, row.listing, row.status) = (at, listing, status);
    }

    /// When each failed last.
    pub(super) fn times(&mut self) -> impl Iterator<Item = &mut Timestamp> {
        self.0.values_mut().map(|row| &mut row.at)
    }

    pub(super) fn succeeded(&mut self, change: Change) {
        self.0.remove(&kind(change));
    }

    /// Why the change waits, though it may never have been sent: those like it failed, with this status.
    pub(super) fn hold(
        &self,
        change: Change,
        since: Timestamp,
        now: Timestamp,
        resync: Duration,
    ) -> Option<u16> {
        let row = self.0.get(&kind(change))?;
        let waits = row.rounds > 0 && row.at >= since;
        (waits && now < later(row.at, interval(resync, row.rounds))).then_some(row.status)
    }

    #[cfg(test)]
    pub(super) fn essence(
        &self,
        text: &mut String,
        listing: u64,
        age: impl Fn(Timestamp) -> i64,
    ) -> std::fmt::Result {
        use std::fmt::Write as _;

        for (kind, row) in &self.0 {
            let failures = row.failures.min(IN_A_ROW);
            write!(
                text,
                "row {kind:?} {failures} {} {} {}",
                row.rounds,
                age(row.at),
                row.listing == listing
            )?;
        }
        Ok(())
    }
}

fn kind(change: Change) -> Kind {
    (endpoint_word(change), change.plan())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::decide::fixtures::{at, plan_id, repository_id};

    const MINUTE: i64 = 60;

    #[rstest]
    //                                 failures by each listing   held for so many minutes
    #[case::too_few(                   &[IN_A_ROW - 1],           0)]
    #[case::enough(                    &[IN_A_ROW],               10)]
    #[case::more_by_the_same_listing(  &[IN_A_ROW + 5],           10)]
    #[case::more_by_the_next_listing(  &[IN_A_ROW, 1],            20)]
    #[case::more_by_yet_another(       &[IN_A_ROW, 3, 1],         40)]
    fn what_fails_in_a_row_waits_longer_by_each_listing_that_saw_it_fail(
        #[case] failures: &[usize],
        #[case] minutes: i64,
    ) {
        let change = Change::Attach(plan_id("nightly"), repository_id("api"));
        let mut rows = Rows::default();
        for (listing, count) in (1..).zip(failures) {
            for _ in 0..*count {
                rows.failed(change, 500, at(0), listing);
            }
        }
        let is_held = |seconds| {
            let resync = Duration::from_mins(10);
            rows.hold(change, Timestamp::MIN, at(seconds), resync)
                .is_some()
        };
        assert_eq!(is_held(minutes * MINUTE - 1), minutes > 0);
        assert!(!is_held(minutes * MINUTE));
    }
}
