//! When what goes wrong at Xopero ONE is over, and the world is put back to what it was.

use anyhow::Result;
use serde_json::Value;
use xopero_simulator::Endpoint;

use super::{
    rest::WINDOWS,
    world::{SAID, World},
};
use crate::{
    dialects::{self, Waiting},
    plan::Plan,
};

/// How often a write that goes wrong may be tried before it is healed without a word in a status: more tells nothing new.
const TRIED: u64 = 3;

/// The same of a call that only reads: each is repeated within a look already.
const READ: u64 = 9;

/// What the reasons of conditions say when something is wrong with Xopero ONE, or with what it says.
const TROUBLE: [&str; 13] = [
    "AnswerNotUnderstood",
    "ApiUnavailable",
    "InventoryUntrusted",
    "ListingNotScoped",
    "LoginRejected",
    "NotKept",
    "OrganizationNotFound",
    "PermissionMissing",
    "PlanNotFound",
    "RateLimited",
    "Refused",
    "RepositoryNotFound",
    "WaitingForSync",
];

/// What is not understood lasts until a status says so, and two looks more. Then Xopero ONE speaks as the scenario says.
async fn understood(world: &World, waiting: &Waiting) -> Result<bool> {
    let is_said = world
        .comes_about("a status says what is not understood", async || {
            Ok(says(&world.resources().await?, waiting.says))
        })
        .await?;
    world.note(SAID.to_owned());
    world.looks(WINDOWS).await?;
    world.speak_as_usual()?;
    world.note_healed();
    Ok(is_said)
}

/// Heals what lasts once it has been met and is said, and puts the world back. False if a status had to say so and none did.
pub(super) async fn during(world: &World, plan: &Plan) -> Result<bool> {
    if let Some(waiting) = dialects::waiting(plan) {
        return understood(world, waiting).await;
    }
    if plan.xopero.is_empty() || (!plan.lasts() && plan.restores.is_empty()) {
        return Ok(true);
    }
    let fired = || -> u64 { world.fired(plan).iter().map(|(fired, _)| fired).sum() };
    world
        .until("a fault of Xopero ONE happens", async || Ok(fired() > 0))
        .await?;
    let mut is_said = true;
    if plan.lasts() {
        let is_write = plan
            .xopero
            .iter()
            .any(|fault| fault.endpoint.is_some_and(Endpoint::is_write));
        let limit = if is_write { TRIED } else { READ };
        let looks = async {
            // What is answered well enough is not repeated, and nobody has anything to say of it.
            world.looks(WINDOWS).await?;
            Ok::<bool, anyhow::Error>(true)
        };
        let said = world.comes_about("a status says what is wrong", async || {
            let is_said = says_trouble(&world.resources().await?);
            Ok(is_said || (!plan.said && fired() >= limit))
        });
        is_said = if plan.said {
            said.await?
        } else {
            tokio::select! {
                said = said => said?,
                looked = looks => looked?,
            }
        };
    }
    world.simulator.heal_all();
    for edit in &plan.restores {
        world.simulator.edit(edit.clone())?;
    }
    world.note_healed();
    Ok(is_said || !plan.said)
}

/// Whether a status says that something is wrong.
fn says_trouble(resources: &[Value]) -> bool {
    let is_untrusted = |resource: &Value| {
        resource.pointer("/status/inventory/trusted") == Some(&Value::Bool(false))
    };
    resources.iter().any(is_untrusted) || says(resources, &TROUBLE)
}

/// Whether a condition has one of these reasons.
pub(super) fn says(resources: &[Value], words: &[&str]) -> bool {
    resources.iter().any(|resource| {
        let conditions = resource
            .pointer("/status/conditions")
            .and_then(Value::as_array);
        let mut reasons = conditions
            .into_iter()
            .flatten()
            .filter_map(|condition| condition.get("reason")?.as_str());
        reasons.any(|reason| words.contains(&reason))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn doubt_and_trouble_are_told_from_work_under_way() {
        let says = |status: Value| says_trouble(&[json!({}), json!({ "status": status })]);
        let reason = |reason: &str| json!({"conditions": [{"type": "Ready", "reason": reason}]});
        assert!(says(json!({"inventory": {"trusted": false}})));
        assert!(!says(json!({"inventory": {"trusted": true}})));
        for trouble in TROUBLE {
            assert!(says(reason(trouble)), "{trouble}");
        }
        for quiet in ["Converged", "Pending", "Drift", "RemovalHeld"] {
            assert!(!says(reason(quiet)), "{quiet}");
        }
    }
}
