//! Running kubectl, as a person would.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
};

use anyhow::{Context, Result, bail};
use tokio::{io::AsyncWriteExt, process::Command};

/// What kubectl said and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained of: warnings, and the API server's refusals.
    pub stderr: String,
}

impl Output {
    /// What it printed.
    ///
    /// # Errors
    /// If it failed, with its complaint.
    pub fn success(self) -> Result<String> {
        if self.status.success() {
            return Ok(self.stdout);
        }
        bail!("kubectl failed ({}): {}", self.status, self.stderr.trim())
    }

    /// Its complaint.
    ///
    /// # Errors
    /// If it succeeded, with what it printed.
    pub fn failure(self) -> Result<String> {
        if self.status.success() {
            bail!(
                "kubectl succeeded, and should have failed: {}",
                self.stdout.trim()
            );
        }
        Ok(self.stderr)
    }
}

/// `input` is what kubectl reads for `-f -`.
pub(super) async fn run(
    kubectl: &Path,
    kubeconfig: &Path,
    args: &[&str],
    input: Option<&str>,
) -> Result<Output> {
    let mut child = Command::new(kubectl)
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(args)
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} cannot be started", kubectl.display()))?;
    let stdin = child.stdin.take();
    // At once, since kubectl may print before it has read all, and would block on a full pipe.
    let (written, output) = tokio::join!(feed(stdin, input), child.wait_with_output());
    let output = output.context("the output of kubectl cannot be read")?;
    let output = Output {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    // When it failed, its own complaint tells more than the broken pipe.
    if output.status.success() {
        written.context("kubectl did not read its input")?;
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
