//! Every fault but those of listings.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;
use xopero_simulator::{
    Answer, Effect, Endpoint, Fault, Simulator,
    faults::{Late, LateReply, Status},
};

use crate::client::{Client, EMAIL, PASSWORD, pair, repositories, start, world};

const ATTACH: Endpoint = Endpoint::AttachRepository;

async fn attach(simulator: &Simulator, client: &Client) -> Result<u16, reqwest::Error> {
    let body = pair(simulator, "nightly", "web");
    client
        .try_call(ATTACH, body)
        .await
        .map(|answer| answer.status)
}

fn is_attached(simulator: &Simulator) -> bool {
    simulator.repository("acme", "web").unwrap().plans == ["nightly"]
}

#[tokio::test]
async fn before_closes_the_connection_and_applies_nothing() {
    let (simulator, client) = start(world()).await;
    let fault = simulator.inject(Fault::on(ATTACH, Effect::Before));
    assert!(attach(&simulator, &client).await.unwrap_err().is_request());
    assert!(!is_attached(&simulator));
    assert_eq!(simulator.firings(fault), 1);
    let entry = simulator.journal().pop().unwrap();
    assert_eq!(
        (entry.answer, entry.changes, entry.fault),
        (Answer::Closed, 0, Some(fault))
    );
    assert_eq!(attach(&simulator, &client).await.unwrap(), 200, "once");
}

#[tokio::test]
async fn lost_closes_the_connection_after_it_is_applied() {
    let (simulator, client) = start(world()).await;
    simulator.inject(Fault::on(ATTACH, Effect::Lost));
    assert!(attach(&simulator, &client).await.is_err());
    assert!(is_attached(&simulator));
    let entry = simulator.journal().pop().unwrap();
    assert_eq!((entry.answer, entry.changes), (Answer::Closed, 1));
}

#[tokio::test]
async fn late_applies_after_more_calls_whatever_the_caller_saw() {
    for (reply, status) in [
        (LateReply::None, None),
        (LateReply::Success, Some(200)),
        (LateReply::GatewayTimeout, Some(504)),
    ] {
        let (simulator, client) = start(world()).await;
        let late = Late {
            calls: 2,
            of: Some(Endpoint::ListRepositories),
            reply,
        };
        simulator.inject(Fault::on(ATTACH, late));
        assert_eq!(attach(&simulator, &client).await.ok(), status);
        let acme = simulator.organization_id("acme").unwrap();
        let first = client.row(acme, "web").await;
        client.call(Endpoint::ListOrganizations, json!({})).await;
        let second = client.row(acme, "web").await;
        assert_eq!(
            (first["plans"].clone(), second["plans"].clone()),
            (json!([]), json!([]))
        );
        assert_eq!(client.row(acme, "web").await["plans"][0]["name"], "nightly");
        let entries = simulator.journal();
        let (write, cause) = (entries.first().unwrap(), entries.get(3).unwrap());
        assert_eq!(
            (write.changes, write.applied_after),
            (1, Some(cause.number))
        );
    }
}

#[tokio::test]
async fn twice_applies_twice_and_answers_the_second() {
    let (simulator, client) = start(world()).await;
    let mut dialect = simulator.dialect();
    dialect.double_attach = xopero_simulator::dialect::Repeat::Conflict;
    simulator.set_dialect(dialect).unwrap();
    simulator.inject(Fault::on(ATTACH, Effect::Twice));
    assert_eq!(attach(&simulator, &client).await.unwrap(), 409);
    assert!(is_attached(&simulator));
    assert_eq!(simulator.journal().pop().unwrap().changes, 1);
}

