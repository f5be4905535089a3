//! Logins that failed without being rejected, and how long after them the next may be.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::xopero::errors::Error;

/// The first wait after a login that failed; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// The same where the answer was none of a login: it may count as a failed one all the same.
const FIRST_WAIT_ANSWERED: Duration = Duration::from_secs(30);

/// The longest wait, when the server was reached: each such login might count as a failed one. Nobody who waits for a login is told
/// to come again later than this, as another account may have been declared meanwhile.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The longest wait, when the server was not even reached: no account is locked by that.
const LONGEST_WAIT_UNREACHED: Duration = Duration::from_secs(15);

/// Answers in a row that are none of a login, after which the next login is hours away. A page of maintenance passes, and an account may
/// be locked by the fifth failed login; so the fourth is the last that may still come soon.
const PATIENCE: u32 = 4;

/// The first wait from then on; it doubles. Servers that lock an account mostly do so for an hour at most.
const FIRST_LONG_WAIT: Duration = Duration::from_hours(2);

/// The longest wait from then on: whoever mends the server in the evening finds the account in use in the morning.
const LONGEST_LONG_WAIT: Duration = Duration::from_hours(8);

/// When the next login comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextLogin {
    /// Within minutes.
    Soon,
    /// Hours later.
    HoursLater,
}

/// The end of a sentence about the failure.
impl fmt::Display for NextLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Soon => Ok(()),
            Self::HoursLater => formatter.write_str(
                ". Several logins were answered like this, and more of them may lock the account: the next one is made hours later, or within five minutes after the connection or the e-mail and password in its Secret changed or the connection was annotated with xopero.dev/reconcile-requested-at",
            ),
        }
    }
}

/// What failed since the last login that did not.
#[derive(Debug, Default)]
pub(super) struct Failures {
    in_a_row: u32,
    /// Those of them whose answer was none of a login.
    strange: u32,
    /// The last one's error, and when the next login may be.
    last: Option<(Error, Instant)>,
}

impl Failures {
    /// Notes one more, and says it.
    pub(super) fn note(&mut self, error: Error, now: Instant) -> Error {
        self.strange = self.strange.saturating_add(u32::from(is_strange(&error)));
        let wait = self.wait_after(&error);
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.last = Some((error.clone(), now + wait));
        self.told(error, wait)
    }

    /// The last failure, while it is too early for another login.
    pub(super) fn too_early(&self, now: Instant) -> Result<(), Error> {
        match &self.last {
            Some((error, next)) if now < *next => {
                Err(self.told(error.clone(), next.duration_since(now)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Lets one login be tried now. If it fails as those before, the next is as far away as it would have been.
    pub(super) fn end_wait(&mut self) {
        self.last = None;
    }

    fn told(&self, error: Error, wait: Duration) -> Error {
        let next = if is_strange(&error) && self.strange >= PATIENCE {
            NextLogin::HoursLater
        } else {
            NextLogin::Soon
        };
        Error::LoginFailed {
            because: Box::new(error),
            retry_after: match next {
                NextLogin::HoursLater => wait.min(LONGEST_WAIT),
                NextLogin::Soon => wait,
            },
            next,
        }
    }

    fn wait_after(&self, error: &Error) -> Duration {
        let (first, longest, before) = if is_unreached(error) {
            (FIRST_WAIT, LONGEST_WAIT_UNREACHED, self.in_a_row)
        } else if !is_strange(error) {
            (FIRST_WAIT, LONGEST_WAIT, self.in_a_row)
        } else if let Some(more) = self.strange.checked_sub(PATIENCE) {
            (FIRST_LONG_WAIT, LONGEST_LONG_WAIT, more)
        } else {
            (FIRST_WAIT_ANSWERED, LONGEST_WAIT, self.in_a_row)
        };
        let wait = first
            .saturating_mul(2_u32.saturating_pow(before))
            .min(longest);
        wait.max(error.retry_after().unwrap_or_default())
    }
}

/// Whether the server never saw the attempt.
pub(super) fn is_unreached(error: &Error) -> bool {
    matches!(error, Error::Connection { .. } | Error::Certificate { .. })
}

/// Whether what answered is not the login of Xopero ONE, or something stands in between. It may have counted as a failed login.
fn is_strange(error: &Error) -> bool {
    matches!(
        error,
        Error::Refused { .. } | Error::Redirected { .. } | Error::NotUnderstood { .. }
    )
}

/// Whether Xopero ONE said with this status that it does not accept these credentials or this account. Others of 4xx say that there is
/// no login at this address, or are said by something in between.
pub(super) fn is_rejection(status: u16) -> bool {
    (400..=499).contains(&status) && ![404, 405, 407, 408, 425, 429].contains(&status)
}
