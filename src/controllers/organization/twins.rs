//! Other organization resources that may turn out to be the same organization in the same Xopero ONE.

use std::sync::Arc;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{
    super::{admission::Admission, connections::connection_meant, observed::Place},
    Context,
    declared::created,
    dereference::{admission, leads_to},
};
use crate::{
    api::{Mode, XoperoOrganization},
    inventory::OrganizationId,
};

/// How long one counts that cannot be looked at. Who moves resources from one organization to another may apply its connection, its Secret
/// or the right address later than the claims, and has a day for it; what leads nowhere after that is a mistake that holds up others.
const TO_BE_MENDED: SignedDuration = SignedDuration::from_hours(24);

/// One that is not known to be another organization, so that its claims may concern this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// Its first look is still to come: in a moment that is known.
    Coming(Place),
    /// It was looked for in vain, or it cannot be decoded, so that it may be any.
    Unknown(Place),
}

/// Those that are still to be looked at first.
pub(super) async fn unresolved(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    id: Option<OrganizationId>,
) -> Option<Unresolved> {
    let mut unknown = None;
    for observed in context.organizations.all() {
        let other = Place::of(&*observed);
        if other == *place {
            continue;
        }
        let found_in = context.owners.found_in(&other);
        let Some(twin) = observed.understood() else {
            if found_in.is_none() {
                unknown = Some(Unresolved::Unknown(other));
            }
            continue;
        };
        let is_resolved = |there: Arc<str>| !leads_elsewhere(context, (twin, &other), &there);
        if found_in.is_some_and(is_resolved) {
            continue;
        }
        if may_be_the_same(context, (resource, place, id), (twin, &other)).await {
            // What was accepted once as the same is seen already.
            let is_beside = id.is_some() && recorded(context, &other, twin) == id;
            if !is_beside && !context.owners.was_looked_at(&other) {
                return Some(Unresolved::Coming(other));
            }
            unknown = Some(Unresolved::Unknown(other));
        }
    }
    unknown
}

/// The other resources of the same organization, whatever their mode: their claims protect. Those, too, that were only found to be it by
/// a process before, as their status says: this one may not have come to them yet.
pub(super) fn beside(context: &Context, place: &Place, id: OrganizationId) -> Vec<Place> {
    let mut beside = context.owners.beside(id, place);
    for observed in context.organizations.all() {
        let other = Place::of(&*observed);
        let Some(twin) = observed.understood() else {
            continue;
        };
        if other != *place
            && context.owners.found_in(&other).is_none()
            && recorded(context, &other, twin) == Some(id)
        {
            beside.push(other);
        }
    }
    beside
}

/// An older one that was not looked at yet in this process: if it is the same organization, it is the one that writes.
pub(super) async fn older_to_come(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    id: Option<OrganizationId>,
) -> Option<Place> {
    if resource.spec.mode() == Mode::Observe {
        return None;
    }
    for observed in context.organizations.all() {
        let other = Place::of(&*observed);
        let Some(twin) = observed.understood() else {
            continue;
        };
        let is_older = (created(twin), &other) < (created(resource), place);
        if is_older
            && twin.spec.mode() == Mode::Manage
            && !context.owners.was_looked_at(&other)
            && may_be_the_same(context, (resource, place, id), (twin, &other)).await
        {
            return Some(other);
        }
    }
    None
}

async fn may_be_the_same(
    context: &Context,
    (resource, own_place, id): (&XoperoOrganization, &Place, Option<OrganizationId>),
    (twin, place): (&XoperoOrganization, &Place),
) -> bool {
    let own = Named {
        name: &resource.spec.name,
        id,
    };
    let other = Named {
        name: &twin.spec.name,
        id: recorded(context, place, twin),
    };
    if !own.may_be(other) {
        return false;
    }
    let key = connection_meant(&twin.spec.connection_ref, &place.namespace);
    let admission = admission(context, &place.namespace, &key).await;
    let instance = instance(context, (resource, own_place), (twin, place));
    let age = Age::of(twin, Timestamp::now());
    counts(other.id, &admission, instance, age)
}

/// Whether one was made so lately that what it lacks may still come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Young,
    Old,
}

impl Age {
    fn of(resource: &XoperoOrganization, now: Timestamp) -> Self {
        if now.duration_since(created(resource)) < TO_BE_MENDED {
            Self::Young
        } else {
            Self::Old
        }
    }
}

/// Where the connection of another one leads, beside one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instance {
    /// It may be the same.
    Perhaps,
    /// To another address, from which nothing was heard of the organization. It may be the same Xopero ONE by another name.
    OtherAddress,
    /// To another address, where there is no such organization.
    Another,
}

fn instance(
    context: &Context,
    (resource, place): (&XoperoOrganization, &Place),
    (twin, other): (&XoperoOrganization, &Place),
) -> Instance {
    let own = leads_to(context, place, resource);
    match own.zip(leads_to(context, other, twin)) {
        Some((own, there)) if own != there => {
            let name = &twin.spec.name;
            if context.owners.is_not_found(other, &there, name) {
                Instance::Another
            } else {
                Instance::OtherAddress
            }
        }
        Some(_) | None => Instance::Perhaps,
    }
}

