//! Until when this process may write: no request may still be under way when another replica can lead.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::clock;

/// For what a request takes beside its timeout, and for clocks that do not go alike.
pub(super) const MARGIN: Duration = Duration::from_secs(1);

/// The end of what the last renewal allows.
#[derive(Debug)]
pub(in crate::runtime) struct Fence {
    duration: Duration,
    until: Mutex<Option<Duration>>,
}

impl Fence {
    pub(super) fn new(duration: Duration) -> Self {
        Self {
            duration,
            until: Mutex::new(None),
        }
    }

    /// The Lease is ours, by a request that was sent at `sent`. Others count from later than that.
    pub(super) fn renewed(&self, sent: Duration) {
        self.set(Some(sent + self.duration));
    }

    /// The Lease is not ours.
    pub(super) fn close(&self) {
        self.set(None);
    }

    fn set(&self, until: Option<Duration>) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Whether a write with this timeout may be sent now.
    pub(in crate::runtime) fn allows(&self, timeout: Duration) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        outlives(until, clock::now(), timeout)
    }
}

fn outlives(until: Option<Duration>, now: Duration, timeout: Duration) -> bool {
    until.is_some_and(|until| until > now + timeout + MARGIN)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::never_held(None, 0, false)]
    #[case::just_renewed(Some(130), 100, true)]
    #[case::the_last_moment(Some(130), 118, true)]
    #[case::too_late_for_the_margin(Some(130), 119, false)]
    #[case::past_its_end(Some(130), 200, false)]
    fn a_write_is_sent_only_if_the_lease_outlives_it(
        #[case] until: Option<u64>,
        #[case] now: u64,
        #[case] sent: bool,
    ) {
        let timeout = Duration::from_secs(10);
        let until = until.map(Duration::from_secs);
        assert_eq!(outlives(until, Duration::from_secs(now), timeout), sent);
    }

    #[test]
    fn it_opens_with_a_renewal_and_closes_with_a_loss() {
        let fence = Fence::new(Duration::from_secs(30));
        assert!(!fence.allows(Duration::from_secs(1)));
        fence.renewed(clock::now());
        assert!(fence.allows(Duration::from_secs(1)));
        fence.close();
        assert!(!fence.allows(Duration::from_secs(1)));
    }
}
