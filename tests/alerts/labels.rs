//! Every label that an alert or a panel asks for, and every value that it wants of one, is what the operator shows.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use xopero_operator::{
    api::{
        Reason,
        conditions::{ConditionType, Truth},
        crds,
    },
    controllers::{failure::Cause, metrics},
    xopero::CallOutcome,
};

use crate::{dashboard, rules};

/// What Prometheus and Grafana add: of whom it was scraped, the bound of a bucket, and what a query joins.
const ADDED: [&str; 7] = [
    "cluster",
    "namespace",
    "job",
    "instance",
    "pod",
    "le",
    "resource",
];

/// A row of the page of metrics.
struct Shown {
    labels: BTreeSet<String>,
    meaning: String,
}

fn shown() -> BTreeMap<String, Shown> {
    let page = metrics::page();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        let labels = cells[2].split('`').skip(1).step_by(2);
        let shown = Shown {
            labels: labels.map(str::to_owned).collect(),
            meaning: cells[3].to_owned(),
        };
        (cells[0].trim_end_matches('`').to_owned(), shown)
    })
    .collect()
}

/// Without what a histogram adds.
fn of<'a>(all: &'a BTreeMap<String, Shown>, metric: &str) -> &'a Shown {
    let bare = ["_bucket", "_sum", "_count"]
        .iter()
        .find_map(|part| metric.strip_suffix(part));
    let found = all.get(metric).or_else(|| all.get(bare?));
    found.unwrap_or_else(|| panic!("{metric} is no metric of ours"))
}

/// All that a label of that metric can say; nothing where it is anybody's name.
fn values(metric: &str, label: &str, meaning: &str) -> Option<BTreeSet<String>> {
    let of_reasons = || Reason::ALL.iter().map(|reason| reason.as_str());
    let words: Vec<&str> = match label {
        "namespace" | "name" => return None,
        "type" => ConditionType::ALL
            .iter()
            .map(|type_| type_.as_str())
            .collect(),
        "status" => Truth::ALL.iter().map(|truth| truth.as_str()).collect(),
        "reason" if metric.contains("reconcile_errors") => {
            Cause::ALL.iter().map(|cause| cause.as_str()).collect()
        }
        "reason" => of_reasons().collect(),
        "held" => of_reasons().chain(["no", "Paused"]).collect(),
        "kind" => {
            let kinds = crds().into_iter().map(|crd| crd.spec.names.kind);
            return Some(kinds.collect());
        }
        "outcome" if metric.contains("xopero_requests") => vec![
            CallOutcome::Succeeded.as_str(),
            CallOutcome::Unauthorized.as_str(),
            CallOutcome::Forbidden.as_str(),
            CallOutcome::RateLimited.as_str(),
            CallOutcome::Refused.as_str(),
        ],
        // The description names them all: src/controllers/metrics has them beside it.
        _ => meaning
            .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .collect(),
    };
    Some(words.into_iter().map(str::to_owned).collect())
}

/// What is wrong with an expression.
fn complaints(expression: &str) -> Vec<String> {
    let all = shown();
    let selector = Regex::new(r"\b((?:xopero_operator|process)_\w+)(?:\{([^}]*)\})?").unwrap();
    let matcher = Regex::new(r#"(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)""#).unwrap();
    let grouping = Regex::new(r"\b(?:by|on|without) \(([^)]*)\)").unwrap();
    let mut found = Vec::new();
    let mut known: BTreeSet<String> = ADDED.map(str::to_owned).into();
    for asked in selector.captures_iter(expression) {
        let metric = &asked[1];
        let Shown { labels, meaning } = of(&all, metric);
        known.extend(labels.iter().cloned());
        let wanted = asked.get(2).map_or("", |wanted| wanted.as_str());
        for wanted in matcher.captures_iter(wanted) {
            let (label, operator, value) = (&wanted[1], &wanted[2], &wanted[3]);
            if !labels.contains(label) {
                found.push(format!("{metric} has no label {label}"));
                continue;
            }
            let Some(said) = values(metric, label, meaning) else {
                continue;
            };
            let alternatives: Vec<&str> = if operator.ends_with('~') {
                value.split('|').collect()
            } else {
                vec![value]
            };
            for alternative in alternatives {
                let is_said = if operator.ends_with('~') {
                    let pattern = Regex::new(&format!("^(?:{alternative})$")).unwrap();
                    said.iter().any(|word| pattern.is_match(word))
                } else {
                    said.contains(alternative)
                };
                if !is_said {
                    found.push(format!("{label} of {metric} is never {alternative}"));
                }
            }
        }
    }
    for group in grouping.captures_iter(expression) {
        let labels = group[1].split(',').map(str::trim);
        let unknown = labels.filter(|label| !label.is_empty() && !known.contains(*label));
        found.extend(unknown.map(|label| format!("nothing has a label {label}")));
    }
    found
}

#[test]
fn every_label_and_each_value_of_one_is_what_the_operator_shows() {
    let alerts = rules::expressions();
    let panels = dashboard::expressions();
    assert!(alerts.len() > 15 && panels.len() > 30);
    for (place, expression) in alerts.into_iter().chain(panels) {
        let found = complaints(&expression);
        assert!(found.is_empty(), "{place}: {found:?}");
    }
}

#[test]
fn what_the_operator_never_shows_is_named() {
    for (expression, complaint) in [
        (
            r#"max by (name, kid) (xopero_operator_condition{type="Stalled"})"#,
            "nothing has a label kid",
        ),
        (
            r#"xopero_operator_condition{reason=~"PlanNotFound|PlanGone"}"#,
            "reason of xopero_operator_condition is never PlanGone",
        ),
        (
            r#"xopero_operator_watches{state!="unlisted"}"#,
            "state of xopero_operator_watches is never unlisted",
        ),
        (
            r#"xopero_operator_leader{name="a"}"#,
            "xopero_operator_leader has no label name",
        ),
        (
            r#"xopero_operator_reconcile_errors_total{reason="Conflict"}"#,
            "reason of xopero_operator_reconcile_errors_total is never Conflict",
        ),
    ] {
        assert_eq!(complaints(expression), [complaint]);
    }
}
