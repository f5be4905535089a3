//! What was removed in the last hour and which approvals were used. Written to status before anything is sent, so that a
//! crash costs one step at most and nothing is approved twice.

mod status;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{Change, Sent, digest::digest};

/// The window in which removals are counted.
const WINDOW: SignedDuration = SignedDuration::from_mins(60);
/// Steps of one minute by the clock are kept as one record, so that an hour takes 61 records at most.
const RECORD_SECONDS: i64 = 60;
/// How many used tokens are remembered. One that is forgotten cannot match again: it counts the approvals before it.
const USED_TOKENS: usize = 20;

/// An approved set that is being carried out, as far as status remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The uid of the claim whose removals were approved.
    pub claim: String,
    /// A digest of what is left once the step is done.
    pub rest: String,
    /// The changes of the step that was about to be sent: any part of them may have been applied.
    pub step: Vec<String>,
}

/// Removals and approvals of one organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    records: Vec<(Timestamp, usize)>,
    approvals_used: u64,
    used_tokens: Vec<String>,
    approvals: Vec<Approval>,
}

impl Ledger {
    /// How many removals count against the limit now.
    pub fn used(&self, now: Timestamp) -> usize {
        self.records
            .iter()
            .filter(|(at, _)| is_within(*at, now))
            .map(|(_, count)| count)
            .sum()
    }

    /// When the oldest record leaves the window: removals that were paced may go on then.
    pub fn next_release(&self, now: Timestamp) -> Option<Timestamp> {
        self.records
            .iter()
            .find(|(at, _)| is_within(*at, now))
            .and_then(|(at, _)| at.checked_add(WINDOW).ok())
    }

    /// Forgets what has left the window. What was counted by a clock that was far ahead was made by now, and counts for an hour from now.
    pub fn prune(&mut self, now: Timestamp) {
        for (at, _) in &mut self.records {
            if at.duration_since(now) > WINDOW {
                *at = now;
            }
        }
        self.records.retain(|(at, _)| is_within(*at, now));
    }

    /// Counts a step that is about to be sent.
    pub fn record(&mut self, now: Timestamp, count: usize) {
        self.prune(now);
        if count == 0 {
            return;
        }
        match self.records.last_mut() {
            // The later time stays, so that the whole minute counts until its last removal is an hour old.
            Some((at, sum)) if minute(*at) == minute(now) => {
                *at = now.max(*at);
                *sum += count;
            }
            Some(_) | None => self.records.push((now, count)),
        }
    }

    /// Counts as its own what another resource of the organization has counted.
    pub fn take_over(&mut self, other: &Self) {
        let counted = other
            .records
            .iter()
            .filter(|record| !self.records.contains(record));
        let counted: Vec<_> = counted.copied().collect();
        self.records.extend(counted);
        self.records.sort_unstable();
    }

    /// Takes back a step that a token let through and of which nothing was sent: the token counts again for as long as it stands.
    pub(super) fn give_back(&mut self, claim: &str, token: &String) {
        if self.used_tokens.last() == Some(token) {
            self.used_tokens.pop();
            self.approvals_used = self.approvals_used.saturating_sub(1);
        }
        self.approvals.retain(|approval| approval.claim != claim);
    }

    /// Takes back what was counted last and was not made. A crash before leaves it counted.
    pub(super) fn take_back(&mut self, count: usize) {
        if let Some((_, sum)) = self.records.last_mut() {
            *sum = sum.saturating_sub(count);
        }
        self.records.retain(|(_, count)| *count > 0);
    }

    /// The token that approves exactly this set, this time, in the organization of this uid. One that is created again has
    /// forgotten which tokens were used, so theirs are others.
    pub fn token(&self, organization: &str, changes: &BTreeSet<Change>) -> String {
        token((organization, self.approvals_used), changes)
    }

    /// The token among `approvals` that lets exactly this set through now. Several may stand in one annotation: each that
    /// is used raises the number that the tokens of the others would be made with from then on, so they are taken as they
    /// were when they stood beside it.
    pub(super) fn approving(
        &self,
        organization: &str,
        changes: &BTreeSet<Change>,
        approvals: &[String],
    ) -> Option<String> {
        if approvals.is_empty() {
            return None;
        }
        let is_used = |token: &String| self.is_used(token);
        let beside = approvals.iter().filter(|token| is_used(token)).count();
        let beside = u64::try_from(beside).unwrap_or(0);
        (self.approvals_used.saturating_sub(beside)..=self.approvals_used)
            .map(|used| token((organization, used), changes))
            .find(|token| approvals.contains(token) && !is_used(token))
    }

