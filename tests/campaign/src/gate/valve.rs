//! What both gates of a run obey: which process of the operator is the current one, and whether anything passes.

use std::sync::Arc;

use tokio::sync::watch;

/// Shared by the gates of a run. Clones are the same valve.
#[derive(Clone, Debug)]
pub struct Valve(Arc<watch::Sender<State>>);

#[derive(Clone, Copy, Debug, Default)]
struct State {
    process: u32,
    shut: bool,
    /// Requests that came while it was shut.
    waiting: u64,
    /// Traps that sprang and ask for the end of the process, or of the API server.
    sprung: u64,
}

/// The process that asked is dead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dead;

impl Default for Valve {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::default()))
    }
}

impl Valve {
    /// The current process.
    pub fn process(&self) -> u32 {
        self.0.borrow().process
    }

    /// A new process is about to start: what the former one asked is cut, and all passes again.
    pub fn next_process(&self) -> u32 {
        self.0.send_modify(|state| {
            state.process += 1;
            state.shut = false;
            state.waiting = 0;
        });
        self.process()
    }

    /// The current process is dead: what it asked and was not forwarded yet never will be.
    pub fn bury(&self) {
        self.next_process();
    }

    /// Nothing passes any more.
    pub(super) fn shut(&self) {
        self.0.send_modify(|state| state.shut = true);
    }

    /// A trap has done its part: the process, or the API server, is to die now.
    pub(super) fn spring(&self) {
        self.0.send_modify(|state| state.sprung += 1);
    }

    /// Waits until so many traps in all have sprung.
    pub async fn sprung(&self, count: u64) {
        self.until(|state| state.sprung >= count).await;
    }

    /// Waits until a request has come that does not pass.
    pub async fn waiting(&self) {
        self.until(|state| state.waiting > 0).await;
    }

    /// Waits until requests of the process pass.
    pub(super) async fn pass(&self, process: u32) -> Result<(), Dead> {
        let is_shut = self.0.borrow().shut;
        if is_shut {
            self.0.send_modify(|state| state.waiting += 1);
        }
        let state = self
            .until(|state| !state.shut || state.process != process)
            .await;
        if state.process == process {
            Ok(())
        } else {
            Err(Dead)
        }
    }

    /// Waits until the process is dead.
    pub(super) async fn dead(&self, process: u32) -> Dead {
        self.until(|state| state.process != process).await;
        Dead
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) -> State {
        let mut states = self.0.subscribe();
        // The sender lives as long as this valve, so the wait ends only with the state.
        match states.wait_for(holds).await {
            Ok(state) => *state,
            Err(_) => State::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn what_a_dead_process_asked_never_passes() {
        let valve = Valve::default();
        let first = valve.next_process();
        assert!(matches!(valve.pass(first).now_or_never(), Some(Ok(()))));
        valve.shut();
        assert!(valve.pass(first).now_or_never().is_none());
        assert!(valve.waiting().now_or_never().is_some());
        let second = valve.next_process();
        assert!(matches!(valve.pass(first).now_or_never(), Some(Err(Dead))));
        assert!(matches!(valve.pass(second).now_or_never(), Some(Ok(()))));
        assert!(valve.dead(first).now_or_never().is_some());
        assert!(valve.dead(second).now_or_never().is_none());
    }
}
