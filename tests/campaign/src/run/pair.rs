//! Two replicas: what befalls the one that leads, and that there are two again afterwards.

use std::{collections::BTreeSet, future::pending, time::Duration};

use anyhow::{Error, Result};
use k8s_openapi::jiff::Timestamp;
use tokio::time::sleep;
use xtask::wait::until_true;

use super::{
    PATIENCE, Played,
    world::{World, lease},
};
use crate::{
    gate::{Fault, When},
    journal::{Deed, Event, Side, What, since},
    oracles::one_writer,
    plan::{Blow, Clock, Plan},
};

/// What befalls the process whose write has met the trap.
pub(super) async fn strike(world: &World, blow: Blow, process: u32) -> Result<()> {
    match blow {
        Blow::Stopped(hundredths) => {
            world.freeze(process).await?;
            world.disarm();
            last(hundredths).await;
            world.thaw(process)?;
        }
        Blow::Frozen(hundredths) => {
            let meanwhile = async {
                world.disarm();
                last(hundredths).await;
            };
            world.freeze_api_server(meanwhile).await?;
        }
        Blow::Deleted => {
            world.delete_lease().await?;
            told(world, process).await?;
        }
        Blow::Stolen => {
            world.steal_lease().await?;
            told(world, process).await?;
        }
    }
    Ok(())
}

/// How long it takes is what is planned: nothing is waited for.
async fn last(hundredths: u32) {
    sleep(lasting(hundredths)).await;
}

fn lasting(hundredths: u32) -> Duration {
    lease::DURATION * hundredths / 100
}

/// Passes on the write once the process has looked at the Lease.
async fn told(world: &World, process: u32) -> Result<()> {
    let start = world.journal.last_number();
    world
        .until("the leader looks at the Lease", async || {
            let events = world.journal.joined(Vec::new());
            Ok(one_writer::looks(since(&events, start), process) > 0)
        })
        .await?;
    world.disarm();
    Ok(())
}

/// Keeps two replicas running where there are to be two. Returns only what went wrong.
pub(super) async fn keep(world: &World) -> Error {
    if !world.is_paired() {
        return pending().await;
    }
    loop {
        if let Err(error) = until_true(PATIENCE, async || world.replace().await).await {
            return error;
        }
    }
}

/// How many processes of the operator have done anything until then: of those that stand by nothing is seen at Xopero ONE.
pub(super) fn processes(world: &World, until: u64) -> usize {
    if !world.is_paired() {
        return world.processes();
    }
    let events = world.events();
    let until = events.iter().filter(|event| event.number <= until);
    let asks =
        |event: &&Event| matches!(&event.what, What::Asked(asked) if asked.side == Side::Xopero);
    let all: BTreeSet<u32> = until.filter(asks).map(|event| event.process).collect();
    all.len()
}

/// Whether the blow fell exactly as planned, and whether somebody leads again; a sentence for each thing that was not so.
pub(super) fn honest(plan: &Plan, played: &Played) -> Vec<String> {
    let events = played.events.as_slice();
    let Some(blow) = plan.blow else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let Some((begun, ended)) = span(plan, blow, events) else {
        return vec![format!(
            "not as planned: {blow:?} did not happen at the write"
        )];
    };
    let lasted = Duration::from_millis(ended.time.saturating_sub(begun.time));
    let planned = match blow {
        Blow::Stopped(hundredths) | Blow::Frozen(hundredths) => lasting(hundredths),
        Blow::Deleted | Blow::Stolen => Duration::ZERO,
    };
    // The journal counts whole milliseconds.
    if lasted + Duration::from_millis(2) < planned {
        found.push(format!(
            "not as planned: {blow:?} lasted {lasted:?}, and not {planned:?}"
        ));
    }
    found.extend(plan.clock.and_then(|clock| right(clock, &played.all)));
    if !one_writer::is_acquired(since(events, begun.number)) {
        found.push(format!("O8: after {blow:?} nobody has led again"));
    }
    found
}

/// What a clock shows that should be wrong, if it is not: the first write to the Lease tells it, which is of the first leader.
fn right(clock: Clock, events: &[Event]) -> Option<String> {
    let shown = events.iter().find_map(|event| {
        let What::Asked(asked) = &event.what else {
            return None;
        };
        let renewed = asked.body.pointer("/spec/renewTime")?.as_str()?;
        let renewed: Timestamp = renewed.parse().ok()?;
        let time = i64::try_from(event.time).ok()?;
        Some(renewed.as_millisecond() - time)
    });
    let off = i64::try_from(Clock::OFF.as_millis()).ok()?;
    let planned = match clock {
        Clock::Ahead => off,
        Clock::Behind => -off,
    };
    // A request may wait for a moment on a busy machine.
    let is_planned = shown.is_some_and(|shown| (shown - planned).abs() < off / 2);
    (!is_planned).then(|| {
        format!(
            "not as planned: with its clock {clock:?} the leader wrote {shown:?} ms beside the time"
        )
    })
}

/// When it began and when it was over, if it came between the arrival of the write and its taking by Xopero ONE.
fn span<'a>(plan: &Plan, blow: Blow, events: &'a [Event]) -> Option<(&'a Event, &'a Event)> {
    let trap = plan.traps.iter().find(|trap| trap.fault == Fault::Blow)?;
    let is_meant = |event: &&Event| match (&event.what, &trap.when) {
        (What::Asked(asked), When::Key(key)) => asked.side == trap.side && asked.key == *key,
        (What::Asked(asked), When::VerbAndResource(word)) => {
            asked.side == Side::Xopero && asked.key.split(' ').next() == Some(word)
        }
        _ => false,
    };
    let nth = usize::try_from(trap.nth.saturating_sub(1)).ok()?;
    let write = events.iter().filter(is_meant).nth(nth)?;
    let after = since(events, write.number);
    let did = |deed: Deed| {
        after.iter().find(move |event| {
            event.process == write.process
                && matches!(&event.what, What::Done(done) if *done == deed)
        })
    };
    let changed = |words: &str| {
        after
            .iter()
            .find(|event| matches!(&event.what, What::Done(Deed::Changed(what)) if what == words))
    };
    let (begun, ended) = match blow {
        Blow::Stopped(_) => (did(Deed::Frozen)?, did(Deed::Thawed)?),
        Blow::Frozen(_) => (
            changed("froze the API server")?,
            changed("thawed the API server")?,
        ),
        Blow::Deleted => (changed("deleted the Lease")?, changed("deleted the Lease")?),
        Blow::Stolen => (changed("stole the Lease")?, changed("stole the Lease")?),
    };
    let What::Asked(asked) = &write.what else {
        return None;
    };
    let called = after
        .iter()
        .find(|event| matches!(&event.what, What::Called(entry) if entry.path == asked.path && entry.request == asked.body));
    let is_before = called.is_none_or(|called| begun.number < called.number);
    is_before.then_some((begun, ended))
}
