//! One run's world: a namespace, a Xopero ONE, two gates, and an operator, on the shared API server.

use std::{
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::{
    Api,
    api::{
        ApiResource, DeleteParams, DynamicObject, ListParams, ObjectMeta, Patch, PatchParams,
        PostParams,
    },
};
use serde_json::Value;
use tokio::{task::spawn_blocking, time::sleep};
use xopero_operator::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};
use xopero_simulator::{Options, Simulator, faults::Times};
use xtask::{operator::NAMESPACE, process::Process};

use super::{PATIENCE, POLL, stage::Stage};
use crate::{
    gate::{Gate, Report, Trap, Upstream, Valve},
    journal::{Deed, Event, Journal, Side, What, xopero::Names},
    plan::Plan,
    scenario::Scenario,
};

/// As whom the campaign applies resources.
const FIELD_MANAGER: &str = "campaign";

/// One run's world. Dropping it kills its operator and closes its Xopero ONE.
#[derive(Debug)]
pub(super) struct World {
    /// First, so that nothing calls a closed port.
    operator: Mutex<Option<Process>>,
    pub(super) namespace: String,
    pub(super) journal: Journal,
    pub(super) valve: Valve,
    pub(super) simulator: Simulator,
    pub(super) kubernetes: Gate,
    pub(super) xopero: Gate,
    client: super::stage::ClientOf,
    program: std::path::PathBuf,
    kubeconfig: std::path::PathBuf,
    log: std::path::PathBuf,
    started: Mutex<usize>,
    /// Crashes that are over: the operator runs again.
    pub(super) crashes: tokio::sync::watch::Sender<usize>,
    /// Faults of Xopero ONE itself, by number.
    faults: Mutex<Vec<u64>>,
    applied: Mutex<Vec<String>>,
}

