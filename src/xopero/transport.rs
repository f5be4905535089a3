//! One HTTP request and its answer: what is sent where, and what became of it. It knows neither limits nor sessions.

use std::{
    error::Error as StdError,
    io,
    time::{Duration, SystemTime},
};

use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER},
    redirect, retry,
};
use rustls::{CertificateError, crypto::CryptoProvider};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    authorities::Authorities,
    display_name,
    errors::{AnswerDefect, BundleDefect, CertificateDefect, ConnectionFailure, Error},
    origin::Origin,
    retry_after, verifier,
    wire::{self, Body, Endpoint},
};

/// How we present ourselves, so that the server's log tells us from a person.
const USER_AGENT: &str = concat!("xopero-operator/", env!("CARGO_PKG_VERSION"));

/// The longest listing page that is read. A page of 100 rows has some tens of kilobytes.
const LONGEST_PAGE: usize = 16 * 1024 * 1024;

/// The longest answer to anything else that is read.
const LONGEST_ACKNOWLEDGEMENT: usize = 1024 * 1024;

/// How much of an error's body is read (and dropped), so that the connection can be used again.
const DRAINED: usize = 64 * 1024;

/// What an answer without content says, in JSON.
const NOTHING: &[u8] = b"null";

/// How long an idle connection is kept: less than servers and proxies keep theirs, since a request on a connection that
/// the other side is closing is a write of unknown outcome.
const IDLE: Duration = Duration::from_secs(20);

/// How a connection that is dead without saying so is noticed while a request is on it (HTTP/2).
const PING: Duration = Duration::from_secs(5);

/// Makes requests to one server.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    origin: Origin,
    timeout: Duration,
}

impl Transport {
    /// `ca_bundle` is PEM; its certificates are trusted beside `authorities` and the platform's. `timeout` covers a whole
    /// request: from connecting to the last byte of the answer.
    pub(super) fn new(
        origin: Origin,
        ca_bundle: Option<&[u8]>,
        authorities: &Authorities,
        timeout: Duration,
    ) -> Result<Self, Error> {
        // reqwest panics without one.
        let Some(provider) = CryptoProvider::get_default() else {
            return Err(Error::Bundle(BundleDefect::NoProvider));
        };
        let builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            // What may be repeated is decided in one place, by the endpoint.
            .retry(retry::never())
            .https_only(origin.is_https())
            .timeout(timeout)
            // Connecting that takes too long is told apart from an answer that does: then nothing was sent.
            .connect_timeout(timeout / 2)
            .pool_idle_timeout(IDLE)
            .http2_keep_alive_interval(PING)
            .http2_keep_alive_timeout(PING);
        let builder = if origin.is_loopback() {
            builder.no_proxy()
        } else {
            builder
        };
        let own = ca_bundle.map(Authorities::from_pem).transpose()?;
        let authorities = authorities.and(own.unwrap_or_default());
        let builder = if !origin.is_https() {
            // An image without certificates can still talk to itself.
            builder.tls_certs_only([])
        } else if authorities.is_empty() {
            builder
        } else {
            builder.tls_backend_preconfigured(verifier::client_config(authorities, provider)?)
        };
        let http = builder
            .build()
            .map_err(|_| Error::Bundle(BundleDefect::NoRoots))?;
        Ok(Self {
            http,
            origin,
            timeout,
        })
    }

    /// How long one request may take.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// For everything but a 2xx whose body came whole. 401 and 403 are [`Error::Refused`]: what they mean is the caller's
    /// to know.
    pub(super) async fn send(
        &self,
        endpoint: Endpoint,
        body: &Body,
        token: Option<&SecretString>,
    ) -> Result<Vec<u8>, Error> {
        // Without these a server may answer in any form, for example an acknowledgement as plain text.
        let request = self
            .http
            .post(self.origin.at(endpoint))
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "identity")
            .json(body);
        let request = match token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        };
        let mut response = request
            .send()
            .await
            .map_err(|error| failure(endpoint, &error))?;
        match refusal(endpoint, response.status(), response.headers()) {
            Some(error) => {
                drain(&mut response).await;
                Err(error)
            }
            None => read(endpoint, response).await,
        }
    }
}

/// What a status other than 2xx means.
fn refusal(endpoint: Endpoint, status: StatusCode, headers: &HeaderMap) -> Option<Error> {
    let retry_after = || {
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
        // A date is one of the server's clock, so the time now is asked of the same clock where it tells.
        let server = headers
            .get(DATE)
            .and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        retry_after::parse(value, server.unwrap_or_else(SystemTime::now))
    };
    match status.as_u16() {
        200..=299 => None,
        429 => Some(Error::RateLimited {
            endpoint,
            retry_after: retry_after(),
        }),
        503 => Some(Error::Unavailable {
            endpoint,
            retry_after: retry_after(),
        }),
        300..=399 => Some(Error::Redirected {
            endpoint,
            to: redirected_to(headers),
        }),
        // The server gave up on the request, or asks for it again: no refusal of what it says.
        status @ (408 | 425) => Some(Error::Server { endpoint, status }),
        status @ 400..=499 => Some(Error::Refused { endpoint, status }),
        status => Some(Error::Server { endpoint, status }),
    }
}

