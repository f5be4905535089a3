//! What persons ask for with `xopero.dev/reconcile-requested-at`: a look that begins after they asked.

use std::sync::Arc;

use k8s_openapi::jiff::Timestamp;

use super::{super::state::State, Pass};
use crate::{
    api::{Reported, annotations},
    decide::{Claim, Standing},
    inventory::trust::Asked,
};

impl Pass<'_> {
    /// Requests by annotation that were not taken up yet: their waits end, and everything is read anew.
    pub(super) fn take_requests(&mut self, state: &mut State, claims: &[Claim]) -> Asked {
        state.keep_requests_of(claims);
        let now = Timestamp::now();
        let mut asked = Asked::No;
        let uid = Arc::clone(&state.uid);
        let may_ask = |claim: &&Claim| {
            !matches!(
                claim.standing,
                Standing::NotAllowed { .. } | Standing::NotKnownToBeAllowed { .. }
            )
        };
        for claim in claims.iter().filter(may_ask) {
            let Some(value) = &claim.requested else {
                continue;
            };
            if state.requests.get(&claim.uid) != Some(value) {
                state.requests.insert(Arc::clone(&claim.uid), value.clone());
                state.memory.end_waits(&claim.uid, now);
                asked = Asked::ByAPerson;
            }
        }
        if self.resource.is_reconcile_requested()
            && let Some(value) = annotations::reconcile_requested_at(&self.resource.metadata)
            && state.requests.get(&uid).map(String::as_str) != Some(value)
        {
            state.requests.insert(Arc::clone(&uid), value.to_owned());
            state.memory.end_all_waits(now);
            state.failures = 0;
            state.asked = Asked::ByAPerson;
            asked = Asked::ByAPerson;
        }
        asked
    }
}

/// A person who asked while Xopero ONE was being read asked for a look that begins after that.
pub(super) fn leave_to_the_next(state: &State, claims: &mut [Claim]) {
    for claim in claims {
        if claim.requested.as_ref() != state.requests.get(&claim.uid) {
            claim.requested = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{api::XoperoOrganization, decide::fixtures::repository_claim};

    #[rstest]
    #[case::that_the_look_was_begun_for(Some("first"), Some("first"))]
    #[case::that_came_after_it_had_begun(Some("second"), None)]
    #[case::none(None, None)]
    fn only_a_request_that_a_look_was_begun_for_is_followed_by_it(
        #[case] asked: Option<&str>,
        #[case] followed: Option<&str>,
    ) {
        let resource: XoperoOrganization = serde_json::from_value(serde_json::json!({
            "metadata": { "name": "acme", "namespace": "backup" },
            "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
        }))
        .unwrap();
        let mut state = State::of(&resource, &"own".into());
        let mut claim = repository_claim("api");
        let first = (Arc::clone(&claim.uid), "first".to_owned());
        state.requests.extend([first]);
        claim.requested = asked.map(str::to_owned);
        let mut claims = [claim];
        leave_to_the_next(&state, &mut claims);
        assert_eq!(claims[0].requested.as_deref(), followed);
    }
}
