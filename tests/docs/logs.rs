//! What the API server asks a kubelet for when somebody types `kubectl logs`: a node that tells the logs of its pods.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr},
};

use axum::{
    Router,
    extract::{Path, Query, State},
    routing::get,
    serve::Listener,
};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, ResourceExt};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use xopero_simulator::Certificate;
use xtask::{
    control_plane::ControlPlane,
    kubelet::{self, NODE},
};

/// A server on loopback. It ends with this.
pub(crate) struct Logs {
    _tasks: JoinSet<()>,
}

impl Logs {
    /// Declares the node, and answers for it.
    pub(crate) async fn serve(control_plane: &ControlPlane, client: Client) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        declare(control_plane, listener.local_addr().unwrap().port()).await;
        // The API server is not told which authority signs for kubelets, so anybody does.
        let acceptor = Certificate::generate().unwrap().acceptor().unwrap();
        let path = "/containerLogs/{namespace}/{pod}/{container}";
        let router = Router::new()
            .route(path, get(answer))
            .with_state((control_plane.clone(), client));
        let serving = axum::serve(Tls { listener, acceptor }, router);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { serving.await.unwrap() });
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

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, peer) = Listener::accept(&mut self.listener).await;
            // Who breaks off is told so by its own end.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    tail_lines: Option<usize>,
}

/// The last lines are cut off here, as kubelets do it.
async fn answer(
    State((control_plane, client)): State<(ControlPlane, Client)>,
    Path((namespace, pod, _)): Path<(String, String, String)>,
    Query(Asked { tail_lines }): Query<Asked>,
) -> String {
    let pods: Api<Pod> = Api::namespaced(client, &namespace);
    let uid = pods.get(&pod).await.unwrap().uid().unwrap();
    // A container that was not started yet has said nothing.
    let log = fs::read_to_string(kubelet::log(&control_plane, &uid)).unwrap_or_default();
    let lines: Vec<_> = log.lines().collect();
    let first = tail_lines.map_or(0, |tail| lines.len().saturating_sub(tail));
    lines[first..].join("\n") + "\n"
}
