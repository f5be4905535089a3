//! Kubernetes clients from kubeconfig files.

use std::path::Path;

use anyhow::{Context, Result};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

/// Belongs to the runtime that it is made in, and ends with it.
pub(super) async fn from_file(kubeconfig: &Path) -> Result<Client> {
    install_tls_provider();
    let text = Kubeconfig::read_from(kubeconfig)
        .with_context(|| format!("{} cannot be used", kubeconfig.display()))?;
    let mut config = Config::from_custom_kubeconfig(text, &KubeConfigOptions::default()).await?;
    // A proxy of the environment cannot reach this machine's own loopback, and the client would ask it all the same.
    if config
        .cluster_url
        .host()
        .is_some_and(|host| ["127.0.0.1", "::1", "localhost"].contains(&host))
    {
        config.proxy_url = None;
    }
    Ok(Client::try_from(config)?)
}

/// The client panics without one. A program that has chosen already keeps its choice.
fn install_tls_provider() {
    if CryptoProvider::get_default().is_none() {
        // Fails only if another thread was quicker, and then there is one.
        drop(aws_lc_rs::default_provider().install_default());
    }
}
