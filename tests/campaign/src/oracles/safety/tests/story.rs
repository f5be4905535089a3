//! Journals made by hand, step by step.

use serde_json::{Value, json};
use xopero_simulator::{Endpoint, ids};

use super::super::violations;
use crate::journal::{Answered, Asked, Deed, Event, Reached, Side, Watched, What};

/// Where all resources are.
pub(super) const NAMESPACE: &str = "backup";

/// A journal under way.
pub(super) struct Story {
    pub(super) events: Vec<Event>,
    pub(super) process: u32,
    pub(super) time: u64,
    /// The resources that there are.
    pub(super) there: Vec<Value>,
    /// Whether lists are of metadata.
    looks_around: bool,
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so that json! stands in the call"
)]
pub(super) fn organization(more: Value) -> Value {
    let mut spec = json!({"name": "acme", "provider": "GitHub"});
    merge(&mut spec, &more);
    object("XoperoOrganization", "acme", &spec)
}

pub(super) fn exclusive(include: &[&str]) -> Value {
    let spec = json!({"organizationRef": {"name": "acme"}, "planName": "Nightly", "membership": "Exclusive",
        "repositories": {"include": include}});
    object("XoperoBackupPlan", "nightly", &spec)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so that json! stands in the call"
)]
pub(super) fn repository(resource: &str, name: &str, more: Value) -> Value {
    let mut spec = json!({"organizationRef": {"name": "acme"}, "name": name});
    merge(&mut spec, &more);
    object("XoperoRepository", resource, &spec)
}

