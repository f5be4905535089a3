//! What is said about the Lease.

use std::time::Duration;

use clap::Args;
use thiserror::Error;

use super::values;

/// The Lease by which replicas agree.
#[derive(Clone, Debug, Args)]
pub struct LeaseArguments {
    /// The name of the Lease. Operators of the same resources have the same
    #[arg(
        long,
        value_name = "NAME",
        env = "XOPERO_LEASE_NAME",
        default_value = "xopero-operator"
    )]
    #[arg(value_parser = values::lease_name)]
    pub lease_name: String,

    /// How long the Lease is held without a renewal; then another replica takes over
    ///
    /// A write is sent only if the Lease outlives the timeout of the connection by a second, so keep it well above that, which
    /// is at most 15s.
    #[arg(
        long,
        value_name = "DURATION",
        env = "XOPERO_LEASE_DURATION",
        default_value = "30s"
    )]
    #[arg(value_parser = values::duration)]
    pub lease_duration: Duration,

    /// How often the Lease is renewed, and looked at by those that stand by
    #[arg(
        long,
        value_name = "DURATION",
        env = "XOPERO_LEASE_RENEW_INTERVAL",
        default_value = "4s"
    )]
    #[arg(value_parser = values::duration)]
    pub lease_renew_interval: Duration,

    /// After how long without a renewal the leader gives up and ends
    #[arg(
        long,
        value_name = "DURATION",
        env = "XOPERO_LEASE_RENEW_DEADLINE",
        default_value = "20s"
    )]
    #[arg(value_parser = values::duration)]
    pub lease_renew_deadline: Duration,
}

/// Why the times do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "--lease-duration must be longer than --lease-renew-deadline, and that longer than --lease-renew-interval, which is not zero; leave them out for 30s, 20s and 4s"
)]
pub(super) struct Unordered;

impl LeaseArguments {
    /// Whether the times go together.
    pub(super) fn check(&self) -> Result<(), Unordered> {
        let ordered = self.lease_duration > self.lease_renew_deadline
            && self.lease_renew_deadline > self.lease_renew_interval
            && !self.lease_renew_interval.is_zero();
        ordered.then_some(()).ok_or(Unordered)
    }
}
