//! The plans of the campaign, item by item. What cannot be reached is listed by name, with the reason.

mod bad_answers;
mod bad_kubernetes;
mod crashes;
mod listing_integrity;
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
    /// The API server answers badly.
    BadKubernetes,
}

impl Item {
    /// All items that are built.
    pub const ALL: [Self; 6] = [
        Self::Crashes,
        Self::UnknownOutcomes,
        Self::BadAnswers,
        Self::ListingIntegrity,
        Self::OneWriter,
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
            Self::BadKubernetes => 11,
        }
    }

    /// What it does, for the table.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Crashes => {
                "the operator is killed before, within and after every write, and at removals once more"
            }
            Self::UnknownOutcomes => {
                "every write to Xopero ONE is lost, applied late, or applied twice"
            }
            Self::BadAnswers => {
                "every endpoint of Xopero ONE refuses, fails, stalls, or answers what cannot be understood"
            }
            Self::ListingIntegrity => {
                "pages of its listings are missing, wrong or of another moment, and it synchronizes or changes its id midway"
            }
            Self::OneWriter => {
                "of two replicas the one that leads stands still, also with a wrong clock, or its API server does, or its Lease is deleted or stolen, at every write"
            }
            Self::BadKubernetes => {
                "the API server refuses, fails, loses answers and dies, its watches break, and what it has to tell comes late"
            }
        }
    }

    /// Its plans for a scenario.
    pub fn plans(self, scenario: &Scenario, reference: &Reference) -> Listed {
        match self {
            Self::Crashes => crashes::plans(scenario, reference),
            Self::UnknownOutcomes => unknown_outcomes::plans(scenario, reference),
            Self::BadAnswers => bad_answers::plans(scenario, reference),
            Self::ListingIntegrity => listing_integrity::plans(scenario),
            Self::OneWriter => one_writer::plans(scenario, reference),
            Self::BadKubernetes => bad_kubernetes::plans(scenario, reference),
        }
    }
}
