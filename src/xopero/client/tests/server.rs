//! A server on loopback: answers from a function, and remembers what it was asked.

use std::{
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Request, Response, StatusCode},
};
use futures::{StreamExt as _, stream};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet, time::sleep};

/// One request that came.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) path: String,
    pub(super) body: Value,
    /// The bearer token.
    pub(super) token: Option<String>,
    headers: HeaderMap,
    pub(super) at: Instant,
    /// How many came to this path before.
    pub(super) before: usize,
}

/// How it is answered.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    after: Duration,
    ending: Ending,
}

/// What comes after the first half of the body.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Whole,
    Broken,
    Silent,
}

impl Reply {
    pub(super) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            after: Duration::ZERO,
            ending: Ending::Whole,
        }
    }

    pub(super) fn json(body: &str) -> Self {
        Self {
            body: body.into(),
            ..Self::status(200)
        }
        .header("content-type", "application/json")
    }

    pub(super) fn page(body: &str) -> Self {
        Self {
            body: body.into(),
            ..Self::status(200)
        }
        .header("content-type", "text/html; charset=utf-8")
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, body: &str) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }

    /// The connection breaks in the middle of the body.
    pub(super) fn cut(mut self) -> Self {
        self.ending = Ending::Broken;
        self
    }

    /// Nothing more comes after half of the body.
    pub(super) fn stall(mut self) -> Self {
        self.ending = Ending::Silent;
        self
    }
}

type Answer = dyn Fn(&Call) -> Reply + Send + Sync;

struct Shared {
    answer: Box<Answer>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    calls: Vec<Call>,
    under_way: usize,
    peak: usize,
}

pub(super) struct Server {
    pub(super) url: String,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Signs everybody in, with `token-1`, `token-2`, …, and answers other requests by `answer`.
    pub(super) async fn with(answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        Self::with_login(sign_in, answer).await
    }

    pub(super) async fn with_login(
        login: impl Fn(&Call) -> Reply + Send + Sync + 'static,
        answer: impl Fn(&Call) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let answer: Box<Answer> = Box::new(move |call| {
            if call.is_login() {
                login(call)
            } else {
                answer(call)
            }
        });
        let shared = Arc::new(Shared {
            answer,
            seen: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&shared));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            shared,
            _tasks: tasks,
        }
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.shared.seen.lock().unwrap().calls.clone()
    }

    pub(super) fn logins(&self) -> usize {
        self.calls().iter().filter(|call| call.is_login()).count()
    }

    /// Requests that were no logins.
    pub(super) fn others(&self) -> Vec<Call> {
        self.calls()
            .into_iter()
            .filter(|call| !call.is_login())
            .collect()
    }

    /// The most requests that were under way at once.
    pub(super) fn peak(&self) -> usize {
        self.shared.seen.lock().unwrap().peak
    }
}

impl Call {
    /// The value of a header, of each where there are several.
    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    fn is_login(&self) -> bool {
        self.path == "/account/login"
    }
}

/// The usual answer to a login.
pub(super) fn sign_in(call: &Call) -> Reply {
    Reply::json(&login_answer(call))
}

/// What the usual answer to a login says.
pub(super) fn login_answer(call: &Call) -> String {
    let number = call.before + 1;
    format!(r#"{{"userId":"u","accessToken":"token-{number}"}}"#)
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1_000_000).await.unwrap();
    let token = parts.headers.get("authorization");
    let call = {
        let mut seen = shared.seen.lock().unwrap();
        let path = parts.uri.path().to_owned();
        let call = Call {
            before: seen.calls.iter().filter(|call| call.path == path).count(),
            path,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            token: token.and_then(|value| {
                let value = value.to_str().unwrap();
                Some(value.strip_prefix("Bearer ")?.to_owned())
            }),
            headers: parts.headers.clone(),
            at: Instant::now(),
        };
        seen.calls.push(call.clone());
        seen.under_way += 1;
        seen.peak = seen.peak.max(seen.under_way);
        call
    };
    let reply = (shared.answer)(&call);
    sleep(reply.after).await;
    shared.seen.lock().unwrap().under_way -= 1;
    let mut response = Response::builder().status(StatusCode::from_u16(reply.status).unwrap());
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    let body = match reply.ending {
        Ending::Whole => Body::from(reply.body),
        Ending::Broken | Ending::Silent => half(reply.body, reply.ending),
    };
    response.body(body).unwrap()
}

fn half(body: Vec<u8>, ending: Ending) -> Body {
    let body = Bytes::from(body);
    let first = stream::iter([Ok(body.slice(..body.len() / 2))]);
    match ending {
        Ending::Whole | Ending::Silent => {
            Body::from_stream(first.chain(stream::pending::<io::Result<Bytes>>()))
        }
        Ending::Broken => {
            Body::from_stream(first.chain(stream::iter([Err(io::Error::other("cut"))])))
        }
    }
}
