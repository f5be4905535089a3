//! The `xopero-simulator` program.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};
use xopero_simulator::{Certificate, Options, Simulator, Watched};

/// How often the state file is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// A simulated Xopero ONE server.
#[derive(Debug, Parser)]
struct Arguments {
    /// The address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The state, in YAML. It is read again whenever it changes.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// The certificate chain, in PEM; plain HTTP without.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let (mut watched, state) = Watched::read(&arguments.state)?;
    let certificate = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(chain), Some(key)) => Some(Certificate::from_pem(
            fs::read_to_string(chain).with_context(|| format!("reading {}", chain.display()))?,
            fs::read_to_string(key).with_context(|| format!("reading {}", key.display()))?,
        )),
        _ => None,
    };
    let options = Options {
        listen: Some(arguments.listen),
        certificate,
        sequence: None,
    };
    let simulator = Simulator::start_with(state, options)?;
    info!(
        url = simulator.url(),
        "The simulated Xopero ONE server listens on {}",
        simulator.url()
    );
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut looks = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = looks.tick() => match watched.refresh(&simulator) {
                Ok(true) => info!("The state file has changed and was read again"),
                Ok(false) => {}
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    warn!(error = format!("{error:#}"), "The state file has changed and cannot be used; the former state stays");
                }
            },
        }
    }
    Ok(())
}
