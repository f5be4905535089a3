//! A copy of the sources, for what changes them.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use xtask::workspace;

/// What Git knows or would take in; nothing that was built.
pub(super) fn copy_sources(copy: &Path) -> Result<()> {
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    let listed = git([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ])?;
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let (from, to) = (workspace::root().join(path), copy.join(path));
        // Deleted and not yet committed.
        if !from.exists() {
            continue;
        }
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&from, &to).with_context(|| format!("{path} cannot be copied"))?;
    }
    Ok(())
}

/// Calls git, and returns what it prints.
pub(super) fn git<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Result<String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(workspace::root())
        .stderr(Stdio::inherit())
        .output()
        .context("git cannot be started")?;
    ensure!(output.status.success(), "git failed ({})", output.status);
    Ok(String::from_utf8(output.stdout)?)
}
