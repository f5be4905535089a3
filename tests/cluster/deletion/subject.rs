//! What is deleted: a resource of each kind that has a policy.

use xopero_simulator::Endpoint;

use super::{one, selector};
use crate::{
    objects::Kind,
    yaml::{self, resource},
};

#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    organization: &'static str,
    provider: &'static str,
    /// With this policy.
    declared: fn(&str) -> String,
    /// How it is taken out of its plan, and how often.
    pub(super) detached: (Endpoint, u64),
}

pub(super) const REPOSITORY: Subject = Subject {
    kind: Kind::Repository,
    name: "web",
    organization: "acme",
    provider: "GitHub",
    declared: one,
    detached: (Endpoint::DetachRepository, 1),
};

pub(super) const PLAN: Subject = Subject {
    kind: Kind::Plan,
    name: "nightly",
    declared: selector,
    detached: (Endpoint::DetachRepository, 2),
    ..REPOSITORY
};

pub(super) const PROJECT: Subject = Subject {
    kind: Kind::Project,
    name: "portal",
    organization: "northwind",
    provider: "AzureDevOps",
    declared: portal,
    detached: (Endpoint::DetachProject, 1),
};

impl Subject {
    /// The organization that it is of.
    pub(super) fn organization(&self, more: &str) -> String {
        yaml::organization(self.organization, self.provider, more)
    }

    /// The same, and itself.
    pub(super) fn declared(&self, policy: &str) -> String {
        self.organization("") + &(self.declared)(policy)
    }
}

fn portal(policy: &str) -> String {
    let wants = format!("name: Portal\nplans: [Azure nightly]\ndeletionPolicy: {policy}");
    let spec = format!("organizationRef: {{name: northwind}}\n{wants}");
    resource("XoperoAzureProject", "portal", &spec)
}
