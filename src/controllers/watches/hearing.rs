//! Whether a watch has listed all there is, and still hears of changes.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tokio_util::sync::CancellationToken;

/// One watch.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    /// Cancelled once everything was listed: a state that any number of tasks may wait for.
    pub(super) listed: CancellationToken,
    /// Why the last attempt failed, if it did.
    failing: Mutex<Option<String>>,
    failures: AtomicU64,
}

/// Whether a failure is the first of its kind after something was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    First,
    Again,
}

impl Liveness {
    /// Something was heard.
    pub(super) fn note_heard(&self) {
        *self.failing() = None;
    }

    /// An attempt failed, and why.
    pub(super) fn note_failed(&self, why: &str) -> Failed {
        self.failures.fetch_add(1, Ordering::Relaxed);
        let before = self.failing().replace(why.to_owned());
        if before.as_deref() == Some(why) {
            Failed::Again
        } else {
            Failed::First
        }
    }

    fn failing(&self) -> MutexGuard<'_, Option<String>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has listed everything, and its last attempt did not fail.
    pub(super) fn hears(&self) -> bool {
        self.listed.is_cancelled() && self.failing().is_none()
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
            hearing.failures += watch.failures.load(Ordering::Relaxed);
            if watch.failing().is_some() {
                hearing.failing += 1;
            } else if watch.listed.is_cancelled() {
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
        assert_eq!(watches[1].note_failed("not there"), Failed::First);
        assert_eq!(watches[1].note_failed("not there"), Failed::Again);
        assert_eq!(watches[1].note_failed("forbidden"), Failed::First);
        let failing = Hearing {
            listed: 1,
            not_listed: 1,
            failing: 1,
            failures: 3,
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
        assert_eq!(watches[1].note_failed("forbidden"), Failed::First);
    }
}
