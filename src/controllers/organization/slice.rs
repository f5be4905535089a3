//! What became of the writes of a slice, taken together.

use std::time::Duration;

use super::{act::Next, state::State};
use crate::decide::Trouble;

/// Why a slice ended before its time: an answer did not come, or says that nothing was done.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) trouble: Trouble,
    /// How long the server asked to be left alone.
    pub(super) retry_after: Option<Duration>,
}

/// What became of the writes of a slice, taken together.
#[derive(Debug, Default)]
pub(super) struct Slice {
    confirmed: bool,
    failure: Option<Failure>,
}

impl Slice {
    pub(super) fn confirm(&mut self) {
        self.confirmed = true;
    }

    /// What is said is what came first; what is waited for is the longest that was asked for.
    pub(super) fn fail(&mut self, failure: Failure) {
        match &mut self.failure {
            Some(first) => first.retry_after = first.retry_after.max(failure.retry_after),
            None => self.failure = Some(failure),
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// However many were on the wire, it is one failure; where something was confirmed, it is the first in a row.
    pub(super) fn end(self, state: &mut State, interval: Duration) -> Next {
        let Some(Failure {
            trouble,
            retry_after,
        }) = self.failure
        else {
            return Next::Decide;
        };
        if self.confirmed {
            state.failures = 0;
        }
        state.fail(trouble, retry_after, interval);
        Next::Later
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::api::{Reason, XoperoOrganization};

    fn state() -> State {
        let resource: XoperoOrganization = serde_json::from_value(serde_json::json!({
            "metadata": { "name": "acme", "namespace": "backup" },
            "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
        }))
        .unwrap();
        State::of(&resource, &"own".into())
    }

    #[derive(Clone, Copy)]
    enum Came {
        Confirmed,
        Failed(u64),
    }

    use Came::{Confirmed, Failed};

    #[rstest]
    //                         answers                              failures in a row, seconds that are waited for at most
    #[case::all_confirmed(     &[Confirmed, Confirmed],             0, 0)]
    #[case::one(               &[Failed(0)],                        4, 8)]
    #[case::several_at_once(   &[Failed(0), Failed(0), Failed(0)],  4, 8)]
    #[case::some_confirmed(    &[Failed(0), Confirmed, Failed(0)],  1, 1)]
    #[case::the_longest_wait(  &[Failed(20), Failed(40), Failed(30)], 4, 40)]
    fn a_slice_fails_once(#[case] answers: &[Came], #[case] failures: u32, #[case] seconds: u64) {
        let mut state = state();
        state.failures = if failures == 0 { 0 } else { 3 };
        let mut slice = Slice::default();
        for answer in answers {
            match answer {
                Confirmed => slice.confirm(),
                Failed(seconds) => slice.fail(Failure {
                    trouble: Trouble {
                        reason: Reason::ApiUnavailable,
                        message: String::new(),
                    },
                    retry_after: Some(Duration::from_secs(*seconds)).filter(|wait| !wait.is_zero()),
                }),
            }
        }
        let next = slice.end(&mut state, Duration::from_hours(1));
        assert_eq!(next == Next::Decide, failures == 0);
        assert_eq!(state.failures, failures);
        let wait = state
            .retry_at
            .map_or(Duration::ZERO, |_| state.until_retry());
        let most = Duration::from_secs(seconds);
        assert!(wait <= most && wait >= most / 2, "{wait:?}");
    }
}
