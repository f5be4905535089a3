//! The network: a listener on a thread of its own, with its own runtime, so that a test's clock and threads have no part in it.

mod body;
mod respond;
mod wire;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    runtime::{Builder, Runtime},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::debug;

use crate::simulation::Simulation;
use wire::Wire;

/// What the connections and the handle share.
#[derive(Debug)]
pub(crate) struct Shared {
    simulation: Mutex<Simulation>,
    tasks: TaskTracker,
}

impl Shared {
    pub(crate) fn new(simulation: Simulation) -> Self {
        Self {
            simulation: Mutex::new(simulation),
            tasks: TaskTracker::new(),
        }
    }

    /// The simulation, for as long as the guard lives. A panic while it was held leaves it usable: the next test says what is wrong.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Simulation> {
        self.simulation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server that runs, until it is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let thread = std::thread::Builder::new()
            .name("xopero-simulator".to_owned())
            .spawn(move || run(&runtime, listener, tls, &shared, &stopped))?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Running {
    /// When it returns, the port is free and every connection is closed.
    fn drop(&mut self) {
        self.stop.cancel();
        let ended = self.thread.take().map(JoinHandle::join);
        if let Some(Err(_)) = ended {
            debug!("The thread of the server panicked");
        }
    }
}

fn run(
    runtime: &Runtime,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: &Arc<Shared>,
    stop: &CancellationToken,
) {
    runtime.block_on(async {
        let accepting = accept(listener, tls, shared);
        if let Some(Err(error)) = stop.run_until_cancelled(accepting).await {
            debug!(%error, "The server accepts no more connections");
        }
    });
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: &Arc<Shared>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let reset = Arc::new(AtomicBool::new(false));
        let wire = Wire::new(stream, Arc::clone(&reset));
        let connection = Connection {
            shared: Arc::clone(shared),
            reset,
            peer,
        };
        match tls.clone() {
            None => {
                shared.tasks.spawn(connection.serve(wire));
            }
            Some(tls) => {
                shared.tasks.spawn(async move {
                    match tls.accept(wire).await {
                        Ok(stream) => connection.serve(stream).await,
                        Err(error) => debug!(%peer, %error, "The TLS handshake failed"),
                    }
                });
            }
        }
    }
}

/// One connection of a client.
#[derive(Clone, Debug)]
struct Connection {
    shared: Arc<Shared>,
    /// Whether it ends with a reset.
    reset: Arc<AtomicBool>,
    peer: SocketAddr,
}

impl Connection {
    async fn serve(self, io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let peer = self.peer;
        let service = service_fn(move |request| respond::respond(self.clone(), request));
        let served = http1::Builder::new()
            .serve_connection(TokioIo::new(io), service)
            .await;
        if let Err(error) = served {
            debug!(%peer, %error, "A connection ended early");
        }
    }

    fn reset(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.reset)
    }
}

fn demand_reset(reset: &AtomicBool) {
    reset.store(true, Ordering::SeqCst);
}
