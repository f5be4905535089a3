//! What a test plays with: a namespace, a Xopero ONE and an operator of its own, on the one API server.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what a test cannot set up or wait for is its failure"
)]

mod commands;
mod disturbed;
mod waits;
mod xopero_one;

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use kube::Client;
use tokio::sync::OnceCell;
use xopero_campaign::{gate::Trap, gates::Gates, journal::Deed};
use xopero_simulator::{Simulator, State, builder::user};
use xtask::{
    control_plane::{ControlPlane, Options},
    operator,
    process::Process,
    wait::until_found,
};

pub(crate) use self::xopero_one::line;
use crate::{objects, yaml};

/// How long anything may take that a test waits for. Two cores and all tests at once: it is for what never comes.
const PATIENCE: Duration = Duration::from_mins(2);

static INSTALLED: OnceCell<()> = OnceCell::const_new();
static WORLDS: AtomicU64 = AtomicU64::new(0);

/// The API server that all tests share, with the operator's definitions and rights.
async fn shared() -> ControlPlane {
    let control_plane = ControlPlane::shared().await.expect("a control plane");
    INSTALLED.get_or_init(|| install(&control_plane)).await;
    control_plane
}

async fn install(control_plane: &ControlPlane) {
    let installed = operator::install(control_plane).await;
    installed.expect("the operator's definitions are accepted");
}

/// A Xopero ONE with this state and the account.
fn simulator(state: State) -> Simulator {
    let state = state.user(user(yaml::EMAIL, yaml::PASSWORD));
    Simulator::start(state).expect("a simulator")
}

/// One test's world. Dropping it kills its operator and closes its Xopero ONE; a test that is through must have ended it with [`World::end`].
pub(crate) struct World {
    /// First, so that nothing calls a closed port.
    operator: Option<Process>,
    gates: Gates,
    pub(crate) namespace: String,
    pub(crate) simulator: Simulator,
    control_plane: ControlPlane,
    pub(crate) client: Client,
    arguments: Vec<String>,
    watches_all: bool,
    starts: u32,
    /// Words of what the oracles would call wrong, and the test does on purpose.
    excused: Vec<&'static str>,
}

impl World {
    /// A Xopero ONE with this state and the account, a namespace with the Secret and the connection, and an operator.
    pub(crate) async fn with(state: State) -> Self {
        let mut world = Self::bare(state).await;
        world.apply(&yaml::secret()).await;
        let connection = yaml::connection(world.url());
        world.apply(&connection).await;
        world.start_operator().await;
        world
    }

    /// The same without an operator, Secret or connection.
    pub(crate) async fn bare(state: State) -> Self {
        Self::around(simulator(state)).await
    }

    pub(crate) async fn around(simulator: Simulator) -> Self {
        Self::on(shared().await, simulator).await
    }

    /// On an API server of its own, with an operator that watches all namespaces. It is not started yet.
    pub(crate) async fn whole_cluster(state: State) -> Self {
        let started = ControlPlane::start(Options::default()).await;
        let control_plane = started.expect("a control plane");
        install(&control_plane).await;
        let mut world = Self::on(control_plane, simulator(state)).await;
        world.watches_all = true;
        world
    }

    async fn on(control_plane: ControlPlane, simulator: Simulator) -> Self {
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let namespace = format!("test-{}-{number}", std::process::id());
        let client = control_plane.client().await.expect("a client");
        let gates = Gates::open(&control_plane, &simulator, &namespace).await;
        let gates = gates.expect("gates");
        let world = Self {
            operator: None,
            gates,
            namespace,
            simulator,
            control_plane,
            client,
            arguments: Vec::new(),
            watches_all: false,
            starts: 0,
            excused: Vec::new(),
        };
        world
            .run(&["create", "namespace", &world.namespace], None)
            .await
            .expect("a namespace");
        world
    }

    /// For programs beside the operator.
    pub(crate) fn control_plane(&self) -> &ControlPlane {
        &self.control_plane
    }

    /// Where the operator finds Xopero ONE. What it asks of another address nobody judges.
    pub(crate) fn url(&self) -> String {
        self.gates.url()
    }

    /// What the oracles say with these words is done here on purpose.
    pub(crate) fn excuse(&mut self, words: &'static str) {
        self.excused.push(words);
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
        if !self.watches_all {
            let watched = format!("--watch-namespace={}", self.namespace);
            options.arguments.push(watched);
        }
        options.arguments.extend(self.arguments.iter().cloned());
        let kubeconfig = self.gates.kubeconfig().display().to_string();
        // The default of one thread a core is a waste where every test has an operator.
        let environment = [("TOKIO_WORKER_THREADS", "2"), ("KUBECONFIG", &kubeconfig)];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        options.environment.extend(environment);
        self.gates.starts();
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

    /// Puts something in the operator's way, until [`Self::free`] takes it out again.
    pub(crate) fn trap(&self, trap: Trap) {
        self.gates.set(trap);
    }

    pub(crate) fn free(&self) {
        self.gates.heal();
    }

    /// Ends the operator in order.
    pub(crate) async fn stop_operator(&mut self) {
        if let Some(process) = self.operator.take() {
            let stopped = tokio::task::spawn_blocking(move || process.stop(PATIENCE)).await;
            let status = stopped.expect("a thread").expect("the operator ends");
            assert!(status.success(), "the operator ended with {status}");
            let ended = self.gates.ends(Deed::Stopped).await;
            ended.expect("the gates are open");
        }
    }

    pub(crate) async fn restart_operator(&mut self) {
        self.stop_operator().await;
        self.start_operator().await;
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
            "{message}\n-- the operator's log, {}\n{log}\n-- the last calls to Xopero ONE\n{calls}\n-- what passed\n{}",
            self.namespace,
            self.gates.shown()
        );
    }

    /// What every test ends with. The conditions of all resources keep the rules, once an operator that runs has seen what was written
    /// last; and so did everything that went between the operator and both its servers before: no removal that nothing called for, no
    /// status that broke a rule, no request that it has no right to.
    pub(crate) async fn end(mut self) {
        if self.operator.is_some() {
            self.eventually("a status for every generation", async || {
                let all = objects::all(&self.client, &self.namespace).await;
                all.iter().all(|(_, object)| object.is_observed())
            })
            .await;
            for (kind, object) in objects::all(&self.client, &self.namespace).await {
                // One without a status was refused by its own watch, or just created.
                let violations = object.violations();
                if !violations.is_empty() {
                    let name = object.name();
                    self.fail(&format!("{kind:?} {name}: {violations:#?}\n{object}"));
                }
            }
        }
        self.stop_operator().await;
        let violations = self.violations();
        if !violations.is_empty() {
            self.fail(&violations.join("\n"));
        }
    }

    /// What the oracles find wrong so far, and nobody has excused.
    pub(crate) fn violations(&self) -> Vec<String> {
        let mut found = self.gates.violations(&self.simulator);
        found.retain(|sentence| !self.excused.iter().any(|words| sentence.contains(words)));
        found
    }
}
