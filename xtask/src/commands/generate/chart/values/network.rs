//! Which connections a network that enforces it lets through.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetworkPolicy {
    /// Whether there is one. It lets through the collection of metrics, names (port 53), the API server and Xopero ONE.
    enabled: bool,
    /// Who may collect metrics, as a Kubernetes `NetworkPolicy` says it. Empty: all pods of the cluster.
    metrics_from: Vec<NetworkPolicyPeer>,
    /// The way to the API server.
    api_server: Egress,
    /// The way to Xopero ONE, or to the proxy before it.
    xopero_one: Egress,
}

impl Default for NetworkPolicy {
    fn default() -> Self {
        Self {
            enabled: false,
            metrics_from: Vec::new(),
            api_server: egress(&[443, 6443]),
            xopero_one: egress(&[443]),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Egress {
    /// Its ports.
    #[schemars(length(min = 1), inner(range(min = 1, max = 65535)))]
    ports: Vec<u16>,
    /// Where it is, for example `[{ipBlock: {cidr: 192.0.2.10/32}}]`. Empty: anywhere.
    to: Vec<NetworkPolicyPeer>,
}

fn egress(ports: &[u16]) -> Egress {
    Egress {
        ports: ports.to_vec(),
        to: Vec::new(),
    }
}