pub(super) fn object(kind: &str, name: &str, spec: &Value) -> Value {
    json!({"kind": kind, "metadata": {"name": name, "namespace": NAMESPACE, "uid": format!("uid-{name}"),
        "generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": spec})
}

pub(super) fn merge(into: &mut Value, from: &Value) {
    let fields = from.as_object().cloned().unwrap_or_default();
    into.as_object_mut().unwrap().extend(fields);
}

/// The same object, being deleted.
pub(super) fn deleting(mut object: Value) -> Value {
    object["metadata"]["deletionTimestamp"] = "2026-01-02T00:00:00Z".into();
    object["metadata"]["finalizers"] = json!(["xopero.dev/cleanup"]);
    object
}

pub(super) fn annotated(mut object: Value, name: &str, value: &str) -> Value {
    object["metadata"]["annotations"] = json!({ name: value });
    object
}

pub(super) fn id(name: &str) -> String {
    ids::repository("acme", None, name).to_string()
}

impl Story {
    /// A process that was shown these resources, has read the Secret and signed in.
    pub(super) fn with(resources: &[Value]) -> Self {
        let mut story = Self {
            events: Vec::new(),
            process: 1,
            time: 1_000_000,
            there: Vec::new(),
            looks_around: false,
        };
        story.start(resources);
        story
    }

    /// What comes after it in that process.
    pub(super) fn again(&self, process: u32) -> Self {
        Self {
            events: self.events.clone(),
            process,
            time: self.time,
            there: self.there.clone(),
            looks_around: false,
        }
    }

    pub(super) fn note(&mut self, what: What) -> u64 {
        let number = u64::try_from(self.events.len()).unwrap() + 1;
        self.time += 10;
        self.events.push(Event {
            number,
            time: self.time,
            process: self.process,
            what,
        });
        number
    }

    pub(super) fn ask(&mut self, side: Side, method: &str, path: &str, body: Value) -> u64 {
        let key = path.rsplit('/').next().unwrap_or_default().to_owned();
        self.note(What::Asked(Asked {
            side,
            method: method.to_owned(),
            path: path.to_owned(),
            query: String::new(),
            metadata_alone: self.looks_around,
            body,
            key,
        }))
    }

    pub(super) fn answer(&mut self, request: u64, status: u16, body: Value) {
        self.note(What::Answered(Answered {
            request,
            status: Some(status),
            body,
            reached: Reached::Whole,
        }));
    }

    pub(super) fn start(&mut self, resources: &[Value]) {
        self.start_without("", resources);
    }

    /// The same, with a kind that is not listed.
    pub(super) fn start_without(&mut self, unlisted: &str, resources: &[Value]) {
        self.note(What::Done(Deed::Started));
        self.there = resources.to_vec();
        self.list_kinds(unlisted);
        self.read_secret("1");
        self.log_in(200);
    }

    fn list_kinds(&mut self, unlisted: &str) {
        let kinds = [
            ("xoperoorganizations", "XoperoOrganization"),
            ("xoperobackupplans", "XoperoBackupPlan"),
            ("xoperorepositories", "XoperoRepository"),
            ("xoperoazureprojects", "XoperoAzureProject"),
        ];
        for (plural, kind) in kinds.into_iter().filter(|(_, kind)| *kind != unlisted) {
            let of_kind = self.there.iter().filter(|object| object["kind"] == kind);
            let items: Vec<Value> = of_kind.cloned().collect();
            let path = format!("/apis/xopero.dev/v1alpha1/namespaces/{NAMESPACE}/{plural}");
            let request = self.ask(Side::Kubernetes, "GET", &path, Value::Null);
            self.answer(request, 200, json!({ "items": items }));
        }
    }

    /// A list of the metadata of all that is there.
    pub(super) fn look_around(&mut self) {
        self.look_around_without("");
    }

    /// The same, without a kind.
    pub(super) fn look_around_without(&mut self, kind: &str) {
        self.looks_around = true;
        self.list_kinds(kind);
        self.looks_around = false;
    }

    pub(super) fn read_secret(&mut self, version: &str) {
        let path = format!("/api/v1/namespaces/{NAMESPACE}/secrets/account");
        let request = self.ask(Side::Kubernetes, "GET", &path, Value::Null);
        self.answer(
            request,
            200,
            json!({"metadata": {"resourceVersion": version}}),
        );
    }

    pub(super) fn log_in(&mut self, status: u16) {
        let request = self.call(Endpoint::Login, Value::Null);
        self.answer(request, status, Value::Null);
    }

    pub(super) fn call(&mut self, endpoint: Endpoint, body: Value) -> u64 {
        self.ask(Side::Xopero, "POST", endpoint.path(), body)
    }

    /// A whole listing of `acme` with these repositories.
    pub(super) fn list(&mut self, names: &[&str]) {
        self.list_with(names, |_| ());
    }

    /// The same, with the answer about the repositories changed.
    pub(super) fn list_with(&mut self, names: &[&str], change: impl Fn(&mut Value)) {
        self.list_organizations(&json!(false));
        let acme = ids::organization("acme");
        let request = self.call(Endpoint::ListPlans, json!({"organizationId": acme}));
        let plans = json!([{"id": ids::plan("acme", "Nightly"), "name": "Nightly"}]);
        self.answer(request, 200, plans);
        let request = self.call(
            Endpoint::ListRepositories,
            json!({"organizationId": acme, "page": 1}),
        );
        let row = |name: &&str| json!({"id": id(name), "name": name, "organizationId": acme});
        let rows: Vec<Value> = names.iter().map(row).collect();
        let mut page =
            json!({"currentPage": 1, "pageCount": 1, "totalEntries": names.len(), "result": rows});
        change(&mut page);
        self.answer(request, 200, page);
    }

    pub(super) fn list_organizations(&mut self, synchronizes: &Value) {
        let request = self.call(Endpoint::ListOrganizations, json!({"page": 1}));
        let row = json!({"id": ids::organization("acme"), "name": "acme", "synchronizationInProgress": synchronizes});
        self.answer(
            request,
            200,
            json!({"pageCount": 1, "totalEntries": 1, "result": [row]}),
        );
    }

    pub(super) fn watch(&mut self, type_: &str, object: &Value) {
        self.there
            .retain(|there| there["metadata"]["uid"] != object["metadata"]["uid"]);
        if type_ != "DELETED" {
            self.there.push(object.clone());
        }
        let line = json!({"type": type_, "object": object});
        self.note(What::Watched(Watched { request: 0, line }));
    }

    /// A fresh look around, and at a resource, which is as it is shown here.
    pub(super) fn look(&mut self, object: &Value) {
        self.look_around();
        self.look_at(object);
    }

    pub(super) fn look_at(&mut self, object: &Value) {
        let name = object["metadata"]["name"].as_str().unwrap();
        let plural = match object["kind"].as_str().unwrap() {
            "XoperoBackupPlan" => "xoperobackupplans",
            "XoperoOrganization" => "xoperoorganizations",
            _ => "xoperorepositories",
        };
        let path = format!("/apis/xopero.dev/v1alpha1/namespaces/{NAMESPACE}/{plural}/{name}");
        let request = self.ask(Side::Kubernetes, "GET", &path, Value::Null);
        let metadata = &object["metadata"];
        self.answer(
            request,
            200,
            json!({"kind": "PartialObjectMetadata", "metadata": metadata}),
        );
    }

    pub(super) fn write(&mut self, endpoint: Endpoint, repository: &str) {
        let plan = ids::plan("acme", "Nightly");
        let body = json!({"planId": plan, "repositoryId": id(repository)});
        let request = self.call(endpoint, body);
        self.answer(request, 200, Value::Null);
    }

    pub(super) fn detach(&mut self, repository: &str) {
        self.write(Endpoint::DetachRepository, repository);
    }

    /// The one sentence that the monitor says.
    #[track_caller]
    pub(super) fn breaks(&self, sentence: &str) {
        let found = violations(&self.events);
        let all = found.join("\n");
        assert!(found.iter().any(|found| found.contains(sentence)), "{all}");
    }

    #[track_caller]
    pub(super) fn keeps_all(&self) {
        assert_eq!(violations(&self.events), Vec::<String>::new());
    }
}
