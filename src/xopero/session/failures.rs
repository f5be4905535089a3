//! Logins that failed without being rejected, and how long after them the next may be.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::xopero::errors::{AnswerDefect, Error};

/// The first wait after a login that failed; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// The same where the answer was none of a login: it may count as a failed one all the same.
const FIRST_WAIT_ANSWERED: Duration = Duration::from_secs(30);

/// The longest wait, when the server was reached: each such login might count as a failed one. Nobody who waits for a login is told
/// to come again later than this, as another account may have been declared meanwhile.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The longest wait, when the server was not even reached: no account is locked by that.
const LONGEST_WAIT_UNREACHED: Duration = Duration::from_secs(15);

/// Answers by which Xopero ONE gives no token, after which the next login is far away: an account may be locked by the fifth failed login,
/// so the fourth is the last that may still come soon.
const PATIENCE: u32 = 4;

/// The first wait from then on; it doubles. That is how long most servers lock an account.
const FIRST_LONG_WAIT: Duration = Duration::from_mins(15);

/// The longest wait from then on: what was mended in Xopero ONE itself is noticed without a person within the morning.
const LONGEST_LONG_WAIT: Duration = Duration::from_hours(2);

/// When the next login comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextLogin {
    /// Within minutes.
    Soon,
    /// A quarter of an hour later, or up to two hours.
    MuchLater,
}

/// The end of a sentence about the failure.
impl fmt::Display for NextLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Soon => Ok(()),
            Self::MuchLater => formatter.write_str(
                ". Several logins were answered like this, and more of them may lock the account: the next one is made up to two hours later, or within five minutes after the connection or the e-mail and password in its Secret changed or the connection was annotated with xopero.dev/reconcile-requested-at",
            ),
        }
    }
}

/// What failed since the last login that did not.
#[derive(Debug, Default)]
pub(super) struct Failures {
    in_a_row: u32,
    /// Those of them by whose answer Xopero ONE gave no token.
    withheld: u32,
    /// The last one's error, and when the next login may be.
    last: Option<(Error, Instant)>,
}

impl Failures {
    /// Notes one more, and says it.
    pub(super) fn note(&mut self, error: Error, now: Instant) -> Error {
        self.withheld = self.withheld.saturating_add(u32::from(withholds(&error)));
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
        let next = if withholds(&error) && self.withheld >= PATIENCE {
            NextLogin::MuchLater
        } else {
            NextLogin::Soon
        };
        Error::LoginFailed {
            because: Box::new(error),
            retry_after: match next {
                NextLogin::MuchLater => wait.min(LONGEST_WAIT),
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
        } else if let Some(more) = self.withheld.checked_sub(PATIENCE)
            && withholds(error)
        {
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

/// Whether Xopero ONE itself seems to have answered, and gave no token. What else is strange comes from another server, or from something
/// in between, where no account is locked: a page of maintenance, an address without a login.
fn withholds(error: &Error) -> bool {
    let lacks_a_token = |defect: &AnswerDefect| {
        matches!(
            defect,
            AnswerDefect::FieldMissing { .. } | AnswerDefect::NoList { .. }
        )
    };
    if let Error::Refused { status, .. } = error {
        [409, 422, 423].contains(status)
    } else {
        matches!(error, Error::NotUnderstood { defect, .. } if lacks_a_token(defect))
    }
}
