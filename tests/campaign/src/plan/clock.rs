//! A replica whose clock is wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What is wrong with the clock of the replica that leads at first. The other one's is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Clock {
    /// It shows a time that is an hour later.
    Ahead,
    /// It shows a time that is an hour earlier.
    Behind,
}

impl Clock {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::Ahead, Self::Behind];

    /// By how much.
    pub const OFF: Duration = Duration::from_hours(1);
}
