//! What is served about the operator itself: `/livez`, `/readyz`, `/metrics`.

use std::{io, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::controllers::{metrics::Metrics, readiness::Readiness};

/// What `/metrics` is written in.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is served from.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) metrics: Arc<Metrics>,
    pub(super) readiness: Arc<Readiness>,
    pub(super) stop: CancellationToken,
}

/// A server that has its address, and answers once it runs.
#[derive(Debug)]
pub(super) struct Server {
    listener: TcpListener,
    router: Router,
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// If it is taken, not allowed, or none of this machine's.
    pub(super) async fn bind(address: SocketAddr, served: Served) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            router: router(served),
        })
    }

    /// Where it listens, with the port that was chosen.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers, for as long as it is polled.
    pub(super) async fn run(self) -> io::Result<()> {
        let Self { listener, router } = self;
        axum::serve(listener, router).await
    }
}

fn router(served: Served) -> Router {
    Router::new()
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(served)
}

async fn readyz(
    State(Served {
        readiness, stop, ..
    }): State<Served>,
) -> Response {
    let not_yet = |text: String| (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    if stop.is_cancelled() {
        return not_yet("the operator is ending\n".to_owned());
    }
    if readiness.is_ready() {
        return "ok\n".into_response();
    }
    let waiting = readiness.waiting();
    if waiting.is_empty() {
        return not_yet("the operator is starting\n".to_owned());
    }
    not_yet(format!("not listed yet:\n{}\n", waiting.join("\n")))
}

async fn metrics(State(Served { metrics, .. }): State<Served>) -> Response {
    match metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            warn!(%error, "The metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
