//! Promise 6: logins that fail without being rejected may lock the account all the same, so they become rare.

use futures::future::join_all;
use rstest::rstest;

use super::{server::sign_in, session::pass_time, *};
use crate::xopero::{Class, NextLogin, Outcome, Reason};

#[rstest]
//                                                        seconds
#[case::server_error(Reply::status(500),                  2,  (Class::Transient, Reason::ApiUnavailable))]
#[case::too_many(Reply::status(429),                      2,  (Class::Waiting, Reason::RateLimited))]
#[case::web_page(Reply::page("<html>"),                   30, (Class::Terminal, Reason::AnswerNotUnderstood))]
#[case::no_token(Reply::json(r#"{"userId":"u"}"#),        30, (Class::Terminal, Reason::AnswerNotUnderstood))]
#[case::not_there(Reply::status(404),                     30, (Class::Terminal, Reason::Refused))]
#[case::no_such_method(Reply::status(405),                30, (Class::Terminal, Reason::Refused))]
#[case::of_a_proxy(Reply::status(407),                    30, (Class::Terminal, Reason::Refused))]
#[case::nothing(Reply::status(200),                       30, (Class::Transient, Reason::ApiUnavailable))]
#[case::redirect(Reply::status(302),                      30, (Class::Terminal, Reason::AnswerNotUnderstood))]
#[tokio::test]
async fn a_login_that_fails_is_not_tried_again_at_once(
    #[case] reply: Reply,
    #[case] seconds: u64,
    #[case] class: (Class, Reason),
) {
    let server = Server::with_login(move |_| reply.clone(), |_| no_organizations()).await;
    let client = client(&server);
    let results = join_all((0..10).map(|_| client.organizations())).await;
    for result in results {
        let error = result.unwrap_err();
        assert_eq!((error.class(), error.outcome()), (class, Outcome::NotDone));
        let wait = error.retry_after().unwrap();
        let longest = Duration::from_secs(seconds);
        assert!(wait <= longest && wait > longest / 2, "{wait:?}");
    }
    assert_eq!(server.calls().len(), 1);
    assert_eq!(client.remembered(), Remembered::default());
}

#[tokio::test]
async fn logins_that_fail_come_at_growing_intervals() {
    let server = Server::with_login(|_| Reply::status(500), |_| no_organizations()).await;
    let client = client(&server);
    let mut intervals = Vec::new();
    for _ in 0..6 {
        let wait = client
            .organizations()
            .await
            .unwrap_err()
            .retry_after()
            .unwrap();
        intervals.push(wait.as_secs());
        pass_time(wait).await;
    }
    assert_eq!(intervals, [2, 4, 8, 16, 32, 64]);
    assert_eq!(server.calls().len(), 6);
}

#[tokio::test]
async fn a_login_that_is_answered_with_429_is_not_repeated_every_few_seconds() {
    // Repeated logins may be what keeps the account locked.
    let server = Server::with_login(|_| Reply::status(429), |_| no_organizations()).await;
    let client = client(&server);
    for _ in 0..8 {
        let wait = client
            .organizations()
            .await
            .unwrap_err()
            .retry_after()
            .unwrap();
        pass_time(wait).await;
    }
    let wait = client
        .organizations()
        .await
        .unwrap_err()
        .retry_after()
        .unwrap();
    assert_eq!(wait, Duration::from_mins(5));
}

#[tokio::test]
async fn a_server_that_is_not_there_for_long_is_never_told_as_one_that_refuses_tokens() {
    let gone = Server::with(|_| no_organizations()).await;
    let client = client(&gone);
    drop(gone);
    for _ in 0..40 {
        let error = client.organizations().await.unwrap_err();
        assert_eq!(error.class(), (Class::Transient, Reason::ApiUnavailable));
        assert!(
            error.to_string().contains("no connection to Xopero ONE"),
            "{error}"
        );
        pass_time(error.retry_after().unwrap()).await;
    }
}

/// Asks for organizations until that is answered, as soon as the errors let it. Says after how many half minutes each login came:
/// what the machine takes besides does not count.
async fn logins(client: &Client, server: &Server, time: Duration) -> Vec<u64> {
    let mut logins = Vec::new();
    let mut passed = Duration::ZERO;
    loop {
        let before = server.logins();
        let result = client.organizations().await;
        if server.logins() > before {
            logins.push((passed.as_secs() + 15) / 30);
        }
        let Err(error) = result else { return logins };
        let wait = error.retry_after().unwrap();
        assert!(wait <= Duration::from_mins(5), "{wait:?}");
        passed += wait;
        if passed > time {
            return logins;
        }
        pass_time(wait).await;
    }
}

