//! A real Kubernetes control plane for tests and the demo: etcd, API server, controllers. No kubelet, so nothing runs in pods.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use xtask::control_plane::{ControlPlane, Options};
//!
//! let control_plane = ControlPlane::start(Options::default()).await?;
//! let client = control_plane.client().await?;
//! control_plane.kubectl(&["apply", "-f", "-"], Some("apiVersion: v1\nkind: Namespace\nmetadata: {name: backup}")).await?.success()?;
//! # Ok(()) }
//! ```

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use anyhow::{Context, Result, anyhow, bail};
use kube::{Client, config::Kubeconfig};
use tokio::{process::Command, task::spawn_blocking};

use self::{directory::Directory, kubeconfig::Endpoint, own::Own};

mod arguments;
mod build;
mod certificates;
mod client;
mod command;
mod directory;
mod faults;
mod go_module;
mod identities;
mod kubeconfig;
mod own;
mod programs;
mod readiness;

pub use self::{
    command::Output,
    programs::{ASSETS_VARIABLE, Programs},
};

/// Names a kubeconfig of an existing cluster that the tests use instead of starting one. Tests that need to stop it fail there.
pub const EXISTING_CLUSTER_VARIABLE: &str = "XOPERO_TEST_KUBECONFIG";

/// Which cluster is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cluster {
    /// One that is started for the purpose and thrown away.
    #[default]
    Own,
    /// One that runs already, as the current context of this kubeconfig. It cannot be stopped or frozen.
    Existing(PathBuf),
}

/// How a control plane is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which cluster is used.
    pub cluster: Cluster,
    /// More arguments for the API server, for example `--feature-gates=…`. They win over ours.
    pub api_server_arguments: Vec<String>,
    /// More controllers than those that every test needs, for example `deployment-controller`.
    pub controllers: Vec<String>,
}

impl Options {
    /// The cluster that `XOPERO_TEST_KUBECONFIG` names, else one of our own.
    pub fn from_environment() -> Self {
        let cluster = env::var_os(EXISTING_CLUSTER_VARIABLE)
            .map_or(Cluster::Own, |path| Cluster::Existing(path.into()));
        Self {
            cluster,
            ..Self::default()
        }
    }
}

/// A running control plane. Dropping the last clone kills its programs; the death of this process does so too.
#[derive(Clone)]
pub struct ControlPlane {
    inner: Arc<Inner>,
}

/// The programs come first, so that they are gone before the folder is.
struct Inner {
    own: Option<Own>,
    endpoint: Endpoint,
    kubeconfig: PathBuf,
    kubectl: PathBuf,
    helm: Option<PathBuf>,
    directory: Directory,
}

static SHARED: OnceLock<Result<ControlPlane, String>> = OnceLock::new();

impl ControlPlane {
    /// Starts a control plane and waits until it is ready: two or three seconds, if the programs are built.
    ///
    /// # Errors
    /// If the programs cannot be had, or do not become ready; then with the last lines of their logs.
    pub async fn start(options: Options) -> Result<Self> {
        spawn_blocking(move || Self::start_blocking(options)).await?
    }

    /// The one control plane that all tests of a program share. Started by whoever asks first; ends with the process.
    ///
    /// It belongs to no test's runtime, and a test may use it from any; but a [`Client`] belongs to the runtime it was made in, so each
    /// test asks for its own. Tests keep apart by namespaces, and never stop or freeze the shared one.
    ///
    /// # Errors
    /// As [`ControlPlane::start`]; a failed start is not repeated, and each test is told of it.
    pub async fn shared() -> Result<Self> {
        let start = || {
            Self::start_blocking(Options::from_environment()).map_err(|error| format!("{error:#}"))
        };
        let shared = spawn_blocking(move || SHARED.get_or_init(start)).await?;
        shared.clone().map_err(|error| anyhow!(error))
    }

