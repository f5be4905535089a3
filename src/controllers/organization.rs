//! The organizations' controller: observe, decide once for all claims, act in slices, report. An organization has one writer, and
//! kube runs one reconcile per object at a time.

mod act;
mod gather;
mod observe;
mod owners;
mod pass;
mod report;
mod scopes;
mod state;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::{StreamExt, channel::mpsc::UnboundedReceiver};
use kube::{
    Api, Client, Resource, ResourceExt,
    runtime::{
        Controller,
        controller::{Action, Config},
        events::{Event, EventType, Recorder},
        reflector::ObjectRef,
    },
};
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{
    connections::Connections,
    finalizers,
    metrics::Metrics,
    namespaces::SharedLabels,
    observed::{Observed, Place},
    selectors::Selectors,
    verdicts::Verdicts,
    watches::{Stored, Watch},
};
use crate::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
    annotations::{CLEANUP, IN_USE, has_finalizer, is_force_finalized},
};
pub use owners::Owners;
pub use scopes::Scopes;

/// Passes of one organization begin this far apart at the least, and take all that came.
const BETWEEN_PASSES: Duration = Duration::from_secs(1);
/// After this, a pass that failed at the API server is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Why a pass could not be reported.
#[derive(Debug, Error)]
pub enum Error {
    /// The status was not written.
    #[error(transparent)]
    Status(#[from] super::status::Error),
    /// The finalizer was not changed.
    #[error(transparent)]
    Finalizer(#[from] finalizers::Error),
}

/// What the organizations' controller shares with the others.
#[derive(Clone)]
pub struct Context {
    /// The API server.
    pub client: Client,
    /// The connections and their clients.
    pub connections: Connections,
    /// The connections as they are declared.
    pub connection_resources: Arc<Stored<XoperoConnection>>,
    /// The organizations.
    pub organizations: Arc<Stored<XoperoOrganization>>,
    /// The plans.
    pub plans: Arc<Stored<XoperoBackupPlan>>,
    /// The repositories.
    pub repositories: Arc<Stored<XoperoRepository>>,
    /// The projects.
    pub projects: Arc<Stored<XoperoAzureProject>>,
    /// The labels of namespaces.
    pub labels: SharedLabels,
    /// Whether every namespace is watched.
    pub sees_whole_cluster: bool,
    /// Compiled selectors.
    pub selectors: Arc<Selectors>,
    /// What is said of each claim.
    pub verdicts: Arc<Verdicts>,
    /// Which resources stand for which organization.
    pub owners: Arc<Owners>,
    /// Which instances list what was asked for.
    pub scopes: Arc<Scopes>,
    /// Wakes organizations.
    pub wake: Wake,
    /// Who is told what happened.
    pub recorder: Recorder,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// No new write begins once this is cancelled.
    pub stop: CancellationToken,
    states: Arc<States>,
}

type States = Mutex<HashMap<Place, Arc<tokio::sync::Mutex<Option<state::State>>>>>;

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

/// Wakes organizations, from wherever there is news of them.
#[derive(Clone, Debug, Default)]
pub struct Wake {
    senders: Arc<
        Mutex<
            Vec<(
                Option<String>,
                futures::channel::mpsc::UnboundedSender<Place>,
            )>,
        >,
    >,
}

impl Wake {
    /// The organizations of one watch that are woken.
    pub fn listen(&self, namespace: Option<&str>) -> UnboundedReceiver<Place> {
        let (sender, receiver) = futures::channel::mpsc::unbounded();
        let mut senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        senders.push((namespace.map(str::to_owned), sender));
        receiver
    }

    /// Wakes the organization at that place.
    pub fn organization(&self, place: &Place) {
        let senders = self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        for (namespace, sender) in senders.iter() {
            if namespace
                .as_ref()
                .is_none_or(|namespace| *namespace == place.namespace)
            {
                // A closed receiver is a controller that has stopped.
                let _stopped = sender.unbounded_send(place.clone());
            }
        }
    }
}

impl Context {
    /// A context; the states of the organizations begin empty.
    #[must_use]
    pub fn begin(shared: Shared) -> Self {
        // No `..`: what is shared must be used.
        let Shared {
            client,
            connections,
            connection_resources,
            organizations,
            plans,
            repositories,
            projects,
            labels,
            sees_whole_cluster,
            verdicts,
            wake,
            recorder,
            metrics,
            stop,
        } = shared;
        Self {
            client,
            connections,
            connection_resources,
            organizations,
            plans,
            repositories,
            projects,
            labels,
            sees_whole_cluster,
            selectors: Arc::default(),
            verdicts,
            owners: Arc::default(),
            scopes: Arc::default(),
            wake,
            recorder,
            metrics,
            stop,
            states: Arc::default(),
        }
    }

    fn state(&self, place: &Place) -> Arc<tokio::sync::Mutex<Option<state::State>>> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(states.entry(place.clone()).or_default())
    }

    /// An organization is gone: so is what was known of it, and what was said of its claims.
    pub fn forget(&self, place: &Place) {
        self.states
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(place);
        for other in self.owners.leave(place) {
            self.wake.organization(&other);
        }
        let keys = self.claims_of(place);
        self.verdicts.withdraw(&keys);
        // Also those of which nothing was said: they now wait for an organization that is not there.
        self.verdicts.tell(&keys);
    }

    fn claims_of(&self, place: &Place) -> Vec<crate::decide::ClaimKey> {
        fn keys<K: super::claims::Claiming>(
            resources: &[Arc<Observed<K>>],
            place: &Place,
        ) -> Vec<crate::decide::ClaimKey> {
            resources
                .iter()
                .filter(|observed| super::claims::organization_of(observed).as_ref() == Some(place))
                .map(|observed| {
                    let Place { namespace, name } = Place::of(&**observed);
                    crate::decide::ClaimKey {
                        kind: K::KIND,
                        namespace,
                        name,
                    }
                })
                .collect()
        }
        let mut all = keys(&self.plans.all(), place);
        all.extend(keys(&self.repositories.all(), place));
        all.extend(keys(&self.projects.all(), place));
        all
    }

    async fn announce(
        &self,
        resource: &XoperoOrganization,
        reason: &str,
        action: &str,
        note: &str,
    ) {
        self.publish(resource, EventType::Normal, (reason, action, note))
            .await;
    }

    async fn warn(&self, resource: &XoperoOrganization, reason: &str, action: &str, note: &str) {
        self.publish(resource, EventType::Warning, (reason, action, note))
            .await;
    }

    async fn publish(
        &self,
        resource: &XoperoOrganization,
        type_: EventType,
        (reason, action, note): (&str, &str, &str),
    ) {
        let event = Event {
            type_,
            reason: reason.to_owned(),
            note: Some(note.chars().take(300).collect()),
            action: action.to_owned(),
            secondary: None,
        };
        if let Err(error) = self
            .recorder
            .publish(&event, &resource.object_ref(&()))
            .await
        {
            warn!(error = %error, "An event could not be published");
        }
    }

    async fn write_ledger(
        &self,
        place: &Place,
        resource: &XoperoOrganization,
        state: &mut state::State,
    ) -> Result<(), super::status::Error> {
        let mut next = state.status.clone();
        let mut removals = state::recorded(&state.ledger);
        removals.held = next
            .removals
            .take()
            .map(|removals| removals.held)
            .unwrap_or_default();
        next.removals = Some(removals);
        report::write(self, place, resource, state, next).await
    }
}

/// What a context is made from.
#[expect(
    missing_debug_implementations,
    reason = "a client has none worth reading"
)]
pub struct Shared {
    /// The API server.
    pub client: Client,
    /// The connections and their clients.
    pub connections: Connections,
    /// The connections as they are declared.
    pub connection_resources: Arc<Stored<XoperoConnection>>,
    /// The organizations.
    pub organizations: Arc<Stored<XoperoOrganization>>,
    /// The plans.
    pub plans: Arc<Stored<XoperoBackupPlan>>,
    /// The repositories.
    pub repositories: Arc<Stored<XoperoRepository>>,
    /// The projects.
    pub projects: Arc<Stored<XoperoAzureProject>>,
    /// The labels of namespaces.
    pub labels: SharedLabels,
    /// Whether every namespace is watched.
    pub sees_whole_cluster: bool,
    /// What is said of each claim.
    pub verdicts: Arc<Verdicts>,
    /// Wakes organizations.
    pub wake: Wake,
    /// Who is told what happened.
    pub recorder: Recorder,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// No new write begins once this is cancelled.
    pub stop: CancellationToken,
}

