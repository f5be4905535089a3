//! Promise 6: what may not be shown is shown nowhere, however much the operator is asked to tell.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;
use xopero_campaign::{gates::Gates, journal::Deed};
use xopero_simulator::{
    Edit, Effect, Endpoint, Fault, Simulator,
    builder::{organization, plan, repository, state, user},
    state::Password,
};
use xtask::{control_plane::ControlPlane, operator as installed, wait::until_holds};

use crate::operator::{Operator, PATIENCE};

const NAMESPACE: &str = "canaries";
const EMAIL: &str = "canary-of-the-account@example.com";
const PASSWORD: &str = "canary-password-1";
const NEXT_PASSWORD: &str = "canary-password-2";
const WRONG_PASSWORD: &str = "canary-password-3";

#[tokio::test]
async fn no_log_event_status_or_metric_holds_what_an_account_is_known_by() {
    let control_plane = ControlPlane::shared().await.unwrap();
    installed::install(&control_plane).await.unwrap();
    let acme = organization("acme")
        .plan(plan("nightly"))
        .with(repository("api"));
    let simulator = Simulator::start(state().user(user(EMAIL, PASSWORD)).with(acme)).unwrap();
    // A server that repeats what it was sent, where an error says it.
    let repeats = json!({ "message": format!("no user {EMAIL} with the password {PASSWORD}") });
    simulator.inject(Fault::on(Endpoint::Login, Effect::WrongType(repeats)));
    let gates = Gates::open(&control_plane, &simulator, NAMESPACE);
    let gates = gates.await.unwrap();
    kubectl(
        &control_plane,
        &["apply", "-f", "-"],
        &resources(&gates.url()),
    )
    .await;
    let arguments = [
        "--watch-namespace",
        NAMESPACE,
        "--log-level",
        "trace,kube=trace,hyper=trace,hyper_util=trace,reqwest=trace,rustls=trace,tower=trace",
        "--log-format",
        "json",
    ];
    gates.starts();
    let account = (gates.kubeconfig(), NAMESPACE);
    let operator = Operator::start_as(account, &control_plane, "canaries", &arguments);
    until_said(&control_plane, "xplan/nightly", "Ready", "Converged").await;

    simulator
        .edit(Edit::SetPassword {
            email: EMAIL.to_owned(),
            password: Password::new(NEXT_PASSWORD),
        })
        .unwrap();
    write_secret(&control_plane, WRONG_PASSWORD).await;
    until_said(&control_plane, "xconn/xopero", "Stalled", "LoginRejected").await;
    write_secret(&control_plane, NEXT_PASSWORD).await;
    until_said(&control_plane, "xconn/xopero", "Ready", "Converged").await;

    let log = operator.log();
    assert!(log.contains(r#""level":"TRACE""#), "{log}");
    let shown = [
        ("the log", log),
        ("metrics", operator.get("/metrics").await.text),
        (
            "a resource",
            kubectl(
                &control_plane,
                &["get", "xopero", "--namespace", NAMESPACE, "-o", "json"],
                "",
            )
            .await,
        ),
        (
            "an event",
            kubectl(
                &control_plane,
                &["get", "events", "--namespace", NAMESPACE, "-o", "json"],
                "",
            )
            .await,
        ),
    ];
    for (what, text) in shown {
        assert!(!text.is_empty());
        for secret in secrets() {
            assert!(
                !text.contains(&secret),
                "{secret:?} stands in {what}: {text}"
            );
        }
    }
    operator.terminate();
    assert_eq!(operator.ends_within(PATIENCE).await, 0);
    gates.ends(Deed::Stopped).await.unwrap();
    let violations = gates.violations(&simulator);
    assert!(violations.is_empty(), "{violations:#?}");
}

/// As they are, and as a Secret holds them; and what every token begins with.
fn secrets() -> Vec<String> {
    let mut secrets = vec!["eyJ".to_owned()];
    for secret in [EMAIL, PASSWORD, NEXT_PASSWORD, WRONG_PASSWORD] {
        secrets.extend([secret.to_owned(), BASE64_STANDARD.encode(secret)]);
    }
    secrets
}

async fn kubectl(control_plane: &ControlPlane, arguments: &[&str], input: &str) -> String {
    let output = control_plane.kubectl(arguments, Some(input)).await.unwrap();
    output.success().unwrap()
}

async fn write_secret(control_plane: &ControlPlane, password: &str) {
    let patch = json!({ "stringData": { "password": password } }).to_string();
    let arguments = [
        "patch",
        "secret",
        "account",
        "--namespace",
        NAMESPACE,
        "-p",
        &patch,
    ];
    kubectl(control_plane, &arguments, "").await;
}

async fn until_said(control_plane: &ControlPlane, resource: &str, type_: &str, reason: &str) {
    let path = format!("jsonpath={{.status.conditions[?(@.type==\"{type_}\")].reason}}");
    let arguments = ["get", resource, "--namespace", NAMESPACE, "-o", &path];
    let says = until_holds(PATIENCE, async || {
        kubectl(control_plane, &arguments, "").await == reason
    });
    assert!(says.await, "{resource} never says {reason}");
}

fn resources(url: &str) -> String {
    format!(
        r#"
apiVersion: v1
kind: Namespace
metadata: {{name: {NAMESPACE}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: account, namespace: {NAMESPACE}, labels: {{xopero.dev/credentials: "true"}}}}
stringData: {{email: {EMAIL}, password: {PASSWORD}}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {{name: xopero, namespace: {NAMESPACE}}}
spec: {{url: "{url}", credentialsSecretRef: {{name: account}}}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoOrganization
metadata: {{name: acme, namespace: {NAMESPACE}}}
spec: {{connectionRef: {{name: xopero}}, name: acme, provider: GitHub, resyncInterval: 2s}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoBackupPlan
metadata: {{name: nightly, namespace: {NAMESPACE}}}
spec: {{organizationRef: {{name: acme}}, planName: nightly, repositories: {{include: ["*"]}}}}
"#
    )
}
