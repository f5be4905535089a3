//! What is counted. Labels come from closed sets, never from names of resources: those have no bound.

use std::{
    fmt,
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use crate::xopero::{CallOutcome, CallRecord, Endpoint, Hooks};

/// What every name begins with.
const PREFIX: &str = "xopero_operator";

/// Seconds that a request to Xopero ONE takes. None takes longer than the 15 s that a connection may allow it.
const REQUEST_SECONDS: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0];

/// Seconds that a request waits for its turn. A `Retry-After` may last minutes.
const WAIT_SECONDS: [f64; 8] = [0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    endpoint: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndpointLabel {
    endpoint: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReconcileLabels {
    kind: String,
    result: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    action: String,
    outcome: String,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_duration: Family<EndpointLabel, Histogram, fn() -> Histogram>,
    budget_wait: Histogram,
    reconciles: Family<ReconcileLabels, Counter>,
    status_writes: Family<KindLabel, Counter>,
    actions: Family<ActionLabels, Counter>,
    undecodable: Family<KindLabel, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        let durations: fn() -> Histogram = || Histogram::new(REQUEST_SECONDS);
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            request_duration: Family::new_with_constructor(durations),
            budget_wait: Histogram::new(WAIT_SECONDS),
            reconciles: Family::default(),
            status_writes: Family::default(),
            actions: Family::default(),
            undecodable: Family::default(),
        };
        metrics.register();
        // A counter that appears with its first failure shows no increase, so no alert sees it.
        for endpoint in Endpoint::ALL {
            for outcome in CallOutcome::ALL {
                drop(metrics.requests.get_or_create(&RequestLabels {
                    endpoint: endpoint.as_str(),
                    outcome: outcome.as_str(),
                }));
            }
        }
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        // No `..`: what is counted is shown.
        let Self {
            registry,
            requests,
            request_duration,
            budget_wait,
            reconciles,
            status_writes,
            actions,
            undecodable,
        } = self;
        let start = Gauge::<f64, AtomicU64>::default();
        start.set(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0.0, seconds),
        );
        // Without the prefix: by this name every process is asked how long it runs.
        registry.register_with_unit(
            "process_start_time",
            "When the process began to count, in seconds since 1970",
            Unit::Seconds,
            start,
        );
        let registry = registry.sub_registry_with_prefix(PREFIX);
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", build);
        registry.register(
            "xopero_requests",
            "Requests to Xopero ONE, by endpoint and how they ended",
            requests.clone(),
        );
        registry.register_with_unit(
            "xopero_request_duration",
            "From sending a request to Xopero ONE to the end of its answer",
            Unit::Seconds,
            request_duration.clone(),
        );
        registry.register_with_unit(
            "xopero_budget_wait",
            "How long a request waited for the limits of its connection before it was sent",
            Unit::Seconds,
            budget_wait.clone(),
        );
        registry.register(
            "reconciles",
            "Passes over a resource, by kind and result",
            reconciles.clone(),
        );
        registry.register(
            "status_writes",
            "Statuses written because they differed, by kind",
            status_writes.clone(),
        );
        registry.register(
            "actions",
            "Changes in Xopero ONE that were tried, by what they change and how they ended",
            actions.clone(),
        );
        registry.register(
            "undecodable_resources",
            "Resources met that could not be understood, by kind",
            undecodable.clone(),
        );
    }

    /// What clients of Xopero ONE are given so that their requests are counted. Every write may go out.
    pub fn hooks(self: &Arc<Self>) -> Hooks {
        let metrics = Arc::clone(self);
        Hooks {
            observer: Arc::new(move |call| metrics.note_call(call)),
            ..Hooks::default()
        }
    }

    fn note_call(&self, call: &CallRecord) {
        let CallRecord {
            endpoint,
            outcome,
            duration,
            waited_for_budget,
        } = *call;
        let labels = RequestLabels {
            endpoint: endpoint.as_str(),
            outcome: outcome.as_str(),
        };
        self.requests.get_or_create(&labels).inc();
        let labels = EndpointLabel {
            endpoint: endpoint.as_str(),
        };
        self.request_duration
            .get_or_create(&labels)
            .observe(seconds(duration));
        self.budget_wait.observe(seconds(waited_for_budget));
    }

    /// A reconcile ended.
    pub fn note_reconcile(&self, kind: &str, result: &str) {
        let labels = ReconcileLabels {
            kind: kind.to_owned(),
            result: result.to_owned(),
        };
        self.reconciles.get_or_create(&labels).inc();
    }

    /// A status was written.
    pub fn note_status_write(&self, kind: &str) {
        self.status_writes
            .get_or_create(&KindLabel {
                kind: kind.to_owned(),
            })
            .inc();
    }

    /// An action ended.
    pub fn note_action(&self, action: &str, outcome: &str) {
        let labels = ActionLabels {
            action: action.to_owned(),
            outcome: outcome.to_owned(),
        };
        self.actions.get_or_create(&labels).inc();
    }

    /// A resource could not be decoded.
    pub fn note_undecodable(&self, kind: &str) {
        self.undecodable
            .get_or_create(&KindLabel {
                kind: kind.to_owned(),
            })
            .inc();
    }

    /// Everything in the text format of `OpenMetrics`.
    ///
    /// # Errors
    /// If a metric cannot be written.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(metrics: &Metrics) -> Vec<String> {
        metrics.text().unwrap().lines().map(str::to_owned).collect()
    }

    #[track_caller]
    fn shows(metrics: &Metrics, line: &str) {
        let lines = lines(metrics);
        assert!(
            lines.iter().any(|shown| shown == line),
            "{line} is missing in {lines:#?}"
        );
    }

    #[test]
    fn what_was_noted_is_counted_under_its_labels() {
        let metrics = Metrics::default();
        metrics.note_reconcile("XoperoBackupPlan", "ok");
        metrics.note_reconcile("XoperoBackupPlan", "ok");
        metrics.note_reconcile("XoperoOrganization", "error");
        metrics.note_status_write("XoperoRepository");
        metrics.note_action("Attach", "confirmed");
        metrics.note_undecodable("XoperoAzureProject");
        shows(
            &metrics,
            r#"xopero_operator_reconciles_total{kind="XoperoBackupPlan",result="ok"} 2"#,
        );
        shows(
            &metrics,
            r#"xopero_operator_reconciles_total{kind="XoperoOrganization",result="error"} 1"#,
        );
        shows(
            &metrics,
            r#"xopero_operator_status_writes_total{kind="XoperoRepository"} 1"#,
        );
        shows(
            &metrics,
            r#"xopero_operator_actions_total{action="Attach",outcome="confirmed"} 1"#,
        );
        shows(
            &metrics,
            r#"xopero_operator_undecodable_resources_total{kind="XoperoAzureProject"} 1"#,
        );
    }

    #[test]
    fn a_call_to_xopero_one_is_counted_with_its_times() {
        let metrics = Arc::new(Metrics::default());
        (metrics.hooks().observer)(&CallRecord {
            endpoint: Endpoint::Login,
            outcome: CallOutcome::TimedOut,
            duration: Duration::from_millis(200),
            waited_for_budget: Duration::from_secs(2),
        });
        shows(
            &metrics,
            r#"xopero_operator_xopero_requests_total{endpoint="login",outcome="timed_out"} 1"#,
        );
        let durations = "xopero_operator_xopero_request_duration_seconds_bucket";
        shows(
            &metrics,
            &format!(r#"{durations}{{le="0.1",endpoint="login"}} 0"#),
        );
        shows(
            &metrics,
            &format!(r#"{durations}{{le="0.25",endpoint="login"}} 1"#),
        );
        shows(
            &metrics,
            "xopero_operator_xopero_budget_wait_seconds_sum 2.0",
        );
    }

    #[test]
    fn calls_are_shown_at_zero_before_the_first() {
        let metrics = Metrics::default();
        shows(
            &metrics,
            r#"xopero_operator_xopero_requests_total{endpoint="login",outcome="unauthorized"} 0"#,
        );
    }

    #[test]
    fn the_start_of_the_process_is_shown_by_the_name_that_dashboards_ask_for() {
        let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let metrics = Metrics::default();
        let lines = lines(&metrics);
        let start = lines
            .iter()
            .find_map(|line| line.strip_prefix("process_start_time_seconds "))
            .unwrap();
        let since = start.parse::<f64>().unwrap() - before.as_secs_f64();
        assert!((-1.0..60.0).contains(&since), "{start}");
    }

    #[test]
    fn the_text_names_the_version_and_ends() {
        let metrics = Metrics::default();
        let version = env!("CARGO_PKG_VERSION");
        shows(
            &metrics,
            &format!(r#"xopero_operator_build_info{{version="{version}"}} 1"#),
        );
        assert_eq!(lines(&metrics).last().map(String::as_str), Some("# EOF"));
    }
}
