//! The handle of a server in this process: start, stop, edit, read the journal, put faults in place.

mod edits;
mod views;

pub use views::RepositoryView;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
};

use tokio_rustls::TlsAcceptor;

use crate::{
    dialect::Dialect,
    edit::{self, Edit},
    faults::{Fault, Report},
    journal::{Entry, Summary},
    server::{Running, Shared},
    simulation::Simulation,
    state::State,
    tls::{self, Certificate},
    world::LoadError,
};

/// A Xopero ONE server in this process, on a thread of its own. Dropping it stops the server and frees the port.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    tls: Option<Tls>,
    running: Mutex<Option<Running>>,
}

struct Tls {
    certificate: Certificate,
    acceptor: TlsAcceptor,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.certificate.fmt(formatter)
    }
}

/// Where and how to listen.
#[derive(Debug, Default)]
pub struct Options {
    /// The address; a free port of 127.0.0.1 when absent.
    pub listen: Option<SocketAddr>,
    /// TLS with this certificate; plain HTTP when absent.
    pub certificate: Option<Certificate>,
    /// The counter that the journal's numbers come from, to share one order with other journals; one of its own when absent.
    pub sequence: Option<Arc<AtomicU64>>,
}

/// Why a server does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not to be had.
    #[error("the server could not listen on {address}: is the port taken?")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// No thread or no runtime.
    #[error("the server could not be started")]
    Thread(#[source] io::Error),
    /// The state contradicts itself.
    #[error("the state cannot be used")]
    State(#[from] LoadError),
    /// The certificate cannot be used.
    #[error("TLS cannot be set up")]
    Tls(#[from] tls::Error),
}

impl Simulator {
    /// Starts a server over plain HTTP on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When the state contradicts itself, or the system gives no port or thread.
    pub fn start(state: State) -> Result<Self, Error> {
        Self::start_with(state, Options::default())
    }

    /// Starts a server over TLS with a new certificate; [`Simulator::ca_pem`] is what to trust.
    ///
    /// # Errors
    ///
    /// As [`Simulator::start`], and when no certificate can be made.
    pub fn start_tls(state: State) -> Result<Self, Error> {
        Self::start_with(
            state,
            Options {
                certificate: Some(Certificate::generate()?),
                ..Options::default()
            },
        )
    }

    /// Starts a server as the options say.
    ///
    /// # Errors
    ///
    /// As [`Simulator::start`], and when the certificate cannot be used.
    pub fn start_with(state: State, options: Options) -> Result<Self, Error> {
        let Options {
            listen,
            certificate,
            sequence,
        } = options;
        let tls = certificate
            .map(|certificate| {
                let acceptor = certificate.acceptor()?;
                Ok::<_, tls::Error>(Tls {
                    certificate,
                    acceptor,
                })
            })
            .transpose()?;
        let simulation = Simulation::new(state, sequence.unwrap_or_default())?;
        let asked = listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let listener = bind(asked)?;
        let simulator = Self {
            shared: Arc::new(Shared::new(simulation)),
            address: listener.local_addr().map_err(Error::Thread)?,
            tls,
            running: Mutex::new(None),
        };
        simulator.run(listener)?;
        Ok(simulator)
    }

    /// Closes the port and every connection. State, tokens and journal stay.
    pub fn stop(&self) {
        let running = self.running().take();
        // Dropped outside the lock: it waits for the thread.
        drop(running);
    }

    /// Listens again on the same port, after [`Simulator::stop`]. Does nothing if it runs.
    ///
    /// # Errors
    ///
    /// When someone else has taken the port meanwhile.
    pub fn restart(&self) -> Result<(), Error> {
        if self.running().is_some() {
            return Ok(());
        }
        self.run(bind(self.address)?)
    }

    /// Shows another certificate from now on: stops if it runs, and listens again on the same port.
    ///
    /// # Errors
    ///
    /// When the certificate cannot be used; it goes on with the former one then. And as [`Simulator::restart`].
    pub fn replace_certificate(&mut self, certificate: Certificate) -> Result<(), Error> {
        let acceptor = certificate.acceptor()?;
        self.stop();
        self.tls = Some(Tls {
            certificate,
            acceptor,
        });
        self.restart()
    }

    fn run(&self, listener: TcpListener) -> Result<(), Error> {
        let acceptor = self.tls.as_ref().map(|tls| tls.acceptor.clone());
        let running = Running::start(listener, acceptor, Arc::clone(&self.shared));
        *self.running() = Some(running.map_err(Error::Thread)?);
        Ok(())
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The origin: scheme, host and port, without a slash at the end.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Where it listens, or listened before it was stopped.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate to trust, in PEM; none without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.tls.as_ref().map(|tls| tls.certificate.ca_pem())
    }

    /// The state as it is now, with the faults in place.
    pub fn state(&self) -> State {
        self.shared.lock().save()
    }

    /// Takes another state, whole. Tokens and journal stay; its faults replace those in place.
    ///
    /// # Errors
    ///
    /// When the state contradicts itself; the former one stays then.
    pub fn replace_state(&self, state: State) -> Result<(), LoadError> {
        self.shared.lock().replace(state)
    }

    /// Makes an edit.
    ///
    /// # Errors
    ///
    /// When it names what does not exist, or would make a state that cannot be. Nothing has changed then.
    pub fn edit(&self, edit: Edit) -> Result<(), edit::Error> {
        self.shared.lock().edit(edit)
    }

    /// The dialect spoken.
    pub fn dialect(&self) -> Dialect {
        self.shared.lock().world.dialect.clone()
    }

    /// Speaks another dialect from now on.
    ///
    /// # Errors
    ///
    /// When it names a field that does not exist.
    pub fn set_dialect(&self, dialect: Dialect) -> Result<(), LoadError> {
        self.shared.lock().set_dialect(dialect)
    }

    /// Every call since the journal was last cleared, in order.
    pub fn journal(&self) -> Vec<Entry> {
        self.journal_since(0)
    }

    /// The calls with a number greater than this.
    pub fn journal_since(&self, number: u64) -> Vec<Entry> {
        self.shared.lock().journal.since(number).to_vec()
    }

    /// The number of the last call, 0 before the first and after a clearing.
    pub fn last_number(&self) -> u64 {
        let simulation = self.shared.lock();
        simulation
            .journal
            .since(0)
            .last()
            .map_or(0, |entry| entry.number)
    }

    /// The journal in numbers, since it was last cleared.
    pub fn summary(&self) -> Summary {
        self.shared.lock().journal.summary()
    }

    /// Forgets the calls so far. Numbers go on.
    pub fn clear_journal(&self) {
        self.shared.lock().journal.clear();
    }

    /// Puts a fault in place; its number.
    pub fn inject(&self, fault: Fault) -> u64 {
        self.shared.lock().script.inject(fault)
    }

    /// Stops a fault; false when there is none of that number. Its count stays.
    pub fn heal(&self, fault: u64) -> bool {
        self.shared.lock().script.heal(fault)
    }

    /// Stops every fault.
    pub fn heal_all(&self) {
        self.shared.lock().script.heal_all();
    }

    /// Every fault ever put in place, with what it has done.
    pub fn faults(&self) -> Vec<Report> {
        self.shared.lock().script.reports().to_vec()
    }

    /// How often a fault has fired; 0 when there is none of that number.
    pub fn firings(&self, fault: u64) -> u64 {
        let simulation = self.shared.lock();
        let mut reports = simulation.script.reports().iter();
        reports
            .find(|report| report.id == fault)
            .map_or(0, |report| report.fired)
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).map_err(|source| Error::Listen { address, source })
}
