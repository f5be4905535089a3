//! What is set on plans for other organizations, as far as it concerns one.

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
    api::{Mode, PlanSettingsPolicy, Rights, XoperoBackupPlan, XoperoOrganization},
    decide::{Elsewhere, Setter},
    inventory::PlanId,
    xopero::WireNames,
};

/// What is set on the organization's plans for other ones, and when that was known.
pub(super) fn elsewhere(
    context: &Context,
    (place, resource): (&Place, &XoperoOrganization),
    state: &State,
) -> (Elsewhere, Moment) {
    let plans = state
        .inventory
        .as_ref()
        .map(crate::inventory::Inventory::plans);
    let serves = |plan: PlanId| plans.is_some_and(|plans| plans.contains_key(&plan));
    let others = context.plan_settings.others((place, &state.uid), serves);
    let twins = state.id.map(|id| twins::beside(context, place, id));
    let looking = Looking {
        context,
        own: (place, resource),
        twins: twins.unwrap_or_default(),
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
    twins: Vec<Place>,
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

    /// What was sent for it once may be in force, and what is about to be decided on may be about to be sent.
    fn as_it_stands(
        &self,
        resource: &XoperoBackupPlan,
        (target, organization): (&Place, Option<&XoperoOrganization>),
        known: Option<&Setter>,
    ) -> Option<Setter> {
        if organization.is_some_and(|organization| self.is_void(target, organization)) {
            return None;
        }
        let names = WireNames::default();
        let rights = (&*self.context.selectors, SettingsRights::Allowed(&names));
        let granted = Permission::Granted(Rights::Full);
        let (claim, _) = claims::claim(resource, &target.namespace, granted, Side::Own, rights);
        let of = |plan| Setter::of(&claim, &key(target), plan);
        let remembered = claim.remembered.plan;
        if let Some(known) = known {
            let contends = known.contends;
            return of(known.plan.or(remembered)).map(|setter| Setter { contends, ..setter });
        }
        let was_sent = claim.remembered.settings_sent.is_some();
        if remembered.is_some() && (was_sent || self.others.decided.contains(target)) {
            return of(remembered);
        }
        // As long as the process begins, it may be about to set any plan.
        let is_awaited = !self.others.decided.contains(target)
            && !self.context.is_past_the_start()
            && organization.is_none_or(|organization| self.may_meet(target, organization));
        if is_awaited { of(None) } else { None }
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
