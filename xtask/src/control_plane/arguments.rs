//! With which arguments the three programs run.
//!
//! Each runs in the folder of its control plane, so names of files and sockets are short: a socket's path has at most 107 bytes.

/// etcd's sockets, as URLs. No ports: nothing to run out of, and nobody else can connect.
const ETCD_CLIENTS: &str = "unix://etcd.sock";
const ETCD_PEERS: &str = "unix://peer.sock";

/// The controllers that our resources depend on: owner references, namespaces, service accounts, aggregated roles.
/// Nothing runs pods, so none of the others has anything to do; who plays the kubelet asks for more.
const CONTROLLERS: &str = "garbage-collector-controller,namespace-controller,serviceaccount-controller,clusterrole-aggregation-controller";

/// Who did what to which resource, without the bodies.
pub(super) const AUDIT_POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
";

pub(super) fn etcd() -> Vec<String> {
    let cluster = format!("--initial-cluster=xopero={ETCD_PEERS}");
    let clients = [
        format!("--listen-client-urls={ETCD_CLIENTS}"),
        format!("--advertise-client-urls={ETCD_CLIENTS}"),
    ];
    let peers = [
        format!("--listen-peer-urls={ETCD_PEERS}"),
        format!("--initial-advertise-peer-urls={ETCD_PEERS}"),
    ];
    // Without fsync a power failure loses data, and only that: what was written survives a killed program.
    let rest = [
        "--name=xopero",
        "--data-dir=etcd",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]
    .map(String::from);
    [cluster]
        .into_iter()
        .chain(clients)
        .chain(peers)
        .chain(rest)
        .collect()
}

/// `extra` come last, so they win.
pub(super) fn api_server(port: u16, extra: &[String]) -> Vec<String> {
    let own = [
        &format!("--etcd-servers={ETCD_CLIENTS}"),
        &format!("--secure-port={port}"),
        // This process keeps the port reserved, so that it is the same after a restart.
        "--permit-port-sharing=true",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
        "--client-ca-file=authority.crt",
        "--tls-cert-file=apiserver.crt",
        "--tls-private-key-file=apiserver.key",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        "--service-account-key-file=service-account.pub",
        "--service-account-signing-key-file=service-account.key",
        "--audit-policy-file=audit-policy.yaml",
        "--audit-log-path=audit.log",
        // One file, however long: whoever reads it need not follow a rotation.
        "--audit-log-maxsize=0",
        // Without it the end of the API server waits for open watches, for a minute.
        "--shutdown-watch-termination-grace-period=500ms",
        "--profiling=false",
    ];
    own.into_iter()
        .map(String::from)
        .chain(extra.iter().cloned())
        .collect()
}

/// `more` are controllers beside those that are always there.
pub(super) fn controller_manager(more: &[String]) -> Vec<String> {
    let controllers = [CONTROLLERS]
        .into_iter()
        .chain(more.iter().map(String::as_str))
        .collect::<Vec<_>>()
        .join(",");
    [
        &format!("--controllers={controllers}"),
        // What the publisher of the root certificate publishes.
        "--root-ca-file=authority.crt",
        "--kubeconfig=controller-manager.kubeconfig",
        // As in a real cluster each controller is itself, with the rights of its role.
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        "--secure-port=0",
        // The default of 20 requests a second makes the end of a namespace slow.
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
        "--concurrent-namespace-syncs=20",
    ]
    .map(String::from)
    .to_vec()
}
