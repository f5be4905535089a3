//! The operator or the API server dies, or something goes, where a trap says so; and is there again.

use std::time::Duration;

use anyhow::{Error, Result};
use tokio::time::timeout;

use super::{pair, vanish, world::World};
use crate::{
    gate::{Fault, Position, Trap, When},
    journal::Side,
    plan::{Plan, Programs},
};

/// How long an answer that was delivered may be worked on. The operator asks for something else long before.
const THOUGHT: Duration = Duration::from_millis(300);

/// How often something is killed.
pub(super) fn expected(plan: &Plan) -> usize {
    let is_crash =
        |trap: &&Trap| matches!(trap.fault, Fault::Crash(_) | Fault::Outage | Fault::Blow);
    let crashes = plan.traps.iter().filter(is_crash);
    crashes.count() + usize::from(plan.again.is_some())
}

/// Kills and starts it whenever a trap says so. Returns only what went wrong.
pub(super) async fn supervise(world: &World, plan: &Plan) -> Error {
    let mut again = plan.again;
    for number in 1.. {
        let process = world.valve.sprung(number).await;
        let restarted = if let Some(blow) = plan.blow {
            pair::strike(world, blow, process).await
        } else if let Some(deleted) = plan.deleted {
            vanish::happen(world, deleted).await
        } else if plan.has(Fault::Outage) {
            world.outage().await
        } else {
            restart(world, plan, again.take()).await
        };
        if let Err(error) = restarted {
            return error;
        }
        world.crashes.send_modify(|crashes| *crashes += 1);
    }
    Error::msg("there are no more numbers")
}

/// Kills the operator and starts it; a second crash comes at its first write where `again` says so.
async fn restart(world: &World, plan: &Plan, again: Option<Position>) -> Result<()> {
    // Where the answer was delivered, it may be taken in before the end: until the next request, which does not pass.
    if plan.has(Fault::Crash(Position::After)) {
        drop(timeout(THOUGHT, world.valve.waiting()).await);
    }
    world.kill().await?;
    if let Some(position) = again {
        for side in [Side::Kubernetes, Side::Xopero] {
            world.set(Trap {
                side,
                when: When::AnyWrite,
                nth: 1,
                times: Some(1),
                fault: Fault::Crash(position),
            });
        }
    } else if plan.programs == Programs::One {
        world.disarm();
    }
    world.start().await
}
