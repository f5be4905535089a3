//! `cargo xtask test`: all tests.

use std::{env, num::NonZero, thread};

use anyhow::Result;
use clap::Args;
use xtask::{
    control_plane::{ASSETS_VARIABLE, Programs},
    gitops::Program,
    promtool::promtool,
    say,
};

use super::{
    cargo::{cargo, succeed},
    gitops,
};

/// How many tests run at once. Most of them wait for programs that they have started, so one a core is too few.
const THREADS_VARIABLE: &str = "RUST_TEST_THREADS";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Run only the tests whose names contain one of these, and not those in Go, which judge what all the others have seen
    filters: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { filters } = arguments;
    let programs = Programs::find_or_build()?;
    say::line(&format!(
        "The real Kubernetes is in {}.",
        programs.folder().display()
    ));
    if let Err(error) = promtool(&["--version"], "") {
        say::line(&format!(
            "warning: the tests of alerts and metrics will fail: {error:#}"
        ));
    }
    let mut tests = cargo(["test", "--workspace", "--no-fail-fast"]);
    tests.env(ASSETS_VARIABLE, programs.folder());
    if env::var_os(THREADS_VARIABLE).is_none() {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        tests.env(THREADS_VARIABLE, (2 * cores).to_string());
    }
    if !filters.is_empty() {
        tests.arg("--").args(filters);
        return succeed(tests);
    }
    // Before all tests, where the minutes that it may take are seen.
    for program in Program::ALL {
        tests.env(program.variable(), program.find_or_build()?);
    }
    say::line("Running all tests of the workspace: cargo test --workspace --no-fail-fast");
    gitops::record(&mut tests)?;
    succeed(tests)?;
    gitops::judge()
}
