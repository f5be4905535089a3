//! Prometheus' own tool, which says whether rules and metrics are what Prometheus takes.

use std::{
    ffi::OsStr,
    io::{self, Write},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// Runs it with this on its standard input. Fails with what it says unless it is content.
///
/// # Errors
/// If it is not installed, or complains.
pub fn promtool<A: AsRef<OsStr>>(arguments: &[A], input: &str) -> Result<()> {
    let mut command = Command::new("promtool");
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "promtool is not installed: install Debian's package prometheus (apt-get install --no-install-recommends prometheus), or put promtool of a release of Prometheus into PATH"
        ),
        other => other.context("promtool cannot be started")?,
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A tool that reads no input may have ended already; what it says is below.
        if let Err(error) = stdin.write_all(input.as_bytes())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            return Err(error).context("promtool takes no input");
        }
    }
    let output = child.wait_with_output().context("promtool does not end")?;
    if output.status.success() {
        return Ok(());
    }
    let arguments: Vec<_> = arguments
        .iter()
        .map(|argument| argument.as_ref().to_string_lossy())
        .collect();
    bail!(
        "promtool {}:\n{}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
