//! Running kubectl and Helm, as a person would.

use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use tokio::{io::AsyncWriteExt, process::Command};

/// What a program said and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    name: &'static str,
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained of: warnings, and the API server's refusals.
    pub stderr: String,
}

impl Output {
    /// What it printed, or its complaint.
    ///
    /// # Errors
    /// If it failed.
    pub fn into_result(self) -> Result<String, String> {
        if self.status.success() {
            Ok(self.stdout)
        } else {
            Err(self.stderr)
        }
    }

    /// What it printed.
    ///
    /// # Errors
    /// If it failed, with its complaint.
    pub fn success(self) -> Result<String> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        let complaint = self.stderr.trim();
        bail!("{} failed ({}): {complaint}", self.name, self.status)
    }

    /// Its complaint.
    ///
    /// # Errors
    /// If it succeeded, with what it printed.
    pub fn failure(self) -> Result<String> {
        if self.status.success() {
            let printed = self.stdout.trim();
            bail!("{} succeeded, and should have failed: {printed}", self.name);
        }
        Ok(self.stderr)
    }
}

/// `input` is what it reads for `-f -`.
pub(super) async fn run(
    name: &'static str,
    mut command: Command,
    input: Option<&str>,
) -> Result<Output> {
    let mut child = command
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{name} cannot be started"))?;
    let stdin = child.stdin.take();
    // At once, since it may print before it has read all, and would block on a full pipe.
    let (written, output) = tokio::join!(feed(stdin, input), child.wait_with_output());
    let output = output.with_context(|| format!("the output of {name} cannot be read"))?;
    let output = Output {
        name,
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    // When it failed, its own complaint tells more than the broken pipe.
    if output.status.success() {
        written.with_context(|| format!("{name} did not read its input"))?;
    }
    Ok(output)
}

async fn feed(
    stdin: Option<tokio::process::ChildStdin>,
    input: Option<&str>,
) -> std::io::Result<()> {
    if let (Some(mut stdin), Some(input)) = (stdin, input) {
        stdin.write_all(input.as_bytes()).await?;
        stdin.shutdown().await?;
    }
    Ok(())
}
