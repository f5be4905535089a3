//! One run's world: a namespace, a Xopero ONE, two gates, and an operator, on the shared API server.

mod canary;
pub(crate) mod clock;
pub(super) mod lease;
mod replicas;
pub(super) mod resources;

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use tokio::sync::RwLock;
use xopero_simulator::{Dialect, Edit, Effect, Options, Simulator, faults::Times};
use xtask::control_plane::ControlPlane;

use self::{canary::Canary, replicas::Replicas};
use super::{stage::Stage, wait};
use crate::{
    dialects,
    gate::{Gate, Report, Trap, Upstream, Valve},
    journal::{Deed, Event, Journal, Side, What, xopero::Names},
    plan::{Plan, Programs},
    scenario::Scenario,
};

/// What the journal says when Xopero ONE begins to speak so that it is not understood.
pub(super) const NOT_UNDERSTOOD: &str = "made Xopero ONE speak otherwise";

/// What it says when a status has said so.
pub(super) const SAID: &str = "was told that Xopero ONE is not understood";

/// What it says when what lasts is over.
pub(super) const HEALED: &str = "healed Xopero ONE";

/// One run's world. Dropping it kills its operator and closes its Xopero ONE.
#[derive(Debug)]
pub(super) struct World {
    /// First, so that nothing calls a closed port.
    replicas: Replicas,
    pub(super) namespace: String,
    pub(super) journal: Journal,
    pub(super) valve: Valve,
    pub(super) simulator: Simulator,
    pub(super) kubernetes: Gate,
    pub(super) xopero: Gate,
    /// Where redirects lead.
    elsewhere: Canary,
    pub(super) client: super::stage::ClientOf,
    pub(super) control_plane: ControlPlane,
    /// Taken by every call of the campaign itself; whole while the API server, or what is asked of it, is away.
    pub(super) answers: RwLock<()>,
    /// Crashes that are over: the operator runs again.
    pub(super) crashes: tokio::sync::watch::Sender<usize>,
    /// How Xopero ONE speaks in the scenario.
    usual: Dialect,
    /// Faults of Xopero ONE itself, by number.
    faults: Mutex<Vec<u64>>,
    /// How often a person has helped.
    helped: Mutex<usize>,
    healed: std::sync::atomic::AtomicBool,
    applied: Mutex<Vec<String>>,
    /// What a step has deleted: kind and name.
    deleted: Mutex<BTreeSet<(String, String)>>,
}

impl World {
    pub(super) async fn make(stage: &Stage, scenario: &Scenario, plan: &Plan) -> Result<Self> {
        let journal = Journal::default();
        let is_paired = plan.blow.is_some();
        let valve = if is_paired {
            Valve::of_replicas()
        } else {
            Valve::default()
        };
        let options = Options {
            sequence: Some(journal.sequence()),
            ..Options::default()
        };
        let speech = dialects::of(plan)?;
        let mut held = scenario.state.clone();
        // What cannot be understood comes with the first step: see `arm`.
        if let Some(speech) = speech
            && dialects::waiting(plan).is_none()
        {
            held.dialect = speech.of(&held.dialect);
        }
        let simulator = Simulator::start_with(held, options)?;
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
        let kubernetes = open(Side::Kubernetes, stage.account.api_server()).await?;
        let namespace = stage.fresh_name(scenario.name);
        let account = &stage.account;
        let kubeconfig = account.behind(&kubernetes.url(), &stage.control_plane, &namespace)?;
        let client = stage.client.0.clone();
        create_namespace(&client, &namespace).await?;
        let replicas = if is_paired {
            lease::allow(&client, &namespace).await?;
            Replicas::two(&stage.operator, kubeconfig, plan.clock)
        } else {
            Replicas::one(&stage.operator, kubeconfig)
        };
        let told = speech.map_or("", |speech| speech.told);
        let replicas = if plan.programs == Programs::InTurn {
            replicas.upgraded(stage.previous.clone())
        } else {
            replicas
        };
        let replicas = replicas.told(stage.wire_names(&namespace, told)?);
        Ok(Self {
            replicas,
            namespace,
            journal,
            valve,
            simulator,
            kubernetes,
            xopero,
            elsewhere: Canary::open().await?,
            client: super::stage::ClientOf(client),
            control_plane: stage.control_plane.clone(),
            answers: RwLock::default(),
            crashes: tokio::sync::watch::Sender::default(),
            usual: scenario.state.dialect.clone(),
            faults: Mutex::default(),
            helped: Mutex::default(),
            healed: std::sync::atomic::AtomicBool::default(),
            applied: Mutex::default(),
            deleted: Mutex::default(),
        })
    }

    /// The namespace is there again, and empty.
    pub(super) async fn make_namespace(&self) -> Result<()> {
        create_namespace(&self.client.0, &self.namespace).await
    }

