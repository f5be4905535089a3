//! The `xopero-operator` program.

use std::process::ExitCode;

use anyhow::{Context, Error, anyhow};
use rustls::crypto::aws_lc_rs;
use tracing::error;
use xopero_operator::runtime::{self, Command};

fn main() -> ExitCode {
    // Both kube and reqwest take the provider of the process, and panic where there is none.
    let installed = aws_lc_rs::default_provider().install_default();
    let command = match Command::parse_from(std::env::args_os()) {
        Ok(command) => command,
        Err(refusal) => return runtime::print(&refusal),
    };
    let ended = installed
        .map_err(|_| anyhow!("the TLS provider is installed already"))
        .and_then(|()| runtime::execute(command).map_err(Error::from));
    match ended.context("xopero-operator ends") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
