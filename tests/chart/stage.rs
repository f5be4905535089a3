//! A cluster with pods, and Helm on it.

use std::time::Duration;

use kube::{Client, Resource, ResourceExt, api::DynamicObject};
use xopero_campaign::witness::Witness;
use xtask::{
    control_plane::ControlPlane,
    kubelet::{self, Kubelet},
    wait::{until_found, until_holds},
};

/// How long anything may take that a test waits for. It is for what never comes.
const PATIENCE: Duration = Duration::from_mins(2);

/// Namespaces, and kinds that a cluster with the Prometheus operator has.
pub(crate) async fn prepare(control_plane: &ControlPlane) {
    for manifests in [
        include_str!("data/namespaces.yaml"),
        include_str!("data/monitoring.yaml"),
    ] {
        let applied = control_plane.kubectl(&["apply", "-f", "-"], Some(manifests));
        applied.await.unwrap().success().unwrap();
    }
    let established = [
        "wait",
        "--for=condition=Established",
        "crd",
        "--all",
        "--timeout=60s",
    ];
    control_plane
        .kubectl(&established, None)
        .await
        .unwrap()
        .success()
        .unwrap();
}

/// A cluster of a test's own, on which Deployments come to life.
pub(crate) struct Stage {
    /// First, so that no pod outlives its API server.
    pub(crate) kubelet: Kubelet,
    pub(crate) client: Client,
    witness: Witness,
    pub(crate) control_plane: ControlPlane,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let stage = Self::bare().await;
        prepare(&stage.control_plane).await;
        stage
    }

    /// Without any namespace of its own.
    pub(crate) async fn bare() -> Self {
        let control_plane = ControlPlane::start(kubelet::options()).await.unwrap();
        let client = control_plane.client().await.unwrap();
        Self {
            kubelet: Kubelet::start(
                control_plane.clone(),
                client.clone(),
                env!("CARGO_BIN_EXE_xopero-operator"),
            ),
            witness: Witness::of(client.clone()),
            client,
            control_plane,
        }
    }

    /// What kubectl prints.
    pub(crate) async fn kubectl(&self, arguments: &[&str]) -> String {
        match self.try_kubectl(arguments, None).await {
            Ok(printed) => printed,
            Err(complaint) => self.fail(&format!("kubectl {}: {complaint}", arguments.join(" "))),
        }
    }

    /// What Helm prints.
    pub(crate) async fn helm(&self, arguments: &[&str]) -> String {
        let done = self.control_plane.helm(arguments).await.unwrap();
        let done = done.success();
        done.unwrap_or_else(|complaint| {
            self.fail(&format!("{}: {complaint:#}", arguments.join(" ")))
        })
    }

    pub(crate) async fn try_kubectl(
        &self,
        arguments: &[&str],
        input: Option<&str>,
    ) -> Result<String, String> {
        let output = self.control_plane.kubectl(arguments, input).await;
        output.unwrap().into_result()
    }

    pub(crate) async fn apply(&self, manifests: &str) {
        if let Err(complaint) = self
            .try_kubectl(&["apply", "-f", "-"], Some(manifests))
            .await
        {
            self.fail(&format!("refused: {complaint}\n{manifests}"));
        }
    }

    /// Waits until it holds.
    pub(crate) async fn eventually(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        if !until_holds(PATIENCE, holds).await {
            self.fail(&format!("never came about: {what}"));
        }
    }

    /// The test's failure, with all that helps to understand it.
    pub(crate) fn fail(&self, message: &str) -> ! {
        panic!("{message}\n{}", self.kubelet.logs())
    }

    /// Every resource of the operator in all namespaces, by kind, namespace and name.
    pub(crate) async fn resources(&self) -> Vec<DynamicObject> {
        self.witness.resources().await.unwrap()
    }

    /// No status has ever said what none may say: what every test ends with in which there is something to say.
    pub(crate) async fn statuses_kept_the_rules(&self) {
        self.witness.look().await.unwrap();
        let violations = self.witness.violations();
        if !violations.is_empty() {
            self.fail(&violations.join("\n"));
        }
    }

    /// Waits until all of them are Ready for what is declared.
    pub(crate) async fn all_ready(&self) {
        let mut waiting = Vec::new();
        let all = until_found(PATIENCE, async || {
            let resources = self.resources().await;
            waiting = resources.iter().filter_map(not_ready).collect();
            (waiting.is_empty() && !resources.is_empty()).then_some(())
        });
        if all.await.is_none() {
            self.fail(&format!("not Ready: {}", waiting.join("\n")));
        }
    }
}

/// Who it is and why it is not Ready; `None` if it is.
fn not_ready(object: &DynamicObject) -> Option<String> {
    let status = &object.data["status"];
    let conditions = status["conditions"].as_array();
    let ready = conditions
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == "Ready");
    let is_ready = ready.is_some_and(|ready| ready["status"] == "True");
    let is_observed = status["observedGeneration"].as_i64() == object.meta().generation;
    (!is_ready || !is_observed).then(|| format!("{}: {ready:?}", object.name_any()))
}
