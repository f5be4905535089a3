//! `cargo xtask model`: the model of the whole operator, as far as the campaign goes.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

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
    /// What the random runs are drawn from, as a failure told it: the same number of runs with the same seed are the same runs
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { runs, seed } = arguments;
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    say::line(&format!(
        "The model: {runs} random runs, and every run of the small scope with two faults. Again: cargo xtask model --runs {runs} --seed {seed}"
    ));
    say::line(
        "Half an hour to an hour on two cores; the number of states is told search by search.",
    );
    let mut tests = cargo(["test", "--package", "xopero-operator", "--lib", TESTS]);
    tests.args(["--", "--nocapture"]);
    tests.env("PROPTEST_CASES", runs.to_string());
    tests.env("PROPTEST_RNG_SEED", seed.to_string());
    tests.env("XOPERO_MODEL_SCOPE", "whole");
    succeed(tests)
}
