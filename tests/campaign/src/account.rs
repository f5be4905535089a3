//! The operator's account, and how it reaches the API server through a gate.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use xtask::{
    control_plane::ControlPlane,
    operator::{ACCOUNT, NAMESPACE},
};

use crate::gate::Upstream;

/// The operator's service account on a control plane.
#[derive(Clone, Debug)]
pub struct Account {
    kubeconfig: Value,
    upstream: Upstream,
}

impl Account {
    /// Of an operator that is installed there.
    ///
    /// # Errors
    /// If it is not.
    pub async fn on(control_plane: &ControlPlane) -> Result<Self> {
        let path = control_plane.service_account_kubeconfig(NAMESPACE, ACCOUNT);
        let kubeconfig: Value = serde_json::from_str(&read(&path.await?)?)?;
        let server = kubeconfig.pointer("/clusters/0/cluster/server");
        let server = server.and_then(Value::as_str);
        let server = server.context("the kubeconfig names no server")?;
        let authority = read(&control_plane.folder().join("authority.crt"))?;
        let upstream = Upstream::new(server, Some(&authority))?;
        Ok(Self {
            kubeconfig,
            upstream,
        })
    }

    /// The API server, for a gate before it.
    pub fn api_server(&self) -> Upstream {
        self.upstream.clone()
    }

    /// Writes the kubeconfig of this account with a gate as the API server, in the control plane's folder.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn behind(&self, gate: &str, control_plane: &ControlPlane, name: &str) -> Result<PathBuf> {
        let mut config = self.kubeconfig.clone();
        let cluster = config.pointer_mut("/clusters/0/cluster");
        *cluster.context("the kubeconfig names no cluster")? = json!({"server": gate});
        let path = control_plane.folder().join(format!("{name}.kubeconfig"));
        fs::write(&path, config.to_string())?;
        Ok(path)
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
