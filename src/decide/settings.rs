//! When a plan's settings are sent: once for each declaration, never on a timer, never a write that changes nothing.

use std::collections::BTreeMap;

use super::{Claim, Life, Settings, SettingsRefusal, Wants, named::Named, namers::Rank};
use crate::{
    api::conditions::ended,
    inventory::{Plan, PlanId},
};

/// Where declared settings stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SettingsState {
    /// They are to be sent.
    Due,
    /// They were sent, or what is declared is what is shown.
    AsSent,
    /// They were sent, and what is shown is different now.
    ChangedByOthers,
    /// They may not be sent; a sentence says why and what to do.
    Refused(String),
}

/// Judges the settings of one claim. `in_force` is the digest of what the plan was given last, if that is known.
pub(super) fn judge(
    declared: &Settings,
    listed: Option<&Plan>,
    in_force: Option<&str>,
) -> SettingsState {
    match &declared.permitted {
        Ok(()) => {}
        Err(SettingsRefusal::NotAllowed) => {
            return SettingsState::Refused(
                "The connection does not allow settings to be sent: try them on a cloned plan first, then set \
                 planSettings: Allowed on the connection. Everything else of this plan goes on."
                    .to_owned(),
            );
        }
        Err(SettingsRefusal::Unusable(why)) => {
            return SettingsState::Refused(ended(why.clone()));
        }
    }
    let shown = listed.and_then(|plan| plan.include_metadata);
    let agrees = declared
        .include_metadata
        .is_none_or(|wanted| shown.is_none_or(|shown| shown == wanted));
    let visible = declared.include_metadata.is_some() && shown.is_some();
    if in_force == Some(declared.digest.as_str()) {
        return if agrees {
            SettingsState::AsSent
        } else {
            SettingsState::ChangedByOthers
        };
    }
    let nothing_to_change = declared.parameters.is_empty()
        && (declared.include_metadata.is_none() || visible)
        && agrees;
    if nothing_to_change {
        SettingsState::AsSent
    } else {
        SettingsState::Due
    }
}

/// Which claims set which plans, in the order of age.
#[derive(Debug, Default)]
pub(super) struct SettingsClaims(BTreeMap<PlanId, Vec<(Rank, String)>>);

impl SettingsClaims {
    pub(super) fn gather(claims: &[&Claim], named: &[Named<'_>]) -> Self {
        let mut plans: BTreeMap<PlanId, Vec<(Rank, String)>> = BTreeMap::new();
        for (rank, (claim, named)) in (0..).zip(claims.iter().zip(named)) {
            let Wants::Plan(wants) = &claim.wants else {
                continue;
            };
            let contends = claim.takes_part() && claim.life == Life::Living;
            let Some(settings) = wants
                .settings
                .as_ref()
                .filter(|settings| contends && settings.permitted.is_ok())
            else {
                continue;
            };
            if let Some(plan) = named
                .plans
                .first()
                .and_then(|(_, resolution)| resolution.found())
            {
                plans
                    .entry(plan)
                    .or_default()
                    .push((rank, settings.digest.clone()));
            }
        }
        Self(plans)
    }

    /// The oldest claim on the plan, where it declares others than these: whoever declares them is younger.
    pub(super) fn older_with_other(&self, plan: PlanId, digest: &str) -> Option<Rank> {
        let (oldest, theirs) = self.0.get(&plan)?.first()?;
        (theirs != digest).then_some(*oldest)
    }
}
