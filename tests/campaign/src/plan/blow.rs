//! What befalls the one of two replicas that leads.

use serde::{Deserialize, Serialize};

/// What befalls the leader, or its Lease, at a write to Xopero ONE. Times are in hundredths of the duration of the Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Blow {
    /// It stands still for so long. Its write is passed on at once, so that it lands and is answered, which its sender learns last of
    /// all. If it were held back until the process goes on, the process would give it up at once, and it would never land.
    Stopped(u32),
    /// The API server stands still for so long. The write is passed on at once.
    Frozen(u32),
    /// The Lease is deleted. The write is passed on once the leader has been told, so that it is on the wire meanwhile.
    Deleted,
    /// Somebody else writes the own name into the Lease. The write is passed on once the leader has been told.
    Stolen,
}

impl Blow {
    /// All of them: of those that last, one that ends before the Lease does, one that ends when another may just lead, and one that
    /// ends when another has long been leading.
    pub const ALL: [Self; 6] = [
        Self::Stopped(90),
        Self::Stopped(110),
        Self::Stopped(200),
        Self::Frozen(200),
        Self::Deleted,
        Self::Stolen,
    ];
}