fn next_login(error: &Error) -> NextLogin {
    let Error::LoginFailed { next, .. } = error else {
        panic!("{error:?}")
    };
    *next
}

#[rstest]
#[case::conflict(Reply::status(409))]
#[case::unprocessable(Reply::status(422))]
#[case::locked(Reply::status(423))]
#[case::no_token(Reply::json(r#"{"userId":"u"}"#))]
#[case::null(Reply::json("null"))]
#[tokio::test]
async fn after_four_answers_that_withhold_a_token_the_next_login_is_far_away(#[case] reply: Reply) {
    let server = Server::with_login(move |_| reply.clone(), |_| no_organizations()).await;
    let client = client(&server);
    let quarters = |quarters: u64| quarters * 30;
    let fourth = 1 + 2 + 4;
    assert_eq!(
        logins(&client, &server, Duration::from_mins(9 * 60 - 40)).await,
        [
            0,
            1,
            3,
            fourth,
            fourth + quarters(1),
            fourth + quarters(3),
            fourth + quarters(7),
            fourth + quarters(15),
            fourth + quarters(23),
            fourth + quarters(31),
        ]
    );
}

/// What stands in between, or another server, locks no account; and it may be over at any time.
#[rstest]
#[case::not_there(Reply::status(404))]
#[case::no_such_method(Reply::status(405))]
#[case::of_a_proxy(Reply::status(407))]
#[case::gone(Reply::status(410))]
#[case::for_legal_reasons(Reply::status(451))]
#[case::redirect(Reply::status(302))]
#[case::web_page(Reply::page("<html>"))]
#[case::nothing(Reply::status(200))]
#[case::cut_short(Reply::json(r#"{"accessTok"#))]
#[tokio::test]
async fn after_a_page_of_maintenance_the_next_login_is_minutes_away(#[case] reply: Reply) {
    let server = Server::with_login(move |_| reply.clone(), |_| no_organizations()).await;
    let client = client(&server);
    let came = logins(&client, &server, Duration::from_hours(1)).await;
    let last = came.windows(2).map(|two| two[1] - two[0]).max();
    assert_eq!(last, Some(10), "every five minutes: {came:?}");
}

#[tokio::test]
async fn three_answers_that_are_none_of_a_login_are_followed_by_the_fourth_soon() {
    let login = |call: &Call| {
        // The sixth is that after the token ended.
        if call.before < 3 || (4..7).contains(&call.before) {
            Reply::status(409)
        } else {
            sign_in(call)
        }
    };
    let server = Server::with_login(login, |_| no_organizations()).await;
    let client = client(&server);
    for _ in 0..2 {
        let came = logins(&client, &server, Duration::from_hours(1)).await;
        assert_eq!(came, [0, 1, 3, 7]);
        let session = &client.inner.session;
        let ticket = session
            .ticket(Denial::Call.target(Endpoint::Organizations))
            .unwrap()
            .unwrap();
        session.expire(ticket.generation);
    }
}

#[tokio::test]
async fn what_fails_otherwise_in_between_does_not_make_logins_frequent_again() {
    let login = |call: &Call| {
        if call.before.is_multiple_of(2) {
            Reply::status(423)
        } else {
            Reply::status(500)
        }
    };
    let server = Server::with_login(login, |_| no_organizations()).await;
    let client = client(&server);
    let came = logins(&client, &server, Duration::from_mins(34)).await;
    // The seventh is the fourth that is answered with 423.
    assert_eq!(came[7] - came[6], 30, "{came:?}");
}

#[tokio::test]
async fn that_the_next_login_is_far_away_is_said_and_a_person_may_end_the_wait() {
    let server = Server::with_login(|_| Reply::status(423), |_| no_organizations()).await;
    let client = client(&server);
    let mut said = Vec::new();
    for _ in 0..4 {
        let error = client.organizations().await.unwrap_err();
        said.push((
            next_login(&error),
            error.to_string().contains("two hours later"),
        ));
        pass_time(error.retry_after().unwrap()).await;
    }
    let soon = (NextLogin::Soon, false);
    assert_eq!(said, [soon, soon, soon, (NextLogin::MuchLater, true)]);
    // Whoever asks meanwhile is told the same, and the time that is left does not show.
    let first = client.organizations().await.unwrap_err().to_string();
    pass_time(Duration::from_mins(1)).await;
    assert_eq!(client.organizations().await.unwrap_err().to_string(), first);
    assert_eq!(server.logins(), 4);

    client.forget_refusals();
    client.organizations().await.unwrap_err();
    let came = logins(&client, &server, Duration::from_mins(25)).await;
    assert_eq!((came.len(), server.logins()), (0, 5));
}
