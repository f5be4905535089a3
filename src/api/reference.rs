//! The pages in `docs/reference/`, from the same schemas and the same lists of reasons and annotations as the code.

use std::fmt::Write;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};

use crate::api::{
    annotations,
    conditions::{ConditionType, Truth},
    crds,
    reasons::Reason,
};

/// The first line of every page.
const SOURCE: &str = "<!-- Generated from src/api by cargo xtask generate. Do not edit. -->";

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The name of its file in `docs/reference/`, for example `xoperobackupplan.md`.
    pub file_name: String,
    /// Its text, in Markdown.
    pub text: String,
}

/// Every page: one a kind, one for conditions and their reasons, one for annotations and labels.
pub fn pages() -> Vec<Page> {
    crds()
        .iter()
        .map(kind)
        .chain([conditions(), metadata()])
        .collect()
}

fn page(file_name: &str, text: &str) -> Page {
    Page {
        file_name: file_name.to_owned(),
        text: format!("{SOURCE}\n{text}"),
    }
}

fn kind(crd: &CustomResourceDefinition) -> Page {
    let names = &crd.spec.names;
    let mut text = format!("# {}\n\n", names.kind);
    for version in &crd.spec.versions {
        let schema = version
            .schema
            .as_ref()
            .and_then(|schema| schema.open_api_v3_schema.as_ref());
        let Some(schema) = schema else { continue };
        text.push_str(schema.description.as_deref().unwrap_or_default());
        let short = names
            .short_names
            .iter()
            .flatten()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        paragraph(
            &mut text,
            &format!(
                "`apiVersion: {}/{}`, short name {short}, namespaced.",
                crd.spec.group, version.name
            ),
        );
        paragraph(
            &mut text,
            "`kubectl explain` shows the same descriptions. An absent field has the default named there; the operator never writes it into `spec`.",
        );
        for (part, title) in [("spec", "Spec"), ("status", "Status")] {
            if let Some(schema) = schema
                .properties
                .as_ref()
                .and_then(|properties| properties.get(part))
            {
                paragraph(&mut text, &format!("## {title}"));
                paragraph(
                    &mut text,
                    "| Field | Type | Description |\n| --- | --- | --- |",
                );
                rows(&mut text, part, schema);
            }
        }
        let mut refusals = String::new();
        rules(
            &mut refusals,
            "spec",
            schema
                .properties
                .as_ref()
                .and_then(|properties| properties.get("spec")),
        );
        if !refusals.is_empty() {
            paragraph(&mut text, "## What `kubectl apply` refuses");
            paragraph(&mut text, "Beside the bounds above:");
            paragraph(&mut text, refusals.trim());
        }
    }
    page(&format!("{}.md", names.kind.to_lowercase()), &ended(&text))
}

/// Adds a paragraph, with an empty line before it.
fn paragraph(text: &mut String, paragraph: &str) {
    let kept = text.trim_end().len();
    text.truncate(kept);
    text.push_str("\n\n");
    text.push_str(paragraph);
}

/// The text with one line break at its end.
fn ended(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

/// Adds a line. Writing to a `String` cannot fail.
fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.push('\n');
    if text.write_fmt(line).is_err() {
        text.push('?');
    }
}

fn rows(text: &mut String, path: &str, schema: &JSONSchemaProps) {
    let required = schema.required.as_deref().unwrap_or_default();
    for (name, property) in schema.properties.iter().flatten() {
        let below = format!("{path}.{name}");
        // The first level stands under its own heading.
        let shown = below
            .strip_prefix("spec.")
            .or_else(|| below.strip_prefix("status."))
            .unwrap_or(&below);
        let needed = if required.contains(name) {
            ", required"
        } else {
            ""
        };
        let description = property
            .description
            .as_deref()
            .unwrap_or_default()
            .replace('|', "\\|");
        line(
            text,
            format_args!(
                "| `{shown}` | {}{needed} | {description} |",
                type_of(property)
            ),
        );
        rows(text, &below, property);
        if let Some(items) = items(property) {
            rows(text, &format!("{below}[]"), items);
        }
    }
}

fn items(schema: &JSONSchemaProps) -> Option<&JSONSchemaProps> {
    match schema.items.as_ref()? {
        JSONSchemaPropsOrArray::Schema(items) => Some(items.as_ref()),
        JSONSchemaPropsOrArray::Schemas(_) => None,
    }
}

