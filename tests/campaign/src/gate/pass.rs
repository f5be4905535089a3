//! One request on its way through a gate.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{
    HeaderMap, Request, Response, StatusCode,
    body::Incoming,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
};
use serde_json::{Value, json};

use super::{
    Shared, flow,
    forward::{self, of_the_message},
    lock,
    trap::{self, Fault, Position},
    valve::Dead,
    watches,
};
use crate::journal::{
    Answered, Asked, Reached, Side, What,
    kubernetes::{Reference, Verb},
    xopero,
};

/// The connection is closed without an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("cut by a gate")
    }
}

impl std::error::Error for Cut {}

impl From<Dead> for Cut {
    fn from(Dead: Dead) -> Self {
        Self
    }
}

pub(super) type Body = UnsyncBoxBody<Bytes, Cut>;

/// A request that was written down.
#[derive(Debug)]
pub(super) struct Passing {
    pub(super) shared: Arc<Shared>,
    pub(super) process: u32,
    pub(super) number: u64,
    reference: Option<Reference>,
    request: forward::Request,
    /// Whether what is answered holds a secret.
    is_secret: bool,
    /// Whether it is written down how it ended.
    is_over: AtomicBool,
}

impl Drop for Passing {
    /// The operator gave up before there was an answer.
    fn drop(&mut self) {
        if !self.is_over.load(Ordering::SeqCst) {
            self.end(None, Reached::Nothing);
        }
    }
}

pub(super) async fn pass(
    shared: Arc<Shared>,
    process: u32,
    request: Request<Incoming>,
) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    shared.valve.pass(process).await?;
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let metadata_alone = head.headers.get(ACCEPT).is_some_and(|accept| {
        let accept = accept.to_str().unwrap_or_default();
        accept.contains("as=PartialObjectMetadata")
    });
    let is_login = xopero::endpoint(path) == Some(xopero_simulator::Endpoint::Login);
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut asked = Asked {
        side: shared.side,
        method: head.method.to_string(),
        path: path.to_owned(),
        query: query.to_owned(),
        metadata_alone,
        key: String::new(),
        body: Value::Null,
    };
    let reference = (shared.side == Side::Kubernetes).then(|| Reference::of_asked(&asked));
    asked.key = match &reference {
        Some(reference) => reference.key(),
        None => shared.names.key(path, &json),
    };
    if !is_login {
        asked.body = json;
    }
    let fault = trap::spring(&mut lock(&shared.traps), &asked);
    let is_secret = is_login
        || reference
            .as_ref()
            .is_some_and(|reference| reference.resource == "secrets");
    let number = shared.journal.note(process, What::Asked(asked));
    let passing = Passing {
        request: forward::Request {
            method: head.method,
            path_and_query: head
                .uri
                .path_and_query()
                .map_or_else(|| path.to_owned(), ToString::to_string),
            headers: head.headers,
            body,
        },
        shared,
        process,
        number,
        reference,
        is_secret,
        is_over: AtomicBool::new(false),
    };
    passing.under(fault).await
}

/// An answer of the server, read to its end.
struct Whole {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Passing {
    async fn under(self, fault: Option<Fault>) -> Result<Response<Body>, Cut> {
        let valve = &self.shared.valve;
        match fault {
            Some(Fault::Crash(Position::Before)) => {
                valve.shut();
                self.end(None, Reached::Nothing);
                valve.spring(self.process);
                Err(valve.dead(self.process).await.into())
            }
            Some(Fault::Crash(Position::Lost)) => {
                valve.shut();
                // A server that accepts a call and never answers has it all the same.
                drop(self.forwarded(Reached::Nothing).await);
                valve.spring(self.process);
                Err(valve.dead(self.process).await.into())
            }
            Some(Fault::Crash(Position::After)) => {
                let answer = self.forwarded(Reached::Whole).await?;
                valve.shut();
                valve.spring(self.process);
                Ok(response(answer))
            }
            Some(Fault::Answer(status)) => {
                self.end(None, Reached::Another(status));
                refusal(status)
            }
            Some(Fault::LostAnswer(status)) => {
                self.lost(Reached::Another(status)).await?;
                refusal(status)
            }
            Some(Fault::Reset) => {
                self.end(None, Reached::Nothing);
                Err(Cut)
            }
            Some(Fault::Outage | Fault::Blow) => {
                valve.spring(self.process);
                self.late().await
            }
            Some(Fault::Held) if !self.is_watch() => self.late().await,
            Some(Fault::Earlier) => {
                let earlier = self.shared.journal.answered_first(self.number).ok_or(Cut)?;
                let whole = Whole {
                    status: StatusCode::OK,
                    headers: json_headers(),
                    body: earlier.to_string().into(),
                };
                self.end(Some((whole.status, &whole.body)), Reached::Whole);
                Ok(response(whole))
            }
            None | Some(Fault::Gone | Fault::Undecodable | Fault::Close | Fault::Held) => {
                self.through(fault).await
            }
        }
    }

