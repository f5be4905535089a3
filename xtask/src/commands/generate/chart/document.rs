//! The values with their descriptions: as `values.yaml`, and as the table in the chart's README.

use anyhow::{Context, Result};
use serde_json::Value;

use super::values::Values;

/// The first line of `values.yaml`.
const HEAD: &str = "# Generated from xtask/src/commands/generate/chart/values.rs by cargo xtask generate. Do not edit.";

/// How wide a comment may be.
const WIDTH: usize = 110;

/// A line of the values.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    /// What it is the line of; nothing where it goes on with a list.
    value: Option<Described>,
}

#[derive(Debug)]
struct Described {
    /// For example `image.tag`.
    path: String,
    paragraphs: Vec<String>,
    /// What follows the colon. Empty above a group, a list or a text of several lines.
    default: String,
    is_group: bool,
}

/// The lines of the default values, in the order of the types, each with its description in the schema.
///
/// # Errors
/// If one has none.
pub(super) fn lines(values: &Values, schema: &Value) -> Result<Vec<Line>> {
    let text = serde_saphyr::to_string(values)?;
    let mut parents: Vec<&str> = Vec::new();
    // The indentation of a list, and of a value whose keys are not ours, while the lines are inside.
    let mut list: Option<usize> = None;
    let mut foreign: Option<usize> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let is_item = line.trim_start().starts_with("- ");
        if list.is_some_and(|of| indent < of || (indent == of && !is_item)) {
            list = None;
        }
        if is_item && list.is_none() {
            list = Some(indent);
        }
        // What Kubernetes describes is not described again, nor a label.
        let is_foreign = foreign.is_some_and(|of| indent > of);
        let key = line.trim_start().split_once(':');
        let key = key.filter(|_| list.is_none() && !is_foreign);
        let Some((key, default)) = key else {
            lines.push(Line {
                text: line.to_owned(),
                value: None,
            });
            continue;
        };
        parents.truncate(indent / 2);
        parents.push(key);
        let property = property(schema, &parents)
            .with_context(|| format!("{} is not in the schema", parents.join(".")))?;
        let is_kubernetes = reference(property).is_some_and(|to| to.contains("/io.k8s."));
        let is_group = !is_kubernetes && resolved(schema, property).get("properties").is_some();
        foreign = (!is_group).then_some(indent);
        let description = property
            .get("description")
            .and_then(Value::as_str)
            .with_context(|| format!("{} has no description", parents.join(".")))?;
        lines.push(Line {
            text: line.to_owned(),
            value: Some(Described {
                path: parents.join("."),
                paragraphs: paragraphs(description),
                default: default.trim().to_owned(),
                is_group,
            }),
        });
    }
    Ok(lines)
}

fn property<'a>(schema: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(schema, |parent, key| {
        resolved(schema, parent).get("properties")?.get(key)
    })
}

/// What a schema refers to, if it does.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    reference(schema)
        .and_then(|reference| root.pointer(reference.strip_prefix('#')?))
        .unwrap_or(schema)
}

fn reference(schema: &Value) -> Option<&str> {
    schema
        .get("$ref")
        .or_else(|| schema.pointer("/allOf/0/$ref"))?
        .as_str()
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(|paragraph| {
            paragraph
                .lines()
                .map(str::trim)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

/// `values.yaml`: every value with its description above.
pub(super) fn yaml(lines: &[Line]) -> String {
    let mut written = vec![HEAD.to_owned()];
    for Line { text, value } in lines {
        if let Some(Described { paragraphs, .. }) = value {
            let indent = " ".repeat(text.len() - text.trim_start().len());
            if indent.is_empty() {
                written.push(String::new());
            }
            for paragraph in paragraphs {
                let parts = wrapped(paragraph, WIDTH - indent.len());
                written.extend(parts.iter().map(|part| format!("{indent}# {part}")));
            }
        }
        written.push(text.clone());
    }
    written.push(String::new());
    written.join("\n")
}

/// The table of values, groups left out.
pub(super) fn table(lines: &[Line]) -> String {
    let described = lines.iter().filter_map(|line| line.value.as_ref());
    let rows = described.filter(|value| !value.is_group).map(|value| {
        let default = if value.default.is_empty() {
            "see values.yaml".to_owned()
        } else {
            format!("`{}`", value.default)
        };
        let meaning = value.paragraphs.join(" ").replace('|', "\\|");
        format!("| `{}` | {default} | {meaning} |\n", value.path)
    });
    ["| Value | Default | Meaning |\n| --- | --- | --- |\n".to_owned()]
        .into_iter()
        .chain(rows)
        .collect()
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::generate::chart::{schema, values};

    #[test]
    fn long_descriptions_are_wrapped_between_words() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
    }

    #[test]
    fn every_value_of_the_schema_is_in_the_table_or_open_to_what_kubernetes_takes() {
        let schema = schema::of_values().unwrap();
        let table = table(&lines(&values::defaults(), &schema).unwrap());
        let mut missing = Vec::new();
        let mut next = vec![(String::new(), &schema)];
        while let Some((path, at)) = next.pop() {
            let kubernetes = reference(at).is_some_and(|to| to.contains("/io.k8s."));
            let properties = resolved(&schema, at).get("properties");
            match properties.and_then(Value::as_object) {
                Some(properties) if !kubernetes => {
                    next.extend(properties.iter().map(|(key, at)| {
                        let path = if path.is_empty() {
                            key.clone()
                        } else {
                            format!("{path}.{key}")
                        };
                        (path, at)
                    }));
                }
                _ if table.contains(&format!("| `{path}` |")) => {}
                _ => missing.push(path),
            }
        }
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn the_written_values_are_the_defaults() {
        let schema = schema::of_values().unwrap();
        let text = yaml(&lines(&values::defaults(), &schema).unwrap());
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, serde_json::to_value(values::defaults()).unwrap());
    }
}