/// The type of a field with its bounds, for example `list of text (at most 256 characters), at most 100`.
fn type_of(schema: &JSONSchemaProps) -> String {
    if let Some(words) = &schema.enum_ {
        let words = words
            .iter()
            .filter_map(|word| word.0.as_str())
            .map(|word| format!("`{word}`"));
        return words.collect::<Vec<_>>().join(", ");
    }
    if schema.x_kubernetes_int_or_string == Some(true) {
        return "number or percentage".to_owned();
    }
    match schema.type_.as_deref() {
        Some("array") => {
            let entries = items(schema).map_or_else(|| "anything".to_owned(), type_of);
            let most = schema
                .max_items
                .map(|most| format!(", at most {most}"))
                .unwrap_or_default();
            format!("list of {entries}{most}")
        }
        Some("object") => match &schema.additional_properties {
            Some(JSONSchemaPropsOrBool::Schema(values)) => format!("map of {}", type_of(values)),
            Some(JSONSchemaPropsOrBool::Bool(_)) | None => "object".to_owned(),
        },
        Some("string") if schema.format.as_deref() == Some("date-time") => "time".to_owned(),
        Some("string") => {
            let most = schema
                .max_length
                .map(|most| format!(" (at most {most} characters)"))
                .unwrap_or_default();
            format!("text{most}")
        }
        Some("integer") => match (schema.minimum, schema.maximum) {
            (Some(least), Some(most)) => format!("number ({least} to {most})"),
            (Some(least), None) => format!("number (from {least})"),
            (None, Some(most)) => format!("number (up to {most})"),
            (None, None) => "number".to_owned(),
        },
        Some("boolean") => "`true`, `false`".to_owned(),
        Some(other) => other.to_owned(),
        None => "anything".to_owned(),
    }
}

fn rules(text: &mut String, path: &str, schema: Option<&JSONSchemaProps>) {
    let Some(schema) = schema else { return };
    for rule in schema.x_kubernetes_validations.iter().flatten() {
        if let Some(message) = &rule.message {
            line(text, format_args!("- `{path}`: {message}"));
        }
    }
    for (name, property) in schema.properties.iter().flatten() {
        rules(text, &format!("{path}.{name}"), Some(property));
    }
    rules(text, &format!("{path}[]"), items(schema));
}

fn conditions() -> Page {
    let mut text = "# Conditions and reasons".to_owned();
    paragraph(
        &mut text,
        "`kubectl wait --for=condition=Ready`, Argo CD, Flux and Helm understand them as they are (kstatus). `Stalled`, `Reconciling` and `Paused` are there only while they are true. The list of reasons is closed.",
    );
    for type_ in ConditionType::ALL {
        paragraph(&mut text, &format!("## {}", type_.as_str()));
        paragraph(&mut text, type_.meaning());
        paragraph(
            &mut text,
            "| Status | Reason | What you may conclude |\n| --- | --- | --- |",
        );
        for truth in Truth::ALL {
            for reason in Reason::ALL
                .iter()
                .filter(|reason| reason.fits(*type_, *truth))
            {
                line(
                    &mut text,
                    format_args!("| {} | `{reason}` | {} |", truth.as_str(), reason.meaning()),
                );
            }
        }
    }
    page("conditions.md", &ended(&text))
}

fn metadata() -> Page {
    let mut text = "# Annotations, labels and finalizers".to_owned();
    paragraph(
        &mut text,
        "The absence of an annotation is never a request, and `\"true\"` is the only value that switches something on.",
    );
    paragraph(&mut text, "| Name | What it does |\n| --- | --- |");
    for (name, meaning) in annotations::MEANINGS {
        line(&mut text, format_args!("| `{name}` | {meaning} |"));
    }
    page("annotations.md", &ended(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(file_name: &str) -> String {
        pages()
            .into_iter()
            .find(|page| page.file_name == file_name)
            .unwrap()
            .text
    }

    #[test]
    fn a_field_stands_with_its_bounds_and_its_default() {
        let text = text_of("xoperoconnection.md");
        assert!(
            text.contains(
                "| `requests.perSecond` | number (1 to 1000) | The most requests in a second"
            ),
            "{text}"
        );
        assert!(
            text.contains(
                "| `credentialsSecretRef.name` | text (at most 253 characters), required |"
            ),
            "{text}"
        );
    }

    #[test]
    fn every_reason_stands_under_the_conditions_that_it_may_have() {
        let text = text_of("conditions.md");
        for reason in Reason::ALL {
            let rows = text
                .lines()
                .filter(|line| line.contains(&format!("| `{reason}` |")))
                .count();
            assert_eq!(rows, reason.used_for().len(), "{reason}");
        }
    }

    #[test]
    fn every_table_has_whole_rows() {
        for page in pages() {
            let mut columns = 0;
            for line in page.text.lines() {
                let bars = line.replace("\\|", "").matches('|').count();
                if line.starts_with("| --- ") {
                    columns = bars;
                }
                let row = line.starts_with("| `");
                assert!(!row || bars == columns, "{}: {line}", page.file_name);
            }
        }
    }

    #[test]
    fn the_files_in_docs_reference_are_those_of_the_types() {
        for page in pages() {
            let path = format!(
                "{}/docs/reference/{}",
                env!("CARGO_MANIFEST_DIR"),
                page.file_name
            );
            let file = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                file, page.text,
                "docs/reference/{} is out of date: run cargo xtask generate",
                page.file_name
            );
        }
    }
}
