//! What the pinned Helm makes of the chart.

use std::{path::PathBuf, process::Command};

use serde_json::Value;
use xtask::{control_plane::Programs, workspace};

/// The chart.
pub(crate) fn chart() -> PathBuf {
    workspace::root().join("charts/xopero-operator")
}

/// Helm without a cluster, and without anything of the person who runs the tests. It renders and checks.
#[derive(Clone, Debug)]
pub(crate) struct Helm {
    program: PathBuf,
    home: PathBuf,
}

impl Helm {
    pub(crate) fn alone() -> Self {
        let programs = Programs::find_or_build().expect("the programs");
        let home = workspace::control_plane_target().join("helm");
        Self {
            program: programs
                .helm
                .expect("Helm; KUBEBUILDER_ASSETS needs one, too"),
            home,
        }
    }

    /// What it prints, or its complaint.
    pub(crate) fn try_run(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(workspace::root())
            .env("HELM_CACHE_HOME", self.home.join("cache"))
            .env("HELM_CONFIG_HOME", self.home.join("config"))
            .env("HELM_DATA_HOME", self.home.join("data"))
            // It must not find a cluster by accident.
            .env("KUBECONFIG", "/nowhere");
        let output = command.output().expect("Helm starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stdout) + &text(&output.stderr))
        }
    }

    /// The objects of a release `backup` in the namespace `xopero-system` with these values, or the complaint.
    pub(crate) fn try_template(&self, values: &str, more: &[&str]) -> Result<String, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), values).unwrap();
        let (chart, file) = (chart(), file.path().to_str().unwrap().to_owned());
        let mut arguments = vec!["template", "backup", chart.to_str().unwrap()];
        arguments.extend(["--namespace", "xopero-system", "--values", &file]);
        arguments.extend(more);
        self.try_run(&arguments)
    }

    pub(crate) fn template(&self, values: &str) -> Rendered {
        let text = self.try_template(values, &[]);
        Rendered::of(text.unwrap_or_else(|complaint| panic!("{complaint}\n{values}")))
    }
}

/// What Helm made of the chart.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    pub(crate) objects: Vec<Value>,
}

impl Rendered {
    pub(crate) fn of(text: String) -> Self {
        let documents = text.split("\n---\n").filter(|text| !text.trim().is_empty());
        let objects = documents.map(|text| serde_saphyr::from_str::<Value>(text).unwrap());
        let objects = objects.filter(|object| !object.is_null()).collect();
        Self { text, objects }
    }

    pub(crate) fn of_kind(&self, kind: &str) -> Vec<&Value> {
        let objects = self.objects.iter();
        objects.filter(|object| object["kind"] == kind).collect()
    }

    /// The only object of that kind.
    pub(crate) fn one(&self, kind: &str) -> &Value {
        let objects = self.of_kind(kind);
        assert_eq!(objects.len(), 1, "{kind}: {objects:?}");
        objects[0]
    }

    /// The pod that the Deployment asks for.
    pub(crate) fn pod(&self) -> &Value {
        &self.one("Deployment")["spec"]["template"]
    }

    pub(crate) fn container(&self) -> &Value {
        &self.pod()["spec"]["containers"][0]
    }

    pub(crate) fn kinds(&self) -> Vec<&str> {
        let objects = self.objects.iter();
        objects
            .map(|object| object["kind"].as_str().unwrap())
            .collect()
    }
}
