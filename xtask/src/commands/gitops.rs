//! The tests in Go: the engines of Argo CD and Flux judge the resources as the other tests have seen them.

use std::{fs, io, process::Command};

use anyhow::{Context, Result};
use xtask::{say, workspace};

use super::cargo::succeed;

/// Where tests/cluster keeps what it has seen, and the Go tests read it.
const RECORDED: &str = "target/recorded-objects";

/// Has the tests keep what they see of resources; what an earlier run kept is thrown away.
pub(super) fn record(tests: &mut Command) -> Result<()> {
    let folder = workspace::root().join(RECORDED);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("{} cannot be emptied", folder.display()));
        }
        Ok(()) | Err(_) => {}
    }
    tests.env("XOPERO_RECORD_OBJECTS", folder);
    Ok(())
}

/// Has the engines judge it.
pub(super) fn judge() -> Result<()> {
    for module in MODULES {
        say::line(&format!(
            "Judging what the tests have recorded: go test in {module}. To build it takes minutes the first time, seconds later."
        ));
        let mut tests = Command::new("go");
        // What is judged is not among what Go knows of, so an answer that it remembers would be worth nothing.
        tests.args(["test", "-count=1", "./..."]);
        tests.current_dir(workspace::root().join(module));
        succeed(tests)?;
    }
    Ok(())
}

/// One an engine: each is built with the versions of Kubernetes' libraries that it was released with.
const MODULES: &[&str] = &["tests/gitops/argocd", "tests/gitops/flux"];