/// Runs the controller on one watch until it is told to stop.
pub async fn run(context: Context, watch: Watch<XoperoOrganization>) {
    let Watch {
        namespace,
        store,
        touched,
    } = watch;
    let woken = context.wake.listen(namespace.as_deref()).map(|place| {
        ObjectRef::<Observed<XoperoOrganization>>::new(&place.name).within(&place.namespace)
    });
    let stop = context.stop.clone();
    // No limit: the connection's budget is the limit.
    Controller::for_stream(touched, store)
        .with_config(Config::default())
        .reconcile_on(woken)
        .graceful_shutdown_on(stop.cancelled_owned())
        .run(reconcile, on_error, Arc::new(context))
        .for_each(|_| std::future::ready(()))
        .await;
}

fn on_error(
    observed: Arc<Observed<XoperoOrganization>>,
    error: &Error,
    context: Arc<Context>,
) -> Action {
    context
        .metrics
        .note_reconcile("XoperoOrganization", "error");
    let place = Place::of(&*observed);
    warn!(organization = %place, error = %error, "{place} could not be reported");
    Action::requeue(RETRY)
}

async fn reconcile(
    observed: Arc<Observed<XoperoOrganization>>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    let place = Place::of(&*observed);
    let resource = match &*observed {
        Observed::Understood(resource) => resource,
        Observed::NotUnderstood(unknown) => {
            super::claim::report_not_understood::<XoperoOrganization>(
                (&context.client, &context.metrics),
                &place,
                unknown,
            )
            .await?;
            return Ok(Action::await_change());
        }
    };
    let state = context.state(&place);
    let mut state = state.lock().await;
    let uid: Arc<str> = resource.uid().unwrap_or_default().into();
    let state = match &mut *state {
        Some(state) if state.uid == uid => state,
        other => other.insert(state::State::of(resource, &uid)),
    };
    if let Some(begun) = state.begun_at
        && let Some(left) = BETWEEN_PASSES.checked_sub(begun.elapsed())
    {
        return Ok(Action::requeue(left));
    }
    state.begun_at = Some(Instant::now());
    let api: Api<XoperoOrganization> = Api::namespaced(context.client.clone(), &place.namespace);
    keep_in_use(&context, &api, &place, resource).await?;
    let next = pass::pass(&context, &place, resource, state).await?;
    context.metrics.note_reconcile("XoperoOrganization", "ok");
    Ok(Action::requeue(next))
}

