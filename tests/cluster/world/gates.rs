//! What stands between a test's operator and both its servers: gates that write down all that passes, and the oracles that judge it.
//! They see what the operator was shown and what it asked, every version of every status among it.

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use xopero_campaign::{
    gate::{Gate, Trap, Upstream, Valve},
    journal::{
        Answered, Asked, Deed, Event, Journal, Side, What,
        kubernetes::Reference,
        xopero::{self, Names},
    },
    oracles::{linter, safety},
};
use xopero_simulator::{Endpoint, Simulator};
use xtask::{
    control_plane::ControlPlane,
    operator::{ACCOUNT, NAMESPACE},
};

/// Of all gates: a test has one thread, and the operator must be answered also while that is busy.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build();
    runtime.expect("a runtime")
});

/// The gates of a world, and their joint journal.
pub(super) struct Gates {
    kubernetes: Gate,
    xopero: Gate,
    journal: Journal,
    valve: Valve,
    /// The operator's own, with the gate as its API server.
    pub(super) kubeconfig: PathBuf,
}

impl Gates {
    pub(super) async fn open(
        control_plane: &ControlPlane,
        simulator: &Simulator,
        name: &str,
    ) -> Self {
        let account = control_plane.service_account_kubeconfig(NAMESPACE, ACCOUNT);
        let text = std::fs::read_to_string(account.await.expect("an account"));
        let mut config: Value =
            serde_json::from_str(&text.expect("a kubeconfig")).expect("it is JSON");
        let cluster = config.pointer_mut("/clusters/0/cluster");
        let cluster = cluster.expect("it names a cluster");
        let authority = cluster["certificate-authority-data"].as_str().map(|data| {
            let pem = STANDARD.decode(data).expect("base64");
            String::from_utf8(pem).expect("PEM")
        });
        let server = cluster["server"].as_str().expect("it names a server");
        let api_server = Upstream::new(server, authority.as_deref()).expect("an authority");
        let xopero_one = Upstream::new(&simulator.url(), simulator.ca_pem());
        let (journal, valve) = (Journal::default(), Valve::default());
        let names = Names::of(&simulator.state());
        let open = async |side, upstream| {
            let opened = Gate::open(
                side,
                upstream,
                journal.clone(),
                names.clone(),
                valve.clone(),
            );
            let opened = RUNTIME.spawn(opened).await;
            opened.expect("a task").expect("a gate")
        };
        let kubernetes = open(Side::Kubernetes, api_server).await;
        let xopero = open(Side::Xopero, xopero_one.expect("an authority")).await;
        *cluster = json!({"server": kubernetes.url()});
        let kubeconfig = control_plane.folder().join(format!("{name}.kubeconfig"));
        std::fs::write(&kubeconfig, config.to_string()).expect("a file");
        Self {
            kubernetes,
            xopero,
            journal,
            valve,
            kubeconfig,
        }
    }

    /// Where Xopero ONE is to be found through the gate.
    pub(super) fn url(&self) -> String {
        self.xopero.url()
    }

    /// An operator is about to start.
    pub(super) fn starts(&self) {
        let process = self.valve.next_process();
        self.journal.note(process, What::Done(Deed::Started));
    }

    /// The operator is gone.
    pub(super) async fn ends(&self, how: Deed) {
        for gate in [&self.kubernetes, &self.xopero] {
            gate.catch_up().await.expect("the gate is open");
        }
        self.journal.note(self.valve.process(), What::Done(how));
    }

    /// Puts something in the operator's way.
    pub(super) fn set(&self, trap: Trap) {
        match trap.side {
            Side::Kubernetes => self.kubernetes.set(trap),
            Side::Xopero => self.xopero.set(trap),
        }
    }

    /// Takes everything out of its way, and lets go what was held back.
    pub(super) fn heal(&self) {
        self.kubernetes.heal();
        self.xopero.heal();
    }

