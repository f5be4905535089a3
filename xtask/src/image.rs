//! The image's build knows every member of the workspace: cargo loads them all, also those of which it compiles nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// What `cargo metadata` says of the workspace.
#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// A member, by paths in the workspace.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    manifest: String,
    /// The files for which the build has placeholders.
    sources: Vec<String>,
}

/// The members in the output of `cargo metadata --no-deps`.
pub(crate) fn needed(metadata: &[u8]) -> Result<Vec<Member>> {
    let metadata = serde_json::from_slice(metadata).context("cargo metadata is not understood")?;
    let Metadata {
        workspace_root,
        packages,
    } = metadata;
    let inside = |path: &Path| -> Result<String> {
        let path = path.strip_prefix(&workspace_root)?;
        Ok(path.to_string_lossy().into_owned())
    };
    let member = |package: &Package| {
        let targets = package.targets.iter();
        // Tests are found by their place, and a package does without.
        let kept = targets.filter(|target| !target.kind.iter().any(|kind| kind == "test"));
        Ok(Member {
            manifest: inside(&package.manifest_path)?,
            sources: kept
                .map(|target| inside(&target.src_path))
                .collect::<Result<_>>()?,
        })
    };
    packages.iter().map(member).collect()
}

/// A sentence for each file that the build would miss.
pub(crate) fn forgotten(members: &[Member], dockerfile: &str, ignored: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let named = |path: &str| dockerfile.split_whitespace().any(|word| word == path);
    for Member { manifest, sources } in members {
        if !ignored.lines().any(|line| line == format!("!{manifest}")) {
            sentences.push(format!(".dockerignore does not let {manifest} through"));
        }
        for path in [manifest].into_iter().chain(sources) {
            if !named(path) {
                sentences.push(format!("Dockerfile does not name {path}"));
            }
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{"workspace_root": "/w", "packages": [
        {"manifest_path": "/w/Cargo.toml", "targets": [
            {"kind": ["lib"], "src_path": "/w/src/lib.rs"},
            {"kind": ["test"], "src_path": "/w/tests/a.rs"}]},
        {"manifest_path": "/w/tests/b/Cargo.toml", "targets": [
            {"kind": ["bin"], "src_path": "/w/tests/b/src/main.rs"}]}]}"#;

    #[test]
    fn a_member_that_the_image_does_not_know_is_found_out() {
        let members = needed(METADATA.as_bytes()).unwrap();
        let dockerfile = "COPY Cargo.toml Cargo.lock ./\nCOPY tests/b/Cargo.toml tests/b/\nRUN touch src/lib.rs tests/b/src/main.rs\n";
        let ignored = "*\n!Cargo.toml\n!tests/b/Cargo.toml\n";
        let none = Vec::<String>::new();
        assert_eq!(forgotten(&members, dockerfile, ignored), none);
        assert_eq!(
            forgotten(
                &members,
                "COPY Cargo.toml Cargo.lock ./\nRUN touch src/lib.rs",
                "*\n!Cargo.toml"
            ),
            [
                ".dockerignore does not let tests/b/Cargo.toml through",
                "Dockerfile does not name tests/b/Cargo.toml",
                "Dockerfile does not name tests/b/src/main.rs",
            ]
        );
    }
}
