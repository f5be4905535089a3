//! What was read from Xopero ONE as a whole, and what was changed there.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{description::Description, sample::seconds};
use crate::decide::{Action, Sent};

/// Seconds that a listing takes: a page for 100 repositories, one after the other at the pace of the connection.
const LISTING_SECONDS: [f64; 9] = [0.05, 0.25, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0];

/// The outcome of a listing that is whole.
const LISTED: &str = "listed";

static LISTINGS: Description = Description::counter(
    "listings",
    "Whole readings of an organization, by outcome: listed, or the reason of the failure",
    "Can organizations be read, and if not, why?",
)
.by(&["outcome"]);

static DURATION: Description = Description::histogram(
    "listing_duration",
    "How long it took to read an organization as a whole, where that succeeded",
    "How long does a look at an organization take?",
);

static ACTIONS: Description = Description::counter(
    "actions",
    "Changes in Xopero ONE that were tried, by what they change and how they ended",
    "What does the operator change, and what of it fails?",
)
.by(&["action", "outcome"]);

/// All of them.
pub(super) static ALL: &[&Description] = &[&LISTINGS, &DURATION, &ACTIONS];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    action: &'static str,
    outcome: &'static str,
}

/// What is counted of the work in Xopero ONE.
#[derive(Debug)]
pub(super) struct Work {
    listings: Family<OutcomeLabel, Counter>,
    duration: Histogram,
    actions: Family<ActionLabels, Counter>,
}

impl Default for Work {
    fn default() -> Self {
        let work = Self {
            listings: Family::default(),
            duration: Histogram::new(LISTING_SECONDS),
            actions: Family::default(),
        };
        let outcome = LISTED;
        drop(work.listings.get_or_create(&OutcomeLabel { outcome }));
        // What appears with its first change shows no increase.
        for action in Action::KINDS {
            for outcome in Sent::WORDS {
                drop(
                    work.actions
                        .get_or_create(&ActionLabels { action, outcome }),
                );
            }
        }
        work
    }
}

impl Work {
    pub(super) fn register(&self, registry: &mut Registry) {
        // No `..`: what is counted is shown.
        let Self {
            listings,
            duration,
            actions,
        } = self;
        LISTINGS.register(registry, listings.clone());
        DURATION.register(registry, duration.clone());
        ACTIONS.register(registry, actions.clone());
    }

    pub(super) fn note_listing(&self, taken: Duration, failure: Option<&'static str>) {
        let outcome = failure.unwrap_or(LISTED);
        self.listings.get_or_create(&OutcomeLabel { outcome }).inc();
        if failure.is_none() {
            self.duration.observe(seconds(taken));
        }
    }

    pub(super) fn note_action(&self, action: &'static str, outcome: &'static str) {
        let labels = ActionLabels { action, outcome };
        self.actions.get_or_create(&labels).inc();
    }
}