    /// Whether a token was used up, as far as is remembered.
    pub(super) fn is_used(&self, token: &String) -> bool {
        self.used_tokens.contains(token)
    }

    /// Uses a token up.
    pub fn use_token(&mut self, token: &str) {
        self.approvals_used += 1;
        self.used_tokens.push(token.to_owned());
        let surplus = self.used_tokens.len().saturating_sub(USED_TOKENS);
        self.used_tokens.drain(..surplus);
    }

    /// Remembers the step of an approved set that is about to be sent, and what is left after it.
    pub fn begin_approved(
        &mut self,
        claim: &str,
        step: &BTreeSet<Change>,
        rest: &BTreeSet<Change>,
    ) {
        self.approvals.retain(|approval| approval.claim != claim);
        self.approvals.push(Approval {
            claim: claim.to_owned(),
            rest: digest(rest),
            step: step.iter().map(ToString::to_string).collect(),
        });
    }

    /// Takes in what became of a change: one that was made is covered by its approval no longer.
    pub fn note_sent(&mut self, change: Change, sent: &Sent) {
        if *sent == Sent::Confirmed {
            let made = change.to_string();
            for approval in &mut self.approvals {
                approval.step.retain(|change| *change != made);
            }
        }
    }

    /// Whether an approved set of the claim is being carried out.
    pub(super) fn is_carrying_out(&self, claim: &str) -> bool {
        self.approvals
            .iter()
            .any(|approval| approval.claim == claim)
    }

    /// Whether what is due is what is left of an approved set, whatever part of the last step was applied.
    pub fn continues(&self, claim: &str, due: &BTreeSet<Change>) -> bool {
        self.approvals
            .iter()
            .filter(|approval| approval.claim == claim)
            .any(|approval| {
                let rest: BTreeSet<Change> = due
                    .iter()
                    .copied()
                    .filter(|change| !approval.step.contains(&change.to_string()))
                    .collect();
                digest(&rest) == approval.rest
            })
    }

    /// Forgets the approved sets of claims that have no removal due any more, in whatever state (`Decision::removing`).
    pub fn end_approvals(&mut self, removing: &BTreeMap<Arc<str>, BTreeSet<Change>>) {
        self.approvals
            .retain(|approval| removing.contains_key(approval.claim.as_str()));
    }
}

fn token((organization, approvals_used): (&str, u64), changes: &BTreeSet<Change>) -> String {
    let digest = super::digest_of(&format!(
        "{organization}\n{approvals_used}\n{}",
        digest(changes)
    ));
    format!("{}-{}", changes.len(), digest.get(..6).unwrap_or_default())
}

fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(RECORD_SECONDS)
}

fn is_within(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < WINDOW
}

#[cfg(test)]
impl Ledger {
    /// The removals of the window, newest last.
    pub fn records(&self) -> &[(Timestamp, usize)] {
        &self.records
    }

    /// How many approvals were ever used.
    pub fn approvals_used(&self) -> u64 {
        self.approvals_used
    }

    /// The tokens used last.
    pub fn used_tokens(&self) -> &[String] {
        &self.used_tokens
    }

    /// The approved sets that are being carried out.
    pub fn approvals(&self) -> &[Approval] {
        &self.approvals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixtures::{plan_id, repository_id};

    fn set(names: &[&str]) -> BTreeSet<Change> {
        names
            .iter()
            .map(|name| Change::Detach(plan_id("nightly"), repository_id(name)))
            .collect()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_699_999_980 + seconds).unwrap()
    }

    #[test]
    fn a_removal_counts_for_an_hour() {
        let mut ledger = Ledger::default();
        ledger.record(at(0), 4);
        ledger.record(at(120), 2);
        assert_eq!(ledger.used(at(3_599)), 6);
        assert_eq!(ledger.used(at(3_600)), 2);
        assert_eq!(ledger.used(at(3_720)), 0);
        ledger.record(at(3_720), 1);
        assert_eq!(ledger.records(), [(at(3_720), 1)], "no other is kept");
    }

    #[test]
    fn what_a_clock_counted_that_was_far_ahead_counts_for_an_hour() {
        let mut ledger = Ledger::default();
        ledger.record(at(6 * 3_600), 4);
        ledger.prune(at(0));
        assert_eq!(ledger.used(at(3_599)), 4);
        assert_eq!(ledger.used(at(3_600)), 0);
        // Clocks that are no more than an hour apart may both be right enough.
        let mut ledger = Ledger::default();
        ledger.record(at(3_600), 1);
        ledger.prune(at(0));
        assert_eq!(ledger.records(), [(at(3_600), 1)]);
    }

