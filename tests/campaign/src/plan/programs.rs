//! Which programs the processes of a run are of.

use serde::{Deserialize, Serialize};

/// Which programs the processes of a run are of, one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Programs {
    /// All of the one under test.
    #[default]
    One,
    /// The first of the previous one, the second of the one under test, and so on: each crash replaces it by the other one, and so
    /// does the restart at the end.
    InTurn,
}

impl Programs {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks with a reference"
    )]
    pub(super) fn is_one(&self) -> bool {
        *self == Self::One
    }
}
