//! Every claim on an organization, and whether that is every claim.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use kube::ResourceExt;

use super::{
    super::{
        claims::{self, Claiming, SettingsRights, Side, organization_of, refers_to},
        connections::Usable,
        namespaces::{Allowance, Permission},
        observed::{Observed, Place},
    },
    Context,
    twins::{self, Unresolved},
};
use crate::{
    api::{NamespacesFrom, Rights, XoperoOrganization},
    decide::{Claim, Standing, Visibility},
    inventory::{Inventory, OrganizationId},
};

/// The claims on one organization.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) claims: Vec<Claim>,
    /// Other resources of the same organization.
    pub(super) beside: Vec<Place>,
    pub(super) visibility: Visibility,
    /// Whether it is known of every namespace that refers whether it may.
    pub(super) permissions: Permissions,
}

/// Whether it is known of every namespace that refers whether it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permissions {
    /// It is.
    Known,
    /// It is not, and nothing wakes the organization when it is.
    Unknown,
}

/// Whether settings may be sent by that connection, and under which names.
pub(super) fn settings_rights(usable: &Usable) -> SettingsRights<'_> {
    if usable.settings_allowed {
        SettingsRights::Allowed(usable.client.names())
    } else {
        SettingsRights::Forbidden
    }
}

/// Gathers what refers to the resource at `place`, and to others of the same organization in Xopero ONE. What it once meant there, by its
/// status, counts as well where the resource is gone that it refers to: `inventory` is what is there.
pub(super) async fn gather(
    context: &Context,
    (place, resource): (&Place, &XoperoOrganization),
    (id, inventory): (Option<OrganizationId>, Option<&Inventory>),
    settings: SettingsRights<'_>,
) -> Gathered {
    // Asked before what there is: what is listed in between is not in it.
    let not_seen = not_seen(context);
    let beside = id
        .map(|id| twins::beside(context, place, id))
        .unwrap_or_default();
    let plans = context.plans.all();
    let repositories = context.repositories.all();
    let projects = context.projects.all();
    let mut permissions = BTreeMap::new();
    for target in std::iter::once(place).chain(&beside) {
        let Some(allowance) = allowed_by(context, (place, resource), target) else {
            continue;
        };
        let referring = referring(&plans, target)
            .chain(referring(&repositories, target))
            .chain(referring(&projects, target));
        for namespace in referring {
            if let Entry::Vacant(unknown) = permissions.entry((target, namespace)) {
                let permission = allowance.permits(&unknown.key().1, &context.labels).await;
                unknown.insert(permission);
            }
        }
    }
    let seen = visibility(
        context,
        (place, resource, id),
        (&plans, &repositories, &projects),
        (&beside, not_seen),
    )
    .await;
    let mut claims = Vec::new();
    let collect = Collect {
        context,
        place,
        permissions: &permissions,
        beside: &beside,
        inventory,
        settings,
    };
    let mut unreadables = Vec::new();
    collect.kind(&plans, (&mut claims, &mut unreadables));
    collect.kind(&repositories, (&mut claims, &mut unreadables));
    collect.kind(&projects, (&mut claims, &mut unreadables));
    let visibility = match (seen, unreadables.first()) {
        (Visibility::Whole, Some(first)) => Visibility::Unreadable {
            message: format!(
                "{first}, so it may name anything: nothing is removed that no resource asks to be removed, until it is \
                 corrected."
            ),
        },
        (seen, _) => seen,
    };
    let is_unknown = |permission: &Permission| matches!(permission, Permission::Unknown(_));
    let permissions = if permissions.values().any(is_unknown) {
        Permissions::Unknown
    } else {
        Permissions::Known
    };
    Gathered {
        claims,
        beside,
        visibility,
        permissions,
    }
}

struct Collect<'a> {
    context: &'a Context,
    place: &'a Place,
    /// Of each namespace that refers, to each resource of the organization that can be read.
    permissions: &'a BTreeMap<(&'a Place, String), Permission>,
    beside: &'a [Place],
    inventory: Option<&'a Inventory>,
    settings: SettingsRights<'a>,
}