/// The host of a `Location`, as far as it may be shown.
fn redirected_to(headers: &HeaderMap) -> Option<String> {
    let target = Url::parse(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let mut host = display_name(target.host_str()?);
    // The longest name that DNS knows.
    host.truncate(host.floor_char_boundary(253));
    Some(host)
}

/// Reads a body of 2xx, up to the most that is expected of the endpoint.
async fn read(endpoint: Endpoint, mut response: Response) -> Result<Vec<u8>, Error> {
    let longest = match endpoint {
        Endpoint::Organizations | Endpoint::Plans | Endpoint::Repositories => LONGEST_PAGE,
        Endpoint::Login
        | Endpoint::AttachRepository
        | Endpoint::DetachRepository
        | Endpoint::AttachProject
        | Endpoint::DetachProject
        | Endpoint::ModifyGitPlan
        | Endpoint::ModifyAzurePlan
        | Endpoint::Activate
        | Endpoint::Deactivate
        | Endpoint::Remove
        | Endpoint::Synchronize => LONGEST_ACKNOWLEDGEMENT,
    };
    // 204 says that there is nothing, so nothing was cut short. A login that brings nothing is what it is with any empty body.
    if response.status() == StatusCode::NO_CONTENT && endpoint != Endpoint::Login {
        return Ok(NOTHING.to_vec());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| failure(endpoint, &error))?
    {
        if body.len() + chunk.len() > longest {
            return Err(Error::NotUnderstood {
                endpoint,
                defect: AnswerDefect::TooLong,
            });
        }
        body.extend_from_slice(&chunk);
    }
    // A page that is no JSON is told from broken JSON by its type, too: some begin with blank lines or comments. Some servers call everything
    // HTML.
    let page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let first = wire::without_byte_order_mark(&body).trim_ascii().first();
    if page && first.is_some_and(|first| !b"{[".contains(first)) {
        return Err(Error::NotUnderstood {
            endpoint,
            defect: AnswerDefect::WebPage,
        });
    }
    Ok(body)
}

/// Reads what is left of an answer that says nothing more to us; how that ends makes no difference.
async fn drain(response: &mut Response) {
    let mut left = DRAINED;
    while let Ok(Some(chunk)) = response.chunk().await {
        let Some(rest) = left.checked_sub(chunk.len()) else {
            return;
        };
        left = rest;
    }
}

/// What a request without a whole answer means.
fn failure(endpoint: Endpoint, error: &reqwest::Error) -> Error {
    let chain = || std::iter::successors(error.source(), |cause| inner(*cause));
    if let Some(defect) =
        chain().find_map(|cause| certificate_defect(cause.downcast_ref::<rustls::Error>()?))
    {
        return Error::Certificate { endpoint, defect };
    }
    if error.is_connect() {
        let refused = |cause: &(dyn StdError + 'static)| {
            cause
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        };
        let failure = if error.is_dns() {
            ConnectionFailure::Name
        } else if chain().any(<dyn StdError>::is::<rustls::Error>) {
            ConnectionFailure::Tls
        } else if chain().any(refused) {
            ConnectionFailure::Refused
        } else if error.is_timeout() {
            ConnectionFailure::TimedOut
        } else {
            ConnectionFailure::Other
        };
        return Error::Connection { endpoint, failure };
    }
    if error.is_timeout() {
        Error::TimedOut { endpoint }
    } else {
        Error::Broken { endpoint }
    }
}

/// The cause of an error. An I/O error that wraps another one names that one's cause as its own, and so hides it.
fn inner<'error>(
    error: &'error (dyn StdError + 'static),
) -> Option<&'error (dyn StdError + 'static)> {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// What is wrong with a certificate; rustls' own words hold the time of day. `None` for any other failure of TLS.
fn certificate_defect(error: &rustls::Error) -> Option<CertificateDefect> {
    let rustls::Error::InvalidCertificate(error) = error else {
        return None;
    };
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "rustls has many more, and may add some"
    )]
    Some(match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            CertificateDefect::Expired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            CertificateDefect::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateDefect::OtherName
        }
        CertificateError::UnknownIssuer => CertificateDefect::UnknownIssuer,
        error if verifier::is_of_authority(error) => CertificateDefect::IsAuthority,
        _ => CertificateDefect::Other,
    })
}
