//! Flux's own kustomize-controller at work with the sample repository of docs/gitops/flux: it applies, waits, prunes, and what it
//! applies again changes nothing.

#![expect(
    clippy::unwrap_used,
    reason = "what a test cannot set up is its failure"
)]

use std::{fs, path::Path};

use serde_json::json;
use xtask::{gitops::KUSTOMIZE_CONTROLLER, process::Process, workspace};

use crate::{artifact::Artifacts, objects::Kind, sample, world::World};

/// The sources of Flux's source-controller, which is no program that can be had by itself: a definition for each kind that
/// kustomize-controller watches, and the artifact named by hand.
const SOURCES: [(&str, &str, &str); 3] = [
    ("GitRepository", "gitrepositories", "gitrepository"),
    ("OCIRepository", "ocirepositories", "ocirepository"),
    ("Bucket", "buckets", "bucket"),
];

fn definition((kind, plural, singular): (&str, &str, &str)) -> String {
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.source.toolkit.fluxcd.io")},
        "spec": {
            "group": "source.toolkit.fluxcd.io",
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": singular, "listKind": format!("{kind}List")},
            "versions": [{
                "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": schema},
            }],
        },
    })
    .to_string()
}

/// A cluster with Flux and without the operator, and a repository that Flux knows of.
struct Flux {
    world: World,
    artifacts: Artifacts,
    repository: tempfile::TempDir,
    _controller: Process,
}

impl Flux {
    async fn start() -> Self {
        let world = World::whole_cluster(sample::xopero_one()).await;
        for source in SOURCES {
            world.apply(&definition(source)).await;
        }
        let sources = KUSTOMIZE_CONTROLLER.sources().unwrap();
        let folder = sources.join("config/crd/bases");
        let folder = folder.to_str().unwrap();
        world
            .kubectl(&["apply", "--server-side", "-f", folder])
            .await;
        let established = [
            "wait",
            "--for=condition=Established",
            "--timeout=60s",
            "crd",
            "--all",
        ];
        world.kubectl(&established).await;
        world.kubectl(&["create", "namespace", "flux-system"]).await;
        world.apply(&sample::account()).await;
        let controller = world.start_admin_program(
            "kustomize-controller",
            &KUSTOMIZE_CONTROLLER.find_or_build().unwrap(),
            &[
                "--metrics-addr=127.0.0.1:0",
                "--health-addr=127.0.0.1:0",
                "--requeue-dependency=1s",
            ],
        );
        let repository = tempfile::tempdir().unwrap();
        let this = Self {
            artifacts: Artifacts::serve().await,
            world,
            repository,
            _controller: controller,
        };
        let sample = workspace::root().join("docs/gitops/flux/sample/backup");
        this.copy(&sample, &this.repository.path().join("backup"));
        this
    }

