//! The control plane, as its users see it.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ObjectMeta, PostParams},
};
use tokio::time::timeout;
use xtask::{
    control_plane::{Cluster, ControlPlane, Options},
    operator,
    wait::until_holds,
};

/// Far more than anything here takes, also while the machine compiles.
const PATIENCE: Duration = Duration::from_mins(1);

fn namespace(name: &str) -> Namespace {
    Namespace {
        metadata: ObjectMeta {
            name: Some(name.into()),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    }
}

fn configuration(name: &str) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta {
            name: Some(name.into()),
            ..ObjectMeta::default()
        },
        data: Some(BTreeMap::from([("greeting".into(), "hello".into())])),
        ..ConfigMap::default()
    }
}

/// Waits until `condition` answers yes.
async fn eventually(what: &str, condition: impl AsyncFnMut() -> bool) {
    let seconds = PATIENCE.as_secs();
    assert!(
        until_holds(PATIENCE, condition).await,
        "{what}: not within {seconds} s"
    );
}

#[tokio::test]
async fn an_applied_namespace_can_be_used_and_goes_when_it_is_deleted() {
    let control_plane = ControlPlane::shared().await.unwrap();
    let client = control_plane.client().await.unwrap();
    let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: applied}";

    let said = control_plane
        .kubectl(&["apply", "-f", "-"], Some(manifest))
        .await
        .unwrap()
        .success()
        .unwrap();
    assert_eq!(said.trim(), "namespace/applied created");
    let configurations: Api<ConfigMap> = Api::namespaced(client.clone(), "applied");
    configurations
        .create(&PostParams::default(), &configuration("greeting"))
        .await
        .unwrap();

    // Only with the namespace controller is this ever done.
    let namespaces: Api<Namespace> = Api::all(client);
    namespaces
        .delete("applied", &DeleteParams::default())
        .await
        .unwrap();
    eventually("the namespace is gone", async || {
        namespaces.get_opt("applied").await.unwrap().is_none()
    })
    .await;
}

#[tokio::test]
async fn the_garbage_collector_follows_owners() {
    let control_plane = ControlPlane::shared().await.unwrap();
    let client = control_plane.client().await.unwrap();
    Api::all(client.clone())
        .create(&PostParams::default(), &namespace("owners"))
        .await
        .unwrap();
    let configurations: Api<ConfigMap> = Api::namespaced(client, "owners");
    let owner = configurations
        .create(&PostParams::default(), &configuration("owner"))
        .await
        .unwrap();
    let mut child = configuration("owned");
    child.metadata.owner_references = Some(vec![kube::Resource::owner_ref(&owner, &()).unwrap()]);
    configurations
        .create(&PostParams::default(), &child)
        .await
        .unwrap();

    configurations
        .delete("owner", &DeleteParams::default())
        .await
        .unwrap();

    eventually("the owned one is gone", async || {
        configurations.get_opt("owned").await.unwrap().is_none()
    })
    .await;
}

#[tokio::test]
async fn the_token_of_a_service_account_has_the_rights_of_its_roles_and_no_more() {
    let control_plane = ControlPlane::shared().await.unwrap();
    let manifests = "
apiVersion: v1
kind: Namespace
metadata: {name: tokens}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: tokens}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: tokens}
rules: [{apiGroups: [''], resources: [configmaps], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: tokens}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: reader, namespace: tokens}]
";
    control_plane
        .kubectl(&["apply", "-f", "-"], Some(manifests))
        .await
        .unwrap()
        .success()
        .unwrap();

    let kubeconfig = control_plane
        .service_account_kubeconfig("tokens", "reader")
        .await
        .unwrap();
    let reader = control_plane.client_as(&kubeconfig).await.unwrap();
    let configurations: Api<ConfigMap> = Api::namespaced(reader, "tokens");

    configurations
        .list(&kube::api::ListParams::default())
        .await
        .unwrap();
    let refused = configurations
        .create(&PostParams::default(), &configuration("greeting"))
        .await
        .unwrap_err();
    let sentence =
        "User \"system:serviceaccount:tokens:reader\" cannot create resource \"configmaps\"";
    assert!(refused.to_string().contains(sentence), "{refused}");

    let complaint = control_plane
        .kubectl_as(&kubeconfig, &["get", "secrets", "-n", "tokens"], None)
        .await
        .unwrap()
        .failure()
        .unwrap();
    assert!(
        complaint.contains("cannot list resource \"secrets\""),
        "{complaint}"
    );
    let log = std::fs::read_to_string(control_plane.audit_log().unwrap()).unwrap();
    assert!(
        log.lines()
            .any(|line| line.contains("system:serviceaccount:tokens:reader")
                && line.contains("\"verb\":\"list\""))
    );
}

#[tokio::test]
async fn a_person_without_roles_is_refused_what_masters_may() {
    let control_plane = ControlPlane::shared().await.unwrap();
    let stranger = control_plane.kubeconfig_for_user("stranger", None).unwrap();
    let master = control_plane
        .kubeconfig_for_user("master", Some("system:masters"))
        .unwrap();
    let question = ["auth", "can-i", "create", "namespaces"];

    let to_stranger = control_plane
        .kubectl_as(&stranger, &question, None)
        .await
        .unwrap();
    let to_master = control_plane
        .kubectl_as(&master, &question, None)
        .await
        .unwrap();

    assert_eq!(
        [to_stranger.stdout.trim(), to_master.stdout.trim()],
        ["no", "yes"]
    );
}

