//! What the rest of the operator wants to know of each request, and to say before each write.

use std::{fmt, sync::Arc, time::Duration};

use futures::future::BoxFuture;

use super::wire::Endpoint;

/// Asked at the very moment of sending a write, with the time that the request may take. `false` keeps it from being sent.
pub type WriteGate = Arc<dyn Fn(Duration) -> bool + Send + Sync>;

/// Asked when a removal has its turn, before it is sent. `false` keeps it from being sent. Whoever waits for the limits of a connection may
/// wait for long, and what was so before may be so no more.
pub type LastLook<'a> = dyn Fn() -> BoxFuture<'a, bool> + Send + Sync + 'a;

/// Told of every request that was made.
pub type Observer = Arc<dyn Fn(&CallRecord) + Send + Sync>;

/// The two questions to the rest of the operator. By default every write may go out, and nobody is told.
#[derive(Clone)]
pub struct Hooks {
    /// Whether a write may be sent now.
    pub write_gate: WriteGate,
    /// Who counts requests.
    pub observer: Observer,
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            write_gate: Arc::new(|_| true),
            observer: Arc::new(|_| {}),
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// One request, for metrics.
#[derive(Clone, Copy, Debug)]
pub struct CallRecord {
    /// Where it went.
    pub endpoint: Endpoint,
    /// How it ended.
    pub outcome: CallOutcome,
    /// From sending to the end of the answer.
    pub duration: Duration,
    /// How long it waited for the connection's limits before it was sent.
    pub waited_for_budget: Duration,
    /// How long the answer asks to be left alone, where it does.
    pub retry_after: Option<Duration>,
}

/// How a request ended, as a metric label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallOutcome {
    /// 2xx with a whole body.
    Succeeded,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 429.
    RateLimited,
    /// Any other 4xx.
    Refused,
    /// 5xx.
    ServerError,
    /// No connection, or no trust in the certificate.
    NotConnected,
    /// No whole answer within the timeout.
    TimedOut,
    /// The connection broke on the way.
    Broken,
    /// An answer that is none of this API.
    NotUnderstood,
}

impl CallOutcome {
    /// All outcomes.
    pub const ALL: [Self; 10] = [
        Self::Succeeded,
        Self::Unauthorized,
        Self::Forbidden,
        Self::RateLimited,
        Self::Refused,
        Self::ServerError,
        Self::NotConnected,
        Self::TimedOut,
        Self::Broken,
        Self::NotUnderstood,
    ];

    /// The label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::RateLimited => "rate_limited",
            Self::Refused => "refused",
            Self::ServerError => "server_error",
            Self::NotConnected => "not_connected",
            Self::TimedOut => "timed_out",
            Self::Broken => "broken",
            Self::NotUnderstood => "not_understood",
        }
    }
}
