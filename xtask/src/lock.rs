//! One builds, the others wait for it.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use anyhow::{Context, Result};

use crate::say;

/// Held until it is dropped; two test programs that start at once must not both build. Tells if it waits.
pub(crate) fn lock(path: &Path, what: &str) -> Result<File> {
    let file = File::create(path).with_context(|| format!("{} cannot be made", path.display()))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => say::line(&format!(
            "Another process is building {what}; waiting for it."
        )),
        Err(TryLockError::Error(error)) => return Err(error).context("the build cannot be locked"),
    }
    file.lock().context("the build cannot be locked")?;
    Ok(file)
}
