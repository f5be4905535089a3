//! The operator dies where a trap says so, and is started again.

use std::time::Duration;

use anyhow::Error;
use tokio::time::timeout;

use super::world::World;
use crate::{
    gate::{Fault, Position, Trap, When},
    journal::Side,
    plan::Plan,
};

/// How long an answer that was delivered may be worked on. The operator asks for something else long before.
const THOUGHT: Duration = Duration::from_millis(300);

/// How often the operator is killed.
pub(super) fn expected(plan: &Plan) -> usize {
    let crashes = plan
        .traps
        .iter()
        .filter(|trap| matches!(trap.fault, Fault::Crash(_)));
    crashes.count() + usize::from(plan.again.is_some())
}

/// Kills and starts the operator whenever a trap says so. Returns only what went wrong.
pub(super) async fn supervise(world: &World, plan: &Plan) -> Error {
    let mut again = plan.again;
    for number in 1.. {
        world.valve.sprung(number).await;
        // Where the answer was delivered, it may be taken in before the end: until the next request, which does not pass.
        let after = |trap: &Trap| trap.fault == Fault::Crash(Position::After);
        if plan.traps.iter().any(after) {
            drop(timeout(THOUGHT, world.valve.waiting()).await);
        }
        let restarted = async {
            world.kill().await?;
            if let Some(position) = again.take() {
                for side in [Side::Kubernetes, Side::Xopero] {
                    world.set(Trap {
                        side,
                        when: When::AnyWrite,
                        nth: 1,
                        times: Some(1),
                        fault: Fault::Crash(position),
                    });
                }
            } else {
                world.disarm();
            }
            world.start().await
        };
        if let Err(error) = restarted.await {
            return error;
        }
        world.crashes.send_modify(|crashes| *crashes += 1);
    }
    Error::msg("there are no more numbers")
}
