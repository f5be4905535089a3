//! The steps of a scenario, taken one after the other.

use anyhow::{Context, Result, bail};
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};
use xopero_simulator::{Edit, Effect};

use super::world::World;
use crate::{
    journal::{What, since},
    plan::Plan,
    scenario::{Scenario, Step},
};

pub(super) async fn take(
    world: &World,
    plan: &Plan,
    scenario: &Scenario,
    start: u64,
) -> Result<()> {
    for (index, step) in scenario.steps.iter().enumerate() {
        let number = index + 1;
        take_one(world, plan, step, start)
            .await
            .with_context(|| format!("step {number} of {}", scenario.name))?;
    }
    Ok(())
}

async fn take_one(world: &World, plan: &Plan, step: &Step, start: u64) -> Result<()> {
    match step {
        Step::Apply(manifests) => world.apply(manifests).await,
        Step::Delete(kind, name) => world.delete(kind, name).await,
        // A fault of the plan does it, in the middle of something.
        Step::Edit(edit) if is_done_by_a_fault(plan, edit) => {
            let fired = async || Ok(world.fired(plan).iter().any(|(fired, _)| *fired > 0));
            world.until("a fault edits Xopero ONE", fired).await
        }
        Step::Edit(edit) => {
            world.note(format!("edited Xopero ONE: {edit:?}"));
            Ok(world.simulator.edit(edit.clone())?)
        }
        Step::Called(endpoint, times) => {
            world
                .until(&format!("{times} calls of {endpoint}"), async || {
                    let events = world.events();
                    let called = since(&events, start).iter().filter(|event| {
                        matches!(&event.what, What::Called(entry) if entry.endpoint == Some(*endpoint))
                    });
                    Ok(called.count() >= *times)
                })
                .await
        }
        Step::Settled => world.rest(start, 1).await,
        Step::Approve(name) => approve(world, name).await,
        Step::NextSecond => {
            let now = Timestamp::now().as_second();
            let passed = async || Ok(Timestamp::now().as_second() > now);
            world.until("another second", passed).await
        }
        Step::Unreachable => {
            world.simulator.stop();
            world.note("stopped Xopero ONE".to_owned());
            Ok(())
        }
        Step::Ask(kind, name) => {
            let value = world.journal.last_number().to_string();
            let annotation = json!({"xopero.dev/reconcile-requested-at": value});
            world.annotate(kind, name, annotation).await
        }
        Step::ForgetSecret => world.delete("Secret", "account").await,
    }
}

fn is_done_by_a_fault(plan: &Plan, edit: &Edit) -> bool {
    plan.xopero
        .iter()
        .any(|fault| matches!(&fault.effect, Effect::Edits(edits) if edits.contains(edit)))
}

async fn approve(world: &World, name: &str) -> Result<()> {
    let kind = "XoperoOrganization";
    let mut token = None;
    world
        .until("held removals are shown", async || {
            let organization = world.get(kind, name).await?;
            let Some(organization) = organization else {
                bail!("the organization {name} is gone");
            };
            let shown = organization.pointer("/status/removals/held/0/token");
            token = shown.and_then(Value::as_str).map(str::to_owned);
            Ok(token.is_some())
        })
        .await?;
    let annotation = json!({"xopero.dev/approve-removals": token});
    world.annotate(kind, name, annotation).await
}
