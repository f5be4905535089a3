//! Flux's kustomize-controller, built from the version that `tests/gitops/flux/go.mod` pins.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{lock::lock, say, workspace};

/// Names a ready-made program, which is then not built.
pub const PROGRAM_VARIABLE: &str = "KUSTOMIZE_CONTROLLER";

const MODULE: &str = "github.com/fluxcd/kustomize-controller";

/// The program: the one in `KUSTOMIZE_CONTROLLER`, or else built here, which takes minutes the first time and seconds later.
///
/// # Errors
/// If Go is missing or the build fails.
pub fn find_or_build() -> Result<PathBuf> {
    if let Some(program) = env::var_os(PROGRAM_VARIABLE) {
        return Ok(program.into());
    }
    let folder = workspace::root().join("target/flux");
    fs::create_dir_all(&folder)?;
    let lock = lock(&folder.join("build.lock"), MODULE)?;
    let program = folder.join("kustomize-controller");
    if !program.is_file() {
        say::line(&format!(
            "Building {MODULE} with Go. This takes about 5 minutes the first time, seconds later."
        ));
    }
    let output = program.to_string_lossy().into_owned();
    go(&["build", "-ldflags=-s -w", "-o", &output, MODULE])?;
    drop(lock);
    Ok(program)
}

/// The folder with Flux's own definition of a Kustomization.
///
/// # Errors
/// If Go is missing or cannot fetch the module.
pub fn definitions() -> Result<PathBuf> {
    let folder = go(&["list", "-m", "-f", "{{.Dir}}", MODULE])?;
    Ok(Path::new(folder.trim()).join("config/crd/bases"))
}

fn go(arguments: &[&str]) -> Result<String> {
    let output = Command::new("go")
        .args(arguments)
        .current_dir(workspace::root().join("tests/gitops/flux"))
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
