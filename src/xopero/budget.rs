//! What all calls of a connection share: one rate, one number of requests in flight, one `Retry-After`, one login at a time.
//!
//! A budget outlives the clients that use it: new credentials make a new client, but the server is the same.

mod logins;

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::{InMemoryState, NotKeyed},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, sleep_until},
};

pub(super) use self::logins::{Logins, OneLogin};
use super::wire::Endpoint;

/// How long a call waits for the server's `Retry-After` to pass. A longer wait is the caller's to plan.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The wait after a 429 that does not say how long.
const UNSAID_PAUSE: Duration = Duration::from_secs(1);

/// How late a timer may be and the rate still be reached, as a part of a second: 5 ms. Below 200 requests a second nothing is due
/// meanwhile.
const LATENESS_A_SECOND: u32 = 200;

type Limiter = RateLimiter<NotKeyed, InMemoryState, DefaultClock>;

/// The limits of one connection.
pub struct Budget {
    permits: Arc<Semaphore>,
    /// Whose turn it is to wait for the rate: in the order of arrival, so that nobody starves.
    turn: tokio::sync::Mutex<()>,
    logins: Logins,
    state: Mutex<State>,
}

struct State {
    limiter: Arc<Limiter>,
    per_second: NonZeroU32,
    in_flight: usize,
    /// Permits that a lowered limit still has to take back from requests in flight.
    surplus: usize,
    /// Nothing is sent before its end.
    pause: Option<Pause>,
    /// Since the budget was made: requests let through, and how long they waited.
    requests: u64,
    waited: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Instant,
    asked: Asked,
}

/// The answer with which the server asked for time. Every call that is not made meanwhile ends as if it had got that answer, so
/// that nobody is told something else only because another was quicker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// Where.
    pub(super) endpoint: Endpoint,
    /// How.
    pub(super) by: AskedBy,
}

/// The status with which the server asked for time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskedBy {
    /// 429.
    TooManyRequests,
    /// 503.
    Unavailable,
}

/// How much of a connection's limits is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetUse {
    /// Requests that were let through.
    pub requests: u64,
    /// How long they waited for that, all together.
    pub waited: Duration,
    /// Requests under way, or next in turn.
    pub in_flight: usize,
    /// The most of these.
    pub in_flight_limit: usize,
    /// The most requests that begin in a second.
    pub per_second: u32,
    /// For how long nothing more is sent because the server asked for it.
    pub pause: Duration,
}

/// The right to make one request; the place in flight is free again when it is dropped.
#[must_use]
pub(super) struct Pass {
    budget: Arc<Budget>,
    permit: Option<OwnedSemaphorePermit>,
    /// How long it took to get.
    pub(super) waited: Duration,
}

/// The server asked for a longer wait than a call makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paused {
    /// From now.
    pub(super) retry_after: Duration,
    /// With what.
    pub(super) asked: Asked,
}

