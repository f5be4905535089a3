//! The alerts and the dashboard that the chart installs: the rules tried by Prometheus' own promtool, every expression of both, and the
//! runbooks.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot read is its failure"
)]

mod dashboard;
mod labels;
mod rules;

use std::path::{Path, PathBuf};

/// A file or folder of the repository.
fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    let text = std::fs::read_to_string(in_repository(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names in an expression that look like metrics of ours, or of our process.
fn metrics_in(expression: &str) -> Vec<String> {
    expression
        .split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| word.starts_with("xopero_operator_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

/// Fails if an expression asks for a metric that the operator does not show, or for none.
#[track_caller]
fn asks_for_what_is_shown(place: &str, expression: &str) {
    let shown = xopero_operator::controllers::metrics::names();
    let asked = metrics_in(expression);
    assert!(!asked.is_empty(), "{place} asks for nothing: {expression}");
    for name in asked {
        assert!(
            shown.contains(&name),
            "{place}: {name} is no metric of ours"
        );
    }
}
