//! Promise 8: what became of a write, and that none is sent twice when it may have happened.

use std::sync::Mutex;

use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;
use crate::xopero::{
    Class, ConnectionFailure, OrganizationId, Outcome, PlanSettings, ProjectId, Reason,
};

#[rstest]
//                  reply                            class              reason                        outcome
#[case::bad_request(Reply::status(400), Class::Terminal, Reason::Refused, Outcome::Refused)]
#[case::not_found(Reply::status(404), Class::Terminal, Reason::Refused, Outcome::Refused)]
#[case::conflict(Reply::status(409), Class::Terminal, Reason::Refused, Outcome::Refused)]
#[case::unprocessable(Reply::status(422), Class::Terminal, Reason::Refused, Outcome::Refused)]
#[case::request_timeout(
    Reply::status(408),
    Class::Transient,
    Reason::ApiUnavailable,
    Outcome::Unknown
)]
#[case::too_many(
    Reply::status(429),
    Class::Waiting,
    Reason::RateLimited,
    Outcome::NotDone
)]
#[case::server_error(
    Reply::status(500),
    Class::Transient,
    Reason::ApiUnavailable,
    Outcome::Unknown
)]
#[case::bad_gateway(
    Reply::status(502),
    Class::Transient,
    Reason::ApiUnavailable,
    Outcome::Unknown
)]
#[case::unavailable(
    Reply::status(503),
    Class::Transient,
    Reason::ApiUnavailable,
    Outcome::NotDone
)]
#[case::gateway_timeout(
    Reply::status(504),
    Class::Transient,
    Reason::ApiUnavailable,
    Outcome::Unknown
)]
#[case::redirect(
    Reply::status(307),
    Class::Terminal,
    Reason::AnswerNotUnderstood,
    Outcome::Unknown
)]
#[case::maintenance(
    Reply::page("<html>"),
    Class::Terminal,
    Reason::AnswerNotUnderstood,
    Outcome::Unknown
)]
#[case::page_without_type(
    Reply::json("<html>"),
    Class::Terminal,
    Reason::AnswerNotUnderstood,
    Outcome::Unknown
)]
#[case::words(
    Reply::json("done"),
    Class::Terminal,
    Reason::AnswerNotUnderstood,
    Outcome::Unknown
)]
#[case::cut(Reply::json(r#"{"a": 12345}"#).cut(), Class::Transient, Reason::ApiUnavailable, Outcome::Unknown)]
#[tokio::test]
async fn an_answer_says_what_became_of_a_write_and_it_is_sent_once(
    #[case] reply: Reply,
    #[case] class: Class,
    #[case] reason: Reason,
    #[case] outcome: Outcome,
) {
    let server = Server::with(move |_| reply.clone()).await;
    let error = client(&server)
        .attach_repository(plan(), repository())
        .await
        .unwrap_err();
    assert_eq!(
        (error.class(), error.outcome()),
        ((class, reason), outcome),
        "{error}"
    );
    assert_eq!(server.others().len(), 1);
}

