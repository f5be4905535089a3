//! `xopero-operator crds`.

use std::io::{self, Write};

use thiserror::Error;

use crate::api;

/// Why the definitions are not printed.
#[derive(Debug, Error)]
pub enum DefinitionsError {
    /// They cannot be written down.
    #[error("the custom resource definitions cannot be written as YAML")]
    Yaml(#[from] api::Unwritable),
    /// Nobody takes them.
    #[error("the custom resource definitions cannot be printed")]
    Print(#[from] io::Error),
}

/// Prints the five definitions as a YAML stream.
pub(super) fn print() -> Result<(), DefinitionsError> {
    let documents = api::crds()
        .iter()
        .map(api::crd_yaml)
        .collect::<Result<Vec<_>, _>>()?;
    let printed = io::stdout()
        .lock()
        .write_all(documents.join("---\n").as_bytes());
    match printed {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}
