//! What holds for every schema as a whole.

use super::*;
use crate::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
    crd_file_name, crd_yaml,
};

/// Every schema of a kind with its path, from the root down.
fn walk<'a>(path: &str, schema: &'a Value, visit: &mut impl FnMut(&str, &'a Value)) {
    visit(path, schema);
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        walk(&format!("{path}.{name}"), property, visit);
    }
    for below in ["items", "additionalProperties"]
        .iter()
        .filter_map(|key| schema.get(key))
    {
        walk(&format!("{path}[]"), below, visit);
    }
}

const KINDS: [&str; 5] = [
    "XoperoConnection",
    "XoperoOrganization",
    "XoperoBackupPlan",
    "XoperoRepository",
    "XoperoAzureProject",
];

#[test]
fn every_text_list_and_map_of_a_spec_is_bounded() {
    for kind in KINDS {
        let spec = schema_of(kind)["properties"]["spec"].clone();
        walk(kind, &spec, &mut |path, schema| {
            let bound = match schema["type"].as_str() {
                Some("string") if schema.get("enum").is_none() => "maxLength",
                Some("array") => "maxItems",
                Some("object") if schema.get("properties").is_none() => "maxProperties",
                _ => return,
            };
            assert!(schema.get(bound).is_some(), "{path} has no {bound}");
        });
    }
}

#[test]
fn nothing_is_written_into_a_spec_and_null_is_no_value() {
    for kind in KINDS {
        walk(kind, &schema_of(kind), &mut |path, schema| {
            let ours = path == format!("{kind}.status");
            let default = schema.get("default");
            assert_eq!(default.is_some(), ours, "the default of {path}");
            assert!(schema.get("nullable").is_none(), "{path} is nullable");
            let null = schema["enum"]
                .as_array()
                .is_some_and(|words| words.contains(&Value::Null));
            assert!(!null, "{path} offers null");
        });
    }
}

#[test]
fn every_field_is_described_for_someone_who_has_never_seen_the_code() {
    for kind in KINDS {
        walk(kind, &schema_of(kind), &mut |path, schema| {
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                let description = property["description"].as_str().unwrap_or_default();
                let ours = path.contains("spec") || path.contains("status");
                assert!(
                    !ours || description.ends_with('.'),
                    "{path}.{name}: {description:?} is no sentence"
                );
                assert!(
                    !description.contains("[`"),
                    "{path}.{name} links into the code"
                );
            }
        });
    }
}

#[test]
fn every_rule_has_a_sentence() {
    let mut rules = 0;
    for kind in KINDS {
        walk(kind, &schema_of(kind), &mut |path, schema| {
            for rule in schema["x-kubernetes-validations"]
                .as_array()
                .into_iter()
                .flatten()
            {
                rules += 1;
                let message = rule["message"].as_str().unwrap_or_default();
                let helps = ["write", "delete", "is a number"]
                    .iter()
                    .any(|word| message.contains(word));
                assert!(
                    helps,
                    "{path}: {message:?} does not say what to write instead"
                );
            }
        });
    }
    assert!(
        rules > 20,
        "{rules} rules are too few: the walk has missed some"
    );
}

#[test]
fn the_files_in_crds_are_those_of_the_types() {
    for crd in crds() {
        let name = crd_file_name(&crd);
        let path = format!("{}/crds/{name}", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            file,
            crd_yaml(&crd).unwrap(),
            "crds/{name} is out of date: run cargo xtask generate"
        );
    }
}

#[test]
fn the_samples_are_taken_and_understood() {
    let directory = format!("{}/docs/samples", env!("CARGO_MANIFEST_DIR"));
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for object in serde_saphyr::from_multiple::<Value>(&text).unwrap() {
            let kind = object["kind"].as_str().unwrap();
            if object["apiVersion"] == "xopero.dev/v1alpha1" {
                assert_eq!(
                    objections(kind, &object["spec"], None),
                    Vec::<String>::new(),
                    "{}",
                    path.display()
                );
                understand(kind, object.clone()).unwrap();
                seen.push(kind.to_owned());
            }
        }
    }
    for kind in KINDS {
        assert!(
            seen.iter().any(|sample| sample == kind),
            "there is no sample of {kind}"
        );
    }
}

fn understand(kind: &str, object: Value) -> Result<(), serde_json::Error> {
    match kind {
        "XoperoConnection" => serde_json::from_value::<XoperoConnection>(object).map(drop),
        "XoperoOrganization" => serde_json::from_value::<XoperoOrganization>(object).map(drop),
        "XoperoBackupPlan" => serde_json::from_value::<XoperoBackupPlan>(object).map(drop),
        "XoperoRepository" => serde_json::from_value::<XoperoRepository>(object).map(drop),
        _ => serde_json::from_value::<XoperoAzureProject>(object).map(drop),
    }
}