impl World {
    pub(super) async fn make(stage: &Stage, scenario: &Scenario) -> Result<Self> {
        let journal = Journal::default();
        let valve = Valve::default();
        let options = Options {
            sequence: Some(journal.sequence()),
            ..Options::default()
        };
        let simulator = Simulator::start_with(scenario.state.clone(), options)?;
        let names = Names::of(&scenario.state);
        let open = |side, upstream| {
            Gate::open(
                side,
                upstream,
                journal.clone(),
                names.clone(),
                valve.clone(),
            )
        };
        let xopero = open(Side::Xopero, Upstream::new(&simulator.url(), None)?).await?;
        let kubernetes = open(Side::Kubernetes, stage.upstream.clone()).await?;
        let namespace = stage.fresh_name(scenario.name);
        let kubeconfig = stage.kubeconfig(&namespace, &kubernetes.url())?;
        let client = stage.client.0.clone();
        let namespaces: Api<Namespace> = Api::all(client.clone());
        let made = Namespace {
            metadata: ObjectMeta {
                name: Some(namespace.clone()),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        };
        namespaces.create(&PostParams::default(), &made).await?;
        let log = stage
            .control_plane
            .folder()
            .join(format!("{namespace}.log"));
        Ok(Self {
            operator: Mutex::default(),
            namespace,
            journal,
            valve,
            simulator,
            kubernetes,
            xopero,
            client: super::stage::ClientOf(client),
            program: stage.operator.clone(),
            kubeconfig,
            log,
            started: Mutex::default(),
            crashes: tokio::sync::watch::Sender::default(),
            faults: Mutex::default(),
            applied: Mutex::default(),
        })
    }

    /// Declares what stands before the first step, starts the operator, and waits until all has come to rest.
    pub(super) async fn begin(&self, scenario: &Scenario) -> Result<()> {
        self.apply(&scenario.before).await?;
        self.start().await?;
        self.rest(0, 1).await.context("before the first step")
    }

    /// Puts the faults of a plan in place.
    pub(super) fn arm(&self, plan: &Plan) -> Result<()> {
        for trap in &plan.traps {
            self.set(trap.clone());
        }
        let mut faults = lock(&self.faults);
        for fault in &plan.xopero {
            if fault.times == Times::UntilHealed {
                bail!("a fault of a plan says how often it happens, so that it can be counted");
            }
            faults.push(self.simulator.inject(fault.clone()));
        }
        Ok(())
    }

    pub(super) fn set(&self, trap: Trap) {
        match trap.side {
            Side::Kubernetes => self.kubernetes.set(trap),
            Side::Xopero => self.xopero.set(trap),
        }
    }

    pub(super) fn heal(&self) {
        self.kubernetes.heal();
        self.xopero.heal();
        self.simulator.heal_all();
    }

    /// Ends the traps that kill: they are for the process that has died.
    pub(super) fn disarm(&self) {
        self.kubernetes.heal();
        self.xopero.heal();
    }

    pub(super) fn traps(&self) -> Vec<Report> {
        let mut reports = self.kubernetes.reports();
        reports.extend(self.xopero.reports());
        reports
    }

    /// How often each fault of Xopero ONE itself fired, with how often it should have.
    pub(super) fn fired(&self, plan: &Plan) -> Vec<(u64, u64)> {
        let faults = lock(&self.faults);
        let planned = plan.xopero.iter().map(|fault| match fault.times {
            Times::Exactly(times) => times,
            Times::UntilHealed => 0,
        });
        let fired = faults.iter().map(|id| self.simulator.firings(*id));
        fired.zip(planned).collect()
    }

    /// Starts a process of the operator.
    pub(super) async fn start(&self) -> Result<()> {
        let process = match self.valve.process() {
            0 => self.valve.next_process(),
            process => process,
        };
        *lock(&self.started) += 1;
        self.journal.note(process, What::Done(Deed::Started));
        let mut command = Command::new(&self.program);
        command
            .args(["run", "--listen=127.0.0.1:0"])
            .arg(format!("--watch-namespace={}", self.namespace))
            .env("KUBECONFIG", &self.kubeconfig)
            .env("POD_NAMESPACE", NAMESPACE)
            .env("TOKIO_WORKER_THREADS", "2");
        let (name, log) = (self.namespace.clone(), self.log.clone());
        let started = spawn_blocking(move || Process::spawn(name, &command, log)).await??;
        *lock(&self.operator) = Some(started);
        Ok(())
    }

    /// Ends the operator at once.
    pub(super) async fn kill(&self) -> Result<()> {
        let process = self.valve.process();
        let taken = lock(&self.operator).take();
        if let Some(operator) = taken {
            spawn_blocking(move || operator.kill()).await??;
        }
        self.kubernetes.catch_up().await?;
        self.xopero.catch_up().await?;
        self.journal.note(process, What::Done(Deed::Killed));
        self.valve.bury();
        Ok(())
    }

    /// Ends the operator in order.
    pub(super) async fn stop(&self) -> Result<()> {
        let process = self.valve.process();
        let taken = lock(&self.operator).take();
        if let Some(operator) = taken {
            let status = spawn_blocking(move || operator.stop(PATIENCE)).await??;
            if !status.success() {
                bail!("the operator ended with {status}");
            }
        }
        self.kubernetes.catch_up().await?;
        self.xopero.catch_up().await?;
        self.journal.note(process, What::Done(Deed::Stopped));
        self.valve.bury();
        Ok(())
    }

    /// Whether the operator has ended by itself, and how.
    pub(super) fn ended(&self) -> Result<Option<std::process::ExitStatus>> {
        match lock(&self.operator).as_ref() {
            Some(operator) => operator.ended(),
            None => Ok(None),
        }
    }

    pub(super) fn processes(&self) -> usize {
        *lock(&self.started)
    }

    /// The logs of all processes.
    pub(super) fn logs(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.journal.joined(self.simulator.journal())
    }

    /// Applies manifests as a tool does that keeps them in Git.
    pub(super) async fn apply(&self, manifests: &str) -> Result<()> {
        if manifests.is_empty() {
            return Ok(());
        }
        let text = manifests.replace("URL", &self.xopero.url());
        for document in text
            .split("---\n")
            .filter(|document| !document.trim().is_empty())
        {
            let object: DynamicObject = serde_saphyr::from_str(document)
                .with_context(|| format!("this is no manifest:\n{document}"))?;
            let types = object.types.clone().unwrap_or_default();
            let name = object.metadata.name.clone().unwrap_or_default();
            let parameters = PatchParams::apply(FIELD_MANAGER).force();
            self.api(&types.kind)?
                .patch(&name, &parameters, &Patch::Apply(&object))
                .await
                .with_context(|| format!("refused:\n{document}"))?;
            self.note(format!("applied {} {name}", types.kind));
        }
        lock(&self.applied).push(manifests.to_owned());
        Ok(())
    }

    /// Applies all that was applied once more, but what was deleted since.
    pub(super) async fn apply_again(&self) -> Result<()> {
        let all = lock(&self.applied).clone();
        let mut last: Vec<String> = Vec::new();
        for manifests in all {
            let documents = manifests
                .split("---\n")
                .filter(|document| !document.trim().is_empty());
            for document in documents {
                let object: DynamicObject = serde_saphyr::from_str(document)?;
                let types = object.types.clone().unwrap_or_default();
                let name = object.metadata.name.clone().unwrap_or_default();
                let is_there = self.api(&types.kind)?.get_opt(&name).await?.is_some();
                let head = |text: &str| text.lines().take(3).collect::<Vec<_>>().join("\n");
                last.retain(|other| head(other) != head(document));
                if is_there {
                    last.push(document.to_owned());
                }
            }
        }
        for document in last {
            self.apply(&document).await?;
        }
        Ok(())
    }

    pub(super) async fn delete(&self, kind: &str, name: &str) -> Result<()> {
        let deleted = self.api(kind)?.delete(name, &DeleteParams::default()).await;
        deleted.with_context(|| format!("{kind} {name} cannot be deleted"))?;
        self.note(format!("deleted {kind} {name}"));
        Ok(())
    }

    pub(super) async fn annotate(&self, kind: &str, name: &str, annotation: Value) -> Result<()> {
        let patch = serde_json::json!({"metadata": {"annotations": annotation}});
        let parameters = PatchParams::default();
        self.api(kind)?
            .patch(name, &parameters, &Patch::Merge(patch))
            .await?;
        self.note(format!("annotated {kind} {name}"));
        Ok(())
    }

    pub(super) async fn wipe_status(&self, kind: &str, name: &str) -> Result<()> {
        let patch =
            serde_json::from_value(serde_json::json!([{"op": "remove", "path": "/status"}]))?;
        self.api(kind)?
            .patch_status(name, &PatchParams::default(), &Patch::<()>::Json(patch))
            .await?;
        self.note(format!("wiped the status of {kind} {name}"));
        Ok(())
    }

    pub(super) fn note(&self, what: String) {
        let process = self.valve.process();
        self.journal.note(process, What::Done(Deed::Changed(what)));
    }

    pub(super) async fn get(&self, kind: &str, name: &str) -> Result<Option<Value>> {
        let found = self.api(kind)?.get_opt(name).await?;
        Ok(found.map(serde_json::to_value).transpose()?)
    }

    /// All resources of the operator.
    pub(super) async fn resources(&self) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        for kind in KINDS {
            let listed = self.api(kind)?.list(&ListParams::default()).await?;
            for mut object in listed {
                object.metadata.managed_fields = None;
                let mut value = serde_json::to_value(object)?;
                if let Some(fields) = value.as_object_mut() {
                    fields.insert("kind".to_owned(), (*kind).into());
                }
                all.push(value);
            }
        }
        Ok(all)
    }

