//! What must hold after every run: what has converged stays as it is, whatever happens to the operator or to what it remembers.

use anyhow::Result;
use serde_json::Value;

use super::{
    rest::WINDOWS,
    world::{World, resources::KINDS},
};
use crate::{
    journal::since,
    oracles::{end_state::EndState, listings, quiescence},
    plan::Plan,
};

/// A connection is looked at again when its Secret is, every 10 s: its status is wiped only where nothing else goes wrong.
const QUICK: &[&str] = &[
    "XoperoOrganization",
    "XoperoBackupPlan",
    "XoperoRepository",
    "XoperoAzureProject",
];

/// A restart, a wiped status, and the same manifests applied again; that it was quiet before is how it came to rest. What was not
/// quiet, a sentence each.
pub(super) async fn see(world: &World, plan: &Plan, end: &EndState) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let wiped = if plan.is_quiet() { KINDS } else { QUICK };
    world.stop().await?;
    let start = world.journal.last_number();
    world.start().await?;
    world.looks(WINDOWS).await?;
    quiet(world, start, "after a restart", &mut found);
    read_once(world, plan, start, &mut found)?;
    let resources = world.resources().await?;
    if resources.is_empty() {
        let calls = quiescence::calls(since(&world.journal.joined(Vec::new()), start));
        found.extend(
            calls
                .iter()
                .map(|call| format!("after a restart, with nothing declared: {call}")),
        );
    }

    let start = world.journal.last_number();
    for resource in world.resources().await? {
        let text = |pointer: &str| {
            resource
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        if resource.get("status").is_some() && wiped.contains(&text("/kind")) {
            world
                .wipe_status(text("/kind"), text("/metadata/name"))
                .await?;
        }
    }
    world.rest(start, 1).await?;
    let events = world.journal.joined(Vec::new());
    let writes = quiescence::external_writes(since(&events, start));
    let was_asked = was_asked(&world.resources().await?);
    found.extend(
        writes
            .iter()
            .filter(|write| !(was_asked && write.ends_with(": sync")))
            .map(|write| format!("with its status wiped: {write}")),
    );

    let start = world.journal.last_number();
    world.declare_again().await?;
    world.looks(WINDOWS).await?;
    quiet(world, start, "with the same applied again", &mut found);
    read_once(world, plan, start, &mut found)?;

    let differences = world.state().await?.differences(end);
    found.extend(
        differences
            .iter()
            .map(|difference| format!("in the end otherwise: {difference}")),
    );
    Ok(found)
}

/// Whether a person has asked an organization to synchronize. That it was heard stood in the status that was wiped: it is heard anew.
fn was_asked(resources: &[Value]) -> bool {
    resources.iter().any(|resource| {
        let annotations = resource.pointer("/metadata/annotations");
        let is_asked =
            annotations.is_some_and(|all| all.get("xopero.dev/reconcile-requested-at").is_some());
        is_asked
            && resource
                .get("kind")
                .is_some_and(|kind| kind == "XoperoOrganization")
    })
}

/// Nothing was read more often than it has pages.
fn read_once(world: &World, plan: &Plan, start: u64, found: &mut Vec<String>) -> Result<()> {
    let events = world.plain(&world.journal.joined(Vec::new()), plan)?;
    found.extend(listings::violations(since(&events, start)));
    Ok(())
}

fn quiet(world: &World, start: u64, when: &str, found: &mut Vec<String>) {
    let events = world.journal.joined(Vec::new());
    let writes = quiescence::writes(since(&events, start));
    found.extend(writes.iter().map(|write| format!("{when}: {write}")));
}
