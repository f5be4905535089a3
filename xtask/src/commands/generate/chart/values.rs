//! The values of the chart: their names, types, descriptions and defaults. `values.yaml`, its schema and the table in the README
//! are made from this, in this order.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        core::v1::{Affinity, EnvVar, ResourceRequirements, Toleration, TopologySpreadConstraint},
        networking::v1::NetworkPolicyPeer,
    },
    apimachinery::pkg::api::resource::Quantity,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// The values of the chart xopero-operator.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Values {
    /// How many pods run. One does everything, the others stand by and take over when it ends.
    replicas: u32,
    /// The namespaces whose resources are watched, for example `[backup, team-a]`. They must exist. Each gets a Role, and nothing is
    /// granted on the whole cluster. Empty: all namespaces, by a `ClusterRole`.
    #[schemars(inner(regex(pattern = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")))]
    #[schemars(extend("uniqueItems" = true))]
    watch_namespaces: Vec<String>,
    /// The hosts that connections may lead to, for example `[xopero.example.com, "*.backup.example.com"]`, without scheme and port.
    /// The operator signs in nowhere else. Empty: any host.
    #[schemars(inner(regex(pattern = r"^(\[[^\]/\s]+\]|[^\[\]/:\s]+)$")))]
    allowed_hosts: Vec<String>,
    /// Names of fields in the REST API of an instance that spells them in another way, for example
    /// `{request.activate.repositoryIds: repositoriesIds}`. See docs/tasks/wire-names.md.
    wire_names: BTreeMap<String, String>,
    /// Certificate authorities that every connection trusts, beside those of the image and its own `tls.caBundleRef`. Write `pem` or
    /// `configMap`.
    #[serde(rename = "extraCABundle")]
    extra_ca_bundle: ExtraCaBundle,
    /// The proxy on the way to Xopero ONE, for example `http://proxy.example.com:3128`. The API server is never reached through it.
    #[schemars(regex(pattern = r"^(https?://\S+)?$"))]
    proxy: String,
    /// The Secret with the address of the proxy, where it holds a password. It is in the namespace of the release.
    proxy_secret: ProxySecret,
    /// What is reached without the proxy, for example `[.svc, xopero.internal, 10.0.0.0/8]`.
    #[schemars(inner(regex(pattern = r"^[^,\s]+$")))]
    no_proxy: Vec<String>,
    /// What is logged, on stderr.
    log: Log,
    /// How many seconds requests under way have to be answered when a pod ends. The pod gets five more.
    #[schemars(range(min = 1, max = 3600))]
    drain_seconds: u16,
    /// The definitions of the five kinds.
    crds: Crds,
    /// Roles.
    rbac: Rbac,
    /// The account of the operator in Kubernetes.
    service_account: ServiceAccount,
    /// The image of the operator.
    image: Image,
    /// Names of Secrets in the namespace of the release with which the image is pulled.
    image_pull_secrets: Vec<String>,
    /// What a pod asks for and may use. 100,000 repositories take less than 150 MB.
    resources: ResourceRequirements,
    /// While nodes are drained.
    pod_disruption_budget: PodDisruptionBudget,
    /// Pods keep apart by these. The labels of the pods are added where a constraint selects none.
    topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// The name of a `PriorityClass`, for example `system-cluster-critical`. Empty: the cluster's default.
    priority_class_name: String,
    /// Labels that a node must have.
    node_selector: BTreeMap<String, String>,
    /// Taints of nodes that do not keep the pods away.
    tolerations: Vec<Toleration>,
    /// Affinity of the pods.
    affinity: Affinity,
    /// More labels of the pods.
    pod_labels: BTreeMap<String, String>,
    /// More annotations of the pods.
    pod_annotations: BTreeMap<String, String>,
    /// More variables of the container, for example `[{name: XOPERO_LEASE_DURATION, value: 60s}]`.
    extra_env: Vec<EnvVar>,
    /// Metrics, which are served on port 8080 under `/metrics`.
    metrics: Metrics,
    /// Which connections are let through. It needs a network that enforces it.
    network_policy: NetworkPolicy,
    /// Another name for the label `app.kubernetes.io/name`.
    name_override: String,
    /// Another name for everything, the Lease among it. Empty: the name of the release.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$"))]
    fullname_override: String,
    /// Labels of everything.
    common_labels: BTreeMap<String, String>,
    /// What a chart that has this one as a part says to all of its parts. It is not looked at.
    global: Map<String, Value>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ExtraCaBundle {
    /// Certificates in PEM.
    #[schemars(regex(pattern = r"^\s*$|-----BEGIN CERTIFICATE-----"))]
    pem: String,
    /// The name of a `ConfigMap` in the namespace of the release, for example one that trust-manager writes. It is read when a pod
    /// starts.
    config_map: String,
    /// The key in it.
    #[schemars(length(min = 1))]
    key: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ProxySecret {
    /// Its name. Empty: none.
    name: String,
    /// The key in it.
    #[schemars(length(min = 1))]
    key: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Log {
    /// error, warn, info, debug or trace of the operator itself; or levels for parts of the program, such as
    /// `info,kube=debug,hyper=debug`.
    #[schemars(length(min = 1))]
    level: String,
    /// `json`: one object a line. `text`: lines to read.
    format: LogFormat,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "of the values that may be written only one is the default"
)]
enum LogFormat {
    Json,
    Text,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Crds {
    /// Whether they are installed and upgraded with the release. Switch it off where something else does that, as for a second
    /// release in one cluster.
    enabled: bool,
    /// Whether they, and so all resources, stay when the release is uninstalled.
    keep: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Rbac {
    /// Whether the roles of the operator are created.
    create: bool,
    /// Whether who has Kubernetes' role `view` in a namespace may look at the resources there, who has `edit` may declare plans,
    /// repositories and projects, and who has `admin` connections and organizations, too. Never with `watchNamespaces`, since these
    /// roles are cluster-wide.
    aggregate: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ServiceAccount {
    /// Whether it is created.
    create: bool,
    /// Its name. Empty: the name of the release; where it is not created, the name must be written.
    name: String,
    /// Its annotations.
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Image {
    /// Where it is.
    #[schemars(length(min = 1))]
    repository: String,
    /// Its tag. Empty: the version of the chart.
    tag: String,
    /// Its digest, for example `sha256:0e07…`, which is then all that counts.
    #[schemars(regex(pattern = "^(sha256:[0-9a-f]{64})?$"))]
    digest: String,
    /// When it is pulled.
    pull_policy: PullPolicy,
}

#[derive(Debug, Serialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "of the values that may be written only one is the default"
)]
enum PullPolicy {
    Always,
    IfNotPresent,
    Never,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PodDisruptionBudget {
    /// Whether there is one.
    enabled: bool,
    /// How many pods may be away at a time.
    #[schemars(range(min = 1))]
    max_unavailable: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Metrics {
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
struct Alerts {
    /// Whether they are there.
    enabled: bool,
    /// Labels by which your Prometheus selects them, for example `{release: kube-prometheus-stack}`.
    labels: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Dashboard {
    /// Whether it is there.
    enabled: bool,
    /// Labels by which the sidecar finds it, instead of `grafana_dashboard: "1"`.
    labels: BTreeMap<String, String>,
    /// Its annotations, for example `{grafana_folder: Backup}`.
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Service {
    /// Whether there is one.
    enabled: bool,
    /// Its annotations.
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Monitor {
    /// Whether there is one.
    enabled: bool,
    /// Labels by which your Prometheus selects it, for example `{release: kube-prometheus-stack}`.
    labels: BTreeMap<String, String>,
    /// How often the metrics are read, for example `30s`. Empty: as Prometheus does by itself.
    #[schemars(regex(pattern = "^([0-9]+(ms|s|m|h))*$"))]
    interval: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NetworkPolicy {
    /// Whether there is one. It lets through the collection of metrics, names (port 53), the API server and Xopero ONE.
    enabled: bool,
    /// Who may collect metrics, as a Kubernetes `NetworkPolicy` says it. Empty: all pods of the cluster.
    metrics_from: Vec<NetworkPolicyPeer>,
    /// The way to the API server.
    api_server: Egress,
    /// The way to Xopero ONE, or to the proxy before it.
    xopero_one: Egress,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Egress {
    /// Its ports.
    #[schemars(length(min = 1), inner(range(min = 1, max = 65535)))]
    ports: Vec<u16>,
    /// Where it is, for example `[{ipBlock: {cidr: 192.0.2.10/32}}]`. Empty: anywhere.
    to: Vec<NetworkPolicyPeer>,
}

fn metrics() -> Metrics {
    Metrics {
        service: Service {
            enabled: true,
            annotations: BTreeMap::new(),
        },
        service_monitor: monitor(),
        pod_monitor: monitor(),
        alerts: Alerts {
            enabled: false,
            labels: BTreeMap::new(),
        },
        dashboard: Dashboard {
            enabled: false,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        },
    }
}

/// What holds where nothing is written.
pub(super) fn defaults() -> Values {
    Values {
        replicas: 2,
        watch_namespaces: Vec::new(),
        allowed_hosts: Vec::new(),
        wire_names: BTreeMap::new(),
        extra_ca_bundle: ExtraCaBundle {
            pem: String::new(),
            config_map: String::new(),
            key: "ca.crt".to_owned(),
        },
        proxy: String::new(),
        proxy_secret: ProxySecret {
            name: String::new(),
            key: "proxy".to_owned(),
        },
        no_proxy: Vec::new(),
        log: Log {
            level: "info".to_owned(),
            format: LogFormat::Json,
        },
        drain_seconds: 25,
        crds: Crds {
            enabled: true,
            keep: true,
        },
        rbac: Rbac {
            create: true,
            aggregate: true,
        },
        service_account: ServiceAccount {
            create: true,
            name: String::new(),
            annotations: BTreeMap::new(),
        },
        image: Image {
            repository: "ghcr.io/xopero-operator/xopero-operator".to_owned(),
            tag: String::new(),
            digest: String::new(),
            pull_policy: PullPolicy::IfNotPresent,
        },
        image_pull_secrets: Vec::new(),
        resources: resources(),
        pod_disruption_budget: PodDisruptionBudget {
            enabled: true,
            max_unavailable: 1,
        },
        topology_spread_constraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
            .map(spread)
            .into(),
        priority_class_name: String::new(),
        node_selector: BTreeMap::new(),
        tolerations: Vec::new(),
        affinity: Affinity::default(),
        pod_labels: BTreeMap::new(),
        pod_annotations: BTreeMap::new(),
        extra_env: Vec::new(),
        metrics: metrics(),
        network_policy: NetworkPolicy {
            enabled: false,
            metrics_from: Vec::new(),
            api_server: egress(&[443, 6443]),
            xopero_one: egress(&[443]),
        },
        name_override: String::new(),
        fullname_override: String::new(),
        common_labels: BTreeMap::new(),
        global: Map::new(),
    }
}

fn resources() -> ResourceRequirements {
    let quantities = |of: &[(&str, &str)]| {
        let each = of.iter();
        let each =
            each.map(|(name, quantity)| ((*name).to_owned(), Quantity((*quantity).to_owned())));
        Some(each.collect())
    };
    ResourceRequirements {
        requests: quantities(&[("cpu", "20m"), ("memory", "64Mi")]),
        // No limit of time: who is held back in the middle of a renewal loses the Lease.
        limits: quantities(&[("memory", "256Mi")]),
        ..ResourceRequirements::default()
    }
}

/// Rather somewhere than nowhere.
fn spread(topology_key: &str) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        max_skew: 1,
        topology_key: topology_key.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        // Else the pods of the version before count while a new one is rolled out.
        match_label_keys: Some(vec!["pod-template-hash".to_owned()]),
        ..TopologySpreadConstraint::default()
    }
}

fn monitor() -> Monitor {
    Monitor {
        enabled: false,
        labels: BTreeMap::new(),
        interval: String::new(),
    }
}

fn egress(ports: &[u16]) -> Egress {
    Egress {
        ports: ports.to_vec(),
        to: Vec::new(),
    }
}
