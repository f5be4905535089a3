//! How metrics are found and read, and what is made of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metrics {
    /// A Service, by which the metrics of all pods are found.
    service: Service,
    /// A `ServiceMonitor` for the Prometheus operator.
    service_monitor: Monitor,
    /// A `PodMonitor` for the Prometheus operator, instead of the `ServiceMonitor`.
    pod_monitor: Monitor,
    /// Alerts, as a `PrometheusRule` for the Prometheus operator. Each leads to a runbook.
    alerts: Alerts,
    /// A dashboard for Grafana, as a `ConfigMap` that its sidecar finds.
    dashboard: Dashboard,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Service {
    /// Whether a Service for the metrics is created.
    enabled: bool,
    /// Annotations of the Service.
    annotations: BTreeMap<String, String>,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            enabled: true,
            annotations: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Monitor {
    /// Whether this monitor is created.
    enabled: bool,
    /// Labels by which your Prometheus selects the monitor, for example `{release: kube-prometheus-stack}`.
    labels: BTreeMap<String, String>,
    /// Annotations of the monitor.
    annotations: BTreeMap<String, String>,
    /// The namespace of the monitor, where your Prometheus looks into its own alone. Empty: that of the release.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$"))]
    namespace: String,
    /// How often the metrics are read, for example `30s`. Empty: as Prometheus does by itself.
    #[schemars(regex(pattern = "^([0-9]+(ms|s|m|h))*$"))]
    interval: String,
    /// How long an answer may take, for example `10s`, at most as long as the interval. Empty: as Prometheus does by itself.
    #[schemars(regex(pattern = "^([0-9]+(ms|s|m|h))*$"))]
    scrape_timeout: String,
    /// Changes of labels before the metrics are read, for example `[{targetLabel: cluster, replacement: east}]`.
    relabelings: Vec<Map<String, Value>>,
    /// Changes of what was read, for example `[{sourceLabels: [__name__], regex: process_.*, action: drop}]`.
    metric_relabelings: Vec<Map<String, Value>>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Alerts {
    /// Whether the PrometheusRule with the alerts is created.
    enabled: bool,
    /// Labels by which your Prometheus selects the PrometheusRule, for example `{release: kube-prometheus-stack}`.
    labels: BTreeMap<String, String>,
    /// Annotations of the PrometheusRule.
    annotations: BTreeMap<String, String>,
    /// The namespace of the PrometheusRule, where your Prometheus looks into its own alone. Empty: that of the release.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$"))]
    namespace: String,
    /// Names of alerts that are left out, for example `[XoperoBudgetSaturated]`.
    #[schemars(extend("uniqueItems" = true))]
    disabled: Vec<String>,
    /// Other severities than those of the alerts, by name, for example `{XoperoStalled: info}`.
    severities: BTreeMap<String, String>,
    /// Labels that each alert gets, for example `{team: platform}`.
    rule_labels: BTreeMap<String, String>,
    /// Where your runbooks are: an alert leads to the page of its name with `.md` below this address. Empty: those of this version in
    /// the project's repository.
    #[schemars(regex(pattern = r"^(https?://\S+)?$"))]
    runbook_url: String,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct Dashboard {
    /// Whether the ConfigMap with the dashboard is created.
    enabled: bool,
    /// The namespace of the ConfigMap, where the sidecar looks into its own alone. Empty: that of the release.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$"))]
    namespace: String,
    /// Labels by which the sidecar finds the ConfigMap, instead of `grafana_dashboard: "1"`.
    labels: BTreeMap<String, String>,
    /// Annotations of the ConfigMap, for example `{grafana_folder: Backup}`.
    annotations: BTreeMap<String, String>,
}
