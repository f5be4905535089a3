//! Which change wakes whom, and the controllers that run. Everything runs until it is told to stop.

use std::sync::Arc;

use futures::StreamExt;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client,
    api::PartialObjectMeta,
    runtime::{
        WatchStreamExt,
        events::{Recorder, Reporter},
        reflector, watcher,
    },
};
use thiserror::Error;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::{
    claim::{self, Thin},
    claims::{Claiming, organization_of},
    connection::{self, ConnectionContext, NeededBy},
    connections::{ConnectionKey, Connections},
    metrics::Metrics,
    namespaces::NamespaceLabels,
    observed::{Observed, Place},
    organization::{self, Shared, Wake},
    readiness::Readiness,
    verdicts::Verdicts,
    watches::{Stored, Touch, TouchEvent, Watch, Watchable, watch},
};
use crate::api::{
    NamespacesFrom, XoperoAzureProject, XoperoBackupPlan, XoperoOrganization, XoperoRepository,
    annotations::{IN_USE, has_finalizer},
};

/// What the controllers are given.
#[expect(missing_debug_implementations, reason = "a client has none worth reading")]
pub struct Dependencies {
    /// The API server.
    pub client: Client,
    /// The namespaces to watch; none: all of them.
    pub namespaces: Vec<String>,
    /// The connections, still empty, with what their clients share.
    pub connections: Connections,
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
    // No `..`: what is given must be used.
    let Dependencies { client, namespaces, connections, metrics, readiness, stop } = dependencies;
    let wake = Wake::default();
    let verdicts = Arc::new(Verdicts::default());
    let mut tasks = JoinSet::new();

    let claimed = { let wake = wake.clone(); move |touch: &Touch| wake_target(&wake, touch) };
    let (plans, plan_watches) = watch(&client, &namespaces, organization_of::<XoperoBackupPlan>, claimed.clone());
    let (repositories, repository_watches) =
        watch(&client, &namespaces, organization_of::<XoperoRepository>, claimed.clone());
    let (projects, project_watches) =
        watch(&client, &namespaces, organization_of::<XoperoAzureProject>, claimed);
    let (gone, mut gone_organizations) = futures::channel::mpsc::unbounded();
    let connections_of_touch = connections.clone();
    let (organizations, organization_watches) = watch(&client, &namespaces, connection_of, move |touch: &Touch| {
        if let Some(target) = &touch.target {
            connections_of_touch.request(&ConnectionKey { namespace: target.namespace.clone(), name: target.name.clone() });
        }
        if touch.event == TouchEvent::Deleted {
            // A closed receiver is a process that stops.
            let _stopped = gone.unbounded_send(touch.place.clone());
        }
    });
    let (connection_resources, connection_watches) = watch(&client, &namespaces, |_| None, gone_connection(&connections));

    let labels = Arc::new(labels(&client, &namespaces, &organizations, &wake, &mut tasks, &stop));
    let recorder = Recorder::new(
        client.clone(),
        Reporter { controller: "xopero-operator".to_owned(), instance: std::env::var("POD_NAME").ok() },
    );
    let context = organization::Context::begin(Shared {
        client: client.clone(),
        connections: connections.clone(),
        connection_resources: Arc::clone(&connection_resources),
        organizations: Arc::clone(&organizations),
        plans: Arc::clone(&plans),
        repositories: Arc::clone(&repositories),
        projects: Arc::clone(&projects),
        labels,
        sees_whole_cluster: namespaces.is_empty(),
        verdicts: Arc::clone(&verdicts),
        wake: wake.clone(),
        recorder: recorder.clone(),
        metrics: Arc::clone(&metrics),
        stop: stop.clone(),
    });
    let thin = claim::Context {
        client: client.clone(),
        verdicts,
        organizations: Arc::clone(&organizations),
        recorder: recorder.clone(),
        metrics: Arc::clone(&metrics),
    };

    expect(&readiness, &mut tasks, &plan_watches, &stop);
    expect(&readiness, &mut tasks, &repository_watches, &stop);
    expect(&readiness, &mut tasks, &project_watches, &stop);
    expect(&readiness, &mut tasks, &organization_watches, &stop);
    expect(&readiness, &mut tasks, &connection_watches, &stop);

    let forgetting = context.clone();
    let until = stop.clone();
    tasks.spawn(async move {
        while let Some(Some(place)) = until.run_until_cancelled(gone_organizations.next()).await {
            forgetting.forget(&place);
        }
    });
    wake_users(&connections, &organizations, &wake, &mut tasks, &stop);
    for watch in organization_watches {
        tasks.spawn(organization::run(context.clone(), watch));
    }
    spawn_thin(&mut tasks, &thin, plan_watches, &stop);
    spawn_thin(&mut tasks, &thin, repository_watches, &stop);
    spawn_thin(&mut tasks, &thin, project_watches, &stop);
    let needed_by = needed_by(Arc::clone(&organizations));
    let reporting = Arc::new(ConnectionContext::new(client, connections, recorder, needed_by, metrics));
    for watch in connection_watches {
        tasks.spawn(connection::run(Arc::clone(&reporting), watch, stop.clone()));
    }
    info!("The controllers have started");
    while tasks.join_next().await.is_some() {
        if !stop.is_cancelled() {
            stop.cancel();
            return Err(Ended);
        }
    }
    Ok(())
}

