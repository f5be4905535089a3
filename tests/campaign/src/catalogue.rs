//! The plans of the campaign, item by item. What cannot be reached is listed by name, with the reason.

mod bad_answers;
mod bad_kubernetes;
mod crashes;
mod dialects;
mod listing_integrity;
mod nothing_to_do;
mod one_writer;
mod unknown_outcomes;

use crate::{plan::Plan, run::Reference, scenario::Scenario};

/// The plans of one item for one scenario.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// What is run.
    pub plans: Vec<Plan>,
    /// What is not, and why.
    pub unreached: Vec<String>,
}

impl Listed {
    fn and(mut self, other: Self) -> Self {
        self.plans.extend(other.plans);
        self.unreached.extend(other.unreached);
        self
    }
}

/// An item of the campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// The operator is killed at every write.
    Crashes,
    /// The outcome of every write to Xopero ONE is unknown.
    UnknownOutcomes,
    /// Xopero ONE answers badly.
    BadAnswers,
    /// Listings of Xopero ONE are not what they say.
    ListingIntegrity,
    /// Two replicas run, and the one that leads stands still or loses its Lease.
    OneWriter,
    /// Nothing goes wrong, or the program is another one for a while.
    NothingToDo,
    /// The API server answers badly.
    BadKubernetes,
}

impl Item {
    /// All items that are built.
    pub const ALL: [Self; 7] = [
        Self::Crashes,
        Self::UnknownOutcomes,
        Self::BadAnswers,
        Self::ListingIntegrity,
        Self::OneWriter,
        Self::NothingToDo,
        Self::BadKubernetes,
    ];

    /// Its number in the campaign.
    pub const fn number(self) -> u32 {
        match self {
            Self::Crashes => 1,
            Self::UnknownOutcomes => 2,
            Self::BadAnswers => 3,
            Self::ListingIntegrity => 4,
            Self::OneWriter => 9,
            Self::NothingToDo => 10,
            Self::BadKubernetes => 11,
        }
    }

    /// How many plans it has at least, so that it cannot shrink unseen: what recorded campaigns had, less what may not be in every run.
    pub const fn least(self) -> usize {
        match self {
            Self::Crashes => 540,
            Self::UnknownOutcomes => 335,
            // 14 endpoints, each with 20 faults, each three ways, but for those that are listed as not reached, and 16 dialects, in 5
            // scenarios or more.
            Self::BadAnswers => 900,
            Self::ListingIntegrity => 141,
            Self::OneWriter => 150,
            // 14 scenarios in which nothing goes wrong, and 16 upgrades.
            Self::NothingToDo => 14 + 16,
            Self::BadKubernetes => 345,
        }
    }

    /// What it does, for the table.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Crashes => {
                "the operator is killed before, within and after every write, and at removals once more"
            }
            Self::UnknownOutcomes => {
                "every write to Xopero ONE is lost, applied late, also only once the next process has listed, or applied twice"
            }
            Self::BadAnswers => {
                "every endpoint of Xopero ONE refuses, fails, stalls, or answers what cannot be understood; and it speaks otherwise where its reference is silent"
            }
            Self::ListingIntegrity => {
                "pages of its listings are missing, wrong or of another moment, and it synchronizes or changes its id midway"
            }
            Self::OneWriter => {
                "of two replicas the one that leads stands still, also with a wrong clock, or its API server does, or its Lease is deleted or stolen, at every write"
            }
            Self::NothingToDo => {
                "nothing, and then a restart, a wiped status (of the connection as well) and the same applied again; or another program comes and goes in the middle"
            }
            Self::BadKubernetes => {
                "the API server refuses, fails, loses answers and dies, its watches break, what it has to tell comes late, and Secret, definitions and namespace are deleted midway"
            }
        }
    }

    /// Its plans for a scenario.
    pub fn plans(self, scenario: &Scenario, reference: &Reference) -> Listed {
        match self {
            Self::Crashes => crashes::plans(scenario, reference),
            Self::UnknownOutcomes => unknown_outcomes::plans(scenario, reference),
            Self::BadAnswers => {
                bad_answers::plans(scenario, reference).and(dialects::plans(scenario))
            }
            Self::ListingIntegrity => listing_integrity::plans(scenario),
            Self::OneWriter => one_writer::plans(scenario, reference),
            Self::NothingToDo => nothing_to_do::plans(scenario, reference),
            Self::BadKubernetes => bad_kubernetes::plans(scenario, reference),
        }
    }
}
