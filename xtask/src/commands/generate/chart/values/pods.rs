//! The pods: their image, what they use, where they run.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        apps::v1::{DeploymentStrategy, RollingUpdateDeployment},
        core::v1::{
            Capabilities, LocalObjectReference, PodSecurityContext, ResourceRequirements,
            SeccompProfile, SecurityContext, TopologySpreadConstraint,
        },
    },
    apimachinery::pkg::{api::resource::Quantity, util::intstr::IntOrString},
};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Image {
    /// The registry and the repository of the image.
    #[schemars(length(min = 1))]
    repository: String,
    /// The tag of the image. Empty: the version of the chart.
    tag: String,
    /// The digest of the image, for example `sha256:0e07…`, which then counts instead of the tag.
    #[schemars(regex(pattern = "^(sha256:[0-9a-f]{64})?$"))]
    digest: String,
    /// When the image is pulled: `Always`, `IfNotPresent` or `Never`.
    pull_policy: PullPolicy,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            repository: "ghcr.io/xopero-operator/xopero-operator".to_owned(),
            tag: String::new(),
            digest: String::new(),
            pull_policy: PullPolicy::IfNotPresent,
        }
    }
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
#[serde(untagged)]
#[expect(dead_code, reason = "none is the default")]
pub(super) enum PullSecret {
    Name(String),
    Reference(LocalObjectReference),
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodDisruptionBudget {
    /// Whether a PodDisruptionBudget is created.
    enabled: bool,
    /// How many pods may be away at a time while nodes are drained.
    #[schemars(range(min = 1))]
    max_unavailable: u32,
}

impl Default for PodDisruptionBudget {
    fn default() -> Self {
        Self {
            enabled: true,
            max_unavailable: 1,
        }
    }
}

/// The next is there before one goes: a standby that is ready takes over at once.
pub(super) fn strategy() -> DeploymentStrategy {
    DeploymentStrategy {
        type_: Some("RollingUpdate".to_owned()),
        rolling_update: Some(RollingUpdateDeployment {
            max_surge: Some(IntOrString::Int(1)),
            max_unavailable: Some(IntOrString::Int(0)),
        }),
    }
}

pub(super) fn resources() -> ResourceRequirements {
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

/// Nothing else can run the image.
pub(super) fn linux() -> BTreeMap<String, String> {
    [("kubernetes.io/os".to_owned(), "linux".to_owned())].into()
}

/// As the standard `restricted` of Kubernetes demands it.
pub(super) fn pod_security() -> PodSecurityContext {
    PodSecurityContext {
        run_as_non_root: Some(true),
        seccomp_profile: Some(SeccompProfile {
            type_: "RuntimeDefault".to_owned(),
            ..SeccompProfile::default()
        }),
        ..PodSecurityContext::default()
    }
}

/// The same of the container, which writes no file.
pub(super) fn security() -> SecurityContext {
    SecurityContext {
        allow_privilege_escalation: Some(false),
        capabilities: Some(Capabilities {
            drop: Some(vec!["ALL".to_owned()]),
            ..Capabilities::default()
        }),
        read_only_root_filesystem: Some(true),
        ..SecurityContext::default()
    }
}

/// Zones apart, and then nodes.
pub(super) fn spread() -> Vec<TopologySpreadConstraint> {
    ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        .map(spread_over)
        .into()
}

/// Rather somewhere than nowhere.
fn spread_over(topology_key: &str) -> TopologySpreadConstraint {
    TopologySpreadConstraint {
        max_skew: 1,
        topology_key: topology_key.to_owned(),
        when_unsatisfiable: "ScheduleAnyway".to_owned(),
        // Else the pods of the version before count while a new one is rolled out.
        match_label_keys: Some(vec!["pod-template-hash".to_owned()]),
        ..TopologySpreadConstraint::default()
    }
}
