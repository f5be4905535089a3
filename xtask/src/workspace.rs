//! Where things are in this repository.

use std::path::{Path, PathBuf};

/// The folder that holds the workspace's `Cargo.toml`.
pub fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The folder for all that belongs to the control plane and is not committed: programs, data, logs.
pub fn control_plane_target() -> PathBuf {
    root().join("target/control-plane")
}
