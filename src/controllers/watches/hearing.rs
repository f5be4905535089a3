//! Whether a watch has listed all there is, and still hears of changes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

/// One watch.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    /// Cancelled once everything was listed: a state that any number of tasks may wait for.
    pub(super) listed: CancellationToken,
    failing: AtomicBool,
    failures: AtomicU64,
}

/// Whether a failure is the first after something was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    First,
    Again,
}

impl Liveness {
    /// Something was heard.
    pub(super) fn note_heard(&self) {
        self.failing.store(false, Ordering::Release);
    }

    /// An attempt failed.
    pub(super) fn note_failed(&self) -> Failed {
        self.failures.fetch_add(1, Ordering::Relaxed);
        if self.failing.swap(true, Ordering::AcqRel) {
            Failed::Again
        } else {
            Failed::First
        }
    }

    /// Whether it has listed everything, and its last attempt did not fail.
    pub(super) fn hears(&self) -> bool {
        self.listed.is_cancelled() && !self.failing.load(Ordering::Acquire)
    }
}

/// How the watches of a kind stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hearing {
    /// They have listed all there is, and hear of changes.
    pub listed: usize,
    /// They have never listed all there is, and have not failed.
    pub not_listed: usize,
    /// Their last attempt failed.
    pub failing: usize,
    /// Attempts of all of them that failed.
    pub failures: u64,
}

impl Hearing {
    pub(super) fn of<'liveness>(watches: impl IntoIterator<Item = &'liveness Liveness>) -> Self {
        let mut hearing = Self::default();
        for watch in watches {
            let Liveness {
                listed,
                failing,
                failures,
            } = watch;
            hearing.failures += failures.load(Ordering::Relaxed);
            if failing.load(Ordering::Acquire) {
                hearing.failing += 1;
            } else if listed.is_cancelled() {
                hearing.listed += 1;
            } else {
                hearing.not_listed += 1;
            }
        }
        hearing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_that_fails_counts_as_failing_until_it_hears_again() {
        let watches: [Liveness; 3] = Default::default();
        watches[0].listed.cancel();
        watches[1].listed.cancel();
        assert_eq!(watches[1].note_failed(), Failed::First);
        assert_eq!(watches[1].note_failed(), Failed::Again);
        let failing = Hearing {
            listed: 1,
            not_listed: 1,
            failing: 1,
            failures: 2,
        };
        assert_eq!(Hearing::of(&watches), failing);
        assert_eq!(
            watches.each_ref().map(Liveness::hears),
            [true, false, false]
        );

        watches[1].note_heard();
        let heard = Hearing {
            listed: 2,
            failing: 0,
            ..failing
        };
        assert_eq!(Hearing::of(&watches), heard);
        assert_eq!(watches[1].note_failed(), Failed::First);
    }
}
