//! When a pass that failed is tried again: what failed decides, and how often it did in a row.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tracing::warn;

use super::{
    chain::chain,
    failure::{Cause, Failure},
    observed::Place,
};

/// The first wait; it doubles.
const FIRST: Duration = Duration::from_secs(1);
/// The wait for what only a person can change, and what nobody else tells of: a right, or a definition.
const SLOW: Duration = Duration::from_secs(30);
/// The longest wait, of which no more than the jitter is added.
pub(super) const LONGEST: Duration = Duration::from_mins(1);
/// Entries below which there is nothing to tidy up.
const FEW: usize = 64;

/// The waits of one kind.
#[derive(Debug)]
pub(super) struct Retries {
    longest: Duration,
    failing: Mutex<HashMap<Place, Failing>>,
}

/// A resource whose last pass failed.
#[derive(Debug)]
struct Failing {
    waits: ExponentialBackoff,
    /// When it is tried again. One that is not tried then is gone.
    due: Instant,
}

impl Retries {
    /// None yet, and none that will wait for longer than this.
    pub(super) fn up_to(longest: Duration) -> Self {
        Self {
            longest,
            failing: Mutex::default(),
        }
    }

    /// Says that a pass failed, and how long to wait before the next.
    pub(super) fn failed<E>(&self, kind: &str, place: &Place, error: &E) -> Duration
    where
        E: Failure + std::error::Error + 'static,
    {
        let wait = self.after(place, error, Instant::now());
        let why = chain(error);
        warn!(object = %place, kind, error = why, "{kind} {place} could not be reported; it is tried again in {wait:.1?}: {why}");
        wait
    }

    /// A pass went well.
    pub(super) fn succeeded(&self, place: &Place) {
        self.failing().remove(place);
    }

    fn after(&self, place: &Place, error: &impl Failure, now: Instant) -> Duration {
        let mut failing = self.failing();
        if failing.len() >= FEW {
            let gone = self.longest.saturating_mul(4);
            failing.retain(|_, of| now.saturating_duration_since(of.due) < gone);
        }
        let of = failing.entry(place.clone()).or_insert_with(|| Failing {
            waits: self.waits(),
            due: now,
        });
        let growing = of.waits.next().unwrap_or(self.longest);
        let wait = match error.cause() {
            Cause::Forbidden | Cause::NotFound => SLOW.min(self.longest),
            Cause::Throttled => error.retry_after().unwrap_or(growing),
            Cause::Conflict
            | Cause::Refused
            | Cause::ServerError
            | Cause::Unreachable
            | Cause::TimedOut
            | Cause::NotUnderstood => growing,
        };
        of.due = now + wait;
        wait
    }

    fn waits(&self) -> ExponentialBackoff {
        ExponentialBuilder::default()
            .with_min_delay(FIRST)
            .with_max_delay(self.longest)
            .with_jitter()
            .without_max_times()
            .build()
    }

    fn failing(&self) -> MutexGuard<'_, HashMap<Place, Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn place(name: &str) -> Place {
        Place {
            namespace: "backup".to_owned(),
            name: name.to_owned(),
        }
    }

    fn answered(code: u16, retry_after_seconds: u32) -> kube::Error {
        let details = json!({ "retryAfterSeconds": retry_after_seconds });
        let status = Status {
            code,
            details: serde_json::from_value(details).unwrap(),
            ..Status::default()
        };
        kube::Error::Api(status.boxed())
    }

    /// The waits after so many failures in a row, in whole seconds; the jitter adds less than once more.
    fn waits(retries: &Retries, error: &kube::Error, times: usize) -> Vec<u64> {
        let now = Instant::now();
        let waits = (0..times).map(|_| retries.after(&place("a"), error, now).as_secs());
        waits.collect()
    }

    #[rstest]
    //                         the answer         one after the other
    #[case::a_missing_right(   answered(403, 0),  [30, 30, 30])]
    #[case::no_definition(     answered(404, 0),  [30, 30, 30])]
    #[case::by_its_word(       answered(429, 17), [17, 17, 17])]
    fn what_failed_decides(#[case] error: kube::Error, #[case] expected: [u64; 3]) {
        assert_eq!(waits(&Retries::up_to(LONGEST), &error, 3), expected);
    }

    #[rstest]
    #[case::it_failed(answered(500, 0))]
    #[case::too_many_and_no_word(answered(429, 0))]
    fn the_rest_waits_longer_and_longer_until_it_goes_well(#[case] error: kube::Error) {
        let retries = Retries::up_to(LONGEST);
        let longest = LONGEST.as_secs();
        let growing = waits(&retries, &error, 9);
        for (wait, least) in growing.iter().zip([1, 2, 4, 8, 16, 32, 60, 60, 60]) {
            assert!((least..=2 * longest).contains(wait), "{growing:?}");
        }
        assert!(growing[0] < 2, "{growing:?}");
        retries.succeeded(&place("a"));
        assert!(waits(&retries, &error, 1)[0] < 2);
    }

    #[test]
    fn no_wait_is_longer_than_is_asked_for() {
        let retries = Retries::up_to(Duration::from_secs(10));
        assert_eq!(waits(&retries, &answered(403, 0), 1), [10]);
    }

    #[test]
    fn what_is_not_tried_again_is_forgotten() {
        let retries = Retries::up_to(LONGEST);
        let now = Instant::now();
        for number in 0..FEW {
            retries.after(&place(&number.to_string()), &answered(500, 0), now);
        }
        let later = now + Duration::from_hours(1);
        retries.after(&place("another"), &answered(500, 0), later);
        assert_eq!(retries.failing().len(), 1);
    }
}
