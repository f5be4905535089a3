//! What `tests/control-plane/go.mod` pins.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The module that pins the programs.
#[derive(Debug)]
pub(super) struct GoModule {
    pub(super) folder: PathBuf,
    /// The text of `go.mod`.
    pub(super) requirements: String,
    /// The text of `go.sum`.
    pub(super) sums: String,
    /// The oldest Go that can build it.
    pub(super) go: Version,
    /// The version of Kubernetes.
    pub(super) kubernetes: Version,
}

impl GoModule {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let read = |name| {
            fs::read_to_string(folder.join(name))
                .with_context(|| format!("{}/{name} cannot be read", folder.display()))
        };
        let (requirements, sums) = (read("go.mod")?, read("go.sum")?);
        let go = pinned(&requirements, "go ").context("go.mod has no line \"go 1.N\"")?;
        let kubernetes = pinned(&requirements, "k8s.io/kubernetes v")
            .context("go.mod does not require k8s.io/kubernetes v1.N.P")?;
        Ok(Self {
            folder: folder.to_owned(),
            requirements,
            sums,
            go,
            kubernetes,
        })
    }
}

/// The version after `prefix` at the beginning of a line.
fn pinned(requirements: &str, prefix: &str) -> Option<Version> {
    let line = requirements
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(prefix))?;
    Version::parse(line.split_whitespace().next()?)
}

/// `major.minor.patch`; a patch that is missing or not a number (`1.27rc1`) counts as 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
    pub(super) patch: u32,
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.').map(|part| {
            part.split(|c: char| !c.is_ascii_digit())
                .next()
                .unwrap_or_default()
        });
        let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let patch = parts
            .next()
            .and_then(|patch| patch.parse().ok())
            .unwrap_or(0);
        Some(Self {
            major,
            minor,
            patch,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |text| Version::parse(text).unwrap();

        assert!(version("1.9.9") < version("1.26.0"));
        assert!(version("1.27rc1") > version("1.26.8"));
        assert_eq!(version("1.26"), version("1.26.0"));
        assert_eq!(Version::parse("devel"), None);
    }

    #[test]
    fn the_pinned_versions_are_read_from_our_own_module() {
        let module = GoModule::read(&crate::workspace::root().join("tests/control-plane")).unwrap();

        assert_eq!((module.go.major, module.kubernetes.major), (1, 1));
        assert!(module.kubernetes.minor >= 37);
    }
}
