//! `cargo xtask campaign`: the operator under faults. The campaign is a package of its own, which uses this one's library; so it is
//! run as a program.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use xtask::{say, workspace};

use super::cargo::{cargo, succeed};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The program of an earlier version, which upgrades in the middle of a run begin with; the same one when absent
    #[arg(long, value_name = "PROGRAM")]
    previous: Option<PathBuf>,
    /// Repeat the run of this file
    #[arg(long, conflicts_with_all = ["all", "items", "from"])]
    plan: Option<PathBuf>,
    /// Run all items, and write docs/reliability.md if nothing failed
    #[arg(long)]
    all: bool,
    /// Run this item; can be repeated
    #[arg(long = "item", value_name = "N")]
    items: Vec<u32>,
    /// Only this scenario, such as S2; can be repeated
    #[arg(long = "scenario", value_name = "NAME")]
    scenarios: Vec<String>,
    /// Begin with the plan of this number, counted over all that is chosen
    #[arg(long, value_name = "N", default_value_t = 1)]
    from: usize,
    /// Only plans whose title, as a run shows it, holds this; can be repeated
    #[arg(long = "word", value_name = "TEXT")]
    words: Vec<String>,
    /// Leave out what held before with the same program: to go on with a campaign, and to play again what failed in it
    #[arg(long, conflicts_with = "plan")]
    resume: bool,
    /// How many runs go side by side
    #[arg(long, value_name = "N", default_value_t = 10)]
    workers: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments {
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
    if plan.is_none() && !all && items.is_empty() {
        bail!("say what to run: --all, --item N, or --plan FILE");
    }
    say::line("Building the operator and the campaign …");
    // Optimized, as it is shipped.
    succeed(cargo([
        "build",
        "--quiet",
        "--release",
        "--package",
        "xopero-operator",
    ]))?;
    let operator = workspace::root().join("target/release/xopero-operator");
    let mut campaign = cargo(["run", "--quiet", "--package", "xopero-campaign", "--"]);
    campaign.arg("--operator").arg(operator);
    if let Some(previous) = previous {
        campaign.arg("--previous").arg(previous);
    }
    if let Some(plan) = plan {
        campaign.arg("--plan").arg(plan);
    }
    if *all {
        campaign.arg("--all");
    }
    if *resume {
        campaign.arg("--resume");
    }
    for item in items {
        campaign.args(["--item", &item.to_string()]);
    }
    for scenario in scenarios {
        campaign.args(["--scenario", scenario]);
    }
    for word in words {
        campaign.args(["--word", word]);
    }
    if plan.is_none() {
        campaign.args(["--from", &from.to_string()]);
    }
    campaign.args(["--workers", &workers.to_string()]);
    succeed(campaign)
}
