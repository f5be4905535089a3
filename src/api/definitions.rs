//! The custom resource definitions as they are installed: with columns, schemas that read well, and the files in `crds/`.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceColumnDefinition, CustomResourceDefinition, JSON, JSONSchemaProps,
    JSONSchemaPropsOrArray,
};
use kube::CustomResourceExt;
use serde_json::{Value, json};
use thiserror::Error;

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