#[tokio::test]
async fn an_existing_cluster_is_used_but_never_stopped() {
    let shared = ControlPlane::shared().await.unwrap();
    let cluster = Cluster::Existing(shared.kubeconfig().to_owned());

    let existing = ControlPlane::start(Options {
        cluster,
        ..Options::default()
    })
    .await
    .unwrap();

    let names = existing
        .kubectl(&["get", "namespaces", "-o", "name"], None)
        .await
        .unwrap()
        .success()
        .unwrap();
    assert!(names.contains("namespace/kube-system"), "{names}");
    assert!(
        existing
            .freeze()
            .unwrap_err()
            .to_string()
            .contains("unset XOPERO_TEST_KUBECONFIG")
    );
    existing.restart_api_server().await.unwrap_err();
    let account = existing
        .service_account_kubeconfig("kube-system", "default")
        .await
        .unwrap();
    let whoami = existing
        .kubectl_as(&account, &["auth", "whoami"], None)
        .await
        .unwrap()
        .success()
        .unwrap();
    assert!(
        whoami.contains("system:serviceaccount:kube-system:default"),
        "{whoami}"
    );
    // Stops nothing.
    existing.stop().await.unwrap();
    existing
        .kubectl(&["get", "namespaces"], None)
        .await
        .unwrap()
        .success()
        .unwrap();
}

#[tokio::test]
async fn a_frozen_api_server_answers_nothing_and_goes_on_when_thawed() {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    let namespaces: Api<Namespace> = Api::all(control_plane.client().await.unwrap());
    namespaces.get("default").await.unwrap();

    control_plane.freeze().unwrap();
    let silence = timeout(Duration::from_secs(1), namespaces.get("default")).await;
    control_plane.thaw().unwrap();
    let answer = timeout(PATIENCE, namespaces.get("default")).await;

    assert!(silence.is_err(), "a frozen API server answered");
    answer.unwrap().unwrap();
    control_plane.stop().await.unwrap();
}

#[tokio::test]
async fn what_was_written_outlives_a_stop_of_the_api_server_and_a_kill_of_it_and_its_etcd() {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    let namespaces: Api<Namespace> = Api::all(control_plane.client().await.unwrap());
    let before = namespaces
        .create(&PostParams::default(), &namespace("lasting"))
        .await
        .unwrap();
    let address = control_plane.address();

    control_plane.stop_api_server().await.unwrap();
    namespaces.get("lasting").await.unwrap_err();
    control_plane.restart_api_server().await.unwrap();
    control_plane.kill_api_server().await.unwrap();
    namespaces.get("lasting").await.unwrap_err();
    control_plane.restart_api_server().await.unwrap();

    let after = namespaces.get("lasting").await.unwrap();
    assert_eq!(
        (after.uid(), control_plane.address()),
        (before.uid(), address)
    );
    control_plane.stop().await.unwrap();
}

#[tokio::test]
async fn an_api_server_that_refuses_its_arguments_is_quoted() {
    let options = Options {
        api_server_arguments: vec!["--no-such-flag".into()],
        ..Options::default()
    };

    let error = ControlPlane::start(options).await.unwrap_err().to_string();

    assert!(
        error.contains("kube-apiserver ended") && error.contains("unknown flag: --no-such-flag"),
        "{error}"
    );
}

/// The ids of the processes that run in `folder`.
fn processes_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|pid| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == folder))
        .collect()
}

#[tokio::test]
async fn the_programs_die_with_their_parent_even_when_it_is_killed() {
    let mut parent = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("control-plane")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first_line = String::new();
    BufReader::new(parent.stdout.take().unwrap())
        .read_line(&mut first_line)
        .unwrap();
    let kubeconfig = first_line
        .trim()
        .strip_prefix("export KUBECONFIG=")
        .unwrap();
    let folder = Path::new(kubeconfig)
        .parent()
        .unwrap()
        .canonicalize()
        .unwrap();
    assert_eq!(
        processes_in(&folder).len(),
        3,
        "etcd, API server and controllers run"
    );

    parent.kill().unwrap();
    parent.wait().unwrap();

    eventually("all programs are gone", async || {
        processes_in(&folder).is_empty()
    })
    .await;
}

#[tokio::test]
async fn the_operators_account_has_the_rights_that_it_needs_and_no_more() {
    let control_plane = ControlPlane::shared().await.unwrap();
    operator::install(&control_plane).await.unwrap();
    // A second time, as over an older installation.
    operator::install(&control_plane).await.unwrap();
    let account = control_plane
        .service_account_kubeconfig(operator::NAMESPACE, operator::ACCOUNT)
        .await
        .unwrap();

    for (question, answer) in [
        ("get secrets -n default", "yes"),
        ("list secrets -n default", "no"),
        ("watch configmaps -n default", "no"),
        ("watch xoperobackupplans -n default", "yes"),
        (
            "patch xoperobackupplans --subresource=status -n default",
            "yes",
        ),
        ("delete xoperobackupplans -n default", "no"),
        ("create leases -n xopero-system", "yes"),
        ("update leases/xopero-operator -n xopero-system", "yes"),
        ("update leases/another -n xopero-system", "no"),
        ("update leases/xopero-operator -n default", "no"),
    ] {
        let arguments: Vec<_> = ["auth", "can-i"]
            .into_iter()
            .chain(question.split(' '))
            .collect();
        let said = control_plane
            .kubectl_as(&account, &arguments, None)
            .await
            .unwrap();
        assert_eq!(said.stdout.trim(), answer, "{question} {}", said.stderr);
    }
}
