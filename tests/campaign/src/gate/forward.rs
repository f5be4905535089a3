//! The server behind a gate.

use anyhow::{Context, Result};
use bytes::Bytes;
use hyper::{
    HeaderMap, Method,
    header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
};
use reqwest::{Certificate, Client, redirect::Policy};

/// Where a gate forwards to.
#[derive(Clone, Debug)]
pub struct Upstream {
    client: Client,
    origin: String,
}

/// A request as it reached the gate.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path_and_query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Upstream {
    /// A server at this origin, without a slash at the end; `authority` in PEM if it shows a certificate of one of its own.
    ///
    /// # Errors
    /// If the authority is no certificate.
    pub fn new(origin: &str, authority: Option<&str>) -> Result<Self> {
        // What the server says is for the operator to follow, or not; a gate neither waits nor repeats.
        let mut client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .http1_only();
        if let Some(pem) = authority {
            let certificate = Certificate::from_pem(pem.as_bytes())
                .context("the authority of the server behind a gate is no certificate")?;
            client = client.tls_certs_only([certificate]);
        }
        Ok(Self {
            client: client.build()?,
            origin: origin.to_owned(),
        })
    }

    /// Asks the server, as the operator asked, its token included.
    pub(super) async fn ask(&self, request: &Request) -> reqwest::Result<reqwest::Response> {
        let url = format!("{}{}", self.origin, request.path_and_query);
        self.client
            .request(request.method.clone(), url)
            .headers(of_the_message(&request.headers))
            .body(request.body.clone())
            .send()
            .await
    }
}

/// The headers that belong to the message, and not to one connection.
pub(super) fn of_the_message(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers
}
