//! The processes of the operator: one at a time, or two of which one leads.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result, bail};
use tokio::task::spawn_blocking;
use xtask::{operator::NAMESPACE, process::Process};

use super::{World, clock, lease, lock};
use crate::{
    journal::{Deed, What, since},
    oracles::one_writer,
    plan::Clock,
    run::PATIENCE,
};

/// What a process ends with that no longer leads.
const LOST: i32 = 1;

/// The processes of the operator, each with its number in the journal.
#[derive(Debug)]
pub(super) struct Replicas {
    /// How many run side by side.
    count: usize,
    running: Mutex<BTreeMap<u32, Arc<Process>>>,
    logs: Mutex<Vec<PathBuf>>,
    program: PathBuf,
    /// The program of every other process, the first of them among these.
    previous: Option<PathBuf>,
    kubeconfig: PathBuf,
    /// The file of names on the wire that they are told.
    wire_names: Option<PathBuf>,
    /// What is wrong with the clock of every other one, the first of them among these.
    clock: Option<Clock>,
}

impl Replicas {
    /// Of one that runs alone and knows no Lease.
    pub(super) fn one(program: &Path, kubeconfig: PathBuf) -> Self {
        Self {
            count: 1,
            running: Mutex::default(),
            logs: Mutex::default(),
            program: program.to_owned(),
            kubeconfig,
            previous: None,
            wire_names: None,
            clock: None,
        }
    }

    /// The same, of which the first is of another program, the second of this one, and so on.
    pub(super) fn upgraded(self, previous: PathBuf) -> Self {
        Self {
            previous: Some(previous),
            ..self
        }
    }

    /// The same, which are told these names on the wire.
    pub(super) fn told(self, wire_names: Option<PathBuf>) -> Self {
        Self { wire_names, ..self }
    }

    /// Of two with one Lease.
    pub(super) fn two(program: &Path, kubeconfig: PathBuf, clock: Option<Clock>) -> Self {
        Self {
            count: 2,
            clock,
            ..Self::one(program, kubeconfig)
        }
    }
}

impl World {
    /// Whether two replicas run.
    pub(in crate::run) fn is_paired(&self) -> bool {
        self.replicas.count > 1
    }

    /// Starts as many processes of the operator as are missing.
    pub(in crate::run) async fn start(&self) -> Result<()> {
        let start = self.journal.last_number();
        while lock(&self.replicas.running).len() < self.replicas.count {
            self.start_one().await?;
            // The one with the wrong clock is to lead.
            if self.replicas.clock.is_some() {
                self.until("the first replica leads", async || {
                    let events = self.journal.joined(Vec::new());
                    Ok(one_writer::is_acquired(since(&events, start)))
                })
                .await?;
            }
        }
        Ok(())
    }

    async fn start_one(&self) -> Result<()> {
        let number = match self.valve.process() {
            // What was begun when its predecessor died.
            process if process > 0 && !self.is_paired() => process,
            _ => self.valve.next_process(),
        };
        self.journal.note(number, What::Done(Deed::Started));
        let Replicas {
            program, previous, ..
        } = &self.replicas;
        let begun = lock(&self.replicas.logs).len();
        let previous = previous.as_ref().filter(|_| begun.is_multiple_of(2));
        let mut command = Command::new(previous.unwrap_or(program));
        command
            .args(["run", "--listen=127.0.0.1:0"])
            .arg(format!("--watch-namespace={}", self.namespace))
            .env("KUBECONFIG", &self.replicas.kubeconfig)
            .env("POD_NAMESPACE", NAMESPACE)
            .env("TOKIO_WORKER_THREADS", "2");
        if let Some(names) = &self.replicas.wire_names {
            command.arg("--wire-names").arg(names);
        }
        if self.is_paired() {
            command.args(lease::arguments(&self.namespace));
        }
        if let Some(clock) = self.replicas.clock
            && number % 2 == 1
        {
            clock::put(clock, &mut command)?;
        }
        let name = format!("{}-{number}", self.namespace);
        let log = self.control_plane.folder().join(format!("{name}.log"));
        lock(&self.replicas.logs).push(log.clone());
        let started = spawn_blocking(move || Process::spawn(name, &command, log)).await??;
        if self.is_paired() {
            self.valve.enlist(number, started.id());
        }
        lock(&self.replicas.running).insert(number, Arc::new(started));
        Ok(())
    }

