//! From resources to claims: the dereference step. What may not be asked for, or cannot be read, is said here; nothing is decided.

mod given_up;

use k8s_openapi::jiff::Timestamp;
use kube::{Resource as _, ResourceExt};

pub use given_up::has_given_up;

use super::{
    namespaces::Permission,
    observed::{Observed, Place},
    selectors::Selectors,
};
use crate::{
    api::{
        Claim as _, DriftStatus, Membership, PlanSettings, Reported, Rights, XoperoAzureProject,
        XoperoBackupPlan, XoperoRepository,
        annotations::{CLEANUP, has_finalizer, is_paused},
        conditions::ended,
    },
    decide::{
        Claim, ClaimKey, ClaimKind, Life, PlanWants, ProjectName, ProjectWants, Remembered,
        RepositoryWants, Settings, SettingsRefusal, Standing, Wants, digest_of,
    },
    inventory::{PlanId, ProjectId, RepositoryId},
    xopero::{self, WireNames},
};

/// A kind that claims something of an organization.
pub trait Claiming: crate::api::Claim {
    /// Its kind.
    const KIND: ClaimKind;

    /// What it asks for, and what is wrong with it, if anything.
    fn wants(&self, selectors: &Selectors, settings: SettingsRights<'_>)
    -> (Wants, Option<String>);

    /// What its status remembers.
    fn remembered(&self) -> Remembered;

    /// What its status says of differences.
    fn drift(&self) -> Option<&DriftStatus>;

    /// Whether it asks for more than to add.
    fn does_more_than_add(&self) -> Option<&'static str>;
}

/// Whether the connection allows settings to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsRights<'a> {
    /// `planSettings: Allowed`, and under which names they would be sent.
    Allowed(&'a WireNames),
    /// `planSettings: Forbidden`, or absent.
    Forbidden,
}

/// How a claim stands to the organization whose claims are gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It refers to this resource.
    Own,
    /// It refers to another resource of the same organization in Xopero ONE. What that one may not be asked for, and never might, counts for
    /// nothing here either.
    Beside,
}

