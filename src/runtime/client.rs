//! The client of the API server.

use std::time::Duration;

use axum::http::{HeaderValue, Request, header::USER_AGENT};
use kube::{
    Client, Config,
    client::{Body, ClientBuilder, retry::RetryPolicy},
    config::InferConfigError,
};
use thiserror::Error;
use tower::{
    BoxError, buffer::BufferLayer, filter::FilterLayer, retry::RetryLayer, timeout::TimeoutLayer,
};

use super::proxy::{Environment, ProxyError};
use crate::controllers::watches::LONGEST_SILENCE;

/// What the API server's audit log calls this program.
const AGENT: &str = concat!("xopero-operator/", env!("CARGO_PKG_VERSION"));

/// From the first packet to the end of the TLS handshake. A network that drops packets is told apart from a slow API server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an answer may take to begin, retries among it; a watch begins at once, too. Longer than the 15 s for which an API
/// server that is short of seats lets a request wait.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a connection may be silent within an answer. Only what kube did not give up before ends here.
const SILENCE_TIMEOUT: Duration = LONGEST_SILENCE.saturating_add(Duration::from_secs(5));

/// Requests that may be on their way into the client at one time: as many as kube's own queue takes.
const QUEUE: usize = 1024;

/// Why there is no client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Nothing says where the API server is.
    #[error(
        "no API server is configured ({0}); run in a pod with a service account, or set KUBECONFIG"
    )]
    // No source: its text has those of its own already.
    Config(Box<InferConfigError>),
    /// The environment names a proxy that cannot be one.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// What is configured cannot be used.
    #[error("the API server that is configured cannot be used")]
    Client(#[source] Box<kube::Error>),
}

/// Nothing was sent, as another replica may lead by now.
#[derive(Debug, Error)]
#[error(
    "the Lease has run out, so nothing is written to the API server; another replica may write"
)]
struct NotLeading;

/// A client as the environment configures it, proxies among it, which writes for as long as it may. Nothing is sent yet.
///
/// # Errors
/// If nothing is configured, or a certificate or an address in it cannot be used.
pub(super) async fn connect(
    may_write: impl Fn() -> bool + Clone + Send + Sync + 'static,
) -> Result<Client, ClientError> {
    from_config(configured().await?, may_write)
}

/// A client for the Lease: it repeats nothing by itself, as the elector knows better how long that is of use.
///
/// # Errors
/// As [`connect()`].
pub(super) async fn connect_for_lease() -> Result<Client, ClientError> {
    let client = ClientBuilder::try_from(unrepeated(configured().await?))
        .map_err(unusable)?
        .with_layer(&TimeoutLayer::new(ANSWER_TIMEOUT));
    Ok(client.build())
}

async fn configured() -> Result<Config, ClientError> {
    let mut config = Config::infer()
        .await
        .map_err(|error| ClientError::Config(Box::new(error)))?;
    config.proxy_url = Environment::read().proxy(config.proxy_url, &config.cluster_url)?;
    Ok(config)
}

fn from_config(
    config: Config,
    may_write: impl Fn() -> bool + Clone + Send + Sync + 'static,
) -> Result<Client, ClientError> {
    // Beneath what repeats: a write that the API server had no time for may come up again when another replica leads.
    let gated = ClientBuilder::try_from(unrepeated(config))
        .map_err(unusable)?
        .with_layer(&BufferLayer::new(QUEUE))
        .with_layer(&FilterLayer::new(move |request: Request<Body>| {
            if request.method().is_safe() || may_write() {
                Ok(request)
            } else {
                Err(BoxError::from(NotLeading))
            }
        }));
    // No limit of our own on the rate: the API server has its own, and says when to come again.
    let client = gated
        .with_layer(&RetryLayer::new(RetryPolicy::server_retry()))
        .with_layer(&TimeoutLayer::new(ANSWER_TIMEOUT));
    Ok(client.build())
}

/// Of a client that sends each request once.
fn unrepeated(mut config: Config) -> Config {
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    config.read_timeout = Some(SILENCE_TIMEOUT);
    // Else the time counts from the end of the answer before.
    config.reset_reader_on_write = true;
    config.default_retry = false;
    config
        .headers
        .push((USER_AGENT, HeaderValue::from_static(AGENT)));
    config
}

fn unusable(error: kube::Error) -> ClientError {
    ClientError::Client(Box::new(error))
}

#[cfg(test)]
mod tests;
