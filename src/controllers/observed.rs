//! Resources as the API server holds them, understood or not. One that cannot be decoded must not hide the others: its metadata,
//! and what it refers to, are kept, and what is derived from absence stops where it may concern.

mod legible;

use std::{borrow::Cow, fmt::Debug};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, ObjectMeta};
use kube::{
    Resource, ResourceExt,
    runtime::reflector::{Lookup, ObjectRef},
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::api::{ConnectionReference, OrganizationReference, not_observed};

/// What `kubectl apply` keeps for itself; it would double what the stores take.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A resource of kind `K`, whether or not it can be decoded.
#[derive(Clone, Debug)]
pub enum Observed<K> {
    /// It is what its kind says.
    Understood(K),
    /// It is not: an older definition, or an edit past the API server. Beside it, what can still be read of it.
    NotUnderstood(Box<NotUnderstood>, Option<Box<K>>),
}

/// What is known of a resource that cannot be decoded.
#[derive(Clone, Debug)]
pub struct NotUnderstood {
    /// Its metadata.
    pub metadata: ObjectMeta,
    /// What the decoder says, and of which field.
    pub error: String,
    /// The organization that it refers to, where that can be read.
    pub organization: Option<OrganizationReference>,
    /// The connection that it refers to, where that can be read.
    pub connection: Option<ConnectionReference>,
    /// What its status says, as far as the operator writes it for such a resource.
    pub said: Said,
    /// What stands there beside it.
    pub status: Kept,
}

/// Whether the rest of a status stays when a resource that cannot be decoded says so in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It stays: it is what the operator remembers of the resource, and it goes on to hold once that is corrected.
    Rest,
    /// There is none, or it is what cannot be decoded, and nobody else would correct it.
    Nothing,
}

/// The part of a status that every kind has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Said {
    /// The generation that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The conditions.
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

impl<K> Observed<K> {
    /// The resource, where it is understood.
    pub fn understood(&self) -> Option<&K> {
        match self {
            Self::Understood(resource) => Some(resource),
            Self::NotUnderstood(..) => None,
        }
    }

    /// The resource as far as it can be read: for what it names, and not to act for it.
    pub fn legible(&self) -> Option<&K> {
        match self {
            Self::Understood(resource) => Some(resource),
            Self::NotUnderstood(_, legible) => legible.as_deref(),
        }
    }
}

impl<'de, K: DeserializeOwned> Deserialize<'de> for Observed<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            if let Some(annotations) = metadata
                .get_mut("annotations")
                .and_then(Value::as_object_mut)
            {
                annotations.remove(LAST_APPLIED);
            }
        }
        // What the definition says in our place is no word of ours.
        if value.get("status") == Some(&not_observed())
            && let Some(resource) = value.as_object_mut()
        {
            resource.remove("status");
        }
        // The path to what is wrong stands before what the decoder says of it.
        match serde_path_to_error::deserialize::<_, K>(&value) {
            Ok(resource) => Ok(Self::Understood(resource)),
            Err(error) => {
                let status = kept::<K>(&value);
                let metadata = value.get("metadata").unwrap_or(&Value::Null);
                let metadata =
                    ObjectMeta::deserialize(metadata).map_err(serde::de::Error::custom)?;
                let reference = |field: &str| value.get("spec").and_then(|spec| spec.get(field));
                let unknown = NotUnderstood {
                    metadata,
                    error: error.to_string(),
                    organization: reference("organizationRef")
                        .and_then(|at| OrganizationReference::deserialize(at).ok()),
                    said: value
                        .get("status")
                        .and_then(|status| Said::deserialize(status).ok())
                        .unwrap_or_default(),
                    status,
                    connection: reference("connectionRef")
                        .and_then(|at| ConnectionReference::deserialize(at).ok()),
                };
                let legible = legible::legible(&value).map(Box::new);
                Ok(Self::NotUnderstood(Box::new(unknown), legible))
            }
        }
    }
}

/// What of its status stays; the resource cannot be decoded as it is.
fn kept<K: DeserializeOwned>(value: &Value) -> Kept {
    let Some(status) = value.get("status").filter(|status| status.is_object()) else {
        return Kept::Nothing;
    };
    let mut without = value.clone();
    if let Some(resource) = without.as_object_mut() {
        resource.remove("status");
    }
    if K::deserialize(&without).is_ok() || Said::deserialize(status).is_err() {
        return Kept::Nothing;
    }
    Kept::Rest
}

impl<K: Resource> Resource for Observed<K> {
    type DynamicType = K::DynamicType;
    type Scope = K::Scope;

    fn kind(of: &Self::DynamicType) -> Cow<'_, str> {
        K::kind(of)
    }

    fn group(of: &Self::DynamicType) -> Cow<'_, str> {
        K::group(of)
    }

    fn version(of: &Self::DynamicType) -> Cow<'_, str> {
        K::version(of)
    }

    fn plural(of: &Self::DynamicType) -> Cow<'_, str> {
        K::plural(of)
    }

    fn meta(&self) -> &ObjectMeta {
        match self {
            Self::Understood(resource) => resource.meta(),
            Self::NotUnderstood(unknown, _) => &unknown.metadata,
        }
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        match self {
            Self::Understood(resource) => resource.meta_mut(),
            Self::NotUnderstood(unknown, _) => &mut unknown.metadata,
        }
    }
}