    fn api(&self, kind: &str) -> Result<Api<DynamicObject>> {
        let resource = match kind {
            "XoperoConnection" => ApiResource::erase::<XoperoConnection>(&()),
            "XoperoOrganization" => ApiResource::erase::<XoperoOrganization>(&()),
            "XoperoBackupPlan" => ApiResource::erase::<XoperoBackupPlan>(&()),
            "XoperoRepository" => ApiResource::erase::<XoperoRepository>(&()),
            "XoperoAzureProject" => ApiResource::erase::<XoperoAzureProject>(&()),
            "Secret" => ApiResource::erase::<Secret>(&()),
            other => bail!("the campaign knows no {other}"),
        };
        Ok(Api::namespaced_with(
            self.client.0.clone(),
            &self.namespace,
            &resource,
        ))
    }

    /// Waits until it holds.
    pub(super) async fn until(
        &self,
        what: &str,
        mut holds: impl AsyncFnMut() -> Result<bool>,
    ) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !holds().await? {
            if let Some(status) = self.ended()? {
                bail!("the operator ended by itself ({status}) before {what}");
            }
            if Instant::now() >= deadline {
                bail!("it never came about: {what}");
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Waits until so many crashes are over.
    pub(super) async fn crashes_are_over(&self, crashes: usize) -> Result<()> {
        self.until(&format!("{crashes} crashes, as planned"), async || {
            Ok(*self.crashes.borrow() >= crashes)
        })
        .await
        .map_err(|error| anyhow::Error::new(super::NotReached).context(error.to_string()))
    }
}

/// The kinds of the operator.
pub(super) const KINDS: &[&str] = &[
    "XoperoConnection",
    "XoperoOrganization",
    "XoperoBackupPlan",
    "XoperoRepository",
    "XoperoAzureProject",
];

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