impl Collect<'_> {
    /// The resource of the organization that it refers to; `None`: it has nothing to do with it.
    fn target<K: Claiming>(&self, observed: &Observed<K>) -> Option<&Place> {
        let all = std::iter::once(self.place).chain(self.beside);
        let mut meant = all.filter(|target| refers_to(observed, target));
        meant.next()
    }

    /// Whether the resource is gone that it refers to, and it meant something of this organization when that was there.
    fn is_left_alone<K: Claiming>(&self, observed: &Observed<K>, resource: &K) -> bool {
        let target = organization_of(observed);
        let is_gone = target.is_some_and(|it| self.context.organizations.get(&it).is_none());
        is_gone
            && self
                .inventory
                .is_some_and(|inventory| resource.remembered().means_something_in(inventory))
    }

    fn kind<K: Claiming>(
        &self,
        resources: &[Arc<Observed<K>>],
        (claims, unreadables): (&mut Vec<Claim>, &mut Vec<String>),
    ) {
        for observed in resources {
            let Some(resource) = observed.legible() else {
                continue;
            };
            let namespace = observed.namespace().unwrap_or_default();
            let (target, permission) = match self.target(observed) {
                Some(target) => {
                    let permission = self.permissions.get(&(target, namespace));
                    (Some(target), permission.cloned())
                }
                None if self.is_left_alone(observed, resource) => (None, None),
                None => continue,
            };
            // Of a resource that is gone, or cannot be read, it is not known whom it lets in.
            let (side, unsaid) = if target == Some(self.place) {
                (Side::Own, Permission::Denied)
            } else {
                (Side::Beside, Permission::Granted(Rights::Full))
            };
            // For what cannot be decoded nothing is done, but what can be read of it protects.
            let side = match &**observed {
                Observed::Understood(_) => side,
                Observed::NotUnderstood(..) => Side::Beside,
            };
            let organization = &target.unwrap_or(self.place).namespace;
            let permission = permission.unwrap_or(unsaid);
            let rights = (&*self.context.selectors, self.settings);
            let (claim, unreadable) =
                claims::claim(resource, organization, permission, side, rights);
            // Whom the other one does not let in names nothing there, and keeps nothing here.
            if side == Side::Beside && claim.standing != Standing::Beside {
                continue;
            }
            if let Some(why) = unreadable {
                unreadables.push(format!("{} cannot be evaluated ({why})", claim.key));
            }
            claims.push(claim);
        }
    }
}

/// Whom a resource of the organization lets in; `None`: that cannot be read.
fn allowed_by(
    context: &Context,
    (place, resource): (&Place, &XoperoOrganization),
    target: &Place,
) -> Option<Allowance> {
    if target == place {
        return Some(allowance(place, resource));
    }
    let observed = context.organizations.get(target)?;
    let resource = observed.understood()?;
    Some(allowance(target, resource))
}

pub(super) fn allowance(place: &Place, resource: &XoperoOrganization) -> Allowance {
    let allowed = resource.spec.allowed_namespaces.as_ref();
    Allowance {
        own: place.namespace.clone(),
        from: resource.spec.namespaces_from(),
        selector: allowed.and_then(|allowed| allowed.selector.clone()),
        rights: resource.spec.rights(),
    }
}

fn referring<K: Claiming>(
    resources: &[Arc<Observed<K>>],
    place: &Place,
) -> impl Iterator<Item = String> {
    resources
        .iter()
        .filter(move |observed| refers_to(observed, place))
        .filter_map(|o| o.namespace())
}

type All<'a> = (
    &'a [Arc<Observed<crate::api::XoperoBackupPlan>>],
    &'a [Arc<Observed<crate::api::XoperoRepository>>],
    &'a [Arc<Observed<crate::api::XoperoAzureProject>>],
);

