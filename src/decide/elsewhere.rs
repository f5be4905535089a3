//! What is set on plans for other organizations. A plan may serve several, and has its settings once: who declares them is judged across
//! all of them.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::jiff::Timestamp;

use super::{
    Claim, ClaimKey, ClaimKind, Hold, Input, Life, Settings, Standing, Wants, Writes,
    assess::Assessment, missing, named::Named, resolve::Resolution,
};
use crate::inventory::PlanId;

/// The settings that one claim declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setter {
    /// Which resource it is.
    pub key: ClaimKey,
    /// Its uid.
    pub uid: Arc<str>,
    /// The generation that this was read from.
    pub generation: i64,
    /// When it was created: the older keeps what is in dispute.
    pub created: Timestamp,
    /// The resource of the organization that it is on.
    pub organization: ClaimKey,
    /// The plan. `None`: which one it means is not known yet.
    pub plan: Option<PlanId>,
    /// A digest of what is declared.
    pub digest: String,
    /// The digest of what was sent for it, by its status.
    pub sent: Option<String>,
    /// Whether it contends: not where nothing may be sent for it.
    pub contends: bool,
}

impl Setter {
    /// What a living claim declares for that plan, on this organization.
    pub fn of(claim: &Claim, organization: &ClaimKey, plan: Option<PlanId>) -> Option<Self> {
        let Wants::Plan(wants) = &claim.wants else {
            return None;
        };
        let settings = wants.settings.as_ref()?;
        (claim.life == Life::Living).then(|| Self {
            key: claim.key.clone(),
            uid: Arc::clone(&claim.uid),
            generation: claim.generation,
            created: claim.created,
            organization: organization.clone(),
            plan,
            digest: settings.digest.clone(),
            sent: claim.remembered.settings_sent.clone(),
            contends: contending(claim).is_some(),
        })
    }

    /// The order of age, as among claims.
    pub(super) fn age(&self) -> (Timestamp, &str, &str, ClaimKind) {
        let ClaimKey {
            kind,
            namespace,
            name,
        } = &self.key;
        (self.created, namespace, name, *kind)
    }
}

/// The settings for which a claim contends. One that is not carried out at the moment may be in a moment: what was sent for it stays.
pub(super) fn contending(claim: &Claim) -> Option<&Settings> {
    let Wants::Plan(wants) = &claim.wants else {
        return None;
    };
    let counts = match claim.standing {
        Standing::Accepted => true,
        Standing::Unreadable { .. } | Standing::NotKnownToBeAllowed { .. } => {
            claim.remembered.settings_sent.is_some()
        }
        Standing::Refused { .. } | Standing::NotAllowed { .. } | Standing::Beside => false,
    };
    let settings = wants.settings.as_ref();
    settings.filter(|settings| counts && claim.life == Life::Living && settings.permitted.is_ok())
}

/// What is known of the settings of plans beyond one organization.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// The oldest first.
    setters: Vec<Setter>,
    sent: BTreeMap<PlanId, SentElsewhere>,
}

/// Settings that were sent to a plan for another organization, and nothing since for this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentElsewhere {
    /// Their digest; `None` after an answer that was lost.
    pub digest: Option<String>,
    /// Whether everything was listed since.
    pub listed_since: bool,
}

impl Elsewhere {
    /// What is declared for other organizations, in any order; and the plans to which settings were sent last for one of them.
    pub fn new(mut setters: Vec<Setter>, sent: BTreeMap<PlanId, SentElsewhere>) -> Self {
        setters.sort_by(|a, b| a.age().cmp(&b.age()));
        Self { setters, sent }
    }

    /// Those who contend, in the order of age, with their places in it.
    pub fn contenders(&self) -> impl Iterator<Item = (u32, &Setter)> {
        (0..)
            .zip(&self.setters)
            .filter(|(_, setter)| setter.contends)
    }

    /// The one at that place in the order of age.
    pub(super) fn setter(&self, place: u32) -> Option<&Setter> {
        self.setters.get(usize::try_from(place).ok()?)
    }

    /// What was sent to the plan last, where that was for another organization.
    pub(super) fn sent_last(&self, plan: PlanId) -> Option<&SentElsewhere> {
        self.sent.get(&plan)
    }

    /// Whether a status says that others were sent to the plan than these.
    pub(super) fn says_others_were_sent(&self, plan: PlanId, digest: &str) -> bool {
        let mut setters = self.setters.iter();
        setters.any(|setter| {
            let others = |sent: &String| sent != digest;
            setter.plan == Some(plan) && setter.sent.as_ref().is_some_and(others)
        })
    }
}

/// Whether settings are held back for what is declared on other organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldElsewhere {
    /// They are not.
    No,
    /// An older claim there sets the plan.
    IsSet,
    /// An older claim there may set it, as far as is known.
    MayBeSet,
}

impl HeldElsewhere {
    pub(super) fn of(assessments: &[Assessment]) -> Self {
        let dues = assessments.iter().flat_map(|assessment| &assessment.dues);
        let held = dues.map(|due| {
            if matches!(due.hold, Some(Hold::MayBeSetElsewhere(_))) {
                Self::MayBeSet
            } else if matches!(due.hold, Some(Hold::SetElsewhere(_))) {
                Self::IsSet
            } else {
                Self::No
            }
        });
        held.max().unwrap_or(Self::No)
    }
}

/// What the organization's own claims set on plans.
pub(super) fn setters(input: &Input<'_>, claims: &[&Claim], named: &[Named<'_>]) -> Vec<Setter> {
    let contends = match input.organization.writes {
        Writes::All | Writes::Paused => true,
        Writes::Observe | Writes::Conflict(_) => false,
    };
    let all = claims.iter().zip(named);
    // What is on another resource of the organization is told of that one.
    let all = all.filter(|(claim, _)| claim.standing != Standing::Beside);
    let setters = all.filter_map(|(claim, named)| {
        let plan = named.plans.first().map(|(_, plan)| plan)?;
        let meant = plan.found().or(claim.remembered.plan)?;
        let setter = Setter::of(claim, &input.organization.key, Some(meant))?;
        let is_meant = plan.found().is_some() || may_be_in_force(input, claim, (named, plan));
        let contends = setter.contends && contends && is_meant;
        Some(Setter { contends, ..setter })
    });
    setters.collect()
}

/// Whether what was sent may be in force in a plan that is not listed. One listing that misses it is no proof that it is gone.
fn may_be_in_force(
    input: &Input<'_>,
    claim: &Claim,
    (named, plan): (&Named<'_>, &Resolution<PlanId>),
) -> bool {
    let is_gone = input.distrust().is_none()
        && input.inventory.lists_all_plans()
        && !missing::may_come_back(input, claim, named);
    plan.is_missing() && claim.takes_part() && claim.remembered.settings_sent.is_some() && !is_gone
}
