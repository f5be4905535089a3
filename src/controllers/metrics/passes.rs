//! Passes over resources: how many, how long, how they ended, and what they wrote to Kubernetes.

use std::time::Instant;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{description::Description, sample::seconds};
use crate::controllers::failure::{Cause, Failure};

/// Seconds that a pass takes: a status is written in milliseconds, a large organization brought into shape in minutes.
const PASS_SECONDS: [f64; 10] = [0.005, 0.025, 0.1, 0.5, 2.0, 10.0, 30.0, 60.0, 300.0, 1800.0];

/// Every kind that has a controller.
pub(super) const KINDS: [&str; 5] = [
    "XoperoAzureProject",
    "XoperoBackupPlan",
    "XoperoConnection",
    "XoperoOrganization",
    "XoperoRepository",
];

static PASSES: Description = Description::counter(
    "reconciles",
    "Passes over a resource, by kind and result: ok or error",
    "Is there work, and does it succeed?",
)
.by(&["kind", "result"]);

static ERRORS: Description = Description::counter(
    "reconcile_errors",
    "Passes that failed at the API server of Kubernetes, by kind and reason",
    "Why do passes fail: a missing right, a conflict, an API server that does not answer?",
)
.by(&["kind", "reason"]);

static DURATION: Description = Description::histogram(
    "reconcile_duration",
    "How long a pass took; one over an organization includes what it lists and sends",
    "Are passes slower than they were?",
)
.by(&["kind"]);

static UNDER_WAY: Description = Description::gauge(
    "reconciles_under_way",
    "Passes that have begun and not ended",
    "Does a pass hang?",
)
.by(&["kind"]);

static STATUS_WRITES: Description = Description::counter(
    "status_writes",
    "Statuses written because they differed, by kind",
    "Does it write to Kubernetes although nothing changes?",
)
.by(&["kind"]);

static UNDECODABLE: Description = Description::counter(
    "undecodable_resources",
    "Passes that met a resource that could not be understood, by kind",
    "Is there a resource of an older definition, or edited past the API server?",
)
.by(&["kind"]);

/// All of them.
pub(super) static ALL: &[&Description] = &[
    &PASSES,
    &ERRORS,
    &DURATION,
    &UNDER_WAY,
    &STATUS_WRITES,
    &UNDECODABLE,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct KindLabel {
    pub(super) kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    kind: String,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    kind: String,
    reason: &'static str,
}

/// What is counted of passes.
#[derive(Debug)]
pub(super) struct Passes {
    ended: Family<ResultLabels, Counter>,
    errors: Family<ReasonLabels, Counter>,
    duration: Family<KindLabel, Histogram, fn() -> Histogram>,
    under_way: Family<KindLabel, Gauge>,
    status_writes: Family<KindLabel, Counter>,
    undecodable: Family<KindLabel, Counter>,
}

impl Default for Passes {
    fn default() -> Self {
        let durations: fn() -> Histogram = || Histogram::new(PASS_SECONDS);
        let passes = Self {
            ended: Family::default(),
            errors: Family::default(),
            duration: Family::new_with_constructor(durations),
            under_way: Family::default(),
            status_writes: Family::default(),
            undecodable: Family::default(),
        };
        // A counter that appears with its first failure shows no increase, so no alert sees it.
        for kind in KINDS.map(str::to_owned) {
            for result in ["ok", "error"] {
                let kind = kind.clone();
                drop(passes.ended.get_or_create(&ResultLabels { kind, result }));
            }
            for cause in Cause::ALL {
                let (kind, reason) = (kind.clone(), cause.as_str());
                drop(passes.errors.get_or_create(&ReasonLabels { kind, reason }));
            }
            let label = KindLabel { kind };
            drop(passes.status_writes.get_or_create(&label));
            drop(passes.undecodable.get_or_create(&label));
        }
        passes
    }
}

impl Passes {
    pub(super) fn register(&self, registry: &mut Registry) {
        // No `..`: what is counted is shown.
        let Self {
            ended,
            errors,
            duration,
            under_way,
            status_writes,
            undecodable,
        } = self;
        PASSES.register(registry, ended.clone());
        ERRORS.register(registry, errors.clone());
        DURATION.register(registry, duration.clone());
        UNDER_WAY.register(registry, under_way.clone());
        STATUS_WRITES.register(registry, status_writes.clone());
        UNDECODABLE.register(registry, undecodable.clone());
    }

    pub(super) async fn measure<T, E: Failure>(
        &self,
        kind: &str,
        pass: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let label = KindLabel {
            kind: kind.to_owned(),
        };
        let begun = Instant::now();
        let under_way = UnderWay::begin(self.under_way.get_or_create_owned(&label));
        let ended = pass.await;
        drop(under_way);
        let taken = seconds(begun.elapsed());
        self.duration.get_or_create(&label).observe(taken);
        let KindLabel { kind } = label;
        let result = match &ended {
            Ok(_) => "ok",
            Err(error) => {
                let labels = ReasonLabels {
                    kind: kind.clone(),
                    reason: error.cause().as_str(),
                };
                self.errors.get_or_create(&labels).inc();
                "error"
            }
        };
        let labels = ResultLabels { kind, result };
        self.ended.get_or_create(&labels).inc();
        ended
    }

    pub(super) fn note_status_write(&self, kind: &str) {
        let kind = kind.to_owned();
        self.status_writes.get_or_create(&KindLabel { kind }).inc();
    }

    pub(super) fn note_undecodable(&self, kind: &str) {
        let kind = kind.to_owned();
        self.undecodable.get_or_create(&KindLabel { kind }).inc();
    }
}

/// A pass that has begun; also one that is dropped has ended.
struct UnderWay(Gauge);

impl UnderWay {
    fn begin(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;

    #[test]
    fn every_kind_is_shown_before_its_first_pass() {
        let mut defined: Vec<_> = api::crds()
            .into_iter()
            .map(|definition| definition.spec.names.kind)
            .collect();
        defined.sort();
        assert_eq!(defined, KINDS);
    }
}
