//! What stands between a test's operator and both its servers: gates that write down all that passes, and the oracles that judge it.
//! They see what the operator was shown and what it asked, every version of every status among it.

mod told;

use std::{
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Runtime};
use xopero_simulator::{Endpoint, Simulator};
use xtask::control_plane::ControlPlane;

use crate::{
    account::Account,
    gate::{Gate, Trap, Upstream, Valve},
    journal::{
        Deed, Event, Journal, Side, What,
        xopero::{self, Names},
    },
    oracles::{forbidden, linter, one_writer, safety},
};

/// Of all gates: a test has one thread, and the operator must be answered also while that is busy.
static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build()
});

/// The gates of a test, and their joint journal. A test has to ask for the violations once the operator has ended.
#[derive(Debug)]
pub struct Gates {
    kubernetes: Gate,
    xopero: Gate,
    journal: Journal,
    valve: Valve,
    kubeconfig: PathBuf,
    progress: Mutex<Progress>,
}

/// How far a test has come with its operators. Only what is asked after the last of them has ended is about all that they did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Progress {
    #[default]
    NeverStarted,
    Runs,
    Ended,
    Judged,
}

impl Drop for Gates {
    fn drop(&mut self) {
        let is_forgotten = matches!(self.progress(), Progress::Runs | Progress::Ended);
        assert!(
            !is_forgotten || std::thread::panicking(),
            "nobody has judged what the operator did here: the test must end it, then ask the gates for violations"
        );
    }
}

impl Gates {
    /// Between an operator, the only one at a time, and both its servers. Its kubeconfig has this name, in the control plane's folder.
    ///
    /// # Errors
    /// If the operator is not installed on the control plane, or there is no port for a gate.
    pub async fn open(
        control_plane: &ControlPlane,
        simulator: &Simulator,
        name: &str,
    ) -> Result<Self> {
        Self::with(Valve::default(), control_plane, simulator, name).await
    }

    /// The same for operators that run side by side.
    ///
    /// # Errors
    /// As [`Gates::open`].
    pub async fn of_replicas(
        control_plane: &ControlPlane,
        simulator: &Simulator,
        name: &str,
    ) -> Result<Self> {
        Self::with(Valve::of_replicas(), control_plane, simulator, name).await
    }

    async fn with(
        valve: Valve,
        control_plane: &ControlPlane,
        simulator: &Simulator,
        name: &str,
    ) -> Result<Self> {
        let account = Account::on(control_plane).await?;
        let journal = Journal::default();
        let names = Names::of(&simulator.state());
        let open = async |side, upstream| {
            let opened = Gate::open(
                side,
                upstream,
                journal.clone(),
                names.clone(),
                valve.clone(),
            );
            let runtime = RUNTIME.as_ref().context("no runtime for gates")?;
            runtime.spawn(opened).await?
        };
        let kubernetes = open(Side::Kubernetes, account.api_server()).await?;
        let xopero_one = Upstream::new(&simulator.url(), simulator.ca_pem())?;
        let xopero = open(Side::Xopero, xopero_one).await?;
        Ok(Self {
            kubeconfig: account.behind(&kubernetes.url(), control_plane, name)?,
            kubernetes,
            xopero,
            journal,
            valve,
            progress: Mutex::default(),
        })
    }

    /// The operator's own, with the gate as its API server.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Where Xopero ONE is to be found through the gate.
    pub fn url(&self) -> String {
        self.xopero.url()
    }

    /// An operator is about to start.
    pub fn starts(&self) {
        self.comes_to(Progress::Runs);
        let process = self.valve.next_process();
        self.journal.note(process, What::Done(Deed::Started));
    }

    /// One has started beside others, and has this id. Its connections wait until this is said.
    pub fn started_beside(&self, id: i32) {
        self.comes_to(Progress::Runs);
        let process = self.valve.next_process();
        self.journal.note(process, What::Done(Deed::Started));
        self.valve.enlist(process, id);
    }

    /// The operator is gone: all of them, where several ran side by side.
    ///
    /// # Errors
    /// If the gates are not open any more.
    pub async fn ends(&self, how: Deed) -> Result<()> {
        for gate in [&self.kubernetes, &self.xopero] {
            gate.catch_up().await?;
        }
        self.journal.note(self.valve.process(), What::Done(how));
        self.comes_to(Progress::Ended);
        Ok(())
    }

    /// Puts something in the operator's way.
    pub fn set(&self, trap: Trap) {
        match trap.side {
            Side::Kubernetes => self.kubernetes.set(trap),
            Side::Xopero => self.xopero.set(trap),
        }
    }

    /// Takes everything out of its way, and lets go what was held back.
    pub fn heal(&self) {
        self.kubernetes.heal();
        self.xopero.heal();
    }

    /// Waits until a trap has sprung that asks for the operator's end.
    pub async fn sprung(&self) {
        self.valve.sprung(1).await;
    }

    /// How often the operator has asked for this, in words such as `list xoperorepositories`.
    pub fn asked(&self, key: &str) -> usize {
        let events = self.events();
        events
            .iter()
            .filter(|event| matches!(&event.what, What::Asked(asked) if asked.key == key))
            .count()
    }

    /// What the oracles find wrong in all that has passed, a sentence each. Through them all writes must have come that the simulator knows of.
    pub fn violations(&self, simulator: &Simulator) -> Vec<String> {
        if self.progress() == Progress::Ended {
            self.comes_to(Progress::Judged);
        }
        let events = self.events();
        let mut found = safety::violations(&events);
        found.extend(linter::violations(&events, Duration::ZERO));
        found.extend(forbidden::violations(&events));
        let passed = events.iter().filter(|event| is_write(event)).count();
        let arrived = simulator.journal();
        let sent = arrived.iter().filter(|entry| entry.is_write()).count();
        if passed < sent {
            found.push(format!(
                "{sent} writes reached Xopero ONE, and {passed} came through the gate: nobody has judged the others"
            ));
        }
        found
    }

    /// The same of operators that run side by side: only the one that holds the Lease writes.
    pub fn violations_of_replicas(
        &self,
        simulator: &Simulator,
        terms: one_writer::Terms,
    ) -> Vec<String> {
        let mut found = self.violations(simulator);
        found.extend(one_writer::violations(&self.events(), terms));
        found
    }

    /// What has passed but listings of Xopero ONE and Leases, an event a line.
    pub fn shown(&self) -> String {
        self.events().iter().filter_map(told::line).collect()
    }

    fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn comes_to(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    fn events(&self) -> Vec<Event> {
        self.journal.joined(Vec::new())
    }
}

fn is_write(event: &Event) -> bool {
    let What::Asked(asked) = &event.what else {
        return false;
    };
    asked.side == Side::Xopero && xopero::endpoint(&asked.path).is_some_and(Endpoint::is_write)
}
