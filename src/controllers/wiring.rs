//! Which change wakes whom, and the controllers that run. Everything runs until it is told to stop.

mod labels;
mod needed_by;
mod standby;
mod tasks;

use std::sync::Arc;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender};
use kube::{Client, runtime::events::Reporter};
use thiserror::Error;
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::info;

use needed_by::needed_by;
pub use standby::stand_by;
use tasks::Tasks;

use super::{
    claim,
    claims::organization_of,
    connection,
    connections::{Connections, connection_of},
    events::Events,
    metrics::Metrics,
    observed::Place,
    organization::{self, Shared, Wake},
    readiness::Readiness,
    verdicts::Verdicts,
    watches::{OwnStatus, Stored, Touch, TouchEvent, Watch, watch},
};
use crate::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};

/// What the controllers are given.
#[expect(
    missing_debug_implementations,
    reason = "a client has none worth reading"
)]
pub struct Dependencies {
    /// The API server.
    pub client: Client,
    /// The namespaces to watch; none: all of them.
    pub namespaces: Vec<String>,
    /// The connections, still empty, with what their clients share.
    pub connections: Connections,
    /// The pod that this process runs in, for events. `None`: it runs in none.
    pub pod: Option<String>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What has to be seen before the operator is ready.
    pub readiness: Arc<Readiness>,
    /// Nothing begins once this is cancelled.
    pub stop: CancellationToken,
}

/// A controller ended although nobody asked it to.
#[derive(Debug, Error)]
#[error("a controller ended by itself; see the log for the reason")]
pub struct Ended;

/// Runs all controllers until they are told to stop and what is on the wire is answered.
///
/// # Errors
/// When a controller ends by itself.
pub async fn run(dependencies: Dependencies) -> Result<(), Ended> {
    let wired = Wired::new(dependencies);
    let stop = wired.stop.clone();
    let mut tasks = wired.start();
    info!("The controllers have started");
    let mut result = Ok(());
    while tasks.join_next().await.is_some() {
        if !stop.is_cancelled() {
            // The others end in order: what they have on the wire is answered, and not dropped.
            stop.cancel();
            result = Err(Ended);
        }
    }
    result
}

/// All watches, wired, before anything runs.
struct Wired {
    given: Given,
    stop: CancellationToken,
    wake: Wake,
    gone_organizations: UnboundedReceiver<Place>,
    /// Notified when a claim or an organization is gone.
    left: Arc<Notify>,
    plans: Kind<XoperoBackupPlan>,
    repositories: Kind<XoperoRepository>,
    projects: Kind<XoperoAzureProject>,
    organizations: Kind<XoperoOrganization>,
    connection_resources: Kind<XoperoConnection>,
}

/// What goes on to the controllers as it was given.
struct Given {
    client: Client,
    namespaces: Vec<String>,
    connections: Connections,
    pod: Option<String>,
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
}

/// One kind: what is stored, and the watches that its controllers take.
type Kind<K> = (Arc<Stored<K>>, Vec<Watch<K>>);

impl Wired {
    fn new(dependencies: Dependencies) -> Self {
        // No `..`: what is given must be used.
        let Dependencies {
            client,
            namespaces,
            connections,
            pod,
            metrics,
            readiness,
            stop,
        } = dependencies;
        let wake = Wake::default();
        let left = Arc::new(Notify::new());
        let claimed = touched_claim(&wake, &left);
        let (gone, gone_organizations) = futures::channel::mpsc::unbounded();
        Self {
            plans: watch(
                &client,
                &namespaces,
                (organization_of, OwnStatus::Wakes),
                claimed.clone(),
            ),
            repositories: watch(
                &client,
                &namespaces,
                (organization_of, OwnStatus::Wakes),
                claimed.clone(),
            ),
            projects: watch(
                &client,
                &namespaces,
                (organization_of, OwnStatus::Wakes),
                claimed,
            ),
            organizations: watch(
                &client,
                &namespaces,
                (connection_of, OwnStatus::Sleeps),
                touched_organization(&connections, gone, &left),
            ),
            connection_resources: watch(
                &client,
                &namespaces,
                (|_| None, OwnStatus::Sleeps),
                gone_connection(&connections),
            ),
            given: Given {
                client,
                namespaces,
                connections,
                pod,
                metrics,
                readiness,
            },
            stop,
            wake,
            gone_organizations,
            left,
        }
    }

