//! The logins of one connection, whichever of its clients makes them: one in flight, and a pace where tokens do not last.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::{InMemoryState, NotKeyed},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Logins that may follow each other at once; after them one in [`PACE`].
const AT_ONCE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// The pace of logins when tokens do not last.
const PACE: Duration = Duration::from_mins(1);

/// Who may sign in, and when.
pub(in crate::xopero) struct Logins {
    /// Held while a login is in flight.
    one: Arc<Mutex<()>>,
    pace: RateLimiter<NotKeyed, InMemoryState, DefaultClock>,
    /// An attempt took its place among the logins of this minute and never reached the server: the next one has that place.
    unused_place: AtomicBool,
}

/// The right to sign in; the next one has it once this is dropped.
#[must_use]
pub(in crate::xopero) struct OneLogin {
    _held: OwnedMutexGuard<()>,
}

impl Logins {
    pub(super) fn new() -> Self {
        Self {
            one: Arc::default(),
            pace: RateLimiter::direct(
                Quota::with_period(PACE)
                    .unwrap_or_else(|| Quota::per_hour(AT_ONCE))
                    .allow_burst(AT_ONCE),
            ),
            unused_place: AtomicBool::new(false),
        }
    }

    /// Waits until nobody signs in.
    pub(in crate::xopero) async fn one(&self) -> OneLogin {
        OneLogin {
            _held: Arc::clone(&self.one).lock_owned().await,
        }
    }

    /// Takes a place among the logins that the pace allows. Where there is none: how long until there is.
    pub(in crate::xopero) fn take_place(&self) -> Result<(), Duration> {
        if self.unused_place.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let now = self.pace.clock().now();
        self.pace.check().map_err(|early| early.wait_time_from(now))
    }

    /// The attempt that took the last place did not reach the server.
    pub(in crate::xopero) fn give_place_back(&self) {
        self.unused_place.store(true, Ordering::Relaxed);
    }
}
