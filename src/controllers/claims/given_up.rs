//! Whether a process before has given up a derived removal that is not kept: it stops until the declaration changes, and a restart changes
//! none.

use crate::api::{DriftStatus, Reason, Reported, conditions::ConditionType};

/// What takes away, as status spells it.
const REMOVALS: [&str; 3] = ["Deactivate", "Detach", "DetachProject"];

/// Whether its status says that of the declaration as it is now.
pub fn has_given_up(resource: &impl Reported, drift: Option<&DriftStatus>) -> bool {
    let not_kept = Reason::NotKept.as_str();
    let generation = resource.meta().generation;
    let is_said = resource.conditions().iter().any(|condition| {
        condition.type_ == ConditionType::InSync.as_str()
            && condition.reason == not_kept
            && condition.observed_generation == generation
    });
    is_said
        && drift.is_some_and(|drift| {
            let mut items = drift.items.iter();
            let is_cut = usize::try_from(drift.total).is_ok_and(|total| total > items.len());
            is_cut
                || items.any(|item| {
                    REMOVALS.contains(&item.action.as_str())
                        && item.held.as_deref() == Some(not_kept)
                })
        })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::api::XoperoBackupPlan;

    fn items(action: &str, held: &str) -> Value {
        json!({"total": 1, "items": [{"action": action, "name": "api", "plan": "Nightly", "held": held}]})
    }

    #[rstest]
    #[case::that_and_of_this_declaration("NotKept", 3, items("Detach", "NotKept"), true)]
    #[case::of_a_licence("NotKept", 3, items("Deactivate", "NotKept"), true)]
    #[case::of_the_former_declaration("NotKept", 2, items("Detach", "NotKept"), false)]
    #[case::of_what_is_added("NotKept", 3, items("Attach", "NotKept"), false)]
    #[case::of_another_one("NotKept", 3, items("Detach", "RemovalHeld"), false)]
    #[case::of_more_than_is_shown("NotKept", 3, json!({"total": 21, "items": []}), true)]
    #[case::something_else("Drift", 3, items("Detach", "NotKept"), false)]
    fn what_status_says_of_this_declaration_counts(
        #[case] reason: &str,
        #[case] observed: i64,
        #[case] drift: Value,
        #[case] given_up: bool,
    ) {
        let plan: XoperoBackupPlan = serde_json::from_value(json!({
            "metadata": {"name": "nightly", "namespace": "backup", "generation": 3},
            "spec": {"organizationRef": {"name": "acme"}, "planName": "Nightly"},
            "status": {
                "conditions": [{
                    "type": "InSync", "status": "False", "reason": reason, "message": "",
                    "observedGeneration": observed, "lastTransitionTime": "2026-01-01T00:00:00Z",
                }],
                "drift": drift,
            },
        }))
        .unwrap();
        let said = plan
            .status
            .as_ref()
            .and_then(|status| status.drift.as_ref());
        assert_eq!(has_given_up(&plan, said), given_up);
    }
}