    /// Every file, in this world's namespace.
    fn copy(&self, from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                self.copy(&entry.path(), &target);
            } else {
                let text = fs::read_to_string(entry.path()).unwrap();
                fs::write(target, sample::adapted(&text, &self.world)).unwrap();
            }
        }
    }

    /// What source-controller does once somebody has pushed.
    async fn push(&self, revision: &str) {
        let artifact = self.artifacts.pack(self.repository.path(), revision);
        let repository = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {url: 'https://git.example.com/platform.git', interval: 1m}\n";
        self.world.apply_anywhere(repository).await;
        let status = json!({"status": {
            "artifact": artifact,
            "conditions": [{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored artifact", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
        }});
        let patch = status.to_string();
        self.system(&[
            "patch",
            "gitrepository",
            "flux-system",
            "--subresource=status",
            "--type=merge",
            "-p",
            &patch,
        ])
        .await;
    }

    async fn system(&self, arguments: &[&str]) -> String {
        let arguments = [&["--namespace=flux-system"], arguments].concat();
        self.world.kubectl(&arguments).await
    }

    /// What a Kustomization says at these paths, a line each.
    async fn says(&self, kustomization: &str, paths: &str) -> String {
        let output = format!("jsonpath={paths}");
        self.system(&["get", "kustomization", kustomization, "-o", &output])
            .await
    }

    /// Waits until both are Ready with the revision, having handled the request.
    async fn applied(&self, revision: &str, request: &str) {
        for kustomization in ["backup-organization", "backup-plans"] {
            let what = format!("{kustomization} is Ready with {revision} {request}");
            let expected = format!("True {revision} {request}");
            self.world
                .eventually(&what, async || {
                    let paths = "{.status.conditions[?(@.type=='Ready')].status} {.status.lastAppliedRevision} {.status.lastHandledReconcileAt}";
                    self.says(kustomization, paths).await == expected
                })
                .await;
        }
    }
}

#[tokio::test]
async fn flux_applies_the_sample_waits_for_it_changes_nothing_when_asked_again_and_prunes() {
    let mut flux = Flux::start().await;
    flux.push("main@sha1:1111111111111111111111111111111111111111")
        .await;
    let sample = workspace::root().join("docs/gitops/flux/sample/clusters/production/backup.yaml");
    let kustomizations = sample::adapted(&fs::read_to_string(sample).unwrap(), &flux.world);
    flux.world.apply_anywhere(&kustomizations).await;

    // Nobody has looked at them yet: kstatus alone would take them for finished.
    flux.world
        .wait_for(Kind::Organization, "acme", "applied", |_| true)
        .await;
    flux.world
        .eventually("Flux waits for the organization", async || {
            let paths = "{.status.conditions[?(@.type=='Reconciling')].message}";
            let message = flux.says("backup-organization", paths).await;
            message.starts_with("Running health checks")
        })
        .await;
    flux.world.start_operator().await;
    flux.applied("main@sha1:1111111111111111111111111111111111111111", "")
        .await;
    let plan = flux.world.in_sync(Kind::Plan, "acme-nightly").await;
    let organization = flux.world.ready(Kind::Organization, "acme").await;
    let ready = organization.conditions();
    let ready = ready
        .iter()
        .find(|condition| condition.type_ == "Ready")
        .unwrap();
    let ready = serde_json::to_value(&ready.last_transition_time).unwrap();
    assert!(
        ready.as_str() <= plan.at("/metadata/creationTimestamp").as_str(),
        "the plan was applied before the organization was Ready: {organization}\n{plan}"
    );
    assert_eq!(flux.world.members("acme", "Nightly"), ["api", "web"]);

    let before = flux.world.versions().await;
    let written = flux.world.writes();
    flux.system(&[
        "annotate",
        "kustomization",
        "--all",
        "reconcile.fluxcd.io/requestedAt=again",
    ])
    .await;
    flux.applied(
        "main@sha1:1111111111111111111111111111111111111111",
        "again",
    )
    .await;
    assert_eq!(flux.world.versions().await, before, "it wrote something");
    assert_eq!(flux.world.writes(), written);

    let folder = flux.repository.path().join("backup/plans");
    let nightly = fs::read_to_string(folder.join("plans.yaml")).unwrap();
    let weekly = nightly
        .replace("acme-nightly", "acme-weekly")
        .replace("Nightly", "Weekly");
    fs::write(folder.join("plans.yaml"), weekly).unwrap();
    flux.push("main@sha1:2222222222222222222222222222222222222222")
        .await;
    flux.applied(
        "main@sha1:2222222222222222222222222222222222222222",
        "again",
    )
    .await;
    flux.world.gone(Kind::Plan, "acme-nightly").await;
    flux.world.in_sync(Kind::Plan, "acme-weekly").await;
    assert_eq!(flux.world.members("acme", "Weekly"), ["api", "web"]);
    // Deleting a plan lets nothing go.
    assert_eq!(flux.world.members("acme", "Nightly"), ["api", "web"]);
    flux.world.end().await;
}
