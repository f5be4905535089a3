//! The programs of Flux and Argo CD, built from the versions that the modules below `tests/gitops` pin.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{lock::lock, say, workspace};

pub mod argo_cd;

/// One of them.
#[derive(Debug)]
pub struct Program {
    /// What the built file is called.
    name: &'static str,
    /// The variable that names a ready-made program, which is then not built.
    variable: &'static str,
    /// The folder below `tests/gitops` with the `go.mod` that pins it.
    pinned_in: &'static str,
    module: &'static str,
    package: &'static str,
}

/// Flux's kustomize-controller.
pub const KUSTOMIZE_CONTROLLER: Program = Program {
    name: "kustomize-controller",
    variable: "KUSTOMIZE_CONTROLLER",
    pinned_in: "flux",
    module: "github.com/fluxcd/kustomize-controller",
    package: "github.com/fluxcd/kustomize-controller",
};

/// All programs of Argo CD in one, as it is released.
pub const ARGO_CD: Program = Program {
    name: "argocd",
    variable: "ARGO_CD",
    pinned_in: "argocd-live",
    module: "github.com/argoproj/argo-cd/v3",
    package: "github.com/argoproj/argo-cd/v3/cmd",
};

/// Helm 3, with which Argo CD renders charts.
pub const HELM_3: Program = Program {
    name: "helm",
    variable: "HELM_3",
    pinned_in: "argocd-live",
    module: "helm.sh/helm/v3",
    package: "helm.sh/helm/v3/cmd/helm",
};

impl Program {
    /// All that the tests need.
    pub const ALL: [Self; 3] = [KUSTOMIZE_CONTROLLER, ARGO_CD, HELM_3];

    /// The variable that names a ready-made program, which is then not built.
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    /// The program: the one that its variable names, or else built here, which takes minutes the first time and seconds later.
    ///
    /// # Errors
    /// If Go is missing or the build fails.
    pub fn find_or_build(&self) -> Result<PathBuf> {
        if let Some(program) = env::var_os(self.variable) {
            return Ok(program.into());
        }
        let folder = workspace::root().join("target/gitops").join(self.pinned_in);
        fs::create_dir_all(&folder)?;
        let lock = lock(&folder.join("build.lock"), self.package)?;
        let program = folder.join(self.name);
        if !program.is_file() {
            say::line(&format!(
                "Building {} with Go. This takes up to 5 minutes the first time, seconds later.",
                self.package
            ));
        }
        let output = program.to_string_lossy();
        self.go(&["build", "-ldflags=-s -w", "-o", &output, self.package])?;
        drop(lock);
        Ok(program)
    }

    /// The folder with its sources, where its own definitions are.
    ///
    /// # Errors
    /// If Go is missing or cannot fetch the module.
    pub fn sources(&self) -> Result<PathBuf> {
        let folder = self.go(&["list", "-m", "-f", "{{.Dir}}", self.module])?;
        Ok(Path::new(folder.trim()).to_owned())
    }

    fn go(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("go")
            .args(arguments)
            .current_dir(workspace::root().join("tests/gitops").join(self.pinned_in))
            .output()
            .context("go cannot be started; install it from https://go.dev/dl")?;
        if !output.status.success() {
            bail!(
                "go {} failed:\n{}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
