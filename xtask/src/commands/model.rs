//! `cargo xtask model`: the model of the whole operator, as far as the campaign goes.

use anyhow::Result;
use clap::Args;
use xtask::say;

use super::cargo::{cargo, succeed};

/// The tests that run the model.
const TESTS: &str = "decide::tests::model";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many random runs of up to 40 events
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    runs: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { runs } = arguments;
    say::line(&format!(
        "The model: {runs} random runs, and every run of the small scope with two faults."
    ));
    say::line(
        "Half an hour to an hour on two cores; the number of states is told search by search.",
    );
    let mut tests = cargo(["test", "--package", "xopero-operator", "--lib", TESTS]);
    tests.args(["--", "--nocapture"]);
    tests.env("PROPTEST_CASES", runs.to_string());
    tests.env("XOPERO_MODEL_SCOPE", "whole");
    succeed(tests)
}
