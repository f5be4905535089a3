//! What the account may not do: it is not asked for again for a day.
//!
//! Where a call names an organization, that organization alone is refused: what the account may not see of one says nothing of the
//! others, whichever of them is asked for first.

use std::{collections::BTreeMap, time::SystemTime};

use super::REFUSAL;
use crate::xopero::{ids::OrganizationId, wire::Endpoint};

/// What a call is made to, as far as it can be refused to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::xopero) struct Target {
    pub(in crate::xopero) endpoint: Endpoint,
    /// Of which organization; `None`: of whatever it is called for.
    pub(in crate::xopero) organization: Option<OrganizationId>,
}

/// What the account may not do, and when it was told so with a fresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The endpoint that it may not call.
    pub endpoint: Endpoint,
    /// For which organization; `None`: at all.
    pub organization: Option<OrganizationId>,
    /// Since when.
    pub since: SystemTime,
}

/// All that was refused.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    since: BTreeMap<Target, SystemTime>,
    /// Where a fresh token was answered with 401 for one organization: the number of that token.
    blamed: BTreeMap<Endpoint, u64>,
}

impl Refusals {
    /// What is known from before.
    pub(super) fn remembered(refused: Vec<Refusal>) -> Self {
        let since = refused.into_iter().map(|refusal| {
            // No `..`: what is remembered must not be forgotten.
            let Refusal {
                endpoint,
                organization,
                since,
            } = refusal;
            let target = Target {
                endpoint,
                organization,
            };
            (target, since)
        });
        Self {
            since: since.collect(),
            blamed: BTreeMap::new(),
        }
    }

    /// What is refused at this time, in a fixed order.
    pub(super) fn at(&self, now: SystemTime) -> Vec<Refusal> {
        let recent = self
            .since
            .iter()
            .filter(|(_, since)| is_recent(**since, now));
        recent
            .map(|(target, since)| Refusal {
                endpoint: target.endpoint,
                organization: target.organization,
                since: *since,
            })
            .collect()
    }

    pub(super) fn note(&mut self, target: Target, now: SystemTime) {
        self.since.insert(target, now);
    }

    /// Whether it is refused at this time, for its organization or at all.
    pub(super) fn holds(&self, target: Target, now: SystemTime) -> bool {
        let at_all = Target {
            organization: None,
            ..target
        };
        [target, at_all]
            .iter()
            .filter_map(|target| self.since.get(target))
            .any(|since| is_recent(*since, now))
    }

    /// The token of `generation` was given a moment ago, and one organization was answered with 401 all the same.
    pub(super) fn note_blamed(&mut self, endpoint: Endpoint, generation: u64) {
        self.blamed.insert(endpoint, generation);
    }

    pub(super) fn is_blamed(&self, endpoint: Endpoint, generation: u64) -> bool {
        self.blamed.get(&endpoint) == Some(&generation)
    }
}

/// Whether `since` is less than a day from `now`; a clock that was set back must not make a day last for ever.
fn is_recent(since: SystemTime, now: SystemTime) -> bool {
    let apart = now
        .duration_since(since)
        .unwrap_or_else(|ahead| ahead.duration());
    apart < REFUSAL
}
