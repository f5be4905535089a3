//! Promise 6: a login survives the call that began it, since each may count.

use tokio::time::timeout;

use super::{server::sign_in, *};
use crate::xopero::Reason;

/// How long a login takes here, and after which part of that its call is dropped.
const SLOW: Duration = Duration::from_millis(600);
const SOON: Duration = Duration::from_millis(200);

async fn drop_in_the_midst(client: &Client) {
    let call = timeout(SOON, client.organizations()).await;
    assert!(call.is_err(), "{call:?}");
}

#[tokio::test]
async fn the_token_of_a_login_whose_call_was_dropped_is_used() {
    let slow = |call: &Call| sign_in(call).after(SLOW);
    let server = Server::with_login(slow, |_| no_organizations()).await;
    let client = client(&server);
    drop_in_the_midst(&client).await;
    assert_eq!((server.logins(), server.others().len()), (1, 0));
    // Whoever comes while it is in flight waits for it.
    client.organizations().await.unwrap();
    let token = server.others()[0].token.clone();
    assert_eq!((server.logins(), token.as_deref()), (1, Some("token-1")));
}

#[tokio::test]
async fn the_token_is_kept_for_a_call_that_comes_later() {
    let slow = |call: &Call| sign_in(call).after(SLOW);
    let server = Server::with_login(slow, |_| no_organizations()).await;
    let client = client(&server);
    drop_in_the_midst(&client).await;
    // Nobody asks for it meanwhile.
    tokio::time::sleep(SLOW).await;
    assert!(client.token_times().is_some());
    client.organizations().await.unwrap();
    assert_eq!(server.logins(), 1);
}

#[tokio::test]
async fn that_a_login_was_rejected_is_known_though_its_call_was_dropped() {
    let slow = |_: &Call| Reply::status(401).after(SLOW);
    let server = Server::with_login(slow, |_| no_organizations()).await;
    let client = client(&server);
    drop_in_the_midst(&client).await;
    let error = client.organizations().await.unwrap_err();
    assert_eq!(error.class().1, Reason::LoginRejected);
    assert_eq!(server.logins(), 1);
}

#[tokio::test]
async fn a_page_that_was_read_ahead_in_vain_takes_no_login_with_it() {
    let page = |number: u64| {
        let row = format!(r#"{{"id":"00000000-0000-0000-0000-00000000000{number}","name":"a"}}"#);
        Reply::json(&format!(
            r#"{{"result":[{row}],"currentPage":{number},"pageCount":3,"totalEntries":3}}"#
        ))
    };
    let server = Server::with_login(
        |call| {
            sign_in(call).after(if call.before == 0 {
                Duration::ZERO
            } else {
                SLOW
            })
        },
        move |call| match (call.body["page"].as_u64(), call.token.as_deref()) {
            // What is wrong with it ends the listing while the token is renewed for the third.
            (Some(2), Some("token-1")) => Reply::json("x").after(SOON),
            (Some(3), Some("token-1")) => Reply::status(401),
            (Some(number), _) => page(number),
            (None, _) => Reply::status(400),
        },
    )
    .await;
    let client = client(&server);
    let error = client.organizations().await.unwrap_err();
    assert_eq!(error.class().1, Reason::AnswerNotUnderstood);
    assert_eq!(server.logins(), 2);
    let listed = client.organizations().await.unwrap();
    assert_eq!((listed.rows.len(), server.logins()), (3, 2));
}

#[tokio::test]
async fn a_login_that_nobody_waits_for_ends_by_the_timeout_of_the_client() {
    let silent = |call: &Call| sign_in(call).after(Duration::from_mins(10));
    let server = Server::with_login(silent, |_| no_organizations()).await;
    let settings = Settings {
        timeout: SLOW,
        ..settings(&server.url)
    };
    let client = Client::new(settings, credentials(), surroundings()).unwrap();
    let session = Arc::downgrade(&client.inner.session);
    drop_in_the_midst(&client).await;
    drop(client);
    assert!(session.upgrade().is_some());
    timeout(Duration::from_secs(10), async {
        while session.upgrade().is_some() {
            tokio::time::sleep(SOON).await;
        }
    })
    .await
    .unwrap();
}
