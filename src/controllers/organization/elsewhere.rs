//! What is set on plans for other organizations, as far as it concerns one.

use std::collections::BTreeMap;

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::Resource as _;

use super::{
    super::{
        claims::{self, SettingsRights, Side, organization_of},
        connections::connection_meant,
        namespaces::Permission,
        observed::{Observed, Place},
    },
    Context,
    dereference::leads_to,
    owners::key,
    plan_settings::{Moment, Others},
    state::State,
    twins,
};
use crate::{
    api::{Mode, NamespacesFrom, PlanSettingsPolicy, Rights, XoperoBackupPlan, XoperoOrganization},
    decide::{Elsewhere, Setter},
    inventory::PlanId,
    xopero::WireNames,
};

/// How long a new claim is waited for that its organization has not decided on.
const TO_BE_DECIDED: SignedDuration = SignedDuration::from_mins(1);

/// What is set on the organization's plans for other ones, and when that was known.
pub(super) fn elsewhere(
    context: &Context,
    (place, resource): (&Place, &XoperoOrganization),
    (state, twins): (&State, &[Place]),
) -> (Elsewhere, Moment) {
    let plans = state
        .inventory
        .as_ref()
        .map(crate::inventory::Inventory::plans);
    let serves = |plan: PlanId| plans.is_some_and(|plans| plans.contains_key(&plan));
    let has = |name: &str| {
        let lowered = name.to_lowercase();
        let mut plans = plans.into_iter().flat_map(BTreeMap::values);
        plans.any(|plan| plan.name.to_lowercase() == lowered)
    };
    let own = (place, &*state.uid);
    let others = context.plan_settings.others(own, state.listing_began);
    let looking = Looking {
        context,
        own: (place, resource),
        twins,
        has: &has,
        now: Timestamp::now(),
        others: &others,
    };
    let all = context.plans.unordered();
    let setters = all.filter_map(|observed| looking.setter(&observed));
    let setters = setters.filter(|setter| setter.plan.is_none_or(serves));
    let elsewhere = Elsewhere::new(setters.collect(), others.sent.clone());
    (elsewhere, others.moment)
}

struct Looking<'a> {
    context: &'a Context,
    own: (&'a Place, &'a XoperoOrganization),
    /// Other resources for the same organization: they are told from it by that.
    twins: &'a [Place],
    /// Whether it has a plan of that name, in whatever casing.
    has: &'a dyn Fn(&str) -> bool,
    now: Timestamp,
    others: &'a Others,
}

impl Looking<'_> {
    /// What one resource sets for another organization: as it was decided on last, if nobody has changed it since; else as it stands.
    fn setter(&self, observed: &Observed<XoperoBackupPlan>) -> Option<Setter> {
        let uid = observed.meta().uid.as_deref();
        let known = || uid.and_then(|uid| self.others.setters.get(uid));
        let Some(resource) = observed.understood() else {
            // It is not known to set anything else.
            return known().cloned();
        };
        resource.spec.settings.as_ref()?;
        let target = organization_of(observed)?;
        if target == *self.own.0 || self.twins.contains(&target) {
            return None;
        }
        let organization = self.context.organizations.get(&target);
        if organization.is_none() && self.context.organizations.is_listed() {
            return None;
        }
        let organization = organization
            .as_ref()
            .and_then(|observed| observed.understood());
        let is_kept_out = |organization| self.is_kept_out(resource, (&target, organization));
        if organization.is_some_and(is_kept_out) {
            return None;
        }
        let setter = match known() {
            Some(known) if Some(known.generation) == resource.metadata.generation => known.clone(),
            known @ (Some(_) | None) => {
                self.as_it_stands(resource, (&target, organization), known)?
            }
        };
        let writes_nothing =
            |organization: &XoperoOrganization| organization.spec.mode() == Mode::Observe;
        let contends = setter.contends && !organization.is_some_and(writes_nothing);
        Some(Setter { contends, ..setter })
    }

    /// Whether nothing may be sent for it, as the organization and its connection are declared now.
    fn is_kept_out(
        &self,
        claim: &XoperoBackupPlan,
        (place, organization): (&Place, &XoperoOrganization),
    ) -> bool {
        let spec = &organization.spec;
        let only_own =
            spec.namespaces_from() == NamespacesFrom::Same || spec.rights() == Rights::Add;
        let is_foreign = claim.metadata.namespace.as_ref() != Some(&place.namespace);
        (is_foreign && only_own) || self.is_void(place, organization)
    }

    /// What was sent for it once may be in force, and what is about to be decided on may be about to be sent.
    fn as_it_stands(
        &self,
        resource: &XoperoBackupPlan,
        (target, organization): (&Place, Option<&XoperoOrganization>),
        known: Option<&Setter>,
    ) -> Option<Setter> {
        let names = WireNames::default();
        let rights = (&*self.context.selectors, SettingsRights::Allowed(&names));
        let granted = Permission::Granted(Rights::Full);
        let (claim, _) = claims::claim(resource, &target.namespace, granted, Side::Own, rights);
        let of = |plan| Setter::of(&claim, &key(target), plan);
        let remembered = claim.remembered.plan;
        if let Some(known) = known {
            let setter = of(known.plan.or(remembered))?;
            let contends = setter.contends && known.contends;
            return Some(Setter { contends, ..setter });
        }
        let was_sent = claim.remembered.settings_sent.is_some();
        if remembered.is_some() && (was_sent || self.others.decided.contains(target)) {
            return of(remembered);
        }
        // It may be about to be decided on: as long as the process begins, or while it is new.
        let begins = !self.others.decided.contains(target) && !self.context.is_past_the_start();
        let is_awaited = (begins || self.is_new(claim.created))
            && (self.has)(&resource.spec.plan_name)
            && organization.is_none_or(|organization| self.may_meet(target, organization));
        if is_awaited { of(None) } else { None }
    }

    fn is_new(&self, created: Timestamp) -> bool {
        self.now.duration_since(created) < TO_BE_DECIDED
    }

    /// Whether nothing that its status says counts any more: its connection leads elsewhere now, or allows no settings.
    fn is_void(&self, place: &Place, organization: &XoperoOrganization) -> bool {
        let status = organization.status.as_ref();
        let found_in = status.and_then(|status| status.instance_url.as_deref());
        let leads_elsewhere =
            |there: &str| twins::leads_elsewhere(self.context, (organization, place), there);
        let key = connection_meant(&organization.spec.connection_ref, &place.namespace);
        let connection = self.context.connection_resources.get(&key);
        let connection = connection
            .as_ref()
            .and_then(|observed| observed.understood());
        found_in.is_some_and(leads_elsewhere)
            || connection.is_some_and(|connection| {
                connection.spec.plan_settings() == PlanSettingsPolicy::Forbidden
            })
    }

    /// Whether it may have plans in common with this one: not where its connection leads to another Xopero ONE.
    fn may_meet(&self, place: &Place, organization: &XoperoOrganization) -> bool {
        let (own, resource) = self.own;
        let own = leads_to(self.context, own, resource);
        let there = leads_to(self.context, place, organization);
        own.zip(there).is_none_or(|(own, there)| own == there)
    }
}
