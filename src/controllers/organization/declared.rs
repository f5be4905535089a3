//! What an organization's own resource declares, as a value to decide from.

use std::sync::Arc;

use k8s_openapi::jiff::Timestamp;

use super::{super::observed::Place, Context, owners, state::State};
use crate::{
    api::{Mode, Provider, Unclaimed, XoperoOrganization, annotations},
    decide::{OrganizationClaim, Service, Writes},
    inventory::OrganizationId,
};

/// The organization's own claim; `None` before it is known which organization it is.
pub(super) fn organization(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &State,
) -> Option<OrganizationClaim> {
    let spec = &resource.spec;
    let id = state.id?;
    let living = state
        .inventory
        .as_ref()
        .map_or(0, crate::inventory::Inventory::living);
    let except = spec.protection_exceptions();
    Some(OrganizationClaim {
        key: owners::key(place),
        uid: Arc::clone(&state.uid),
        generation: resource.metadata.generation.unwrap_or_default(),
        created: created(resource),
        id,
        writes: writes(context, place, resource, id),
        service: match spec.provider {
            Provider::AzureDevOps => Service::Azure,
            Provider::GitHub | Provider::GitLab | Provider::Bitbucket => Service::Git,
        },
        removal_limit: usize::try_from(spec.removal_limit().of(living as u64))
            .unwrap_or(usize::MAX),
        license_limit: spec
            .license_limit()
            .map(|limit| usize::try_from(limit).unwrap_or_default()),
        licensed_before: state.coverage().map_or(0, |coverage| {
            usize::try_from(coverage.licensed).unwrap_or_default()
        }),
        // One that is being deleted asks for nothing any more.
        unclaimed: match resource.metadata.deletion_timestamp {
            None => spec.unclaimed(),
            Some(_) => Unclaimed::Keep,
        },
        require: spec.protection_requirement(),
        except: (!except.is_empty())
            .then(|| context.selectors.globs(resource, except))
            .transpose(),
        approvals: annotations::approved_removals(&resource.metadata)
            .map(str::to_owned)
            .collect(),
        resync: spec.resync_interval(),
        not_synchronized: state.synchronization.trouble(),
    })
}

/// Whether anything is written for the organization.
pub(super) fn writes(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    id: OrganizationId,
) -> Writes {
    if resource.spec.mode() == Mode::Observe {
        return Writes::Observe;
    }
    if let Some(older) = context.owners.older(id, place) {
        return Writes::Conflict(owners::key(&older));
    }
    if annotations::is_paused(&resource.metadata) {
        return Writes::Paused;
    }
    Writes::All
}

/// When the resource was created: the older manages.
pub(super) fn created(resource: &XoperoOrganization) -> Timestamp {
    resource
        .metadata
        .creation_timestamp
        .as_ref()
        .map_or(Timestamp::MAX, |time| time.0)
}
