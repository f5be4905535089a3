//! One slice of work: whether it adds or removes, and what is said of claims meanwhile.

use std::time::Duration;

use super::{
    super::{
        super::failure::ReportError,
        act::Next,
        gather::Gathered,
        report::{self, When},
        state::State,
    },
    Pass,
};
use crate::decide::Decision;

/// A pass that takes longer says meanwhile what is not done yet. Most end sooner, and need not be told twice.
const LONG: Duration = Duration::from_secs(5);

/// Which come next, where both are due. A clean-up does not wait for ten thousand attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Additions,
    Removals,
}

impl Pass<'_> {
    pub(super) async fn act(
        &mut self,
        state: &mut State,
        decision: &Decision,
        gathered: &Gathered,
    ) -> Result<Next, ReportError> {
        let when = if self.begun.elapsed() < LONG {
            When::Early
        } else {
            When::Meanwhile
        };
        report::publish(self.context, &decision.verdicts, &gathered.claims, when);
        let (adds, removes) = (
            !decision.additions.is_empty(),
            !decision.removals.is_empty(),
        );
        if adds && (!removes || self.turn == Turn::Additions) {
            self.turn = Turn::Removals;
            return Ok(self.acting().additions(state, decision).await);
        }
        self.turn = Turn::Additions;
        let next = self.acting().removals(state, decision, gathered).await?;
        // What was not removed, since its resource has changed, holds up no addition.
        let goes_on = adds && state.trouble.is_none();
        Ok(if goes_on { Next::Decide } else { next })
    }
}