    fn is_watch(&self) -> bool {
        let verb = self.reference.as_ref().map(|reference| reference.verb);
        verb == Some(Verb::Watch)
    }

    /// Passed on; what a watch may meet happens to its lines.
    async fn through(self, fault: Option<Fault>) -> Result<Response<Body>, Cut> {
        if self.is_watch() {
            return watches::begin(self, fault).await;
        }
        if self.shared.side == Side::Xopero {
            return flow::begin(self).await;
        }
        Ok(response(self.forwarded(Reached::Whole).await?))
    }

    /// Passed on once the traps are ended, if the process that asked is still there.
    async fn late(self) -> Result<Response<Body>, Cut> {
        self.shared.healed().await;
        self.shared.valve.pass(self.process).await?;
        self.through(None).await
    }

    /// Asks the server, whose answer is not passed on.
    async fn lost(&self, reached: Reached) -> Result<(), Cut> {
        if !self.is_watch() {
            self.forwarded(reached).await?;
            return Ok(());
        }
        // A watch has no end to wait for.
        let answer = self.asked().await.ok_or(Cut)?;
        self.end(Some((answer.status(), &Bytes::new())), reached);
        Ok(())
    }

    /// Asks the server. What it says is written down.
    async fn forwarded(&self, reached: Reached) -> Result<Whole, Cut> {
        let Some(answer) = self.asked().await else {
            return Err(Cut);
        };
        let (status, headers) = (answer.status(), of_the_message(answer.headers()));
        let Ok(body) = answer.bytes().await else {
            self.end(None, Reached::Nothing);
            return Err(Cut);
        };
        self.end(Some((status, &body)), reached);
        Ok(Whole {
            status,
            headers,
            body,
        })
    }

    /// The head of the server's answer; none if it does not answer, which is written down.
    pub(super) async fn asked(&self) -> Option<reqwest::Response> {
        let asked = self.shared.upstream.ask(&self.request).await;
        if asked.is_err() {
            self.end(None, Reached::Nothing);
        }
        asked.ok()
    }

    /// Writes down how it ended.
    pub(super) fn end(&self, answer: Option<(StatusCode, &Bytes)>, reached: Reached) {
        self.is_over.store(true, Ordering::SeqCst);
        let body = answer
            .filter(|_| !self.is_secret)
            .and_then(|(_, body)| serde_json::from_slice(body).ok());
        let body = match answer {
            // Of a Secret its version is told, which says whether it has changed.
            Some((_, body)) if self.is_secret => version(body),
            Some(_) | None => body.unwrap_or_default(),
        };
        self.shared.journal.note(
            self.process,
            What::Answered(Answered {
                request: self.number,
                status: answer.map(|(status, _)| status.as_u16()),
                body,
                reached,
            }),
        );
    }
}

fn version(body: &Bytes) -> Value {
    let secret: Value = serde_json::from_slice(body).unwrap_or_default();
    match secret.pointer("/metadata/resourceVersion") {
        Some(version) => json!({"metadata": {"resourceVersion": version}}),
        None => Value::Null,
    }
}

fn json_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
}

fn response(whole: Whole) -> Response<Body> {
    let Whole {
        status,
        headers,
        body,
    } = whole;
    let mut response = Response::new(full(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// An answer of the gate's own, in the words of an API server.
fn refusal(code: u16) -> Result<Response<Body>, Cut> {
    let status = StatusCode::from_u16(code).map_err(|_| Cut)?;
    let reason = match code {
        403 => "Forbidden",
        409 => "Conflict",
        410 => "Expired",
        429 => "TooManyRequests",
        500 => "InternalError",
        504 => "Timeout",
        _ => "Unknown",
    };
    let body = json!({
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
        "message": format!("{reason}, says the gate"), "reason": reason, "code": code,
    });
    Ok(response(Whole {
        status,
        headers: json_headers(),
        body: body.to_string().into(),
    }))
}

fn full(body: Bytes) -> Body {
    Full::new(body)
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}
