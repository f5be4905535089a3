//! The alerts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde::Deserialize;
use xtask::promtool::promtool;

use crate::{asks_for_what_is_shown, in_repository, read};

const RULES: &str = "charts/xopero-operator/files/alerts.yaml";
const RUNBOOKS: &str = "docs/runbooks";
const PUBLISHED: &str = "https://github.com/xopero-operator/xopero-operator/blob/main/";

#[derive(Debug, Deserialize)]
struct Rules {
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    alert: String,
    expr: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

/// A file of promtool's tests.
#[derive(Debug, Deserialize)]
struct Tests {
    tests: Vec<Test>,
}

#[derive(Debug, Deserialize)]
struct Test {
    alert_rule_test: Vec<Check>,
}

#[derive(Debug, Deserialize)]
struct Check {
    alertname: String,
    exp_alerts: Vec<serde_json::Value>,
}

fn rules() -> Vec<Rule> {
    let Rules { groups } = serde_saphyr::from_str(&read(RULES)).unwrap();
    groups.into_iter().flat_map(|group| group.rules).collect()
}

/// Name and expression of each alert.
pub(crate) fn expressions() -> Vec<(String, String)> {
    let rules = rules().into_iter();
    rules.map(|rule| (rule.alert, rule.expr)).collect()
}

fn names() -> BTreeSet<String> {
    rules().into_iter().map(|rule| rule.alert).collect()
}

/// The files in a folder, by name.
fn files(folder: &str, extension: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(in_repository(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(extension)).collect()
}

#[test]
fn prometheus_takes_the_rules() {
    let file = in_repository(RULES);
    promtool(
        &["check", "rules", "--lint-fatal", file.to_str().unwrap()],
        "",
    )
    .unwrap();
}

#[test]
fn each_alert_fires_when_it_should_and_not_else() {
    for file in files("tests/alerts", ".yaml") {
        let path = in_repository("tests/alerts").join(file);
        promtool(&["test", "rules", path.to_str().unwrap()], "").unwrap();
    }
}

#[test]
fn each_alert_is_tried_in_a_case_that_fires_and_in_one_that_stays_silent() {
    let (mut loud, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for file in files("tests/alerts", ".yaml") {
        let text = read(&format!("tests/alerts/{file}"));
        let Tests { tests } = serde_saphyr::from_str(&text).unwrap();
        for Test { alert_rule_test } in tests {
            let mut fired = false;
            let name = alert_rule_test[0].alertname.clone();
            for Check {
                alertname,
                exp_alerts,
            } in alert_rule_test
            {
                assert_eq!(alertname, name, "a case of {file} is about two alerts");
                fired |= !exp_alerts.is_empty();
            }
            if fired { &mut loud } else { &mut silent }.insert(name);
        }
    }
    assert_eq!(loud, names());
    // A login that was corrected is one that was rejected before.
    let both = BTreeSet::from(["XoperoLoginRejected".to_owned()]);
    assert_eq!(silent, &names() - &both);
}

#[test]
fn each_alert_says_how_bad_it_is_what_it_is_about_and_what_to_do() {
    for Rule {
        alert,
        expr,
        labels,
        annotations,
    } in rules()
    {
        asks_for_what_is_shown(&alert, &expr);
        let severity = labels.get("severity").map(String::as_str);
        let known = ["critical", "warning", "info"];
        assert!(known.map(Some).contains(&severity), "{alert}: {severity:?}");
        let annotation = |name: &str| {
            annotations
                .get(name)
                .cloned()
                .unwrap_or_else(|| panic!("{alert} has no {name}"))
        };
        assert!(annotation("description").ends_with(['.', '}']), "{alert}");
        let summary = annotation("summary");
        // What its expression keeps to tell one from another stands in the summary.
        for label in ["name", "kind"] {
            let kept = expr.contains(&format!("{label})")) || expr.contains(&format!("{label},"));
            let told = summary.contains(&format!("$labels.{label}"));
            let grouped = expr.contains("by (");
            assert!(!(grouped && kept) || told, "{alert} names no {label}");
        }
        let page = format!("{RUNBOOKS}/{alert}.md");
        assert_eq!(annotation("runbook_url"), format!("{PUBLISHED}{page}"));
    }
}

#[test]
fn each_alert_has_a_runbook_and_each_runbook_an_alert() {
    let pages: BTreeSet<String> = names().iter().map(|name| format!("{name}.md")).collect();
    assert_eq!(files(RUNBOOKS, ".md"), pages);
    for name in names() {
        let text = read(&format!("{RUNBOOKS}/{name}.md"));
        let titles: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
        let expected = [
            &format!("# {name}"),
            "## Meaning",
            "## Impact",
            "## Diagnosis",
            "## What to do",
        ];
        assert_eq!(titles, expected);
        assert!(text.contains("kubectl "), "{name} shows no command");
        for metric in crate::metrics_in(&text) {
            asks_for_what_is_shown(&name, &metric);
        }
    }
}
