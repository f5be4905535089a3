//! What is known of this replica: its version, whether it leads, when it started.

use std::{sync::atomic::AtomicU64, time::SystemTime};

use prometheus_client::{
    metrics::{gauge::Gauge, info::Info},
    registry::Registry,
};

use super::{description::Description, sample::moment};

static BUILD: Description = Description::info(
    "build",
    "The version that runs",
    "Which version runs, and do all replicas run the same?",
)
.by(&["version"]);

static LEADER: Description = Description::gauge(
    "leader",
    "1 on the replica that writes; 0 on one that stands by",
    "Does exactly one replica write?",
);

static START: Description = Description::gauge(
    "process_start_time",
    "When the process began to count, in seconds since 1970",
    "Has it been restarted?",
)
.in_seconds()
.of_any_process();

/// All of them.
pub(super) static OWN: &[&Description] = &[&BUILD, &LEADER];

/// Those that every process shows.
pub(super) static OF_ANY_PROCESS: &[&Description] = &[&START];

/// What this replica does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It writes.
    Leads,
    /// It is ready to follow, or about to end.
    StandsBy,
}

/// Whether this replica leads.
#[derive(Debug, Default)]
pub(super) struct Replica {
    leader: Gauge,
}

impl Replica {
    pub(super) fn register(&self, registry: &mut Registry) {
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        BUILD.register(registry, build);
        LEADER.register(registry, self.leader.clone());
    }

    /// Without the prefix: by this name every process is asked how long it runs.
    pub(super) fn register_start(registry: &mut Registry) {
        let start = Gauge::<f64, AtomicU64>::default();
        start.set(moment(SystemTime::now()));
        START.register(registry, start);
    }

    pub(super) fn plays(&self, role: Role) {
        let leads = match role {
            Role::Leads => 1,
            Role::StandsBy => 0,
        };
        self.leader.set(leads);
    }
}
