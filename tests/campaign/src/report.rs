//! The sums of a campaign, and the page that tells them.

use crate::{
    catalogue::Item,
    plan::Plan,
    record::{Outcome, Record},
    run::Reference,
};

/// What was tried of an item.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The item.
    pub item: Item,
    /// Scenarios: their name, the writes of the reference, the plans.
    pub scenarios: Vec<(&'static str, usize, usize)>,
    /// Plans that were played.
    pub tried: usize,
    /// Those that failed when they were played last, by title.
    pub failed: Vec<String>,
    /// Those that failed once, and held when they were played again.
    pub repeated: Vec<String>,
    /// What was not run, and why.
    pub unreached: Vec<String>,
    /// Seconds of all runs together.
    pub seconds: f64,
}

impl Tally {
    pub(crate) const fn of(item: Item) -> Self {
        Self {
            item,
            scenarios: Vec::new(),
            tried: 0,
            failed: Vec::new(),
            repeated: Vec::new(),
            unreached: Vec::new(),
            seconds: 0.0,
        }
    }

    pub(crate) fn note_scenario(
        &mut self,
        name: &'static str,
        reference: &Reference,
        plans: usize,
    ) {
        self.scenarios.push((name, reference.writes.len(), plans));
    }

    /// Takes in what is on record of a plan.
    pub(crate) fn note(&mut self, plan: &Plan, record: &Record) {
        let is_failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_));
        let Some(last) = record.of(plan).last() else {
            return;
        };
        let title = plan.title();
        if last.outcome == Outcome::Missed {
            let sentence = format!("{title}: in this run its status was not written so often");
            self.unreached.push(sentence);
            return;
        }
        self.tried += 1;
        self.seconds += last.seconds;
        if is_failed(&last.outcome) {
            self.failed.push(title);
        } else if record.of(plan).any(|row| is_failed(&row.outcome)) {
            self.repeated.push(title);
        }
    }

    /// The mean seconds of a run.
    pub fn seconds_each(&self) -> f64 {
        let runs = u32::try_from(self.tried.max(1)).unwrap_or(u32::MAX);
        self.seconds / f64::from(runs)
    }
}

/// The page of the documentation, in Markdown.
pub fn page(tallies: &[Tally]) -> String {
    let unreached: Vec<String> = tallies
        .iter()
        .flat_map(|tally| &tally.unreached)
        .map(|sentence| format!("- {sentence}\n"))
        .collect();
    let unreached = if unreached.is_empty() {
        "Nothing.\n".to_owned()
    } else {
        unreached.concat()
    };
    [
        INTRODUCTION,
        "## What was tried\n\n",
        &table(tallies),
        "\n",
        &by_scenario(tallies),
        "\n## What could not be reached\n\n",
        &unreached,
        "\n",
        FOUND,
    ]
    .concat()
}

/// How many plans each scenario has.
fn by_scenario(tallies: &[Tally]) -> String {
    let items = tallies
        .iter()
        .map(|tally| format!(" Item {} |", tally.item.number()));
    let head = format!(
        "| Scenario | Writes of the reference |{}\n",
        items.collect::<String>()
    );
    let rule = format!("| --- | ---: |{}\n", " ---: |".repeat(tallies.len()));
    let scenarios = tallies
        .first()
        .map(|tally| tally.scenarios.as_slice())
        .unwrap_or_default();
    let rows = scenarios
        .iter()
        .enumerate()
        .map(|(index, (name, writes, _))| {
            let plans = tallies.iter().map(|tally| {
                let plans = tally.scenarios.get(index).map_or(0, |(_, _, plans)| *plans);
                format!(" {plans} |")
            });
            format!("| {name} | {writes} |{}\n", plans.collect::<String>())
        });
    [head, rule].into_iter().chain(rows).collect()
}

/// What the campaign is, and how it is repeated.
const INTRODUCTION: &str = include_str!("report/introduction.md");

/// What it has found, a line each.
const FOUND: &str = include_str!("report/found.md");

/// The table of what was tried, in Markdown.
pub fn table(tallies: &[Tally]) -> String {
    let head = "| Item | What goes wrong | Plans | Failed | Held when repeated | Seconds a run |\n| ---: | --- | ---: | ---: | ---: | ---: |\n";
    let rows = tallies.iter().map(|tally| {
        format!(
            "| {} | {} | {} | {} | {} | {:.1} |\n",
            tally.item.number(),
            tally.item.about(),
            tally.tried,
            tally.failed.len(),
            tally.repeated.len(),
            tally.seconds_each()
        )
    });
    [head.to_owned()].into_iter().chain(rows).collect()
}
