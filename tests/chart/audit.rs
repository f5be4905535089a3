//! What an account asked the API server for, as the API server's own audit log tells it.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

/// A kind of request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Request {
    pub(crate) verb: String,
    pub(crate) group: String,
    /// With its subresource; the path, where it is none.
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) is_allowed: bool,
}

/// All requests of `system:serviceaccount:NAMESPACE:NAME`.
pub(crate) fn requests(log: &Path, account: &str) -> BTreeSet<Request> {
    let text = fs::read_to_string(log).unwrap();
    // The last line may not be whole yet.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let lines = whole.lines().filter(|line| line.contains(account));
    let events = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .filter(|event| event["user"]["username"] == account)
        .map(|event| request(&event))
        .collect()
}

fn request(event: &Value) -> Request {
    let object = &event["objectRef"];
    let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
    let resource = match (object["resource"].as_str(), object["subresource"].as_str()) {
        (Some(resource), Some(part)) => format!("{resource}/{part}"),
        (Some(resource), None) => resource.to_owned(),
        (None, _) => event["requestURI"].as_str().unwrap().to_owned(),
    };
    Request {
        verb: event["verb"].as_str().unwrap().to_owned(),
        group: text("apiGroup"),
        resource,
        namespace: text("namespace"),
        name: text("name"),
        is_allowed: event["annotations"]["authorization.k8s.io/decision"] == "allow",
    }
}
