//! The operator as it runs in a cluster: its definitions and rights installed, the program as a process with the token of its own
//! service account.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use xopero_operator::api;

use crate::{control_plane::ControlPlane, process::Process};

/// The namespace that the operator lives in, with its account and its Lease.
pub const NAMESPACE: &str = "xopero-system";

/// The operator's service account.
pub const ACCOUNT: &str = "xopero-operator";

/// Namespace, account, roles.
const MANIFEST: &str = include_str!("../manifests/operator.yaml");

/// Installs definitions, account and rights, and waits until the definitions are served. Fine if they are there already.
///
/// # Errors
/// If the API server refuses something.
pub async fn install(control_plane: &ControlPlane) -> Result<()> {
    let definitions = api::crds()
        .iter()
        .map(api::crd_yaml)
        .collect::<Result<Vec<_>, _>>()?;
    let manifests = [definitions.join("---\n").as_str(), MANIFEST].join("\n---\n");
    // Server-side: the definitions are too long for the annotation that a plain apply leaves.
    let arguments = ["apply", "--server-side", "-f", "-"];
    let applied = control_plane.kubectl(&arguments, Some(&manifests)).await?;
    applied
        .success()
        .context("the operator cannot be installed")?;
    for crd in api::crds() {
        let name = format!("crd/{}", crd.metadata.name.unwrap_or_default());
        let wait = [
            "wait",
            "--for=condition=Established",
            "--timeout=60s",
            &name,
        ];
        control_plane.kubectl(&wait, None).await?.success()?;
    }
    Ok(())
}

/// How an operator process is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program, for example `env!("CARGO_BIN_EXE_xopero-operator")` in a test.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// More environment variables.
    pub environment: Vec<(String, String)>,
    /// What this process is called: it names its log, `NAME.log` in the control plane's folder.
    pub name: String,
}

impl Options {
    /// A process without arguments.
    pub fn new(program: impl AsRef<Path>, name: &str) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            name: name.to_owned(),
        }
    }
}

/// The address at which an operator with this log serves; of one that was started again, the last.
pub fn served_at(log: &str) -> Option<String> {
    let (_, rest) = log.rsplit_once("/metrics at ")?;
    // Nothing follows yet where the line is still being written.
    let (address, _) = rest.split_once(|after: char| after.is_whitespace() || after == '"')?;
    Some(address.to_owned())
}

/// Starts the program on an installed control plane. It ends with the returned value.
///
/// # Errors
/// If the account has no token, or the program cannot be started.
pub async fn start(control_plane: &ControlPlane, options: Options) -> Result<Process> {
    let kubeconfig = control_plane
        .service_account_kubeconfig(NAMESPACE, ACCOUNT)
        .await?;
    let Options {
        program,
        arguments,
        environment,
        name,
    } = options;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("KUBECONFIG", kubeconfig)
        // Outside of a pod nothing says which namespace is the operator's own.
        .env("POD_NAMESPACE", NAMESPACE)
        // Several run side by side: each takes a free port, and says which in its log.
        .env("XOPERO_LISTEN", "127.0.0.1:0")
        .envs(environment);
    let log = control_plane.folder().join(format!("{name}.log"));
    Process::spawn(name, &command, log)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVING: &str = "INFO Serving /livez, /readyz and /metrics at";

    #[test]
    fn it_serves_where_it_has_said_so_last() {
        assert_eq!(served_at("INFO Starting\n"), None);
        let log = format!("{SERVING} 127.0.0.1:41 address=127.0.0.1:41\n");
        assert_eq!(served_at(&log).unwrap(), "127.0.0.1:41");
        let log = format!(
            "{log}panicked\n{{\"message\":\"{SERVING} [::1]:42\",\"address\":\"[::1]:42\"}}\n"
        );
        assert_eq!(served_at(&log).unwrap(), "[::1]:42");
    }

    #[test]
    fn half_an_address_is_none() {
        assert_eq!(served_at(&format!("{SERVING} 127.0.0.1:4")), None);
    }
}
