//! Which connections a network that enforces it lets through.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetworkPolicy {
    /// Whether a NetworkPolicy is created. It lets through the collection of metrics, the lookup of names, the API server, Xopero ONE,
    /// and the proxy where there is one.
    enabled: bool,
    /// Who may collect metrics, as a Kubernetes `NetworkPolicy` says it. Empty: all pods of the cluster.
    metrics_from: Vec<NetworkPolicyPeer>,
    /// The way to the servers of DNS.
    dns: Egress,
    /// The way to the API server. While its `to` is empty, that of `xoperoOne` does not keep the pods from other hosts on these ports.
    api_server: Egress,
    /// The way to Xopero ONE. It stays open with a proxy, for what `noProxy` names.
    xopero_one: Egress,
    /// The way to the proxy. It is open where `proxy` or `proxySecret` is written.
    proxy: ToProxy,
}

impl Default for NetworkPolicy {
    fn default() -> Self {
        Self {
            enabled: false,
            metrics_from: Vec::new(),
            // On OpenShift the pods that answer listen on another port than their Service.
            dns: egress(&[53, 5353]),
            api_server: egress(&[443, 6443]),
            xopero_one: egress(&[443]),
            proxy: ToProxy::default(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Egress {
    /// The ports that are let through on this way.
    #[schemars(length(min = 1), inner(range(min = 1, max = 65535)))]
    ports: Vec<u16>,
    /// Where this way may lead, for example `[{ipBlock: {cidr: 192.0.2.10/32}}]`. Empty: anywhere.
    to: Vec<NetworkPolicyPeer>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct ToProxy {
    /// The ports of the proxy. Empty: the port in `proxy`. They must be written with `proxySecret`, whose address is not known here.
    #[schemars(inner(range(min = 1, max = 65535)))]
    ports: Vec<u16>,
    /// Where the proxy is, for example `[{ipBlock: {cidr: 192.0.2.20/32}}]`. Empty: anywhere.
    to: Vec<NetworkPolicyPeer>,
}

fn egress(ports: &[u16]) -> Egress {
    Egress {
        ports: ports.to_vec(),
        to: Vec::new(),
    }
}