/// A claim's change wakes its organization.
fn wake_target(wake: &Wake, touch: &Touch) {
    if let Some(target) = &touch.target {
        wake.organization(target);
    }
}

fn connection_of(observed: &Observed<XoperoOrganization>) -> Option<Place> {
    let own = kube::ResourceExt::namespace(observed).unwrap_or_default();
    let reference = match observed {
        Observed::Understood(organization) => &organization.spec.connection_ref,
        Observed::NotUnderstood(unknown) => unknown.connection.as_ref()?,
    };
    Some(Place { namespace: reference.namespace_or(&own).to_owned(), name: reference.name.clone() })
}

/// Whoever uses a connection is woken when it is offered in another way.
fn wake_users(
    connections: &Connections,
    organizations: &Arc<Stored<XoperoOrganization>>,
    wake: &Wake,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) {
    let (changes, organizations, wake, stop) =
        (connections.changes(), Arc::clone(organizations), wake.clone(), stop.clone());
    tasks.spawn(async move {
        let mut changes = std::pin::pin!(changes);
        while let Some(Some(changed)) = stop.run_until_cancelled(changes.next()).await {
            let changed = Place { namespace: changed.namespace, name: changed.name };
            for observed in organizations.all() {
                if connection_of(&observed).as_ref() == Some(&changed) {
                    wake.organization(&Place::of(&*observed));
                }
            }
        }
    });
}

/// The labels of namespaces. Where the whole cluster is seen they are watched, and a change wakes who selects by them.
fn labels(
    client: &Client,
    namespaces: &[String],
    organizations: &Arc<Stored<XoperoOrganization>>,
    wake: &Wake,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> NamespaceLabels {
    if !namespaces.is_empty() {
        return NamespaceLabels::Read(client.clone());
    }
    let api: Api<PartialObjectMeta<Namespace>> = Api::all(client.clone());
    let (store, writer) = reflector::store();
    let (organizations, wake, stop) = (Arc::clone(organizations), wake.clone(), stop.clone());
    let watched = watcher(api, watcher::Config::default()).default_backoff().reflect(writer).touched_objects();
    tasks.spawn(async move {
        let mut watched = std::pin::pin!(watched);
        while let Some(Some(_)) = stop.run_until_cancelled(watched.next()).await {
            for observed in organizations.all() {
                let selects = observed
                    .understood()
                    .is_some_and(|organization| organization.spec.namespaces_from() == NamespacesFrom::Selector);
                if selects {
                    wake.organization(&Place::of(&*observed));
                }
            }
        }
    });
    NamespaceLabels::Watched(store)
}

/// The operator is ready when every watch has listed what there is.
fn expect<K: Watchable>(
    readiness: &Arc<Readiness>,
    tasks: &mut JoinSet<()>,
    watches: &[Watch<K>],
    stop: &CancellationToken,
) {
    for watch in watches {
        let part = match &watch.namespace {
            Some(namespace) => format!("{} in namespace {namespace}", K::plural(&())),
            None => K::plural(&()).to_string(),
        };
        readiness.expect(part.clone());
        let (readiness, store, stop) = (Arc::clone(readiness), watch.store.clone(), stop.clone());
        tasks.spawn(async move {
            if let Some(Ok(())) = stop.run_until_cancelled(store.wait_until_ready()).await {
                readiness.reached(&part);
            }
            // The end of this task is no controller's end.
            stop.cancelled().await;
        });
    }
}

fn spawn_thin<K: Thin + Claiming>(
    tasks: &mut JoinSet<()>,
    context: &claim::Context,
    watches: Vec<Watch<K>>,
    stop: &CancellationToken,
) where
    K::Status: serde::Serialize + PartialEq + Clone + Send + Sync,
{
    for watch in watches {
        tasks.spawn(claim::run(context.clone(), watch, stop.clone()));
    }
}

/// A connection that is gone is offered no more.
fn gone_connection(connections: &Connections) -> impl Fn(&Touch) + Clone + Send + Sync + 'static {
    let connections = connections.clone();
    move |touch: &Touch| {
        if touch.event == TouchEvent::Deleted {
            let Place { namespace, name } = touch.place.clone();
            connections.remove(&ConnectionKey { namespace, name });
        }
    }
}

/// Which organizations need a connection to undo what they did: those that are needed themselves.
fn needed_by(organizations: Arc<Stored<XoperoOrganization>>) -> NeededBy {
    Arc::new(move |key: &ConnectionKey| {
        if !organizations.is_listed() {
            return None;
        }
        let connection = Place { namespace: key.namespace.clone(), name: key.name.clone() };
        let needing = organizations.all().into_iter().filter(|observed| {
            has_finalizer(kube::Resource::meta(&**observed), IN_USE) && connection_of(observed).as_ref() == Some(&connection)
        });
        Some(needing.map(|observed| Place::of(&*observed).to_string()).collect())
    })
}
