//! The finalizer `xopero.dev/in-use`: an organization stays while, and only while, a claim with a clean-up needs it.

use std::{collections::BTreeSet, sync::Arc};

use kube::{Api, Resource};

use super::{
    super::{
        claims::{Claiming, refers_to},
        finalizers::{self, Presence},
        namespaces::Permission,
        observed::{Observed, Place},
    },
    Context,
    gather::allowance,
};
use crate::api::{
    Claim, XoperoOrganization,
    annotations::{CLEANUP, IN_USE, has_finalizer, is_force_finalized},
};

/// What is said where a person lets it go.
pub(super) const LEFT_BEHIND: &str = "xopero.dev/force-finalize lets the organization go; claims whose clean-up needs it are left behind.";

/// The organization stays while, and only while, a claim with a clean-up needs it. Says whether there is still one to pass over.
pub(super) async fn keep_in_use(
    context: &Context,
    api: &Api<XoperoOrganization>,
    place: &Place,
    resource: &XoperoOrganization,
) -> Result<Presence, finalizers::Error> {
    let deleting = resource.metadata.deletion_timestamp.is_some();
    let forced = deleting && is_force_finalized(&resource.metadata);
    // Asked first: what is listed in between does not say that nobody needs it.
    let all_listed = all_listed(context);
    if !forced && needed(context, place, resource).await {
        finalizers::add(api, resource, IN_USE).await?;
    } else if has_finalizer(&resource.metadata, IN_USE) && (forced || all_listed) {
        if forced {
            context
                .warn(resource, "LeftBehind", "ForceFinalize", LEFT_BEHIND)
                .await;
        }
        finalizers::remove(api, resource, IN_USE).await?;
        if deleting {
            return Ok(Presence::Gone);
        }
    }
    Ok(Presence::Here)
}

fn all_listed(context: &Context) -> bool {
    context.plans.is_listed() && context.repositories.is_listed() && context.projects.is_listed()
}

/// A claim of a namespace that was never admitted has done nothing here that would have to be undone.
async fn needed(context: &Context, place: &Place, resource: &XoperoOrganization) -> bool {
    let mut strangers = BTreeSet::new();
    let needed = needs(&context.plans.all(), place, &mut strangers)
        || needs(&context.repositories.all(), place, &mut strangers)
        || needs(&context.projects.all(), place, &mut strangers);
    if needed {
        return true;
    }
    let allowance = allowance(place, resource);
    for namespace in strangers {
        if allowance.permits(&namespace, &context.labels).await != Permission::Denied {
            return true;
        }
    }
    false
}

/// Whether one of them needs the organization, whatever its namespace may do; `strangers`: where that decides.
fn needs<K: Claiming>(
    resources: &[Arc<Observed<K>>],
    place: &Place,
    strangers: &mut BTreeSet<String>,
) -> bool {
    for observed in resources {
        let holds = has_finalizer(observed.meta(), CLEANUP)
            && observed.understood().is_none_or(Claim::needs_cleanup);
        if !holds || !refers_to(observed, place) {
            continue;
        }
        let namespace = Place::of(&**observed).namespace;
        let accepted = observed
            .understood()
            .is_none_or(|claim| claim.accepted_id().is_some());
        if accepted || namespace == place.namespace {
            return true;
        }
        strangers.insert(namespace);
    }
    false
}
