//! Durations as people write them: `20ms`, `2s`, `30days`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

pub(crate) fn serialize<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_duration(*duration))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(D::Error::custom)
}

/// What is wrong with a text that is no duration.
#[derive(Debug, thiserror::Error)]
#[error(
    "{text:?} is not a duration: write a number with a unit, for example \"20ms\", \"2s\" or \"30days\""
)]
pub struct Error {
    text: String,
    source: humantime::DurationError,
}

pub(crate) fn parse(text: &str) -> Result<Duration, Error> {
    humantime::parse_duration(text).map_err(|source| Error {
        text: text.to_owned(),
        source,
    })
}
