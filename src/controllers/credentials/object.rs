//! GET of one object: of its metadata, or of all of it. Answers are never logged, nor quoted in an error.

use k8s_openapi::NamespaceResourceScope;
use kube::{
    Client, Resource,
    api::{GetParams, ObjectMeta, PartialObjectMeta, Request},
};
use serde::de::DeserializeOwned;

use super::{Error, Object};

/// Which writing of which object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controllers) struct Version {
    pub(in crate::controllers) uid: String,
    pub(in crate::controllers) resource_version: String,
}

impl Version {
    pub(super) fn of(metadata: &ObjectMeta) -> Self {
        Self {
            uid: metadata.uid.clone().unwrap_or_default(),
            resource_version: metadata.resource_version.clone().unwrap_or_default(),
        }
    }
}

/// What a GET found.
#[derive(Debug)]
pub(super) enum Answer<T> {
    Found(T),
    Absent,
    Forbidden,
}

/// Reads the metadata of an object, and asks for no more.
pub(super) async fn metadata<K>(
    client: &Client,
    object: &Object,
) -> Result<Answer<ObjectMeta>, Error>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
{
    let request = request::<K>(object)
        .get_metadata(&object.name, &GetParams::default())
        .map_err(|error| failed(object, kube::Error::BuildRequest(error)))?;
    let answer = understand(object, client.request_text(request).await)?;
    Ok(match answer {
        Answer::Found(PartialObjectMeta::<K> { metadata, .. }) => Answer::Found(metadata),
        Answer::Absent => Answer::Absent,
        Answer::Forbidden => Answer::Forbidden,
    })
}

/// Reads all of an object.
pub(super) async fn whole<K>(client: &Client, object: &Object) -> Result<Answer<K>, Error>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + DeserializeOwned,
{
    let request = request::<K>(object)
        .get(&object.name, &GetParams::default())
        .map_err(|error| failed(object, kube::Error::BuildRequest(error)))?;
    understand(object, client.request_text(request).await)
}

fn request<K>(object: &Object) -> Request
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
{
    Request::new(K::url_path(&(), Some(&object.namespace)))
}

/// Reads an answer that came as text: what the client itself cannot read it writes to the log, whole.
fn understand<T: DeserializeOwned>(
    object: &Object,
    answer: kube::Result<String>,
) -> Result<Answer<T>, Error> {
    match answer {
        Ok(text) => {
            serde_json::from_str(&text)
                .map(Answer::Found)
                .map_err(|_| Error::NotUnderstood {
                    object: object.clone(),
                })
        }
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(Answer::Absent),
        Err(kube::Error::Api(status)) if status.is_forbidden() => Ok(Answer::Forbidden),
        Err(error) => Err(failed(object, error)),
    }
}

fn failed(object: &Object, source: kube::Error) -> Error {
    Error::Kubernetes {
        object: object.clone(),
        source,
    }
}