/// The organization stays while, and only while, a claim with a clean-up needs it.
async fn keep_in_use(
    context: &Context,
    api: &Api<XoperoOrganization>,
    place: &Place,
    resource: &XoperoOrganization,
) -> Result<(), finalizers::Error> {
    let forced =
        resource.metadata.deletion_timestamp.is_some() && is_force_finalized(&resource.metadata);
    if needed(context, place) && !forced {
        finalizers::add(api, resource, IN_USE).await?;
    } else if has_finalizer(&resource.metadata, IN_USE) && (forced || all_listed(context)) {
        if forced {
            let note = "xopero.dev/force-finalize lets the organization go; claims whose clean-up needs it are left behind.";
            context
                .warn(resource, "LeftBehind", "ForceFinalize", note)
                .await;
        }
        finalizers::remove(api, resource, IN_USE).await?;
    }
    Ok(())
}

fn all_listed(context: &Context) -> bool {
    context.plans.is_listed() && context.repositories.is_listed() && context.projects.is_listed()
}

fn needed(context: &Context, place: &Place) -> bool {
    fn any<K: super::claims::Claiming>(resources: &[Arc<Observed<K>>], place: &Place) -> bool {
        resources.iter().any(|observed| {
            let holds = has_finalizer(observed.meta(), CLEANUP)
                && observed
                    .understood()
                    .is_none_or(|resource| resource.needs_cleanup());
            holds && super::claims::organization_of(observed).as_ref() == Some(place)
        })
    }
    any(&context.plans.all(), place)
        || any(&context.repositories.all(), place)
        || any(&context.projects.all(), place)
}
