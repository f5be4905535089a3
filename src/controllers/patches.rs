//! JSON patches that test before they write: a cache is always late, and what it shows may be gone or another object.

use std::fmt;

use kube::{
    Api, Resource, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// As whom Kubernetes lists the operator among those who manage the fields of an object.
pub(super) const FIELD_MANAGER: &str = "xopero-operator";

/// How a patch is sent.
pub(super) fn parameters() -> PatchParams {
    PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    }
}

/// The operations as a patch. They are written out by the modules beside this one, so that they cannot be wrong.
pub(super) fn patch(operations: Value) -> Result<Patch<()>, serde_json::Error> {
    Ok(Patch::Json(serde_json::from_value(operations)?))
}

/// What is there under the name of `object`, if it is still the same object.
pub(super) async fn current<K>(api: &Api<K>, object: &K) -> kube::Result<Option<ObjectMeta>>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + fmt::Debug,
{
    let found = api.get_metadata_opt(&object.name_any()).await?;
    Ok(found
        .map(|found| found.metadata)
        .filter(|metadata| metadata.uid == object.meta().uid))
}

/// Whether the API server refused a patch, because a test in it failed or because of what it would have made.
pub(super) fn is_refused(error: &kube::Error) -> bool {
    // 422 says both; only a look at the object tells them apart.
    matches!(error, kube::Error::Api(status) if status.code == 422)
}

/// Whether the API server knows no such object.
pub(super) fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.is_not_found())
}
