//! A step of removals, in the order of the organization's controller: all there is is known, counted, each after a fresh look.

use std::sync::Arc;

use super::{events::Counting, pass::IN_FLIGHT, store::Object, system::System};
use crate::decide::{Decision, Owner};

impl System {
    pub(super) fn send_removals(&mut self, decision: Decision, counting: Counting) {
        let Some((admitted, step)) = decision.step(IN_FLIGHT) else {
            return;
        };
        let goes_on = !decision.additions.is_empty();
        // Not counted, or not all that there is is known: none is made.
        if counting == Counting::Fails || !self.hears_of_all() {
            self.report(&decision);
            if counting == Counting::Fails || !goes_on {
                self.end_pass();
            }
            return;
        }
        self.process.ledger.begin(admitted, &step, self.now);
        self.record();
        self.process.memory.approve(admitted);
        self.monitor.begins(admitted, &self.process);
        let claims = self.process.claims();
        let own = &self.process.organization;
        let own = Owner {
            key: own.key.clone(),
            uid: Arc::clone(&own.uid),
            generation: own.generation,
            deleting: false,
        };
        let owner = Owner::of(admitted, &claims, own);
        let mut not_sent = 0;
        for change in step {
            let current = owner.as_ref().is_some_and(|owner| {
                let found = self.store.metadata(&owner.key);
                found.is_some_and(|found| owner.is_still(&found).is_ok())
            });
            let (true, Some(action)) = (current, change.removal()) else {
                self.process.later = true;
                not_sent += 1;
                continue;
            };
            self.monitor
                .removes((change, admitted), &self.process, &self.store, self.now);
            self.process.wire.push_back(action);
        }
        self.process.ledger.not_made(admitted, not_sent);
        self.process.slice = Some(Arc::new(decision));
        if self.process.wire.is_empty() {
            self.end_slice();
        }
    }

    /// Whether the process was told of every resource as it is.
    fn hears_of_all(&self) -> bool {
        let (store, process) = (&self.store, &self.process);
        let is_told = |object: &Object| {
            process.objects.iter().any(|told| {
                told.claim.uid == object.claim.uid
                    && told.claim.generation >= object.claim.generation
            })
        };
        process.organization.generation >= store.organization.generation
            && store.objects.iter().all(is_told)
    }
}
