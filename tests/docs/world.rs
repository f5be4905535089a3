//! What a page is read in: a cluster of its own, a Xopero ONE, and the operator as a process or in pods.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Once},
    time::Duration,
};

use kube::Client;
use serde_json::json;
use xopero_campaign::witness::Witness;
use xopero_simulator::{Endpoint, Simulator, State, builder::user};
use xtask::{
    control_plane::ControlPlane,
    kubelet::{self, Kubelet},
    operator,
    process::Process,
    wait::{until_found, until_holds},
    workspace,
};

use crate::logs::Logs;

/// How long anything may take that a test waits for. It is for what never comes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// The account that pages name.
pub(crate) const EMAIL: &str = "operator@example.com";

/// Its password where the page does not say one.
pub(crate) const PASSWORD: &str = "correct-horse";

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_xopero-operator");

/// The address of Xopero ONE on all pages.
pub(crate) const ADDRESS: &str = "https://xopero.example.com";

/// Namespace, account and connection, as Getting started leaves them, but as fast as they may be.
const CONNECTION: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: backup}
---
apiVersion: v1
kind: Secret
metadata: {name: xopero-account, namespace: backup, labels: {xopero.dev/credentials: 'true'}}
stringData: {email: operator@example.com, password: correct-horse}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {name: xopero, namespace: backup}
spec:
  url: https://xopero.example.com
  credentialsSecretRef: {name: xopero-account}
  requests: {perSecond: 1000, inFlight: 16}
";

/// The organization of most pages; `more` are further lines of its spec.
pub(crate) fn acme(more: &str) -> String {
    format!(
        "
apiVersion: xopero.dev/v1alpha1
kind: XoperoOrganization
metadata: {{name: acme, namespace: backup}}
spec:
  connectionRef: {{name: xopero}}
  name: acme
  provider: GitHub
  resyncInterval: 1s
{more}"
    )
}

/// A plan of it; `more` are further lines of its spec.
pub(crate) fn plan(name: &str, plan: &str, more: &str) -> String {
    format!(
        "
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoBackupPlan
metadata: {{name: {name}, namespace: backup}}
spec:
  organizationRef: {{name: acme}}
  planName: {plan}
{more}"
    )
}

/// Everything that is around a page.
pub(crate) struct World {
    /// First, so that nothing calls a closed port.
    operator: Option<Process>,
    nodes: Option<(Kubelet, Logs)>,
    pub(crate) simulator: Arc<Simulator>,
    client: Client,
    witness: Witness,
    pub(crate) control_plane: ControlPlane,
}

impl World {
    /// A cluster without anything of the operator, beside a Xopero ONE with this state and the account.
    pub(crate) async fn empty(state: State) -> Self {
        let state = state.user(user(EMAIL, PASSWORD));
        Self::around(Simulator::start(state).unwrap().into()).await
    }

    pub(crate) async fn around(simulator: Arc<Simulator>) -> Self {
        static PROVIDER: Once = Once::new();
        // Two are linked, and the process needs one of its own for the client of Kubernetes.
        PROVIDER.call_once(|| {
            let provider = rustls::crypto::aws_lc_rs::default_provider();
            provider.install_default().unwrap();
        });
        let control_plane = ControlPlane::start(kubelet::options()).await.unwrap();
        let client = control_plane.client().await.unwrap();
        Self {
            operator: None,
            nodes: None,
            simulator,
            witness: Witness::of(client.clone()),
            client,
            control_plane,
        }
    }

    /// No status has ever said what none may say.
    pub(crate) fn statuses_kept_the_rules(&self) {
        let violations = self.witness.violations();
        if !violations.is_empty() {
            self.fail(&violations.join("\n"));
        }
    }

    /// With the operator as a process, and the account and connection that pages leave in `backup`.
    pub(crate) async fn connected(state: State) -> Self {
        let world = Self::empty(state).await.with_operator().await;
        world.with_connection().await
    }

    /// The same with the operator in pods.
    pub(crate) async fn released(state: State) -> Self {
        let world = Self::empty(state).await.with_release().await;
        world.with_connection().await
    }

    /// With definitions, and the operator as a process.
    pub(crate) async fn with_operator(mut self) -> Self {
        operator::install(&self.control_plane).await.unwrap();
        let mut options = operator::Options::new(PROGRAM, "operator");
        let threads = ("TOKIO_WORKER_THREADS".to_owned(), "2".to_owned());
        options.environment.push(threads);
        let started = operator::start(&self.control_plane, options).await;
        self.operator = Some(started.unwrap());
        self
    }