#[tokio::test]
async fn a_status_may_say_when_to_come_back_in_seconds_or_as_a_date() {
    let (simulator, client) = start(world()).await;
    let body = pair(&simulator, "nightly", "web");
    simulator.inject(Fault::on(ATTACH, Status::code(503)));
    simulator.inject(Fault::on(ATTACH, Status::code(429).retry_after_seconds(7)).nth(2));
    simulator.inject(Fault::on(ATTACH, Status::code(503).retry_after_date_in(60)).nth(3));
    simulator.inject(Fault::on(ATTACH, Status::code(502).html().applied()).nth(4));
    let bare = client.call(ATTACH, body.clone()).await;
    assert_eq!(
        (
            bare.status,
            bare.text.as_str(),
            bare.headers.get("retry-after")
        ),
        (503, "", None)
    );
    let seconds = client.call(ATTACH, body.clone()).await;
    assert_eq!((seconds.status, seconds.header("retry-after")), (429, "7"));
    let date = client.call(ATTACH, body.clone()).await;
    let when = httpdate::parse_http_date(date.header("retry-after")).unwrap();
    let wait = when.duration_since(std::time::SystemTime::now()).unwrap();
    assert!(wait > Duration::from_secs(30) && wait <= Duration::from_mins(1));
    assert!(!is_attached(&simulator));
    let applied = client.call(ATTACH, body).await;
    assert_eq!(
        (applied.status, applied.header("content-type")),
        (502, "text/html")
    );
    assert!(is_attached(&simulator));
}

#[tokio::test]
async fn html_comes_with_200_and_applies_nothing() {
    let (simulator, client) = start(world()).await;
    simulator.inject(Fault::on(ATTACH, Effect::Html));
    let answer = client
        .call(ATTACH, pair(&simulator, "nightly", "web"))
        .await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "text/html")
    );
    assert!(answer.text.starts_with("<!DOCTYPE html>") && !is_attached(&simulator));
}