/// Whether a claim may be unseen: a watch that is not whole, a resource that cannot be read, a namespace that is not watched,
/// another resource that may turn out to be the same organization.
async fn visibility(
    context: &Context,
    (place, resource, id): (&Place, &XoperoOrganization, Option<OrganizationId>),
    (plans, repositories, projects): All<'_>,
    (beside, not_seen): (&[Place], Option<Visibility>),
) -> Visibility {
    let partial = |message: String| Visibility::Partial { message };
    if let Some(not_seen) = not_seen {
        return not_seen;
    }
    let unresolved = twins::unresolved(context, place, resource, id).await;
    if let Some(Unresolved::Coming(other)) = &unresolved {
        return Visibility::Unseen {
            message: format!(
                "XoperoOrganization {other} may be the same organization and has not been looked at yet: nothing is \
                 removed meanwhile."
            ),
        };
    }
    if let Some(open) = open(context, (place, resource), beside) {
        return partial(format!(
            "allowedNamespaces lets other namespaces refer to {open}, and the operator watches only some: nothing is \
             removed that no resource asks to be removed. Watch the whole cluster, or write from: Same."
        ));
    }
    if lets_in_by_labels(context, resource, beside) && !context.labels.are_heard() {
        return partial(
            "The watch of namespaces fails, so it is not known which of them may refer to this organization by now: \
             nothing is removed meanwhile that no resource asks to be removed."
                .to_owned(),
        );
    }
    let concerned = |target: &Place| target == place || beside.contains(target);
    let unreadable = unreadable(plans, concerned)
        .or_else(|| unreadable(repositories, concerned))
        .or_else(|| unreadable(projects, concerned));
    if let Some(unreadable) = unreadable {
        let message = format!(
            "{unreadable} cannot be decoded, so it may name anything: nothing is removed that no resource asks to be \
             removed, until it is corrected."
        );
        return Visibility::Unreadable { message };
    }
    if let Some(Unresolved::Coming(other) | Unresolved::Unknown(other)) = unresolved {
        return partial(format!(
            "XoperoOrganization {other} may be the same organization and has not been observed yet, \
             so nothing is removed meanwhile that no resource asks to be removed."
        ));
    }
    Visibility::Whole
}

/// What is not seen whole, or was never listed.
fn not_seen(context: &Context) -> Option<Visibility> {
    let all_listed = context.plans.is_listed()
        && context.repositories.is_listed()
        && context.projects.is_listed()
        && context.organizations.is_listed();
    let mut not_seen = context.plans.not_seen();
    not_seen.extend(context.repositories.not_seen());
    not_seen.extend(context.projects.not_seen());
    not_seen.extend(context.organizations.not_seen());
    if not_seen.is_empty() {
        return None;
    }
    let names = not_seen.join(", ");
    let message = if all_listed {
        format!("Not all resources are seen ({names}): nothing is removed meanwhile.")
    } else {
        format!("Not all resources are listed yet ({names}): nothing is removed meanwhile.")
    };
    Some(Visibility::Unseen { message })
}

/// Whether the resource, or one of the same organization, lets namespaces in by their labels.
fn lets_in_by_labels(context: &Context, resource: &XoperoOrganization, beside: &[Place]) -> bool {
    let by_labels =
        |resource: &XoperoOrganization| resource.spec.namespaces_from() == NamespacesFrom::Selector;
    by_labels(resource)
        || beside.iter().any(|other| {
            let observed = context.organizations.get(other);
            let resource = observed.as_ref().and_then(|observed| observed.understood());
            resource.is_some_and(by_labels)
        })
}

/// Where not all namespaces are watched: the resource, or one of the same organization, to which others may refer.
fn open(
    context: &Context,
    (place, resource): (&Place, &XoperoOrganization),
    beside: &[Place],
) -> Option<String> {
    if context.sees_whole_cluster {
        return None;
    }
    if resource.spec.namespaces_from() != NamespacesFrom::Same {
        return Some("this organization".to_owned());
    }
    let is_open = |other: &&Place| {
        let observed = context.organizations.get(other);
        let resource = observed.as_ref().and_then(|observed| observed.understood());
        resource.is_some_and(|resource| resource.spec.namespaces_from() != NamespacesFrom::Same)
    };
    let open = beside
        .iter()
        .find(|other| *other != place && is_open(other))?;
    Some(format!(
        "XoperoOrganization {open}, which is the same organization"
    ))
}

/// A resource that cannot be decoded and may concern this organization: in all of them, if its reference cannot be read.
fn unreadable<K: Claiming>(
    resources: &[Arc<Observed<K>>],
    concerned: impl Fn(&Place) -> bool,
) -> Option<String> {
    resources
        .iter()
        .filter(|observed| observed.understood().is_none())
        .find(|observed| organization_of(observed).is_none_or(|target| concerned(&target)))
        .map(|observed| format!("{} {}", K::KIND.as_str(), Place::of(&**observed)))
}