    /// Waits until a trap has sprung that asks for the operator's end.
    pub(super) async fn sprung(&self) {
        self.valve.sprung(1).await;
    }

    /// How often the operator has asked for this, in words such as `list xoperorepositories`.
    pub(super) fn asked(&self, key: &str) -> usize {
        let events = self.events();
        events
            .iter()
            .filter(|event| matches!(&event.what, What::Asked(asked) if asked.key == key))
            .count()
    }

    /// What the oracles find wrong in all that has passed, a sentence each. `sent` are the writes that have reached Xopero ONE.
    pub(super) fn violations(&self, sent: u64) -> Vec<String> {
        let events = self.events();
        let mut found = safety::violations(&events);
        found.extend(linter::violations(&events, Duration::ZERO));
        found.extend(forbidden(&events));
        let passed = events.iter().filter(|event| is_write(event)).count();
        if u64::try_from(passed).is_ok_and(|passed| passed < sent) {
            found.push(format!(
                "{sent} writes reached Xopero ONE, and {passed} came through the gate: nobody has judged the others"
            ));
        }
        found
    }

    /// What has passed but listings of Xopero ONE and Leases, an event a line.
    pub(super) fn shown(&self) -> String {
        self.events().iter().filter_map(shown).collect()
    }

    fn events(&self) -> Vec<Event> {
        self.journal.joined(Vec::new())
    }
}

/// How much of an event is shown, in characters.
const LINE: usize = 400;

fn shown(event: &Event) -> Option<String> {
    let Event { number, what, .. } = event;
    let told = match what {
        What::Asked(asked) if asked.key.contains("leases") || asked.key.starts_with("list") => {
            return None;
        }
        What::Asked(asked) => {
            let body = if asked.body.is_null() {
                String::new()
            } else {
                asked.body.to_string()
            };
            format!("{} {body}", asked.key)
        }
        What::Watched(watched) => {
            let at = |pointer: &str| watched.line.pointer(pointer).unwrap_or(&Value::Null);
            format!(
                "watched {} {} {} {} {}",
                at("/type"),
                at("/object/kind"),
                at("/object/metadata/name"),
                at("/object/metadata/resourceVersion"),
                at("/object/status/conditions")
            )
        }
        What::Done(deed) => format!("{deed:?}"),
        What::Answered(_) | What::Called(_) => return None,
    };
    let told: String = told.chars().take(LINE).collect();
    Some(format!("{number:>5} {told}\n"))
}

fn is_write(event: &Event) -> bool {
    let What::Asked(asked) = &event.what else {
        return false;
    };
    asked.side == Side::Xopero && xopero::endpoint(&asked.path).is_some_and(Endpoint::is_write)
}

/// What the operator asked of the API server with its own account, and has no right to.
fn forbidden(events: &[Event]) -> Vec<String> {
    const FORBIDDEN: u16 = 403;
    let mut open: BTreeMap<u64, &Asked> = BTreeMap::new();
    let mut found = Vec::new();
    for event in events {
        match &event.what {
            What::Asked(asked) if asked.side == Side::Kubernetes => {
                open.insert(event.number, asked);
            }
            What::Answered(answered) => {
                let Some(asked) = open.remove(&answered.request) else {
                    continue;
                };
                if answered.status == Some(FORBIDDEN) && !is_of_an_ending_namespace(answered) {
                    let namespace = Reference::of_asked(asked).namespace;
                    let key = &asked.key;
                    found.push(format!("{key} in {namespace:?}: forbidden"));
                }
            }
            What::Asked(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {}
        }
    }
    found
}

/// Nothing is created in a namespace that is being deleted, whoever asks: no right would help.
fn is_of_an_ending_namespace(answered: &Answered) -> bool {
    let cause = answered.body.pointer("/details/causes/0/reason");
    cause.and_then(Value::as_str) == Some("NamespaceTerminating")
}
