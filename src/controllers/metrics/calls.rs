//! Requests to Xopero ONE.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{description::Description, sample::seconds};
use crate::xopero::{CallOutcome, CallRecord, Endpoint};

/// Seconds that a request takes. None takes longer than the 15 s that a connection may allow it.
const REQUEST_SECONDS: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0];

/// Seconds that a request waits for its turn.
const WAIT_SECONDS: [f64; 8] = [0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0];

/// Seconds for which Xopero ONE asks to be left alone. More than an hour is not believed.
const RETRY_AFTER_SECONDS: [f64; 7] = [1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

static REQUESTS: Description = Description::counter(
    "xopero_requests",
    "Requests to Xopero ONE, by endpoint and how they ended",
    "Does Xopero ONE answer, and what does it refuse?",
)
.by(&["endpoint", "outcome"]);

static DURATION: Description = Description::histogram(
    "xopero_request_duration",
    "From sending a request to Xopero ONE to the end of its answer",
    "How fast does Xopero ONE answer?",
)
.by(&["endpoint"]);

static WAIT: Description = Description::histogram(
    "xopero_budget_wait",
    "How long a request waited for the limits of its connection before it was sent",
    "Do the limits of connections hold up the work?",
);

static RETRY_AFTER: Description = Description::histogram(
    "xopero_retry_after",
    "How long Xopero ONE asked to be left alone, by answers 429 and 503 with Retry-After",
    "Does Xopero ONE find that it is asked too much?",
);

/// All of them.
pub(super) static ALL: &[&Description] = &[&REQUESTS, &DURATION, &WAIT, &RETRY_AFTER];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    endpoint: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabel {
    endpoint: &'static str,
}

/// What is counted of requests.
#[derive(Debug)]
pub(super) struct Calls {
    requests: Family<RequestLabels, Counter>,
    duration: Family<EndpointLabel, Histogram, fn() -> Histogram>,
    wait: Histogram,
    retry_after: Histogram,
}

impl Default for Calls {
    fn default() -> Self {
        let durations: fn() -> Histogram = || Histogram::new(REQUEST_SECONDS);
        let calls = Self {
            requests: Family::default(),
            duration: Family::new_with_constructor(durations),
            wait: Histogram::new(WAIT_SECONDS),
            retry_after: Histogram::new(RETRY_AFTER_SECONDS),
        };
        // A counter that appears with its first failure shows no increase, so no alert sees it.
        for endpoint in Endpoint::ALL {
            for outcome in CallOutcome::ALL {
                drop(calls.requests.get_or_create(&RequestLabels {
                    endpoint: endpoint.as_str(),
                    outcome: outcome.as_str(),
                }));
            }
        }
        calls
    }
}

impl Calls {
    pub(super) fn register(&self, registry: &mut Registry) {
        // No `..`: what is counted is shown.
        let Self {
            requests,
            duration,
            wait,
            retry_after,
        } = self;
        REQUESTS.register(registry, requests.clone());
        DURATION.register(registry, duration.clone());
        WAIT.register(registry, wait.clone());
        RETRY_AFTER.register(registry, retry_after.clone());
    }

    pub(super) fn note(&self, call: &CallRecord) {
        let CallRecord {
            endpoint,
            outcome,
            duration,
            waited_for_budget,
            retry_after,
        } = *call;
        let labels = RequestLabels {
            endpoint: endpoint.as_str(),
            outcome: outcome.as_str(),
        };
        self.requests.get_or_create(&labels).inc();
        let labels = EndpointLabel {
            endpoint: endpoint.as_str(),
        };
        self.duration
            .get_or_create(&labels)
            .observe(seconds(duration));
        self.wait.observe(seconds(waited_for_budget));
        if let Some(retry_after) = retry_after {
            self.retry_after.observe(seconds(retry_after));
        }
    }
}