/// Where a namespaced resource is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Place {
    /// Where that resource is.
    pub fn of(resource: &impl ResourceExt) -> Self {
        Self {
            namespace: resource.namespace().unwrap_or_default(),
            name: resource.name_any(),
        }
    }
}

impl From<&ObjectMeta> for Place {
    fn from(metadata: &ObjectMeta) -> Self {
        Self {
            namespace: metadata.namespace.clone().unwrap_or_default(),
            name: metadata.name.clone().unwrap_or_default(),
        }
    }
}

impl<K: Lookup> From<&ObjectRef<K>> for Place {
    fn from(reference: &ObjectRef<K>) -> Self {
        Self {
            namespace: reference.namespace.clone().unwrap_or_default(),
            name: reference.name.clone(),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::api::XoperoRepository;

    fn read(spec: &Value) -> Observed<XoperoRepository> {
        let value = serde_json::json!({
            "apiVersion": "xopero.dev/v1alpha1", "kind": "XoperoRepository",
            "metadata": {"name": "api", "namespace": "backup", "managedFields": [{"manager": "kubectl"}],
                "annotations": {LAST_APPLIED: "{}", "kept": "yes"}},
            "spec": spec,
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_cannot_be_decoded_still_says_what_it_refers_to() {
        let observed = read(&serde_json::json!({"organizationRef": {"name": "acme"}, "name": 7}));
        let Observed::NotUnderstood(unknown, _) = observed else {
            panic!("7 is no name")
        };
        assert_eq!(unknown.metadata.name.as_deref(), Some("api"));
        assert_eq!(
            unknown
                .organization
                .map(|reference| reference.name)
                .as_deref(),
            Some("acme")
        );
    }

    #[rstest]
    #[case::of_the_spec(json!({"organizationRef": {"name": "acme"}, "name": 7}), "spec.name: invalid type: integer `7`, expected a string")]
    #[case::below_a_field(json!({"organizationRef": {"name": 7}, "name": "api"}), "spec.organizationRef.name: invalid type: integer `7`, expected a string")]
    #[case::in_a_list(json!({"organizationRef": {"name": "acme"}, "name": "api", "plans": ["nightly", 7]}), "spec.plans[1]: invalid type: integer `7`, expected a string")]
    #[case::that_is_missing(json!({"organizationRef": {"name": "acme"}}), "spec: missing field `name`")]
    fn what_cannot_be_decoded_says_in_which_field(#[case] spec: Value, #[case] says: &str) {
        let Observed::NotUnderstood(unknown, _) = read(&spec) else {
            panic!("it cannot be decoded")
        };
        assert_eq!(unknown.error, says);
    }

    #[test]
    fn a_status_that_the_definition_gives_is_none() {
        let mut value = serde_json::json!({
            "metadata": {"name": "api", "namespace": "backup"},
            "spec": {"organizationRef": {"name": "acme"}, "name": "api"},
            "status": {"observedGeneration": -1},
        });
        let status_of = |value: &Value| {
            let observed: Observed<XoperoRepository> =
                serde_json::from_value(value.clone()).unwrap();
            observed.understood().unwrap().status.clone()
        };
        assert_eq!(status_of(&value), None);
        value["status"]["repositoryId"] = "a3c8".into();
        assert!(status_of(&value).is_some());
    }

    #[rstest]
    #[case::the_spec(json!(7), json!({"repositoryId": "a3c8", "conditions": []}), Kept::Rest)]
    #[case::the_status(json!("api"), json!({"repositoryId": 7}), Kept::Nothing)]
    #[case::the_spec_and_no_status(json!(7), Value::Null, Kept::Nothing)]
    #[case::the_spec_and_a_status_that_nobody_can_add_to(json!(7), json!({"conditions": 7}), Kept::Nothing)]
    #[case::the_spec_and_what_the_definition_gives(json!(7), not_observed(), Kept::Nothing)]
    fn a_status_stays_unless_it_is_what_cannot_be_decoded(
        #[case] name: Value,
        #[case] status: Value,
        #[case] kept: Kept,
    ) {
        let value = json!({
            "metadata": {"name": "api", "namespace": "backup"},
            "spec": {"organizationRef": {"name": "acme"}, "name": name}, "status": status,
        });
        let observed: Observed<XoperoRepository> = serde_json::from_value(value).unwrap();
        let Observed::NotUnderstood(unknown, _) = observed else {
            panic!("7 is neither a name nor an id")
        };
        assert_eq!(unknown.status, kept);
    }

    #[test]
    fn a_reference_that_cannot_be_read_is_unknown() {
        let Observed::NotUnderstood(unknown, _) =
            read(&serde_json::json!({"organizationRef": 7, "name": 7}))
        else {
            panic!("7 is no name")
        };
        assert_eq!(unknown.organization, None);
    }

    #[test]
    fn stores_keep_neither_managed_fields_nor_what_was_applied_last() {
        let observed =
            read(&serde_json::json!({"organizationRef": {"name": "acme"}, "name": "api"}));
        assert!(observed.understood().is_some());
        assert_eq!(observed.meta().managed_fields, None);
        let annotations: Vec<_> = observed.annotations().keys().cloned().collect();
        assert_eq!(annotations, ["kept"]);
    }
}
