//! What whoever applies from Git meets: the same manifests again are no change, and neither is what the operator wrote meanwhile.

#![expect(
    clippy::unwrap_used,
    reason = "what kubectl refuses is the test's failure"
)]

use std::fs;

use serde_json::json;
use xopero_simulator::builder::{self, repository, state};
use xtask::workspace;

use crate::{
    objects::Kind,
    world::World,
    yaml::{self, connection, plan, resource, secret},
};

/// One resource of each kind, and what they find in Xopero ONE.
async fn world() -> (World, String) {
    let state = state().licences(10).with(
        builder::organization("acme")
            .azure_devops()
            .plan("Nightly")
            .project("portal")
            .with(repository("api").project("portal"))
            .with(repository("web").project("portal")),
    );
    let world = World::bare(state).await;
    let organization = "removalLimit: 10%\nsync: {interval: 1h}\nlicenses: {limit: 5}\nprotection: {require: EveryRepository, except: ['*-old']}";
    let selector = "repositories: {include: [api]}\nmembership: Exclusive\nfreshness: {maxAge: 36h}\ndeletionPolicy: Detach";
    let single = "organizationRef: {name: acme}\nname: portal\nplans: [Nightly]";
    // kubectl calls every Secret with stringData changed, so this one is not among those that are compared.
    world.apply(&secret()).await;
    let manifests = [
        connection(world.url()),
        yaml::organization("acme", "AzureDevOps", organization),
        plan("Nightly", selector),
        yaml::repository("web", "license: Active\nplans: [Nightly]"),
        resource("XoperoAzureProject", "portal", single),
    ];
    (world, manifests.concat())
}

/// Neither `kubectl diff` nor applying again finds a change.
async fn is_unchanged(world: &World, manifests: &str, how: &[&str]) {
    let read = ["-f", "-"];
    let before = world.versions().await;
    let diff = [&["diff"], how, &read].concat();
    let shown = world.try_kubectl(&diff, Some(manifests)).await;
    assert_eq!(shown, Ok(String::new()), "kubectl diff shows a change");
    let apply = [&["apply"], how, &read].concat();
    let applied = world.try_kubectl(&apply, Some(manifests)).await.unwrap();
    assert_eq!(applied.lines().count(), Kind::ALL.len(), "{applied}");
    if how.is_empty() {
        let unchanged = applied.lines().all(|line| line.ends_with(" unchanged"));
        assert!(unchanged, "{applied}");
    }
    assert_eq!(
        world.versions().await,
        before,
        "applying again wrote something"
    );
}

async fn applied_again(how: &[&str]) {
    let (mut world, manifests) = world().await;
    let apply = [&["apply"], how, &["-f", "-"]].concat();
    world.try_kubectl(&apply, Some(&manifests)).await.unwrap();
    if !how.is_empty() {
        // The status that the definitions give is stored with the first write after the creation.
        world.try_kubectl(&apply, Some(&manifests)).await.unwrap();
    }
    is_unchanged(&world, &manifests, how).await;

    world.start_operator().await;
    world.ready(Kind::Connection, "xopero").await;
    world.ready(Kind::Organization, "acme").await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "web").await;
    world.in_sync(Kind::Project, "portal").await;
    world.quiet_for_three_resyncs().await;
    is_unchanged(&world, &manifests, how).await;
    world.end().await;
}

#[tokio::test]
async fn applied_again_is_no_change_before_and_after_the_operator_has_seen_it() {
    applied_again(&[]).await;
}

#[tokio::test]
async fn applied_again_server_side_is_no_change_before_and_after_the_operator_has_seen_it() {
    applied_again(&["--server-side"]).await;
}

#[tokio::test]
async fn the_sample_repositories_are_accepted() {
    let world = World::bare(state()).await;
    for folder in [
        "argocd/sample/backup",
        "flux/sample/backup/organization",
        "flux/sample/backup/plans",
    ] {
        let folder = workspace::root().join("docs/gitops").join(folder);
        let mut read = 0;
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            if !text.contains("apiVersion: xopero.dev/") {
                continue;
            }
            let text = text
                .replace(
                    "namespace: backup",
                    &format!("namespace: {}", world.namespace),
                )
                .replace("${xopero_url}", "https://xopero.example.com");
            let dry = ["apply", "--dry-run=server", "-f", "-"];
            let applied = world.try_kubectl(&dry, Some(&text)).await;
            assert!(applied.is_ok(), "{}: {applied:?}", path.display());
            read += 1;
        }
        assert!(read > 0, "{} holds no resource", folder.display());
    }
}

#[tokio::test]
async fn what_nobody_has_looked_at_is_waited_for_before_and_after_a_change() {
    let (mut world, manifests) = world().await;
    world.apply(&manifests).await;
    for kind in Kind::ALL {
        let listed = world.kubectl(&["get", kind.short(), "-o", "name"]).await;
        let name = listed.trim().rsplit('/').next().unwrap_or_default();
        let object = world.get(kind, name).await.unwrap();
        let status = object.at("/status");
        assert_eq!(*status, json!({"observedGeneration": -1}), "{object}");
    }
    let wait = ["wait", "--for=condition=Ready", "xplan/nightly"];
    let at_once = [&wait[..], &["--timeout=1s"]].concat();
    let waited = world.try_kubectl(&at_once, None).await;
    assert!(waited.is_err(), "{waited:?}");

    world.start_operator().await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.stop_operator().await;
    let changed = plan("Nightly", "repositories: {include: [api, web]}");
    world.apply(&changed).await;
    let object = world.get(Kind::Plan, "nightly").await.unwrap();
    assert_eq!(object.says("Ready"), "", "it speaks of another spec");
    let waited = world.try_kubectl(&at_once, None).await;
    assert!(waited.is_err(), "{waited:?}");

    world.start_operator().await;
    let patiently = [&wait[..], &["--timeout=120s"]].concat();
    world.kubectl(&patiently).await;
    world.end().await;
}

#[tokio::test]
async fn helm_waits_until_the_operator_has_made_everything_ready() {
    let (mut world, manifests) = world().await;
    let chart = tempfile::tempdir().unwrap();
    fs::create_dir(chart.path().join("templates")).unwrap();
    let about = "apiVersion: v2\nname: backup\nversion: 0.1.0\n";
    fs::write(chart.path().join("Chart.yaml"), about).unwrap();
    fs::write(chart.path().join("templates/all.yaml"), manifests).unwrap();
    let install = [
        "install",
        "backup",
        chart.path().to_str().unwrap(),
        "--wait",
    ];

    let without_operator = [&install[..], &["--timeout=5s"]].concat();
    let complaint = world.helm(&without_operator).await.unwrap_err();
    assert!(complaint.contains("InProgress"), "{complaint}");
    world
        .helm(&["uninstall", "backup", "--wait"])
        .await
        .unwrap();

    world.start_operator().await;
    let with_operator = [&install[..], &["--timeout=120s"]].concat();
    world.helm(&with_operator).await.unwrap();
    for kind in Kind::ALL {
        let listed = world.kubectl(&["get", kind.short(), "-o", "name"]).await;
        let name = listed.trim().rsplit('/').next().unwrap_or_default();
        let object = world.get(kind, name).await.unwrap();
        assert!(object.says("Ready").starts_with("True "), "{object}");
    }
    world.end().await;
}
