//! A call from its arrival to what goes over the wire: journal, faults, endpoint. No network and no clock but that of synchronizations.

mod strike;

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

use crate::{
    call::{Authorization, Call},
    dialect::Dialect,
    edit::{self, Edit},
    endpoint::Endpoint,
    endpoints,
    faults::{Effect, Fault, Late, Occasion, Script},
    journal::{self, Arrival, Journal},
    reply::{Delivery, Reply},
    state::State,
    tokens::Tokens,
    world::{self, World},
};

/// Everything that a server is, but the network.
#[derive(Debug)]
pub(crate) struct Simulation {
    pub(crate) world: World,
    pub(crate) tokens: Tokens,
    pub(crate) journal: Journal,
    pub(crate) script: Script,
    pending: Vec<Pending>,
}

/// A call that is still to be applied.
#[derive(Debug)]
struct Pending {
    number: u64,
    call: Call,
    calls_left: u64,
    of: Option<Endpoint>,
}

/// A request as it came over the wire. No `Debug`: the body of a login holds a password.
pub(crate) struct Request {
    pub(crate) is_post: bool,
    pub(crate) path: String,
    pub(crate) authorization: Authorization,
    pub(crate) body: Vec<u8>,
}

/// A call that has a number, and perhaps a fault.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) number: u64,
    pub(crate) endpoint: Option<Endpoint>,
    path: String,
    call: Option<Call>,
    effect: Option<Effect>,
}

impl Arrived {
    /// How long to wait before it is applied.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self.effect {
            Some(Effect::SlowBefore(duration)) => Some(duration),
            _ => None,
        }
    }
}

impl Simulation {
    pub(crate) fn new(state: State, sequence: Arc<AtomicU64>) -> Result<Self, world::LoadError> {
        let faults = state.faults.clone();
        let mut simulation = Self {
            world: World::load(state)?,
            tokens: Tokens::default(),
            journal: Journal::new(sequence),
            script: Script::default(),
            pending: Vec::new(),
        };
        simulation.inject_all(faults);
        Ok(simulation)
    }

    /// Takes another state. Tokens and journal stay; its faults replace those in place.
    pub(crate) fn replace(&mut self, state: State) -> Result<(), world::LoadError> {
        let faults = state.faults.clone();
        self.world = World::load(state)?;
        self.script.heal_all();
        self.inject_all(faults);
        Ok(())
    }

    fn inject_all(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            self.script.inject(fault);
        }
    }

    /// The state as it is now, with the faults that are still in place.
    pub(crate) fn save(&mut self) -> State {
        self.world.settle(Instant::now());
        let mut state = self.world.save();
        state.faults = self
            .script
            .reports()
            .iter()
            .filter(|report| !report.healed)
            .map(|report| report.fault.clone())
            .collect();
        state
    }

    pub(crate) fn edit(&mut self, edit: Edit) -> Result<(), edit::Error> {
        self.world.settle(Instant::now());
        edit.apply(self)
    }

    pub(crate) fn set_dialect(&mut self, dialect: Dialect) -> Result<(), world::LoadError> {
        dialect.check()?;
        self.world.dialect = dialect;
        self.world.touch_all();
        Ok(())
    }

    /// Writes a call down, and finds the fault that fires at it.
    pub(crate) fn arrive(&mut self, request: Request) -> Arrived {
        self.world.settle(Instant::now());
        let Request {
            is_post,
            path,
            authorization,
            body,
        } = request;
        let endpoint = Endpoint::of_path(&path).filter(|_| is_post);
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let session = self.tokens.session(authorization.0.as_deref());
        let mut user = session.map(|session| session.email.clone());
        let authorized = authorization.0.is_some();
        let call = endpoint.map(|endpoint| Call {
            endpoint,
            body: object(&body),
            authorization,
            other_page: None,
        });
        let mut targets = Vec::new();
        let mut page = None;
        if let Some(call) = &call {
            let dialect = &self.world.dialect;
            targets = call.targets(&self.world);
            page = call.number(dialect, "page").ok().flatten();
            if call.endpoint == Endpoint::Login {
                user = call.text(dialect, "email").map(str::to_owned);
            }
        }
        let fault = endpoint.and_then(|endpoint| {
            self.script.fire(&Occasion {
                endpoint,
                targets: &names_of(&targets),
                page,
            })
        });
        let number = self.journal.arrive(Arrival {
            endpoint,
            path: path.clone(),
            targets,
            page,
            user,
            authorization: authorized,
            request: body,
        });
        let (id, effect) = fault.unzip();
        if let Some(entry) = self.journal.entry(number) {
            entry.fault = id;
        }
        Arrived {
            number,
            endpoint,
            path,
            call,
            effect,
        }
    }

    /// Carries a call out, with what its fault makes of it.
    pub(crate) fn apply(&mut self, arrived: &Arrived) -> Delivery {
        self.world.settle(Instant::now());
        let delivery = match &arrived.call {
            Some(call) => self.strike(arrived, call),
            None if Endpoint::of_path(&arrived.path).is_some() => self.deliver(&Reply::bare(405)),
            None => self.deliver(&Reply::bare(404)),
        };
        self.count_down(arrived);
        delivery
    }

    /// Carries a call out and writes down what it changed.
    fn execute(&mut self, number: u64, call: &Call) -> Reply {
        let reply = endpoints::answer(&mut self.world, &mut self.tokens, call);
        if let Some(entry) = self.journal.entry(number) {
            entry.changes += reply.changes;
        }
        reply
    }

    fn postpone(&mut self, arrived: &Arrived, call: &Call, late: &Late) {
        self.pending.push(Pending {
            number: arrived.number,
            call: call.clone(),
            calls_left: late.calls,
            of: late.of,
        });
    }

    /// A call has been carried out: those that waited for it are applied now.
    fn count_down(&mut self, arrived: &Arrived) {
        let (due, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .map(|mut pending| {
                let counts = pending.number != arrived.number
                    && pending.of.is_none_or(|of| arrived.endpoint == Some(of));
                pending.calls_left = pending.calls_left.saturating_sub(u64::from(counts));
                pending
            })
            .partition(|pending| pending.calls_left == 0);
        self.pending = waiting;
        for pending in due {
            self.execute(pending.number, &pending.call);
            if let Some(entry) = self.journal.entry(pending.number) {
                entry.applied_after = Some(arrived.number);
            }
        }
    }
}

fn object(body: &Value) -> Option<Map<String, Value>> {
    body.as_object().cloned()
}

/// What a fault may call the things that a call names.
fn names_of(targets: &[journal::Target]) -> Vec<String> {
    targets
        .iter()
        .flat_map(|target| {
            let name = target.name.clone();
            std::iter::once(target.id.to_string()).chain(name)
        })
        .collect()
}
