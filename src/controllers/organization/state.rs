//! What one process keeps of an organization between its passes.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};

use k8s_openapi::jiff::Timestamp;

use super::super::status::LastStatus;
use crate::{
    api::{
        ApprovedRemovals, RemovalRecord, RemovalsStatus, XoperoOrganization,
        XoperoOrganizationStatus, whole_seconds,
    },
    decide::{Approval, Ledger, Memory, Trouble},
    inventory::{
        Inventory, OrganizationId,
        trust::{Baseline, Doubt},
    },
};

/// The longest wait after failures in a row.
const LONGEST_BACKOFF: Duration = Duration::from_mins(5);
/// The first wait after a failure; it doubles.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);

/// What one process keeps of an organization.
#[derive(Debug)]
pub(super) struct State {
    /// The resource; one of the same name made anew starts anew.
    pub(super) uid: Arc<str>,
    /// Which instance it was read from: another address drops what is known.
    pub(super) instance: Option<Arc<str>>,
    pub(super) id: Option<OrganizationId>,
    pub(super) inventory: Option<Inventory>,
    pub(super) doubt: Option<Doubt>,
    pub(super) baseline: Baseline,
    pub(super) memory: Memory,
    pub(super) ledger: Ledger,
    /// What the status said last, ours or restored: the store may be behind.
    pub(super) said: LastStatus<XoperoOrganizationStatus>,
    pub(super) listings: u64,
    pub(super) listed_at: Option<Instant>,
    pub(super) begun_at: Option<Instant>,
    pub(super) trouble: Option<Trouble>,
    pub(super) failures: u32,
    pub(super) retry_at: Option<Instant>,
    /// How much of the interval is waited for this time: ten per cent more or less, so that organizations do not all come at once.
    pub(super) jitter: f64,
    /// The last `reconcile-requested-at` of a claim or of the organization that was taken up, by uid.
    pub(super) requests: std::collections::BTreeMap<Arc<str>, String>,
    /// The set of held removals that was logged, so that it is logged once.
    pub(super) logged: std::collections::BTreeSet<String>,
}

impl State {
    pub(super) fn of(resource: &XoperoOrganization, uid: &Arc<str>) -> Self {
        let status = resource.status.clone().unwrap_or_default();
        Self {
            uid: Arc::clone(uid),
            instance: None,
            id: None,
            inventory: None,
            doubt: None,
            baseline: Baseline::default(),
            memory: Memory::default(),
            ledger: restored(status.removals.as_ref()),
            said: LastStatus {
                status,
                written_at: None,
            },
            listings: 0,
            listed_at: None,
            begun_at: None,
            trouble: None,
            failures: 0,
            retry_at: None,
            jitter: 1.0,
            requests: std::collections::BTreeMap::new(),
            logged: std::collections::BTreeSet::new(),
        }
    }

    /// Drops what was known of another organization or instance. What was removed and approved still counts.
    pub(super) fn forget_organization(&mut self) {
        self.id = None;
        self.inventory = None;
        self.doubt = None;
        self.baseline = Baseline::default();
        self.memory = Memory::default();
        self.listed_at = None;
    }

    /// Notes a failure; the next attempt waits as long as the server asked for, or else at growing intervals, but never longer than
    /// the `interval` at which the organization is looked at anyway.
    pub(super) fn fail(
        &mut self,
        trouble: Trouble,
        retry_after: Option<Duration>,
        interval: Duration,
    ) {
        self.failures = self.failures.saturating_add(1);
        self.trouble = Some(trouble);
        let doubled = 1_u32
            .checked_shl((self.failures - 1).min(16))
            .unwrap_or(u32::MAX);
        let wait = FIRST_BACKOFF
            .saturating_mul(doubled)
            .min(LONGEST_BACKOFF)
            .min(interval);
        self.retry_at = Instant::now().checked_add(retry_after.unwrap_or(wait).max(FIRST_BACKOFF));
    }

    /// Notes that Xopero ONE can be read. Whether it takes writes is not known by that.
    pub(super) fn answered(&mut self) {
        self.trouble = None;
        self.retry_at = None;
    }

    /// Notes that Xopero ONE answered all there was to ask.
    pub(super) fn recover(&mut self) {
        self.failures = 0;
        self.trouble = None;
        self.retry_at = None;
    }

    /// How long until the next attempt after a failure.
    pub(super) fn until_retry(&self) -> Duration {
        self.retry_at.map_or(FIRST_BACKOFF, |at| {
            at.saturating_duration_since(Instant::now())
        })
    }

    /// Notes that everything was listed just now.
    pub(super) fn note_listed(&mut self) {
        self.listed_at = Some(Instant::now());
        let random = RandomState::new().build_hasher().finish() % 2_001;
        self.jitter = 0.9 + f64::from(u32::try_from(random).unwrap_or_default()) / 10_000.0;
    }

    /// How long until everything is to be listed again.
    pub(super) fn until_listing(&self, interval: Duration) -> Duration {
        let due = interval.mul_f64(self.jitter);
        self.listed_at
            .map_or(Duration::ZERO, |at| due.saturating_sub(at.elapsed()))
    }
}

fn restored(removals: Option<&RemovalsStatus>) -> Ledger {
    let Some(removals) = removals else {
        return Ledger::default();
    };
    let records = removals
        .in_the_last_hour
        .iter()
        .map(|record| {
            (
                record.at.0,
                usize::try_from(record.count).unwrap_or_default(),
            )
        })
        .collect();
    let approvals = removals
        .approved
        .iter()
        .map(|approved| Approval {
            claim: approved.uid.clone(),
            rest: approved.rest.clone(),
            step: approved.step.clone(),
        })
        .collect();
    let used = u64::try_from(removals.approvals_used).unwrap_or_default();
    Ledger::restore(records, used, removals.used_tokens.clone(), approvals)
}

/// The ledger as status keeps it; the removals that are held are added by the report.
pub(super) fn recorded(ledger: &Ledger) -> RemovalsStatus {
    RemovalsStatus {
        in_the_last_hour: ledger
            .records()
            .iter()
            .map(|(at, count)| RemovalRecord {
                at: whole_seconds(rounded_up(*at)),
                count: i64::try_from(*count).unwrap_or(i64::MAX),
            })
            .collect(),
        approvals_used: i64::try_from(ledger.approvals_used()).unwrap_or(i64::MAX),
        used_tokens: ledger.used_tokens().to_vec(),
        held: Vec::new(),
        approved: ledger
            .approvals()
            .iter()
            .map(|approval| ApprovedRemovals {
                uid: approval.claim.clone(),
                rest: approval.rest.clone(),
                step: approval.step.clone(),
            })
            .collect(),
    }
}

/// Status keeps whole seconds; a record must not leave the hour early because of it.
fn rounded_up(at: Timestamp) -> Timestamp {
    if at.subsec_nanosecond() == 0 {
        return at;
    }
    Timestamp::from_second(at.as_second().saturating_add(1)).unwrap_or(at)
}
