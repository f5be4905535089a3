//! The dashboard for Grafana.

use std::{collections::BTreeSet, fmt::Write as _};

use serde_json::Value;
use tempfile::tempdir;
use xtask::promtool::promtool;

use crate::{asks_for_what_is_shown, read};

const DASHBOARD: &str = "charts/xopero-operator/files/dashboard.json";

fn dashboard() -> Value {
    serde_json::from_str(&read(DASHBOARD)).unwrap()
}

fn text<'value>(value: &'value Value, pointer: &str) -> &'value str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} in {value}"))
}

fn panels(dashboard: &Value) -> Vec<&Value> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    panels.filter(|panel| panel["type"] != "row").collect()
}

/// Title and expression of each query.
fn queries(dashboard: &Value) -> Vec<(String, String)> {
    let mut queries = Vec::new();
    for panel in panels(dashboard) {
        for target in panel["targets"].as_array().unwrap() {
            let title = text(panel, "/title").to_owned();
            queries.push((title, text(target, "/expr").to_owned()));
        }
    }
    queries
}

pub(crate) fn expressions() -> Vec<(String, String)> {
    queries(&dashboard())
}

#[test]
fn every_query_asks_for_what_the_operator_shows() {
    let dashboard = dashboard();
    for (title, expression) in queries(&dashboard) {
        asks_for_what_is_shown(&title, &expression);
    }
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        if variable["type"] == "query" {
            asks_for_what_is_shown(text(variable, "/name"), text(variable, "/definition"));
        }
    }
}

#[test]
fn prometheus_takes_every_query() {
    let mut rules = "groups:\n- name: dashboard\n  rules:\n".to_owned();
    for (number, (_, expression)) in queries(&dashboard()).iter().enumerate() {
        let expression = expression.replace("$__rate_interval", "5m");
        let expression = serde_json::to_string(&expression).unwrap();
        write!(
            rules,
            "  - record: panel_{number}\n    expr: {expression}\n"
        )
        .unwrap();
    }
    let folder = tempdir().unwrap();
    let file = folder.path().join("dashboard.yaml");
    std::fs::write(&file, rules).unwrap();
    promtool(&["check", "rules", file.to_str().unwrap()], "").unwrap();
}

/// The function that a metric is given to, by what stands before it: `sum` in `sum by (name) (`.
fn function(before: &str) -> &str {
    let before = before.trim_end_matches(['(', ' ']);
    let before = match before.strip_suffix(')') {
        Some(labels) => labels.rsplit_once("by (").map_or("", |(name, _)| name),
        None => before,
    };
    let mut words = before.trim_end().rsplit(['(', ' ']);
    words.next().unwrap_or_default()
}

/// Prometheus keeps the series of a leader that was killed for a while, beside those of the next.
#[test]
fn nothing_that_two_replicas_say_of_one_resource_counts_twice() {
    for (title, expression) in queries(&dashboard()) {
        let mut pieces = expression.split("xopero_operator_");
        let mut before = pieces.next().unwrap();
        for metric in pieces {
            let is_of_a_resource = [
                "organization_",
                "plan_",
                "connection_",
                "condition",
                "resource",
            ]
            .iter()
            .any(|subject| metric.starts_with(subject));
            let function = function(before);
            assert!(
                !is_of_a_resource || !["sum", "count"].contains(&function),
                "{title}: {function} of {metric}"
            );
            before = metric;
        }
    }
}

/// Where nothing has happened, "No data" looks like a fault. And the last value of what is over is not what is now.
#[test]
fn a_panel_of_what_happens_now_and_then_says_what_its_emptiness_means() {
    for panel in panels(&dashboard()) {
        let title = text(panel, "/title");
        let expression = text(panel, "/targets/0/expr");
        if panel["type"] == "timeseries" && expression.ends_with("> 0") {
            assert!(!text(panel, "/fieldConfig/defaults/noValue").is_empty());
            let legend = &panel["options"]["legend"]["calcs"];
            assert!(
                !legend.as_array().unwrap().contains(&"lastNotNull".into()),
                "{title}: {legend}"
            );
        }
    }
}

#[test]
fn what_the_issue_asks_for_is_on_it() {
    let dashboard = dashboard();
    let asked: String = queries(&dashboard)
        .into_iter()
        .map(|(_, expression)| expression)
        .collect();
    for metric in [
        "organization_repositories",
        "organization_unprotected_repositories",
        "plan_last_backup_timestamp_seconds",
        "organization_differences",
        "connection_budget_wait_seconds_total",
        "reconcile_errors_total",
        "leader",
        "condition",
        "resource_conditions",
    ] {
        let name = format!("xopero_operator_{metric}");
        assert!(asked.contains(&name), "{name} is on no panel");
    }
}

#[test]
fn every_panel_says_what_it_shows_uses_the_chosen_source_and_covers_no_other() {
    let dashboard = dashboard();
    let (mut ids, mut titles, mut covered) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = text(panel, "/title");
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}");
        assert!(titles.insert(title), "{title} is there twice");
        let at = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        assert!(at("x") + at("w") <= 24, "{title}");
        for column in at("x")..at("x") + at("w") {
            for line in at("y")..at("y") + at("h") {
                assert!(covered.insert((column, line)), "{title} covers another");
            }
        }
    }
    for panel in panels(&dashboard) {
        assert!(text(panel, "/description").ends_with('.'), "{panel}");
        assert_eq!(text(panel, "/datasource/uid"), "${datasource}");
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(text(target, "/datasource/uid"), "${datasource}");
        }
    }
}
