//! Resources as anybody sees them: JSON, read by paths.

#![expect(
    clippy::expect_used,
    reason = "what a test cannot look at is its failure"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, ListParams},
};
use serde_json::Value;
use xopero_operator::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
    conditions,
};

use crate::recorded;

/// The kinds of the operator, as kubectl names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Connection,
    Organization,
    Plan,
    Repository,
    Project,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Connection,
        Self::Organization,
        Self::Plan,
        Self::Repository,
        Self::Project,
    ];

    pub(crate) const fn short(self) -> &'static str {
        match self {
            Self::Connection => "xconn",
            Self::Organization => "xorg",
            Self::Plan => "xplan",
            Self::Repository => "xrepo",
            Self::Project => "xproj",
        }
    }

    fn resource(self) -> ApiResource {
        match self {
            Self::Connection => ApiResource::erase::<XoperoConnection>(&()),
            Self::Organization => ApiResource::erase::<XoperoOrganization>(&()),
            Self::Plan => ApiResource::erase::<XoperoBackupPlan>(&()),
            Self::Repository => ApiResource::erase::<XoperoRepository>(&()),
            Self::Project => ApiResource::erase::<XoperoAzureProject>(&()),
        }
    }

    pub(crate) fn api(self, client: &Client, namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(client.clone(), namespace, &self.resource())
    }
}

/// One resource; absent when it does not exist.
pub(crate) async fn get(
    client: &Client,
    namespace: &str,
    kind: Kind,
    name: &str,
) -> Option<Object> {
    match kind.api(client, namespace).get_opt(name).await {
        // A test has deleted the definition, and all resources with it.
        Err(kube::Error::Api(status)) if status.code == 404 => None,
        found => found
            .expect("the API server answers")
            .map(|object| Object::of(&object)),
    }
}

/// All resources of the operator in a namespace.
pub(crate) async fn all(client: &Client, namespace: &str) -> Vec<(Kind, Object)> {
    let mut objects = Vec::new();
    for kind in Kind::ALL {
        let api = kind.api(client, namespace);
        let listed = match api.list(&ListParams::default()).await {
            // A test has deleted the definition.
            Err(kube::Error::Api(status)) if status.code == 404 => continue,
            listed => listed.expect("the API server answers"),
        };
        objects.extend(listed.items.iter().map(|object| (kind, Object::of(object))));
    }
    objects
}

/// A resource as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Object(pub(crate) Value);

impl Object {
    fn of(object: &DynamicObject) -> Self {
        let object = Self(serde_json::to_value(object).expect("a resource is JSON"));
        recorded::keep(&object);
        object
    }

    /// What stands at a JSON pointer; null if nothing does.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or(&Value::Null)
    }

    pub(crate) fn number(&self, pointer: &str) -> Option<i64> {
        self.at(pointer).as_i64()
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    pub(crate) fn version(&self) -> &str {
        self.text("/metadata/resourceVersion")
    }

    pub(crate) fn generation(&self) -> i64 {
        self.number("/metadata/generation").unwrap_or_default()
    }

    /// The operator has said something of the spec as it is, or never of any.
    pub(crate) fn is_observed(&self) -> bool {
        let observed = self.number("/status/observedGeneration");
        observed.is_none_or(|observed| observed == self.generation())
    }

    pub(crate) fn conditions(&self) -> Vec<Condition> {
        serde_json::from_value(self.at("/status/conditions").clone()).unwrap_or_default()
    }

    fn condition(&self, type_: &str) -> Option<Condition> {
        let mut conditions = self.conditions().into_iter();
        conditions.find(|condition| condition.type_ == type_)
    }

    /// `True Converged`, of the generation declared; empty if there is none or it speaks of another.
    pub(crate) fn says(&self, type_: &str) -> String {
        self.condition(type_)
            .filter(|condition| condition.observed_generation == Some(self.generation()))
            .map(|condition| format!("{} {}", condition.status, condition.reason))
            .unwrap_or_default()
    }

    pub(crate) fn message(&self, type_: &str) -> String {
        self.condition(type_)
            .map(|condition| condition.message)
            .unwrap_or_default()
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.says("Ready").starts_with("True ")
    }

    /// Stalled with this reason.
    pub(crate) fn is_stalled(&self, reason: &str) -> bool {
        self.says("Stalled") == format!("True {reason}")
    }

    /// The drift as `Attach api Nightly held`, sorted as it stands.
    pub(crate) fn drift(&self) -> Vec<String> {
        let items = self.at("/status/drift/items");
        items
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| {
                ["action", "name", "plan", "held"]
                    .iter()
                    .filter_map(|key| item.get(key)?.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    /// What kstatus and the operator's own rules find wrong in the conditions.
    pub(crate) fn violations(&self) -> Vec<String> {
        conditions::violations(&self.conditions(), self.generation())
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = self.0.clone();
        if let Some(metadata) = shown.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            metadata.remove("annotations");
        }
        let text = serde_json::to_string_pretty(&shown).unwrap_or_default();
        formatter.write_str(&text)
    }
}
