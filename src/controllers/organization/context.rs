//! What the organizations' controller shares with the others, and what it keeps.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use kube::{
    Client, Resource,
    runtime::events::{Event, EventType},
};
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        claims,
        connections::Connections,
        events::Events,
        looks::Looks,
        metrics::{Metrics, Sources},
        namespaces::SharedLabels,
        observed::{Observed, Place},
        selectors::Selectors,
        status::{self, Written},
        verdicts::Verdicts,
        watches::Stored,
    },
    Owners, Scopes, Wake, report,
    state::State,
};
use crate::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};

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
    pub events: Events,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What was last seen of each organization, for metrics.
    pub looks: Arc<Looks>,
    /// No new write begins once this is cancelled.
    pub stop: CancellationToken,
    states: Arc<States>,
    start: Arc<Start>,
}

/// The beginning of the process, when not everything may be listed yet.
#[derive(Debug)]
struct Start {
    begun: Instant,
    over: AtomicBool,
}

/// How long the first passes wait for what cannot be listed at all, for example for want of a right: additions go on without it.
const PATIENCE_WITH_LISTINGS: Duration = Duration::from_secs(10);

/// How long a younger organization waits for an older one whose connection is not looked at.
const PATIENCE_WITH_CONNECTIONS: Duration = Duration::from_mins(1);

/// What is kept of one organization; locked for the length of a pass.
pub(super) type Kept = Arc<tokio::sync::Mutex<Option<State>>>;
type States = Mutex<HashMap<Place, Kept>>;

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
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
            events,
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
            events,
            metrics,
            looks: Arc::default(),
            stop,
            states: Arc::default(),
            start: Arc::new(Start {
                begun: Instant::now(),
                over: AtomicBool::new(false),
            }),
        }
    }

    /// What metrics are read out of.
    pub fn sources(&self) -> Sources {
        Sources {
            connection_resources: Arc::clone(&self.connection_resources),
            organizations: Arc::clone(&self.organizations),
            plans: Arc::clone(&self.plans),
            repositories: Arc::clone(&self.repositories),
            projects: Arc::clone(&self.projects),
            connections: self.connections.clone(),
            looks: Arc::clone(&self.looks),
        }
    }

    /// Whether passes may begin: what is not listed yet is not missing, and the older of two claims may be among it.
    pub(super) fn has_started(&self) -> bool {
        let Start { begun, over } = &*self.start;
        if over.load(Ordering::Acquire) {
            return true;
        }
        // Without its connection an organization can do nothing but say that it is missing, and it may not be.
        if !self.connection_resources.is_listed() {
            return false;
        }
        let listed = self.plans.is_listed()
            && self.repositories.is_listed()
            && self.projects.is_listed()
            && self.organizations.is_listed()
            && self.labels.are_listed();
        if !listed && begun.elapsed() < PATIENCE_WITH_LISTINGS {
            return false;
        }
        if !over.swap(true, Ordering::AcqRel) {
            // What their own controller has not come to yet is about to be read, and not missing.
            let resources = self.connection_resources.all();
            let known = resources.iter().map(|observed| Resource::meta(&**observed));
            self.connections.expect(known);
        }
        true
    }

    /// Whether a connection that was not looked at by now may never be.
    pub(super) fn is_past_the_start(&self) -> bool {
        self.start.begun.elapsed() > PATIENCE_WITH_CONNECTIONS
    }

    pub(super) fn state(&self, place: &Place) -> Kept {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(states.entry(place.clone()).or_default())
    }

    /// An organization is gone: so is what was known of it, and what was said of its claims.
    pub fn forget(&self, place: &Place) {
        self.states
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(place);
        self.looks.forget(place);
        for other in self.owners.leave(place) {
            self.wake.organization(&other);
        }
        let keys = self.claims_of(place);
        self.verdicts.withdraw(&keys);
        // Also those of which nothing was said: they now wait for an organization that is not there.
        self.verdicts.tell(&keys);
    }

    fn claims_of(&self, place: &Place) -> Vec<crate::decide::ClaimKey> {
        fn keys<K: claims::Claiming>(
            resources: &[Arc<Observed<K>>],
            place: &Place,
        ) -> Vec<crate::decide::ClaimKey> {
            resources
                .iter()
                .filter(|observed| claims::organization_of(observed).as_ref() == Some(place))
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

    pub(super) async fn announce(
        &self,
        resource: &XoperoOrganization,
        reason: &str,
        action: &str,
        note: &str,
    ) {
        self.publish(resource, EventType::Normal, (reason, action, note))
            .await;
    }

    pub(super) async fn warn(
        &self,
        resource: &XoperoOrganization,
        reason: &str,
        action: &str,
        note: &str,
    ) {
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
            note: Some(note.to_owned()),
            action: action.to_owned(),
            secondary: None,
        };
        let regarding = resource.object_ref(&());
        self.events.publish(event, &regarding).await;
    }

    pub(super) async fn write_ledger(
        &self,
        place: &Place,
        resource: &XoperoOrganization,
        state: &mut State,
    ) -> Result<Written, status::Error> {
        let mut next = state.said.status.clone();
        let mut removals = state.ledger.recorded();
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
    pub events: Events,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// No new write begins once this is cancelled.
    pub stop: CancellationToken,
}
