//! What went wrong with writes whose answers were lost, for as long as one of them is waited for: between two tries Xopero ONE is read
//! without trouble, and what is said must not turn with each of them.

use super::state::State;
use crate::{
    api::Reason,
    decide::{Decision, Difference},
};

impl State {
    /// Forgets it once a decision waits for nothing whose answer may have been lost. Says whether there was something to forget.
    pub(super) fn forget_confirmed(&mut self, decision: &Decision) -> bool {
        let awaits = |(difference, _): (Difference, usize)| {
            difference.held == Some(Reason::ApiUnavailable.as_str())
        };
        let waits = !decision.is_idle() || decision.differences.count().into_iter().any(awaits);
        !waits && self.unconfirmed.take().is_some()
    }
}
