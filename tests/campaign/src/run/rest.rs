//! When a run has come to rest, and how it ended.

use anyhow::Result;
use serde_json::Value;
use xopero_simulator::Dialect;

use super::{Reference, world::World};
use crate::{
    dialects::Speech,
    gate::trap,
    journal::{Event, Side, What, since},
    manifests::{PASSWORD, REQUESTS_AT_THE_END, another_password},
    oracles::{end_state::EndState, listings::begins_repositories},
    plan::Plan,
};

/// The whole looks at Xopero ONE in which nothing may have been written, for the world to be at rest: two resync windows.
pub(super) const WINDOWS: usize = 2;

impl World {
    /// Waits until every resource is observed as it is, and so many looks at Xopero ONE have changed nothing.
    pub(super) async fn rest(&self, start: u64, windows: usize) -> Result<()> {
        self.until("everything has come to rest", async || {
            let resources = self.resources().await?;
            if !resources.iter().all(is_settled) {
                return Ok(false);
            }
            let manages = |resource: &Value| text(resource, "/kind") == "XoperoOrganization";
            let events = self.journal.joined(Vec::new());
            let events = since(&events, start);
            Ok(!resources.iter().any(manages) || looks_since_a_write(events) > windows)
        })
        .await
    }

    /// Waits for so many whole looks at Xopero ONE more, if there is an organization to look at.
    pub(super) async fn looks(&self, count: usize) -> Result<()> {
        let start = self.journal.last_number();
        self.until(&format!("{count} more looks at Xopero ONE"), async || {
            let resources = self.resources().await?;
            let looked = |resource: &Value| text(resource, "/kind") == "XoperoOrganization";
            if !resources.iter().any(looked) {
                return Ok(true);
            }
            let events = self.journal.joined(Vec::new());
            // One more: the first may have begun before.
            Ok(looks(since(&events, start)) > count)
        })
        .await
    }

    /// All as it is now.
    pub(super) async fn state(&self) -> Result<EndState> {
        let mut state = self.simulator.state();
        // What a test has put there, and not what the operator has made.
        state.faults.clear();
        state.dialect = Dialect::default();
        let xopero = serde_json::to_value(&state)?;
        let resources = self.resources().await?;
        let url = self.xopero.url();
        let mut words = vec![
            (self.namespace.as_str(), "NAMESPACE"),
            (url.as_str(), "URL"),
            REQUESTS_AT_THE_END,
        ];
        // A person who had to change the password did as the documentation says; the later ones first, of which an earlier is a part.
        let changed: Vec<String> = (0..self.helped()).rev().map(another_password).collect();
        words.extend(changed.iter().map(|password| (password.as_str(), PASSWORD)));
        Ok(EndState::of(&xopero, &resources, &words))
    }
}

/// Waits until all has come to rest, and to the end of the reference if there is one.
pub(super) async fn end(
    world: &World,
    plan: &Plan,
    start: u64,
    reference: Option<&Reference>,
) -> Result<EndState> {
    world.rest(start, WINDOWS).await?;
    let Some(reference) = reference else {
        return world.state().await;
    };
    let mut state = world.state().await?;
    // By what the verdict goes by. If it never comes, the verdict tells where it differs.
    world
        .comes_about("the end of the reference", async || {
            state = world.state().await?;
            Ok(unexplained(&state, plan, reference).is_empty())
        })
        .await?;
    Ok(state)
}

/// Where an end differs from that of the reference, but for what the plan explains.
pub(super) fn unexplained(end: &EndState, plan: &Plan, reference: &Reference) -> Vec<String> {
    let mut differences = end.differences(&reference.end);
    if let Some(deleted) = plan.deleted {
        differences.retain(|line| !deleted.explains(line));
    }
    if let Some(speech) = plan.dialect.as_deref().and_then(Speech::named) {
        differences.retain(|line| !speech.explains(&plan.scenario, line));
    }
    differences
}

/// Observed as it is, and nothing under way.
fn is_settled(resource: &Value) -> bool {
    let generation = resource.pointer("/metadata/generation");
    let observed = resource.pointer("/status/observedGeneration");
    let conditions = resource
        .pointer("/status/conditions")
        .and_then(Value::as_array);
    let moves = conditions.into_iter().flatten().any(|condition| {
        text(condition, "/type") == "Reconciling" && text(condition, "/status") == "True"
    });
    let deleting = resource.pointer("/metadata/deletionTimestamp").is_some();
    generation.is_some() && generation == observed && !moves && !deleting
}

/// How many whole looks at Xopero ONE came after the last write of the operator.
fn looks_since_a_write(events: &[Event]) -> usize {
    let is_write =
        |event: &Event| matches!(&event.what, What::Asked(asked) if trap::is_write(asked));
    let after = events
        .iter()
        .rposition(is_write)
        .map_or(0, |index| index + 1);
    looks(events.get(after..).unwrap_or_default())
}

/// How many whole looks at Xopero ONE were begun.
pub(super) fn looks(events: &[Event]) -> usize {
    let first_pages = events.iter().filter(|event| match &event.what {
        What::Asked(asked) => asked.side == Side::Xopero && begins_repositories(asked),
        What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => false,
    });
    first_pages.count()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