    /// With nodes, on which Deployments come to life, and whose logs can be read.
    pub(crate) async fn with_nodes(mut self) -> Self {
        let (control_plane, client) = (self.control_plane.clone(), self.client.clone());
        let logs = Logs::serve(&control_plane, client.clone()).await;
        self.nodes = Some((Kubelet::start(control_plane, client, PROGRAM), logs));
        self
    }

    /// With the operator in pods, as the chart installs it.
    pub(crate) async fn with_release(self) -> Self {
        let this = self.with_nodes().await;
        this.install("{}").await;
        this
    }

    /// Has Helm install the release with these values.
    pub(crate) async fn install(&self, values: &str) {
        let file = self.control_plane.folder().join("values.yaml");
        fs::write(&file, values).unwrap();
        let chart = workspace::root().join("charts/xopero-operator");
        let (chart, file) = (chart.display().to_string(), file.display().to_string());
        let mut arguments = vec!["install", "xopero-operator", &chart, "--values", &file];
        arguments.extend([
            "--namespace",
            "xopero-system",
            "--create-namespace",
            "--wait",
        ]);
        let done = self.control_plane.helm(&arguments).await.unwrap();
        if let Err(complaint) = done.success() {
            self.fail(&format!("{complaint:#}"));
        }
    }

    /// With namespace, account and connection.
    pub(crate) async fn with_connection(self) -> Self {
        self.declare(CONNECTION).await;
        self
    }

    /// As somebody else has done before the page is read.
    pub(crate) async fn declare(&self, manifests: &str) {
        let manifests = manifests.replace(ADDRESS, &self.simulator.url());
        let apply = ["apply", "--server-side", "-f", "-"];
        let applied = self.control_plane.kubectl(&apply, Some(&manifests)).await;
        if let Err(complaint) = applied.unwrap().success() {
            self.fail(&format!("{complaint:#}\n{manifests}"));
        }
    }

    /// What kubectl prints.
    pub(crate) async fn kubectl(&self, command: &str) -> String {
        let arguments: Vec<_> = command.split_whitespace().collect();
        let done = self.control_plane.kubectl(&arguments, None).await.unwrap();
        let done = done.success();
        done.unwrap_or_else(|complaint| self.fail(&format!("kubectl {command}: {complaint:#}")))
    }

    /// Waits in the namespace `backup`: `condition=Ready xorg/acme`.
    pub(crate) async fn wait(&self, what: &str) {
        let wait = format!("wait --namespace backup --timeout 120s --for={what}");
        self.kubectl(&wait).await;
    }

    /// Waits for anything else.
    pub(crate) async fn eventually(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        if !until_holds(PATIENCE, holds).await {
            self.fail(&format!("never came about: {what}"));
        }
    }

    /// Where the operator that runs as a process serves.
    pub(crate) async fn served_at(&self) -> String {
        let log = self.operator.as_ref().unwrap().log();
        let address = until_found(PATIENCE, async || {
            operator::served_at(&fs::read_to_string(log).unwrap())
        });
        address.await.unwrap()
    }

    /// With a definition that takes anything, in the place of another project's.
    pub(crate) async fn with_kind(self, group: &str, version: &str, kind: &str) -> Self {
        let singular = kind.to_lowercase();
        let plural = format!("{singular}s");
        let definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{plural}.{group}")},
            "spec": {
                "group": group,
                "scope": "Namespaced",
                "names": {"kind": kind, "plural": plural, "singular": singular},
                "versions": [{"name": version, "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                    "type": "object",
                    "x-kubernetes-preserve-unknown-fields": true,
                }}}],
            },
        });
        self.declare(&definition.to_string()).await;
        self.kubectl(&format!(
            "wait --for=condition=Established --timeout=60s crd/{plural}.{group}"
        ))
        .await;
        self
    }

    /// The repositories of acme in the plan, sorted.
    pub(crate) fn members(&self, plan: &str) -> Vec<String> {
        let mut members = self.simulator.members("acme", plan).unwrap();
        members.sort();
        members
    }

    /// The endpoints of Xopero ONE that were written to, and how often, as far as the journal goes back.
    pub(crate) fn writes(&self) -> BTreeMap<Endpoint, u64> {
        let mut calls = self.simulator.summary().by_endpoint;
        calls.retain(|endpoint, _| endpoint.is_write());
        calls
    }

    /// The test's failure, with all that helps to understand it.
    pub(crate) fn fail(&self, message: &str) -> ! {
        let operator = self.operator.as_ref();
        let log = operator.map_or_else(String::new, |process| process.last_lines(30));
        let nodes = self.nodes.as_ref();
        let pods = nodes.map_or_else(String::new, |(kubelet, _)| kubelet.logs());
        panic!("{message}\n{log}{pods}")
    }
}
