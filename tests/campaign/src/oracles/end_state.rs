//! O1, the end state: what is left in Kubernetes and in Xopero ONE, without what is another in every run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// A whole end state. Equal ones are equal in all that a person could see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndState(Value);

/// Fields that are another in every run, wherever they stand.
const MASKED: [&str; 10] = [
    // What is used of the limit is counted before it is sent, so a crash may count a step twice: see `ledger`.
    "inTheLastHour",
    "lastTransitionTime",
    "credentialsVersion",
    "resourceVersion",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "lastHandledReconcileAt",
    "lastSyncAt",
    // A person asks for a look as often as something needs one.
    "xopero.dev/reconcile-requested-at",
];

impl EndState {
    /// Of what the simulator holds and all resources, with words that are another in every run replaced by those beside them.
    pub fn of(xopero: &Value, resources: &[Value], words: &[(&str, &str)]) -> Self {
        let mut resources: Vec<Value> = resources.iter().map(resource).collect();
        resources.sort_by_key(|resource| {
            let part = |name: &str| resource.get(name).map(ToString::to_string);
            (part("kind"), part("name"))
        });
        let all = json!({"kubernetes": resources, "xopero": xopero});
        let mut text = masked(&all).to_string();
        for (word, replacement) in words {
            text = text.replace(word, replacement);
        }
        // A token is made of the organization's uid as well.
        for token in tokens(&all) {
            let number = token.split('-').next().unwrap_or_default();
            text = text.replace(&token, &format!("{number}-TOKEN"));
        }
        // The words are of letters that JSON writes as they are.
        Self(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Where two differ, a line each.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let (mut mine, mut theirs) = (BTreeMap::new(), BTreeMap::new());
        flatten("", &self.0, &mut mine);
        flatten("", &other.0, &mut theirs);
        let mut lines = Vec::new();
        for (path, value) in &mine {
            match theirs.get(path) {
                Some(other) if other == value => {}
                Some(other) => lines.push(format!("{path}: {value}, and in the reference {other}")),
                None => lines.push(format!("{path}: {value}, and in the reference nothing")),
            }
        }
        let missing = theirs.iter().filter(|(path, _)| !mine.contains_key(*path));
        lines.extend(
            missing.map(|(path, value)| format!("{path}: nothing, and in the reference {value}")),
        );
        lines
    }
}

fn resource(resource: &Value) -> Value {
    let at = |pointer: &str| resource.pointer(pointer).cloned().unwrap_or_default();
    let annotations = at("/metadata/annotations");
    let annotations: Map<String, Value> = annotations
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "kubectl.kubernetes.io/last-applied-configuration")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    json!({
        "kind": at("/kind"),
        "name": at("/metadata/name"),
        "generation": at("/metadata/generation"),
        "labels": at("/metadata/labels"),
        "annotations": annotations,
        "finalizers": at("/metadata/finalizers"),
        "isDeleting": at("/metadata/deletionTimestamp").is_string(),
        "spec": at("/spec"),
        "status": at("/status"),
    })
}

fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, value)| {
                !MASKED.contains(&name.as_str())
                    && !is_no_approval(name, value)
                    && !is_digest_of_names(name, value)
            })
            .map(|(name, value)| (name.clone(), masked(value)))
            .filter(|(_, value)| *value != json!({}))
            .collect(),
        Value::Array(values) => values.iter().map(masked).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The tokens that approve removals: those that a person wrote, that were used, and that are offered.
fn tokens(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_said_here =
                    ["token", "usedTokens", "xopero.dev/approve-removals"].contains(&name.as_str());
                if is_said_here {
                    let written = value.as_str().into_iter();
                    let used = value
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str);
                    let all = written.chain(used).flat_map(|tokens| tokens.split(','));
                    found.extend(all.map(|token| token.trim().to_owned()));
                } else {
                    found.extend(tokens(value));
                }
            }
        }
        Value::Array(values) => found.extend(values.iter().flat_map(tokens)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    found
}

/// That no approval was used stands beside what is counted, and is not said where nothing is.
fn is_no_approval(name: &str, value: &Value) -> bool {
    name == "approvalsUsed" && *value == 0
}

/// Where a repository was removed and the operator died, the names beside it in the digest are unsure until a resource names them:
/// an approval too many is asked for, and never one too few.
fn is_digest_of_names(name: &str, value: &Value) -> bool {
    name == "names" && value.is_string()
}

fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                flatten(&format!("{path}/{name}"), value, into);
            }
        }
        Value::Array(values) if !values.is_empty() => {
            let mut names = BTreeSet::new();
            for (index, value) in values.iter().enumerate() {
                // Named things are known by their names, so that one that is missing is not a difference of all.
                let part = |name: &str| value.get(name).and_then(Value::as_str);
                let name = match (part("kind"), part("name").or_else(|| part("type"))) {
                    (Some(kind), Some(name)) => format!("{kind} {name}"),
                    (None, Some(name)) => name.to_owned(),
                    (Some(_) | None, None) => index.to_string(),
                };
                // Of several with one name each counts.
                let name = if names.contains(&name) {
                    format!("{name} #{index}")
                } else {
                    name
                };
                flatten(&format!("{path}/{name}"), value, into);
                names.insert(name);
            }
        }
        Value::Object(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => {
            into.insert(path.to_owned(), value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(time: &str, status: &str, namespace: &str) -> Value {
        json!({
            "kind": "XoperoBackupPlan",
            "metadata": {"name": "nightly", "uid": time, "generation": 1, "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": time}},
            "status": {"conditions": [{"type": "Ready", "status": status, "lastTransitionTime": time,
                "message": format!("in {namespace}")}]},
        })
    }

    fn state(time: &str, status: &str, namespace: &str) -> EndState {
        let resources = [plan(time, status, namespace)];
        EndState::of(
            &json!({"plans": ["Nightly"]}),
            &resources,
            &[(namespace, "NAMESPACE")],
        )
    }

    #[test]
    fn what_is_another_in_every_run_makes_no_difference_and_all_else_does() {
        let reference = state("1", "True", "run-1");
        assert_eq!(state("2", "True", "run-2"), reference);
        assert_eq!(
            state("2", "False", "run-2").differences(&reference),
            [
                "/kubernetes/XoperoBackupPlan nightly/status/conditions/Ready/status: \"False\", and in the reference \"True\""
            ]
        );
    }

    #[test]
    fn what_is_counted_makes_no_difference_and_an_approval_that_was_used_does() {
        let of = |removals: Value| {
            let organization = json!({"kind": "XoperoOrganization", "metadata": {"name": "acme"},
                "status": {"observedGeneration": 1, "removals": removals}});
            EndState::of(&json!([]), &[organization], &[])
        };
        let counted =
            |used: u64| of(json!({"inTheLastHour": [{"count": 2}], "approvalsUsed": used}));
        assert_eq!(counted(0), of(json!({})));
        assert_eq!(
            counted(1).differences(&counted(0)),
            [
                "/kubernetes/XoperoOrganization acme/status/removals/approvalsUsed: 1, and in the reference nothing"
            ]
        );
    }

    #[test]
    fn a_token_is_known_by_how_much_it_approves() {
        let of = |token: &str| {
            let organization = json!({"kind": "XoperoOrganization", "metadata": {"name": "acme",
                "annotations": {"xopero.dev/approve-removals": token}},
                "status": {"removals": {"usedTokens": [token]}}});
            EndState::of(&json!([]), &[organization], &[])
        };
        assert_eq!(of("3-564362"), of("3-d4479b"));
        assert_ne!(of("3-564362"), of("4-564362"));
    }

    #[test]
    fn the_digest_of_names_makes_no_difference_and_names_do() {
        let of = |inventory: &str, unprotected: &str| {
            let organization = json!({"kind": "XoperoOrganization", "metadata": {"name": "acme"},
                "status": {"inventory": {"names": inventory}, "unprotected": {"names": [unprotected]}}});
            EndState::of(&json!([]), &[organization], &[])
        };
        assert_eq!(of("92c4ff0e", "api"), of("6d3b00f1", "api"));
        assert_ne!(of("92c4ff0e", "api"), of("92c4ff0e", "web"));
    }

    #[test]
    fn of_two_with_one_name_each_counts() {
        let of = |plans: Value| EndState::of(&json!({"repositories": plans}), &[], &[]);
        let row = |plans: &[&str]| json!({"name": "web", "plans": plans});
        let both = of(json!([row(&["Nightly"]), row(&[])]));
        let other = of(json!([row(&[]), row(&[])]));
        assert_eq!(
            both.differences(&other),
            [
                "/xopero/repositories/web/plans/0: \"Nightly\", and in the reference nothing",
                "/xopero/repositories/web/plans: nothing, and in the reference []",
            ]
        );
        let one = of(json!([row(&["Nightly"])]));
        assert_eq!(
            both.differences(&one),
            [
                "/xopero/repositories/web #1/name: \"web\", and in the reference nothing",
                "/xopero/repositories/web #1/plans: [], and in the reference nothing",
            ]
        );
    }
}
