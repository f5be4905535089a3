//! Running cargo, or another program, as a step.

use std::{env, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use xtask::workspace;

/// The cargo that runs this program, in the folder of the workspace.
pub(super) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    // Set by cargo for what it runs; it is the very same cargo, also where several are installed.
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(workspace::root());
    command
}

/// Runs it with our own output streams.
pub(super) fn succeed(mut command: Command) -> Result<()> {
    let shown = shown(&command);
    let status = command
        .status()
        .with_context(|| format!("{shown} cannot be started"))?;
    if status.success() {
        Ok(())
    } else {
        bail!("{shown} failed ({status})")
    }
}

fn shown(command: &Command) -> String {
    let arguments = command
        .get_args()
        .map(|argument| argument.to_string_lossy().into_owned());
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or_else(|| command.get_program());
    [program.to_string_lossy().into_owned()]
        .into_iter()
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}
