//! What a test plays with: a namespace, a Xopero ONE and an operator of its own, on the one API server.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what a test cannot set up or wait for is its failure"
)]

use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use kube::Client;
use tokio::sync::OnceCell;
use xopero_simulator::{Endpoint, Simulator, State, builder::user, journal::Entry};
use xtask::{
    control_plane::ControlPlane,
    operator,
    process::Process,
    wait::{until_found, until_holds},
};

use crate::{
    objects::{self, Kind, Object},
    yaml,
};

/// How long anything may take that a test waits for. Two cores and all tests at once: it is for what never comes.
const PATIENCE: Duration = Duration::from_mins(2);

static INSTALLED: OnceCell<()> = OnceCell::const_new();
static WORLDS: AtomicU64 = AtomicU64::new(0);

/// The API server that all tests share, with the operator's definitions and rights.
async fn shared() -> ControlPlane {
    let control_plane = ControlPlane::shared().await.expect("a control plane");
    INSTALLED
        .get_or_init(async || {
            let installed = operator::install(&control_plane).await;
            installed.expect("the operator's definitions are accepted");
        })
        .await;
    control_plane
}

/// One test's world. Dropping it kills its operator and closes its Xopero ONE.
pub(crate) struct World {
    /// First, so that nothing calls a closed port.
    operator: Option<Process>,
    pub(crate) namespace: String,
    pub(crate) simulator: Simulator,
    control_plane: ControlPlane,
    pub(crate) client: Client,
    arguments: Vec<String>,
    watches_all: bool,
    starts: u32,
}

impl World {
    /// A Xopero ONE with this state and the account, a namespace with the Secret and the connection, and an operator.
    pub(crate) async fn with(state: State) -> Self {
        let mut world = Self::bare(state).await;
        world.apply(&yaml::secret()).await;
        let connection = yaml::connection(world.simulator.url());
        world.apply(&connection).await;
        world.start_operator().await;
        world
    }

    /// The same without an operator, Secret or connection.
    pub(crate) async fn bare(state: State) -> Self {
        let state = state.user(user(yaml::EMAIL, yaml::PASSWORD));
        let simulator = Simulator::start(state).expect("a simulator");
        Self::around(simulator).await
    }

    pub(crate) async fn around(simulator: Simulator) -> Self {
        Self::on(shared().await, simulator).await
    }

    /// On an API server of its own, with an operator that watches all namespaces. It is not started yet.
    pub(crate) async fn whole_cluster(state: State) -> Self {
        let started = ControlPlane::start(xtask::control_plane::Options::default()).await;
        let control_plane = started.expect("a control plane");
        let installed = operator::install(&control_plane).await;
        installed.expect("the operator's definitions are accepted");
        let state = state.user(user(yaml::EMAIL, yaml::PASSWORD));
        let simulator = Simulator::start(state).expect("a simulator");
        let mut world = Self::on(control_plane, simulator).await;
        world.watches_all = true;
        world
    }

    async fn on(control_plane: ControlPlane, simulator: Simulator) -> Self {
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let namespace = format!("test-{}-{number}", std::process::id());
        let client = control_plane.client().await.expect("a client");
        let world = Self {
            operator: None,
            namespace,
            simulator,
            control_plane,
            client,
            arguments: Vec::new(),
            watches_all: false,
            starts: 0,
        };
        world
            .kubectl_bare(&["create", "namespace", &world.namespace])
            .await
            .expect("a namespace");
        world
    }

    /// A further argument for operators that are started from now on.
    pub(crate) fn argument(&mut self, argument: impl Into<String>) {
        self.arguments.push(argument.into());
    }

    pub(crate) async fn start_operator(&mut self) {
        self.starts += 1;
        let program = env!("CARGO_BIN_EXE_xopero-operator");
        let name = format!("{}-{}", self.namespace, self.starts);
        let mut options = operator::Options::new(program, &name);
        options.arguments = vec!["--listen=127.0.0.1:0".to_owned()];
        if !self.watches_all {
            let watched = format!("--watch-namespace={}", self.namespace);
            options.arguments.push(watched);
        }
        options.arguments.extend(self.arguments.iter().cloned());
        // The default of one thread a core is a waste where every test has an operator.
        let environment = [("TOKIO_WORKER_THREADS".to_owned(), "2".to_owned())];
        options.environment.extend(environment);
        let started = operator::start(&self.control_plane, options).await;
        self.operator = Some(started.expect("the operator starts"));
    }

    /// Another program, with all rights. It ends with what is returned.
    pub(crate) fn start_admin_program(
        &self,
        name: &str,
        program: &Path,
        arguments: &[&str],
    ) -> Process {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("KUBECONFIG", self.control_plane.kubeconfig());
        let log = self.control_plane.folder().join(format!("{name}.log"));
        Process::spawn(name, &command, log).expect("the program starts")
    }

    /// Ends the operator in order.
    pub(crate) async fn stop_operator(&mut self) {
        if let Some(process) = self.operator.take() {
            let stopped = tokio::task::spawn_blocking(move || process.stop(PATIENCE)).await;
            let status = stopped.expect("a thread").expect("the operator ends");
            assert!(status.success(), "the operator ended with {status}");
        }
    }

