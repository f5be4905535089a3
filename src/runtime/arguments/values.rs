//! Single values, and the sentences with which they are refused.

use std::{net::SocketAddr, str::FromStr, time::Duration};

use kube::core::Duration as Written;
use thiserror::Error;

use crate::controllers::connections::{HostGlobError, HostGlobs};

/// Whether replicas agree on the one that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaderElection {
    /// They do not: there must be one replica only.
    Off,
    /// The holder of the Lease.
    On,
}

/// Why a value is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ValueError {
    /// Neither true nor false.
    #[error("write true or false")]
    Bool,
    /// No name that a namespace can have.
    #[error(
        "a namespace has up to 63 lower case letters, digits and hyphens; write one, or leave the flag and its variable out to watch all namespaces"
    )]
    Namespace,
    /// No name that a Lease can have.
    #[error("write up to 63 lower case letters, digits and hyphens, for example xopero-operator")]
    LeaseName,
    /// No address.
    #[error("write an address with a port, for example [::]:8080, 0.0.0.0:8080 or 127.0.0.1:0")]
    Address,
    /// No duration.
    #[error("write a duration from 0s to 1h with its unit, for example 25s or 1m30s")]
    Duration,
}

/// Longer than any pod may take to end, or any Lease should last.
const LONGEST: Duration = Duration::from_hours(1);

/// More characters than a sensible duration has. The parser multiplies, and panics where the product does not fit.
const LONGEST_DURATION_TEXT: usize = 16;

/// Of a DNS label, which the name of a namespace is.
const LONGEST_NAMESPACE: usize = 63;

impl FromStr for LeaderElection {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "false" => Ok(Self::Off),
            "true" => Ok(Self::On),
            _ => Err(ValueError::Bool),
        }
    }
}

/// A namespace by name. An empty one is refused: the API server would take it for all of them.
pub(super) fn namespace(text: &str) -> Result<String, ValueError> {
    let fits = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
    };
    let is_label = (1..=LONGEST_NAMESPACE).contains(&text.len())
        && text.chars().all(fits)
        && !text.starts_with('-')
        && !text.ends_with('-');
    is_label
        .then(|| text.to_owned())
        .ok_or(ValueError::Namespace)
}

/// A Lease by name.
pub(super) fn lease_name(text: &str) -> Result<String, ValueError> {
    namespace(text).map_err(|_| ValueError::LeaseName)
}

/// Where to listen.
pub(super) fn address(text: &str) -> Result<SocketAddr, ValueError> {
    text.parse().map_err(|_| ValueError::Address)
}

/// A host name with `*`.
pub(super) fn host_glob(text: &str) -> Result<String, HostGlobError> {
    HostGlobs::new([text]).map(|_| text.to_owned())
}

/// How long something may take.
pub(super) fn duration(text: &str) -> Result<Duration, ValueError> {
    if text.is_empty() || text.len() > LONGEST_DURATION_TEXT {
        return Err(ValueError::Duration);
    }
    let written: Written = text.parse().map_err(|_| ValueError::Duration)?;
    let duration = Duration::from(written);
    if written.is_negative() || duration > LONGEST {
        return Err(ValueError::Duration);
    }
    Ok(duration)
}
