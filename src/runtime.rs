//! The program: its arguments, its log, its client and server, and how it begins and ends. What it does is in the controllers.

mod arguments;
mod client;
mod definitions;
mod lease;
pub mod permissions;
mod proxy;
mod run;
mod server;
mod signals;
mod telemetry;

use thiserror::Error;
use tracing_subscriber::util::TryInitError;

pub use self::{
    arguments::{Command, LeaderElection, LeaseArguments, RunArguments, print},
    client::ClientError,
    definitions::DefinitionsError,
    lease::Loss,
    proxy::ProxyError,
    run::RunError,
    telemetry::{LogFormat, LogLevel, LogLevelError},
};

/// Why the program ends with a failure.
#[derive(Debug, Error)]
pub enum Error {
    /// Of the log.
    #[error("the log cannot be written")]
    Log(#[from] TryInitError),
    /// Of `run`.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Of `crds`.
    #[error(transparent)]
    Definitions(#[from] DefinitionsError),
}

/// Does what the arguments say, until it is done or the process is asked to end.
///
/// # Errors
/// If it cannot be done, or does not end in order.
pub fn execute(command: Command) -> Result<(), Error> {
    match command {
        Command::Run(arguments) => Ok(run::run(*arguments)?),
        Command::Crds => {
            telemetry::install(LogFormat::Text, LogLevel::default())?;
            Ok(definitions::print()?)
        }
    }
}
