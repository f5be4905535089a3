//! `xopero-operator run`: everything is made, joined, and ended in order.

mod error;

use std::{
    collections::BTreeSet,
    env, fs,
    net::SocketAddr,
    path::Path,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{runtime::Runtime, select, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

pub use error::RunError;

use super::{
    arguments::{LeaderElection, RunArguments},
    client,
    lease::{Elector, Fence, Terms},
    server::{Served, Server},
    signals::Signals,
    telemetry,
};
use crate::{
    api::LONGEST_REQUEST_TIMEOUT,
    controllers::{
        self, Dependencies,
        connections::{Connections, HostGlobs, Surroundings},
        metrics::{Metrics, Role},
    },
    xopero::{Authorities, Hooks, WireNames},
};

/// Runs the operator until a signal asks it to end.
pub(super) fn run(arguments: RunArguments) -> Result<(), RunError> {
    // No `..`: a flag that nothing follows from does not compile.
    let RunArguments {
        watch_namespaces,
        leader_election,
        lease,
        listen,
        log_format,
        log_level,
        wire_names,
        allowed_hosts,
        extra_ca_bundle,
        drain_timeout,
    } = arguments;
    telemetry::install(log_format, log_level)?;
    let names = wire_names
        .as_deref()
        .map(read_wire_names)
        .transpose()?
        .unwrap_or_default();
    let allowed_hosts = if allowed_hosts.is_empty() {
        None
    } else {
        Some(HostGlobs::new(allowed_hosts.iter().map(String::as_str))?)
    };
    let authorities = extra_ca_bundle
        .as_deref()
        .map(read_authorities)
        .transpose()?
        .unwrap_or_default();
    // A namespace that was named twice is watched once.
    let namespaces = watch_namespaces
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();

    let pod = env::var("POD_NAME").ok().filter(|name| !name.is_empty());
    let terms = match leader_election {
        LeaderElection::Off => None,
        LeaderElection::On => Some(Terms::new(lease, pod.as_deref())),
    };

    let runtime = Runtime::new().map_err(RunError::System)?;
    let stop = CancellationToken::new();
    let operator = operate(
        Settings {
            listen,
            namespaces,
            names,
            allowed_hosts,
            authorities,
            pod,
            terms,
        },
        stop.clone(),
    );
    let ended = runtime.block_on(async {
        let signals = Signals::listen().map_err(RunError::System)?;
        until_signalled(operator, signals, stop, drain_timeout).await
    });
    // The name of a host may be looked up on a thread that does not answer; nothing is left to wait for.
    runtime.shutdown_background();
    ended
}

fn read_wire_names(path: &Path) -> Result<WireNames, RunError> {
    let text = fs::read_to_string(path).map_err(|source| RunError::WireNamesFile {
        path: path.to_owned(),
        source,
    })?;
    let names = WireNames::from_yaml(&text);
    names.map_err(|source| RunError::WireNames {
        path: path.to_owned(),
        source,
    })
}

fn read_authorities(path: &Path) -> Result<Authorities, RunError> {
    let pem = fs::read(path).map_err(|source| RunError::ExtraCaBundleFile {
        path: path.to_owned(),
        source,
    })?;
    Authorities::from_pem(&pem).map_err(|source| RunError::ExtraCaBundle {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

/// What the arguments come to.
#[derive(Debug)]
struct Settings {
    listen: SocketAddr,
    namespaces: Vec<String>,
    names: WireNames,
    allowed_hosts: Option<HostGlobs>,
    authorities: Authorities,
    /// The pod that this process runs in.
    pod: Option<String>,
    /// `None`: there is one replica.
    terms: Option<Terms>,
}

async fn operate(settings: Settings, stop: CancellationToken) -> Result<(), RunError> {
    let Settings {
        listen,
        namespaces,
        names,
        allowed_hosts,
        authorities,
        pod,
        terms,
    } = settings;
    let metrics = Arc::new(Metrics::default());
    let readiness = Arc::default();
    let fence = terms.as_ref().map(Terms::fence);
    let asked = fence.clone();
    // What is on the wire may land late. What is not sent yet, by a process that stood still, is for the next leader to say.
    let may_write = move || {
        asked
            .as_ref()
            .is_none_or(|fence| fence.allows(Duration::ZERO))
    };
    let client = client::connect(may_write).await?;
    let standing_by = Arc::new(AtomicBool::new(terms.is_some()));
    let mut hooks = metrics.hooks();
    let elector = match terms.zip(fence) {
        None => None,
        Some(candidacy) => Some(candidate(candidacy, &mut hooks).await?),
    };
    let shown = Served {
        metrics: Arc::clone(&metrics),
        readiness: Arc::clone(&readiness),
        standing_by: Arc::clone(&standing_by),
        stop: stop.clone(),
    };
    let refused = |source| RunError::Listen {
        address: listen,
        source,
    };
    let server = Server::bind(listen, shown).await.map_err(refused)?;
    let address = server.address().map_err(refused)?;
    info!(%address, "Serving /livez, /readyz and /metrics at {address}");
    let watched = match namespaces.as_slice() {
        [] => "all namespaces".to_owned(),
        [one] => format!("the namespace {one}"),
        several => format!("the namespaces {}", several.join(", ")),
    };
    let version = env!("CARGO_PKG_VERSION");
    info!(version, "xopero-operator {version} watches {watched}");
    let surroundings = Surroundings {
        names: Arc::new(names),
        hooks,
        allowed_hosts,
        authorities,
    };
    let connections = Connections::new(surroundings);
    let dependencies = Dependencies {
        client,
        namespaces,
        connections,
        pod,
        metrics,
        readiness,
        stop,
    };
    let led = async {
        match elector {
            None => {
                dependencies.metrics.note_role(Role::Leads);
                Ok(controllers::run(dependencies).await?)
            }
            Some(elector) => lead(elector, dependencies, &standing_by).await,
        }
    };
    select! {
        ended = led => ended,
        _ended = server.run() => Err(RunError::ServerEnded),
    }
}

/// Stands for the Lease, and keeps back every write that it might not outlive.
async fn candidate(
    (terms, fence): (Terms, Arc<Fence>),
    hooks: &mut Hooks,
) -> Result<Elector, RunError> {
    let longest = terms.longest_timeout();
    if longest < LONGEST_REQUEST_TIMEOUT {
        warn!(
            "The Lease is too short for some connections: with a requests.timeout of more than {longest:?} nothing is written; give a longer --lease-duration"
        );
    }
    let asked = Arc::clone(&fence);
    hooks.write_gate = Arc::new(move |timeout| asked.allows(timeout));
    let client = client::connect_for_lease().await?;
    Ok(Elector::new(client, terms, fence))
}

/// Runs the controllers for as long as the Lease is held. It is renewed until they have ended, and released only if they ended in
/// order: else a write may still be on the wire.
async fn lead(
    mut elector: Elector,
    dependencies: Dependencies,
    standing_by: &AtomicBool,
) -> Result<(), RunError> {
    let stop = dependencies.stop.clone();
    let Dependencies {
        client,
        namespaces,
        readiness,
        ..
    } = &dependencies;
    let stands_by = elector.stands_by();
    // Where nobody holds the Lease, nothing is listed twice.
    let standby = async {
        stands_by.cancelled().await;
        controllers::stand_by(client, namespaces, readiness).await
    };
    let acquired = select! {
        () = elector.acquire() => true,
        () = stop.cancelled() => false,
        ended = standby => return Err(ended.into()),
    };
    if !acquired {
        // The answer that would have said that it is ours may have been on the way.
        elector.release().await;
        return Ok(());
    }
    standing_by.store(false, Ordering::Relaxed);
    let metrics = Arc::clone(&dependencies.metrics);
    metrics.note_role(Role::Leads);
    let mut controllers = pin!(controllers::run(dependencies));
    let loss = select! {
        ended = &mut controllers => {
            ended?;
            elector.release().await;
            return Ok(());
        }
        loss = elector.keep() => loss,
    };
    metrics.note_role(Role::StandsBy);
    error!("The Lease is lost: {loss}");
    stop.cancel();
    controllers.await?;
    Err(RunError::LeaseLost(loss))
}

/// Lets the operator run until the first signal, or until a part of it stops the others, and then end: for `limit` at most, and
/// not after another signal.
async fn until_signalled(
    operator: impl Future<Output = Result<(), RunError>>,
    mut signals: Signals,
    stop: CancellationToken,
    limit: Duration,
) -> Result<(), RunError> {
    let mut operator = pin!(operator);
    let why = select! {
        ended = &mut operator => return ended,
        signal = signals.next() => signal,
        () = stop.cancelled() => "the end of one of its parts",
    };
    info!(
        why,
        "Ending because of {why}; requests under way have {limit:?} to be answered"
    );
    stop.cancel();
    select! {
        ended = &mut operator => {
            // Another end is an error, and said by whoever takes it.
            if ended.is_ok() {
                info!("Ended in order");
            }
            ended
        }
        signal = signals.next() => Err(RunError::Urged { signal }),
        () = sleep(limit) => Err(RunError::NotDrained { limit }),
    }
}