#[rstest]
#[case::no_content(Reply::status(204))]
#[case::empty(Reply::status(200))]
#[case::accepted(Reply::status(202))]
#[case::object(Reply::json("{}"))]
#[case::null(Reply::json("null"))]
#[case::empty_page(Reply::page(""))]
#[tokio::test]
async fn a_2xx_with_nothing_or_json_confirms_a_write(#[case] reply: Reply) {
    let server = Server::with(move |_| reply.clone()).await;
    client(&server)
        .attach_repository(plan(), repository())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_404_can_be_told_from_other_refusals() {
    let server = Server::with(|call| Reply::status(if call.before == 0 { 404 } else { 410 })).await;
    let client = client(&server);
    assert!(
        client
            .remove(repository(), MAY_GO)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let error = client.remove(repository(), MAY_GO).await.unwrap_err();
    assert_eq!((error.is_not_found(), error.refusal()), (false, Some(410)));
}

#[rstest]
#[case::no_answer(Reply::status(204).after(Duration::from_mins(1)))]
#[case::half_an_answer(Reply::json(r#"{"a": 12345}"#).stall())]
#[tokio::test]
async fn a_write_without_a_whole_answer_in_time_may_have_happened(#[case] reply: Reply) {
    let server = Server::with(move |_| reply.clone()).await;
    let settings = Settings {
        timeout: Duration::from_millis(300),
        ..settings(&server.url)
    };
    let client = Client::new(settings, credentials(), surroundings()).unwrap();
    let error = client
        .attach_repository(plan(), repository())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::TimedOut {
                endpoint: Endpoint::AttachRepository
            }
        ),
        "{error}"
    );
    assert_eq!(
        (error.class(), error.outcome()),
        ((Class::Transient, Reason::ApiUnavailable), Outcome::Unknown)
    );
    assert_eq!(server.others().len(), 1);
}

/// Answers the login, and closes the connection on whatever comes next.
async fn close_after_login(listener: TcpListener) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 64 * 1024];
        loop {
            let read = stream.read(&mut request).await.unwrap();
            let text = String::from_utf8_lossy(&request[..read]);
            if read == 0 || !text.contains("/account/login") {
                break;
            }
            let answer = r#"{"accessToken":"a"}"#;
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
                answer.len()
            );
            stream
                .write_all(format!("{head}{answer}").as_bytes())
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn a_write_whose_connection_broke_may_have_happened() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(close_after_login(listener));
    let client = Client::new(settings(&url), credentials(), surroundings()).unwrap();
    let error = client
        .attach_repository(plan(), repository())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Broken { .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn a_write_without_a_connection_did_not_happen() {
    let server = Server::with(|_| Reply::status(204).header("connection", "close")).await;
    let client = client(&server);
    client
        .attach_repository(plan(), repository())
        .await
        .unwrap();
    drop(server);
    // The listener may take a moment to go.
    let error = loop {
        let error = client
            .attach_repository(plan(), repository())
            .await
            .unwrap_err();
        if let Error::Connection {
            failure: ConnectionFailure::Refused,
            ..
        } = error
        {
            break error;
        }
    };
    assert_eq!(
        (error.class(), error.outcome()),
        ((Class::Transient, Reason::ApiUnavailable), Outcome::NotDone)
    );
}

#[tokio::test]
async fn a_shut_gate_keeps_writes_back_and_lets_listings_through() {
    let server = Server::with(|_| no_organizations()).await;
    let asked: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let hooks = Hooks {
        write_gate: {
            let asked = Arc::clone(&asked);
            Arc::new(move |timeout| {
                asked.lock().unwrap().push(timeout);
                false
            })
        },
        ..Hooks::default()
    };
    let client = client_with(
        &server,
        Surroundings {
            hooks,
            ..surroundings()
        },
    );
    client.organizations().await.unwrap();
    assert!(asked.lock().unwrap().is_empty());
    let error = client
        .attach_repository(plan(), repository())
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::NotLeader {
                endpoint: Endpoint::AttachRepository
            }
        ),
        "{error}"
    );
    assert_eq!(error.outcome(), Outcome::NotDone);
    assert_eq!(*asked.lock().unwrap(), [Duration::from_secs(5)]);
    assert_eq!(server.others().len(), 1);
}