#[tokio::test]
async fn bodies_may_be_empty_truncated_of_another_type_or_without_rows() {
    let (simulator, client) = start(world()).await;
    let acme = simulator.organization_id("acme").unwrap();
    let whole = client.page(acme, 2, 1).await.text;
    let list = Endpoint::ListRepositories;
    for (effect, text) in [
        (Effect::Empty, String::new()),
        (
            Effect::Truncated,
            whole.chars().take(whole.len() / 2).collect(),
        ),
        (
            Effect::WrongType(json!({"result": 7})),
            r#"{"result":7}"#.to_owned(),
        ),
        (Effect::NullResult, r#"{"result":null}"#.to_owned()),
    ] {
        simulator.inject(Fault::on(list, effect));
        let answer = client.page(acme, 2, 1).await;
        assert_eq!((answer.status, answer.text), (200, text));
    }
    simulator.inject(Fault::on(ATTACH, Effect::Truncated));
    assert_eq!(
        client
            .call(ATTACH, pair(&simulator, "nightly", "web"))
            .await
            .text,
        "{"
    );
    assert!(is_attached(&simulator));
}

#[tokio::test]
async fn slow_answers_come_late_and_are_applied_at_once_or_at_the_end() {
    let (simulator, client) = start(world()).await;
    let delay = Duration::from_millis(150);
    for (effect, applied_at_once) in [
        (Effect::Slow(delay), true),
        (Effect::SlowBefore(delay), false),
    ] {
        simulator.inject(Fault::on(ATTACH, effect));
        let begin = Instant::now();
        let (answer, at_once) = tokio::join!(attach(&simulator, &client), async {
            while simulator.journal().is_empty() {
                tokio::task::yield_now().await;
            }
            is_attached(&simulator)
        });
        assert_eq!((answer.unwrap(), begin.elapsed() >= delay), (200, true));
        assert_eq!(at_once, applied_at_once);
        assert!(is_attached(&simulator));
        simulator.detach("acme", "nightly", "web").unwrap();
        simulator.clear_journal();
    }
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_prevent_what_is_applied_at_the_end() {
    let (simulator, client) = start(world()).await;
    simulator.inject(Fault::on(
        ATTACH,
        Effect::SlowBefore(Duration::from_millis(200)),
    ));
    let impatient =
        tokio::time::timeout(Duration::from_millis(50), attach(&simulator, &client)).await;
    assert!(impatient.is_err());
    let patience = Instant::now() + Duration::from_secs(20);
    while !is_attached(&simulator) {
        assert!(Instant::now() < patience, "it was never applied");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(simulator.journal().pop().unwrap().answer, Answer::Abandoned);
}

#[tokio::test]
async fn a_dripping_body_comes_whole_in_the_end() {
    let (simulator, client) = start(world()).await;
    let acme = simulator.organization_id("acme").unwrap();
    let whole = client.page(acme, 1, 1).await.text;
    simulator.inject(Fault::on(
        Endpoint::ListRepositories,
        Effect::Drip(Duration::from_millis(1)),
    ));
    let begin = Instant::now();
    let dripped = client.page(acme, 1, 1).await.text;
    assert_eq!(dripped, whole);
    assert!(begin.elapsed() >= Duration::from_millis(u64::try_from(whole.len()).unwrap()));
}

#[tokio::test]
async fn a_reset_in_the_body_is_no_end_of_it() {
    let (simulator, client) = start(world()).await;
    simulator.inject(Fault::on(Endpoint::ListRepositories, Effect::ResetInBody));
    let acme = json!({"organizationId": simulator.organization_id("acme").unwrap()});
    let error = client
        .try_call(Endpoint::ListRepositories, acme)
        .await
        .unwrap_err();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    simulator.inject(Fault::on(ATTACH, Effect::ResetInBody));
    assert!(attach(&simulator, &client).await.is_err());
    assert!(is_attached(&simulator));
}

#[test]
fn a_reset_reaches_the_socket_as_a_reset_after_half_of_the_body() {
    let state = world().fault(Fault::on(Endpoint::Login, Effect::ResetInBody));
    let simulator = Simulator::start(state).unwrap();
    let mut socket = TcpStream::connect(simulator.address()).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let body = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    let head = "POST /account/login HTTP/1.1\r\nHost: x\r\nContent-Length:";
    write!(socket, "{head} {}\r\n\r\n{body}", body.len()).unwrap();
    let mut received = Vec::new();
    let error = socket.read_to_end(&mut received).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let received = String::from_utf8(received).unwrap();
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert_eq!(body.len(), length.parse::<usize>().unwrap().div_ceil(2));
}

#[tokio::test]
async fn a_redirect_leads_to_the_same_path_of_another_host() {
    let (simulator, client) = start(world()).await;
    let other = Simulator::start(world()).unwrap();
    simulator.inject(Fault::on(ATTACH, Effect::Redirect(other.url())));
    let answer = client
        .call(ATTACH, pair(&simulator, "nightly", "web"))
        .await;
    assert_eq!(answer.status, 307);
    assert_eq!(
        answer.header("location"),
        format!("{}{}", other.url(), ATTACH.path())
    );
    assert!(!is_attached(&simulator) && other.journal().is_empty());
}

#[tokio::test]
async fn a_fault_meets_its_target_its_call_and_no_other_and_ends_when_healed() {
    let (simulator, client) = start(world()).await;
    let by_name = simulator.inject(
        Fault::on(Endpoint::Activate, Status::code(500))
            .target("web")
            .nth(2)
            .until_healed(),
    );
    let plan = simulator.plan_id("acme", "weekly").unwrap().to_string();
    let by_id = simulator.inject(Fault::on_any(Status::code(502)).target(plan));
    let status = async |endpoint, body| client.call(endpoint, body).await.status;
    let web = || repositories(&simulator, &["docs", "web"]);
    assert_eq!(
        status(Endpoint::Activate, repositories(&simulator, &["docs"])).await,
        200
    );
    assert_eq!(status(Endpoint::Activate, web()).await, 200, "the first");
    assert_eq!(
        status(Endpoint::Deactivate, web()).await,
        200,
        "another endpoint"
    );
    assert_eq!(status(Endpoint::Activate, web()).await, 500);
    assert_eq!(status(Endpoint::Activate, web()).await, 500);
    assert!(simulator.heal(by_name));
    assert_eq!(status(Endpoint::Activate, web()).await, 200);
    assert_eq!(status(ATTACH, pair(&simulator, "weekly", "web")).await, 502);
    assert_eq!(status(ATTACH, pair(&simulator, "weekly", "web")).await, 200);
    assert_eq!(
        (simulator.firings(by_name), simulator.firings(by_id)),
        (2, 1)
    );
    let first = simulator.faults().into_iter().next().unwrap();
    assert_eq!((first.seen, first.healed), (3, true));
}

#[tokio::test]
async fn faults_meet_every_endpoint() {
    let (simulator, client) = start(world()).await;
    for endpoint in Endpoint::ALL {
        let fault = simulator.inject(Fault::on(endpoint, Status::code(418)));
        assert_eq!(
            client.call(endpoint, json!({})).await.status,
            418,
            "{endpoint}"
        );
        assert_eq!(simulator.firings(fault), 1);
    }
}