impl Budget {
    /// At most `per_second` requests begin in a second, evenly spaced, and at most `in_flight` are under way at once.
    /// Both are at least 1.
    pub fn new(per_second: u32, in_flight: usize) -> Self {
        let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        let in_flight = in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            permits: Arc::new(Semaphore::new(in_flight)),
            turn: tokio::sync::Mutex::new(()),
            logins: Logins::new(),
            state: Mutex::new(State {
                limiter: limiter(per_second),
                per_second,
                in_flight,
                surplus: 0,
                pause: None,
                requests: 0,
                waited: Duration::ZERO,
            }),
        }
    }

    /// The same limits, of which nothing is used: for another server.
    #[must_use]
    pub fn anew(&self) -> Self {
        let state = self.state();
        Self::new(state.per_second.get(), state.in_flight)
    }

    /// Other limits from now on; requests in flight are not disturbed, and a `Retry-After` stays in force.
    pub fn reconfigure(&self, per_second: u32, in_flight: usize) {
        let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
        let in_flight = in_flight.clamp(1, Semaphore::MAX_PERMITS);
        let mut state = self.state();
        if state.per_second != per_second {
            state.per_second = per_second;
            state.limiter = limiter(per_second);
        }
        let grown = in_flight.saturating_sub(state.in_flight);
        let shrunk = state.in_flight.saturating_sub(in_flight);
        state.in_flight = in_flight;
        // What grows pays back first what an earlier shrinking still has to take.
        let paid = grown.min(state.surplus);
        state.surplus -= paid;
        self.permits.add_permits(grown - paid);
        state.surplus += shrunk - self.permits.forget_permits(shrunk);
    }

    /// How much is used at this moment.
    pub fn used(&self) -> BudgetUse {
        let state = self.state();
        let places = state.in_flight + state.surplus;
        BudgetUse {
            requests: state.requests,
            waited: state.waited,
            in_flight: places.saturating_sub(self.permits.available_permits()),
            in_flight_limit: state.in_flight,
            per_second: state.per_second.get(),
            pause: state.pause.map_or(Duration::ZERO, |pause| {
                pause.until.saturating_duration_since(Instant::now())
            }),
        }
    }

    /// The logins of all clients of the connection.
    pub(super) fn logins(&self) -> &Logins {
        &self.logins
    }

    /// Keeps every call of the connection from being sent for this long, or for longer if an earlier pause says so.
    pub(super) fn pause(&self, retry_after: Option<Duration>, asked: Asked) {
        let until = Instant::now() + retry_after.unwrap_or(UNSAID_PAUSE);
        let mut state = self.state();
        if state.pause.is_none_or(|pause| pause.until < until) {
            state.pause = Some(Pause { until, asked });
        }
    }

    /// Waits for a place in flight, for the server's `Retry-After` and for the rate, in this order.
    pub(super) async fn pass(self: &Arc<Self>) -> Result<Pass, Paused> {
        let asked = Instant::now();
        // The semaphore is never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok();
        let mut pass = Pass {
            budget: Arc::clone(self),
            permit,
            waited: Duration::ZERO,
        };
        let turn = self.turn.lock().await;
        while let Some(wait) = self.wait()? {
            match wait {
                Wait::Until(instant) => sleep_until(instant).await,
                Wait::For(duration) => sleep(duration).await,
            }
        }
        drop(turn);
        pass.waited = asked.elapsed();
        let mut state = self.state();
        state.requests += 1;
        state.waited += pass.waited;
        drop(state);
        Ok(pass)
    }

    /// What to wait for before the next request; `None` when it may go, which the rate then counts.
    fn wait(&self) -> Result<Option<Wait>, Paused> {
        let state = self.state();
        let now = Instant::now();
        if let Some(Pause { until, asked }) = state.pause.filter(|pause| pause.until > now) {
            let left = until.duration_since(now);
            return if left > PATIENCE {
                Err(Paused {
                    retry_after: left,
                    asked,
                })
            } else {
                Ok(Some(Wait::Until(until)))
            };
        }
        let verdict = state.limiter.check();
        Ok(verdict
            .err()
            .map(|early| Wait::For(early.wait_time_from(state.limiter.clock().now()))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Wait {
    Until(Instant),
    For(Duration),
}

/// How many requests may go at once. Without a burst: a limit of 5 never means 10 requests within one second. But a timer wakes a
/// millisecond or two late, and what was due meanwhile may then go at once; without that a limit of 1000 would mean 500.
fn at_once(per_second: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(per_second.get() / LATENESS_A_SECOND)
}

fn limiter(per_second: NonZeroU32) -> Arc<Limiter> {
    let quota = Quota::per_second(per_second).allow_burst(at_once(per_second));
    Arc::new(RateLimiter::direct(quota))
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut state = self.budget.state();
        if let Some(permit) = self.permit.take()
            && state.surplus > 0
        {
            state.surplus -= 1;
            permit.forget();
        }
    }
}

impl std::fmt::Debug for Budget {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state();
        formatter
            .debug_struct("Budget")
            .field("per_second", &state.per_second)
            .field("in_flight", &state.in_flight)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
