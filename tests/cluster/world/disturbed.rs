//! What goes wrong on the operator's way to both servers, and its death.

use tokio::task::spawn_blocking;
use xopero_campaign::{gate::Trap, journal::Deed};

use super::World;

impl World {
    /// Puts something in the operator's way.
    pub(crate) fn set(&self, trap: Trap) {
        self.gates.set(trap);
    }

    /// Takes everything out of its way, and lets go what was held back.
    pub(crate) fn heal(&self) {
        self.gates.heal();
    }

    /// How often the operator has asked for this, in words such as `list xoperorepositories`.
    pub(crate) fn asked(&self, key: &str) -> usize {
        self.gates.asked(key)
    }

    /// Waits until a trap asks for the operator's death, and kills it.
    pub(crate) async fn operator_dies(&mut self) {
        self.gates.sprung().await;
        if let Some(process) = self.operator.take() {
            let killed = spawn_blocking(move || process.kill()).await;
            killed.expect("a thread").expect("the operator is killed");
            let ended = self.gates.ends(Deed::Killed).await;
            ended.expect("the gates are open");
        }
    }
}
