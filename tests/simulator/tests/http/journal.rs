//! The journal: what it says of a call, and what it never says.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use xopero_simulator::{Answer, Edit, Endpoint, Options, Simulator, journal::Kind};

use crate::client::{Client, EMAIL, PASSWORD, pair, start, world};

#[tokio::test]
async fn a_call_is_written_down_with_its_targets_its_answer_and_its_effect() {
    let (simulator, client) = start(world()).await;
    client
        .call(
            Endpoint::AttachRepository,
            pair(&simulator, "nightly", "web"),
        )
        .await;
    let entry = simulator.journal().pop().unwrap();
    assert_eq!(
        (entry.endpoint, entry.path.as_str()),
        (
            Some(Endpoint::AttachRepository),
            "/plans/attachgitrepository"
        )
    );
    let targets: Vec<_> = entry
        .targets
        .iter()
        .map(|target| (target.kind, target.name.as_deref()))
        .collect();
    assert_eq!(
        targets,
        [
            (Kind::Plan, Some("nightly")),
            (Kind::Repository, Some("web"))
        ]
    );
    assert_eq!(
        entry.repositories(),
        [simulator.repository_id("acme", "web").unwrap()]
    );
    assert_eq!(
        (entry.user.as_deref(), entry.authorization),
        (Some(EMAIL), true)
    );
    assert_eq!(
        (entry.status(), entry.changes, entry.in_flight),
        (Some(200), 1, 1)
    );
    assert!(entry.names("web") && entry.names("nightly") && !entry.names("api"));
}

#[tokio::test]
async fn no_password_and_no_token_stands_in_it_or_in_debug_output() {
    let (simulator, client) = start(world()).await;
    client.login(EMAIL, PASSWORD).await;
    client
        .call(
            Endpoint::ListOrganizations,
            json!({"accessToken": client.token()}),
        )
        .await;
    let journal = serde_json::to_string(&simulator.journal()).unwrap();
    let debug = format!("{simulator:?}");
    for text in [journal, debug] {
        assert!(
            !text.contains(PASSWORD) && !text.contains(client.token()),
            "{text}"
        );
    }
}

#[tokio::test]
async fn numbers_grow_over_clearings_and_may_be_shared_between_servers() {
    let sequence = Arc::default();
    let start = || {
        let sequence = Some(Arc::clone(&sequence));
        Simulator::start_with(
            world(),
            Options {
                sequence,
                ..Options::default()
            },
        )
        .unwrap()
    };
    let (one, other) = (start(), start());
    Client::signed_in(&one).await;
    let client = Client::signed_in(&other).await;
    one.clear_journal();
    Client::signed_in(&one).await;
    client.call(Endpoint::ListOrganizations, json!({})).await;
    let numbers = |simulator: &Simulator| -> Vec<u64> {
        simulator
            .journal()
            .iter()
            .map(|entry| entry.number)
            .collect()
    };
    assert_eq!((numbers(&one), numbers(&other)), (vec![3], vec![2, 4]));
    assert_eq!(other.journal_since(2).len(), 1);
    assert_eq!(other.last_number(), 4);
}

#[tokio::test]
async fn calls_side_by_side_are_counted_and_logins_side_by_side_are_seen() {
    let (simulator, client) = start(world()).await;
    let answer_time = Duration::from_millis(200);
    simulator.edit(Edit::SetAnswerTime { answer_time }).unwrap();
    let begin = std::time::Instant::now();
    tokio::join!(
        client.login(EMAIL, PASSWORD),
        client.login(EMAIL, PASSWORD),
        client.call(Endpoint::ListOrganizations, json!({})),
    );
    assert!(
        begin.elapsed() >= answer_time && begin.elapsed() < answer_time * 3,
        "one beside the other"
    );
    let summary = simulator.summary();
    assert_eq!((summary.calls, summary.most_in_flight), (3, 3));
    assert_eq!(
        (
            summary.logins,
            summary.logins_beside_another,
            summary.writes
        ),
        (2, 1, 0)
    );
}

#[tokio::test]
async fn a_path_that_is_no_endpoint_is_written_down_too() {
    let (simulator, client) = start(world()).await;
    let answer = client
        .send(reqwest::Method::POST, "/v1/plans", "{}".to_owned())
        .await;
    assert_eq!(answer.status, 404);
    let answer = client
        .send(reqwest::Method::GET, "/account/login", String::new())
        .await;
    assert_eq!(answer.status, 405);
    let entries = simulator.journal();
    let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, ["/v1/plans", "/account/login"]);
    assert!(entries.iter().all(|entry| entry.endpoint.is_none()));
}

#[tokio::test]
async fn a_caller_that_goes_away_is_seen() {
    let (simulator, client) = start(world()).await;
    simulator
        .edit(Edit::SetAnswerTime {
            answer_time: Duration::from_mins(1),
        })
        .unwrap();
    let call = client.call(Endpoint::ListOrganizations, json!({}));
    assert!(
        tokio::time::timeout(Duration::from_millis(100), call)
            .await
            .is_err()
    );
    let patience = std::time::Instant::now() + Duration::from_secs(20);
    while simulator.journal().pop().unwrap().answer != Answer::Abandoned {
        assert!(
            std::time::Instant::now() < patience,
            "{:?}",
            simulator.journal()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
