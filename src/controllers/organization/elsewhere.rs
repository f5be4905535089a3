//! What is set on plans for other organizations, as far as it concerns one.

use kube::ResourceExt;

use super::{
    super::{
        claims::{self, SettingsRights, Side, organization_of},
        namespaces::Permission,
        observed::{Observed, Place},
    },
    Context,
    state::State,
    twins,
};
use crate::{
    api::{Mode, Rights, XoperoBackupPlan},
    decide::{Elsewhere, Setter},
    xopero::WireNames,
};

/// What is set elsewhere, and how it is known.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) elsewhere: Elsewhere,
    /// Whether some of it is only known by status: the organization was not decided on yet, and nothing may tell when it is.
    pub(super) by_status: bool,
}

/// What is set on the organization's plans for other ones.
pub(super) fn elsewhere(context: &Context, place: &Place, state: &State) -> Seen {
    let serves = |setter: &Setter| {
        let plans = state
            .inventory
            .as_ref()
            .map(crate::inventory::Inventory::plans);
        setter
            .plan
            .is_none_or(|plan| plans.is_some_and(|plans| plans.contains_key(&plan)))
    };
    let mut setters = context.plan_settings.elsewhere(place);
    setters.retain(|setter| is_there(context, setter) && serves(setter));
    let plans = context.plans.unordered();
    let unread = plans
        .filter_map(|observed| unread(context, (place, state), &observed))
        .filter(serves);
    let decided = setters.len();
    setters.extend(unread);
    let by_status = setters.len() > decided;
    let sent = context.plan_settings.sent_by_others(&state.uid);
    Seen {
        elsewhere: Elsewhere::new(setters, sent),
        by_status,
    }
}

/// It may have been deleted since its organization was decided on, which may not be possible now.
fn is_there(context: &Context, setter: &Setter) -> bool {
    let place = Place {
        namespace: setter.key.namespace.clone(),
        name: setter.key.name.clone(),
    };
    let observed = context.plans.get(&place);
    observed.is_some_and(|observed| observed.uid().as_deref() == Some(&*setter.uid))
}

/// What a plan sets for an organization that this process has not decided on yet: what was sent for it once, as its status says, may be in
/// force. As long as everything begins, it may be about to set any plan.
fn unread(
    context: &Context,
    (place, state): (&Place, &State),
    observed: &Observed<XoperoBackupPlan>,
) -> Option<Setter> {
    let resource = observed.understood()?;
    resource.spec.settings.as_ref()?;
    let target = organization_of(observed)?;
    if target == *place || context.plan_settings.is_declared(&target) {
        return None;
    }
    let organization = context.organizations.get(&target)?;
    if let Some(organization) = organization.understood() {
        let id = twins::recorded(context, &target, organization);
        let is_twin = id.is_some() && id == state.id;
        if is_twin || organization.spec.mode() == Mode::Observe {
            return None;
        }
    }
    let names = WireNames::default();
    let rights = (&*context.selectors, SettingsRights::Allowed(&names));
    let permission = Permission::Granted(Rights::Full);
    let (claim, _) = claims::claim(resource, &target.namespace, permission, Side::Own, rights);
    let sent_to = claim.remembered.plan;
    let sent_to = sent_to.filter(|_| claim.remembered.settings_sent.is_some());
    if sent_to.is_none() && context.is_past_the_start() {
        return None;
    }
    Setter::of(&claim, sent_to)
}
