//! In which form answers are asked for, and in which they are read.

use rstest::rstest;

use super::{bad_answers::call, server::login_answer, *};
use crate::xopero::AnswerDefect;

const ORGANIZATIONS: &str = r#"{"result":[],"currentPage":1,"pageCount":0,"totalEntries":0}"#;

#[tokio::test]
async fn every_call_asks_for_json_that_is_not_packed() {
    let server = Server::with(|call| match call.path.as_str() {
        "/plans/listassignedtoorganization" => Reply::json("[]"),
        path if path.ends_with("/getmany") => Reply::json(ORGANIZATIONS),
        _ => Reply::status(204),
    })
    .await;
    let client = client(&server);
    for endpoint in Endpoint::ALL {
        call(&client, endpoint).await.unwrap();
    }
    for endpoint in Endpoint::ALL {
        let calls = server.calls();
        let call = calls.iter().find(|call| call.path == endpoint.path());
        let call = call.unwrap_or_else(|| panic!("{endpoint:?} was not called"));
        for (name, value) in [
            ("accept", "application/json"),
            ("accept-encoding", "identity"),
            ("content-type", "application/json"),
        ] {
            assert_eq!(call.header(name), [value], "{endpoint:?} {name}");
        }
    }
}

#[rstest]
#[case::object(ORGANIZATIONS.to_owned())]
#[case::list("[]".to_owned())]
#[case::after_blank_lines(format!("\r\n\n  {ORGANIZATIONS}"))]
#[case::after_a_byte_order_mark(format!("\u{feff}{ORGANIZATIONS}"))]
#[tokio::test]
async fn json_that_is_called_a_web_page_is_read(#[case] body: String) {
    let sign_in = |call: &Call| Reply::page(&login_answer(call));
    let server = Server::with_login(sign_in, move |_| Reply::page(&body)).await;
    call(&client(&server), Endpoint::Plans).await.unwrap();
}

#[rstest]
#[case::at_once("<html>maintenance</html>")]
#[case::after_blank_lines("\r\n\n  <html>maintenance</html>")]
#[case::after_a_comment("<!-- cached --><html>maintenance</html>")]
#[case::after_a_byte_order_mark("\u{feff}<html>maintenance</html>")]
#[case::of_words("maintenance, <b>back soon</b>")]
#[tokio::test]
async fn a_web_page_is_told_as_one(
    #[case] body: &'static str,
    #[values(Endpoint::Organizations, Endpoint::Activate)] endpoint: Endpoint,
) {
    let server = Server::with(move |_| Reply::page(body)).await;
    let error = call(&client(&server), endpoint).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::NotUnderstood {
                defect: AnswerDefect::WebPage,
                ..
            }
        ),
        "{error:?}"
    );
}
