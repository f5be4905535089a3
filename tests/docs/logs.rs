//! What the API server asks a kubelet for when somebody types `kubectl logs`: a node that tells the logs of its pods.

use std::{net::Ipv4Addr, path::Path, path::PathBuf, sync::Arc};

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, ResourceExt};
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use xtask::control_plane::ControlPlane;

/// Where the kubelet of these tests puts its pods.
const NODE: &str = "node";

/// A server on loopback. It ends with this.
pub(crate) struct Logs {
    _tasks: JoinSet<()>,
}

impl Logs {
    /// Declares the node, and answers for it.
    pub(crate) async fn serve(control_plane: &ControlPlane, client: Client) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        declare(control_plane, port).await;
        let folder = control_plane.folder().join("pods");
        let acceptor = acceptor();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                answer(&acceptor, stream, &client, &folder).await;
            }
        });
        Self { _tasks: tasks }
    }
}

async fn declare(control_plane: &ControlPlane, port: u16) {
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE}}).to_string();
    let status = json!({"status": {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
    }});
    let status = status.to_string();
    let create = ["create", "-f", "-"];
    let patch = [
        "patch",
        "node",
        NODE,
        "--subresource=status",
        "--type=merge",
        "-p",
        &status,
    ];
    for (arguments, input) in [(create.as_slice(), Some(node.as_str())), (&patch, None)] {
        let done = control_plane.kubectl(arguments, input).await.unwrap();
        done.success().unwrap();
    }
}

/// The API server is not told which authority signs for kubelets, so anybody does.
fn acceptor() -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([NODE.to_owned()]).unwrap();
    let certificate = certificate.self_signed(&key).unwrap();
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(chain, key)
    .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// One request a connection: `GET /containerLogs/NAMESPACE/POD/CONTAINER`. The last lines are cut off here, as kubelets do it.
async fn answer(acceptor: &TlsAcceptor, stream: TcpStream, client: &Client, folder: &Path) {
    let mut stream = acceptor.accept(stream).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split_whitespace().nth(1).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts: Vec<_> = path.split('/').collect();
    let ["", "containerLogs", namespace, pod, _] = parts.as_slice() else {
        panic!("a kubelet is asked for {target}");
    };
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let uid = pods.get(pod).await.unwrap().uid().unwrap();
    let log: PathBuf = folder.join(uid).join("log");
    // A container that was not started yet has said nothing.
    let log = std::fs::read_to_string(log).unwrap_or_default();
    let tail = query
        .split('&')
        .find_map(|part| part.strip_prefix("tailLines="));
    let lines: Vec<_> = log.lines().collect();
    let first = tail.map_or(0, |tail| lines.len().saturating_sub(tail.parse().unwrap()));
    let body = lines[first..].join("\n") + "\n";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}
