//! The finalizer `xopero.dev/in-use`: an organization stays while, and only while, a claim with a clean-up needs it.

use std::sync::Arc;

use kube::{Api, Resource};

use super::{
    super::{
        claims::{Claiming, organization_of},
        finalizers,
        observed::{Observed, Place},
    },
    Context,
};
use crate::api::{
    Claim, XoperoOrganization,
    annotations::{CLEANUP, IN_USE, has_finalizer, is_force_finalized},
};

/// The organization stays while, and only while, a claim with a clean-up needs it.
pub(super) async fn keep_in_use(
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
    fn any<K: Claiming>(resources: &[Arc<Observed<K>>], place: &Place) -> bool {
        resources.iter().any(|observed| {
            let holds = has_finalizer(observed.meta(), CLEANUP)
                && observed.understood().is_none_or(Claim::needs_cleanup);
            holds && organization_of(observed).as_ref() == Some(place)
        })
    }
    any(&context.plans.all(), place)
        || any(&context.repositories.all(), place)
        || any(&context.projects.all(), place)
}
