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
use crate::decide::{Decision, Turn};

/// A pass that takes longer says meanwhile what is not done yet. Most end sooner, and need not be told twice.
const LONG: Duration = Duration::from_secs(5);

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
        match self.turn.take(decision) {
            Turn::Additions => Ok(self.acting().additions(state, decision).await),
            Turn::Removals => {
                let next = self.acting().removals(state, decision, gathered).await?;
                // What was not removed, since its resource has changed, holds up no addition.
                let goes_on = !decision.additions.is_empty() && state.trouble.is_none();
                Ok(if goes_on { Next::Decide } else { next })
            }
        }
    }
}