    /// Ends the operator at once.
    pub(in crate::run) async fn kill(&self) -> Result<()> {
        for (_, operator) in self.take() {
            spawn_blocking(move || operator.kill()).await??;
        }
        self.bury(Deed::Killed).await
    }

    /// Ends the operator in order.
    pub(in crate::run) async fn stop(&self) -> Result<()> {
        let taken = self.take();
        for (number, operator) in &taken {
            let operator = Arc::clone(operator);
            let status = spawn_blocking(move || operator.stop(PATIENCE)).await??;
            // One of two may just have lost the Lease.
            let is_lost = self.is_paired() && status.code() == Some(LOST);
            if !status.success() && !is_lost {
                bail!("the operator ended with {status}");
            }
            if self.is_paired() {
                self.dismiss(*number, Deed::Stopped);
            }
        }
        if self.is_paired() {
            return Ok(());
        }
        self.bury(Deed::Stopped).await
    }

    fn take(&self) -> BTreeMap<u32, Arc<Process>> {
        std::mem::take(&mut *lock(&self.replicas.running))
    }

    /// Writes down how the operator ended, and forwards nothing more of it.
    async fn bury(&self, end: Deed) -> Result<()> {
        self.kubernetes.catch_up().await?;
        self.xopero.catch_up().await?;
        let process = self.valve.process();
        self.journal.note(process, What::Done(end));
        self.valve.bury();
        Ok(())
    }

    /// The same of one of two.
    fn dismiss(&self, number: u32, end: Deed) {
        self.journal.note(number, What::Done(end));
        self.valve.dismiss(number);
    }

    /// Whether the operator has ended by itself, and how. One of two may: see [`World::replace`].
    pub(super) fn ended(&self) -> Result<Option<ExitStatus>> {
        if self.is_paired() {
            return Ok(None);
        }
        Ok(self.ended_one()?.map(|(_, status)| status))
    }

    fn ended_one(&self) -> Result<Option<(u32, ExitStatus)>> {
        for (number, operator) in lock(&self.replicas.running).iter() {
            if let Some(status) = operator.ended()? {
                return Ok(Some((*number, status)));
            }
        }
        Ok(None)
    }

    /// Whether one of two has ended since it lost the Lease. Another is started in its place, as a cluster does.
    ///
    /// # Errors
    /// If it has ended otherwise.
    pub(in crate::run) async fn replace(&self) -> Result<bool> {
        let Some((number, status)) = self.ended_one()? else {
            return Ok(false);
        };
        let gone = lock(&self.replicas.running).remove(&number);
        let log = gone.map(|gone| gone.log().to_owned()).unwrap_or_default();
        let log = std::fs::read_to_string(log).unwrap_or_default();
        if status.code() != Some(LOST) || !log.contains("The Lease is lost") {
            bail!("process {number} of the operator ended by itself ({status})");
        }
        self.dismiss(number, Deed::Ended);
        self.start_one().await?;
        Ok(true)
    }

    /// One of two stands still from now on.
    pub(in crate::run) async fn freeze(&self, number: u32) -> Result<()> {
        let operator = self.running(number)?;
        spawn_blocking(move || operator.freeze()).await??;
        self.journal.note(number, What::Done(Deed::Frozen));
        Ok(())
    }

    /// It goes on.
    pub(in crate::run) fn thaw(&self, number: u32) -> Result<()> {
        // Written down first: what it asks next comes after.
        self.journal.note(number, What::Done(Deed::Thawed));
        self.running(number)?.thaw()
    }

    fn running(&self, number: u32) -> Result<Arc<Process>> {
        let running = lock(&self.replicas.running).get(&number).cloned();
        running.with_context(|| format!("process {number} of the operator does not run"))
    }

    /// Processes that were started.
    pub(in crate::run) fn processes(&self) -> usize {
        lock(&self.replicas.logs).len()
    }

    /// The logs of all processes, one after the other.
    pub(in crate::run) fn logs(&self) -> String {
        let logs = lock(&self.replicas.logs).clone();
        let texts = logs
            .iter()
            .map(|log| std::fs::read_to_string(log).unwrap_or_default());
        texts.collect()
    }
}
