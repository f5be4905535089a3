//! Running plans side by side, and telling what came of them.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use anyhow::Result;
use futures::{StreamExt, stream};
use xtask::say;

use crate::{
    catalogue::{Item, Listed},
    plan::Plan,
    report::Tally,
    run::{self, Reference, Stage, Verdict},
    scenario::Scenario,
};

/// What is run.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The items.
    pub items: Vec<Item>,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// The number of the first plan, counted over all; those before it are left out.
    pub from: usize,
    /// Which of the plans are run: every one where this says so.
    pub share: fn(&Plan) -> bool,
    /// How many runs go side by side.
    pub workers: usize,
}

/// Runs everything that is chosen. Tells a row a run, and returns the sums.
///
/// # Errors
/// If a reference cannot be had, or a run itself fails.
pub async fn run(stage: &Stage, choice: &Choice) -> Result<Vec<Tally>> {
    let began = Instant::now();
    let mut tallies: Vec<Tally> = choice.items.iter().map(|item| Tally::of(*item)).collect();
    let mut number = 0;
    for scenario in &choice.scenarios {
        let reference = run::reference(stage, scenario).await?;
        say::line(&format!(
            "{}: {}; {} writes in each of three references",
            scenario.name,
            scenario.about,
            reference.writes.len()
        ));
        for tally in &mut tallies {
            let Listed { plans, unreached } = tally.item.plans(scenario, &reference);
            tally.note_scenario(scenario.name, &reference, plans.len());
            tally.unreached.extend(unreached);
            let plans = plans.into_iter().filter(|plan| {
                number += 1;
                number >= choice.from && (choice.share)(plan)
            });
            let plans: Vec<Plan> = plans.collect();
            let verdicts = all(stage, scenario, &reference, plans, choice.workers).await?;
            tally.note(&verdicts);
        }
    }
    say::line(&format!("{number} plans in {:.0} s", began.elapsed().as_secs_f64()));
    Ok(tallies)
}

/// Runs plans of a scenario side by side.
async fn all(
    stage: &Stage,
    scenario: &Scenario,
    reference: &Reference,
    plans: Vec<Plan>,
    workers: usize,
) -> Result<Vec<Verdict>> {
    let (count, done) = (plans.len(), AtomicUsize::new(0));
    let runs = plans.into_iter().map(|plan| {
        let done = &done;
        async move {
            let verdict = match run::judged(stage, scenario, &plan, reference).await {
                Ok(verdict) => verdict,
                // A run that did not come to its end is one that failed, and no reason to leave out the others.
                Err(error) => Verdict {
                    title: plan.title(),
                    violations: vec![format!("{error:#}")],
                    took: std::time::Duration::ZERO,
                },
            };
            let number = done.fetch_add(1, Ordering::Relaxed) + 1;
            tell(&verdict, (number, count));
            verdict
        }
    });
    Ok(stream::iter(runs).buffer_unordered(workers).collect().await)
}

fn tell(verdict: &Verdict, (number, count): (usize, usize)) {
    let Verdict {
        title,
        violations,
        took,
    } = verdict;
    let word = if violations.is_empty() { "ok" } else { "FAILED" };
    say::line(&format!("{number:>4}/{count} {word:>6} {:>5.1} s  {title}", took.as_secs_f64()));
    for violation in violations {
        say::line(&format!("              {violation}"));
    }
}

/// Plays one plan, after the references of its scenario.
///
/// # Errors
/// If the reference or the run itself fails.
pub async fn replay(stage: &Stage, scenario: &Scenario, plan: &Plan) -> Result<Verdict> {
    let reference = run::reference(stage, scenario).await?;
    let verdict = run::judged(stage, scenario, plan, &reference).await?;
    tell(&verdict, (1, 1));
    Ok(verdict)
}