    #[test]
    fn steps_of_one_minute_count_until_the_last_of_them_is_an_hour_old() {
        let mut ledger = Ledger::default();
        for second in 0..50 {
            ledger.record(at(second), 1);
        }
        assert_eq!(ledger.records().len(), 1);
        assert_eq!(ledger.used(at(3_640)), 50);
    }

    #[test]
    fn what_is_paced_may_go_on_when_the_oldest_that_counts_is_an_hour_old() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.next_release(at(0)), None);
        ledger.record(at(0), 4);
        ledger.record(at(120), 2);
        assert_eq!(ledger.next_release(at(200)), Some(at(3_600)));
        assert_eq!(ledger.next_release(at(3_600)), Some(at(3_720)));
        assert_eq!(ledger.next_release(at(3_720)), None);
    }

    #[test]
    fn what_another_one_removed_before_ends_its_hour_before() {
        let mut earlier = Ledger::default();
        earlier.record(at(0), 4);
        let mut ledger = Ledger::default();
        ledger.record(at(120), 2);
        ledger.take_over(&earlier);
        assert_eq!(ledger.next_release(at(200)), Some(at(3_600)));
    }

    #[test]
    fn what_was_not_sent_is_taken_back() {
        let mut ledger = Ledger::default();
        ledger.record(at(0), 4);
        ledger.record(at(120), 2);
        ledger.take_back(1);
        assert_eq!(ledger.used(at(121)), 5);
        ledger.take_back(1);
        assert_eq!(ledger.records().len(), 1);
    }

    #[test]
    fn a_claim_carries_out_the_set_that_was_approved_last_until_nothing_of_it_is_due() {
        let mut ledger = Ledger::default();
        let nothing = BTreeSet::new();
        ledger.begin_approved("nightly", &set(&["a"]), &set(&["b"]));
        ledger.begin_approved("weekly", &set(&["c"]), &nothing);
        ledger.begin_approved("nightly", &set(&["b"]), &nothing);
        assert_eq!(ledger.approvals().len(), 2, "one a claim");
        assert!(ledger.continues("nightly", &set(&["b"])));
        assert!(!ledger.continues("nightly", &set(&["a", "b"])));
        assert!(ledger.continues("weekly", &set(&["c"])));
        assert!(ledger.is_carrying_out("nightly") && ledger.is_carrying_out("weekly"));
        assert!(!ledger.is_carrying_out("monthly"));
        ledger.end_approvals(&BTreeMap::from([("weekly".into(), set(&["c"]))]));
        assert!(!ledger.is_carrying_out("nightly"));
        assert!(ledger.is_carrying_out("weekly"));
    }

    #[test]
    fn a_token_approves_once() {
        let mut ledger = Ledger::default();
        let token = ledger.token("acme", &set(&["a", "b"]));
        assert!(token.starts_with("2-"), "{token}");
        ledger.use_token(&token);
        assert_ne!(ledger.token("acme", &set(&["a", "b"])), token);
    }

    #[test]
    fn a_token_of_an_organization_that_was_deleted_approves_nothing_in_the_next_of_that_name() {
        let due = set(&["a", "b"]);
        let ledger = Ledger::default();
        let token = ledger.token("the first", &due);
        let approvals = [token.clone()];
        assert_eq!(ledger.approving("the first", &due, &approvals), Some(token));
        assert_eq!(ledger.approving("the second", &due, &approvals), None);
    }

    #[test]
    fn a_token_names_the_exact_set() {
        let ledger = Ledger::default();
        assert_ne!(
            ledger.token("acme", &set(&["a", "b"])),
            ledger.token("acme", &set(&["a", "c"]))
        );
    }

    #[test]
    fn an_approved_set_goes_on_after_a_crash_whatever_part_of_the_step_was_applied() {
        let mut ledger = Ledger::default();
        ledger.begin_approved("uid", &set(&["a", "b"]), &set(&["c", "d"]));
        assert!(ledger.continues("uid", &set(&["a", "b", "c", "d"])));
        assert!(ledger.continues("uid", &set(&["b", "c", "d"])));
        assert!(ledger.continues("uid", &set(&["c", "d"])));
        assert!(
            !ledger.continues("uid", &set(&["c", "d", "e"])),
            "another repository was never approved"
        );
        assert!(!ledger.continues("other", &set(&["c", "d"])));
    }
}