#[tokio::test]
async fn the_gate_is_asked_when_the_write_goes_out_and_not_when_it_begins_to_wait() {
    let server = Server::with(|_| Reply::status(204)).await;
    let budget = Arc::new(Budget::new(10_000, 1));
    let open = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let hooks = Hooks {
        write_gate: {
            let open = Arc::clone(&open);
            Arc::new(move |_| open.load(std::sync::atomic::Ordering::SeqCst))
        },
        ..Hooks::default()
    };
    let client = client_with(
        &server,
        Surroundings {
            hooks,
            budget: Arc::clone(&budget),
            ..surroundings()
        },
    );
    client
        .attach_repository(plan(), repository())
        .await
        .unwrap();
    let held = budget.pass().await.unwrap();
    let mut write = Box::pin(client.detach_repository(plan(), repository(), MAY_GO));
    assert!(futures::poll!(write.as_mut()).is_pending());
    open.store(false, std::sync::atomic::Ordering::SeqCst);
    drop(held);
    assert!(matches!(write.await, Err(Error::NotLeader { .. })));
    assert_eq!(server.others().len(), 1);
}

#[tokio::test]
async fn each_write_goes_to_its_endpoint_with_the_fields_of_the_contract() {
    let server = Server::with(|_| Reply::status(204)).await;
    let client = client(&server);
    let (project, organization) = (ProjectId::numbered(0xc), OrganizationId::numbered(0xd));
    let settings = PlanSettings {
        include_metadata: Some(true),
        parameters: [("keep".to_owned(), json!(30))].into(),
    };
    client
        .attach_repository(plan(), repository())
        .await
        .unwrap();
    client
        .detach_repository(plan(), repository(), MAY_GO)
        .await
        .unwrap();
    client.attach_project(plan(), project).await.unwrap();
    client
        .detach_project(plan(), project, MAY_GO)
        .await
        .unwrap();
    client.modify_git_plan(plan(), &settings).await.unwrap();
    client.modify_azure_plan(plan(), &settings).await.unwrap();
    client.activate(&[repository()]).await.unwrap();
    client.deactivate(&[repository()], MAY_GO).await.unwrap();
    client.remove(repository(), MAY_GO).await.unwrap();
    client.synchronize(organization).await.unwrap();

    let id = |digit: char| format!("00000000-0000-0000-0000-00000000000{digit}");
    let (a, b, c, d) = (id('a'), id('b'), id('c'), id('d'));
    let sent: Vec<_> = server
        .others()
        .into_iter()
        .map(|call| (call.path, call.body))
        .collect();
    let expected = [
        (
            "/plans/attachgitrepository",
            json!({"planid": a, "repositoryid": b}),
        ),
        (
            "/plans/detachgitrepository",
            json!({"planid": a, "repositoryid": b}),
        ),
        (
            "/plans/AttachAzureProject",
            json!({"planid": a, "projectid": c}),
        ),
        (
            "/plans/DetachAzureProject",
            json!({"planid": a, "projectid": c}),
        ),
        (
            "/plans/modifygitplan",
            json!({"planid": a, "keep": 30, "includeMetadata": true}),
        ),
        (
            "/plans/ModifyAzurePlanAsync",
            json!({"planid": a, "keep": 30, "includeMetadata": true}),
        ),
        ("/git/repositories/activate", json!({"repositoryIds": [b]})),
        (
            "/git/repositories/deactivate",
            json!({"repositoryIds": [b]}),
        ),
        ("/git/repositories/remove", json!({"repositoryId": b})),
        ("/git/repositories/sync", json!({"organizationId": d})),
    ];
    assert_eq!(sent, expected.map(|(path, body)| (path.to_owned(), body)));
}

#[tokio::test]
async fn nothing_is_sent_for_nothing_and_for_settings_that_name_a_target() {
    let server = Server::with(|_| Reply::status(204)).await;
    let client = client(&server);
    client.activate(&[]).await.unwrap();
    client.deactivate(&[], MAY_GO).await.unwrap();
    let settings = PlanSettings {
        include_metadata: None,
        parameters: [("PlanID".to_owned(), json!(1))].into(),
    };
    let error = client.modify_git_plan(plan(), &settings).await.unwrap_err();
    assert_eq!(
        (error.class(), error.outcome()),
        ((Class::Terminal, Reason::InvalidSpec), Outcome::NotDone)
    );
    assert_eq!(server.calls().len(), 0);
}
