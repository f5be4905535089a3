//! `InSync`: whether Xopero ONE equals what is declared, as far as it shows.

use super::Judge;
use crate::{
    api::{
        Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{Claim, Due, Hold, Wants, assess::Assessment},
};

const DIFFERS: &str = "Xopero ONE differs from what is declared; status.drift says how.";

impl Judge<'_> {
    pub(super) fn in_sync(&self, claim: &Claim, assessment: &Assessment) -> Statement {
        if assessment.stubborn {
            return say(
                Truth::False,
                Reason::NotKept,
                "What was made again and again did not stay.",
            );
        }
        if let Some(note) = &assessment.settings_note {
            return say(Truth::False, Reason::Drift, note);
        }
        if let Some(differs) = differs(assessment) {
            return differs;
        }
        if let Some(not_believed) = self.not_believed(assessment) {
            return not_believed;
        }
        if !assessment.unseen.is_empty() || assessment.not_judged {
            let message = "This Xopero ONE does not show whether what is declared is in force.";
            return say(Truth::Unknown, Reason::NotVisible, message);
        }
        if !(assessment.problems.is_empty() && claim.takes_part()) {
            let message = "What is declared could not be compared with Xopero ONE.";
            return say(Truth::Unknown, Reason::NotObserved, message);
        }
        match assessment.nothing_matched {
            Some(Truth::False) => say(
                Truth::False,
                Reason::NothingMatched,
                "A selector matches nothing and the plan has members that nobody names: nothing is detached. Correct \
                 include, or detach the members in Xopero ONE.",
            ),
            Some(Truth::True | Truth::Unknown) => {
                let message = match &claim.wants {
                    Wants::Plan(wants) if !wants.selects() => {
                        "The resource selects nothing: name what is to be in the plan in repositories.include."
                    }
                    Wants::Plan(_) | Wants::Repository(_) | Wants::Project(_) => {
                        "The selectors match nothing that Xopero ONE knows."
                    }
                };
                say(Truth::True, Reason::NothingMatched, message)
            }
            None => as_declared(claim),
        }
    }

    /// Removals that would be due, or might be, if the listing or the view of the claims could be relied upon.
    fn not_believed(&self, assessment: &Assessment) -> Option<Statement> {
        let any_due = assessment.dues.iter().any(|due| !is_believed(due));
        let is_doubted = self.input.doubt.is_some() || self.invisible.is_some();
        let cannot_be_judged = assessment.not_judged && is_doubted;
        if !(any_due || cannot_be_judged) {
            return None;
        }
        if let Some(doubt) = self.input.distrust() {
            return Some(say(
                Truth::Unknown,
                Reason::InventoryUntrusted,
                doubt.sentence(),
            ));
        }
        self.invisible
            .map(|message| say(Truth::Unknown, Reason::ClaimsNotVisible, message))
    }
}

/// What is seen to differ. A person is told whether it will be made equal or is held back.
fn differs(assessment: &Assessment) -> Option<Statement> {
    let dues = assessment.dues.iter();
    let seen = dues.filter(|due| !assessment.unseen.contains(&due.change));
    differing(seen).map(|reason| say(Truth::False, reason, DIFFERS))
}

/// Which word says that they differ, whether a claim's or the organization's own. `None` where none is believed to.
pub(in crate::decide) fn differing<'a>(dues: impl Iterator<Item = &'a Due>) -> Option<Reason> {
    let mut differing = dues.filter(|due| is_believed(due)).peekable();
    differing.peek()?;
    let all_held = differing.all(|due| due.hold.and_then(Hold::word).is_some());
    Some(if all_held {
        Reason::Held
    } else {
        Reason::Drift
    })
}

fn is_believed(due: &Due) -> bool {
    !matches!(due.hold, Some(Hold::Untrusted(_) | Hold::ClaimsNotVisible))
}

fn as_declared(claim: &Claim) -> Statement {
    let has_parameters = match &claim.wants {
        Wants::Plan(wants) => wants
            .settings
            .as_ref()
            .is_some_and(|settings| !settings.parameters.is_empty()),
        Wants::Repository(_) | Wants::Project(_) => false,
    };
    let message = if has_parameters {
        "Xopero ONE is as declared, as far as it can be read: settings.parameters were sent and cannot be read back."
    } else {
        "Xopero ONE is as declared."
    };
    say(Truth::True, Reason::AsDeclared, message)
}

fn say(truth: Truth, reason: Reason, message: &str) -> Statement {
    Statement::new(ConditionType::InSync, truth, reason, message)
}
