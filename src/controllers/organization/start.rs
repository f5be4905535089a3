//! The beginning of the process, when not everything may be listed yet.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use kube::Resource;

use super::Context;

/// How long the first passes wait for what cannot be listed at all, for example for want of a right: additions go on without it.
const PATIENCE_WITH_LISTINGS: Duration = Duration::from_secs(10);

/// How long a younger organization waits for an older one whose connection is not looked at.
const PATIENCE_WITH_CONNECTIONS: Duration = Duration::from_mins(1);

/// When the process began, and whether its first passes may.
#[derive(Debug)]
pub(super) struct Start {
    begun: Instant,
    over: AtomicBool,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            over: AtomicBool::new(false),
        }
    }
}

#[cfg(test)]
impl Start {
    /// That of a process that has begun long ago.
    pub(super) fn long_ago() -> Self {
        let begun = Instant::now().checked_sub(PATIENCE_WITH_CONNECTIONS * 2);
        Self {
            begun: begun.unwrap(),
            over: AtomicBool::new(true),
        }
    }
}

impl Context {
    /// Whether passes may begin: what is not listed yet is not missing, and the older of two claims may be among it.
    pub(super) fn has_started(&self) -> bool {
        let Start { begun, over } = &*self.start;
        if over.load(Ordering::Acquire) {
            return true;
        }
        // Without its connection an organization can do nothing but say that it is missing, and it may not be.
        if !self.connection_resources.is_listed() {
            return false;
        }
        let listed = self.plans.is_listed()
            && self.repositories.is_listed()
            && self.projects.is_listed()
            && self.organizations.is_listed()
            && self.labels.are_listed();
        if !listed && begun.elapsed() < PATIENCE_WITH_LISTINGS {
            return false;
        }
        if !over.swap(true, Ordering::AcqRel) {
            // What their own controller has not come to yet is about to be read, and not missing.
            let resources = self.connection_resources.all();
            let known = resources.iter().map(|observed| Resource::meta(&**observed));
            self.connections.expect(known);
        }
        true
    }

    /// Whether a connection that was not looked at by now may never be.
    pub(super) fn is_past_the_start(&self) -> bool {
        self.start.begun.elapsed() > PATIENCE_WITH_CONNECTIONS
    }
}
