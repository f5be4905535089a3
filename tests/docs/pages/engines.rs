//! Pages about Argo CD and Flux, whose part is played here: what they are to apply is applied, and they say that they have.

use std::fs;

use serde_json::Value;
use xopero_simulator::builder::{organization, state};
use xtask::workspace;

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

pub(super) async fn install_with_argo_cd(page: &'static str) {
    let world = World::empty(state()).await.with_nodes().await;
    let world = world
        .with_kind("argoproj.io", "v1alpha1", "Application")
        .await;
    world.declare(CONFIGURATION).await;
    let mut reader = Reader::of(page, &world);
    reader.before("kubectl wait --namespace argocd").await;
    let application = "--namespace argocd application xopero-operator";
    let values = format!("get {application} -o jsonpath={{.spec.source.helm.valuesObject}}");
    world.install(&world.kubectl(&values).await).await;
    let healthy = r#"--type merge -p {"status":{"health":{"status":"Healthy"}}}"#;
    world
        .kubectl(&format!("patch {application} {healthy}"))
        .await;
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
