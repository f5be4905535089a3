//! The sums of a campaign, and the page that tells them.

mod dialects;

use std::collections::BTreeSet;

use crate::{
    catalogue::Item,
    gate::{Trap, When},
    journal::Side,
    plan::Plan,
    record::{Outcome, Record, Session},
    run::Reference,
};

/// What the whole of it took.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Runs, those that were repeated each time.
    pub runs: usize,
    /// When they were played.
    pub sessions: Vec<Session>,
}

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
            self.unreached.push(format!("{title}: {}", missed(plan)));
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

/// Why a write may never have come.
fn missed(plan: &Plan) -> &'static str {
    let is_outside = |trap: &Trap| trap.side == Side::Xopero;
    let is_status = |trap: &Trap| matches!(&trap.when, When::Key(key) if key.contains("/status"));
    if plan.traps.iter().any(is_outside) || !plan.xopero.is_empty() {
        "in this run it was not asked of Xopero ONE so often"
    } else if plan.traps.iter().any(is_status) {
        "in this run its status was not written so often"
    } else {
        "in this run it was not written so often"
    }
}

/// How long it took, in words; empty where the record does not know it.
fn lasted(effort: &Effort) -> String {
    let Effort { runs, sessions } = effort;
    let seconds: u64 = sessions.iter().map(|session| session.lasted).sum();
    let workers: BTreeSet<usize> = sessions.iter().map(|session| session.workers).collect();
    let workers: Vec<String> = workers.iter().map(ToString::to_string).collect();
    if workers.is_empty() {
        return String::new();
    }
    let minutes = seconds.div_ceil(60);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let sessions = match sessions.len() {
        1 => String::new(),
        count => format!(", in {count} sessions"),
    };
    format!(
        "{runs} runs took {minutes} minutes on {cores} cores, {} side by side{sessions}; those of the references are not counted.\n\n",
        workers.join(" or ")
    )
}

/// What fell short of what the campaign is to try at least, a sentence each.
pub fn shortfalls(tallies: &[Tally]) -> Vec<String> {
    let short = tallies.iter().filter_map(|tally| {
        let (number, least) = (tally.item.number(), tally.item.least());
        (tally.tried < least).then(|| {
            format!(
                "item {number} has {} plans, and at least {least} are to be there",
                tally.tried
            )
        })
    });
    short.collect()
}

/// The page of the documentation, in Markdown. `programs` tells which programs the upgrades were between.
pub fn page(tallies: &[Tally], effort: &Effort, programs: &str) -> String {
    // Several items may not reach the same.
    let mut told = BTreeSet::new();
    let unreached: Vec<String> = tallies
        .iter()
        .flat_map(|tally| &tally.unreached)
        .filter(|sentence| told.insert(*sentence))
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
        &lasted(effort),
        programs,
        "\n\n",
        &by_scenario(tallies),
        "\n",
        &dialects::section(),
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

#[cfg(test)]
mod tests {
    use xopero_simulator::Endpoint;

    use super::*;
    use crate::gate::{Fault, Position};

    fn at(side: Side, key: &str) -> Plan {
        let trap = Trap {
            side,
            when: When::Key(key.to_owned()),
            nth: 2,
            times: Some(1),
            fault: Fault::Crash(Position::After),
        };
        Plan {
            traps: vec![trap],
            ..Plan::reference("S2")
        }
    }

    #[test]
    fn what_was_missed_is_told_by_what_it_is() {
        let status = at(Side::Kubernetes, "patch xoperobackupplans/status nightly");
        assert!(missed(&status).contains("status"));
        let finalizer = at(Side::Kubernetes, "patch xoperobackupplans nightly");
        assert!(!missed(&finalizer).contains("status"));
        let call = at(Side::Xopero, "attachRepository Nightly, web");
        assert!(missed(&call).contains("Xopero ONE"));
        let lost = xopero_simulator::Effect::Lost;
        let repeated = xopero_simulator::Fault::on(Endpoint::AttachRepository, lost).nth(2);
        let outcome = Plan {
            xopero: vec![repeated],
            ..Plan::reference("S2")
        };
        assert!(outcome.may_be_missed() && missed(&outcome).contains("Xopero ONE"));
    }

    #[test]
    fn the_page_tells_how_long_the_whole_took() {
        let session = Session {
            began: 1,
            lasted: 121,
            workers: 10,
        };
        let effort = |sessions| Effort {
            runs: 2087,
            sessions,
        };
        let told = lasted(&effort(vec![session]));
        assert!(told.starts_with("2087 runs took 3 minutes on"), "{told}");
        assert!(told.contains("10 side by side;"), "{told}");
        assert_eq!(lasted(&effort(Vec::new())), "");
    }

    #[test]
    fn an_item_that_has_shrunk_is_found() {
        let mut tally = Tally::of(Item::ListingIntegrity);
        tally.tried = Item::ListingIntegrity.least();
        assert_eq!(shortfalls(&[tally.clone()]), [""; 0]);
        tally.tried -= 1;
        assert_eq!(shortfalls(&[tally]).len(), 1);
    }
}
