//! Argo CD at work with the sample repository of docs/gitops/argocd: it applies wave by wave, waits for health, puts back what somebody
//! changed, prunes, and what it applies again changes nothing.

#![expect(
    clippy::unwrap_used,
    reason = "what a test cannot set up is its failure"
)]

use std::fs;

use serde_json::json;
use xtask::{
    gitops::argo_cd::{ArgoCd, GitRepository},
    workspace,
};

use crate::{objects::Kind, sample, world::World};

const DOCS: &str = "docs/gitops/argocd";

/// A cluster with Argo CD as the documentation sets it up and without the operator, and a repository that an Application is to name.
struct Argo {
    world: World,
    repository: GitRepository,
    _argo_cd: ArgoCd,
}

impl Argo {
    async fn start() -> Self {
        let world = World::whole_cluster(sample::xopero_one()).await;
        let argo_cd = ArgoCd::start(world.control_plane()).await.unwrap();
        let settings = workspace::root().join(DOCS).join("argocd-cm.yaml");
        let settings = settings.to_str().unwrap();
        let patch = [
            "patch",
            "configmap",
            "argocd-cm",
            "--namespace=argocd",
            "--patch-file",
            settings,
        ];
        world.kubectl(&patch).await;
        world.apply(&sample::account()).await;
        let this = Self {
            world,
            repository: GitRepository::new().unwrap(),
            _argo_cd: argo_cd,
        };
        let folder = this.repository.folder().join("backup");
        fs::create_dir(&folder).unwrap();
        for file in fs::read_dir(workspace::root().join(DOCS).join("sample/backup")).unwrap() {
            let file = file.unwrap();
            let text = fs::read_to_string(file.path()).unwrap();
            fs::write(folder.join(file.file_name()), this.adapted(&text)).unwrap();
        }
        this
    }

    /// With this world's names for what is an example.
    fn adapted(&self, text: &str) -> String {
        sample::adapted(text, &self.world)
            .replace(
                "https://git.example.com/platform.git",
                &self.repository.url(),
            )
            .replace("duration: 30s", "duration: 1s")
    }

    /// The Application of the sample.
    async fn declare(&self) {
        let sample = workspace::root().join(DOCS).join("sample/application.yaml");
        let application = fs::read_to_string(sample).unwrap();
        self.world.apply_anywhere(&self.adapted(&application)).await;
    }

    async fn system(&self, arguments: &[&str]) -> String {
        let arguments = [&["--namespace=argocd"], arguments].concat();
        self.world.kubectl(&arguments).await
    }

    /// What the Application says at these paths.
    async fn says(&self, paths: &str) -> String {
        let output = format!("jsonpath={paths}");
        self.system(&["get", "application", "backup", "-o", &output])
            .await
    }

    /// As a webhook of the Git server does.
    async fn refresh(&self) {
        let refresh = "argocd.argoproj.io/refresh=hard";
        let annotate = ["annotate", "--overwrite", "application", "backup", refresh];
        self.system(&annotate).await;
    }

    /// Waits until Argo CD finds everything as the commit says, and healthy, having looked when it was last asked to.
    async fn is_synced(&self, commit: &str) {
        let expected = format!("Synced Healthy {commit} Succeeded ");
        let mut last = String::new();
        self.world
            .eventually("the Application is Synced and Healthy", async || {
                let paths = "{.status.sync.status} {.status.health.status} {.status.sync.revision} {.status.operationState.phase} {.metadata.annotations.argocd\\.argoproj\\.io/refresh}";
                last = self.says(paths).await;
                last == expected
            })
            .await;
    }
}

#[tokio::test]
async fn argo_cd_applies_the_sample_in_waves_changes_nothing_again_puts_back_and_prunes() {
    let mut argo = Argo::start().await;
    let first = argo.repository.commit().unwrap();
    argo.declare().await;

    // Without the script every resource that is there would be healthy, and all waves would be applied at once.
    argo.world
        .wait_for(Kind::Connection, "xopero", "applied", |_| true)
        .await;
    argo.world
        .eventually("Argo CD waits for the connection", async || {
            let paths = "{.status.operationState.message}";
            let message = argo.says(paths).await;
            message.starts_with("waiting for healthy state of xopero.dev/XoperoConnection/xopero")
        })
        .await;
    assert!(argo.world.get(Kind::Organization, "acme").await.is_none());
    argo.world.start_operator().await;
    argo.is_synced(&first).await;
    argo.world.in_sync(Kind::Plan, "acme-nightly").await;
    assert_eq!(argo.world.members("acme", "Nightly"), ["api", "web"]);

    let before = argo.world.versions().await;
    let written = argo.world.writes();
    argo.refresh().await;
    argo.is_synced(&first).await;
    let again = r#"{"operation": {"initiatedBy": {"username": "somebody"}, "sync": {"syncOptions": ["ServerSideApply=true"]}}}"#;
    let started = argo.says("{.status.operationState.startedAt}").await;
    argo.world
        .eventually("it applies everything again", async || {
            // Asked for while the last one is being finished it would be forgotten with it.
            if argo.says("{.operation}").await.is_empty() {
                argo.system(&[
                    "patch",
                    "application",
                    "backup",
                    "--type=merge",
                    "-p",
                    again,
                ])
                .await;
            }
            argo.says("{.status.operationState.startedAt}").await != started
        })
        .await;
    argo.is_synced(&first).await;
    assert_eq!(argo.world.versions().await, before, "it wrote something");
    assert_eq!(argo.world.writes(), written);

    let theirs = r#"{"spec": {"repositories": {"exclude": ["*-sandbox", "web"]}}}"#;
    let patch = [
        "patch",
        "xplan",
        "acme-nightly",
        "--type=merge",
        "-p",
        theirs,
    ];
    argo.world.kubectl(&patch).await;
    argo.world
        .wait_for(Kind::Plan, "acme-nightly", "as in Git again", |plan| {
            *plan.at("/spec/repositories/exclude") == json!(["*-sandbox"])
        })
        .await;
    argo.is_synced(&first).await;

    let plans = argo.repository.folder().join("backup/plans.yaml");
    let nightly = fs::read_to_string(&plans).unwrap();
    let weekly = nightly
        .replace("acme-nightly", "acme-weekly")
        .replace("Nightly", "Weekly");
    fs::write(plans, weekly).unwrap();
    let second = argo.repository.commit().unwrap();
    argo.refresh().await;
    argo.is_synced(&second).await;
    argo.world.gone(Kind::Plan, "acme-nightly").await;
    argo.world.in_sync(Kind::Plan, "acme-weekly").await;
    assert_eq!(argo.world.members("acme", "Weekly"), ["api", "web"]);
    // Deleting a plan lets nothing go.
    assert_eq!(argo.world.members("acme", "Nightly"), ["api", "web"]);
    argo.world.end().await;
}
