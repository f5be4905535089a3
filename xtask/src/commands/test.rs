//! `cargo xtask test`: all tests.

use anyhow::Result;
use clap::Args;
use xtask::{
    control_plane::{ASSETS_VARIABLE, Programs},
    flux,
    promtool::promtool,
    say,
};

use super::{
    cargo::{cargo, succeed},
    gitops,
};

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
    if !filters.is_empty() {
        tests.arg("--").args(filters);
        return succeed(tests);
    }
    // Before all tests, where the minutes that it may take are seen.
    tests.env(flux::PROGRAM_VARIABLE, flux::find_or_build()?);
    say::line("Running all tests of the workspace: cargo test --workspace --no-fail-fast");
    gitops::record(&mut tests)?;
    succeed(tests)?;
    gitops::judge()
}
