//! What to do about the Lease as it was read. Nothing here looks at a clock or sends a request.

use std::time::Duration;

/// What the Lease says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Changes with each write to it.
    pub(super) version: String,
    /// Nobody: it was released.
    pub(super) holder: Option<String>,
    /// For how long it is held without a renewal.
    pub(super) duration: Duration,
}

/// A record, and when this process first saw it in this version. Times of other machines are never compared with ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) record: Record,
    pub(super) since: Duration,
}

/// What a process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// It has not held the Lease since its start.
    #[default]
    Candidate,
    /// It has.
    Leader,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// There is none: create it.
    Create,
    /// It is free, expired, or ours without our knowledge: take it.
    Acquire,
    /// It is ours: say so again.
    Renew,
    /// Another holds it.
    Wait,
    /// It was ours, and there is none.
    Deleted,
    /// It was ours, and another holds it, or nobody.
    Taken,
}

/// The record as it is remembered after it was read at `now`.
pub(super) fn observe(before: Option<Seen>, read: Option<Record>, now: Duration) -> Option<Seen> {
    let record = read?;
    match before {
        Some(seen) if seen.record == record => Some(seen),
        _ => Some(Seen { record, since: now }),
    }
}

/// What the process `identity` does. `duration`: its own, for which another
/// holder is left alone at least.
pub(super) fn decide(
    role: Role,
    identity: &str,
    duration: Duration,
    seen: Option<&Seen>,
    now: Duration,
) -> Decision {
    let Some(Seen { record, since }) = seen else {
        return if role == Role::Leader {
            Decision::Deleted
        } else {
            Decision::Create
        };
    };
    match &record.holder {
        Some(holder) if holder == identity => {
            if role == Role::Leader {
                Decision::Renew
            } else {
                Decision::Acquire
            }
        }
        _ if role == Role::Leader => Decision::Taken,
        None => Decision::Acquire,
        Some(_) if now.saturating_sub(*since) > record.duration.max(duration) => Decision::Acquire,
        Some(_) => Decision::Wait,
    }
}

#[cfg(test)]
mod tests;
