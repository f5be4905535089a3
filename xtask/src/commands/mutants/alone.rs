//! Mutants that cannot be switched: cargo-mutants builds the library anew for each.

use std::path::Path;

use anyhow::Result;
use xtask::workspace;

use super::{
    build::lighten,
    reach::{ENVIRONMENT, TOO_LONG},
};
use crate::commands::{
    cargo::{cargo, succeed},
    sources::copy_sources,
};

/// Seconds after which the tests of a mutant are taken to hang.
const TIMEOUT: &str = "900";

/// Where the rules are, whose tests are as quick as they are.
const RULES: [&str; 2] = ["src/decide/", "src/inventory/"];
const TESTS_OF_RULES: [&str; 2] = ["decide::", "inventory::"];

/// Tries the mutants of these names: those of the rules with their tests, others with all.
pub(super) fn run(names: &[&str]) -> Result<()> {
    let copy = workspace::root().join("target/mutants-alone");
    copy_sources(&copy)?;
    lighten(&copy.join("Cargo.toml"))?;
    let is_of_rules = |name: &&str| RULES.iter().any(|folder| name.starts_with(folder));
    let (rules, others): (Vec<&str>, Vec<&str>) = names.iter().copied().partition(is_of_rules);
    let of_rules = try_all(&copy, &rules, &TESTS_OF_RULES);
    let of_others = try_all(&copy, &others, &[]);
    of_rules.and(of_others)
}

fn try_all(copy: &Path, names: &[&str], tests: &[&str]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let target = workspace::root().join("target");
    let mut mutants = cargo(["mutants", "--package", "xopero-operator", "--in-place"]);
    mutants
        .args(["--timeout", TIMEOUT, "--cargo-arg=--lib"])
        .arg("--output")
        .arg(&target)
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", target.join("mutants-build"))
        // Nobody looks at a backtrace.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .envs(ENVIRONMENT);
    for name in names {
        mutants.args(["--re", &format!("^{}$", regex::escape(name))]);
    }
    mutants
        .args(["--", "--"])
        .args(tests)
        .args(["--skip", TOO_LONG]);
    succeed(mutants)
}
