//! The ledger as the organization's status keeps it: all that a restart knows of removals.

use k8s_openapi::jiff::Timestamp;

use super::{Approval, Ledger};
use crate::api::{ApprovedRemovals, RemovalRecord, RemovalsStatus, whole_seconds};

impl From<&RemovalsStatus> for Ledger {
    fn from(removals: &RemovalsStatus) -> Self {
        // No `..`: what status keeps must not go unread.
        let RemovalsStatus {
            in_the_last_hour,
            approvals_used,
            used_tokens,
            held: _,
            approved,
        } = removals;
        let records = in_the_last_hour.iter().map(|record| {
            let count = usize::try_from(record.count).unwrap_or_default();
            (record.at.0, count)
        });
        let approvals = approved.iter().map(|approved| Approval {
            claim: approved.uid.clone(),
            rest: approved.rest.clone(),
            step: approved.step.clone(),
        });
        Self {
            records: records.collect(),
            approvals_used: u64::try_from(*approvals_used).unwrap_or_default(),
            used_tokens: used_tokens.clone(),
            approvals: approvals.collect(),
        }
    }
}

impl Ledger {
    /// What status is to say of it; the removals that are held are added by the report.
    pub fn recorded(&self) -> RemovalsStatus {
        RemovalsStatus {
            in_the_last_hour: self
                .records
                .iter()
                .map(|(at, count)| RemovalRecord {
                    at: whole_seconds(rounded_up(*at)),
                    count: i64::try_from(*count).unwrap_or(i64::MAX),
                })
                .collect(),
            approvals_used: i64::try_from(self.approvals_used).unwrap_or(i64::MAX),
            used_tokens: self.used_tokens.clone(),
            held: Vec::new(),
            approved: self
                .approvals
                .iter()
                .map(|approval| ApprovedRemovals {
                    uid: approval.claim.clone(),
                    rest: approval.rest.clone(),
                    step: approval.step.clone(),
                })
                .collect(),
        }
    }
}

/// Status keeps whole seconds; a record must not leave the hour early because of it.
fn rounded_up(at: Timestamp) -> Timestamp {
    if at.subsec_nanosecond() == 0 {
        return at;
    }
    Timestamp::from_second(at.as_second().saturating_add(1)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use k8s_openapi::jiff::SignedDuration;

    use super::*;
    use crate::decide::{
        Change,
        fixtures::{at, plan_id, repository_id},
    };

    #[test]
    fn what_status_keeps_is_read_back() {
        let mut ledger = Ledger::default();
        ledger.record(at(0), 3);
        ledger.record(at(90), 2);
        ledger.use_token("2-abcdef");
        let step = BTreeSet::from([Change::Detach(plan_id("nightly"), repository_id("api"))]);
        let rest = BTreeSet::from([Change::Deactivate(repository_id("api"))]);
        ledger.begin_approved("uid", &step, &rest);
        assert_eq!(Ledger::from(&ledger.recorded()), ledger);
    }

    #[test]
    fn a_record_leaves_the_hour_no_earlier_after_a_restart() {
        let mut ledger = Ledger::default();
        let decided = at(0).checked_add(SignedDuration::from_millis(300)).unwrap();
        ledger.record(decided, 3);
        let restored = Ledger::from(&ledger.recorded());
        assert_eq!(restored.used(at(3_600)), 3);
        assert_eq!(restored.used(at(3_601)), 0);
    }
}
