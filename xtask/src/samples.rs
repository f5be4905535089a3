//! `docs/samples`, as they are applied to an instance of one's own.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace;

/// The address that they name.
const URL: &str = "http://127.0.0.1:8080";
/// The account that they name.
const EMAIL: &str = "operator@example.com";
const PASSWORD: &str = "change-me";

/// The names of the files and their texts in the order in which they are applied, with this address and account filled in.
///
/// # Errors
/// If they cannot be read.
pub fn filled_in(url: &str, email: &str, password: &str) -> Result<Vec<(String, String)>> {
    let folder = workspace::root().join("docs/samples");
    let entries =
        fs::read_dir(&folder).with_context(|| format!("{} cannot be listed", folder.display()))?;
    let mut samples = Vec::new();
    for entry in entries {
        let entry = entry?;
        let text = fs::read_to_string(entry.path())?
            .replace(URL, url)
            .replace(EMAIL, email)
            .replace(PASSWORD, password);
        samples.push((entry.file_name().to_string_lossy().into_owned(), text));
    }
    samples.sort();
    Ok(samples)
}
