//! What is served about the operator itself: `/livez`, `/readyz`, `/metrics`.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::controllers::{
    metrics::{Format, Metrics},
    readiness::Readiness,
};

/// What `/metrics` is written in where that is accepted.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What it is written in elsewhere.
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is served from.
#[derive(Clone, Debug)]
pub(super) struct Served {
    pub(super) metrics: Arc<Metrics>,
    pub(super) readiness: Arc<Readiness>,
    /// Another replica leads, and this one is ready to follow. Else a rollout would wait for it for ever.
    pub(super) standing_by: Arc<AtomicBool>,
    pub(super) stop: CancellationToken,
}

/// A server that has its address, and answers once it runs.
#[derive(Debug)]
pub(super) struct Server {
    listener: TcpListener,
    router: Router,
}

impl Server {
    /// Takes the address; that of all IPv4 addresses instead of all addresses, where there is no IPv6.
    ///
    /// # Errors
    /// If it is taken, not allowed, or none of this machine's.
    pub(super) async fn bind(address: SocketAddr, served: Served) -> io::Result<Self> {
        let listener = match TcpListener::bind(address).await {
            Ok(listener) => listener,
            Err(error) => {
                let Some(instead) = without_ipv6(address, &error) else {
                    return Err(error);
                };
                warn!(%error, "Nothing can be served at {address}, so {instead} is tried");
                TcpListener::bind(instead).await?
            }
        };
        Ok(Self {
            listener,
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

/// What to try where `[::]` was refused because the machine knows no IPv6; with it, `[::]` takes IPv4 as well.
fn without_ipv6(address: SocketAddr, refusal: &io::Error) -> Option<SocketAddr> {
    use io::ErrorKind::{AddrInUse, PermissionDenied};
    let speaks_of_port = matches!(refusal.kind(), AddrInUse | PermissionDenied);
    let is_any = address.ip() == IpAddr::from(Ipv6Addr::UNSPECIFIED);
    (is_any && !speaks_of_port).then(|| (Ipv4Addr::UNSPECIFIED, address.port()).into())
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
        readiness,
        standing_by,
        stop,
        ..
    }): State<Served>,
) -> Response {
    let not_yet = |text: String| (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    if stop.is_cancelled() {
        return not_yet("the operator is ending\n".to_owned());
    }
    if readiness.is_ready() {
        let standing_by = standing_by.load(Ordering::Relaxed);
        return if standing_by {
            "ok: standing by\n"
        } else {
            "ok\n"
        }
        .into_response();
    }
    let waiting = readiness.waiting();
    if waiting.is_empty() {
        return not_yet("the operator is starting\n".to_owned());
    }
    not_yet(format!("not listed yet:\n{}\n", waiting.join("\n")))
}

/// `OpenMetrics` only to who names it: to `*/*` it means nothing, and tools that read the text of Prometheus stumble over it.
fn accepted(headers: &HeaderMap) -> (Format, &'static str) {
    let accepts = headers.get_all(ACCEPT).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.contains("application/openmetrics-text"))
    });
    if accepts {
        (Format::OpenMetrics, OPEN_METRICS)
    } else {
        (Format::Prometheus, PROMETHEUS_TEXT)
    }
}

async fn metrics(State(Served { metrics, .. }): State<Served>, headers: HeaderMap) -> Response {
    let (format, content_type) = accepted(&headers);
    match metrics.text(format) {
        Ok(text) => ([(CONTENT_TYPE, content_type)], text).into_response(),
        Err(error) => {
            warn!(%error, "The metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// EAFNOSUPPORT of Linux: a kernel that was started with ipv6.disable=1.
    const NO_IPV6: i32 = 97;

    /// EADDRINUSE of Linux.
    const IN_USE: i32 = 98;

    #[rstest]
    #[case::all_addresses("[::]:8080", NO_IPV6, Some("0.0.0.0:8080"))]
    #[case::a_port_that_is_taken("[::]:8080", IN_USE, None)]
    #[case::one_address("[2001:db8::1]:8080", NO_IPV6, None)]
    #[case::all_of_version_4("0.0.0.0:8080", NO_IPV6, None)]
    fn without_ipv6_all_addresses_are_those_of_ipv4(
        #[case] address: &str,
        #[case] refusal: i32,
        #[case] instead: Option<&str>,
    ) {
        let refusal = io::Error::from_raw_os_error(refusal);
        let instead = instead.map(|instead| instead.parse().unwrap());
        assert_eq!(without_ipv6(address.parse().unwrap(), &refusal), instead);
    }
}
