//! Runs: a scenario is played under a plan, and judged by all oracles.

mod aftermath;
mod crash;
mod heal;
mod held;
mod judge;
mod pair;
mod person;
mod rest;
mod stage;
mod steps;
mod vanish;
mod wait;
mod world;

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result, bail};

use xopero_simulator::faults::Times;

pub use self::stage::Stage;
use self::world::World;
pub(crate) use self::world::clock;
use crate::{
    gate::{Fault, Report},
    journal::{Event, kubernetes::Verb},
    oracles::{end_state::EndState, ledger, outcomes, summary::Summary},
    plan::{Blow, Deleted, Plan},
    scenario::Scenario,
};

/// Whether this machine can play a wrong clock.
pub fn has_wrong_clocks() -> bool {
    clock::library().is_some()
}

/// How long anything may take that a run waits for. Far more than it takes: it is for what never comes. Three logins that are answered
/// with neither a token nor a rejection are followed by the next after three and a half minutes.
const PATIENCE: Duration = Duration::from_mins(5);

/// What a scenario does when nothing goes wrong: what every other run is compared with.
#[derive(Clone, Debug)]
pub struct Reference {
    /// How it ends.
    pub end: EndState,
    /// What was written to Xopero ONE from the first step on.
    pub summary: Summary,
    /// All that happened from the first step on until it was at rest.
    pub events: Vec<Event>,
    /// Its writes, in their order, as far as all references have them.
    pub writes: Vec<Write>,
    /// What only some of them write, which depends on chance: no plan can rely on it.
    pub unsteady: BTreeSet<Write>,
    /// Verbs and resources that the operator used, from its start to its rest.
    pub requests: BTreeSet<(Verb, String)>,
    /// Removals counted in status at the end.
    pub counted: u64,
}

/// A write of a reference run: the places where faults are put.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Write {
    /// Of whom.
    pub side: crate::journal::Side,
    /// What is asked.
    pub key: String,
    /// The how manieth of this key, counted from 1.
    pub nth: u64,
}

/// What happened in a run.
#[derive(Debug)]
pub struct Played {
    /// From the first step on until it was at rest.
    pub events: Vec<Event>,
    /// All of it, from the very start to the very end.
    pub all: Vec<Event>,
    /// The same as Xopero ONE would speak usually.
    pub plain: Vec<Event>,
    /// How it ended.
    pub end: EndState,
    /// What was written to Xopero ONE from the first step on.
    pub summary: Result<Summary, String>,
    /// What became of the traps.
    pub traps: Vec<Report>,
    /// How often each fault of Xopero ONE itself fired, with how often it should have.
    pub fired: Vec<(u64, Times)>,
    /// Their numbers.
    pub faults: Vec<u64>,
    /// Whether a status said what was wrong, where one had to.
    pub said: bool,
    /// How often a person had to help.
    pub helped: usize,
    /// What was asked of another host to which Xopero ONE redirects.
    pub elsewhere: Vec<String>,
    /// The operator's logs, all processes.
    pub log: String,
    /// Processes of the operator until it was at rest.
    pub processes: usize,
    /// What was not as it should be after it had come to rest.
    pub afterwards: Vec<String>,
    /// Verbs and resources that the operator used, from its start to its rest.
    pub requests: BTreeSet<(Verb, String)>,
    /// Removals counted in status when it was at rest.
    pub counted: u64,
}

/// Plays a scenario without a fault, three times, and tells what all of them have in common.
///
/// # Errors
/// If they differ, fall short of the scenario's floor, or break a promise.
pub async fn reference(stage: &Stage, scenario: &Scenario) -> Result<Reference> {
    const TIMES: usize = 3;
    let plan = Plan::reference(scenario.name);
    let runs = (0..TIMES).map(|_| play(stage, scenario, &plan, None));
    let mut references: Vec<Reference> = Vec::new();
    for played in futures::future::try_join_all(runs).await? {
        let found = judge::reference(scenario, &plan, &played);
        if !found.is_empty() {
            stage.keep(&plan, &played, &found)?;
            bail!(
                "the reference of {} breaks promises:\n  {}",
                scenario.name,
                found.join("\n  ")
            );
        }
        let summary = played.summary.map_err(anyhow::Error::msg)?;
        let writes = judge::writes(&played.events);
        references.push(Reference {
            end: played.end,
            summary,
            events: played.events,
            writes,
            unsteady: BTreeSet::new(),
            requests: played.requests,
            counted: played.counted,
        });
    }
    let mut references = references.into_iter();
    let mut first = references.next().context("no reference run")?;
    for other in references {
        let mut differences = other.end.differences(&first.end);
        differences.extend(ledger::violations(
            other.counted,
            first.counted..=first.counted,
            0,
        ));
        differences.extend(other.summary.violations(&first.summary, 1));
        if !differences.is_empty() {
            bail!(
                "two references of {} differ:\n  {}",
                scenario.name,
                differences.join("\n  ")
            );
        }
        let not_in = |one: &[Write], other: &[Write]| {
            let lacking = one.iter().filter(|write| !other.contains(write));
            lacking.cloned().collect::<Vec<_>>()
        };
        first.unsteady.extend(not_in(&first.writes, &other.writes));
        first.unsteady.extend(not_in(&other.writes, &first.writes));
        first.writes.retain(|write| other.writes.contains(write));
    }
    Ok(first)
}

