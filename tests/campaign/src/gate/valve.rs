//! What both gates of a run obey: which processes of the operator there are, and whether anything passes.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{sync::watch, time::sleep};

use super::owner;

/// How often it is looked whose a connection is, and how far apart. Whose process is gone by then has nobody to answer.
const LOOKS: u32 = 1000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Shared by the gates of a run. Clones are the same valve.
#[derive(Clone, Debug)]
pub struct Valve(Arc<watch::Sender<State>>);

#[derive(Clone, Debug, Default)]
struct State {
    /// The one that was begun last.
    process: u32,
    /// Those that run side by side, with the ids that the system has for them; absent where one runs alone.
    replicas: Option<BTreeMap<u32, i32>>,
    shut: bool,
    /// Requests that came while it was shut.
    waiting: u64,
    /// Traps that sprang and ask for the end of the process, or of the API server.
    sprung: u64,
    /// The process whose request was the last to spring one.
    struck: u32,
}

impl State {
    fn is_alive(&self, process: u32) -> bool {
        match &self.replicas {
            Some(replicas) => replicas.contains_key(&process),
            None => self.process == process,
        }
    }
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
    /// Of processes that run side by side: see [`Valve::enlist`].
    pub fn of_replicas() -> Self {
        let valve = Self::default();
        valve
            .0
            .send_modify(|state| state.replicas = Some(BTreeMap::new()));
        valve
    }

    /// A process that runs beside others has this id. Only from now on it can be told whose its connections are.
    pub fn enlist(&self, process: u32, id: i32) {
        self.0.send_modify(|state| {
            state.replicas.get_or_insert_default().insert(process, id);
        });
    }

    /// A process that ran beside others is dead.
    pub fn dismiss(&self, process: u32) {
        self.0.send_modify(|state| {
            state.replicas.get_or_insert_default().remove(&process);
        });
    }

    /// The current process, where only one runs at a time.
    pub(super) fn alone(&self) -> Option<u32> {
        let state = self.0.borrow();
        state.replicas.is_none().then_some(state.process)
    }

    /// Which of the processes has opened a connection; 0 if it has been closed meanwhile.
    pub(super) async fn owner(&self, ends: (SocketAddr, SocketAddr)) -> u32 {
        // A process that was just started is enlisted a moment later.
        for _ in 0..LOOKS {
            let replicas = self.0.borrow().replicas.clone().unwrap_or_default();
            if let Some(process) = owner::owner(ends, &replicas) {
                return process;
            }
            sleep(BETWEEN_LOOKS).await;
        }
        0
    }

    /// The process that was begun last.
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
    pub(super) fn spring(&self, process: u32) {
        self.0.send_modify(|state| {
            state.sprung += 1;
            state.struck = process;
        });
    }

    /// Waits until so many traps in all have sprung; tells at whose request the last one did.
    pub async fn sprung(&self, count: u64) -> u32 {
        self.until(|state| state.sprung >= count).await.struck
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
            .until(|state| !state.shut || !state.is_alive(process))
            .await;
        if state.is_alive(process) {
            Ok(())
        } else {
            Err(Dead)
        }
    }

    /// Waits until the process is dead.
    pub(super) async fn dead(&self, process: u32) -> Dead {
        self.until(|state| !state.is_alive(process)).await;
        Dead
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) -> State {
        let mut states = self.0.subscribe();
        // The sender lives as long as this valve, so the wait ends only with the state.
        match states.wait_for(holds).await {
            Ok(state) => state.clone(),
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

    #[test]
    fn of_two_replicas_each_passes_for_as_long_as_it_lives() {
        let valve = Valve::of_replicas();
        let [first, second] = [(); 2].map(|()| valve.next_process());
        valve.enlist(first, 1);
        valve.enlist(second, 2);
        assert!(matches!(valve.pass(first).now_or_never(), Some(Ok(()))));
        assert!(matches!(valve.pass(second).now_or_never(), Some(Ok(()))));
        valve.dismiss(first);
        assert!(matches!(valve.pass(first).now_or_never(), Some(Err(Dead))));
        assert!(matches!(valve.pass(second).now_or_never(), Some(Ok(()))));
    }
}
