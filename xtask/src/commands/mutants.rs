//! `cargo xtask mutants`: changes the rules line by line, and tells which change no test notices.

use std::process::{Command, Stdio};

use anyhow::Result;
use clap::Args;
use xtask::say;

use super::cargo::{cargo, succeed};

/// Where a removal is decided on or stopped.
const GUARDS: &[&str] = &[
    "src/inventory/trust.rs",
    "src/decide/owner.rs",
    "src/decide/removals.rs",
    "src/decide/ledger.rs",
    "src/decide/ledger/status.rs",
    "src/decide/answer.rs",
    "src/decide/named.rs",
    "src/decide/namers.rs",
    "src/decide/unclaimed.rs",
    "src/decide/order.rs",
];

/// Seconds after which the tests of a mutant are taken to hang. They take ten on two cores.
const TIMEOUT: &str = "180";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// All of `src/decide` and `src/inventory`, not the guards alone: many hours
    #[arg(long)]
    all: bool,
    /// One part of several, such as 0/8, so that it can be done in slices
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// How many are built and tried side by side
    #[arg(long, value_name = "N", default_value_t = 2)]
    jobs: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { all, shard, jobs } = arguments;
    if !is_installed() {
        say::line("cargo-mutants is built first, once.");
        succeed(cargo(["install", "--locked", "cargo-mutants"]))?;
    }
    say::line(
        "Every mutant is a build of its own: half a minute each. What survives is in target/mutants.out/missed.txt.",
    );
    let mut mutants = cargo([
        "mutants",
        "--package",
        "xopero-operator",
        "--output",
        "target",
        "--jobs",
        &jobs.to_string(),
        "--timeout",
        TIMEOUT,
    ]);
    // What only every hundredth case of a property would notice is not what guards a removal; and how small a failure can be made is
    // of no use here.
    mutants
        .env("PROPTEST_CASES", "40")
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    if *all {
        mutants.args(["--file", "src/decide/**", "--file", "src/inventory/**"]);
    } else {
        for file in GUARDS {
            mutants.args(["--file", file]);
        }
    }
    mutants.args([
        "--exclude",
        "**/tests/**",
        "--exclude",
        "**/tests.rs",
        "--exclude",
        "**/fixtures/**",
    ]);
    if let Some(shard) = shard {
        mutants.args(["--shard", shard]);
    }
    // The rules are tested where they stand; without the model's small scope, which is the slow part.
    mutants.args([
        "--",
        "--lib",
        "--",
        "decide::",
        "inventory::",
        "--skip",
        "decide::tests::model::scope",
    ]);
    succeed(mutants)
}

fn is_installed() -> bool {
    Command::new("cargo-mutants")
        .args(["mutants", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
