//! The Lease: which replica leads, for how long it may write, and what it does when it no longer leads.

mod clock;
mod decision;
mod elector;
mod fence;

use std::{env, sync::Arc, time::Duration};

use rustix::system::uname;
use uuid::Uuid;

pub use self::elector::Loss;
pub(super) use self::{elector::Elector, fence::Fence};
use super::arguments::LeaseArguments;

/// What all replicas keep to.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) name: String,
    /// `None`: that of the client.
    pub(super) namespace: Option<String>,
    /// Of this process alone: a container that starts again in its pod is another.
    pub(super) identity: String,
    pub(super) duration: Duration,
    pub(super) renew_interval: Duration,
    pub(super) renew_deadline: Duration,
}

impl Terms {
    /// As the arguments and the environment of the pod say; without a name of the pod the machine's is taken.
    pub(super) fn new(arguments: LeaseArguments, pod: Option<&str>) -> Self {
        let place = pod.map_or_else(
            || uname().nodename().to_string_lossy().into_owned(),
            str::to_owned,
        );
        Self {
            name: arguments.lease_name,
            namespace: env::var("POD_NAMESPACE")
                .ok()
                .filter(|namespace| !namespace.is_empty()),
            identity: format!("{place}_{}", Uuid::new_v4()),
            duration: arguments.lease_duration,
            renew_interval: arguments.lease_renew_interval,
            renew_deadline: arguments.lease_renew_deadline,
        }
    }

    pub(super) fn fence(&self) -> Arc<Fence> {
        Arc::new(Fence::new(self.duration))
    }

    /// For one request for the Lease. A look takes two, as in client-go, where each may take half of the deadline: a look that comes to
    /// nothing leaves time for another, and an API server that is slow for some seconds costs no leader.
    fn request_timeout(&self) -> Duration {
        self.renew_deadline / 4
    }

    /// The longest `requests.timeout` with which writes can be sent all the time between two renewals.
    pub(super) fn longest_timeout(&self) -> Duration {
        self.duration
            .saturating_sub(self.renew_interval)
            .saturating_sub(fence::MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, Command, FromArgMatches as _};

    use super::*;
    use crate::api::LONGEST_REQUEST_TIMEOUT;

    fn longest(seconds: [u64; 2]) -> Duration {
        let [duration, renew_interval] = seconds.map(Duration::from_secs);
        let terms = Terms {
            name: String::new(),
            namespace: None,
            identity: String::new(),
            duration,
            renew_interval,
            renew_deadline: renew_interval,
        };
        terms.longest_timeout()
    }

    #[test]
    fn a_write_that_waits_this_long_ends_before_the_lease_does() {
        for (terms, seconds) in [([30, 4], 25), ([20, 4], 15), ([15, 4], 10), ([4, 4], 0)] {
            assert_eq!(longest(terms), Duration::from_secs(seconds), "{terms:?}");
        }
    }

    fn default_terms() -> Terms {
        let command = LeaseArguments::augment_args(Command::new("run"));
        let given = command.get_matches_from(["run"]);
        Terms::new(LeaseArguments::from_arg_matches(&given).unwrap(), None)
    }

    #[test]
    fn by_default_a_renewal_that_is_not_answered_is_tried_once_more_before_the_leader_gives_up() {
        let terms = default_terms();
        assert!(terms.duration > terms.renew_deadline);
        assert!(terms.renew_deadline > terms.renew_interval);
        // As long as an API server takes that does not answer at once, and is not down.
        assert!(terms.request_timeout() >= Duration::from_secs(5));
        let attempt = terms.renew_interval + terms.request_timeout();
        assert!(2 * attempt <= terms.renew_deadline);
        // The leader that gives up has sent its last request before the Lease can be another's.
        assert!(terms.renew_deadline + fence::MARGIN < terms.duration);
    }

    #[test]
    fn every_connection_that_can_be_declared_writes_under_the_default_lease() {
        let terms = default_terms();
        assert!(terms.longest_timeout() >= LONGEST_REQUEST_TIMEOUT);
    }
}
