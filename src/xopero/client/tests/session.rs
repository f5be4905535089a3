//! Promise 6 and rule 28: one token and few logins.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::join_all;

use super::*;
use crate::xopero::{Class, Reason};

/// Accepts one token only.
fn only(token: &'static str) -> impl Fn(&Call) -> Reply + Send + Sync + 'static {
    move |call| {
        if call.token.as_deref() == Some(token) {
            no_organizations()
        } else {
            Reply::status(401)
        }
    }
}

#[tokio::test]
async fn fifty_callers_share_one_login() {
    let server = Server::with(|_| no_organizations().after(Duration::from_millis(2))).await;
    let client = client(&server);
    let results = join_all((0..50).map(|_| client.organizations())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.logins(), 1);
    assert!(
        server
            .others()
            .iter()
            .all(|call| call.token.as_deref() == Some("token-1"))
    );
    assert_eq!(
        server.calls()[0].body,
        serde_json::json!({"email": EMAIL, "password": PASSWORD, "rememberMe": true})
    );
    assert!(
        server
            .calls()
            .iter()
            .all(|call| call.header("user-agent")[0].starts_with("xopero-operator/"))
    );
}

#[tokio::test]
async fn fifty_callers_with_a_refused_token_share_one_new_login() {
    let server = Server::with(only("token-2")).await;
    let client = client(&server);
    let results = join_all((0..50).map(|_| client.organizations())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.logins(), 2);
}

#[tokio::test]
async fn a_write_is_sent_again_after_a_401_because_it_did_not_happen() {
    let server = Server::with(only("token-2")).await;
    let client = client(&server);
    client
        .attach_repository(plan(), repository())
        .await
        .unwrap();
    assert_eq!((server.logins(), server.others().len()), (2, 2));
}

#[tokio::test]
async fn tokens_that_do_not_last_do_not_make_a_flood_of_logins() {
    // Another program signs in with the same account all the time: each token serves once.
    let server = Server::with(|call| {
        if call.before.is_multiple_of(2) {
            Reply::status(401)
        } else {
            no_organizations()
        }
    })
    .await;
    let client = client(&server);
    let mut last = client.organizations().await;
    for _ in 1..12 {
        last = client.organizations().await;
    }
    let error = last.unwrap_err();
    assert_eq!(error.class(), (Class::Transient, Reason::ApiUnavailable));
    assert!(error.retry_after().unwrap() <= Duration::from_mins(1));
    assert_eq!(server.logins(), 10);
}

fn jwt(life: u64) -> String {
    format!(
        "a.{}.b",
        URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":1000,"exp":{}}}"#, 1000 + life))
    )
}

/// Lets time pass for our own timers, and for them alone.
pub(super) async fn pass_time(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends_and_not_earlier() {
    let server = Server::with_login(
        |_| Reply::json(&format!(r#"{{"accessToken":"{}"}}"#, jwt(3600))),
        |_| no_organizations(),
    )
    .await;
    let client = client(&server);
    client.organizations().await.unwrap();
    pass_time(Duration::from_mins(53)).await;
    client.organizations().await.unwrap();
    assert_eq!(server.logins(), 1);
    pass_time(Duration::from_mins(2)).await;
    client.organizations().await.unwrap();
    assert_eq!(server.logins(), 2);
}

#[tokio::test]
async fn a_renewal_that_fails_does_no_harm_while_the_token_serves() {
    let login = |call: &Call| {
        if call.before == 0 {
            Reply::json(&format!(r#"{{"accessToken":"{}"}}"#, jwt(3600)))
        } else {
            Reply::status(500)
        }
    };
    let server = Server::with_login(login, |_| no_organizations()).await;
    let client = client(&server);
    client.organizations().await.unwrap();
    pass_time(Duration::from_mins(55)).await;
    client.organizations().await.unwrap();
    client.organizations().await.unwrap();
    assert_eq!(server.logins(), 2);
    pass_time(Duration::from_mins(6)).await;
    assert_eq!(
        client.organizations().await.unwrap_err().class().1,
        Reason::ApiUnavailable
    );
}

#[tokio::test]
async fn the_login_counts_among_the_requests_in_flight_and_cannot_block_itself() {
    let server = Server::with(|_| no_organizations()).await;
    let client = client_with(
        &server,
        Surroundings {
            budget: Arc::new(Budget::new(10_000, 1)),
            ..surroundings()
        },
    );
    let results = join_all((0..10).map(|_| client.organizations())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.peak(), 1);
}

#[tokio::test]
async fn every_request_is_told_to_the_observer() {
    let server = Server::with(only("token-2")).await;
    let seen: Arc<std::sync::Mutex<Vec<_>>> = Arc::default();
    let told = Arc::new(AtomicUsize::new(0));
    let hooks = Hooks {
        observer: {
            let (seen, told) = (Arc::clone(&seen), Arc::clone(&told));
            Arc::new(move |record| {
                told.fetch_add(1, Ordering::SeqCst);
                seen.lock()
                    .unwrap()
                    .push((record.endpoint.as_str(), record.outcome.as_str()));
            })
        },
        ..Hooks::default()
    };
    client_with(
        &server,
        Surroundings {
            hooks,
            ..surroundings()
        },
    )
    .organizations()
    .await
    .unwrap();
    assert_eq!(told.load(Ordering::SeqCst), 4);
    assert_eq!(
        *seen.lock().unwrap(),
        [
            ("login", "succeeded"),
            ("organizations", "unauthorized"),
            ("login", "succeeded"),
            ("organizations", "succeeded")
        ]
    );
}
