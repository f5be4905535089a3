//! TLS that fails in the middle of the work, the twentieth way in which an answer is bad: every call × its first, second and last
//! request × a handshake that is refused, one that breaks off, and a connection that is cut in the middle of the answer.

use std::sync::Mutex;

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    bad_answers::call,
    tls::{acceptor, authority},
    *,
};
use crate::xopero::{Class, ConnectionFailure, Outcome, Reason};

/// Pages of a listing, and calls of everything else.
const TIMES: usize = 4;
/// A TLS record: the fatal alert `handshake_failure`.
const REFUSAL: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

/// What goes wrong with one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    HandshakeRefused,
    HandshakeCut,
    AnswerCut,
}

impl Break {
    const ALL: [Self; 3] = [Self::HandshakeRefused, Self::HandshakeCut, Self::AnswerCut];

    fn is_this(self, error: &Error) -> bool {
        match self {
            Self::HandshakeRefused => matches!(
                error,
                Error::Connection {
                    failure: ConnectionFailure::Tls,
                    ..
                }
            ),
            Self::HandshakeCut => matches!(error, Error::Connection { .. }),
            Self::AnswerCut => matches!(error, Error::Broken { .. }),
        }
    }

    /// Whether what was asked for is known not to have been done: without a login nothing is.
    fn outcome(self, endpoint: Endpoint) -> Outcome {
        match self {
            Self::HandshakeRefused | Self::HandshakeCut => Outcome::NotDone,
            Self::AnswerCut if endpoint == Endpoint::Login => Outcome::NotDone,
            Self::AnswerCut => Outcome::Unknown,
        }
    }
}

/// A server that takes one request from each connection, so that connections count requests.
struct OneByOne {
    url: String,
    /// The paths asked for, connection by connection; `None` where there was no handshake.
    asked: Arc<Mutex<Vec<Option<String>>>>,
    _tasks: JoinSet<()>,
}

impl OneByOne {
    /// Breaks the connection of that number, from 0.
    async fn start(acceptor: TlsAcceptor, broken: (usize, Break)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let fault = (number == broken.0).then_some(broken.1);
                let path = serve(&acceptor, stream, fault).await;
                log.lock().unwrap().push(path);
            }
        });
        Self {
            url: format!("https://localhost:{port}"),
            asked,
            _tasks: tasks,
        }
    }

    /// How many requests to that path arrived.
    fn arrived(&self, endpoint: Endpoint) -> usize {
        let asked = self.asked.lock().unwrap();
        let paths = asked.iter().flatten();
        paths.filter(|path| *path == endpoint.path()).count()
    }
}

