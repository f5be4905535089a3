//! The values of the chart: their names, types, descriptions and defaults. `values.yaml`, its schema and the table in the README
//! are made from this, in this order.
//! A group of values stands in the file of its subject, with its defaults.

use std::collections::BTreeMap;

use k8s_openapi::api::{
    apps::v1::DeploymentStrategy,
    core::v1::{
        Affinity, EnvVar, HostAlias, PodDNSConfig, PodSecurityContext, ResourceRequirements,
        SecurityContext, Toleration, TopologySpreadConstraint, VolumeMount,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use self::{
    metrics::Metrics,
    network::NetworkPolicy,
    pods::{Image, PodDisruptionBudget, PullSecret},
    program::{ExtraCaBundle, Log, ProxySecret},
    rights::{Crds, Rbac, ServiceAccount},
};

mod metrics;
mod network;
mod pods;
mod program;
mod rights;

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
    /// How many seconds a pod that is told to end waits for answers to what it has sent. `terminationGracePeriodSeconds` is five more.
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
    /// Secrets in the namespace of the release with which the image is pulled, as names or as Kubernetes writes them:
    /// `[registry]` or `[{name: registry}]`.
    image_pull_secrets: Vec<PullSecret>,
    /// What a pod asks for and may use. 10,000 repositories with a resource each take about 110 MB; each further resource with its
    /// repository about 10 kB.
    resources: ResourceRequirements,
    /// How new pods take the place of old ones. By default a new one is ready before an old one ends.
    strategy: DeploymentStrategy,
    /// While nodes are drained.
    pod_disruption_budget: PodDisruptionBudget,
    /// Pods keep apart by these. The labels of the pods are added where a constraint selects none.
    topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// The name of a `PriorityClass`, for example `system-cluster-critical`. Empty: the cluster's default.
    priority_class_name: String,
    /// The name of a `RuntimeClass`, for example `gvisor`. Empty: the cluster's default.
    runtime_class_name: String,
    /// Labels that a node must have to run a pod. The image is for Linux.
    node_selector: BTreeMap<String, String>,
    /// Tolerations of the pods, as Kubernetes writes them, for example `[{key: dedicated, operator: Exists}]`.
    tolerations: Vec<Toleration>,
    /// Near which nodes and pods the pods run, as Kubernetes' `affinity` says it.
    affinity: Affinity,
    /// How names are looked up: `ClusterFirst`, `ClusterFirstWithHostNet`, `Default` or `None`. Empty: `ClusterFirst`.
    #[schemars(regex(pattern = "^(ClusterFirst|ClusterFirstWithHostNet|Default|None)?$"))]
    dns_policy: String,
    /// Servers, search domains and options of DNS, for example `{nameservers: [192.0.2.53]}`.
    dns_config: PodDNSConfig,
    /// Lines of the pods' /etc/hosts, for example `[{ip: 192.0.2.10, hostnames: [xopero.internal]}]`.
    host_aliases: Vec<HostAlias>,
    /// How many sets of pods of earlier versions are kept, for `kubectl rollout undo`.
    revision_history_limit: u32,
    /// The security context of the pods. What is written is merged into it, for example `{runAsUser: 10001}`.
    pod_security_context: PodSecurityContext,
    /// The security context of the container. What is written is merged into it.
    security_context: SecurityContext,
    /// Annotations of the Deployment, for example those by which a tool starts pods anew.
    deployment_annotations: BTreeMap<String, String>,
    /// More labels of the pods.
    pod_labels: BTreeMap<String, String>,
    /// More annotations of the pods.
    pod_annotations: BTreeMap<String, String>,
    /// More variables of the container, for example `[{name: XOPERO_LEASE_DURATION, value: 60s}]`. What a value of this chart says
    /// is refused here.
    extra_env: Vec<EnvVar>,
    /// More volumes of the pods, as Kubernetes writes them, for example `[{name: more, secret: {secretName: more}}]`.
    extra_volumes: Vec<Map<String, Value>>,
    /// Where the container mounts `extraVolumes`, for example `[{name: more, mountPath: /etc/more, readOnly: true}]`.
    extra_volume_mounts: Vec<VolumeMount>,
    /// Metrics, which are served on port 8080 under `/metrics`.
    metrics: Metrics,
    /// Which connections are let through. It needs a network that enforces it.
    network_policy: NetworkPolicy,
    /// Another name than `xopero-operator` in the label `app.kubernetes.io/name`, and after the name of the release where
    /// `fullnameOverride` is empty: at most 63 small letters, digits and hyphens. Do not change it later: a Deployment goes on to
    /// select its pods by the first, and the upgrade fails.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$"))]
    name_override: String,
    /// Another name for everything, the Lease among it, for example `backup-operator`: at most 63 small letters, digits and hyphens,
    /// the first a letter, as it is the name of a Service. Empty: the name of the release, followed by `-xopero-operator` where that
    /// is not in it already. Do not change it later: old and new pods would hold two Leases, and both would write while one version
    /// takes the place of the other.
    #[schemars(regex(pattern = r"^([a-z]([-a-z0-9]{0,61}[a-z0-9])?)?$"))]
    fullname_override: String,
    /// Another namespace than that of the release, for a parent chart whose parts stand in several. It must exist.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$"))]
    namespace_override: String,
    /// Labels of all objects that the chart creates, `extraObjects` aside.
    common_labels: BTreeMap<String, String>,
    /// More objects that come and go with the release, for example an `ExternalSecret`. `{{ }}` in them is filled in.
    extra_objects: Vec<Map<String, Value>>,
    /// For the `condition` of a parent chart. This chart does not read it.
    enabled: bool,
    /// Values that a parent chart shares with its parts. This chart reads none.
    global: Map<String, Value>,
}

/// What holds where nothing is written.
pub(super) fn defaults() -> Values {
    Values {
        replicas: 2,
        watch_namespaces: Vec::new(),
        allowed_hosts: Vec::new(),
        wire_names: BTreeMap::new(),
        extra_ca_bundle: ExtraCaBundle::default(),
        proxy: String::new(),
        proxy_secret: ProxySecret::default(),
        no_proxy: Vec::new(),
        log: Log::default(),
        drain_seconds: 25,
        crds: Crds::default(),
        rbac: Rbac::default(),
        service_account: ServiceAccount::default(),
        image: Image::default(),
        image_pull_secrets: Vec::new(),
        resources: pods::resources(),
        strategy: pods::strategy(),
        pod_disruption_budget: PodDisruptionBudget::default(),
        topology_spread_constraints: pods::spread(),
        priority_class_name: String::new(),
        runtime_class_name: String::new(),
        node_selector: pods::linux(),
        tolerations: Vec::new(),
        affinity: Affinity::default(),
        dns_policy: String::new(),
        dns_config: PodDNSConfig::default(),
        host_aliases: Vec::new(),
        revision_history_limit: 3,
        pod_security_context: pods::pod_security(),
        security_context: pods::security(),
        deployment_annotations: BTreeMap::new(),
        pod_labels: BTreeMap::new(),
        pod_annotations: BTreeMap::new(),
        extra_env: Vec::new(),
        extra_volumes: Vec::new(),
        extra_volume_mounts: Vec::new(),
        metrics: Metrics::default(),
        network_policy: NetworkPolicy::default(),
        name_override: String::new(),
        fullname_override: String::new(),
        namespace_override: String::new(),
        common_labels: BTreeMap::new(),
        extra_objects: Vec::new(),
        enabled: true,
        global: Map::new(),
    }
}
