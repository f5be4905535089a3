use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::TryStreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api,
    api::{DeleteParams, WatchParams},
    core::WatchEvent,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

use super::*;

/// A client of something that listens, and that itself.
async fn client() -> (Client, TcpListener) {
    client_of(|| true).await
}

async fn client_of(
    may_write: impl Fn() -> bool + Clone + Send + Sync + 'static,
) -> (Client, TcpListener) {
    if CryptoProvider::get_default().is_none() {
        // Fails only if another test was quicker, and then there is one.
        drop(aws_lc_rs::default_provider().install_default());
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = from_config(Config::new(url.parse().unwrap()), may_write).unwrap();
    (client, listener)
}

/// The next request, and the connection that it came on.
async fn request(listener: &TcpListener) -> (String, TcpStream) {
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut request = vec![0; 4096];
    let length = connection.read(&mut request).await.unwrap();
    request.truncate(length);
    (String::from_utf8(request).unwrap(), connection)
}

fn config_maps(client: Client) -> Api<ConfigMap> {
    Api::namespaced(client, "backup")
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_never_answered_ends() {
    let (client, listener) = client().await;
    let begin = Instant::now();
    let (failed, _connection) = tokio::join!(
        async { config_maps(client).get("settings").await.unwrap_err() },
        request(&listener)
    );
    assert_eq!(begin.elapsed().as_secs(), ANSWER_TIMEOUT.as_secs());
    assert!(matches!(failed, kube::Error::Service(_)), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_may_be_silent_until_it_counts_as_broken() {
    let (client, listener) = client().await;
    let server = async {
        let (_, mut connection) = request(&listener).await;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
        connection.write_all(head.as_bytes()).await.unwrap();
        sleep(LONGEST_SILENCE.saturating_sub(Duration::from_secs(1))).await;
        let event = r#"{"type":"ADDED","object":{"metadata":{"name":"settings"}}}"#;
        let line = format!("{event}\n");
        connection.write_all(line.as_bytes()).await.unwrap();
    };
    let watch = async {
        let api = config_maps(client);
        let events = api.watch(&WatchParams::default(), "1").await.unwrap();
        pin!(events).try_next().await.unwrap().unwrap()
    };
    let ((), event) = tokio::join!(server, watch);
    assert!(matches!(event, WatchEvent::Added(_)), "{event:?}");
}

#[tokio::test]
async fn the_api_server_is_told_who_asks() {
    let (client, listener) = client().await;
    let api = config_maps(client);
    let asking = async { api.get("settings").await };
    let (request, _connection) = tokio::select! {
        request = request(&listener) => request,
        answer = asking => unreachable!("nobody answered: {answer:?}"),
    };
    let agent = format!("user-agent: xopero-operator/{}", env!("CARGO_PKG_VERSION"));
    assert!(request.contains(&agent), "{request}");
}

#[tokio::test]
async fn promise_9_one_writer_nothing_is_written_to_the_api_server_without_the_lease() {
    let (client, listener) = client_of(|| false).await;
    let written = config_maps(client.clone())
        .delete("settings", &DeleteParams::default())
        .await;
    let refused = written.unwrap_err().to_string();
    assert!(refused.contains("the Lease has run out"), "{refused}");

    let reading = async { config_maps(client).get("settings").await };
    let (request, _connection) = tokio::select! {
        read = reading => panic!("{read:?}"),
        asked = request(&listener) => asked,
    };
    assert!(request.starts_with("GET "), "{request}");
}

/// The API server has no time for what came on that connection.
async fn answer_busy(mut connection: TcpStream) {
    let head = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn promise_9_one_writer_a_write_is_not_repeated_either_once_the_lease_has_run_out() {
    let leads = Arc::new(AtomicBool::new(true));
    let asked = Arc::clone(&leads);
    let (client, listener) = client_of(move || asked.load(Ordering::Relaxed)).await;
    let api = config_maps(client);
    let server = async {
        let (first, connection) = request(&listener).await;
        answer_busy(connection).await;
        // While it leads, what the API server had no time for is sent again.
        let (second, connection) = request(&listener).await;
        assert!(first.starts_with("DELETE ") && second.starts_with("DELETE "));
        leads.store(false, Ordering::Relaxed);
        answer_busy(connection).await;
        request(&listener).await.0
    };
    let parameters = DeleteParams::default();
    let refused = tokio::select! {
        written = api.delete("settings", &parameters) => written.unwrap_err().to_string(),
        sent = server => panic!("{sent}"),
    };
    assert!(refused.contains("the Lease has run out"), "{refused}");

    let server = async {
        answer_busy(request(&listener).await.1).await;
        request(&listener).await.0
    };
    let repeated = tokio::select! {
        read = api.get("settings") => panic!("{read:?}"),
        repeated = server => repeated,
    };
    assert!(repeated.starts_with("GET "), "{repeated}");
}