/// Makes a claim of a resource. `organization` is the namespace of the resource that it refers to. With it comes why it may
/// name anything, where its standing does not say so.
pub fn claim<K: Claiming>(
    resource: &K,
    organization: &str,
    permission: Permission,
    side: Side,
    (selectors, settings): (&Selectors, SettingsRights<'_>),
) -> (Claim, Option<String>) {
    let metadata = resource.meta();
    let (wants, broken) = resource.wants(selectors, settings);
    let place = Place::of(resource);
    let may_name_anything = broken.clone();
    let standing = match (permission, broken) {
        (Permission::Denied, _) => Standing::NotAllowed {
            message: super::messages::organization_missing(
                &resource.organization_ref().name,
                organization,
                &place.namespace,
            ),
        },
        (Permission::Unknown(why), _) => Standing::NotKnownToBeAllowed {
            message: super::messages::namespace_unknown(
                "XoperoOrganization",
                (&resource.organization_ref().name, organization),
                &place.namespace,
                &why,
            ),
        },
        (Permission::Granted(rights), broken) => {
            let foreign = place.namespace != organization;
            match (resource.does_more_than_add(), broken) {
                (Some(what), _) if foreign && rights == Rights::Add => Standing::Refused {
                    message: format!(
                        "From another namespace this organization may only be added to, and {what} does more: leave it \
                         out, or ask for allowedNamespaces.rights: Full on the organization."
                    ),
                },
                (_, Some(message)) => Standing::Unreadable { message },
                (_, None) => Standing::Accepted,
            }
        }
    };
    let cleanup = has_finalizer(metadata, CLEANUP);
    let mut claim = Claim {
        key: ClaimKey {
            kind: K::KIND,
            namespace: place.namespace,
            name: place.name,
        },
        uid: resource.uid().unwrap_or_default().into(),
        generation: metadata.generation.unwrap_or_default(),
        created: metadata
            .creation_timestamp
            .as_ref()
            .map_or(Timestamp::MAX, |time| time.0),
        standing,
        life: life_of(resource),
        paused: is_paused(metadata),
        held_by_finalizer: cleanup || !resource.needs_cleanup(),
        accepted_once: resource.accepted_id().is_some(),
        remembered: Remembered {
            given_up: has_given_up(resource, resource.drift()),
            ..resource.remembered()
        },
        requested: resource
            .is_reconcile_requested()
            .then(|| requested(resource))
            .flatten(),
        wants,
    };
    if side == Side::Beside && !claim.was_never_accepted() {
        claim.standing = Standing::Beside;
    }
    let unsaid = claim.protects() && !matches!(claim.standing, Standing::Unreadable { .. });
    (claim, may_name_anything.filter(|_| unsaid))
}

/// Whether it stays, and if not, whether its clean-up is due.
pub fn life_of(resource: &(impl crate::api::Claim + ?Sized)) -> Life {
    let metadata = resource.meta();
    let cleanup_is_due = has_finalizer(metadata, CLEANUP) && resource.needs_cleanup();
    match (&metadata.deletion_timestamp, cleanup_is_due) {
        (None, _) => Life::Living,
        (Some(_), true) => Life::Leaving,
        (Some(_), false) => Life::Released,
    }
}

fn requested(resource: &impl Reported) -> Option<String> {
    crate::api::annotations::reconcile_requested_at(resource.meta()).map(str::to_owned)
}

/// The organization that a claim refers to.
pub fn organization_of<K: Claiming>(observed: &Observed<K>) -> Option<Place> {
    let namespace = observed.namespace().unwrap_or_default();
    let reference = match observed {
        Observed::Understood(resource) => resource.organization_ref(),
        Observed::NotUnderstood(unknown, _) => unknown.organization.as_ref()?,
    };
    Some(Place {
        namespace: reference.namespace_or(&namespace).to_owned(),
        name: reference.name.clone(),
    })
}

/// Whether a claim refers to the organization at that place. Asked of ten thousand claims at a time, so it makes nothing.
pub fn refers_to<K: Claiming>(observed: &Observed<K>, place: &Place) -> bool {
    let own = observed.meta().namespace.as_deref().unwrap_or_default();
    let reference = match observed {
        Observed::Understood(resource) => Some(resource.organization_ref()),
        Observed::NotUnderstood(unknown, _) => unknown.organization.as_ref(),
    };
    reference.is_some_and(|reference| {
        reference.name == place.name && reference.namespace_or(own) == place.namespace
    })
}

impl Claiming for XoperoBackupPlan {
    const KIND: ClaimKind = ClaimKind::BackupPlan;

    fn wants(
        &self,
        selectors: &Selectors,
        settings: SettingsRights<'_>,
    ) -> (Wants, Option<String>) {
        let spec = &self.spec;
        let mut broken = Vec::new();
        let mut compile = |field: &'static str, selector: &Option<crate::api::NameSelector>| {
            let compiled = selectors.get(self, field, selector.as_ref()?);
            match compiled {
                Ok(selector) => Some(selector),
                Err(unusable) => {
                    broken.push(ended(format!("{field}.{}", unusable.why)));
                    Some(unusable.usable)
                }
            }
        };
        let wants = PlanWants {
            plan_name: spec.plan_name.clone(),
            repositories: compile("repositories", &spec.repositories),
            projects: compile("projects", &spec.projects),
            membership: spec.membership(),
            license: spec.license(),
            settings: spec
                .settings
                .as_ref()
                .map(|declared| declared_settings(declared, settings)),
            max_age: spec.max_age(),
            deletion: spec.deletion_policy(),
        };
        let broken = (!broken.is_empty()).then(|| broken.join(" "));
        (Wants::Plan(Box::new(wants)), broken)
    }

    fn remembered(&self) -> Remembered {
        let Some(status) = &self.status else {
            return Remembered::default();
        };
        Remembered {
            plan: status.plan_id.as_deref().and_then(PlanId::parse),
            attached_once: status
                .attached_once
                .as_ref()
                .map(|once| (once.generation, once.digest.clone())),
            settings_sent: status
                .settings_sent
                .as_ref()
                .map(|sent| sent.digest.clone()),
            ..Remembered::default()
        }
    }

    fn drift(&self) -> Option<&DriftStatus> {
        self.status.as_ref()?.drift.as_ref()
    }

    fn does_more_than_add(&self) -> Option<&'static str> {
        if self.spec.membership() == Membership::Exclusive {
            return Some("membership: Exclusive");
        }
        if self.spec.settings.is_some() {
            return Some("settings");
        }
        self.needs_cleanup()
            .then_some("a deletionPolicy other than Retain")
    }
}

