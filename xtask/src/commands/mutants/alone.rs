//! Mutants that cannot be switched: cargo-mutants builds the library anew for each.

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

/// Tries the mutants of these names.
pub(super) fn run(names: &[&str]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let root = workspace::root();
    let copy = root.join("target/mutants-alone");
    copy_sources(&copy)?;
    lighten(&copy.join("Cargo.toml"))?;
    let mut mutants = cargo(["mutants", "--package", "xopero-operator", "--in-place"]);
    mutants
        .args(["--timeout", TIMEOUT, "--cargo-arg=--lib"])
        .arg("--output")
        .arg(root.join("target"))
        .current_dir(&copy)
        .env("CARGO_TARGET_DIR", root.join("target/mutants-build"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .envs(ENVIRONMENT);
    for name in names {
        mutants.args(["--re", &format!("^{}$", regex::escape(name))]);
    }
    mutants.args(["--", "--", "--skip", TOO_LONG]);
    succeed(mutants)
}
