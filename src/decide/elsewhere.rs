//! What is set on plans for other organizations. A plan may serve several, and has its settings once: who declares them is judged across
//! all of them.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::jiff::Timestamp;

use super::{Claim, ClaimKey, ClaimKind, Input, Life, Settings, Wants, Writes, named::Named};
use crate::inventory::PlanId;

/// The settings that one claim declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setter {
    /// Which resource it is.
    pub key: ClaimKey,
    /// Its uid.
    pub uid: Arc<str>,
    /// When it was created: the older keeps what is in dispute.
    pub created: Timestamp,
    /// The plan. `None`: which one it means is not known yet.
    pub plan: Option<PlanId>,
    /// A digest of what is declared.
    pub digest: String,
    /// Whether its status says that this was sent.
    pub said_sent: bool,
}

impl Setter {
    /// The settings that the claim declares for that plan.
    pub fn of(claim: &Claim, plan: Option<PlanId>) -> Option<Self> {
        let settings = contending(claim)?;
        let remembered = claim.remembered.settings_sent.as_ref();
        Some(Self {
            key: claim.key.clone(),
            uid: Arc::clone(&claim.uid),
            created: claim.created,
            plan,
            digest: settings.digest.clone(),
            said_sent: remembered == Some(&settings.digest),
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

/// The settings for which a claim contends.
pub(super) fn contending(claim: &Claim) -> Option<&Settings> {
    let Wants::Plan(wants) = &claim.wants else {
        return None;
    };
    let contends = claim.takes_part() && claim.life == Life::Living;
    let settings = wants.settings.as_ref();
    settings.filter(|settings| contends && settings.permitted.is_ok())
}

/// What is known of the settings of plans beyond one organization.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// The oldest first.
    setters: Vec<Setter>,
    sent: BTreeMap<PlanId, Option<String>>,
}

impl Elsewhere {
    /// What is declared for other organizations, in any order; and, of the plans to which settings were sent last for another one, the
    /// digest of these: `None` after an answer that was lost.
    pub fn new(mut setters: Vec<Setter>, sent: BTreeMap<PlanId, Option<String>>) -> Self {
        setters.sort_by(|a, b| a.age().cmp(&b.age()));
        Self { setters, sent }
    }

    /// In the order of age, with their places in it.
    pub fn setters(&self) -> impl Iterator<Item = (u32, &Setter)> {
        (0..).zip(&self.setters)
    }

    /// The one at that place in the order of age.
    pub(super) fn setter(&self, place: u32) -> Option<&Setter> {
        self.setters.get(usize::try_from(place).ok()?)
    }

    /// Whether settings were sent to the plan last for another organization.
    pub(super) fn sent_last(&self, plan: PlanId) -> bool {
        self.sent.contains_key(&plan)
    }

    /// The digest of those; `None` if it is not known which are in force.
    pub(super) fn in_force(&self, plan: PlanId) -> Option<&str> {
        self.sent.get(&plan)?.as_deref()
    }

    /// Whether a status says that others were sent to the plan than these.
    pub(super) fn says_others_were_sent(&self, plan: PlanId, digest: &str) -> bool {
        let mut setters = self.setters.iter();
        setters
            .any(|setter| setter.plan == Some(plan) && setter.said_sent && setter.digest != digest)
    }
}

/// What the organization's own claims set on plans. One that is not listed at the moment is set by whoever set it before.
pub(super) fn setters(input: &Input<'_>, claims: &[&Claim], named: &[Named<'_>]) -> Vec<Setter> {
    match input.organization.writes {
        Writes::All | Writes::Paused => {}
        // They contend for nothing.
        Writes::Observe | Writes::Conflict(_) => return Vec::new(),
    }
    let all = claims.iter().zip(named);
    let setters = all.filter_map(|(claim, named)| {
        let found = named.plans.first().and_then(|(_, plan)| plan.found());
        let plan = found.or(claim.remembered.plan)?;
        Setter::of(claim, Some(plan))
    });
    setters.collect()
}
