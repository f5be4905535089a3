//! What the API server has to tell is held back for a while.

use anyhow::Result;

use super::{rest::WINDOWS, world::World};
use crate::{gate::Fault, plan::Plan};

/// Takes the steps once something is held back, where a plan says so. It is let go when the operator has looked at Xopero ONE as
/// often as it must before it removes what nobody names.
pub(super) async fn during(
    world: &World,
    plan: &Plan,
    steps: impl Future<Output = Result<()>>,
) -> Result<()> {
    if !plan.has(Fault::Held) {
        return steps.await;
    }
    let is_held = async || Ok(world.traps().iter().any(|report| report.fired > 0));
    world.until("something is held back", is_held).await?;
    let let_go = async {
        world.looks(WINDOWS).await?;
        world.disarm();
        Ok(())
    };
    futures::try_join!(steps, let_go)?;
    Ok(())
}
