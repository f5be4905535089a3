//! `cargo xtask campaign` builds the operator, and runs this.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::Parser;
use sha2::{Digest, Sha256};
use xopero_campaign::{
    campaign::{self, Choice},
    catalogue::Item,
    plan::Plan,
    record::{Outcome, Record},
    report::{self, Effort, Tally},
    run::{self, Stage},
    scenario,
};
use xtask::{
    control_plane::{ControlPlane, Options},
    say, workspace,
};

/// Runs the operator under faults, on a real Kubernetes API server and a simulated Xopero ONE.
#[derive(Debug, Parser)]
struct Arguments {
    /// The program under test
    #[arg(long)]
    operator: PathBuf,
    /// The program that upgrades begin with; the same one when absent
    #[arg(long)]
    previous: Option<PathBuf>,
    /// Repeat the run of this file
    #[arg(long, conflicts_with_all = ["all", "items", "from"])]
    plan: Option<PathBuf>,
    /// Run all items that are built
    #[arg(long)]
    all: bool,
    /// Run this item; can be repeated
    #[arg(long = "item")]
    items: Vec<u32>,
    /// Only this scenario; can be repeated
    #[arg(long = "scenario")]
    scenarios: Vec<String>,
    /// Begin with the plan of this number, counted over all
    #[arg(long, default_value_t = 1)]
    from: usize,
    /// Only plans whose title, as a run shows it, holds this; can be repeated
    #[arg(long = "word")]
    words: Vec<String>,
    /// Leave out what held before with the same program: to go on with a campaign, and to play again what failed in it
    #[arg(long, conflicts_with = "plan")]
    resume: bool,
    /// How many runs go side by side
    #[arg(long, default_value_t = 10)]
    workers: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::line(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let Arguments {
        operator,
        previous,
        plan,
        all,
        items,
        scenarios,
        from,
        words,
        resume,
        workers,
    } = arguments;
    let control_plane = ControlPlane::start(Options::default()).await?;
    let kept = workspace::root().join("target/campaign");
    let mut stage = Stage::on(control_plane.clone(), &operator, &kept).await?;
    if let Some(previous) = &previous {
        stage = stage.upgrading_from(previous.clone());
    }
    let outcome = if let Some(file) = plan {
        replay(&stage, &file).await
    } else {
        let items = if all {
            Item::ALL.to_vec()
        } else {
            chosen(&items)?
        };
        let choice = Choice {
            items,
            scenarios: playing(&scenarios)?,
            from,
            share: |_| true,
            words,
            workers,
        };
        let mut record = if resume {
            Record::resumed(&kept, &operator)?
        } else {
            Record::kept(&kept, &operator)?
        };
        let programs = programs(&operator, previous.as_deref())?;
        everything(&stage, &choice, &mut record, &programs).await
    };
    control_plane.stop().await?;
    outcome
}

async fn replay(stage: &Stage, file: &std::path::Path) -> Result<()> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let plan = Plan::from_yaml(&text)?;
    let scenario = scenario::named(&plan.scenario)
        .with_context(|| format!("there is no scenario {}", plan.scenario))?;
    match campaign::replay(stage, &scenario, &plan).await? {
        Outcome::Held => Ok(()),
        Outcome::Missed => bail!("{}: its write never came", plan.title()),
        Outcome::Failed(_) => bail!("{} breaks promises", plan.title()),
    }
}

/// Which programs the upgrades of item 10 are between, in words.
fn programs(operator: &Path, previous: Option<&Path>) -> Result<String> {
    let digest = |program: &Path| {
        let bytes = std::fs::read(program)
            .with_context(|| format!("{} cannot be read", program.display()))?;
        let digest = hex::encode(Sha256::digest(bytes));
        anyhow::Ok(digest.chars().take(12).collect::<String>())
    };
    let current = digest(operator)?;
    let previous = previous.map(digest).transpose()?;
    Ok(match previous.filter(|previous| *previous != current) {
        Some(previous) => format!(
            "The upgrades of item 10 begin with another build (SHA-256 {previous}…), go to the program under test ({current}…) and back."
        ),
        None => format!(
            "The upgrades of item 10 are between a program and itself (SHA-256 {current}…): there was no earlier version, so what they try is that a process takes over from another one twice in the middle. `--previous PROGRAM` gives an earlier one."
        ),
    })
}

async fn everything(
    stage: &Stage,
    choice: &Choice,
    record: &mut Record,
    programs: &str,
) -> Result<()> {
    let (tallies, effort) = campaign::run(stage, choice, record).await?;
    say::line(&report::table(&tallies));
    let failed: usize = tallies.iter().map(|tally| tally.failed.len()).sum();
    for sentence in tallies.iter().flat_map(|tally| &tally.unreached) {
        say::line(&format!("not reached: {sentence}"));
    }
    if failed == 0 {
        if choice.is_everything() {
            write_page(&tallies, &effort, programs)?;
        }
        Ok(())
    } else {
        bail!(
            "{failed} runs failed; what is needed to repeat them is in target/campaign, and --resume plays them again"
        )
    }
}

/// Writes the page, unless less was tried than is to be.
fn write_page(tallies: &[Tally], effort: &Effort, programs: &str) -> Result<()> {
    let mut short = report::shortfalls(tallies);
    if !run::has_wrong_clocks() {
        short.push(
            "item 9 was not tried with wrong clocks: libfaketime is not installed (Debian's package `faketime`)".to_owned(),
        );
    }
    if !short.is_empty() {
        bail!(
            "docs/reliability.md is not written, since less was tried than it tells of:\n  {}",
            short.join("\n  ")
        );
    }
    let page = workspace::root().join("docs/reliability.md");
    std::fs::write(&page, report::page(tallies, effort, programs))?;
    Ok(())
}

fn chosen(items: &[u32]) -> Result<Vec<Item>> {
    let found = items.iter().map(|number| {
        let mut all = Item::ALL.into_iter();
        all.find(|item| item.number() == *number).with_context(|| {
            let built = Item::ALL.map(|item| item.number().to_string());
            format!(
                "item {number} is not built; these are: {}",
                built.join(", ")
            )
        })
    });
    let found = found.collect::<Result<Vec<_>>>()?;
    if found.is_empty() {
        bail!("say what to run: --all, --item N, or --plan FILE");
    }
    Ok(found)
}

fn playing(names: &[String]) -> Result<Vec<scenario::Scenario>> {
    if names.is_empty() {
        return Ok(scenario::all());
    }
    let found = names
        .iter()
        .map(|name| scenario::named(name).with_context(|| format!("there is no scenario {name}")));
    found.collect()
}
