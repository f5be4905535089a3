//! `values.schema.json`: from the types of the values, and then as strict as can be, so that a misspelt value is refused. Only types of
//! Kubernetes take fields that are not known here, since a newer cluster has more of them.

use anyhow::Result;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use xopero_operator::xopero::WireNames;

use super::values::Values;

/// The schema. Draft 7, which every Helm understands.
pub(super) fn of_values() -> Result<Value> {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = serde_json::to_value(generator.into_root_schema_for::<Values>())?;
    strict(&mut schema, Whose::Ours);
    if let Some(root) = schema.as_object_mut() {
        root.insert(
            "$comment".to_owned(),
            "Generated from xtask/src/commands/generate/chart/values.rs by cargo xtask generate. Do not edit.".into(),
        );
    }
    if let Some(names) = schema
        .pointer_mut("/properties/wireNames")
        .and_then(Value::as_object_mut)
    {
        let keys: Vec<_> = WireNames::keys().collect();
        names.insert("propertyNames".to_owned(), json!({ "enum": keys }));
    }
    Ok(schema)
}

/// Whose type a schema is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Ours,
    /// Long descriptions of which nobody reads a word here, but fields that are required indeed.
    Kubernetes,
}

fn strict(schema: &mut Value, whose: Whose) {
    match schema {
        Value::Object(map) => strict_object(map, whose),
        Value::Array(items) => items.iter_mut().for_each(|item| strict(item, whose)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn strict_object(map: &mut Map<String, Value>, whose: Whose) {
    if let Some(Value::Object(definitions)) = map.get_mut("definitions") {
        for (name, definition) in definitions {
            let kubernetes = name.starts_with("io.k8s.");
            strict(
                definition,
                if kubernetes {
                    Whose::Kubernetes
                } else {
                    Whose::Ours
                },
            );
        }
    }
    if map.contains_key("x-kubernetes-int-or-string") {
        map.insert("type".to_owned(), json!(["number", "string"]));
    }
    map.retain(|key, _| !key.starts_with("x-kubernetes-") && key != "format");
    if whose == Whose::Kubernetes {
        map.remove("description");
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        for property in properties.values_mut() {
            strict(property, whose);
        }
        // Each has a default, which is merged in before the schema looks: what is missing then was written as null, and a template
        // would stumble over it, or take no port for every port.
        let all: Vec<String> = properties.keys().cloned().collect();
        if whose == Whose::Ours {
            map.entry("additionalProperties").or_insert(false.into());
            map.insert("required".to_owned(), all.into());
        }
    }
    for (key, inner) in map.iter_mut() {
        if key != "definitions" && key != "properties" {
            strict(inner, whose);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every schema of an object below, with where it is.
    fn objects(schema: &Value, path: &str, found: &mut Vec<(String, Map<String, Value>)>) {
        match schema {
            Value::Object(map) => {
                if map.get("type") == Some(&"object".into()) || map.contains_key("properties") {
                    found.push((path.to_owned(), map.clone()));
                }
                for (key, inner) in map {
                    objects(inner, &format!("{path}/{key}"), found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| objects(item, path, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn no_object_takes_what_it_does_not_know() {
        let mut found = Vec::new();
        objects(&of_values().unwrap(), "", &mut found);
        let (kubernetes, ours): (Vec<_>, Vec<_>) = found
            .iter()
            .filter(|(_, map)| {
                map.get("additionalProperties")
                    .is_none_or(|more| *more == Value::Bool(true))
            })
            .map(|(path, _)| path.as_str())
            .partition(|path| path.starts_with("/definitions/io.k8s."));
        // What Kubernetes, the Prometheus operator, a chart that has this one as a part, and more objects say in words of their own.
        assert_eq!(
            ours,
            [
                "/definitions/Monitor/properties/metricRelabelings/items",
                "/definitions/Monitor/properties/relabelings/items",
                "/properties/extraObjects/items",
                "/properties/extraVolumes/items",
                "/properties/global",
            ]
        );
        assert!(kubernetes.len() > 10, "{kubernetes:?}");
        assert!(found.len() > 30, "{}", found.len());
    }

    #[test]
    fn what_kubernetes_requires_is_required() {
        let schema = of_values().unwrap();
        let required =
            schema.pointer("/definitions/io.k8s.api.core.v1.TopologySpreadConstraint/required");
        assert_eq!(
            required,
            Some(&json!(["maxSkew", "topologyKey", "whenUnsatisfiable"]))
        );
    }

    #[test]
    fn what_is_written_as_null_is_missing() {
        let mut found = Vec::new();
        objects(&of_values().unwrap(), "", &mut found);
        let ours = found.iter();
        let ours = ours.filter(|(path, _)| !path.starts_with("/definitions/io.k8s."));
        let ours = ours.filter_map(|(path, map)| Some((path, map, map.get("properties")?)));
        let loose = ours.filter(|(_, map, properties)| {
            let all = properties.as_object().map(Map::len);
            map.get("required").and_then(Value::as_array).map(Vec::len) != all
        });
        let loose: Vec<_> = loose.map(|(path, ..)| path).collect();
        assert_eq!(loose, Vec::<&String>::new());
    }

    #[test]
    fn a_name_on_the_wire_is_one_that_the_operator_knows() {
        let schema = of_values().unwrap();
        let keys = schema.pointer("/properties/wireNames/propertyNames/enum");
        let keys = keys.and_then(Value::as_array).unwrap();
        assert!(keys.contains(&"request.activate.repositoryIds".into()));
    }
}
