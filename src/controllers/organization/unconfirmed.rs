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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        api::XoperoOrganization,
        decide::{
            Trouble,
            fixtures::{Answer, Operator, organization, plan_claim, repository},
        },
    };

    /// Something went wrong once.
    fn state() -> State {
        let resource: XoperoOrganization = serde_json::from_value(serde_json::json!({
            "metadata": { "name": "acme", "namespace": "backup" },
            "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
        }))
        .unwrap();
        let mut state = State::of(&resource, &Arc::from("own"));
        state.unconfirmed = Some(Trouble {
            reason: Reason::ApiUnavailable,
            message: "A write was not confirmed.".to_owned(),
        });
        state
    }

    fn is_forgotten(operator: &Operator) -> bool {
        let mut state = state();
        let was_there = state.forget_confirmed(&operator.decide());
        assert_eq!(was_there, state.unconfirmed.is_none());
        assert!(
            !(was_there && state.forget_confirmed(&operator.decide())),
            "once"
        );
        was_there
    }

    #[test]
    fn what_went_wrong_is_said_until_nothing_waits_for_it() {
        let mut operator = organization("acme")
            .with(repository("api").licensed())
            .with_plan("nightly")
            .operated([plan_claim("nightly").include(&["api"])]);
        operator.world.answers.push_back(Answer::LostBefore);
        assert!(!is_forgotten(&operator), "it is about to be sent");
        assert_eq!(operator.first(), ["Attach api nightly"]);
        assert!(operator.decide().is_idle());
        assert!(!is_forgotten(&operator), "its answer was lost");
        assert_eq!(operator.next(), ["Attach api nightly"]);
        assert!(is_forgotten(&operator));
    }
}
