use std::{collections::VecDeque, sync::Mutex};

use kube::{Client, Config};
use rstest::rstest;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use super::*;
use crate::api::XoperoOrganization;

#[rstest]
#[case::the_first(&[], Change::Add, json!(null), &["xopero.dev/in-use"])]
#[case::beside_others(&["a/b"], Change::Add, json!(["a/b"]), &["a/b", "xopero.dev/in-use"])]
#[case::the_last(&["xopero.dev/in-use"], Change::Remove, json!(["xopero.dev/in-use"]), &[])]
#[case::and_others_stay(
    &["a/b", "xopero.dev/in-use", "c/d"],
    Change::Remove,
    json!(["a/b", "xopero.dev/in-use", "c/d"]),
    &["a/b", "c/d"]
)]
fn the_whole_list_is_tested_and_only_ours_is_changed(
    #[case] before: &[&str],
    #[case] change: Change,
    #[case] expected: Value,
    #[case] after: &[&str],
) {
    let known = ObjectMeta {
        uid: Some("u".to_owned()),
        finalizers: (!before.is_empty())
            .then(|| before.iter().map(|&name| name.to_owned()).collect()),
        ..ObjectMeta::default()
    };
    assert_eq!(
        operations(&known, "xopero.dev/in-use", change),
        json!([
            { "op": "test", "path": "/metadata/uid", "value": "u" },
            { "op": "test", "path": "/metadata/finalizers", "value": expected },
            { "op": "add", "path": "/metadata/finalizers", "value": after },
        ])
    );
}

/// Answers, one for each request.
struct Answers(Mutex<VecDeque<(u16, Value)>>);

impl Respond for Answers {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let next = self.0.lock().unwrap().pop_front();
        let (code, body) = next.unwrap_or_else(|| panic!("not awaited: {request:?}"));
        ResponseTemplate::new(code).set_body_json(body)
    }
}

/// What there is, with that uid and those finalizers.
fn there(uid: &str, finalizers: &[&str]) -> (u16, Value) {
    let metadata =
        json!({ "name": "acme", "namespace": "backup", "uid": uid, "finalizers": finalizers });
    (
        200,
        json!({ "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": metadata }),
    )
}

fn leaving((code, mut body): (u16, Value)) -> (u16, Value) {
    body["metadata"]["deletionTimestamp"] = json!("2026-11-25T00:00:00Z");
    (code, body)
}

fn failed(code: u16, reason: &str) -> (u16, Value) {
    (
        code,
        json!({ "apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": reason, "message": "", "code": code }),
    )
}

#[rstest]
#[case::it_was_done(Change::Add, vec![there("u", &[])], "Ok(Changed)")]
#[case::it_is_gone(Change::Remove, vec![failed(404, "NotFound")], "Ok(Gone)")]
#[case::it_went_meanwhile(Change::Remove, vec![failed(422, "Invalid"), failed(404, "NotFound")], "Ok(Gone)")]
#[case::another_has_its_name(Change::Add, vec![failed(422, "Invalid"), there("v", &["a/b"])], "Ok(Gone)")]
#[case::others_changed_the_list(
    Change::Add,
    vec![failed(422, "Invalid"), there("u", &["a/b", "c/d"]), there("u", &[])],
    "Ok(Changed)"
)]
#[case::somebody_did_it_meanwhile(Change::Add, vec![failed(422, "Invalid"), there("u", &["a/b", "e/f"])], "Ok(Same)")]
#[case::it_is_being_deleted_by_now(Change::Add, vec![failed(422, "Invalid"), leaving(there("u", &["a/b"]))], "Ok(Deleting)")]
#[case::what_it_would_be_is_refused(
    Change::Add,
    vec![failed(422, "Invalid"), there("u", &["a/b"])],
    "Err(Kubernetes(Api(Status { status: Some(Failure), code: 422"
)]
#[case::it_is_forbidden(Change::Add, vec![failed(403, "Forbidden")], "Err(Kubernetes(Api(Status { status: Some(Failure), code: 403")]
#[case::others_change_it_each_time(
    Change::Add,
    [["c/d"], ["g/h"], ["i/j"], ["k/l"]].iter().flat_map(|list| [failed(422, "Invalid"), there("u", list)]).collect(),
    "Err(Contended"
)]
#[tokio::test]
async fn what_becomes_of_it_where_others_are_at_the_object_too(
    #[case] change: Change,
    #[case] answers: Vec<(u16, Value)>,
    #[case] expected: &str,
) {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let server = MockServer::start().await;
    let asked = answers.len();
    Mock::given(any())
        .respond_with(Answers(Mutex::new(answers.into())))
        .mount(&server)
        .await;
    let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
    let api: Api<XoperoOrganization> = Api::namespaced(client, "backup");
    let held: &[&str] = match change {
        Change::Add => &["a/b"],
        Change::Remove => &["a/b", "e/f"],
    };
    let object = json!({
        "metadata": { "name": "acme", "namespace": "backup", "uid": "u", "finalizers": held },
        "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
    });
    let object = serde_json::from_value(object).unwrap();
    let outcome = match change {
        Change::Add => add(&api, &object, "e/f").await,
        Change::Remove => remove(&api, &object, "e/f").await,
    };
    let outcome = format!("{outcome:?}");
    assert!(outcome.starts_with(expected), "{outcome}");
    assert_eq!(server.received_requests().await.unwrap().len(), asked);
}
