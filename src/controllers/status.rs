//! Writing the status of a resource: when it differs, and only of the very object that it was computed for.

use std::{
    fmt,
    time::{Duration, Instant},
};

use kube::{Api, ResourceExt as _};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{api::Reported, controllers::patches};

/// How long a cache may not show yet what was written.
const CACHE_LAG: Duration = Duration::from_secs(5);

/// The status that was last said of an object.
#[derive(Clone, Debug)]
pub struct LastStatus<S> {
    /// The status.
    pub status: S,
    /// When the API server took it; `None` if it was there already.
    pub written_at: Option<Instant>,
}

impl<S> LastStatus<S> {
    /// What the object shows: what was said, as long as a cache may be behind that; then what the cache holds, since somebody else may
    /// have changed it.
    pub fn shown<'status>(&'status self, cached: Option<&'status S>) -> Option<&'status S> {
        match self.written_at {
            Some(at) if at.elapsed() < CACHE_LAG => Some(&self.status),
            Some(_) | None => cached,
        }
    }

    /// Takes note of what became of the next status.
    #[must_use]
    pub fn then(before: Option<&Self>, status: S, written: Written) -> Self {
        let written_at = match written {
            Written::Changed => Some(Instant::now()),
            Written::Same | Written::Gone => before.and_then(|before| before.written_at),
        };
        Self { status, written_at }
    }
}

/// What became of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was written.
    Changed,
    /// The object shows it already; nothing was sent.
    Same,
    /// The object is not there any more, or another one has its name. There is nothing left to report on.
    Gone,
}

/// Why a status could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no JSON.
    #[error("the status cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
    /// The API server refused it or did not answer.
    #[error("the status was not written: {0}")]
    Kubernetes(#[from] kube::Error),
}

/// Replaces the whole status of `object`, which may come from a cache, unless it is the one that the object shows by now: `shown`.
///
/// # Errors
/// If the API server refuses it or does not answer. That the object is gone is no error.
pub async fn write_status<K>(
    api: &Api<K>,
    object: &K,
    shown: Option<&K::Status>,
    status: &K::Status,
) -> Result<Written, Error>
where
    K: Reported + Clone + DeserializeOwned + fmt::Debug,
    K::Status: Serialize + PartialEq,
{
    let (written, _) = write_status_and_tell(api, object, shown, status).await?;
    Ok(written)
}

/// The same, and tells the resourceVersion that a write has made.
///
/// # Errors
/// As [`write_status`].
pub async fn write_status_and_tell<K>(
    api: &Api<K>,
    object: &K,
    shown: Option<&K::Status>,
    status: &K::Status,
) -> Result<(Written, Option<String>), Error>
where
    K: Reported + Clone + DeserializeOwned + fmt::Debug,
    K::Status: Serialize + PartialEq,
{
    if shown == Some(status) {
        return Ok((Written::Same, None));
    }
    // Merge patch and apply ignore a wrong uid on the status subresource: only a test holds.
    let patch = patches::patch(json!([
        { "op": "test", "path": "/metadata/uid", "value": object.meta().uid },
        { "op": "add", "path": "/status", "value": status },
    ]))?;
    let sent = api
        .patch_status(&object.name_any(), &patches::parameters(), &patch)
        .await;
    match sent {
        Ok(after) => Ok((Written::Changed, after.resource_version())),
        Err(error) if patches::is_not_found(&error) => Ok((Written::Gone, None)),
        Err(error)
            if patches::is_refused(&error) && patches::current(api, object).await?.is_none() =>
        {
            Ok((Written::Gone, None))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CACHED: Option<&str> = Some("of the cache");

    fn said(written_at: Option<Instant>) -> LastStatus<&'static str> {
        let status = "said";
        LastStatus { status, written_at }
    }

    #[test]
    fn what_was_just_written_is_shown_whatever_a_cache_holds() {
        assert_eq!(
            said(Some(Instant::now())).shown(CACHED.as_ref()),
            Some(&"said")
        );
    }

    #[test]
    fn a_status_that_somebody_wiped_later_is_not_taken_for_what_was_said() {
        let long_ago = Instant::now().checked_sub(CACHE_LAG);
        assert_eq!(said(long_ago).shown(None), None);
        assert_eq!(said(None).shown(CACHED.as_ref()), CACHED.as_ref());
    }

    #[test]
    fn only_a_write_makes_the_cache_late_again() {
        let before = said(Instant::now().checked_sub(CACHE_LAG));
        let same = LastStatus::then(Some(&before), "next", Written::Same);
        let changed = LastStatus::then(Some(&before), "next", Written::Changed);
        assert_eq!(same.written_at, before.written_at);
        assert!(changed.written_at > before.written_at);
    }
}
