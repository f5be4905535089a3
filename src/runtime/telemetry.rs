//! The log: to stderr, for people or for machines.

use std::{
    io::{self, IsTerminal},
    str::FromStr,
};

use clap::ValueEnum;
use thiserror::Error;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

/// This crate, as the log names it.
const OWN: &str = "xopero_operator";

/// Says of each failed request that it failed, as an error, before the controller that it belongs to has judged it.
const KUBE_CLIENT: &str = "kube_client";
/// Says of each attempt to watch that it failed; the operator says it once for each reason.
const WATCHER: &str = "kube_runtime::watcher";

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line, with the fields beside the message.
    Json,
}

/// How much of each part of the program is logged.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLevel(Targets);

/// Why something is no log level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("write error, warn, info, debug or trace, or levels of parts such as info,kube=debug")]
pub struct LogLevelError;

impl LogLevel {
    /// That much of the operator itself, and of its libraries what is wrong.
    fn own(level: LevelFilter) -> Self {
        let targets = Targets::new()
            .with_default(level.min(LevelFilter::WARN))
            .with_target(KUBE_CLIENT, LevelFilter::OFF)
            .with_target(WATCHER, LevelFilter::OFF)
            .with_target(OWN, level);
        Self(targets)
    }
}

impl Default for LogLevel {
    fn default() -> Self {
        Self::own(LevelFilter::INFO)
    }
}

impl FromStr for LogLevel {
    type Err = LogLevelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('=') {
            return text.parse().map(Self).map_err(|_| LogLevelError);
        }
        // To the parser numbers and nothing at all are levels, too.
        let is_word = text
            .chars()
            .all(|character| character.is_ascii_alphabetic());
        if text.is_empty() || !is_word {
            return Err(LogLevelError);
        }
        text.parse().map(Self::own).map_err(|_| LogLevelError)
    }
}

/// Begins to log.
///
/// # Errors
/// If something logs already.
pub(super) fn install(format: LogFormat, level: LogLevel) -> Result<(), TryInitError> {
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let LogLevel(targets) = level;
    let layer = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(layer.with_filter(targets))
        .try_init()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use tracing::Level;

    use super::*;

    #[rstest]
    //                            written             target             level         logged
    #[case::own_information("info", "xopero_operator", Level::INFO, true)]
    #[case::of_its_modules("info", "xopero_operator::controllers", Level::INFO, true)]
    #[case::not_more("info", "xopero_operator", Level::DEBUG, false)]
    #[case::more_where_asked("DEBUG", "xopero_operator", Level::DEBUG, true)]
    #[case::others_warn("debug", "kube_runtime", Level::WARN, true)]
    #[case::others_only_warn("debug", "hyper_util", Level::INFO, false)]
    #[case::nor_do_they_always("error", "kube_runtime", Level::WARN, false)]
    #[case::failed_requests("debug", "kube_client", Level::ERROR, false)]
    #[case::failed_watches("info", "kube_runtime::watcher", Level::WARN, false)]
    #[case::unless_asked_for("info,kube=debug", "kube_client", Level::DEBUG, true)]
    #[case::nothing_at_all("off", "xopero_operator", Level::ERROR, false)]
    fn a_level_is_that_of_the_operator(
        #[case] written: &str,
        #[case] target: &str,
        #[case] level: Level,
        #[case] logged: bool,
    ) {
        let LogLevel(targets) = written.parse().unwrap();
        assert_eq!(targets.would_enable(target, &level), logged);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::a_word("loud")]
    #[case::a_number("3")]
    #[case::a_part_at_no_level("kube=loud")]
    fn what_is_no_level_is_refused(#[case] written: &str) {
        assert_eq!(written.parse::<LogLevel>(), Err(LogLevelError));
    }
}
