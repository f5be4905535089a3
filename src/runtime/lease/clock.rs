//! A clock that nobody sets, and that goes on while the machine is suspended.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time since the machine was started. Monotonic time stops during a suspension, and the Lease does not.
pub(super) fn now() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(u64::MAX),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
