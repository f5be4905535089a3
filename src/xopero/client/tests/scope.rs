//! Whether listings are of the organization asked for, where their rows do not say so; rules 8 and 39.

use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;
use serde_json::json;

use super::{
    listing::{organization, row},
    *,
};
use crate::xopero::ScopeProbe;

#[rstest]
#[case::no_row(
    Reply::json(r#"{"result":[],"totalEntries":0}"#),
    Some(ScopeProbe::Scoped)
)]
#[case::no_list(
    Reply::json(r#"{"result":null,"totalEntries":0}"#),
    Some(ScopeProbe::Scoped)
)]
#[case::no_content(Reply::status(204), Some(ScopeProbe::Scoped))]
#[case::an_empty_body(Reply::status(200), None)]
#[case::no_row_of_many(Reply::json(r#"{"result":[],"totalEntries":700}"#), None)]
#[case::a_row(Reply::json(&json!({"result": [row(1)], "totalEntries": 700}).to_string()), Some(ScopeProbe::NotScoped))]
#[case::not_found(Reply::status(404), Some(ScopeProbe::Scoped))]
#[case::bad_request(Reply::status(400), Some(ScopeProbe::Scoped))]
#[case::forbidden(Reply::status(403), Some(ScopeProbe::Scoped))]
#[case::unauthorized(Reply::status(401), None)]
#[case::server_error(Reply::status(500), None)]
#[case::too_many(Reply::status(429).header("retry-after", "600"), None)]
#[case::web_page(Reply::page("<html>"), None)]
#[tokio::test]
async fn an_organization_that_does_not_exist_shows_whether_listings_are_scoped(
    #[case] reply: Reply,
    #[case] expected: Option<ScopeProbe>,
) {
    let server = Server::with(move |_| reply.clone()).await;
    let client = client(&server);
    assert_eq!(
        client.repositories_of_nobody(organization()).await.ok(),
        expected
    );
    assert_eq!(server.others()[0].body["limit"], 1);
    assert_ne!(
        server.others()[0].body["organizationId"],
        organization().to_string()
    );
    // Whatever it was answered, listing repositories is not held to be forbidden.
    assert_eq!(client.remembered(), Remembered::default());
}

/// A server that fails about an organization that does not exist may also just fail. Each answer here is given three times:
/// a page is asked for again when the server is in trouble.
#[rstest]
#[case::its_own(&[500, 500, 500], 200, &[500, 500, 500], Some(ScopeProbe::Scoped))]
#[case::of_its_gateway(&[502, 502, 502], 200, &[504, 504, 504], Some(ScopeProbe::Scoped))]
#[case::passing_and_then_no_row(&[500, 500, 500], 200, &[204], Some(ScopeProbe::Scoped))]
#[case::passing_and_then_refused(&[500, 500, 500], 200, &[404], Some(ScopeProbe::Scoped))]
#[case::passing_and_then_a_row(&[500, 500, 500], 200, &[200], Some(ScopeProbe::NotScoped))]
#[case::of_every_request(&[500, 500, 500], 500, &[500, 500, 500], None)]
#[case::not_available(&[503, 503, 503], 200, &[503, 503, 503], None)]
#[case::failing_and_then_not_available(&[500, 500, 500], 200, &[503, 503, 503], None)]
#[tokio::test]
async fn failing_about_nobody_is_proof_only_where_it_answers_about_somebody_meanwhile(
    #[case] first: &'static [u16],
    #[case] of_somebody: u16,
    #[case] then: &'static [u16],
    #[case] expected: Option<ScopeProbe>,
) {
    let probes = AtomicUsize::new(0);
    let answer = |status| match status {
        200 => Reply::json(&json!({"result": [row(1)], "totalEntries": 700}).to_string()),
        204 => Reply::json(r#"{"result":[],"totalEntries":0}"#),
        status => Reply::status(status),
    };
    let server = Server::with(move |call| {
        if call.body["organizationId"] == organization().to_string() {
            return answer(of_somebody);
        }
        let number = probes.fetch_add(1, Ordering::SeqCst);
        answer(*first.iter().chain(then).nth(number).unwrap())
    })
    .await;
    let client = client(&server);
    assert_eq!(
        client.repositories_of_nobody(organization()).await.ok(),
        expected
    );
}

/// Answers a listing, and 401 where it is asked for an organization that does not exist.
fn unauthorized_about_nobody(call: &Call) -> Reply {
    if call.body["organizationId"] == organization().to_string() {
        Reply::json(&json!({"result": [row(1)], "totalEntries": 1}).to_string())
    } else {
        Reply::status(401)
    }
}

#[tokio::test]
async fn a_server_that_answers_401_about_nobody_is_not_signed_in_to_at_every_retry() {
    let server = Server::with(unauthorized_about_nobody).await;
    let client = client(&server);
    for _ in 0..4 {
        client.repositories(organization()).await.unwrap();
        let error = client
            .repositories_of_nobody(organization())
            .await
            .unwrap_err();
        assert_eq!(error.refusal(), Some(401));
    }
    // The second is that which tells that the token was not the trouble.
    assert_eq!(server.logins(), 2);
    assert_eq!(client.remembered(), Remembered::default());
    // Nor does it say anything of a 403, and a person may have it tried again.
    client.forget_refusals();
    client
        .repositories_of_nobody(organization())
        .await
        .unwrap_err();
    assert_eq!(server.logins(), 3);
}

#[tokio::test]
async fn a_token_that_ended_before_the_question_about_nobody_is_renewed() {
    let server = Server::with(|call| {
        if call.token.as_deref() == Some("token-1") && call.before > 0 {
            Reply::status(401)
        } else {
            Reply::json(r#"{"result":[],"totalEntries":0}"#)
        }
    })
    .await;
    let client = client(&server);
    client.repositories(organization()).await.unwrap();
    let scoped = client.repositories_of_nobody(organization()).await.unwrap();
    assert_eq!((scoped, server.logins()), (ScopeProbe::Scoped, 2));
}
