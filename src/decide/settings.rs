//! When a plan's settings are sent: once for each declaration, never on a timer, never a write that changes nothing.

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;

use super::{
    Claim, ClaimKind, Elsewhere, Hold, Settings, SettingsRefusal, elsewhere, named::Named,
    namers::Rank,
};
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

/// Judges the settings of one claim. `listed` is the plan as it is shown, and `in_force` the digest of what it was given last, if that is
/// known.
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

/// Who sets which plan: of all that do, the oldest.
#[derive(Debug, Default)]
pub(super) struct SettingsClaims<'a> {
    oldest: BTreeMap<PlanId, (Age<'a>, By, &'a str)>,
    /// Those elsewhere that may mean any plan, the oldest first.
    awaited: Vec<(Age<'a>, u32, &'a str)>,
}

type Age<'a> = (Timestamp, &'a str, &'a str, ClaimKind);

/// Whose settings they are.
#[derive(Clone, Copy, Debug)]
enum By {
    /// Those of a claim on this organization, by its rank.
    Own(Rank),
    /// Those of one on another organization, by its place among these.
    Elsewhere(u32),
}

impl<'a> SettingsClaims<'a> {
    pub(super) fn gather(
        claims: &[&'a Claim],
        named: &[Named<'_>],
        elsewhere: &'a Elsewhere,
    ) -> Self {
        let mut gathered = Self::default();
        for (rank, (claim, named)) in (0..).zip(claims.iter().zip(named)) {
            let settings = elsewhere::contending(claim);
            let plan = named.plans.first().and_then(|(_, plan)| plan.found());
            if let Some((settings, plan)) = settings.zip(plan) {
                gathered.add(plan, (claim.age(), By::Own(rank), &settings.digest));
            }
        }
        for (place, setter) in elsewhere.contenders() {
            let (age, digest) = (setter.age(), setter.digest.as_str());
            match setter.plan {
                Some(plan) => gathered.add(plan, (age, By::Elsewhere(place), digest)),
                None => gathered.awaited.push((age, place, digest)),
            }
        }
        gathered
    }

    fn add(&mut self, plan: PlanId, setter: (Age<'a>, By, &'a str)) {
        let oldest = self.oldest.entry(plan).or_insert(setter);
        if setter.0 < oldest.0 {
            *oldest = setter;
        }
    }

    /// What holds back these settings: an older claim that declares others for the plan.
    pub(super) fn older_with_other(&self, plan: PlanId, digest: &str) -> Option<Hold> {
        let (_, by, theirs) = self.oldest.get(&plan)?;
        (*theirs != digest).then_some(match by {
            By::Own(rank) => Hold::Conflict(*rank),
            By::Elsewhere(place) => Hold::SetElsewhere(*place),
        })
    }

    /// What holds back settings until it is known which plan an older claim on another organization means.
    pub(super) fn awaited(&self, plan: PlanId, digest: &str) -> Option<Hold> {
        let (oldest, ..) = self.oldest.get(&plan)?;
        let mut awaited = self.awaited.iter();
        let (_, place, _) = awaited.find(|(age, _, theirs)| age < oldest && *theirs != digest)?;
        Some(Hold::MayBeSetElsewhere(*place))
    }
}
