//! Kubernetes as the operator was shown it: by listings and watches, and by looks at single objects.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::surveys::Surveys;
use crate::journal::kubernetes::Reference;

/// The finalizer behind which a clean-up happens.
const CLEANUP: &str = "xopero.dev/cleanup";

/// The kinds of claims.
const CLAIMS: [&str; 3] = ["XoperoBackupPlan", "XoperoRepository", "XoperoAzureProject"];

/// Kind, namespace, name.
pub(super) type Key = (String, String, String);

/// All that one process of the operator was shown.
#[derive(Debug, Default)]
pub(super) struct View {
    objects: BTreeMap<Key, Object>,
    /// The kinds that were listed.
    listed: BTreeSet<&'static str>,
    /// The last look at single objects, metadata alone.
    looks: BTreeMap<Key, Object>,
    surveys: Surveys,
    /// Uids of objects whose clean-up is over.
    released: BTreeSet<String>,
    /// Tokens of approvals that were ever shown.
    approvals: BTreeSet<String>,
}

/// An object as it was shown.
#[derive(Clone, Debug)]
pub(super) struct Object {
    value: Value,
    /// The number of the event that showed this generation of it first.
    pub(super) shown_at: u64,
}

impl Object {
    pub(super) const fn new(value: Value, shown_at: u64) -> Self {
        Self { value, shown_at }
    }

    pub(super) fn at(&self, pointer: &str) -> &Value {
        self.value.pointer(pointer).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_default()
    }

    pub(super) fn texts(&self, pointer: &str) -> Vec<&str> {
        let items = self.at(pointer).as_array().into_iter().flatten();
        items.filter_map(Value::as_str).collect()
    }

    pub(super) fn is_deleting(&self) -> bool {
        self.at("/metadata/deletionTimestamp").is_string()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.annotation("xopero.dev/paused") == Some("true")
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.at("/metadata/annotations").get(name)?.as_str()
    }

    fn key(&self) -> Option<Key> {
        let name = self.at("/metadata/name").as_str()?;
        let namespace = self.text("/metadata/namespace");
        let kind = match self.text("/kind") {
            "PartialObjectMetadata" | "" => return None,
            kind => kind,
        };
        Some((kind.to_owned(), namespace.to_owned(), name.to_owned()))
    }

    /// What to call it in a sentence.
    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.text("/kind"), self.text("/metadata/name"))
    }
}

impl View {
    /// The answer to a listing: nothing else of the kind exists in its namespace.
    pub(super) fn listed(&mut self, number: u64, reference: &Reference, body: &Value) {
        let Some(kind) = kind_of(&reference.resource) else {
            return;
        };
        self.listed.insert(kind);
        self.surveys.listed(kind, &reference.namespace);
        let before: BTreeMap<Key, Object> = std::mem::take(&mut self.objects);
        let (old, others) = before.into_iter().partition(|((of, namespace, _), _)| {
            of == kind && (reference.namespace.is_empty() || *namespace == reference.namespace)
        });
        self.objects = others;
        let items = body.get("items").and_then(Value::as_array);
        for item in items.into_iter().flatten() {
            let mut item = item.clone();
            // The items of a listing do not say what they are.
            if let Some(fields) = item.as_object_mut() {
                fields.insert("kind".to_owned(), kind.into());
            }
            self.take(number, item, &old);
        }
    }

    /// The answer to a list of metadata.
    pub(super) fn surveyed(&mut self, time: u64, asked: (&Reference, &str), body: &Value) {
        self.surveys.taken(time, asked, body);
    }

    /// Whether every resource that may spare something was looked for lately at that time, and is known.
    pub(super) fn knows_all(&self, time: u64) -> Result<(), String> {
        self.surveys.are_shown(self, time)
    }

    /// Whether that object was shown, in that generation or a later one.
    pub(super) fn shows(&self, key: &Key, (uid, generation): (&str, i64)) -> bool {
        self.objects.get(key).is_some_and(|object| {
            let shown = object.at("/metadata/generation").as_i64();
            object.text("/metadata/uid") == uid && shown.unwrap_or_default() >= generation
        })
    }