    pub(crate) async fn restart_operator(&mut self) {
        self.stop_operator().await;
        self.start_operator().await;
    }

    async fn kubectl_bare(&self, arguments: &[&str]) -> Result<String, String> {
        self.run(arguments, None).await
    }

    async fn run(&self, arguments: &[&str], input: Option<&str>) -> Result<String, String> {
        let output = self.control_plane.kubectl(arguments, input).await;
        let output = output.expect("kubectl runs");
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(output.stderr)
        }
    }

    /// What kubectl prints in this world's namespace.
    pub(crate) async fn kubectl(&self, arguments: &[&str]) -> String {
        let done = self.try_kubectl(arguments, None).await;
        done.unwrap_or_else(|complaint| panic!("kubectl {}: {complaint}", arguments.join(" ")))
    }

    /// What kubectl prints in this world's namespace, or complains about.
    pub(crate) async fn try_kubectl(
        &self,
        arguments: &[&str],
        input: Option<&str>,
    ) -> Result<String, String> {
        let arguments = [&["--namespace", &self.namespace], arguments].concat();
        self.run(&arguments, input).await
    }

    /// What helm prints in this world's namespace, or complains about.
    pub(crate) async fn helm(&self, arguments: &[&str]) -> Result<String, String> {
        let program = self.control_plane.helm_program().expect("helm is there");
        let output = tokio::process::Command::new(program)
            .arg("--namespace")
            .arg(&self.namespace)
            .args(arguments)
            .env("KUBECONFIG", self.control_plane.kubeconfig())
            .output()
            .await
            .expect("helm runs");
        let [printed, complaint] =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        if output.status.success() {
            Ok(printed)
        } else {
            Err(complaint)
        }
    }

    async fn try_apply(&self, manifests: &str) -> Result<String, String> {
        self.try_kubectl(&["apply", "-f", "-"], Some(manifests))
            .await
    }

    /// Applies as a user would.
    pub(crate) async fn apply(&self, manifests: &str) {
        if let Err(complaint) = self.try_apply(manifests).await {
            panic!("refused: {complaint}\n{manifests}");
        }
    }

    /// Applies where the manifests say.
    pub(crate) async fn apply_anywhere(&self, manifests: &str) {
        if let Err(complaint) = self.run(&["apply", "-f", "-"], Some(manifests)).await {
            panic!("refused: {complaint}\n{manifests}");
        }
    }

    /// The sentence with which the API server refuses it.
    pub(crate) async fn refused(&self, manifests: &str) -> String {
        match self.try_apply(manifests).await {
            Ok(applied) => panic!("not refused: {applied}\n{manifests}"),
            Err(complaint) => complaint,
        }
    }

    /// Deletes it without waiting until it is gone.
    pub(crate) async fn delete(&self, kind: Kind, name: &str) {
        self.kubectl(&["delete", kind.short(), name, "--wait=false"])
            .await;
    }

    /// Sets (`key=value`) or takes away (`key-`) an annotation.
    pub(crate) async fn annotate(&self, kind: Kind, name: &str, annotation: &str) {
        self.kubectl(&["annotate", "--overwrite", kind.short(), name, annotation])
            .await;
    }

    pub(crate) async fn get(&self, kind: Kind, name: &str) -> Option<Object> {
        objects::get(&self.client, &self.namespace, kind, name).await
    }

    /// Waits until it exists and `holds`; what is waited for stands in the failure.
    pub(crate) async fn wait_for(
        &self,
        kind: Kind,
        name: &str,
        what: &str,
        holds: impl Fn(&Object) -> bool,
    ) -> Object {
        self.wait_in(&self.namespace, (kind, name), what, holds)
            .await
    }

    /// The same in any namespace.
    pub(crate) async fn wait_in(
        &self,
        namespace: &str,
        (kind, name): (Kind, &str),
        what: &str,
        holds: impl Fn(&Object) -> bool,
    ) -> Object {
        let mut last = None;
        let found = until_found(PATIENCE, async || {
            last = objects::get(&self.client, namespace, kind, name).await;
            last.clone().filter(&holds)
        });
        found.await.unwrap_or_else(|| {
            let shown = last.map_or_else(|| "(none)".to_owned(), |object| object.to_string());
            self.fail(&format!("{kind:?} {name}: not {what}; it is\n{shown}"))
        })
    }

    pub(crate) async fn ready(&self, kind: Kind, name: &str) -> Object {
        self.wait_for(kind, name, "Ready", Object::is_ready).await
    }

    pub(crate) async fn stalled(&self, kind: Kind, name: &str, reason: &str) -> Object {
        let holds = |object: &Object| object.is_stalled(reason);
        self.wait_for(kind, name, &format!("Stalled with {reason}"), holds)
            .await
    }

    /// Ready, and Xopero ONE equals what it declares.
    pub(crate) async fn in_sync(&self, kind: Kind, name: &str) -> Object {
        let holds =
            |object: &Object| object.is_ready() && object.says("InSync").starts_with("True ");
        self.wait_for(kind, name, "Ready and InSync", holds).await
    }

    pub(crate) async fn gone(&self, kind: Kind, name: &str) {
        self.eventually(&format!("{kind:?} {name} is gone"), async || {
            self.get(kind, name).await.is_none()
        })
        .await;
    }

    /// Waits for anything else.
    pub(crate) async fn eventually(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        if !until_holds(PATIENCE, holds).await {
            self.fail(&format!("never came about: {what}"));
        }
    }

    /// The test's failure, with all that helps to understand it.
    pub(crate) fn fail(&self, message: &str) -> ! {
        let log = self.operator.as_ref().map_or_else(
            || "(no operator)".to_owned(),
            |process| process.last_lines(60),
        );
        let calls = self.simulator.journal();
        let last = calls.len().saturating_sub(40);
        let calls = calls.iter().skip(last).map(line).collect::<String>();
        panic!(
            "{message}\n-- the operator's log, {}\n{log}\n-- the last calls to Xopero ONE\n{calls}",
            self.namespace
        );
    }

    /// What the operator shows at `/metrics` to who accepts that.
    pub(crate) async fn metrics(&self, accept: &str) -> String {
        let process = self.operator.as_ref().expect("an operator runs");
        let address = until_found(PATIENCE, async || {
            operator::served_at(&std::fs::read_to_string(process.log()).expect("a log"))
        });
        let address = address.await.expect("it says where it serves");
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
        let request = http
            .build()
            .expect("a client")
            .get(format!("http://{address}/metrics"));
        let answer = request.header("Accept", accept).send().await;
        let text = answer.expect("the operator answers").text().await;
        text.expect("it answers with text")
    }

    /// The repositories of the organization in the plan, sorted.
    pub(crate) fn members(&self, organization: &str, plan: &str) -> Vec<String> {
        let members = self.simulator.members(organization, plan);
        let mut members = members.expect("the plan exists");
        members.sort();
        members
    }

    /// The repositories of the organization that hold a licence, sorted.
    pub(crate) fn licensed(&self, organization: &str) -> Vec<String> {
        let licensed = self.simulator.licensed(organization);
        let mut licensed = licensed.expect("the organization exists");
        licensed.sort();
        licensed
    }

    /// Every call since `number` that could write.
    pub(crate) fn writes_since(&self, number: u64) -> Vec<Entry> {
        let mut entries = self.simulator.journal_since(number);
        entries.retain(Entry::is_write);
        entries
    }

    /// Calls of this endpoint so far.
    pub(crate) fn calls(&self, endpoint: Endpoint) -> u64 {
        self.simulator.summary().of_endpoint(endpoint)
    }

    /// Each endpoint that writes, with its calls so far.
    pub(crate) fn writes(&self) -> BTreeMap<Endpoint, u64> {
        let mut counts = self.simulator.summary().by_endpoint;
        counts.retain(|endpoint, _| endpoint.is_write());
        counts
    }

    /// Waits until every organization of the simulator that is asked for was listed so many times more, whole.
    pub(crate) async fn rounds(&self, rounds: usize) {
        let start = self.simulator.last_number();
        self.eventually(&format!("{rounds} more looks at Xopero ONE"), async || {
            // One more: the first may have begun before.
            self.looks_since(start) > rounds
        })
        .await;
    }

    /// How often the plans or repositories of the organization looked at least were listed.
    fn looks_since(&self, number: u64) -> usize {
        let mut looks: BTreeMap<String, usize> = BTreeMap::new();
        for entry in self.simulator.journal_since(number) {
            let first_page = entry.page.is_none_or(|page| page <= 1);
            if entry.endpoint == Some(Endpoint::ListRepositories) && first_page {
                for target in &entry.targets {
                    *looks.entry(target.id.to_string()).or_default() += 1;
                }
            }
        }
        looks.into_values().min().unwrap_or_default()
    }

    /// What every test ends with: the conditions of all resources keep the rules, once the operator has seen what was written last.
    pub(crate) async fn end(mut self) {
        self.eventually("a status for every generation", async || {
            let all = objects::all(&self.client, &self.namespace).await;
            all.iter().all(|(_, object)| object.is_observed())
        })
        .await;
        for (kind, object) in objects::all(&self.client, &self.namespace).await {
            // One without a status was refused by its own watch, or just created.
            let violations = object.violations();
            if !violations.is_empty() {
                self.fail(&format!(
                    "{kind:?} {}: {violations:#?}\n{object}",
                    object.name()
                ));
            }
        }
        self.stop_operator().await;
    }
}

/// A call in a line.
pub(crate) fn line(entry: &Entry) -> String {
    let names = entry
        .targets
        .iter()
        .map(|target| target.name.clone().unwrap_or_else(|| target.id.to_string()));
    let names = names.take(6).collect::<Vec<_>>().join(", ");
    let endpoint = entry
        .endpoint
        .map_or_else(|| entry.path.clone(), |endpoint| endpoint.to_string());
    format!(
        "{:>5} {endpoint} page {:?} [{names}] -> {:?}, {} changes\n",
        entry.number, entry.page, entry.answer, entry.changes
    )
}