/// The path that was asked for, if it came to that.
async fn serve(
    acceptor: &TlsAcceptor,
    mut stream: TcpStream,
    fault: Option<Break>,
) -> Option<String> {
    if matches!(fault, Some(Break::HandshakeRefused | Break::HandshakeCut)) {
        let mut hello = vec![0; 16 * 1024];
        assert!(stream.read(&mut hello).await.unwrap() > 0);
        if fault == Some(Break::HandshakeRefused) {
            stream.write_all(&REFUSAL).await.unwrap();
        }
        return None;
    }
    let mut stream = acceptor.accept(stream).await.unwrap();
    let (path, body) = request(&mut stream).await;
    let answer = answer(&path, &body).to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    if fault.is_some() {
        let half = answer.get(..answer.len() / 2).unwrap();
        stream.write_all((head + half).as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        // Without the farewell that TLS asks for.
        return Some(path);
    }
    stream.write_all((head + &answer).as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    Some(path)
}

/// The path and the body of what is asked.
async fn request(stream: &mut TlsStream<TcpStream>) -> (String, Value) {
    let mut read = Vec::new();
    loop {
        stream.read_buf(&mut read).await.unwrap();
        let text = String::from_utf8(read.clone()).unwrap();
        let whole = text
            .split_once("\r\n\r\n")
            .and_then(|(head, body)| Some((head, serde_json::from_str(body).ok()?)));
        if let Some((head, body)) = whole {
            return (head.split(' ').nth(1).unwrap().to_owned(), body);
        }
    }
}

/// A token, one row of `TIMES`, each on a page of its own, or that it is accepted.
fn answer(path: &str, body: &Value) -> Value {
    let listings = [
        Endpoint::Organizations,
        Endpoint::Plans,
        Endpoint::Repositories,
    ];
    if !listings.iter().any(|endpoint| endpoint.path() == path) {
        return json!({ "status": "accepted", "accessToken": "token-1" });
    }
    let page = body["page"].as_u64().unwrap_or(1);
    json!({
        "result": [{
            "id": format!("00000000-0000-0000-0000-00000000000{page}"), "name": format!("row-{page}"), "driver": 1,
            "organizationId": "00000000-0000-0000-0000-00000000000c", "hasLicence": true, "isRemoved": false,
            "projectId": null, "plans": [],
        }],
        "currentPage": page, "pageCount": TIMES, "totalEntries": TIMES,
    })
}

fn is_listing(endpoint: Endpoint) -> bool {
    !endpoint.is_write() && endpoint != Endpoint::Login
}

/// The connection that carries that request of an endpoint, both from 0: the first is the login's, and each call of `Login` below is
/// one with a listing behind it.
fn connection(endpoint: Endpoint, request: usize) -> usize {
    if endpoint == Endpoint::Login {
        request * (1 + TIMES)
    } else {
        1 + request
    }
}

/// One operation, one of its requests, one way to break. Only a listing is asked for again, so only there nothing is noticed.
async fn cell(
    (acceptor, bundle): (&TlsAcceptor, &str),
    endpoint: Endpoint,
    broken: usize,
    how: Break,
) {
    let place = format!("{endpoint:?} {broken} {how:?}");
    let server = OneByOne::start(acceptor.clone(), (connection(endpoint, broken), how)).await;
    let settings = Settings {
        ca_bundle: Some(bundle.into()),
        timeout: Duration::from_mins(1),
        ..settings(&server.url)
    };
    let one_at_a_time = Surroundings {
        budget: Arc::new(Budget::new(10_000, 1)),
        ..surroundings()
    };
    let client = Client::new(settings, credentials(), one_at_a_time).unwrap();
    let calls = if is_listing(endpoint) { 1 } else { TIMES };
    for number in 0..calls {
        let result = call(&client, endpoint).await;
        if is_listing(endpoint) || number != broken {
            result.unwrap_or_else(|error| panic!("{place}, call {number}: {error}"));
        } else {
            let error = result.expect_err(&place);
            assert_eq!(
                (error.class(), error.outcome()),
                (
                    (Class::Transient, Reason::ApiUnavailable),
                    how.outcome(endpoint)
                ),
                "{place}"
            );
            let cause = if let Error::LoginFailed { because, .. } = &error {
                &**because
            } else {
                &error
            };
            assert!(how.is_this(cause), "{place}: {cause:?}");
            assert_eq!(
                error.retry_after().is_some(),
                endpoint == Endpoint::Login,
                "{place}"
            );
            tokio::time::sleep(error.retry_after().unwrap_or_default()).await;
        }
        if endpoint == Endpoint::Login {
            // As if its token had ended, the next call signs in again.
            let session = &client.inner.session;
            if let Some(ticket) = session
                .ticket(Denial::Call.target(Endpoint::Organizations))
                .unwrap()
            {
                session.expire(ticket.generation);
            }
        }
    }
    // An answer that was cut was asked for: a listing asks again, and nothing else does.
    let unheard = usize::from(how != Break::AnswerCut);
    let repeated = usize::from(is_listing(endpoint));
    assert_eq!(
        server.arrived(endpoint),
        TIMES - unheard + repeated,
        "{place}"
    );
}

/// 14 operations × 3 requests × 3 ways to break.
#[tokio::test]
async fn tls_that_breaks_in_the_middle_is_told_as_what_it_is_and_harms_one_request() {
    let authority = authority("ours");
    let acceptor = acceptor(&authority, &["localhost"], |_| {});
    let bundle = authority.pem();
    let with = (&acceptor, bundle.as_str());
    let cells = Endpoint::ALL.into_iter().flat_map(|endpoint| {
        [0, 1, TIMES - 1]
            .into_iter()
            .flat_map(move |broken| Break::ALL.map(|how| cell(with, endpoint, broken, how)))
    });
    assert_eq!(join_all(cells).await.len(), 14 * 3 * 3);
}
