//! `cargo xtask campaign` builds the operator, and runs this.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use clap::Parser;
use xopero_campaign::{
    campaign::{self, Choice},
    catalogue::Item,
    plan::Plan,
    record::{Outcome, Record},
    report,
    run::Stage,
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
    let stage = Stage::on(control_plane.clone(), &operator, &kept).await?;
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
        everything(&stage, &choice, &mut record).await
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

async fn everything(stage: &Stage, choice: &Choice, record: &mut Record) -> Result<()> {
    let tallies = campaign::run(stage, choice, record).await?;
    say::line(&report::table(&tallies));
    let failed: usize = tallies.iter().map(|tally| tally.failed.len()).sum();
    for sentence in tallies.iter().flat_map(|tally| &tally.unreached) {
        say::line(&format!("not reached: {sentence}"));
    }
    if failed == 0 {
        if choice.is_everything() {
            let page = workspace::root().join("docs/reliability.md");
            std::fs::write(&page, report::page(&tallies))?;
        }
        Ok(())
    } else {
        bail!(
            "{failed} runs failed; what is needed to repeat them is in target/campaign, and --resume plays them again"
        )
    }
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
