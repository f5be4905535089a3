//! How metrics are found and read, and what is made of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

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
    /// Whether there is one.
    enabled: bool,
    /// Its annotations.
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
struct Monitor {
    /// Whether there is one.
    enabled: bool,
    /// Labels by which your Prometheus selects it, for example `{release: kube-prometheus-stack}`.
    labels: BTreeMap<String, String>,
    /// How often the metrics are read, for example `30s`. Empty: as Prometheus does by itself.
    #[schemars(regex(pattern = "^([0-9]+(ms|s|m|h))*$"))]
    interval: String,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct Alerts {
    /// Whether they are there.
    enabled: bool,
    /// Labels by which your Prometheus selects them, for example `{release: kube-prometheus-stack}`.
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct Dashboard {
    /// Whether it is there.
    enabled: bool,
    /// Labels by which the sidecar finds it, instead of `grafana_dashboard: "1"`.
    labels: BTreeMap<String, String>,
    /// Its annotations, for example `{grafana_folder: Backup}`.
    annotations: BTreeMap<String, String>,
}
