//! What one process keeps of an organization between its passes.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{super::status::LastStatus, choose::Meant, spoken::Spoken};
use crate::{
    api::{Coverage, XoperoOrganization, XoperoOrganizationStatus},
    decide::{Claim, Ledger, Memory, Synchronization, Trouble},
    inventory::{
        Inventory, Names, OrganizationId,
        trust::{Asked, Baseline, Doubt},
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
    /// The same with what tells it from others. It stays where none is found.
    pub(super) meant: Meant,
    pub(super) inventory: Option<Inventory>,
    pub(super) doubt: Option<Doubt>,
    pub(super) baseline: Baseline,
    pub(super) memory: Memory,
    pub(super) ledger: Ledger,
    pub(super) synchronization: Synchronization,
    /// What the status said last, ours or restored: the store may be behind.
    pub(super) said: LastStatus<XoperoOrganizationStatus>,
    pub(super) spoken_of: Option<Spoken>,
    pub(super) listings: u64,
    pub(super) listed_at: Option<Instant>,
    /// When the last whole listing began: what was done since may not be in it.
    pub(super) listing_began: Option<Instant>,
    /// When an answer made the listing doubtful, and everything was listed anew for that.
    pub(super) doubted_at: Option<Instant>,
    pub(super) begun_at: Option<Instant>,
    pub(super) trouble: Option<Trouble>,
    /// Whether Xopero ONE could not be read when it was tried last.
    pub(super) unread: bool,
    /// What went wrong with a write whose answer was lost, while one is waited for.
    pub(super) unconfirmed: Option<Trouble>,
    pub(super) failures: u32,
    pub(super) retry_at: Option<Instant>,
    /// The connection and which of its clients failed or served last.
    pub(super) client: Option<(Arc<str>, u64)>,
    /// How much of the interval is waited for this time: ten per cent more or less, so that organizations do not all come at once.
    pub(super) jitter: f64,
    /// The last `reconcile-requested-at` of a claim or of the organization that was taken up, by uid.
    pub(super) requests: BTreeMap<Arc<str>, String>,
    /// Whether a person asked for a look that has not ended well yet.
    pub(super) asked: Asked,
    /// Who needed the organization when the pass began; `None`: not known.
    pub(super) needed_by: Option<Vec<String>>,
    /// The set of held removals that was logged, so that it is logged once.
    pub(super) logged: BTreeSet<String>,
}

impl State {
    pub(super) fn of(resource: &XoperoOrganization, uid: &Arc<str>) -> Self {
        let status = resource.status.clone().unwrap_or_default();
        Self {
            uid: Arc::clone(uid),
            instance: None,
            id: None,
            meant: Meant::default(),
            inventory: None,
            doubt: None,
            baseline: Baseline::default(),
            memory: Memory::default(),
            ledger: status
                .removals
                .as_ref()
                .map(Ledger::from)
                .unwrap_or_default(),
            synchronization: Synchronization::default(),
            said: LastStatus::found(status),
            spoken_of: None,
            listings: 0,
            listed_at: None,
            listing_began: None,
            doubted_at: None,
            begun_at: None,
            trouble: None,
            unread: false,
            unconfirmed: None,
            failures: 0,
            retry_at: None,
            client: None,
            jitter: 1.0,
            requests: BTreeMap::new(),
            asked: Asked::No,
            needed_by: None,
            logged: BTreeSet::new(),
        }
    }

    /// Drops what was known of another organization or instance; `found` is the one that is meant now. What was removed and approved
    /// still counts. The names that status keeps are those of the organization that it names.
    pub(super) fn forget_organization(&mut self, found: Option<OrganizationId>) {
        self.id = found;
        self.inventory = None;
        self.doubt = None;
        self.baseline = Baseline::default();
        let recorded = self.said.status.organization_id.as_deref();
        self.memory = match found {
            Some(id) if recorded == Some(&id.to_string()) => begun(&self.said.status),
            Some(_) | None => Memory::default(),
        };
        self.unconfirmed = None;
        self.synchronization = Synchronization::default();
        self.listed_at = None;
    }

    /// What status says of the repositories of this organization, and not of another one that it named before.
    pub(super) fn coverage(&self) -> Option<Coverage> {
        let status = &self.said.status;
        let id = self.id?.to_string();
        status
            .coverage
            .filter(|_| status.organization_id.as_ref() == Some(&id))
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

    /// Forgets the requests of claims that are gone.
    pub(super) fn keep_requests_of(&mut self, claims: &[Claim]) {
        let there: BTreeSet<&Arc<str>> = claims.iter().map(|claim| &claim.uid).collect();
        let own = &self.uid;
        self.requests
            .retain(|uid, _| uid == own || there.contains(uid));
    }

    /// Notes which client is used from now on. What failed with another, for example with a password that was wrong, is tried at once.
    pub(super) fn note_client(&mut self, connection: &Arc<str>, generation: u64) {
        let client = Some((Arc::clone(connection), generation));
        if self.client != client {
            self.retry_at = None;
        }
        self.client = client;
    }

    /// Notes that Xopero ONE can be read. Whether it takes writes is not known by that.
    pub(super) fn answered(&mut self) {
        self.unread = false;
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

    /// Notes an answer by which the listing may be out of date: everything is listed anew at once, for this reason once in an `interval`.
    pub(super) fn doubt_listing(&mut self, interval: Duration) {
        let is_new = |at: Instant| at.elapsed() >= interval;
        if self.doubted_at.is_none_or(is_new) {
            self.doubted_at = Some(Instant::now());
            self.listed_at = None;
        }
    }

    /// How long until everything is to be listed again.
    pub(super) fn until_listing(&self, interval: Duration) -> Duration {
        let due = interval.mul_f64(self.jitter);
        self.listed_at
            .map_or(Duration::ZERO, |at| due.saturating_sub(at.elapsed()))
    }
}

/// What one process knows of another: the names in status.
fn begun(status: &XoperoOrganizationStatus) -> Memory {
    let inventory = status.inventory.as_ref();
    let names = inventory.and_then(|inventory| inventory.names.as_deref());
    Memory::begun(names.and_then(Names::parse))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixtures::repository_claim;

    #[test]
    fn what_failed_with_one_client_is_tried_at_once_with_the_next() {
        let mut state = State::of(&organization(), &"own".into());
        let (first, second): (Arc<str>, Arc<str>) = ("first".into(), "second".into());
        let trouble = || Trouble {
            reason: crate::api::Reason::ApiUnavailable,
            message: String::new(),
        };
        let hour = Duration::from_hours(1);
        for (connection, generation, waits) in [
            (&first, 1, true),
            (&first, 1, true),
            (&first, 2, false),
            (&second, 2, false),
        ] {
            if state.client.is_none() {
                state.note_client(connection, generation);
            }
            state.fail(trouble(), Some(hour), hour);
            state.note_client(connection, generation);
            assert_eq!(state.retry_at.is_some(), waits, "{connection} {generation}");
        }
    }

    fn organization() -> XoperoOrganization {
        serde_json::from_value(serde_json::json!({
            "metadata": { "name": "acme", "namespace": "backup" },
            "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
        }))
        .unwrap()
    }

    /// The connection may lead to another Xopero ONE since, or its name to another organization.
    #[test]
    fn the_counts_of_another_organization_count_for_nothing() {
        let id = OrganizationId::numbered;
        let mut state = State::of(&organization(), &"own".into());
        state.said.status.organization_id = Some(id(1).to_string());
        state.said.status.coverage = Some(Coverage::default());
        for (meant, counts) in [(Some(id(1)), true), (Some(id(2)), false), (None, false)] {
            state.id = meant;
            assert_eq!(state.coverage().is_some(), counts, "{meant:?}");
        }
    }

    #[test]
    fn a_request_is_forgotten_with_its_claim_and_never_the_own() {
        let own: Arc<str> = "own".into();
        let mut state = State::of(&organization(), &own);
        let there = repository_claim("api");
        for uid in [&own, &there.uid, &"gone".into()] {
            state.requests.insert(Arc::clone(uid), "now".to_owned());
        }
        state.keep_requests_of(std::slice::from_ref(&there));
        let kept: BTreeSet<Arc<str>> = state.requests.into_keys().collect();
        assert_eq!(kept, [own, there.uid].into());
    }
}
