//! From the start to the end, on a real API server.

use std::time::Duration;

use futures::FutureExt;
use reqwest::StatusCode;
use rstest::rstest;
use tokio::{io::AsyncReadExt, net::TcpListener};
use xopero_simulator::{
    Effect, Endpoint, Fault, Simulator,
    builder::{organization, state, user},
};
use xtask::{
    control_plane::{ControlPlane, Options},
    operator as installed,
};

use crate::operator::{Operator, PATIENCE};

/// A drain limit that a test can wait for.
const DRAIN: Duration = Duration::from_secs(3);

/// What a busy machine may add to it.
const SLACK: Duration = Duration::from_secs(7);

#[tokio::test]
async fn it_is_ready_once_all_five_kinds_are_listed() {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    let operator = Operator::start(&control_plane, "before-definitions", &[]);
    let plurals = [
        "xoperoazureprojects",
        "xoperobackupplans",
        "xoperoconnections",
        "xoperoorganizations",
        "xoperorepositories",
    ];
    let waiting = format!("not listed yet:\n{}\n", plurals.join("\n"));
    operator
        .eventually("names what it waits for", async || {
            operator.get("/readyz").await.text == waiting
        })
        .await;
    let page = operator.get("/readyz").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(operator.get("/livez").await.status, StatusCode::OK);

    installed::install(&control_plane).await.unwrap();
    operator.is_ready().await;
    assert_eq!(operator.get("/readyz").await.text, "ok\n");
    assert!(operator.log().contains("watches all namespaces"));

    let metrics = operator.get("/metrics").await;
    assert_eq!(metrics.status, StatusCode::OK);
    assert_eq!(
        metrics.content_type, "text/plain; version=0.0.4; charset=utf-8",
        "what is not asked for OpenMetrics answers with what everything understands"
    );
    assert!(
        metrics
            .text
            .contains("xopero_operator_build_info{version=\"")
    );
    assert!(metrics.text.contains("\nxopero_operator_leader 1\n"));

    operator.terminate();
    assert_eq!(operator.ends_within(PATIENCE).await, 0);
    assert!(operator.log().contains("Ended in order"));
}

#[tokio::test]
async fn it_watches_the_namespaces_that_it_is_told_to() {
    let control_plane = ControlPlane::shared().await.unwrap();
    installed::install(&control_plane).await.unwrap();
    let namespaces = ["--watch-namespace", "one", "--watch-namespace", "two"];
    let operator = Operator::start(&control_plane, "two-namespaces", &namespaces);
    operator.is_ready().await;
    assert!(operator.log().contains("watches the namespaces one, two"));
    operator.terminate();
    assert_eq!(operator.ends_within(PATIENCE).await, 0);
}

#[rstest]
#[case::after_it_was_ready(When::Ready)]
#[case::before_it_listed_anything(When::Starting)]
#[tokio::test]
async fn it_ends_within_the_drain_limit_while_the_api_server_hangs(#[case] when: When) {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    installed::install(&control_plane).await.unwrap();
    let start = || Operator::start(&control_plane, "frozen", &["--drain-timeout", "3s"]);
    let operator = match when {
        When::Ready => {
            let operator = start();
            operator.is_ready().await;
            control_plane.freeze().unwrap();
            operator
        }
        When::Starting => {
            control_plane.freeze().unwrap();
            let operator = start();
            operator.has_logged("The controllers have started").await;
            operator
        }
    };
    operator.terminate();
    operator.ends_in_order_or_says_why(DRAIN + SLACK).await;
    assert!(operator.log().contains("Ending because of SIGTERM"));
}

/// When the API server stops to answer.
#[derive(Clone, Copy, Debug)]
enum When {
    Ready,
    Starting,
}

#[tokio::test]
async fn it_ends_at_once_while_it_reads_xopero_one_and_asks_for_nothing_more() {
    let control_plane = ControlPlane::shared().await.unwrap();
    installed::install(&control_plane).await.unwrap();
    let hanging = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = hanging.local_addr().unwrap();
    let resources = resources("hanging", &address.to_string());
    let applied = control_plane.kubectl(&["apply", "-f", "-"], Some(&resources));
    applied.await.unwrap().success().unwrap();

    let limits = ["--watch-namespace", "hanging", "--drain-timeout", "1h"];
    let operator = Operator::start(&control_plane, "hanging-xopero", &limits);
    let (mut connection, _) = tokio::time::timeout(PATIENCE, hanging.accept())
        .await
        .unwrap()
        .unwrap();
    // The login is on the wire, and is never answered; the request has 15 s.
    assert!(connection.read(&mut [0; 1024]).await.unwrap() > 0);
    operator.terminate();
    assert_eq!(operator.ends_within(SLACK).await, 0, "{}", operator.log());
    assert!(operator.log().contains("Ended in order"));
    assert!(hanging.accept().now_or_never().is_none(), "it asked again");
    drop(connection);
}

