//! Pages about Argo CD, which is at work here, and Flux, whose part is played: what it is to apply is applied, and it says that it has.

use std::fs;

use serde_json::Value;
use xopero_simulator::builder::{organization, state};
use xtask::{
    gitops::argo_cd::{ArgoCd, GitRepository},
    workspace,
};

use crate::{
    reader::Reader,
    world::{World, acme, plan},
};

/// The configuration of Argo CD as it installs it.
const CONFIGURATION: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: argocd}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd}
";

pub(super) async fn gitops(page: &'static str) {
    let state = state().with(organization("acme").plan("Nightly").with("api"));
    let world = World::connected(state).await;
    world.declare(CONFIGURATION).await;
    world
        .declare(&(acme("") + &plan("acme-nightly", "Nightly", "")))
        .await;
    world.wait("condition=Ready xplan/acme-nightly").await;
    Reader::of(page, &world).finish().await;
}

/// Argo CD itself reads the chart from a copy of this repository.
pub(super) async fn install_with_argo_cd(page: &'static str) {
    let world = World::empty(state()).await.with_nodes().await;
    let _argo_cd = ArgoCd::start(&world.control_plane).await.unwrap();
    let copy = GitRepository::new().unwrap();
    copy.add(&workspace::root().join("charts")).unwrap();
    copy.commit().unwrap();
    let reader = Reader::of(page, &world);
    let application = "docs/gitops/argocd/operator/application.yaml";
    reader.corrects(
        application,
        "https://git.example.com/xopero-operator.git",
        &copy.url(),
    );
    reader.finish().await;
}

pub(super) async fn install_with_flux(page: &'static str) {
    let world = World::empty(state()).await.with_nodes().await;
    let world = world
        .with_kind("kustomize.toolkit.fluxcd.io", "v1", "Kustomization")
        .await;
    let world = world
        .with_kind("helm.toolkit.fluxcd.io", "v2", "HelmRelease")
        .await;
    world
        .declare("{apiVersion: v1, kind: Namespace, metadata: {name: flux-system}}")
        .await;
    let read = |file: &str| {
        fs::read_to_string(
            workspace::root()
                .join("docs/gitops/flux/operator")
                .join(file),
        )
        .unwrap()
    };
    let release = read("operator/release.yaml");
    for manifest in release
        .split("\n---\n")
        .filter(|text| !text.contains("\nkind: GitRepository"))
    {
        world.declare(manifest).await;
    }
    world
        .declare(&read("clusters/production/operator.yaml"))
        .await;
    let values =
        "get helmrelease xopero-operator --namespace xopero-system -o jsonpath={.spec.values}";
    let values = world.kubectl(values).await;
    assert!(serde_json::from_str::<Value>(&values).unwrap().is_object());
    world.install(&values).await;
    let ready = r#"{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#;
    let patch = "patch --namespace flux-system kustomization xopero-operator --type merge -p";
    world.kubectl(&format!("{patch} {ready}")).await;
    Reader::of(page, &world).finish().await;
}
