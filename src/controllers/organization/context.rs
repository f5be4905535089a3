//! What the organizations' controller shares with the others, and what it keeps.

use std::{ops::Deref, sync::Arc};

use kube::Client;
use tokio_util::sync::CancellationToken;

use super::{
    super::{
        connections::Connections,
        events::Events,
        looks::Looks,
        metrics::{Metrics, Sources},
        namespaces::SharedLabels,
        retries::{LONGEST, Retries},
        selectors::Selectors,
        verdicts::Verdicts,
        watches::Stored,
    },
    Owners, Scopes, Wake,
    heard::Heard,
    hour::LastHour,
    plan_settings::PlanSettings,
    start::Start,
    states::States,
};
use crate::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};

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

/// What the passes of all organizations work with: what is shared with the other controllers, and what is kept for this one. Clones
/// share everything.
#[derive(Clone)]
pub struct Context {
    shared: Arc<Shared>,
    /// Compiled selectors.
    pub(super) selectors: Arc<Selectors>,
    /// Which resources stand for which organization.
    pub(super) owners: Arc<Owners>,
    /// Since when every resource there is is known.
    pub(super) heard: Arc<Heard>,
    /// What was removed in the last hour, whichever resource counted it.
    pub(super) last_hour: Arc<LastHour>,
    /// What is set on plans, for whichever organization.
    pub(super) plan_settings: Arc<PlanSettings>,
    /// Which instances list what was asked for.
    pub(super) scopes: Arc<Scopes>,
    /// What was last seen of each organization, for metrics.
    pub(super) looks: Arc<Looks>,
    /// When passes that failed are tried again.
    pub(super) retries: Arc<Retries>,
    pub(super) states: Arc<States>,
    pub(super) start: Arc<Start>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl Deref for Context {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Context {
    /// A context; the states of the organizations begin empty.
    #[must_use]
    pub fn begin(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
            selectors: Arc::default(),
            owners: Arc::default(),
            heard: Arc::default(),
            last_hour: Arc::default(),
            plan_settings: Arc::default(),
            scopes: Arc::default(),
            looks: Arc::default(),
            retries: Arc::new(Retries::up_to(LONGEST)),
            states: Arc::default(),
            start: Arc::default(),
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
}
