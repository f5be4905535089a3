//! Running plans side by side, and telling what came of them.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use futures::{StreamExt, stream};
use xtask::say;

use crate::{
    catalogue::{Item, Listed},
    plan::Plan,
    record::{Outcome, Record, Row, Session},
    report::{Effort, Tally},
    run::{self, NotReached, Reference, Stage},
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
    /// Words of which the title of a plan must hold each.
    pub words: Vec<String>,
    /// How many runs go side by side.
    pub workers: usize,
}

impl Choice {
    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        let all = crate::scenario::all().len();
        let is_whole = self.from <= 1 && self.words.is_empty();
        self.items == Item::ALL && self.scenarios.len() == all && is_whole
    }

    /// Whether a plan is run.
    fn takes(&self, number: usize, plan: &Plan) -> bool {
        let title = plan.title();
        let is_meant = self.words.iter().all(|word| title.contains(word.as_str()));
        is_meant && number >= self.from && (self.share)(plan)
    }
}

/// Runs everything that is chosen and not settled by the record. Tells a row a run, and returns the sums, with those of the record.
///
/// # Errors
/// If the record cannot be written.
pub async fn run(
    stage: &Stage,
    choice: &Choice,
    record: &mut Record,
) -> Result<(Vec<Tally>, Effort)> {
    let began = Instant::now();
    let clock = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let (references, failed) = references(stage, choice).await;
    let mut tallies: Vec<Tally> = choice.items.iter().map(|item| Tally::of(*item)).collect();
    let mut chosen = Vec::new();
    let mut number = 0;
    for (index, tally) in tallies.iter_mut().enumerate() {
        tally.failed.clone_from(&failed);
        for (scenario, reference) in &references {
            let Listed { plans, unreached } = tally.item.plans(scenario, reference);
            tally.note_scenario(scenario.name, reference, plans.len());
            tally.unreached.extend(unreached);
            for plan in plans {
                number += 1;
                if choice.takes(number, &plan) {
                    chosen.push((index, number, *scenario, reference, plan));
                }
            }
        }
    }
    let mut queue = chosen.clone();
    queue.retain(|(.., plan)| !record.is_settled(plan));
    say::line(&format!(
        "{} runs of {number} plans; {} are on record",
        queue.len(),
        chosen.len() - queue.len()
    ));
    let runs = queue
        .into_iter()
        .map(|(_, number, scenario, reference, plan)| async move {
            let began = Instant::now();
            let outcome = outcome(stage, scenario, &plan, reference).await;
            let seconds = began.elapsed().as_secs_f64();
            tell(&plan, &outcome, seconds, number);
            (plan, outcome, seconds)
        });
    let mut runs = stream::iter(runs).buffer_unordered(choice.workers);
    while let Some((plan, outcome, seconds)) = runs.next().await {
        let session = Session {
            began: clock,
            lasted: began.elapsed().as_secs(),
            workers: choice.workers,
        };
        record.add(Row {
            plan,
            outcome,
            seconds,
            session: Some(session),
        })?;
    }
    for (index, .., plan) in &chosen {
        if let Some(tally) = tallies.get_mut(*index) {
            tally.note(plan, record);
        }
    }
    say::line(&format!("in {:.0} s", began.elapsed().as_secs_f64()));
    let plans = || chosen.iter().map(|(.., plan)| plan);
    let effort = Effort {
        runs: plans().map(|plan| record.of(plan).count()).sum(),
        sessions: record.sessions(plans()),
    };
    Ok((tallies, effort))
}

/// Plays a plan. A run that did not come to its end is one that failed, and no reason to leave out the others.
async fn outcome(
    stage: &Stage,
    scenario: &Scenario,
    plan: &Plan,
    reference: &Reference,
) -> Outcome {
    match run::judged(stage, scenario, plan, reference).await {
        Ok(violations) if violations.is_empty() => Outcome::Held,
        Ok(violations) => Outcome::Failed(violations),
        Err(error) if plan.may_be_missed() && error.downcast_ref::<NotReached>().is_some() => {
            Outcome::Missed
        }
        Err(error) => Outcome::Failed(vec![format!("{error:#}")]),
    }
}

/// The references of all scenarios, some side by side; and what is told of those that cannot be had.
async fn references<'a>(
    stage: &Stage,
    choice: &'a Choice,
) -> (Vec<(&'a Scenario, Reference)>, Vec<String>) {
    let runs = choice
        .scenarios
        .iter()
        .map(|scenario| async move { (scenario, run::reference(stage, scenario).await) });
    // Each is three runs.
    let mut runs = stream::iter(runs).buffered(choice.workers.div_ceil(3));
    let (mut references, mut failed) = (Vec::new(), Vec::new());
    while let Some((scenario, reference)) = runs.next().await {
        let Scenario { name, about, .. } = scenario;
        match reference {
            Ok(reference) => {
                let writes = reference.writes.len();
                say::line(&format!(
                    "{name}: {about}; {writes} writes in each of three references"
                ));
                references.push((scenario, reference));
            }
            // The other scenarios are played all the same.
            Err(error) => {
                say::line(&format!("{name} FAILED: {error:#}"));
                failed.push(format!("{name} reference"));
            }
        }
    }
    (references, failed)
}

fn tell(plan: &Plan, outcome: &Outcome, seconds: f64, number: usize) {
    let (word, violations) = match outcome {
        Outcome::Held => ("ok", [].as_slice()),
        Outcome::Missed => ("missed", [].as_slice()),
        Outcome::Failed(violations) => ("FAILED", violations.as_slice()),
    };
    let (item, title) = (plan.item, plan.title());
    say::line(&format!(
        "{number:>5}  {item:>2} {word:>6} {seconds:>5.1} s  {title}"
    ));
    for violation in violations {
        say::line(&format!("              {violation}"));
    }
}

/// Plays one plan, after the references of its scenario.
///
/// # Errors
/// If the reference fails.
pub async fn replay(stage: &Stage, scenario: &Scenario, plan: &Plan) -> Result<Outcome> {
    let reference = run::reference(stage, scenario).await?;
    let began = Instant::now();
    let outcome = outcome(stage, scenario, plan, &reference).await;
    tell(plan, &outcome, began.elapsed().as_secs_f64(), 1);
    Ok(outcome)
}
