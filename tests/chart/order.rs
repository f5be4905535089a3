//! Applied in whatever order Argo CD and Flux may come to: what cannot be applied yet is tried again, as they do, and nobody helps.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    helm::{Helm, Rendered},
    stage::Stage,
    xopero_one,
};

/// The objects that Git holds, and which of them are in the cluster.
struct Git<'a> {
    stage: &'a Stage,
    waiting: Vec<Value>,
}

impl Git<'_> {
    /// Tries all that is not applied yet, once; says what was refused.
    async fn synchronize(&mut self) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut waiting = Vec::new();
        for object in self.waiting.drain(..) {
            let text = object.to_string();
            let applied = self.stage.try_kubectl(&["apply", "-f", "-"], Some(&text));
            if let Err(complaint) = applied.await {
                complaints.push(complaint);
                waiting.push(object);
            }
        }
        self.waiting = waiting;
        complaints
    }
}

fn documents(text: &str) -> Vec<Value> {
    Rendered::of(text.to_owned()).objects
}

#[rstest]
#[case::all_namespaces(json!([]), "are the custom resource definitions installed?")]
#[case::two_namespaces(json!(["backup", "team-a"]), "is the Role or ClusterRole of the operator bound?")]
#[tokio::test]
async fn with_definitions_last_and_namespaces_late_everything_ends_ready_and_nobody_helps(
    #[case] watched: Value,
    #[case] complaint: &str,
) {
    let stage = Stage::bare().await;
    let simulator = xopero_one::start();
    let values = json!({
        "watchNamespaces": watched,
        "extraCABundle": {"pem": simulator.ca_pem().unwrap()},
    });
    let of_kind = |kind: &'static str| move |object: &Value| object["kind"] == kind;
    let (definitions, operator): (Vec<Value>, Vec<Value>) = Helm::alone()
        .template(&values.to_string())
        .objects
        .into_iter()
        .partition(of_kind("CustomResourceDefinition"));
    let (organizations, claims) = xopero_one::samples(&simulator);
    let declared = [claims, organizations].join("\n---\n");
    let (mut namespaces, mut waiting): (Vec<Value>, Vec<Value>) = documents(&declared)
        .into_iter()
        .partition(of_kind("Namespace"));
    let mut own = documents(include_str!("data/namespaces.yaml"));
    namespaces.extend(own.split_off(1));

    // What is declared is first in Git, then the operator, and its namespace is the last.
    waiting.extend(operator);
    waiting.extend(own);
    let mut git = Git {
        stage: &stage,
        waiting,
    };
    git.synchronize().await;
    let refused = git.synchronize().await.join("\n");
    assert!(refused.contains("no matches for kind"), "{refused}");
    stage
        .eventually("the operator says what is missing", async || {
            stage.kubelet.logs().contains(complaint)
        })
        .await;

    git.waiting.extend(definitions);
    git.synchronize().await;
    stage
        .eventually("only the namespaces are missing", async || {
            let refused = git.synchronize().await.join("\n");
            !refused.contains("no matches for kind") && refused.contains("namespaces")
        })
        .await;

    git.waiting.extend(namespaces);
    stage
        .eventually("all is applied", async || {
            git.synchronize().await.is_empty()
        })
        .await;
    stage.all_ready().await;
    assert!(
        stage.kubelet.ends().is_empty(),
        "{:?}",
        stage.kubelet.ends()
    );
    stage.statuses_kept_the_rules().await;
}
