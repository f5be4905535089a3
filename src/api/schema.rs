//! The schemas of fields, with the bounds that several share.
//!
//! Every text and list has a bound: without one the API server takes the worst case for the cost of a CEL rule, and
//! refuses the definition.

use std::time::Duration;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::api::policies::Words;

fn rule(rule: &str, message: &str) -> Value {
    json!([{ "rule": rule, "message": message }])
}

/// What `status.inventory.names` holds.
pub(super) fn names_digest(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "maxLength": 10_240 })
}

/// A name in Xopero ONE.
pub(super) fn name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "minLength": 1, "maxLength": 256 })
}

/// The name of an object in Kubernetes.
pub(super) fn object_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": 253,
        "x-kubernetes-validations": rule(
            r"self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
            "write the name of an object: lower case letters, digits, '-' and '.', for example my-organization",
        ),
    })
}

/// The name of a namespace.
pub(super) fn namespace_name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": 63,
        "x-kubernetes-validations": rule(
            r"self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
            "write the name of a namespace: at most 63 lower case letters, digits and '-', for example backup",
        ),
    })
}

/// A key of a Secret or `ConfigMap`.
pub(super) fn data_key(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": 253,
        "x-kubernetes-validations": rule(
            r"self.matches('^[-._a-zA-Z0-9]+$')",
            "write a key of the Secret or ConfigMap: letters, digits, '-', '_' and '.', for example ca.crt",
        ),
    })
}

/// The address of an instance.
pub(super) fn url(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": 512,
        "x-kubernetes-validations": [
            {
                "rule": "isURL(self) && (url(self).getScheme() == 'https' || (url(self).getScheme() == 'http' && url(self).getHostname() in ['localhost','127.0.0.1','::1'])) && url(self).getEscapedPath() in ['','/'] && size(url(self).getQuery()) == 0 && !self.contains('@') && !self.contains('#')",
                "message": "write https://host or https://host:port, without user, path, query or fragment (http only to localhost, 127.0.0.1 or [::1]), for example https://xopero.example.com",
            },
            {
                // An address that is none is the first rule's to refuse.
                "rule": r"!isURL(self) || self.matches('^[^:]+://([^/?#:@\\[\\]]+|\\[[^/?#@]+\\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?(/.*|[?#].*)?$')",
                "message": "write the name of a host and, where there is one, a port from 1 to 65535, for example https://xopero.example.com:8443",
            },
        ],
    })
}

/// An id of Xopero ONE.
pub(super) fn guid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": 36,
        "x-kubernetes-validations": rule(
            "self.matches('^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$')",
            "write an id such as 6f1c9a52-0c1e-4d0b-9a3e-2f6f5b8f7c11, or name instead of projectId",
        ),
    })
}

/// A word of a closed list.
pub(super) fn words<W: Words>(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": W::WORDS })
}

/// A selector of labels, as everywhere in Kubernetes.
pub(super) fn label_selector(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "x-kubernetes-map-type": "atomic",
        "properties": {
            "matchLabels": {
                "description": "The labels that must be there with these values, for example `team: platform`.",
                "type": "object",
                "maxProperties": 64,
                "additionalProperties": { "type": "string", "maxLength": 63 },
            },
            "matchExpressions": {
                "description": "Further conditions. All of them must hold.",
                "type": "array",
                "maxItems": 64,
                "items": {
                    "type": "object",
                    "required": ["key", "operator"],
                    "properties": {
                        "key": {
                            "description": "The label, for example `team`.",
                            "type": "string", "minLength": 1, "maxLength": 317,
                        },
                        "operator": {
                            "description": "How the label relates to `values`: `In`, `NotIn`, `Exists` or `DoesNotExist`.",
                            "type": "string", "enum": ["In", "NotIn", "Exists", "DoesNotExist"],
                        },
                        "values": {
                            "description": "The values for `In` and `NotIn`. None for `Exists` and `DoesNotExist`.",
                            "type": "array", "maxItems": 64,
                            "items": { "type": "string", "maxLength": 63 },
                        },
                    },
                },
            },
        },
    })
}

/// Wildcards.
pub(super) fn globs(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 100,
        "items": { "type": "string", "minLength": 1, "maxLength": 256 },
    })
}

/// Regular expressions. A broken one makes the rule fail with the parser's own words.
pub(super) fn regexes(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 16,
        "items": {
            "type": "string",
            "minLength": 1,
            "maxLength": 256,
            "x-kubernetes-validations": rule(
                "''.matches(self) in [true, false]",
                "write a regular expression in the syntax of RE2, for example svc-[0-9]+",
            ),
        },
    })
}

/// Names of plans in Xopero ONE.
pub(super) fn plans(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 64,
        "x-kubernetes-list-type": "set",
        "items": { "type": "string", "minLength": 1, "maxLength": 256 },
    })
}

/// Free-form settings. The API server cannot look into them, so reserved names are found in code.
pub(super) fn parameters(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 64,
        "x-kubernetes-preserve-unknown-fields": true,
    })
}

/// The longest `requests.timeout` of a connection: the Lease has to outlive a write.
pub const LONGEST_REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// How long one request may take.
pub(super) fn request_timeout(_: &mut SchemaGenerator) -> Schema {
    let longest = LONGEST_REQUEST_TIMEOUT.as_secs();
    duration(
        &format!("duration(self) >= duration('1s') && duration(self) <= duration('{longest}s')"),
        &format!("from 1s to {longest}s, for example 10s"),
    )
}

/// How often an organization is listed.
pub(super) fn resync_interval(_: &mut SchemaGenerator) -> Schema {
    duration(
        "duration(self) >= duration('1s')",
        "of at least 1s, for example 10m",
    )
}

/// How often the Git service is read.
pub(super) fn sync_interval(_: &mut SchemaGenerator) -> Schema {
    duration(
        "duration(self) >= duration('15m')",
        "of at least 15m, for example 1h",
    )
}

/// How old a backup may be.
pub(super) fn max_age(_: &mut SchemaGenerator) -> Schema {
    duration(
        "duration(self) >= duration('1s')",
        "of at least 1s, for example 24h",
    )
}

/// A duration as Go writes it. The shape is checked first, so that a text that is none gets our sentence.
fn duration(bounds: &str, what: &str) -> Schema {
    json_schema!({
        "type": "string",
        "maxLength": 16,
        "x-kubernetes-validations": rule(
            &format!(r"self.matches('^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$') && {bounds}"),
            &format!("write a duration {what}; the units are ms, s, m and h"),
        ),
    })
}

/// The conditions of a resource: one of each type, as kstatus expects them.
pub(super) fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 16,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "type": "object",
            "required": ["type", "status", "lastTransitionTime", "reason", "message"],
            "properties": {
                "type": {
                    "description": "What the condition speaks of.",
                    "type": "string", "maxLength": 316,
                },
                "status": {
                    "description": "True, False or Unknown.",
                    "type": "string", "enum": ["True", "False", "Unknown"],
                },
                "observedGeneration": {
                    "description": "The generation of the resource that the condition speaks of.",
                    "type": "integer", "format": "int64", "minimum": 0,
                },
                "lastTransitionTime": {
                    "description": "When the status last changed.",
                    "type": "string", "format": "date-time",
                },
                "reason": {
                    "description": "Why, in one word of a closed list.",
                    "type": "string", "minLength": 1, "maxLength": 64,
                },
                "message": {
                    "description": "Why, in sentences, and the way out.",
                    "type": "string", "maxLength": 1024,
                },
            },
        },
    })
}

#[cfg(test)]
mod tests;
