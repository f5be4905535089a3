//! `cargo xtask`: the one door to this repository. Each verb is a module in `commands`.

#![expect(clippy::print_stdout, reason = "a command line program for people")]

use std::process::ExitCode;

mod arrows;
mod commands;
mod image;
mod promises;
mod sizes;
mod workflows;

fn main() -> ExitCode {
    match commands::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            xtask::say::line(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
