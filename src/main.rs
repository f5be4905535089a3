//! The `xopero-operator` program.
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use xopero_operator::controllers;
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .ok();
    tracing_subscriber::fmt().with_env_filter("info").init();
    let client = kube::Client::try_default().await?;
    let stop = CancellationToken::new();
    let s2 = stop.clone();
    let d = controllers::Dependencies {
        client,
        namespaces: vec![],
        connections: controllers::connections::Connections::new(Default::default()),
        metrics: Arc::default(),
        readiness: Arc::default(),
        stop,
    };
    let h = async move {
        tokio::signal::ctrl_c().await.ok();
        s2.cancel();
    };
    tokio::join!(controllers::run(d), h).0?;
    Ok(())
}
