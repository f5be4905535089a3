//! The custom resource definitions: the bounds that several fields share, and the files in `crds/`.
//!
//! Every text and list has a bound: without one the API server takes the worst case for the cost of a CEL rule, and
//! refuses the definition.

use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceColumnDefinition, CustomResourceDefinition, JSON, JSONSchemaProps,
    JSONSchemaPropsOrArray,
};
use kube::CustomResourceExt;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use thiserror::Error;

use crate::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
    columns, policies::Words,
};

/// The first line of every file in `crds/`.
const SOURCE: &str = "# Generated from src/api by cargo xtask generate. Do not edit.\n";

/// The five definitions, in the order in which a user meets them.
pub fn crds() -> Vec<CustomResourceDefinition> {
    vec![
        printed(XoperoConnection::crd(), &columns::connection()),
        printed(XoperoOrganization::crd(), &columns::organization()),
        printed(XoperoBackupPlan::crd(), &columns::backup_plan()),
        printed(XoperoRepository::crd(), &columns::repository()),
        printed(XoperoAzureProject::crd(), &columns::azure_project()),
    ]
}

/// The name of a definition's file in `crds/`, for example `xopero.dev_xoperoconnections.yaml`.
pub fn crd_file_name(crd: &CustomResourceDefinition) -> String {
    format!("{}_{}.yaml", crd.spec.group, crd.spec.names.plural)
}

/// A definition could not be written down.
#[derive(Debug, Error)]
pub enum Unwritable {
    /// Not even as a value.
    #[error("the definition cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// Not as text.
    #[error("the definition cannot be written as YAML")]
    Yaml(#[from] serde_saphyr::SerializeError),
}

/// The text of a definition's file in `crds/`.
///
/// # Errors
/// If the definition cannot be written as YAML.
pub fn crd_yaml(crd: &CustomResourceDefinition) -> Result<String, Unwritable> {
    let mut value = serde_json::to_value(crd)?;
    whole_numbers(&mut value);
    Ok(format!("{SOURCE}{}", serde_saphyr::to_string(&value)?))
}

/// Bounds are numbers with a fraction in Kubernetes' own types. Written out, `1000` reads better than `1000.0`.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let whole = number
                .as_f64()
                .filter(|float| float.fract() == 0.0)
                .map(|float| format!("{float:.0}"));
            let whole = whole.and_then(|digits| digits.parse::<i64>().ok());
            if let Some(whole) = whole {
                *number = whole.into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The definition with its columns, and with a schema that reads well.
fn printed(
    mut crd: CustomResourceDefinition,
    columns: &[CustomResourceColumnDefinition],
) -> CustomResourceDefinition {
    for version in &mut crd.spec.versions {
        version.additional_printer_columns = Some(columns.to_vec());
        let schema = version
            .schema
            .as_mut()
            .and_then(|schema| schema.open_api_v3_schema.as_mut());
        if let Some(schema) = schema {
            tidy(schema);
            let properties = schema.properties.get_or_insert_default();
            if let Some(status) = properties.get_mut("status") {
                status.default = Some(JSON(not_observed()));
            }
        }
    }
    crd
}

/// The status that the definitions give to a resource which the operator has not looked at yet. Without it kstatus, and so Flux
/// and `helm --wait`, would take such a resource for finished.
pub fn not_observed() -> Value {
    json!({ "observedGeneration": -1 })
}

/// Takes out what Rust left in a schema: titles, the line breaks of comments, formats that Kubernetes does not know, and
/// the `null`s of `Option`. An absent field is absent, and the API server would offer `null` among the words of a list.
fn tidy(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    schema.title = None;
    schema.format.take_if(|format| format.starts_with("uint"));
    if let Some(words) = &mut schema.enum_ {
        words.retain(|word| word.0 != Value::Null);
    }
    if let Some(description) = &mut schema.description {
        *description = paragraphs(description);
    }
    for property in schema
        .properties
        .iter_mut()
        .flat_map(|properties| properties.values_mut())
    {
        tidy(property);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        tidy(items);
    }
}

/// The text with the lines of a paragraph joined: `kubectl explain` breaks them to fit the terminal.
fn paragraphs(text: &str) -> String {
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    paragraphs.join("\n\n")
}

fn rule(rule: &str, message: &str) -> Value {
    json!([{ "rule": rule, "message": message }])
}

/// What `status.inventory.names` holds.
pub(super) fn names_digest(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "maxLength": 8_192 })
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
