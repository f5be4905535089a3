//! Series that are made at each scrape from what there is, so that they go with it.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use prometheus_client::{
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
    metrics::MetricType,
};

use super::description::Description;

/// One series at this moment.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    of: &'static Description,
    labels: Vec<(&'static str, Cow<'static, str>)>,
    value: f64,
}

impl Sample {
    /// With the values of the labels, in the order of the description.
    pub(super) fn new<const LABELS: usize>(
        of: &'static Description,
        labels: [Cow<'static, str>; LABELS],
        value: f64,
    ) -> Self {
        debug_assert_eq!(of.labels.len(), LABELS, "{}", of.name);
        Self {
            of,
            labels: of.labels.iter().copied().zip(labels).collect(),
            value,
        }
    }

    fn encode(&self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        if self.labels.is_empty() {
            return self.encode_value(encoder);
        }
        self.encode_value(&mut encoder.encode_family(&self.labels)?)
    }

    fn encode_value(&self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        if self.of.type_ == MetricType::Counter {
            encoder.encode_counter::<NoLabelSet, f64, f64>(&self.value, None)
        } else {
            encoder.encode_gauge(&self.value)
        }
    }
}

impl Sample {
    /// What it is a series of.
    pub(super) const fn description(&self) -> &'static Description {
        self.of
    }

    /// The value of that label.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        let (_, value) = labels.find(|(label, _)| *label == name)?;
        Some(value)
    }
}

/// As `name{label="value"} 1`: for tests.
#[cfg(test)]
impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<String> = self
            .labels
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let Self { of, value, .. } = self;
        write!(formatter, "{} {} = {value}", of.name, labels.join(","))
    }
}

/// Writes the samples, each below its description. A description without a sample is written all the same.
pub(super) fn encode(
    mut encoder: DescriptorEncoder<'_>,
    descriptions: impl Iterator<Item = &'static Description>,
    samples: &[Sample],
) -> fmt::Result {
    let mut by_name: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        by_name.entry(sample.of.name).or_default().push(sample);
    }
    for description in descriptions {
        let unit = description.unit();
        let help = format!("{}.", description.meaning);
        let mut metric =
            encoder.encode_descriptor(description.name, &help, unit.as_ref(), description.type_)?;
        for sample in by_name.get(description.name).into_iter().flatten() {
            sample.encode(&mut metric)?;
        }
    }
    Ok(())
}

/// A count as a value.
#[expect(
    clippy::cast_precision_loss,
    reason = "nothing is counted beyond 2^52, and a count that is off by one there is no worse"
)]
pub(super) fn count(number: i64) -> f64 {
    number as f64
}

/// A number of things as a value.
pub(super) fn number(number: usize) -> f64 {
    count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A moment as seconds since 1970.
pub(super) fn moment(at: SystemTime) -> f64 {
    at.duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// A time as seconds.
pub(super) fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
