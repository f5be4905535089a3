//! Promise 7: one rate, one number of requests in flight, one `Retry-After` for all callers of a connection.

use std::time::Instant;

use futures::future::join_all;

use super::*;
use crate::xopero::{Class, Outcome, Reason};

#[tokio::test]
async fn requests_in_flight_stay_under_the_limit_across_clients_of_one_connection() {
    let server = Server::with(|_| no_organizations().after(Duration::from_millis(20))).await;
    let budget = Arc::new(Budget::new(10_000, 3));
    let clients = [(); 2].map(|()| {
        client_with(
            &server,
            Surroundings {
                budget: Arc::clone(&budget),
                ..surroundings()
            },
        )
    });
    let results = join_all((0..30).map(|number| clients[number % 2].organizations())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.peak(), 3);
}

#[tokio::test]
async fn requests_keep_the_rate() {
    let server = Server::with(|_| no_organizations()).await;
    let client = client_with(
        &server,
        Surroundings {
            budget: Arc::new(Budget::new(50, 8)),
            ..surroundings()
        },
    );
    let begun = Instant::now();
    join_all((0..10).map(|_| client.organizations())).await;
    // 11 requests, with the login: 10 intervals of 20 ms.
    assert!(
        begun.elapsed() >= Duration::from_millis(200),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_retry_after_is_obeyed_by_all_callers() {
    let server = Server::with(|call| match call.path.as_str() {
        "/git/repositories/activate" => Reply::status(429).header("retry-after", "1"),
        _ => no_organizations(),
    })
    .await;
    let client = client(&server);
    let error = client.activate(&[repository()]).await.unwrap_err();
    assert_eq!(
        (error.class(), error.outcome()),
        ((Class::Waiting, Reason::RateLimited), Outcome::NotDone)
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    let results = join_all((0..5).map(|_| client.organizations())).await;
    assert!(results.iter().all(Result::is_ok));
    let calls = server.others();
    assert_eq!(calls.len(), 6);
    for call in &calls[1..] {
        let waited = call.at.duration_since(calls[0].at);
        assert!(
            waited >= Duration::from_millis(950),
            "sent after {waited:?}"
        );
    }
}

#[tokio::test]
async fn a_long_retry_after_is_told_to_all_callers_and_nothing_is_sent() {
    let server = Server::with(|_| Reply::status(503).header("retry-after", "600")).await;
    let client = client(&server);
    let error = client.activate(&[repository()]).await.unwrap_err();
    assert_eq!(
        (error.class(), error.outcome()),
        ((Class::Transient, Reason::ApiUnavailable), Outcome::NotDone)
    );
    let told = error.to_string();
    for _ in 0..3 {
        let error = client
            .attach_repository(plan(), repository())
            .await
            .unwrap_err();
        // The same words as those of the answer, or a resource would say now this and now that.
        assert_eq!(
            (error.class(), error.outcome()),
            ((Class::Transient, Reason::ApiUnavailable), Outcome::NotDone)
        );
        assert_eq!(error.to_string(), told);
        assert!(error.retry_after().unwrap() > Duration::from_secs(590));
        assert!(
            !error
                .to_string()
                .contains(|character: char| character.is_ascii_digit()),
            "a moving number: {error}"
        );
    }
    assert_eq!(server.others().len(), 1);
}

#[tokio::test]
async fn a_date_as_retry_after_is_one_of_the_servers_clock() {
    // The server's clock is far behind ours.
    let server = Server::with(|_| {
        Reply::status(429)
            .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
            .header("retry-after", "Sun, 06 Nov 1994 08:59:37 GMT")
    })
    .await;
    let error = client(&server).activate(&[repository()]).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_mins(10)));
}
