//! What keeps the operator from running, or from ending in order, and what to write instead.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use thiserror::Error;
use tracing_subscriber::util::TryInitError;

use super::super::{client::ClientError, lease::Loss};
use crate::{
    controllers::{Ended, connections::HostGlobError},
    xopero::{self, WireNamesError},
};

/// Why the operator does not run, or did not end in order.
#[derive(Debug, Error)]
pub enum RunError {
    /// The log.
    #[error("the log cannot be written")]
    Log(#[from] TryInitError),
    /// Threads or signals.
    #[error("the system refuses what every process needs")]
    System(#[source] io::Error),
    /// The file with the wire names.
    #[error("the file {path:?} cannot be read; correct --wire-names")]
    WireNamesFile {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What stands in it.
    #[error("the file {path:?} of --wire-names cannot be used")]
    WireNames {
        /// Its path.
        path: PathBuf,
        /// What is wrong.
        source: WireNamesError,
    },
    /// The file with the authorities.
    #[error("the file {path:?} cannot be read; correct --extra-ca-bundle")]
    ExtraCaBundleFile {
        /// Its path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What stands in it.
    #[error("the file {path:?} of --extra-ca-bundle cannot be used")]
    ExtraCaBundle {
        /// Its path.
        path: PathBuf,
        /// What is wrong.
        source: Box<xopero::Error>,
    },
    /// The hosts.
    #[error(transparent)]
    AllowedHosts(#[from] HostGlobError),
    /// The client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The server.
    #[error(
        "nothing can be served at {address}; write another address for --listen, for example 0.0.0.0:8080 where there is no IPv6"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The server's end.
    #[error("the server of /livez, /readyz and /metrics ended by itself")]
    ServerEnded,
    /// A controller's end.
    #[error(transparent)]
    Controllers(#[from] Ended),
    /// Another may lead.
    #[error(
        "the Lease is lost: {0}. Another replica may write now, so this one ends; it stands by once it is started again"
    )]
    LeaseLost(Loss),
    /// The drain limit.
    #[error(
        "not all requests were answered within the {limit:?} of --drain-timeout; their outcome is unknown, and is observed at the next start"
    )]
    NotDrained {
        /// It.
        limit: Duration,
    },
    /// A second signal.
    #[error(
        "a second signal, {signal}, came before all requests were answered; their outcome is unknown, and is observed at the next start"
    )]
    Urged {
        /// Which.
        signal: &'static str,
    },
}
