//! The sums of a campaign, and the page that tells them.

use std::fmt::Write as _;

use crate::{catalogue::Item, run::{Reference, Verdict}};

/// What was tried of an item.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The item.
    pub item: Item,
    /// Scenarios: their name, the writes of the reference, the plans.
    pub scenarios: Vec<(&'static str, usize, usize)>,
    /// Runs.
    pub tried: usize,
    /// Those that failed, by title.
    pub failed: Vec<String>,
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
            unreached: Vec::new(),
            seconds: 0.0,
        }
    }

    pub(crate) fn note_scenario(&mut self, name: &'static str, reference: &Reference, plans: usize) {
        self.scenarios.push((name, reference.writes.len(), plans));
    }

    pub(crate) fn note(&mut self, verdict: &Verdict) {
        self.tried += 1;
        self.seconds += verdict.took.as_secs_f64();
        if !verdict.violations.is_empty() {
            self.failed.push(verdict.title.clone());
        }
    }

    /// The mean seconds of a run.
    pub fn seconds_each(&self) -> f64 {
        let runs = u32::try_from(self.tried.max(1)).unwrap_or(u32::MAX);
        self.seconds / f64::from(runs)
    }
}

/// The table of what was tried, in Markdown.
pub fn table(tallies: &[Tally]) -> String {
    let mut text = String::from(
        "| Item | What goes wrong | Runs | Failed | Seconds a run |\n| ---: | --- | ---: | ---: | ---: |\n",
    );
    for tally in tallies {
        // Writing to a String cannot fail.
        drop(writeln!(
            text,
            "| {} | {} | {} | {} | {:.1} |",
            tally.item.number(),
            tally.item.about(),
            tally.tried,
            tally.failed.len(),
            tally.seconds_each()
        ));
    }
    text
}