#[tokio::test]
async fn it_ends_within_the_drain_limit_while_a_write_is_not_answered() {
    let limits = ["--drain-timeout", "3s"];
    let (operator, _simulator) = writing("writing", &limits, [unanswered()]).await;
    operator.terminate();
    let ended = operator.ends_within(DRAIN + SLACK).await;
    assert_ne!(ended, 0, "a write on the wire is awaited");
    assert!(operator.log().contains("Ending because of SIGTERM"));
}

/// What is repeated only after a listing, which the process that ends does not wait for.
#[tokio::test]
async fn it_ends_at_once_while_it_reads_what_became_of_a_lost_answer() {
    let lost = Fault::on(Endpoint::Activate, Effect::Lost);
    let hour = Effect::Slow(Duration::from_hours(1));
    let listing = Fault::on(Endpoint::ListRepositories, hour).nth(2);
    let limits = ["--drain-timeout", "1h"];
    let (operator, _simulator) = writing("lost", &limits, [lost, listing]).await;
    operator.terminate();
    assert_eq!(operator.ends_within(SLACK).await, 0, "{}", operator.log());
}

fn unanswered() -> Fault {
    Fault::on(Endpoint::Activate, Effect::Slow(Duration::from_hours(1)))
}

/// An operator that has a write to Xopero ONE to make, once all of these faults have fired.
async fn writing(
    namespace: &str,
    limits: &[&str],
    faults: impl IntoIterator<Item = Fault>,
) -> (Operator, Simulator) {
    let control_plane = ControlPlane::shared().await.unwrap();
    installed::install(&control_plane).await.unwrap();
    let world = state()
        .user(user("operator@example.com", "open-sesame"))
        .licences(1)
        .with(organization("Acme").with("api"));
    let simulator = Simulator::start(world).unwrap();
    let faults: Vec<u64> = faults
        .into_iter()
        .map(|fault| simulator.inject(fault))
        .collect();
    let claim = format!(
        r"
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoRepository
metadata: {{name: api, namespace: {namespace}}}
spec: {{organizationRef: {{name: acme}}, name: api, license: Active}}
"
    );
    let address = simulator.url();
    let resources = resources(namespace, address.trim_start_matches("http://")) + &claim;
    let applied = control_plane.kubectl(&["apply", "-f", "-"], Some(&resources));
    applied.await.unwrap().success().unwrap();
    let arguments = [&["--watch-namespace", namespace], limits].concat();
    let operator = Operator::start(&control_plane, namespace, &arguments);
    operator
        .eventually("has met the faults", async || {
            faults.iter().all(|fault| simulator.firings(*fault) > 0)
        })
        .await;
    (operator, simulator)
}

fn resources(namespace: &str, address: &str) -> String {
    format!(
        r#"
apiVersion: v1
kind: Namespace
metadata: {{name: {namespace}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: account, namespace: {namespace}, labels: {{xopero.dev/credentials: "true"}}}}
stringData: {{email: operator@example.com, password: open-sesame}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {{name: xopero, namespace: {namespace}}}
spec: {{url: "http://{address}", credentialsSecretRef: {{name: account}}, requests: {{timeout: 15s}}}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoOrganization
metadata: {{name: acme, namespace: {namespace}}}
spec: {{connectionRef: {{name: xopero}}, name: Acme, provider: GitHub}}
"#
    )
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    // It waits for what is on the wire.
    let (operator, _simulator) = writing("urged", &["--drain-timeout", "1h"], [unanswered()]).await;
    operator.terminate();
    operator.has_logged("Ending because of SIGTERM").await;
    operator.terminate();
    assert_ne!(operator.ends_within(SLACK).await, 0);
    assert!(
        operator.log().contains("a second signal"),
        "{}",
        operator.log()
    );
}

#[tokio::test]
async fn it_ends_in_order_at_once_if_it_could_list_nothing() {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    // There are no definitions; and without rights it would be the same.
    let operator = Operator::start(&control_plane, "nothing", &["--drain-timeout", "1h"]);
    operator.has_logged("The controllers have started").await;
    operator.has_logged("failed; it is tried again").await;
    operator.terminate();
    assert_eq!(operator.ends_within(PATIENCE).await, 0);
    assert!(operator.log().contains("Ended in order"));
}
