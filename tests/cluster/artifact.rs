//! What Flux's source-controller serves: a folder as an archive, by its digest.

#![expect(
    clippy::expect_used,
    reason = "what a test cannot set up is its failure"
)]

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, extract::State, http::StatusCode, http::Uri};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{net::TcpListener, task::JoinSet};

type Served = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A server on loopback. It ends with this.
pub(crate) struct Artifacts {
    url: String,
    served: Served,
    _tasks: JoinSet<()>,
}

impl Artifacts {
    pub(crate) async fn serve() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let served = Served::default();
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&served));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            axum::serve(listener, router)
                .await
                .expect("the server runs");
        });
        Self {
            url: format!("http://{address}"),
            served,
            _tasks: tasks,
        }
    }

    /// Packs the folder, and returns what stands in the status of its source.
    pub(crate) fn pack(&self, folder: &Path, revision: &str) -> Value {
        let mut tar = Command::new("tar");
        let packed = tar
            .args(["--create", "--gzip", "."])
            .current_dir(folder)
            .output();
        let packed = packed.expect("tar runs");
        assert!(packed.status.success(), "{packed:?}");
        let archive = packed.stdout;
        let digest = Sha256::digest(&archive);
        let digest = digest
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let path = format!("/{digest}.tar.gz");
        let artifact = json!({
            "path": path,
            "url": format!("{}{path}", self.url),
            "revision": revision,
            "digest": format!("sha256:{digest}"),
            "size": archive.len(),
            "lastUpdateTime": "2026-01-01T00:00:00Z",
        });
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.insert(path, archive);
        artifact
    }
}

async fn answer(State(served): State<Served>, uri: Uri) -> Result<Vec<u8>, StatusCode> {
    let served = served.lock().unwrap_or_else(PoisonError::into_inner);
    served.get(uri.path()).cloned().ok_or(StatusCode::NOT_FOUND)
}
