//! What a metric is: one description serves the text that is scraped and the page in `docs/reference`.

use prometheus_client::{
    metrics::MetricType,
    registry::{Metric, Registry, Unit},
};

/// What every name of ours begins with.
pub(super) const PREFIX: &str = "xopero_operator";

/// Whose metric it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// The operator's own: the name gets the prefix.
    Operator,
    /// One of those that every process shows by the same name.
    Process,
}

/// What is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Number,
    Seconds,
    Bytes,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Description {
    family: Family,
    /// Without prefix, unit and what its type adds.
    pub(super) name: &'static str,
    pub(super) type_: MetricType,
    measure: Measure,
    /// In the order in which they are written.
    pub(super) labels: &'static [&'static str],
    /// One sentence, without its full stop.
    pub(super) meaning: &'static str,
    /// What somebody wants to know who looks at it.
    pub(super) question: &'static str,
}

impl Description {
    pub(super) const fn gauge(
        name: &'static str,
        meaning: &'static str,
        question: &'static str,
    ) -> Self {
        Self {
            family: Family::Operator,
            name,
            type_: MetricType::Gauge,
            measure: Measure::Number,
            labels: &[],
            meaning,
            question,
        }
    }

    pub(super) const fn counter(
        name: &'static str,
        meaning: &'static str,
        question: &'static str,
    ) -> Self {
        Self {
            type_: MetricType::Counter,
            ..Self::gauge(name, meaning, question)
        }
    }

    /// All histograms are of times.
    pub(super) const fn histogram(
        name: &'static str,
        meaning: &'static str,
        question: &'static str,
    ) -> Self {
        Self {
            type_: MetricType::Histogram,
            measure: Measure::Seconds,
            ..Self::gauge(name, meaning, question)
        }
    }

    pub(super) const fn info(
        name: &'static str,
        meaning: &'static str,
        question: &'static str,
    ) -> Self {
        Self {
            type_: MetricType::Info,
            ..Self::gauge(name, meaning, question)
        }
    }

    #[must_use]
    pub(super) const fn by(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }

    #[must_use]
    pub(super) const fn in_seconds(self) -> Self {
        Self {
            measure: Measure::Seconds,
            ..self
        }
    }

    #[must_use]
    pub(super) const fn in_bytes(self) -> Self {
        Self {
            measure: Measure::Bytes,
            ..self
        }
    }

    #[must_use]
    pub(super) const fn of_any_process(self) -> Self {
        Self {
            family: Family::Process,
            ..self
        }
    }

    pub(super) fn unit(&self) -> Option<Unit> {
        match self.measure {
            Measure::Number => None,
            Measure::Seconds => Some(Unit::Seconds),
            Measure::Bytes => Some(Unit::Bytes),
        }
    }

    /// The name to ask for. A histogram adds `_bucket`, `_sum` and `_count` to it.
    pub(super) fn full_name(&self) -> String {
        let mut name = match self.family {
            Family::Operator => format!("{PREFIX}_{}", self.name),
            Family::Process => self.name.to_owned(),
        };
        if let Some(unit) = self.unit() {
            name.push('_');
            name.push_str(unit.as_str());
        }
        match self.type_ {
            MetricType::Counter => name.push_str("_total"),
            MetricType::Info => name.push_str("_info"),
            MetricType::Gauge | MetricType::Histogram | MetricType::Unknown => {}
        }
        name
    }

    /// Has the metric shown as it is described.
    pub(super) fn register(&self, registry: &mut Registry, metric: impl Metric) {
        match self.unit() {
            Some(unit) => registry.register_with_unit(self.name, self.meaning, unit, metric),
            None => registry.register(self.name, self.meaning, metric),
        }
    }
}
