//! The chart as a part of another one.

use std::{fs, os::unix};

use crate::helm::{Helm, chart};

const PARENT: &str = "
apiVersion: v2
name: parent
version: 0.1.0
dependencies:
- {name: xopero-operator, version: '*', condition: xopero-operator.enabled}
";

/// What a parent comes to that is installed with these values, or the complaint.
fn parent(values: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("charts")).unwrap();
    unix::fs::symlink(chart(), folder.path().join("charts/xopero-operator")).unwrap();
    fs::write(folder.path().join("Chart.yaml"), PARENT).unwrap();
    let file = folder.path().join("installed.yaml");
    fs::write(&file, values).unwrap();
    let (parent, file) = (folder.path().to_str().unwrap(), file.to_str().unwrap());
    Helm::alone().try_run(&["template", "backup", parent, "--values", file])
}

#[test]
fn a_part_is_there_as_its_parent_wants_it() {
    let there = parent("global: {anything: goes}\nxopero-operator: {replicas: 3}").unwrap();
    assert!(there.contains("replicas: 3"), "{there}");
    let off = parent("xopero-operator: {enabled: false}").unwrap();
    assert_eq!(off.trim(), "");
}

#[test]
fn what_is_written_for_a_part_as_null_is_refused_by_name() {
    let refused = parent("xopero-operator: {networkPolicy: {apiServer: {ports: null}}}");
    let refused = refused.expect_err("no port would be every port");
    assert!(refused.contains("missing property 'ports'"), "{refused}");
}
