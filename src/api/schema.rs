//! The custom resource definitions: the bounds that several fields share, and the files in `crds/`.
//!
//! Every text and list has a bound: without one the API server takes the worst case for the cost of a CEL rule, and
//! refuses the definition.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceColumnDefinition, CustomResourceDefinition, JSONSchemaProps,
    JSONSchemaPropsOrArray,
};
use kube::CustomResourceExt;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
    columns,
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

/// The text of a definition's file in `crds/`.
///
/// # Errors
/// If the definition cannot be written as YAML.
pub fn crd_yaml(crd: &CustomResourceDefinition) -> Result<String, serde_saphyr::ser::Error> {
    Ok(format!("{SOURCE}{}", serde_saphyr::to_string(crd)?))
}

/// The definition with its columns, and without the `null`s that Rust's `Option` leaves in a schema: an absent field is
/// absent, and the API server would offer `null` as a value of every list of words.
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
            without_null(schema);
        }
    }
    crd
}

fn without_null(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    if let Some(words) = &mut schema.enum_ {
        words.retain(|word| word.0 != Value::Null);
    }
    for property in schema
        .properties
        .iter_mut()
        .flat_map(|properties| properties.values_mut())
    {
        without_null(property);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        without_null(items);
    }
}

fn rule(rule: &str, message: &str) -> Value {
    json!([{ "rule": rule, "message": message }])
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
        "x-kubernetes-validations": rule(
            "isURL(self) && (url(self).getScheme() == 'https' || (url(self).getScheme() == 'http' && url(self).getHostname() in ['localhost','127.0.0.1','::1'])) && url(self).getEscapedPath() in ['','/'] && size(url(self).getQuery()) == 0 && !self.contains('@') && !self.contains('#')",
            "write https://host or https://host:port, without user, path, query or fragment (http only to localhost, 127.0.0.1 or [::1]), for example https://xopero.example.com",
        ),
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

/// How long one request may take.
pub(super) fn request_timeout(_: &mut SchemaGenerator) -> Schema {
    duration(
        "duration(self) >= duration('1s') && duration(self) <= duration('15s')",
        "from 1s to 15s, for example 10s",
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
