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

/// A record, or that there is none any more, and when this process first saw it so. Times of other machines are never compared with
/// ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) record: Option<Record>,
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

/// What is remembered after a look at `now`; `None` while there has never been a Lease.
pub(super) fn observe(before: Option<Seen>, read: Option<Record>, now: Duration) -> Option<Seen> {
    match before {
        Some(seen) if seen.record == read => Some(seen),
        None if read.is_none() => None,
        Some(_) | None => Some(Seen {
            record: read,
            since: now,
        }),
    }
}

/// What the process `identity` does. `duration`: its own, for which another holder is left alone at least.
pub(super) fn decide(
    role: Role,
    identity: &str,
    duration: Duration,
    seen: Option<&Seen>,
    now: Duration,
) -> Decision {
    let has_lasted = |since: Duration, duration| now.saturating_sub(since) > duration;
    match (role, seen) {
        (Role::Candidate, None) => Decision::Create,
        // Who held it when it was deleted does not know of that yet, and may write as if it were there.
        (
            Role::Candidate,
            Some(Seen {
                record: None,
                since,
            }),
        ) => {
            if has_lasted(*since, duration) {
                Decision::Create
            } else {
                Decision::Wait
            }
        }
        (Role::Leader, None | Some(Seen { record: None, .. })) => Decision::Deleted,
        (
            role,
            Some(Seen {
                record: Some(record),
                since,
            }),
        ) => match (role, &record.holder) {
            (Role::Leader, Some(holder)) if holder == identity => Decision::Renew,
            (Role::Leader, Some(_) | None) => Decision::Taken,
            (Role::Candidate, None) => Decision::Acquire,
            (Role::Candidate, Some(holder)) => {
                if holder == identity || has_lasted(*since, record.duration.max(duration)) {
                    Decision::Acquire
                } else {
                    Decision::Wait
                }
            }
        },
    }
}

#[cfg(test)]
mod tests;
