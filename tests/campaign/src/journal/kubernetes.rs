//! Requests to the API server, read from method and path.

use super::Asked;

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Reads one object.
    Get,
    /// Reads all of a kind.
    List,
    /// Reads the metadata of all of a kind.
    Survey,
    /// Follows a kind.
    Watch,
    /// Makes an object.
    Create,
    /// Changes an object.
    Patch,
    /// Replaces an object.
    Update,
    /// Deletes an object.
    Delete,
    /// Something else: a method that no verb stands for.
    Other,
}

impl Verb {
    /// The word that RBAC has for it, and one of our own for a list of metadata alone.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Survey => "survey",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Patch => "patch",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Other => "other",
        }
    }

    /// Whether it changes anything.
    pub const fn is_write(self) -> bool {
        match self {
            Self::Get | Self::List | Self::Survey | Self::Watch => false,
            Self::Create | Self::Patch | Self::Update | Self::Delete | Self::Other => true,
        }
    }
}

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it does.
    pub verb: Verb,
    /// The kind in the plural, with the subresource: `xoperobackupplans/status`.
    pub resource: String,
    /// Its namespace, empty for none or all.
    pub namespace: String,
    /// The object, empty for a whole kind.
    pub name: String,
}

impl Reference {
    /// What a request is about. A path that is no resource's is a `get` of that path.
    pub fn of(method: &str, path: &str, query: &str) -> Self {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let skipped = match segments.next() {
            Some("api") => 1,
            Some("apis") => 2,
            Some(_) | None => {
                return Self {
                    verb: verb(method, path, query),
                    resource: path.to_owned(),
                    namespace: String::new(),
                    name: String::new(),
                };
            }
        };
        let rest: Vec<&str> = segments.skip(skipped).collect();
        let (namespace, rest) = match rest.as_slice() {
            // A namespace by itself has no further segment.
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
            all => ("", all),
        };
        let (resource, name) = match rest {
            [resource] => ((*resource).to_owned(), ""),
            [resource, name] => ((*resource).to_owned(), *name),
            [resource, name, below @ ..] => (format!("{resource}/{}", below.join("/")), *name),
            [] => (path.to_owned(), ""),
        };
        Self {
            verb: verb(method, name, query),
            resource,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Of a request that reached the gate.
    pub fn of_asked(asked: &Asked) -> Self {
        let mut reference = Self::of(&asked.method, &asked.path, &asked.query);
        if reference.verb == Verb::List && asked.metadata_alone {
            reference.verb = Verb::Survey;
        }
        reference
    }

    /// The words by which a request is known in every run.
    pub fn key(&self) -> String {
        // Names of events are made of random numbers.
        let name = if self.resource == "events" {
            ""
        } else {
            self.name.as_str()
        };
        let words = [self.verb.as_str(), self.resource.as_str(), name];
        words.join(" ").trim_end().to_owned()
    }

    /// A write that is part of the state: neither of a Lease, nor an event that only tells of it.
    pub fn is_counted_write(&self) -> bool {
        self.verb.is_write() && !["leases", "events"].contains(&self.resource.as_str())
    }
}

fn verb(method: &str, name: &str, query: &str) -> Verb {
    let watches = || {
        query
            .split('&')
            .any(|pair| pair == "watch=true" || pair == "watch=1")
    };
    match method {
        "GET" if !name.is_empty() => Verb::Get,
        "GET" if watches() => Verb::Watch,
        "GET" => Verb::List,
        "POST" => Verb::Create,
        "PATCH" => Verb::Patch,
        "PUT" => Verb::Update,
        "DELETE" => Verb::Delete,
        _ => Verb::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(method: &str, path: &str, query: &str) -> String {
        Reference::of(method, path, query).key()
    }

    #[test]
    fn requests_are_known_by_verb_resource_and_name() {
        let plans = "/apis/xopero.dev/v1alpha1/namespaces/backup/xoperobackupplans";
        assert_eq!(key("GET", plans, ""), "list xoperobackupplans");
        assert_eq!(
            key("GET", plans, "limit=500&watch=true"),
            "watch xoperobackupplans"
        );
        assert_eq!(
            key(
                "PATCH",
                &format!("{plans}/nightly/status"),
                "fieldManager=x"
            ),
            "patch xoperobackupplans/status nightly"
        );
        assert_eq!(
            key("GET", "/api/v1/namespaces/backup/secrets/account", ""),
            "get secrets account"
        );
        assert_eq!(
            key("GET", "/api/v1/namespaces/backup", ""),
            "get namespaces backup"
        );
        assert_eq!(
            key("GET", "/api/v1/namespaces", "watch=1"),
            "watch namespaces"
        );
        let events = "/apis/events.k8s.io/v1/namespaces/backup/events";
        assert_eq!(
            key("PATCH", &format!("{events}/nightly.17fa"), ""),
            "patch events"
        );
        assert_eq!(key("GET", "/version", ""), "get /version");
    }

    #[test]
    fn neither_leases_nor_events_are_counted_writes() {
        let counted = |method, resource: &str| {
            let path = format!("/apis/g/v1/namespaces/n/{resource}/x");
            Reference::of(method, &path, "").is_counted_write()
        };
        assert!(counted("PATCH", "xoperoorganizations"));
        assert!(!counted("GET", "xoperoorganizations"));
        assert!(!counted("PUT", "leases"));
        assert!(!counted("PATCH", "events"));
    }
}
