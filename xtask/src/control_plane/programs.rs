//! The real Kubernetes programs: ready-made ones, or built from the versions pinned in `tests/control-plane/go.mod`.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use super::build;

/// Names a folder with ready-made programs, as kubebuilder's and controller-runtime's tests do.
pub const ASSETS_VARIABLE: &str = "KUBEBUILDER_ASSETS";

/// Where the programs are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// etcd; its own build calls it `server`.
    pub etcd: PathBuf,
    /// The API server.
    pub kube_apiserver: PathBuf,
    /// The controllers that finish what the API server only stores, such as the deletion of a namespace.
    pub kube_controller_manager: PathBuf,
    /// The command line client.
    pub kubectl: PathBuf,
    /// Helm; absent where `KUBEBUILDER_ASSETS` brings none.
    pub helm: Option<PathBuf>,
}

impl Programs {
    /// The programs in `KUBEBUILDER_ASSETS` if that is set, else those built here, which are built now if need be.
    ///
    /// The build takes about 12 minutes the first time and says so on the standard error; when nothing changed it is not started.
    /// Blocks meanwhile, also for a build that another process has begun.
    ///
    /// # Errors
    /// If a program is missing in `KUBEBUILDER_ASSETS`, Go is missing or too old, or the build fails.
    pub fn find_or_build() -> Result<Self> {
        match env::var_os(ASSETS_VARIABLE) {
            Some(folder) => Self::ready_made(Path::new(&folder)),
            None => Self::in_folder(&build::up_to_date()?),
        }
    }

    /// The folder that holds them all, for [`ASSETS_VARIABLE`].
    pub fn folder(&self) -> &Path {
        self.kube_apiserver
            .parent()
            .unwrap_or_else(|| Path::new("."))
    }

    fn ready_made(folder: &Path) -> Result<Self> {
        match Self::in_folder(folder) {
            Ok(programs) => Ok(programs),
            Err(error) => bail!(
                "{ASSETS_VARIABLE} names {}, where {error}; unset it to have all of them built here",
                folder.display()
            ),
        }
    }

    fn in_folder(folder: &Path) -> Result<Self> {
        let found = |names: &[&str]| {
            names
                .iter()
                .map(|name| folder.join(name))
                .find(|path| path.is_file())
        };
        let mut missing = Vec::new();
        let mut find = |names: &[&'static str]| {
            found(names).unwrap_or_else(|| {
                missing.push(names.join(" or "));
                PathBuf::new()
            })
        };
        let programs = Self {
            etcd: find(&["etcd", "server"]),
            kube_apiserver: find(&["kube-apiserver"]),
            kube_controller_manager: find(&["kube-controller-manager"]),
            kubectl: find(&["kubectl"]),
            helm: found(&["helm"]),
        };
        if missing.is_empty() {
            Ok(programs)
        } else {
            bail!("there is no {}", missing.join(", no "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["etcd", "kube-apiserver", "kubectl"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }

        let error = Programs::ready_made(folder.path()).unwrap_err().to_string();

        assert!(
            error.contains("there is no kube-controller-manager; unset it"),
            "{error}"
        );
    }

    #[test]
    fn etcd_may_be_called_server() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "server",
            "kube-apiserver",
            "kube-controller-manager",
            "kubectl",
        ] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }

        let programs = Programs::ready_made(folder.path()).unwrap();

        assert_eq!(programs.etcd, folder.path().join("server"));
        assert_eq!(programs.helm, None);
    }
}