    /// A kind of claims that was never listed, if there is one: what it may protect is not known.
    pub(super) fn unlisted(&self) -> Option<&'static str> {
        let mut claims = CLAIMS.into_iter();
        claims.find(|kind| !self.listed.contains(kind))
    }

    /// A line of a watch.
    pub(super) fn watched(&mut self, number: u64, line: &Value) {
        let Some(object) = line.get("object") else {
            return;
        };
        let type_ = line.get("type").and_then(Value::as_str);
        match type_ {
            Some("ADDED" | "MODIFIED") => {
                let key = Object::new(object.clone(), number).key();
                let old = key.and_then(|key| self.objects.remove_entry(&key));
                self.take(number, object.clone(), &old.into_iter().collect());
            }
            Some("DELETED") => {
                if let Some(key) = Object::new(object.clone(), number).key() {
                    self.objects.remove(&key);
                    self.surveys.gone(&key);
                }
            }
            Some(_) | None => {}
        }
    }

    fn take(&mut self, number: u64, value: Value, old: &BTreeMap<Key, Object>) {
        let mut object = Object::new(value, number);
        let Some(key) = object.key() else {
            return;
        };
        if let Some(before) = old.get(&key)
            && before.at("/metadata/uid") == object.at("/metadata/uid")
            && before.at("/metadata/generation") == object.at("/metadata/generation")
            && before.is_deleting() == object.is_deleting()
        {
            object.shown_at = before.shown_at;
        }
        let approval = object.annotation("xopero.dev/approve-removals");
        self.approvals.extend(approval.map(str::to_owned));
        self.objects.insert(key, object);
    }

    /// The answer to a look at one object, which may show its metadata alone.
    pub(super) fn looked(&mut self, number: u64, body: &Value) {
        let look = Object::new(body.clone(), number);
        let uid = look.text("/metadata/uid").to_owned();
        let (namespace, name) = (
            look.text("/metadata/namespace"),
            look.text("/metadata/name"),
        );
        // Of metadata alone the kind is not told; no two kinds share an object, but a name they may.
        let found = self.objects.iter().find(|((_, space, called), object)| {
            space == namespace && called == name && object.text("/metadata/uid") == uid
        });
        let keys: Vec<Key> = match found {
            Some((key, _)) => vec![key.clone()],
            None => self
                .objects
                .keys()
                .filter(|(_, space, called)| space == namespace && called == name)
                .cloned()
                .collect(),
        };
        for key in keys {
            self.looks.insert(key, look.clone());
        }
    }

    /// What the API server made of a write of the operator's.
    pub(super) fn written(&mut self, body: &Value) {
        let object = Object::new(body.clone(), 0);
        let uid = object.text("/metadata/uid");
        if object.is_deleting() && !object.texts("/metadata/finalizers").contains(&CLEANUP) {
            self.released.insert(uid.to_owned());
        }
    }

    pub(super) fn look(&self, object: &Object) -> Option<&Object> {
        self.looks.get(&object.key()?)
    }

    pub(super) fn is_released(&self, object: &Object) -> bool {
        self.released.contains(object.text("/metadata/uid"))
    }

    /// The resource that manages an organization of this name: of several the oldest.
    pub(super) fn organization(&self, name: &str) -> Option<&Object> {
        self.of_kind("XoperoOrganization")
            .filter(|object| object.text("/spec/name").eq_ignore_ascii_case(name))
            .min_by_key(|object| {
                let created = object.text("/metadata/creationTimestamp").to_owned();
                (object.text("/spec/mode") == "Observe", created)
            })
    }

    pub(super) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        let of_kind = self
            .objects
            .iter()
            .filter(move |((of, _, _), _)| of == kind);
        of_kind.map(|(_, object)| object)
    }

    /// The claims on an organization of this name: what refers to a resource of it.
    pub(super) fn claims(&self, organization: &str) -> Vec<&Object> {
        let named = |object: &Object| {
            let (name, own) = (
                object.text("/spec/organizationRef/name"),
                object.text("/metadata/namespace"),
            );
            let namespace = object
                .at("/spec/organizationRef/namespace")
                .as_str()
                .unwrap_or(own);
            self.of_kind("XoperoOrganization").any(|found| {
                found.text("/metadata/name") == name
                    && found.text("/metadata/namespace") == namespace
                    && found.text("/spec/name").eq_ignore_ascii_case(organization)
            })
        };
        CLAIMS
            .into_iter()
            .flat_map(|kind| self.of_kind(kind))
            .filter(|object| named(object))
            .collect()
    }

    /// How many removals people have approved.
    pub(super) fn approved(&self) -> usize {
        let counts = self.approvals.iter().filter_map(|token| {
            let (count, _) = token.split_once('-')?;
            count.parse::<usize>().ok()
        });
        counts.sum()
    }

    /// Whether a person has approved anything.
    pub(super) fn has_approval(&self) -> bool {
        !self.approvals.is_empty()
    }
}

/// The kind of a resource; none if it is not one of ours.
pub(super) fn kind_of(resource: &str) -> Option<&'static str> {
    match resource {
        "xoperoconnections" => Some("XoperoConnection"),
        "xoperoorganizations" => Some("XoperoOrganization"),
        "xoperobackupplans" => Some("XoperoBackupPlan"),
        "xoperorepositories" => Some("XoperoRepository"),
        "xoperoazureprojects" => Some("XoperoAzureProject"),
        _ => None,
    }
}