impl Claiming for XoperoRepository {
    const KIND: ClaimKind = ClaimKind::Repository;

    fn wants(&self, _: &Selectors, _: SettingsRights<'_>) -> (Wants, Option<String>) {
        let spec = &self.spec;
        let wants = RepositoryWants {
            name: spec.name.clone(),
            project: spec.project.clone(),
            license: spec.license,
            plans: spec.plans.clone(),
            membership: spec.membership(),
            deletion: spec.deletion_policy(),
        };
        (Wants::Repository(wants), None)
    }

    fn remembered(&self) -> Remembered {
        let Some(status) = &self.status else {
            return Remembered::default();
        };
        Remembered {
            repository: status
                .repository_id
                .as_deref()
                .and_then(RepositoryId::parse),
            attached_once: status
                .attached_once
                .as_ref()
                .map(|once| (once.generation, once.digest.clone())),
            ..Remembered::default()
        }
    }

    fn drift(&self) -> Option<&DriftStatus> {
        self.status.as_ref()?.drift.as_ref()
    }

    fn does_more_than_add(&self) -> Option<&'static str> {
        if self.spec.membership() == Membership::Exclusive {
            return Some("membership: Exclusive");
        }
        if self.spec.license == Some(crate::api::RepositoryLicense::Inactive) {
            return Some("license: Inactive");
        }
        self.needs_cleanup()
            .then_some("a deletionPolicy other than Retain")
    }
}

impl Claiming for XoperoAzureProject {
    const KIND: ClaimKind = ClaimKind::AzureProject;

    fn wants(&self, _: &Selectors, _: SettingsRights<'_>) -> (Wants, Option<String>) {
        let spec = &self.spec;
        let mut broken = None;
        let project = match (&spec.name, &spec.project_id) {
            (Some(name), _) => ProjectName::Name(name.clone()),
            (None, Some(id)) => {
                if let Some(id) = ProjectId::parse(id) {
                    ProjectName::Id(id)
                } else {
                    broken = Some(format!(
                        "projectId {id:?} is no GUID: copy it from status.projectId or Xopero ONE."
                    ));
                    ProjectName::Name(id.clone())
                }
            }
            (None, None) => {
                broken = Some("Neither name nor projectId is given: write one of them.".to_owned());
                ProjectName::Name(String::new())
            }
        };
        let wants = ProjectWants {
            project,
            plans: spec.plans.clone(),
            membership: spec.membership(),
            deletion: spec.deletion_policy(),
        };
        (Wants::Project(wants), broken)
    }

    fn remembered(&self) -> Remembered {
        let Some(status) = &self.status else {
            return Remembered::default();
        };
        Remembered {
            project: status.project_id.as_deref().and_then(ProjectId::parse),
            attached_once: status
                .attached_once
                .as_ref()
                .map(|once| (once.generation, once.digest.clone())),
            ..Remembered::default()
        }
    }

    fn drift(&self) -> Option<&DriftStatus> {
        self.status.as_ref()?.drift.as_ref()
    }

    fn does_more_than_add(&self) -> Option<&'static str> {
        if self.spec.membership() == Membership::Exclusive {
            return Some("membership: Exclusive");
        }
        self.needs_cleanup()
            .then_some("a deletionPolicy other than Retain")
    }
}

fn declared_settings(declared: &PlanSettings, rights: SettingsRights<'_>) -> Settings {
    let parameters = declared.parameters.iter().flatten();
    let sent = xopero::PlanSettings {
        include_metadata: declared.include_metadata,
        parameters: parameters
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    };
    let unusable = |error: xopero::SettingsError| SettingsRefusal::Unusable(error.to_string());
    let permitted = match rights {
        SettingsRights::Allowed(names) => sent.check(names).map_err(unusable),
        SettingsRights::Forbidden => sent
            .check(&WireNames::default())
            .map_err(unusable)
            .and(Err(SettingsRefusal::NotAllowed)),
    };
    let text = serde_json::json!([sent.include_metadata, sent.parameters]).to_string();
    Settings {
        include_metadata: sent.include_metadata,
        parameters: sent.parameters,
        digest: digest_of(&text),
        permitted,
    }
}

#[cfg(test)]
mod tests;