    fn start_blocking(options: Options) -> Result<Self> {
        let Options {
            cluster,
            api_server_arguments,
            controllers,
        } = options;
        let inner = match cluster {
            Cluster::Own => {
                let programs = Programs::find_or_build()?;
                let kubectl = programs.kubectl.clone();
                let helm = programs.helm.clone();
                let directory = Directory::make()?;
                let own = Own::start(programs, &directory, api_server_arguments, &controllers)?;
                let endpoint = own.endpoint().clone();
                Inner {
                    own: Some(own),
                    endpoint,
                    kubeconfig: own::admin_kubeconfig(&directory),
                    kubectl,
                    helm,
                    directory,
                }
            }
            Cluster::Existing(kubeconfig) => {
                let contents = Kubeconfig::read_from(&kubeconfig)
                    .with_context(|| format!("{} cannot be used", kubeconfig.display()))?;
                let endpoint = Endpoint::current_of(&serde_json::to_value(contents)?)
                    .with_context(|| {
                        format!(
                            "{} has no current context with a cluster",
                            kubeconfig.display()
                        )
                    })?;
                let kubectl = match installed("kubectl") {
                    Some(kubectl) => kubectl,
                    None => Programs::find_or_build()?.kubectl,
                };
                Inner {
                    own: None,
                    endpoint,
                    kubeconfig,
                    kubectl,
                    helm: installed("helm"),
                    directory: Directory::make()?,
                }
            }
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// A client with all rights. It belongs to the runtime that it is made in.
    ///
    /// # Errors
    /// If the kubeconfig cannot be used.
    pub async fn client(&self) -> Result<Client> {
        client::from_file(&self.inner.kubeconfig).await
    }

    /// A client as whoever `kubeconfig` names. It belongs to the runtime that it is made in.
    ///
    /// # Errors
    /// If the kubeconfig cannot be used.
    pub async fn client_as(&self, kubeconfig: &Path) -> Result<Client> {
        client::from_file(kubeconfig).await
    }

    /// The kubeconfig of somebody with all rights.
    pub fn kubeconfig(&self) -> &Path {
        &self.inner.kubeconfig
    }

    /// The kubectl that fits this control plane.
    pub fn kubectl_program(&self) -> &Path {
        &self.inner.kubectl
    }

    /// The pinned Helm, or the one that is installed beside an existing cluster.
    pub fn helm_program(&self) -> Option<&Path> {
        self.inner.helm.as_deref()
    }

    /// The folder with logs, data and kubeconfigs.
    pub fn folder(&self) -> &Path {
        self.inner.directory.path()
    }

    /// Who did what, one JSON object (`audit.k8s.io/v1` Event, level Metadata) a line. `None` for an existing cluster.
    pub fn audit_log(&self) -> Option<PathBuf> {
        self.inner
            .own
            .as_ref()
            .map(|_| self.inner.directory.file("audit.log"))
    }

    /// Where the API server listens. `None` for an existing cluster.
    pub fn address(&self) -> Option<SocketAddr> {
        self.inner.own.as_ref().map(Own::address)
    }

    /// Runs kubectl with all rights; `input` is what it reads for `-f -`. A failure of kubectl's is no error here: see [`Output`].
    ///
    /// # Errors
    /// If it cannot be run.
    pub async fn kubectl(&self, args: &[&str], input: Option<&str>) -> Result<Output> {
        self.kubectl_as(&self.inner.kubeconfig, args, input).await
    }

    /// As [`ControlPlane::kubectl`], as whoever `kubeconfig` names.
    ///
    /// # Errors
    /// If it cannot be run.
    pub async fn kubectl_as(
        &self,
        kubeconfig: &Path,
        args: &[&str],
        input: Option<&str>,
    ) -> Result<Output> {
        let mut command = Command::new(&self.inner.kubectl);
        command.arg("--kubeconfig").arg(kubeconfig).args(args);
        command::run("kubectl", command, input).await
    }

    /// Runs Helm with all rights, and without anything of the person who runs the tests. A failure of Helm's is no error here.
    ///
    /// # Errors
    /// If there is none, or it cannot be run.
    pub async fn helm(&self, args: &[&str]) -> Result<Output> {
        let program = self.helm_program();
        let mut command =
            Command::new(program.context("no Helm; KUBEBUILDER_ASSETS needs one, too")?);
        command.args(args).env("KUBECONFIG", self.kubeconfig());
        let home = self.folder().join("helm");
        for (variable, folder) in [
            ("HELM_CACHE_HOME", "cache"),
            ("HELM_CONFIG_HOME", "config"),
            ("HELM_DATA_HOME", "data"),
        ] {
            command.env(variable, home.join(folder));
        }
        command::run("helm", command, None).await
    }

    /// Ends all its programs in order. An existing cluster is left alone.
    ///
    /// # Errors
    /// If a program cannot be ended.
    pub async fn stop(&self) -> Result<()> {
        if self.inner.own.is_none() {
            return Ok(());
        }
        self.on_own(|own, _| own.stop()).await
    }

    /// Starting and stopping block, and must not hold up the other tasks of the caller's runtime.
    async fn on_own(
        &self,
        work: impl FnOnce(&Own, &Directory) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        spawn_blocking(move || work(inner.own()?, &inner.directory)).await?
    }
}

impl Inner {
    fn own(&self) -> Result<&Own> {
        match &self.own {
            Some(own) => Ok(own),
            None => {
                bail!("this needs a control plane of our own: unset {EXISTING_CLUSTER_VARIABLE}")
            }
        }
    }
}

impl std::fmt::Debug for ControlPlane {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ControlPlane")
            .field("folder", &self.folder())
            .finish_non_exhaustive()
    }
}

fn installed(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}