/// The id in the status: it was accepted once, by this process or one before, in the Xopero ONE to which its connection still leads.
pub(super) fn recorded(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
) -> Option<OrganizationId> {
    let status = resource.status.as_ref()?;
    let is_void = |there: &str| leads_elsewhere(context, (resource, place), there);
    if status.instance_url.as_deref().is_some_and(is_void) {
        return None;
    }
    OrganizationId::parse(status.organization_id.as_deref()?)
}

/// Whether a resource is known to mean an organization of another Xopero ONE than this.
pub(super) fn leads_elsewhere(
    context: &Context,
    (resource, place): (&XoperoOrganization, &Place),
    instance: &str,
) -> bool {
    let leads = leads_to(context, place, resource);
    leads.is_some_and(|origin| origin.to_string() != instance)
}

/// What a resource names, and what that was found to be.
#[derive(Clone, Copy, Debug)]
struct Named<'a> {
    name: &'a str,
    id: Option<OrganizationId>,
}

impl Named<'_> {
    /// By the ids where both are known: the organization may have been renamed since one of them was found.
    fn may_be(self, other: Named<'_>) -> bool {
        match (self.id, other.id) {
            (Some(own), Some(other)) => own == other,
            (None, _) | (_, None) => self.name.to_lowercase() == other.name.to_lowercase(),
        }
    }
}

/// What was accepted once counts. What was not has no say where it can come by no instance, or only by another one: its connection does not
/// admit it, or leads to where there is no such organization. For a day it has one where that is only not known.
fn counts(
    accepted: Option<OrganizationId>,
    admission: &Admission,
    instance: Instance,
    age: Age,
) -> bool {
    accepted.is_some()
        || match (admission, instance) {
            (Admission::Denied, _) | (_, Instance::Another) => false,
            (Admission::Missing, _) | (_, Instance::OtherAddress) => age == Age::Young,
            (
                Admission::Admitted | Admission::Unknown | Admission::NamespaceUnknown(_),
                Instance::Perhaps,
            ) => true,
        }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{
        Admission::{Admitted, Denied, Missing, NamespaceUnknown, Unknown},
        Age::{Old, Young},
        Instance::{Another, OtherAddress, Perhaps},
        *,
    };

    fn named((name, id): (&str, Option<u128>)) -> Named<'_> {
        Named {
            name,
            id: id.map(OrganizationId::numbered),
        }
    }

    #[rstest]
    //                                     own             other                      it may be the same
    #[case::of_the_same_name(              ("acme", None),    ("acme", None),         true)]
    #[case::in_another_case(               ("acme", Some(1)), ("Acme", None),         true)]
    #[case::of_another_name(               ("acme", Some(1)), ("globex", None),       false)]
    #[case::known_to_be_the_same(          ("acme", Some(1)), ("acme", Some(1)),      true)]
    #[case::renamed_since_one_was_found(   ("acme", Some(1)), ("acme2", Some(1)),     true)]
    #[case::known_to_be_another(           ("acme", Some(1)), ("acme", Some(2)),      false)]
    #[case::while_the_own_is_not_known_yet(("acme", None),    ("acme", Some(2)),      true)]
    fn another_of_the_same_name_may_be_the_same_until_it_is_known(
        #[case] own: (&str, Option<u128>),
        #[case] other: (&str, Option<u128>),
        #[case] may_be: bool,
    ) {
        assert_eq!(named(own).may_be(named(other)), may_be);
    }

    #[rstest]
    //                                   accepted once, admission, instance, age, counts
    #[case::admitted(false, Admitted, Perhaps, Old, true)]
    #[case::never_admitted(false, Denied, Perhaps, Young, false)]
    #[case::admitted_once(true, Denied, Perhaps, Old, true)]
    #[case::its_connection_may_be_mended(false, Unknown, Perhaps, Old, true)]
    #[case::its_connection_may_come(false, Missing, Perhaps, Young, true)]
    #[case::its_connection_does_not_come(false, Missing, Perhaps, Old, false)]
    #[case::it_has_none_any_more(true, Missing, Perhaps, Old, true)]
    #[case::its_namespace_may_be_admitted(false, NamespaceUnknown("no".into()), Perhaps, Old, true)]
    #[case::by_another_name_perhaps(false, Admitted, OtherAddress, Young, true)]
    #[case::elsewhere_and_in_vain(false, Admitted, OtherAddress, Old, false)]
    #[case::not_there(false, Admitted, Another, Young, false)]
    #[case::there_once(true, Admitted, Another, Old, true)]
    fn one_that_was_never_accepted_counts_only_where_it_may_be_the_same(
        #[case] accepted: bool,
        #[case] admission: Admission,
        #[case] instance: Instance,
        #[case] age: Age,
        #[case] expected: bool,
    ) {
        let accepted = accepted.then(|| OrganizationId::numbered(1));
        assert_eq!(counts(accepted, &admission, instance, age), expected);
    }

    #[rstest]
    #[case::just_now(0, Young)]
    #[case::almost_a_day(23, Young)]
    #[case::a_day(24, Old)]
    #[case::tomorrow_by_a_clock_that_is_behind(-1, Young)]
    fn one_is_young_for_a_day(#[case] hours: i64, #[case] age: Age) {
        let resource = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "acme", "namespace": "backup", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"connectionRef": {"name": "xopero"}, "name": "acme", "provider": "GitHub"},
        }));
        let resource: XoperoOrganization = resource.unwrap();
        let now = created(&resource) + SignedDuration::from_hours(hours);
        assert_eq!(Age::of(&resource, now), age);
    }
}
