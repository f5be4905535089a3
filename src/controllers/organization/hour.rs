//! What was removed in the last hour, by organization and across resources: one that is made anew, or takes over, begins where the one
//! before it was.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::jiff::Timestamp;

use crate::{decide::Ledger, inventory::OrganizationId};

/// The removals of the last hour, of each organization, as each resource of it has counted them, by its uid.
#[derive(Debug, Default)]
pub(super) struct LastHour(Mutex<BTreeMap<OrganizationId, BTreeMap<Arc<str>, Ledger>>>);

impl LastHour {
    /// Hands over to the ledger of this resource what others have counted.
    pub(super) fn hand_over(&self, id: OrganizationId, uid: &Arc<str>, ledger: &mut Ledger) {
        let made = self.made();
        let all = made.get(&id).into_iter().flatten();
        for (_, counted) in all.filter(|(by, _)| *by != uid) {
            ledger.take_over(counted);
        }
    }

    /// Takes in what the ledger of this resource has counted, in this process or before it.
    pub(super) fn note(&self, id: OrganizationId, uid: &Arc<str>, ledger: &Ledger) {
        let mut made = self.made();
        made.entry(id)
            .or_default()
            .insert(Arc::clone(uid), ledger.clone());
    }

    /// Forgets what is longer ago.
    pub(super) fn prune(&self, now: Timestamp) {
        self.made().retain(|_, made| {
            made.retain(|_, ledger| {
                ledger.prune(now);
                ledger.used(now) > 0
            });
            !made.is_empty()
        });
    }

    fn made(&self) -> MutexGuard<'_, BTreeMap<OrganizationId, BTreeMap<Arc<str>, Ledger>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixtures::at;

    fn used(hour: &LastHour, uid: &str, own: &mut Ledger) -> usize {
        hour.hand_over(OrganizationId::numbered(1), &uid.into(), own);
        own.used(at(60))
    }

    #[test]
    fn who_takes_over_begins_where_the_one_before_was_and_counts_nothing_twice() {
        let (hour, id) = (LastHour::default(), OrganizationId::numbered(1));
        let mut first = Ledger::default();
        first.record(at(0), 4);
        hour.note(id, &"first".into(), &first);
        assert_eq!(used(&hour, "first", &mut first), 4);
        let mut second = Ledger::default();
        assert_eq!(used(&hour, "second", &mut second), 4);
        assert_eq!(used(&hour, "second", &mut second), 4);
        second.record(at(60), 2);
        hour.note(id, &"second".into(), &second);
        assert_eq!(used(&hour, "first", &mut first), 6);
        let mut third = Ledger::default();
        third.record(at(30), 1);
        hour.note(id, &"third".into(), &third);
        assert_eq!(used(&hour, "first", &mut first), 7);
        assert_eq!(used(&hour, "third", &mut third), 7);
        let mut elsewhere = Ledger::default();
        hour.hand_over(
            OrganizationId::numbered(2),
            &"fourth".into(),
            &mut elsewhere,
        );
        assert_eq!(elsewhere.used(at(60)), 0);
    }

    #[test]
    fn after_an_hour_nothing_is_kept() {
        let hour = LastHour::default();
        let mut ledger = Ledger::default();
        ledger.record(at(0), 4);
        hour.note(OrganizationId::numbered(1), &"first".into(), &ledger);
        hour.prune(at(3_599));
        assert_eq!(hour.made().len(), 1);
        hour.prune(at(2 * 3_600));
        assert!(hour.made().is_empty());
    }
}
