//! Promise 7: a client of a connection and the one that takes its place sign in one after the other, and at one pace.

use tokio_util::task::TaskTracker;

use super::{server::sign_in, *};

/// Long enough that two logins would meet.
const LOGIN: Duration = Duration::from_millis(400);

async fn has_begun_to_sign_in(server: &Server) {
    while server.logins() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_client_waits_for_the_login_of_the_one_whose_place_it_takes() {
    let server =
        Server::with_login(|call| sign_in(call).after(LOGIN), |_| no_organizations()).await;
    let shared = surroundings();
    let old = client_with(&server, shared.clone());
    let new = client_with(&server, shared);
    let first = TaskTracker::new().spawn({
        let old = old.clone();
        async move { old.organizations().await }
    });
    has_begun_to_sign_in(&server).await;
    old.replace();
    new.organizations().await.unwrap();
    first.await.unwrap().unwrap();
    let calls = server.calls();
    let logins: Vec<_> = calls
        .iter()
        .filter(|call| call.path == Endpoint::Login.path())
        .collect();
    assert_eq!(logins.len(), 2);
    let apart = logins[1].at.duration_since(logins[0].at);
    assert!(apart >= LOGIN, "the second login came after {apart:?}");
}

/// Each token serves once, as where another program signs in with the same account.
#[tokio::test]
async fn a_client_signs_in_at_once_and_then_at_the_pace_of_those_before_it() {
    let server = Server::with(|call| {
        if call.before.is_multiple_of(2) {
            Reply::status(401)
        } else {
            no_organizations()
        }
    })
    .await;
    let shared = surroundings();
    for logins in [10, 11, 12] {
        let client = client_with(&server, shared.clone());
        let mut last = client.organizations().await;
        for _ in 1..12 {
            last = client.organizations().await;
        }
        assert!(matches!(last, Err(Error::LoginPaced { .. })), "{last:?}");
        assert_eq!(server.logins(), logins);
        client.replace();
    }
}
