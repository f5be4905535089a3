//! The organization's finalizer `xopero.dev/in-use`: it stays while, and only while, a claim with a clean-up needs it.

use std::collections::BTreeSet;

use kube::{Api, Resource};

use super::{
    super::{
        claims::{Claiming, refers_to},
        finalizers,
        in_use::{Due, due},
        namespaces::Permission,
        observed::{Observed, Place},
        watches::{Stored, Watchable},
    },
    Context,
    gather::allowance,
};
use crate::{
    api::{
        Claim, XoperoOrganization,
        annotations::{CLEANUP, IN_USE, has_finalizer, is_force_finalized},
    },
    decide::{ClaimKey, listed},
};

/// What is said where a person lets one go that cannot be decoded.
pub(super) const LEFT_BEHIND: &str = "xopero.dev/force-finalize lets the organization go; claims whose clean-up needs it are left behind.";

/// What is said where a person lets it go although these need it.
fn left_behind(needed_by: &[String]) -> String {
    let left = if needed_by.is_empty() {
        "resources that may still need it".to_owned()
    } else {
        listed(needed_by.iter().map(String::as_str))
    };
    format!(
        "The organization goes because of the annotation xopero.dev/force-finalize. Left behind without it: {left}. What they \
         were to undo in Xopero ONE stays as it is."
    )
}

/// What became of the organization.
pub(super) enum Kept {
    /// It is gone, or goes as soon as others let it.
    Gone,
    /// It is passed over; who needs it, `None` while that is not known.
    Here(Option<Vec<String>>),
}

/// The organization stays while, and only while, a claim with a clean-up needs it.
pub(super) async fn keep_in_use(
    context: &Context,
    api: &Api<XoperoOrganization>,
    place: &Place,
    resource: &XoperoOrganization,
) -> Result<Kept, finalizers::Error> {
    let metadata = &resource.metadata;
    let deleting = metadata.deletion_timestamp.is_some();
    // Asked first: what is listed in between does not say that nobody needs it.
    let all_listed = all_listed(context);
    let needed_by = needed_by(context, place, resource).await;
    let is_needed = !needed_by.is_empty();
    let needed = (is_needed || all_listed).then_some(is_needed);
    match due(metadata, needed) {
        // Whom it was to be kept for is left behind by now.
        Due::Nothing if deleting && is_force_finalized(metadata) => {
            return Ok(Kept::Here(all_listed.then(Vec::new)));
        }
        Due::Nothing => {}
        Due::PutOn => {
            finalizers::add(api, resource, IN_USE).await?;
        }
        Due::TakeOff => {
            finalizers::remove(api, resource, IN_USE).await?;
            if deleting {
                return Ok(Kept::Gone);
            }
        }
        Due::GiveUp => {
            // Said first: rather twice than never.
            let note = left_behind(&needed_by);
            context
                .warn(resource, "LeftBehind", "ForceFinalize", &note)
                .await;
            finalizers::remove(api, resource, IN_USE).await?;
            return Ok(Kept::Gone);
        }
    }
    Ok(Kept::Here(needed.map(|_| needed_by)))
}

/// One that cannot be decoded is kept as long as any claim with a clean-up refers to it: whom it lets in cannot be read.
pub(super) async fn settle_undecodable(
    context: &Context,
    observed: &Observed<XoperoOrganization>,
    place: &Place,
) -> Result<(), finalizers::Error> {
    let all_listed = all_listed(context);
    let mut holders = holders(&context.plans, place)
        .chain(holders(&context.repositories, place))
        .chain(holders(&context.projects, place));
    let is_unneeded = all_listed && holders.next().is_none();
    if due(observed.meta(), is_unneeded.then_some(false)) == Due::TakeOff {
        let api: Api<Observed<XoperoOrganization>> =
            Api::namespaced(context.client.clone(), &place.namespace);
        finalizers::remove(&api, observed, IN_USE).await?;
    }
    Ok(())
}

fn all_listed(context: &Context) -> bool {
    context.plans.is_listed() && context.repositories.is_listed() && context.projects.is_listed()
}

/// Who needs the organization: all where it is being deleted, else one of them. A claim of a namespace that was never admitted has done
/// nothing here that would have to be undone.
async fn needed_by(context: &Context, place: &Place, resource: &XoperoOrganization) -> Vec<String> {
    let most = match resource.metadata.deletion_timestamp {
        Some(_) => usize::MAX,
        None => 1,
    };
    let all = || {
        holders(&context.plans, place)
            .chain(holders(&context.repositories, place))
            .chain(holders(&context.projects, place))
    };
    let is_sure = |holder: &Holder| holder.was_accepted || holder.key.namespace == place.namespace;
    let sure = all().filter(is_sure).take(most);
    let mut needing: Vec<String> = sure.map(|holder| holder.key.to_string()).collect();
    if needing.len() == most {
        return needing;
    }
    let allowance = allowance(place, resource);
    let strangers: Vec<ClaimKey> = all()
        .filter(|holder| !is_sure(holder))
        .map(|holder| holder.key)
        .collect();
    let asking: BTreeSet<&str> = strangers.iter().map(|key| &*key.namespace).collect();
    for namespace in asking {
        if allowance.permits(namespace, &context.labels).await != Permission::Denied {
            let theirs = strangers.iter().filter(|key| key.namespace == namespace);
            needing.extend(theirs.map(ToString::to_string));
        }
    }
    needing
}

/// A claim with a clean-up to do here.
struct Holder {
    key: ClaimKey,
    was_accepted: bool,
}

impl Holder {
    fn of<K: Claiming>(observed: &Observed<K>) -> Self {
        let Place { namespace, name } = Place::of(observed);
        Self {
            key: ClaimKey {
                kind: K::KIND,
                namespace,
                name,
            },
            was_accepted: observed
                .understood()
                .is_none_or(|claim| claim.accepted_id().is_some()),
        }
    }
}

/// Those of one kind that refer to the organization.
fn holders<K: Claiming + Watchable>(
    stored: &Stored<K>,
    place: &Place,
) -> impl Iterator<Item = Holder> {
    let holding = stored.unordered().filter(|observed| {
        has_finalizer(observed.meta(), CLEANUP)
            && observed.understood().is_none_or(Claim::needs_cleanup)
            && refers_to(observed, place)
    });
    holding.map(|observed| Holder::of(&observed))
}
