//! The alerts as the chart renders them: Prometheus takes them, and they are of this release.

use std::fmt::Write as _;

use rstest::rstest;
use serde_json::{Value, json};
use xtask::promtool::promtool;

use crate::helm::{Helm, Rendered};

fn template(alerts: &str) -> Rendered {
    Helm::alone().template(&format!("metrics: {{{alerts}}}"))
}

fn rules(rendered: &Rendered) -> Vec<Value> {
    let groups = &rendered.one("PrometheusRule")["spec"]["groups"];
    let groups = groups.as_array().unwrap().iter();
    groups
        .flat_map(|group| group["rules"].as_array().unwrap().clone())
        .collect()
}

fn alert(rendered: &Rendered, name: &str) -> Option<Value> {
    rules(rendered)
        .into_iter()
        .find(|rule| rule["alert"] == name)
}

/// Those that the repository holds, which Prometheus takes as they are.
fn in_the_repository() -> Vec<Value> {
    let file = crate::helm::chart().join("files/alerts.yaml");
    let all: Value = serde_saphyr::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let groups = all["groups"].as_array().unwrap().iter();
    groups
        .flat_map(|group| group["rules"].as_array().unwrap().clone())
        .collect()
}

#[test]
fn as_nothing_is_said_they_are_those_of_the_repository_with_the_runbooks_of_this_version() {
    let page = |branch: &str| {
        format!("https://github.com/xopero-operator/xopero-operator/blob/{branch}/docs/runbooks/")
    };
    let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
    let mut expected = in_the_repository();
    for rule in &mut expected {
        let url = rule["annotations"]["runbook_url"].as_str().unwrap();
        let url = url.replace(&page("main"), &page(&tag));
        assert!(url.contains(&tag), "{url}");
        rule["annotations"]["runbook_url"] = json!(url);
    }
    assert_eq!(rules(&template("alerts: {enabled: true}")), expected);
}

#[test]
fn they_are_as_the_values_want_them() {
    let rendered = template(
        "alerts: {enabled: true, disabled: [XoperoStalled], severities: {XoperoBudgetSaturated: none}, ruleLabels: {team: platform}, runbookUrl: 'https://runbooks.example.com/'}",
    );
    assert_eq!(alert(&rendered, "XoperoStalled"), None);
    assert_eq!(rules(&rendered).len(), in_the_repository().len() - 1);
    let changed = alert(&rendered, "XoperoBudgetSaturated").unwrap();
    assert_eq!(
        changed["labels"],
        json!({"severity": "none", "team": "platform"})
    );
    assert_eq!(
        changed["annotations"]["runbook_url"],
        "https://runbooks.example.com/XoperoBudgetSaturated.md"
    );
    let other = alert(&rendered, "XoperoLoginRejected").unwrap();
    assert_eq!(
        other["labels"],
        json!({"severity": "critical", "team": "platform"})
    );
}

/// Two releases in one Prometheus, of which this one ends: as the Prometheus operator labels them by either monitor.
#[rstest]
#[case::service_monitor(
    "serviceMonitor: {enabled: true}",
    "backup-xopero-operator",
    "other-xopero-operator"
)]
#[case::pod_monitor(
    "podMonitor: {enabled: true}",
    "xopero-system/backup-xopero-operator",
    "xopero-system/other-xopero-operator"
)]
#[case::pod_monitor_elsewhere(
    "podMonitor: {enabled: true, namespace: monitoring}",
    "monitoring/backup-xopero-operator",
    "monitoring/other-xopero-operator"
)]
fn one_release_that_is_down_is_told_from_another_that_is_not(
    #[case] monitor: &str,
    #[case] job: &str,
    #[case] other: &str,
) {
    let rendered = template(&format!("alerts: {{enabled: true}}, {monitor}"));
    let folder = tempfile::tempdir().unwrap();
    let groups = rendered.one("PrometheusRule")["spec"].to_string();
    std::fs::write(folder.path().join("rules.yaml"), groups).unwrap();
    let down = alert(&rendered, "XoperoOperatorDown").unwrap();
    let mut annotations = down["annotations"].clone();
    annotations["summary"] = json!("No xopero-operator of namespace xopero-system is scraped.");
    let labels =
        json!({"severity": "critical", "namespace": "xopero-system", "job": job}).to_string();
    let mut series = String::new();
    for (job, values) in [(job, "1x10 stale"), (other, "1x60")] {
        write!(
            series,
            "
    - series: 'xopero_operator_build_info{{namespace=\"xopero-system\", job=\"{job}\", pod=\"a\"}}'
      values: '{values}'"
        )
        .unwrap();
    }
    let test = format!(
        "
rule_files: [rules.yaml]
tests:
- interval: 1m
  input_series:{series}
  alert_rule_test:
  - {{eval_time: 10m, alertname: XoperoOperatorDown, exp_alerts: []}}
  - eval_time: 17m
    alertname: XoperoOperatorDown
    exp_alerts: [{{exp_labels: {labels}, exp_annotations: {annotations}}}]
"
    );
    let file = folder.path().join("test.yaml");
    std::fs::write(&file, test).unwrap();
    promtool(&["test", "rules", file.to_str().unwrap()], "").unwrap();
}
