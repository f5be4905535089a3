//! Finalizers, put on and taken off without ever undoing what somebody else does to the list at the same moment.

use std::fmt;

use kube::{Api, Resource, ResourceExt as _, api::ObjectMeta};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{api::annotations::has_finalizer, controllers::patches};

/// How often a list that others change meanwhile is read again before the change is left for later.
const ATTEMPTS: usize = 4;

/// What became of a finalizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was put on, or taken off.
    Changed,
    /// The object was like that already.
    Same,
    /// It was not put on, because the object is being deleted: the API server would refuse it.
    Deleting,
    /// The object is not there any more, or another one has its name.
    Gone,
}

/// Whether there is still something to report on: an object that is being deleted goes with its last finalizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// There is.
    Here,
    /// It is gone, or goes as soon as others let it.
    Gone,
}

/// Why a finalizer could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Others changed the list each time.
    #[error(
        "the finalizer {finalizer} was not changed: others keep changing the list of finalizers; it is tried again"
    )]
    Contended {
        /// The finalizer.
        finalizer: String,
    },
    /// The list of finalizers is no JSON.
    #[error("the list of finalizers cannot be written as JSON")]
    Unwritable(#[from] serde_json::Error),
    /// The API server refused it or did not answer.
    #[error("the finalizers were not changed")]
    Kubernetes(#[from] kube::Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Add,
    Remove,
}

/// Puts a finalizer on `object`, which may come from a cache, unless it is there or the object is being deleted.
///
/// # Errors
/// If the API server refuses it or does not answer, or others change the list at every attempt.
pub async fn add<K>(api: &Api<K>, object: &K, finalizer: &str) -> Result<Outcome, Error>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + fmt::Debug,
{
    change(api, object, finalizer, Change::Add).await
}

/// Takes a finalizer off `object`, which may come from a cache. If it was the last one of an object that is being
/// deleted, the object goes with it.
///
/// # Errors
/// If the API server refuses it or does not answer, or others change the list at every attempt.
pub async fn remove<K>(api: &Api<K>, object: &K, finalizer: &str) -> Result<Outcome, Error>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + fmt::Debug,
{
    change(api, object, finalizer, Change::Remove).await
}

async fn change<K>(
    api: &Api<K>,
    object: &K,
    finalizer: &str,
    change: Change,
) -> Result<Outcome, Error>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + fmt::Debug,
{
    let mut known = object.meta().clone();
    for _ in 0..ATTEMPTS {
        if has_finalizer(&known, finalizer) == (change == Change::Add) {
            return Ok(Outcome::Same);
        }
        if change == Change::Add && known.deletion_timestamp.is_some() {
            return Ok(Outcome::Deleting);
        }
        let patch = patches::patch(operations(&known, finalizer, change))?;
        let sent = api
            .patch_metadata(&object.name_any(), &patches::parameters(), &patch)
            .await;
        match sent {
            Ok(_) => return Ok(Outcome::Changed),
            Err(error) if patches::is_not_found(&error) => return Ok(Outcome::Gone),
            Err(error) if patches::is_refused(&error) => {
                let Some(current) = patches::current(api, object).await? else {
                    return Ok(Outcome::Gone);
                };
                // The list is the one that was tested for: so it was not the test that failed.
                if current.finalizers == known.finalizers
                    && current.deletion_timestamp == known.deletion_timestamp
                {
                    return Err(error.into());
                }
                known = current;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Contended {
        finalizer: finalizer.to_owned(),
    })
}

/// The change as a patch that fails if the list is not, as a whole, what is known.
fn operations(known: &ObjectMeta, finalizer: &str, change: Change) -> Value {
    let before = known.finalizers.as_deref().unwrap_or_default();
    let others = before.iter().map(String::as_str);
    let after: Vec<&str> = match change {
        Change::Add => others.chain([finalizer]).collect(),
        Change::Remove => others.filter(|other| *other != finalizer).collect(),
    };
    // To the API server a path that is not there equals null.
    let expected = if before.is_empty() {
        Value::Null
    } else {
        json!(before)
    };
    json!([
        { "op": "test", "path": "/metadata/uid", "value": known.uid },
        { "op": "test", "path": "/metadata/finalizers", "value": expected },
        { "op": "add", "path": "/metadata/finalizers", "value": after },
    ])
}

#[cfg(test)]
mod tests;
