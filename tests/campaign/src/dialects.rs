//! Ways in which Xopero ONE may speak where its reference is silent, and what must come of each.
//!
//! Most are understood: the run ends as the reference does, but for what the dialect itself makes another, which is named with its
//! reason. In the others something is not said, or said so that it cannot be understood: then a condition must say so, nothing that is
//! not understood may be removed, and once Xopero ONE speaks as usual the run must end as the reference does.

mod expected;
mod plain;
mod table;

use anyhow::{Context, Result};
use xopero_simulator::{Dialect, Endpoint};

pub(crate) use self::plain::plain;
pub(crate) use self::table::PLAYED;
pub use self::table::TABLE;
use crate::{oracles::summary::Summary, plan::Plan};

/// One way to speak.
#[derive(Clone, Copy, Debug)]
pub struct Speech {
    /// What it is called in plans.
    pub name: &'static str,
    /// What it changes in the dialect of a scenario.
    pub change: fn(&mut Dialect),
    /// What comes of it.
    pub ends: Ends,
    /// The file of wire names that the operator is given; empty for none.
    pub told: &'static str,
    /// Scenarios in which it is met beside those in which all are tried.
    pub also: &'static [&'static str],
}

/// What comes of a dialect.
#[derive(Clone, Copy, Debug)]
pub enum Ends {
    /// The end of the reference, but for these.
    Alike(&'static [Difference]),
    /// It is put in place with the first step, and lasts until a status says so.
    Waits(Waiting),
}

/// What a run in a dialect that is not understood does.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Reasons of conditions, of which one must be given.
    pub says: &'static [&'static str],
    /// What may be taken away meanwhile, and why: what is asked for by name, or all of whose facts are shown.
    pub takes: &'static [(Endpoint, &'static str)],
    /// What is sent once although it is in force, since that is not shown.
    pub once: &'static [Endpoint],
    /// Scenarios in which the dialect is felt; in others it is spoken from the start, and the end is that of the reference.
    pub felt: &'static [&'static str],
    /// But for these, each in a scenario.
    pub otherwise: &'static [(&'static str, Difference)],
}

/// What is otherwise than in the reference, for a reason.
#[derive(Clone, Copy, Debug)]
pub enum Difference {
    /// All of the end whose path holds this.
    End(&'static str, &'static str),
    /// Calls of an endpoint are made, or have an effect, more or less often.
    Calls(Endpoint, &'static str),
}

impl Speech {
    /// The one of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLE.iter().find(|speech| speech.name == name)
    }

    /// Of a scenario's own dialect, this one.
    pub fn of(&self, own: &Dialect) -> Dialect {
        let mut dialect = own.clone();
        (self.change)(&mut dialect);
        dialect
    }

    /// What it makes the operator wait for in a scenario.
    pub fn waiting(&self, scenario: &str) -> Option<&Waiting> {
        match &self.ends {
            Ends::Waits(waiting) if waiting.felt.contains(&scenario) => Some(waiting),
            Ends::Waits(_) | Ends::Alike(_) => None,
        }
    }

    /// What it makes otherwise in a scenario.
    fn differences(&self, scenario: &str) -> impl Iterator<Item = &'static Difference> {
        let (everywhere, by_scenario) = match self.ends {
            Ends::Alike(differences) => (differences, [].as_slice()),
            Ends::Waits(waiting) => ([].as_slice(), waiting.otherwise),
        };
        let here = by_scenario.iter().filter(move |(of, _)| *of == scenario);
        everywhere
            .iter()
            .chain(here.map(|(_, difference)| difference))
    }

    /// Whether a line that tells where two ends differ is of what this dialect makes otherwise in a scenario.
    pub fn explains(&self, scenario: &str, line: &str) -> bool {
        self.differences(scenario)
            .any(|difference| match difference {
                Difference::End(path, _) => line.contains(path),
                Difference::Calls(..) => false,
            })
    }

    /// Whether calls of an endpoint may have an effect more often, or less.
    pub fn multiplies(&self, scenario: &str, endpoint: Endpoint) -> bool {
        self.differences(scenario)
            .any(|difference| matches!(difference, Difference::Calls(of, _) if *of == endpoint))
    }
}

/// What a reference would have asked for in the dialect of a plan: what is not shown is sent once.
pub fn allowed(plan: &Plan, mine: &Summary, theirs: &Summary) -> Summary {
    let mut allowed = theirs.clone();
    let once = waiting(plan).map_or([].as_slice(), |waiting| waiting.once);
    let sent = mine
        .0
        .keys()
        .filter(|(endpoint, _)| once.contains(endpoint));
    for target in sent {
        allowed.0.entry(target.clone()).or_default().asked += 1;
    }
    allowed
}

/// The dialect of a plan; none if it is the scenario's own.
///
/// # Errors
/// If there is none of this name.
pub fn of(plan: &Plan) -> Result<Option<&'static Speech>> {
    let Some(name) = &plan.dialect else {
        return Ok(None);
    };
    let found = Speech::named(name).with_context(|| format!("there is no dialect {name}"))?;
    Ok(Some(found))
}

/// The dialect of a plan, where it makes the operator wait.
pub fn waiting(plan: &Plan) -> Option<&'static Waiting> {
    let speech = plan.dialect.as_deref().and_then(Speech::named)?;
    speech.waiting(&plan.scenario)
}
