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
    connection,
    connections::{ConnectionKey, Connections},
    metrics::Metrics,
    namespaces::NamespaceLabels,
    observed::{Observed, Place},
    organization::{self, Shared, Wake},
    readiness::Readiness,
    verdicts::Verdicts,
    watches::{Stored, Touch, TouchEvent, Watch, Watchable, watch},
};
use crate::{
    api::{NamespacesFrom, XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository},
    decide::ClaimKind,
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
    let (connection_resources, connection_watches) = watch(&client, &namespaces, |_| None, |_: &Touch| {});

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
    let mut changed = std::pin::pin!(connections.changes());
    drop(changed.as_mut());
    wake_users(&connections, &organizations, &wake, &mut tasks, &stop);
    for watch in organization_watches {
        tasks.spawn(organization::run(context.clone(), watch));
    }
    spawn_thin(&mut tasks, &thin, plan_watches, &stop);
    spawn_thin(&mut tasks, &thin, repository_watches, &stop);
    spawn_thin(&mut tasks, &thin, project_watches, &stop);
    let needed_by = needed_by(&organizations);
    for watch in connection_watches {
        let shared = connection::Context {
            client: client.clone(),
            connections: connections.clone(),
            recorder: recorder.clone(),
            metrics: Arc::clone(&metrics),
            needed_by: Arc::clone(&needed_by),
            stop: stop.clone(),
        };
        tasks.spawn(connection::run(shared, watch));
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
