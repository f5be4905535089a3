//! `cargo xtask bench`: what deciding costs, and what the whole operator costs, beside what it cannot cost less than.
//!
//! The operator and the simulator are release builds and processes of their own, so that their time and memory are theirs alone.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use kube::core::Duration as Span;
use xtask::{say, workspace};

use self::{
    scenario::{Kind, Size},
    table::{Row, Verdict},
};
use super::{
    asked_to_end,
    cargo::{cargo, succeed},
};

mod audit;
mod deciding;
mod declared;
mod figures;
mod measured;
mod scenario;
mod simulator;
mod table;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How many repositories the organization has, and in the second run how many resources
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    repositories: u32,
    /// How long the simulated Xopero ONE takes for every answer
    #[arg(long, value_name = "DURATION", default_value = "20ms", value_parser = duration)]
    answer_time: Duration,
    /// The connection's `requests.perSecond`
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1000))]
    per_second: u32,
    /// The connection's `requests.inFlight`
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=64))]
    in_flight: u32,
    /// A folder with built programs, to compare one version with another; when absent, they are built
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,
    /// Only this part
    #[arg(long, value_enum)]
    only: Option<Part>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// `decide` alone, with criterion
    Decide,
    /// The operator, with one plan for all repositories
    Plan,
    /// The operator, with a resource for each repository
    Resources,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    // All that was started ends with this process, in whatever state it is.
    tokio::select! {
        measured = measure(arguments) => measured,
        asked = asked_to_end() => asked,
    }
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let Arguments {
        repositories,
        answer_time,
        per_second,
        in_flight,
        programs,
        only,
    } = arguments;
    let size = Size {
        repositories: *repositories,
        answer_time: *answer_time,
        per_second: *per_second,
        in_flight: *in_flight,
    };
    let asked_for = |part| only.is_none_or(|only| only == part);
    let mut missed = 0;
    if asked_for(Part::Decide) {
        missed += show("decide", &deciding::measure()?);
    }
    let kinds: Vec<Kind> = [(Part::Plan, Kind::Plan), (Part::Resources, Kind::Resources)]
        .into_iter()
        .filter_map(|(part, kind)| asked_for(part).then_some(kind))
        .collect();
    if !kinds.is_empty() {
        let programs = match programs {
            Some(folder) => Programs::of(folder),
            None => build()?,
        };
        for kind in kinds {
            let rows = scenario::measure(&programs, kind, size).await?;
            missed += show(&kind.title(size), &rows);
        }
    }
    if missed > 0 {
        bail!("{missed} figures miss their target: they are marked in the tables");
    }
    Ok(())
}

/// The programs that are measured.
#[derive(Clone, Debug)]
struct Programs {
    operator: PathBuf,
    simulator: PathBuf,
}

impl Programs {
    fn of(folder: &Path) -> Self {
        Self {
            operator: folder.join("xopero-operator"),
            simulator: folder.join("xopero-simulator"),
        }
    }
}

fn build() -> Result<Programs> {
    say::line("Building the operator and the simulator as they are released …");
    let packages = [
        "--package",
        "xopero-operator",
        "--package",
        "xopero-simulator",
    ];
    succeed(cargo(
        ["build", "--quiet", "--release", "--bins"]
            .into_iter()
            .chain(packages),
    ))?;
    Ok(Programs::of(&target().join("release")))
}

/// Where cargo puts what it builds: this program is in `debug` or `release` in it.
fn target() -> PathBuf {
    let own = std::env::current_exe().ok();
    let target = own.as_deref().and_then(|own| own.ancestors().nth(2));
    target.map_or_else(|| workspace::root().join("target"), Path::to_owned)
}

/// Prints a table, and says how many of its figures miss their target.
fn show(title: &str, rows: &[Row]) -> usize {
    println!("\n{title}\n\n{}", table::print(rows));
    rows.iter()
        .filter(|row| row.verdict() == Verdict::Missed)
        .count()
}

/// As the resources write durations.
fn duration(text: &str) -> Result<Duration> {
    let span: Span = text
        .parse()
        .with_context(|| format!("{text:?} is no duration; write for example 20ms"))?;
    Ok(span.into())
}
