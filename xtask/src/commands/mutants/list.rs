//! What could be changed: the list of cargo-mutants, which changes nothing yet.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use xtask::say;

use crate::commands::cargo::{cargo, succeed};

/// One change of one place, as `cargo mutants --list --json` has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Mutant {
    /// File, place, and what is changed: what `.cargo/mutants.toml` is matched against.
    pub(super) name: String,
    /// From the root of the repository.
    pub(super) file: String,
    /// What is replaced.
    pub(super) span: Span,
    pub(super) genre: Genre,
    /// Rust; empty where something is taken out.
    pub(super) replacement: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Span {
    pub(super) start: Place,
}

/// Both count from 1, columns by characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// What is changed. More kinds may come with later versions of cargo-mutants: they are tried one build each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) enum Genre {
    /// What a function returns.
    FnValue,
    BinaryOperator,
    UnaryOperator,
    /// An arm is taken out; there is one for everything.
    MatchArm,
    MatchArmGuard,
    /// A field is left out, which the rest of the struct then gives.
    StructField,
    #[serde(other)]
    Other,
}

/// All changes of these files (globs) that `.cargo/mutants.toml` does not leave out.
pub(super) fn mutants(files: &[&str]) -> Result<Vec<Mutant>> {
    if !is_installed() {
        say::line("cargo-mutants is built first, once.");
        succeed(cargo(["install", "--locked", "cargo-mutants"]))?;
    }
    let mut list = cargo([
        "mutants",
        "--list",
        "--json",
        "--package",
        "xopero-operator",
    ]);
    chosen(&mut list, files);
    let output = list.stderr(Stdio::inherit()).output()?;
    ensure!(
        output.status.success(),
        "cargo mutants --list failed ({})",
        output.status
    );
    serde_json::from_slice(&output.stdout)
        .context("the list of cargo-mutants is not understood: which version is installed?")
}

/// Chooses these files, and no tests in them.
pub(super) fn chosen(command: &mut Command, files: &[&str]) {
    for file in files {
        command.args(["--file", file]);
    }
    for tests in ["**/tests/**", "**/tests.rs", "**/fixtures/**"] {
        command.args(["--exclude", tests]);
    }
}

fn is_installed() -> bool {
    Command::new("cargo-mutants")
        .args(["mutants", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
