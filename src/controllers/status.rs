//! Writing the status of a resource: when it differs, and only of the very object that it was computed for.

mod last;

use std::fmt;

use kube::{Api, ResourceExt as _};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

pub use last::LastStatus;
pub(super) use last::version;

use crate::{api::Reported, controllers::patches};

/// What became of a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was written.
    Changed {
        /// The resourceVersion that the write made; `None` if the API server tells none that can be compared.
        version: Option<u64>,
    },
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
    #[error("the status was not written")]
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
    if shown == Some(status) {
        return Ok(Written::Same);
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
        Ok(after) => Ok(Written::Changed {
            version: last::version(after.meta()),
        }),
        Err(error) if patches::is_not_found(&error) => Ok(Written::Gone),
        Err(error)
            if patches::is_refused(&error) && patches::current(api, object).await?.is_none() =>
        {
            Ok(Written::Gone)
        }
        Err(error) => Err(error.into()),
    }
}
