//! The verbs of `cargo xtask`.

use anyhow::Result;
use clap::{Parser, Subcommand};
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
};

mod bench;
mod campaign;
mod cargo;
mod check;
mod control_plane;
mod demo;
mod generate;
mod gitops;
mod model;
mod mutants;
mod seeded;
mod sources;
mod test;

/// The one door to this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Measures deciding, and the whole operator with ten thousand repositories, beside what they cannot cost less than
    Bench(bench::Arguments),
    /// Runs the operator under faults: killed at every write, with answers lost and late, with a failing API server
    Campaign(campaign::Arguments),
    /// Checks everything that needs no cluster: format, lints, the arrows between folders, generated files, docs, licences
    Check,
    /// Runs a real Kubernetes control plane until Ctrl-C, to look around in with kubectl
    ControlPlane,
    /// Shows the operator at work on this machine, against a simulated Xopero ONE, told in plain words
    Demo(demo::Arguments),
    /// Writes the generated files: the custom resource definitions, the reference pages, rights, and most of the chart
    Generate(generate::Arguments),
    /// Runs the model of the whole operator: random runs, and every run of a small scope
    Model(model::Arguments),
    /// Changes the rules of removals line by line, and tells which change no test notices
    Mutants(mutants::Arguments),
    /// Switches on known bugs one by one, and tells which of them no test finds
    Seeded(seeded::Arguments),
    /// Runs all tests, on a real Kubernetes control plane that it builds first if need be
    Test(test::Arguments),
}

/// Does what the command line says.
pub(crate) fn run() -> Result<()> {
    let Arguments { verb } = Arguments::parse();
    match verb {
        Verb::Bench(arguments) => in_runtime(bench::run(&arguments)),
        Verb::Campaign(arguments) => campaign::run(&arguments),
        Verb::Check => check::run(),
        Verb::ControlPlane => in_runtime(control_plane::run()),
        Verb::Demo(arguments) => in_runtime(demo::run(&arguments)),
        Verb::Generate(arguments) => generate::run(&arguments),
        Verb::Model(arguments) => model::run(&arguments),
        Verb::Mutants(arguments) => in_runtime(mutants::run(&arguments)),
        Verb::Seeded(arguments) => seeded::run(&arguments),
        Verb::Test(arguments) => test::run(&arguments),
    }
}

fn in_runtime(work: impl Future<Output = Result<()>>) -> Result<()> {
    runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Returns when somebody asks this program to end: Ctrl-C in a terminal, or SIGTERM.
async fn asked_to_end() -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}