/// A crash that never came, since the write at which it was planned never did.
#[derive(Clone, Copy, Debug)]
pub struct NotReached;

impl std::fmt::Display for NotReached {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the write of the plan never came")
    }
}

impl std::error::Error for NotReached {}

/// Plays a plan and judges it: a sentence for each thing that is not as it should be.
///
/// # Errors
/// If the run itself fails: the control plane, the simulator, or what the campaign does to them.
pub async fn judged(
    stage: &Stage,
    scenario: &Scenario,
    plan: &Plan,
    reference: &Reference,
) -> Result<Vec<String>> {
    let played = if is_felt_by_others(plan) {
        play(&stage.apart().await?, scenario, plan, Some(reference)).await?
    } else {
        play(stage, scenario, plan, Some(reference)).await?
    };
    let violations = judge::violations(plan, &played, reference);
    // All else was as it should be.
    if judge::was_never_called(plan, &played) && violations.len() == 1 {
        return Err(NotReached.into());
    }
    if !violations.is_empty() {
        stage.keep(plan, &played, &violations)?;
    }
    Ok(violations)
}

/// Whether what goes wrong concerns all that use the same API server.
fn is_felt_by_others(plan: &Plan) -> bool {
    let is_frozen = matches!(plan.blow, Some(Blow::Frozen(_)));
    let is_undefined = plan.deleted.is_some_and(Deleted::is_felt_by_others);
    plan.has(Fault::Outage) || is_frozen || is_undefined
}

/// Plays a scenario under a plan.
async fn play(
    stage: &Stage,
    scenario: &Scenario,
    plan: &Plan,
    reference: Option<&Reference>,
) -> Result<Played> {
    let world = World::make(stage, scenario, plan).await?;
    // On the heap: it is as large as all that may happen in a run.
    let whole = Box::pin(async {
        world.begin(scenario).await?;
        let start = world.journal.last_number();
        if plan.restarts {
            world.kill().await?;
        }
        world.arm(plan)?;
        if plan.restarts {
            world.start().await?;
        }
        let crashes = crash::expected(plan);
        let played = async {
            let steps = held::during(&world, plan, steps::take(&world, plan, scenario, start));
            let ((), said) = futures::try_join!(steps, heal::during(&world, plan))?;
            world.crashes_are_over(crashes).await?;
            let end = rest::end(&world, plan, start, reference).await?;
            anyhow::Ok((end, said))
        };
        let (end, said) = tokio::select! {
            end = played => end?,
            failed = crash::supervise(&world, plan) => bail!("{failed:#}"),
            failed = person::help(&world, plan) => bail!("{failed:#}"),
        };
        world.heal();
        let rested_at = world.journal.last_number();
        let processes = pair::processes(&world, rested_at);
        let counted = ledger::counted(&world.resources().await?);
        let fired = world.fired(plan);
        let traps = world.traps();
        let afterwards = aftermath::see(&world, plan, &end).await?;
        let all = world.events();
        let events: Vec<Event> = all
            .iter()
            .filter(|event| event.number > start && event.number <= rested_at)
            .cloned()
            .collect();
        let requests = judge::requests(&all, rested_at);
        let faults = world.faults();
        let open = outcomes::left_open(plan, &faults);
        let summary = Summary::of(&scenario.state, &from_the_start(&all, rested_at), &open);
        let before = Summary::of(&scenario.state, &from_the_start(&all, start), &open);
        Ok(Played {
            summary: summary.and_then(|summary| Ok(summary.without(&before?))),
            events,
            plain: world.plain(&all, plan)?,
            all,
            end,
            traps,
            fired,
            faults,
            said,
            helped: world.helped(),
            elsewhere: world.asked_elsewhere(),
            log: world.logs(),
            processes,
            afterwards,
            requests,
            counted,
        })
    });
    let played = tokio::select! {
        played = whole => played,
        failed = pair::keep(&world) => Err(failed),
    };
    if let Err(error) = played {
        let kept = stage.keep_traces(plan, &world.logs(), &world.events())?;
        // Two that lead keep each other from coming to rest.
        let broken = judge::one_writer(plan, &world.events()).join("; ");
        let (title, kept) = (plan.title(), kept.display());
        let sentence = format!("{title} did not come to its end; see {kept}; O8: {broken}");
        return Err(error.context(sentence));
    }
    played
}

fn from_the_start(events: &[Event], until: u64) -> Vec<Event> {
    let until = events.iter().filter(|event| event.number <= until);
    until.cloned().collect()
}