    /// Declares what stands before the first step, starts the operator, and waits until all has come to rest.
    pub(super) async fn begin(&self, scenario: &Scenario) -> Result<()> {
        self.apply(&scenario.before).await?;
        self.start().await?;
        self.rest(0, 1).await.context("before the first step")
    }

    /// Puts the faults of a plan in place.
    pub(super) fn arm(&self, plan: &Plan) -> Result<()> {
        if let Some(speech) = dialects::of(plan)?
            && dialects::waiting(plan).is_some()
        {
            let dialect = Box::new(speech.of(&self.usual));
            self.simulator.edit(Edit::SetDialect { dialect })?;
            self.note(NOT_UNDERSTOOD.to_owned());
        }
        for trap in &plan.traps {
            self.set(trap.clone());
        }
        let mut faults = lock(&self.faults);
        let injected = plan.xopero.iter().map(|fault| {
            let mut fault = fault.clone();
            if let Effect::Redirect(origin) = &mut fault.effect {
                *origin = self.elsewhere.url();
            }
            self.simulator.inject(fault)
        });
        faults.extend(injected);
        Ok(())
    }

    pub(super) fn set(&self, trap: Trap) {
        match trap.side {
            Side::Kubernetes => self.kubernetes.set(trap),
            Side::Xopero => self.xopero.set(trap),
        }
    }

    /// What was asked where redirects lead, a sentence each.
    pub(super) fn asked_elsewhere(&self) -> Vec<String> {
        self.elsewhere.heard()
    }

    /// Ends everything that goes wrong.
    pub(super) fn heal(&self) {
        self.disarm();
        self.simulator.heal_all();
    }

    /// Xopero ONE speaks as the scenario says.
    pub(super) fn speak_as_usual(&self) -> Result<()> {
        let dialect = Box::new(self.usual.clone());
        Ok(self.simulator.edit(Edit::SetDialect { dialect })?)
    }

    /// The faults of Xopero ONE that last are over.
    pub(super) fn note_healed(&self) {
        self.note(HEALED.to_owned());
        self.healed.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_healed(&self) -> bool {
        self.healed.load(Ordering::SeqCst)
    }

    /// A person has helped once more.
    pub(super) fn note_help(&self) {
        *lock(&self.helped) += 1;
    }

    pub(super) fn helped(&self) -> usize {
        *lock(&self.helped)
    }

    /// Ends the traps of both gates.
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
    pub(super) fn fired(&self, plan: &Plan) -> Vec<(u64, Times)> {
        let planned = plan.xopero.iter().map(|fault| fault.times);
        let fired = self.faults().into_iter();
        let fired = fired.map(|id| self.simulator.firings(id));
        fired.zip(planned).collect()
    }

    /// The faults of Xopero ONE itself, by number, in the order of the plan.
    pub(super) fn faults(&self) -> Vec<u64> {
        lock(&self.faults).clone()
    }

    /// Kills the API server, lets go what waited for that, and starts it again. The campaign itself asks nothing meanwhile.
    pub(super) async fn outage(&self) -> Result<()> {
        let _nobody_asks = self.answers.write().await;
        self.control_plane.kill_api_server().await?;
        self.note("killed the API server and its etcd".to_owned());
        self.disarm();
        self.control_plane.restart_api_server().await?;
        self.note("started them again".to_owned());
        Ok(())
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.journal.joined(self.simulator.journal())
    }

    /// The events as Xopero ONE would speak usually.
    pub(super) fn plain(&self, events: &[Event], plan: &Plan) -> Result<Vec<Event>> {
        let speech = dialects::of(plan)?;
        let dialect = speech.map_or_else(Dialect::default, |speech| speech.of(&self.usual));
        Ok(dialects::plain(events, &dialect))
    }

    pub(super) fn note(&self, what: String) {
        let process = self.valve.process();
        self.journal.note(process, What::Done(Deed::Changed(what)));
    }

    /// Waits until it holds.
    pub(super) async fn until(
        &self,
        what: &str,
        holds: impl AsyncFnMut() -> Result<bool>,
    ) -> Result<()> {
        if !self.comes_about(what, holds).await? {
            bail!("it never came about: {what}");
        }
        Ok(())
    }

    /// Waits until it holds; false if the time for it is over.
    pub(super) async fn comes_about(
        &self,
        what: &str,
        holds: impl AsyncFnMut() -> Result<bool>,
    ) -> Result<bool> {
        wait::comes_about(what, || self.ended(), holds).await
    }

    /// Waits until so many crashes are over.
    pub(super) async fn crashes_are_over(&self, crashes: usize) -> Result<()> {
        let over = || *self.crashes.borrow();
        let fired = || self.traps().iter().map(|report| report.fired).sum();
        wait::crashes_are_over(crashes, || self.ended(), over, fired).await
    }
}

async fn create_namespace(client: &Client, name: &str) -> Result<()> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let made = Namespace {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    };
    namespaces.create(&PostParams::default(), &made).await?;
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
