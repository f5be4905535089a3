//! `cargo xtask mutants`: changes the rules and the guards line by line, and tells which change no test notices.
//!
//! What can be changed is the list of cargo-mutants. It would build the library for each, which takes days for all of them; so as many
//! as can be are put into one build, each behind a switch, and only the rest is left to cargo-mutants.

mod alone;
mod build;
mod guards;
mod list;
mod places;
mod reach;
mod switch;
mod trial;

use std::{collections::BTreeSet, time::Instant};

use anyhow::{Result, bail, ensure};
use clap::Args;
use futures::{StreamExt as _, stream};
use xtask::{say, workspace};

use self::{
    build::Built,
    guards::{GUARDS_OF_LAYERS, RULES},
    list::Mutant,
    places::Number,
    trial::{Outcome, Trials},
};
use super::sources::copy_sources;

/// After how many mutants it is told how far it is.
const HUNDRED: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only this file, and others for which it is given again; all rules and the guards of the layers above them when absent
    #[arg(long, value_name = "FILE")]
    file: Vec<String>,
    /// Afterwards those that want a build of their own, such as what is returned by a function that is called when it compiles: hours
    #[arg(long)]
    alone: bool,
    /// How many are tried side by side
    #[arg(long, value_name = "N", default_value_t = 2)]
    workers: usize,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    let Arguments {
        file,
        alone: one_by_one,
        workers,
    } = arguments;
    let files: Vec<&str> = if file.is_empty() {
        [RULES, GUARDS_OF_LAYERS].concat()
    } else {
        file.iter().map(String::as_str).collect()
    };
    let mutants = list::mutants(&files)?;
    ensure!(!mutants.is_empty(), "nothing can be changed in {files:?}");
    let began = Instant::now();
    let copy = workspace::root().join("target/mutants");
    copy_sources(&copy)?;
    let Built {
        program,
        mutants: switched,
        alone: of_own,
    } = build::build(&copy, &mutants)?;
    say::line("Running all tests once, to see which of them reach what …");
    let reach = reach::run(&program, &copy)?;
    let trials = Trials {
        program,
        copy,
        reach,
    };
    let survivors = try_all(&trials, &mutants, &switched, *workers).await?;
    say::line(&format!(
        "{} mutants tried in {} minutes, {} survived. {} want a build of their own, {} do not build.",
        switched.len(),
        began.elapsed().as_secs().div_ceil(60),
        survivors.len(),
        of_own.len(),
        mutants.len() - switched.len() - of_own.len(),
    ));
    if *one_by_one {
        let names = of_own.iter().filter_map(|number| mutants.get(*number));
        let names: Vec<&str> = names.map(|mutant| mutant.name.as_str()).collect();
        alone::run(&names)?;
    }
    if survivors.is_empty() {
        Ok(())
    } else {
        bail!("no test notices:\n{}", survivors.join("\n"))
    }
}

/// Tries these, several side by side, tells of each that no test notices, and returns their names.
async fn try_all(
    trials: &Trials,
    mutants: &[Mutant],
    switched: &BTreeSet<Number>,
    workers: usize,
) -> Result<Vec<String>> {
    let outcomes = stream::iter(switched).map(|number| async move {
        let outcome = trials.of(*number).await?;
        anyhow::Ok((*number, outcome))
    });
    let mut outcomes = outcomes.buffer_unordered(workers).enumerate();
    let mut survivors = Vec::new();
    while let Some((tried, outcome)) = outcomes.next().await {
        let (number, outcome) = outcome?;
        if let (Outcome::Survived, Some(mutant)) = (outcome, mutants.get(number)) {
            say::line(&format!("  survived  {}", mutant.name));
            survivors.push(mutant.name.clone());
        }
        if tried % HUNDRED == HUNDRED - 1 {
            say::line(&format!("{} of {} tried", tried + 1, switched.len()));
        }
    }
    survivors.sort();
    Ok(survivors)
}
