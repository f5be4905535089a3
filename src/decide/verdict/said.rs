//! What a resource has to say of its progress, put together from all that stops it or is waited for.

use crate::{
    api::{
        Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::assess::Problem,
    inventory::trust::Doubt,
};

/// What is to be said: of what stalls, and of what is waited for.
#[derive(Debug, Default)]
pub(in crate::decide) struct Said {
    pub(super) stalled: Vec<(Reason, String)>,
    pub(super) waiting: Vec<(Reason, String)>,
}

impl Said {
    pub(super) fn stall(&mut self, reason: Reason, message: String) {
        self.stalled.push((reason, message));
    }

    pub(super) fn wait(&mut self, reason: Reason, message: String) {
        self.waiting.push((reason, message));
    }

    /// What stopped the last attempt, unless it was said already.
    pub(in crate::decide) fn trouble(&mut self, reason: Reason, message: &str) {
        let said = if reason.hindrance() == ConditionType::Stalled {
            &mut self.stalled
        } else {
            &mut self.waiting
        };
        if !said.iter().any(|(_, known)| known.contains(message)) {
            said.push((reason, message.to_owned()));
        }
    }

    /// What is asked for by name waits for a listing that is believed.
    pub(super) fn doubt(&mut self, doubt: Doubt) {
        let message = doubt.sentence().to_owned();
        match doubt {
            Doubt::Synchronizing => self.wait(Reason::WaitingForSync, message),
            Doubt::Shrunk => self.wait(Reason::Pending, message),
            // No listing will be better by itself.
            Doubt::Uncounted => self.stall(Reason::AnswerNotUnderstood, message),
        }
    }

    pub(super) fn problem(&mut self, problem: &Problem) {
        let message = problem.message.clone();
        if problem.stalls {
            self.stall(problem.reason, message);
        } else {
            self.wait(problem.reason, message);
        }
    }

    /// Stalled before Reconciling: nothing shall wait for what a person has to mend.
    pub(in crate::decide) fn statement(self) -> Option<Statement> {
        joined(ConditionType::Stalled, self.stalled)
            .or_else(|| joined(ConditionType::Reconciling, self.waiting))
    }
}

fn joined(type_: ConditionType, said: Vec<(Reason, String)>) -> Option<Statement> {
    let reason = said.first().map(|(reason, _)| *reason)?;
    let messages: Vec<String> = said.into_iter().map(|(_, message)| message).collect();
    Some(Statement::new(
        type_,
        Truth::True,
        reason,
        messages.join(" "),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stopped_the_last_attempt_is_said_once() {
        let mut said = Said::default();
        said.wait(Reason::Pending, "Work is under way.".to_owned());
        for message in ["No answer.", "No answer.", "Work is under way."] {
            said.trouble(Reason::ApiUnavailable, message);
        }
        let said: Vec<_> = said.waiting.iter().map(|(_, said)| said.as_str()).collect();
        assert_eq!(said, ["Work is under way.", "No answer."]);
    }
}
