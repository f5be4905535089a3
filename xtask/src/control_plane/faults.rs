//! What a test does to the API server: end it, kill it, start it again, freeze it.

use anyhow::Result;

use super::{ControlPlane, own::Own};

impl ControlPlane {
    /// Ends the API server in order. etcd and the controllers go on.
    ///
    /// # Errors
    /// If the cluster is an existing one.
    pub async fn stop_api_server(&self) -> Result<()> {
        self.on_own(|own, _| own.stop_api_server()).await
    }

    /// Ends the API server and its etcd at once, in the middle of whatever they do (SIGKILL).
    ///
    /// # Errors
    /// If the cluster is an existing one.
    pub async fn kill_api_server(&self) -> Result<()> {
        self.on_own(|own, _| {
            own.etcd().kill()?;
            own.api_server().kill().map(drop)
        })
        .await
    }

    /// Starts the API server on the same port and data, ending it first if it runs, and waits until it is ready. etcd is started
    /// before it where it does not run.
    ///
    /// # Errors
    /// If the cluster is an existing one, or it does not become ready.
    pub async fn restart_api_server(&self) -> Result<()> {
        self.on_own(Own::restart_api_server).await
    }

    /// Stops the API server where it is (SIGSTOP), until [`ControlPlane::thaw`]: connections stay open and nothing answers.
    ///
    /// # Errors
    /// If the cluster is an existing one, or the API server does not run.
    pub fn freeze(&self) -> Result<()> {
        self.inner.own()?.api_server().freeze()
    }

    /// Lets a frozen API server go on.
    ///
    /// # Errors
    /// If the cluster is an existing one, or the API server does not run.
    pub fn thaw(&self) -> Result<()> {
        self.inner.own()?.api_server().thaw()
    }
}
