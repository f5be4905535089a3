//! Promise 6: nothing that we say holds a secret, and no secret goes anywhere else.

use rstest::rstest;

use super::{server::sign_in, *};

/// What must show nowhere.
const SECRETS: [&str; 4] = [EMAIL, PASSWORD, "token-1", "answer-body"];

fn holds_no_secret(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} shows in: {text}");
    }
}

#[rstest]
#[case(Reply::status(400))]
#[case(Reply::status(401))]
#[case(Reply::status(429))]
#[case(Reply::status(500))]
#[case(Reply::json("x"))]
#[case(Reply::page("<html>"))]
#[case(Reply::status(302).header("location", "https://operator%40example.com:correct%20horse@elsewhere.example.com/token-1?answer-body"))]
#[tokio::test]
async fn no_error_and_no_debug_output_holds_a_secret(
    #[case] reply: Reply,
    #[values(true, false)] login: bool,
) {
    let echo = reply
        .body(&format!("{SECRETS:?} answer"))
        .header("x-echo", format!("{EMAIL} {PASSWORD} token-1"));
    let other = echo.clone();
    let server = Server::with_login(
        move |call| if login { echo.clone() } else { sign_in(call) },
        move |_| other.clone(),
    )
    .await;
    let client = client(&server);
    for error in [
        client.organizations().await.map(drop),
        client.activate(&[repository()]).await,
    ] {
        // A write that is answered with our own list of words is no answer, a listing neither.
        let error = error.unwrap_err();
        holds_no_secret(&error.to_string());
        holds_no_secret(&format!("{error:?}"));
    }
    holds_no_secret(&format!(
        "{client:?} {:?} {:?}",
        credentials(),
        client.remembered()
    ));
    holds_no_secret(&format!("{:?} {:?}", settings(&server.url), surroundings()));
}

#[rstest]
#[case(301)]
#[case(302)]
#[case(303)]
#[case(307)]
#[case(308)]
#[tokio::test]
async fn no_redirect_is_followed(#[case] status: u16, #[values(true, false)] login: bool) {
    let elsewhere = Server::with(|_| no_organizations()).await;
    let target = format!("{}/account/login", elsewhere.url);
    let redirect = move || Reply::status(status).header("location", target.clone());
    let (first, second) = (redirect.clone(), redirect);
    let server = Server::with_login(
        move |call| if login { first() } else { sign_in(call) },
        move |_| second(),
    )
    .await;
    let error = client(&server).organizations().await.unwrap_err();
    assert!(
        error.to_string().contains("redirects to 127.0.0.1"),
        "{error}"
    );
    assert_eq!(elsewhere.calls().len(), 0);
}

#[rstest]
#[case::plain_http("http://xopero.example.com")]
#[case::password("https://operator:secret@xopero.example.com")]
#[case::path("https://xopero.example.com/secret")]
fn an_address_that_credentials_must_not_go_to_makes_no_client_and_is_not_repeated(
    #[case] url: &str,
) {
    let error = Client::new(settings(url), credentials(), surroundings()).unwrap_err();
    assert_eq!(error.class().1, crate::xopero::Reason::InvalidSpec);
    assert!(!error.to_string().contains("secret"), "{error}");
}
