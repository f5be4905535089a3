//! What happens seldom, made to happen.

use serde_json::json;
use xopero_simulator::Simulator;

use super::{ACCOUNT, declared::spare_account};
use crate::{stage::Stage, xopero_one::SPARE_EMAIL};

/// Has the API server refuse the operator's finalizers on a kind, as one with a policy might; waits until it does.
pub(super) async fn hold(stage: &Stage, kind: &str) {
    let finalizers =
        |of: &str| format!("(has({of}.metadata.finalizers) ? {of}.metadata.finalizers : [])");
    let unchanged = format!("{} == {}", finalizers("object"), finalizers("oldObject"));
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": kind},
        "spec": {
            "matchConstraints": {"resourceRules": [{
                "apiGroups": ["xopero.dev"],
                "apiVersions": ["*"],
                "operations": ["UPDATE"],
                "resources": [kind],
            }]},
            "validations": [{
                "expression": format!("request.userInfo.username != '{ACCOUNT}' || {unchanged}"),
                "reason": "Invalid",
                "message": "finalizers are held",
            }],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": kind},
        "spec": {"policyName": kind, "validationActions": ["Deny"]},
    });
    stage.apply(&format!("{policy}\n---\n{binding}")).await;
    let listed = ["get", kind, "--namespace=backup", "--output=name"];
    let listed = stage.kubectl(&listed).await;
    let object = listed.lines().next().unwrap();
    let account = format!("--as={ACCOUNT}");
    let patch = [
        "patch",
        object,
        "--namespace=backup",
        "--type=merge",
        "--patch={\"metadata\":{\"finalizers\":[\"example.com/tried\"]}}",
        "--dry-run=server",
        &account,
    ];
    stage
        .eventually("the policy holds", async || {
            let tried = stage.try_kubectl(&patch, None).await;
            tried.is_err_and(|complaint| complaint.contains("finalizers are held"))
        })
        .await;
}

/// An event that is told again is counted up.
pub(super) async fn another_password_twice(stage: &Stage, simulator: &Simulator) {
    let version = async |of: &[&str]| {
        let printed = stage.kubectl(of).await;
        printed.trim().to_owned()
    };
    for password in ["two", "three"] {
        simulator.set_password(SPARE_EMAIL, password).unwrap();
        stage.apply(&spare_account(password)).await;
        let secret = [
            "get",
            "secret",
            "spare",
            "--namespace=backup",
            "--output=jsonpath={.metadata.resourceVersion}",
        ];
        let written = version(&secret).await;
        for connection in ["by-secret", "by-config-map"] {
            let used = [
                "get",
                "xconn",
                connection,
                "--namespace=backup",
                "--output=jsonpath={.status.credentialsVersion}",
            ];
            stage
                .eventually("the new password is used", async || {
                    version(&used).await == written
                })
                .await;
        }
    }
    stage.asked("patch", "events").await;
}

/// Before something is removed, its resource is looked at.
pub(super) async fn cleaned_up(stage: &Stage, simulator: &Simulator) {
    let members = |plan: &str| simulator.members("kubernetes-sigs", plan).unwrap();
    assert!(members("Weekly").contains(&"agent-sandbox".to_owned()));
    assert!(!members("Drivers").is_empty());
    // More at once than the sample allows.
    let limit = "--patch={\"spec\":{\"removalLimit\":50}}";
    let patch = [
        "patch",
        "xorg/kubernetes-sigs",
        "--namespace=backup",
        "--type=merge",
        limit,
    ];
    stage.kubectl(&patch).await;
    for deleted in [
        "xrepo/sandbox",
        "xproj/legacy",
        "xplan/kubernetes-sigs-drivers",
    ] {
        // It comes back once the finalizer is off.
        stage
            .kubectl(&["delete", deleted, "--namespace=backup", "--timeout=100s"])
            .await;
    }
    assert!(!members("Weekly").contains(&"agent-sandbox".to_owned()));
    assert_eq!(members("Drivers"), Vec::<String>::new());
}
