//! A gate before a server: all that the operator asks goes through it, is written down, and can be cut, lost, answered otherwise, or held back.
//! The same gate serves both sides; the one before the API server also reads the lines of watches.

mod flow;
mod forward;
mod owner;
mod pass;
pub mod trap;
mod valve;
mod watches;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

pub use self::{
    forward::Upstream,
    trap::{Fault, Position, Report, Trap, When},
    valve::Valve,
};
use crate::journal::{Journal, Side, xopero::Names};

/// A running gate. Dropping it closes it, with all connections.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    side: Side,
    upstream: Upstream,
    journal: Journal,
    names: Names,
    valve: Valve,
    traps: Mutex<Vec<Report>>,
    /// Whether what is held back may go on.
    healed: watch::Sender<bool>,
    /// Who was accepted last.
    accepted: watch::Sender<Option<SocketAddr>>,
}

impl Gate {
    /// Opens a gate on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If there is no port.
    pub async fn open(
        side: Side,
        upstream: Upstream,
        journal: Journal,
        names: Names,
        valve: Valve,
    ) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("no port for a gate")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            side,
            upstream,
            journal,
            names,
            valve,
            traps: Mutex::default(),
            healed: watch::Sender::default(),
            accepted: watch::Sender::default(),
        });
        let mut serving = JoinSet::new();
        serving.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            _serving: serving,
        })
    }

    /// The origin, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until all connections are known that were opened so far: those of a process that has just died still belong to it.
    ///
    /// # Errors
    /// If the gate does not accept any more.
    pub async fn catch_up(&self) -> Result<()> {
        let mut accepted = self.shared.accepted.subscribe();
        // Connections are accepted in the order in which they are opened.
        let last = TcpStream::connect(self.address).await?;
        let own = last.local_addr()?;
        accepted.wait_for(|peer| *peer == Some(own)).await?;
        Ok(())
    }

    /// Puts a trap in place.
    pub fn set(&self, trap: Trap) {
        let mut traps = lock(&self.shared.traps);
        traps.push(Report::of(trap));
    }

    /// Every trap ever put in place, with what it has done.
    pub fn reports(&self) -> Vec<Report> {
        lock(&self.shared.traps).clone()
    }

    /// Ends all traps, and lets go what is held back. Their counts stay.
    pub fn heal(&self) {
        for report in lock(&self.shared.traps).iter_mut() {
            report.healed = true;
        }
        self.shared.healed.send_replace(true);
    }
}

impl Shared {
    /// Waits until what is held back may go on.
    async fn healed(&self) {
        let mut healed = self.healed.subscribe();
        // The sender lives as long as this, so the wait ends only with the state.
        drop(healed.wait_for(|healed| *healed).await);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, peer)) = accepted else { return };
                // A connection belongs to the process that opened it: what it still asks once that process is dead is never forwarded.
                let alone = shared.valve.alone();
                connections.spawn(serve((stream, peer), alone, Arc::clone(&shared)));
                shared.accepted.send_replace(Some(peer));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves a connection: of the process that was the only one when it was accepted, else of the one that the system says it is of.
async fn serve((stream, peer): (TcpStream, SocketAddr), alone: Option<u32>, shared: Arc<Shared>) {
    let process = match alone {
        Some(process) => process,
        None => match stream.local_addr() {
            Ok(gate) => shared.valve.owner((peer, gate)).await,
            Err(_) => return,
        },
    };
    // Without it small answers wait for acknowledgements; that it cannot be set shows as a slow run.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request| pass::pass(Arc::clone(&shared), process, request));
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // It ends with an error when a trap cuts it, or the operator is killed: both are written down where they happen.
    drop(served.await);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