    fn start(self) -> JoinSet<()> {
        let Self {
            given,
            stop,
            wake,
            gone_organizations,
            left,
            plans: (plans, plan_watches),
            repositories: (repositories, repository_watches),
            projects: (projects, project_watches),
            organizations: (organizations, organization_watches),
            connection_resources: (connection_resources, connection_watches),
        } = self;
        let Given {
            client,
            namespaces,
            connections,
            pod,
            metrics,
            readiness,
        } = given;
        let mut tasks = Tasks::new(readiness, stop.clone());
        tasks.expect(&plans);
        tasks.expect(&repositories);
        tasks.expect(&projects);
        tasks.expect(&organizations);
        tasks.expect(&connection_resources);

        let events = events(&client, pod);
        let verdicts = Arc::new(Verdicts::default());
        let thin = claim::Context {
            client: client.clone(),
            verdicts: Arc::clone(&verdicts),
            organizations: Arc::clone(&organizations),
            events: events.clone(),
            metrics: Arc::clone(&metrics),
        };
        let resources = (&organizations, &connection_resources);
        let labels = Arc::new(tasks.labels(&client, &namespaces, resources, &wake));
        let reporting = connection::Context {
            client: client.clone(),
            connections: connections.clone(),
            events: events.clone(),
            metrics: Arc::clone(&metrics),
            needed_by: needed_by(&organizations, &connection_resources, &labels),
            stop: stop.clone(),
        };
        tasks.wake_users(&connections, &organizations, &wake);
        let context = organization::Context::begin(Shared {
            client,
            connections,
            connection_resources,
            organizations,
            plans,
            repositories,
            projects,
            labels,
            sees_whole_cluster: namespaces.is_empty(),
            verdicts,
            wake,
            events,
            metrics,
            stop: stop.clone(),
        });
        context.metrics.show(context.sources());
        tasks.forget(context.clone(), gone_organizations);
        tasks.tidy(context.clone(), left);
        for watch in organization_watches {
            tasks.spawn(organization::run(context.clone(), watch));
        }
        tasks.thin(&thin, plan_watches);
        tasks.thin(&thin, repository_watches);
        tasks.thin(&thin, project_watches);
        for watch in connection_watches {
            tasks.spawn(connection::run(reporting.clone(), watch));
        }
        tasks.into_set()
    }
}

fn events(client: &Client, pod: Option<String>) -> Events {
    let reporter = Reporter {
        controller: "xopero-operator".to_owned(),
        instance: pod,
    };
    Events::new(client.clone(), reporter)
}

/// An organization's change concerns its connection, and its end everything that was known of it.
fn touched_organization(
    connections: &Connections,
    gone: UnboundedSender<Place>,
    left: &Arc<Notify>,
) -> impl Fn(&Touch) + Clone + Send + Sync + 'static {
    let (connections, left) = (connections.clone(), Arc::clone(left));
    move |touch: &Touch| {
        if let Some(connection) = &touch.target {
            connections.request(connection);
        }
        if touch.event == TouchEvent::Deleted {
            // A closed receiver is a process that stops.
            let _stopped = gone.unbounded_send(touch.place.clone());
            left.notify_one();
        }
    }
}

/// A claim's change wakes its organization, and after its end what is kept of it is dropped.
fn touched_claim(
    wake: &Wake,
    left: &Arc<Notify>,
) -> impl Fn(&Touch) + Clone + Send + Sync + 'static {
    let (wake, left) = (wake.clone(), Arc::clone(left));
    move |touch: &Touch| {
        if let Some(target) = &touch.target {
            wake.organization(target);
        }
        if touch.event == TouchEvent::Deleted {
            left.notify_one();
        }
    }
}

/// A connection that is gone is offered no more.
fn gone_connection(connections: &Connections) -> impl Fn(&Touch) + Clone + Send + Sync + 'static {
    let connections = connections.clone();
    move |touch: &Touch| {
        if touch.event == TouchEvent::Deleted {
            connections.remove(&touch.place);
        }
    }
}
