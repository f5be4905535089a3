//! Whether a watch has listed all there is, and still hears of changes.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use kube::runtime::watcher;
use tokio_util::sync::CancellationToken;

use super::trouble;

/// One watch.
#[derive(Debug, Default)]
pub struct Liveness {
    /// Cancelled once everything was listed: a state that any number of tasks may wait for.
    pub(in crate::controllers) listed: CancellationToken,
    /// Why the last attempt failed, if it did.
    failing: Mutex<Option<String>>,
    failures: AtomicU64,
}

impl Liveness {
    /// Takes in what came of a watch. Why it failed comes back to be said: once for each reason, until something is heard.
    pub(in crate::controllers) fn note<K>(
        &self,
        event: &Result<watcher::Event<K>, watcher::Error>,
    ) -> Option<String> {
        match event {
            // A list that is only asked for may yet fail.
            Ok(watcher::Event::Init | watcher::Event::InitApply(_)) => {}
            Ok(watcher::Event::InitDone) => {
                *self.failing() = None;
                self.listed.cancel();
            }
            Ok(watcher::Event::Apply(_) | watcher::Event::Delete(_)) => *self.failing() = None,
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                let why = trouble::words(error);
                let before = self.failing().replace(why.clone());
                return (before.as_ref() != Some(&why)).then_some(why);
            }
        }
        None
    }

    fn failing(&self) -> MutexGuard<'_, Option<String>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has listed everything, and its last attempt did not fail.
    pub(in crate::controllers) fn hears(&self) -> bool {
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
    use kube::core::Status;

    use super::*;

    type Heard = Result<watcher::Event<()>, watcher::Error>;

    fn refused(message: &str) -> Heard {
        let status = Status {
            message: message.to_owned(),
            ..Status::default()
        };
        let error = kube::Error::Api(status.boxed());
        Err(watcher::Error::InitialListFailed(error))
    }

    #[test]
    fn a_watch_that_fails_counts_as_failing_until_it_hears_again_and_says_why_once() {
        let watches: [Liveness; 3] = Default::default();
        let listed: Heard = Ok(watcher::Event::InitDone);
        assert_eq!(watches[0].note(&listed), None);
        assert_eq!(watches[1].note(&listed), None);
        let said = ["away", "away", "forbidden"].map(|why| watches[1].note(&refused(why)));
        assert_eq!(
            said.each_ref().map(Option::as_deref),
            [Some("away"), None, Some("forbidden")]
        );
        // A list that was begun has not been heard yet.
        assert_eq!(watches[1].note(&Heard::Ok(watcher::Event::Init)), None);
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

        assert_eq!(watches[1].note(&Heard::Ok(watcher::Event::Apply(()))), None);
        let heard = Hearing {
            listed: 2,
            failing: 0,
            ..failing
        };
        assert_eq!(Hearing::of(&watches), heard);
        assert!(watches[1].note(&refused("forbidden")).is_some());
    }
}
