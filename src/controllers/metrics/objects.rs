//! What is counted of each resource, read out of the watches at each scrape: series go away with their object by construction.
//!
//! Only organizations, plans and connections have series of their own, by namespace and name: there are as many as a person declares
//! by hand. Repositories and projects may be ten thousand and are counted by condition; no name of a repository is ever a label.
//! A replica that stands by shows none of this, so nothing is counted twice.

mod bounds;
mod conditions;
mod connections;
mod organizations;
mod plans;
mod watches;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder};

use self::conditions::Tally;
use super::{
    description::Description,
    sample::{self, Sample},
};
use crate::{
    api::{
        Reported, XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization,
        XoperoRepository,
    },
    controllers::{
        connections::{Connections, connection_of},
        looks::Looks,
        observed::{Observed, Place},
        watches::{Stored, Watchable},
    },
};

/// All of them, by the sections of the reference page.
pub(super) static CONNECTIONS: &[&Description] = connections::ALL;
pub(super) static ORGANIZATIONS: &[&Description] = organizations::ALL;
pub(super) static PLANS: &[&Description] = plans::ALL;
pub(super) static CONDITIONS: &[&Description] = conditions::ALL;
pub(super) static WATCHES: &[&Description] = watches::ALL;
pub(super) static BOUNDS: &[&Description] = bounds::ALL;

/// Where the series come from.
#[derive(Debug)]
pub struct Sources {
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
    /// The connections in use, with their tokens and budgets.
    pub connections: Connections,
    /// What was last seen of each organization.
    pub looks: Arc<Looks>,
}

/// The collector; it shows nothing before it is told where from.
#[derive(Clone, Debug, Default)]
pub(super) struct Objects {
    sources: Arc<OnceLock<Sources>>,
}

impl Objects {
    pub(super) fn show(&self, sources: Sources) {
        // A process leads once.
        drop(self.sources.set(sources));
    }
}

impl Collector for Objects {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let samples = self
            .sources
            .get()
            .map(|sources| sources.samples(Timestamp::now()))
            .unwrap_or_default();
        let descriptions = [
            CONNECTIONS,
            ORGANIZATIONS,
            PLANS,
            CONDITIONS,
            WATCHES,
            BOUNDS,
        ];
        sample::encode(encoder, descriptions.concat().into_iter(), &samples)
    }
}

impl Sources {
    fn samples(&self, now: Timestamp) -> Vec<Sample> {
        // No `..`: what is watched is counted.
        let Self {
            connection_resources,
            organizations,
            plans,
            repositories,
            projects,
            connections,
            looks,
        } = self;
        let mut samples = Vec::new();
        let mut tally = Tally::default();

        let mut users: BTreeMap<Place, usize> = BTreeMap::new();
        for observed in organizations.all() {
            let place = Place::of(&*observed);
            tally.add(&observed);
            samples.extend(conditions::own(&place, &observed));
            if let Some(key) = connection_of(&observed) {
                *users.entry(key).or_default() += 1;
            }
            let Some(organization) = observed.understood() else {
                continue;
            };
            let look = looks.get(&place, &organization.uid().unwrap_or_default());
            samples.extend(organizations::samples(
                &place,
                organization,
                look.as_ref(),
                now,
            ));
        }
        for observed in connection_resources.all() {
            let place = Place::of(&*observed);
            tally.add(&observed);
            samples.extend(conditions::own(&place, &observed));
            let key = Place::from(kube::Resource::meta(&*observed));
            let users = users.get(&key).copied().unwrap_or_default();
            let measured = connections.measured(&key, observed.uid().as_deref());
            let status = observed
                .understood()
                .and_then(|connection| connection.status.as_ref());
            samples.extend(connections::samples(
                &place,
                status,
                (users, measured.as_ref()),
            ));
        }
        for observed in plans.all() {
            let place = Place::of(&*observed);
            tally.add(&observed);
            samples.extend(conditions::own(&place, &observed));
            if let Some(plan) = observed.understood() {
                samples.extend(plans::samples(&place, plan));
            }
        }
        count(&mut tally, repositories);
        count(&mut tally, projects);
        samples.extend(tally.samples());

        samples.extend(watches::samples(connection_resources));
        samples.extend(watches::samples(organizations));
        samples.extend(watches::samples(plans));
        samples.extend(watches::samples(repositories));
        samples.extend(watches::samples(projects));
        bounds::bounded(samples)
    }
}

fn count<K: Watchable + Reported>(tally: &mut Tally, stored: &Stored<K>) {
    for observed in stored.unordered() {
        tally.add::<K>(&observed);
    }
}

/// The conditions that a resource shows, understood or not.
fn conditions_of<K: Reported>(
    observed: &Observed<K>,
) -> &[k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition] {
    match observed {
        Observed::Understood(resource) => resource.conditions(),
        Observed::NotUnderstood(unknown, _) => &unknown.said.conditions,
    }
}
