//! What is said of a look at a connection, whatever the API server takes of it.

use futures::FutureExt as _;
use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::{Config, runtime::events::Reporter};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::*;
use crate::controllers::connections::Surroundings;

fn connection() -> XoperoConnection {
    serde_json::from_value(json!({
        "metadata": { "name": "xopero", "namespace": "backup", "uid": "c", "generation": 1 },
        "spec": {
            "url": "https://xopero.example.com",
            "credentialsSecretRef": { "name": "account" },
        },
    }))
    .unwrap()
}

fn context(server: &MockServer) -> Context {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
    let reporter = Reporter {
        controller: "test".to_owned(),
        instance: None,
    };
    Context {
        connections: Connections::new(Surroundings::default()),
        events: Events::new(client.clone(), reporter),
        metrics: Arc::default(),
        needed_by: Arc::new(|_| future::ready(Some(Vec::new())).boxed()),
        stop: CancellationToken::new(),
        client,
    }
}

/// From now on the Secret holds this password, and the API server answers so to a write of a status.
async fn serve(server: &MockServer, password: &str, status: u16) {
    server.reset().await;
    let data = [("email", "a@example.com"), ("password", password)]
        .map(|(key, value)| (key.to_owned(), ByteString(value.as_bytes().to_vec())));
    let mut secret = Secret {
        data: Some(data.into()),
        ..Secret::default()
    };
    secret.metadata = serde_json::from_value(json!({
        "name": "account", "namespace": "backup", "uid": "s", "resourceVersion": password,
        "labels": { "xopero.dev/credentials": "true" },
    }))
    .unwrap();
    let secret = ResponseTemplate::new(200).set_body_json(&secret);
    let at = path("/api/v1/namespaces/backup/secrets/account");
    let read = Mock::given(method("GET")).and(at).respond_with(secret);
    read.mount(server).await;
    let answer = ResponseTemplate::new(status).set_body_json(json!({
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure", "code": status, "message": "etcd is away",
    }));
    let write = Mock::given(method("PATCH")).respond_with(answer);
    write.mount(server).await;
}

/// The reasons of the events since the Secret was written.
async fn told(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let events = requests
        .iter()
        .filter(|request| request.url.path().ends_with("/events"));
    let reason = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["reason"].clone();
    events
        .map(|request| reason(&request.body).as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn another_password_is_told_once_also_where_the_status_cannot_be_written() {
    let server = MockServer::start().await;
    let context = context(&server);
    serve(&server, "first", 500).await;
    report(&context, &connection(), None).await.unwrap_err();
    assert!(told(&server).await.is_empty());
    serve(&server, "second", 500).await;
    for _ in 0..2 {
        report(&context, &connection(), None).await.unwrap_err();
    }
    assert_eq!(told(&server).await, ["CredentialsChanged"]);
}
