//! A clock that is put back: what was noted by the one that was ahead is not to come, or it would be older than what comes after it,
//! and be waited for until the clock has caught up.

use k8s_openapi::jiff::Timestamp;

use super::Memory;

impl Memory {
    /// Takes notice of the time. What was noted in what is now the future was noted now.
    pub(super) fn note_time(&mut self, now: Timestamp) {
        let before = self.latest.replace(now);
        if before.is_none_or(|before| before <= now) {
            return;
        }
        let confirmed = self.confirmed.values_mut();
        let confirmed = confirmed.flat_map(|confirmed| {
            let earlier = confirmed.earlier.iter_mut();
            earlier.chain([&mut confirmed.at])
        });
        let refused = self.refused.values_mut().map(|refusal| &mut refusal.at);
        let lost = self.lost.values_mut().map(|lost| &mut lost.at);
        let ended = self.waits_ended.values_mut();
        let ended = ended.chain(&mut self.all_waits_ended);
        let noted = confirmed.chain(refused).chain(lost).chain(ended);
        for at in noted.chain(self.failing.times()) {
            *at = now.min(*at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::{
        Change, Sent,
        fixtures::{at, repository_id},
    };

    #[test]
    fn what_was_noted_by_a_clock_that_was_ahead_is_noted_now() {
        let change = Change::Deactivate(repository_id("api"));
        let mut memory = Memory::default();
        memory.note_time(at(100));
        memory.note_sent(change, &Sent::Refused(409), at(100), 1);
        let noted = [200, 50, 60].map(|now| {
            memory.note_time(at(now));
            memory.refused.get(&change).map(|refusal| refusal.at)
        });
        assert_eq!(noted, [100, 50, 50].map(at).map(Some));
    }
}
