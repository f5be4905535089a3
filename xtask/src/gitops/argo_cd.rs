//! Argo CD at work: its application controller, its repository server and Redis, on a control plane of a test.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::symlink,
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::{ARGO_CD, HELM_3};
use crate::{control_plane::ControlPlane, process::Process, wait::until_true};

/// How long a definition may take. For what never comes.
const PATIENCE: Duration = Duration::from_mins(2);

/// What stands in a fresh installation before anybody has signed in, and what the API server of Argo CD would make.
const SETTINGS: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: argocd}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm, namespace: argocd, labels: {app.kubernetes.io/name: argocd-cm, app.kubernetes.io/part-of: argocd}}
---
apiVersion: v1
kind: Secret
metadata: {name: argocd-secret, namespace: argocd, labels: {app.kubernetes.io/name: argocd-secret, app.kubernetes.io/part-of: argocd}}
stringData: {server.secretkey: nobody-signs-in-here}
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: default, namespace: argocd}
spec:
  sourceRepos: ["*"]
  destinations: [{namespace: "*", server: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
"#;

/// Argo CD with all rights on a control plane. Dropping it ends it.
#[derive(Debug)]
pub struct ArgoCd {
    _processes: [Process; 3],
    /// Where its programs keep what they fetch; after them, since they write to it.
    _folder: TempDir,
}

impl ArgoCd {
    /// Starts it, with its definitions and the project `default`, in the namespace `argocd`. It looks at everything every ten seconds,
    /// where Argo CD has two minutes.
    ///
    /// # Errors
    /// If a program is missing or cannot be built, or the control plane refuses something.
    pub async fn start(control_plane: &ControlPlane) -> Result<Self> {
        install(control_plane).await?;
        let folder = tempfile::tempdir().context("no folder for Argo CD")?;
        let argo_cd = ARGO_CD.find_or_build()?;
        let programs = folder.path().join("programs");
        fs::create_dir(&programs)?;
        // Argo CD finds Helm by its name.
        symlink(HELM_3.find_or_build()?, programs.join("helm"))?;
        let others = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{others}", programs.display());

        let start = |name: &str, mut command: Command| {
            let own = folder.path().join(name);
            fs::create_dir(&own)?;
            command
                .env("PATH", &path)
                .env("TMPDIR", &own)
                .env("HOME", &own)
                .env("KUBECONFIG", control_plane.kubeconfig());
            Process::spawn(
                name,
                &command,
                control_plane.folder().join(format!("{name}.log")),
            )
        };
        let [redis_port, repository_port] = [free_port()?, free_port()?];

        let mut redis = Command::new("redis-server");
        redis.args(["--bind", "127.0.0.1", "--save", "", "--port"]);
        redis.arg(redis_port.to_string());
        let redis = start("redis-server", redis)?;

        let mut repositories = part(&argo_cd, "argocd-repo-server", folder.path())?;
        repositories
            .arg(format!("--port={repository_port}"))
            .arg(format!("--metrics-port={}", free_port()?))
            .args([
                "--address=127.0.0.1",
                "--metrics-address=127.0.0.1",
                "--disable-tls",
            ])
            .arg(format!("--redis=127.0.0.1:{redis_port}"));
        let repositories = start("argocd-repo-server", repositories)?;

        let mut controller = part(&argo_cd, "argocd-application-controller", folder.path())?;
        controller
            .arg(format!("--repo-server=127.0.0.1:{repository_port}"))
            .arg("--repo-server-plaintext")
            .arg(format!("--redis=127.0.0.1:{redis_port}"))
            .arg(format!("--metrics-port={}", free_port()?))
            .args([
                "--namespace=argocd",
                "--app-resync=10",
                "--app-resync-jitter=0",
            ]);
        let controller = start("argocd-application-controller", controller)?;
        Ok(Self {
            _processes: [controller, repositories, redis],
            _folder: folder,
        })
    }
}

/// One program has all parts; it is told by a variable which one it is.
fn part(argo_cd: &Path, part: &str, folder: &Path) -> Result<Command> {
    let mut command = Command::new(argo_cd);
    command.env("ARGOCD_BINARY_NAME", part);
    // "https://kubernetes.default.svc" is the cluster of the kubeconfig, since it runs in no pod.
    command.env("ARGOCD_FAKE_IN_CLUSTER", "true");
    command.env("ARGOCD_GPG_ENABLED", "false");
    for (variable, name) in [
        ("ARGOCD_TLS_DATA_PATH", "tls"),
        ("ARGOCD_SSH_DATA_PATH", "ssh"),
        ("ARGOCD_PLUGINSOCKFILEPATH", "plugins"),
    ] {
        let path = folder.join(name);
        fs::create_dir_all(&path)?;
        command.env(variable, path);
    }
    Ok(command)
}

async fn install(control_plane: &ControlPlane) -> Result<()> {
    let definitions = ARGO_CD.sources()?.join("manifests/crds");
    for name in ["application", "applicationset", "appproject"] {
        let file = definitions.join(format!("{name}-crd.yaml"));
        let file = file.to_string_lossy();
        // Server-side: they are too long for the annotation that a plain apply leaves.
        let apply = ["apply", "--server-side", "-f", &file];
        control_plane.kubectl(&apply, None).await?.success()?;
        let definition = format!("crd/{name}s.argoproj.io");
        let wait = [
            "wait",
            "--for=condition=Established",
            "--timeout=60s",
            &definition,
        ];
        // kubectl fails at once where a definition has no condition at all yet.
        let established = until_true(PATIENCE, async || {
            Ok(control_plane.kubectl(&wait, None).await?.status.success())
        });
        if !established.await? {
            bail!("{definition} is not established");
        }
    }
    let apply = ["apply", "-f", "-"];
    control_plane
        .kubectl(&apply, Some(SETTINGS))
        .await?
        .success()?;
    Ok(())
}

/// A port that nobody uses now. None of these programs says which one it was given.
fn free_port() -> Result<u16> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(free.local_addr()?.port())
}

/// A Git repository of a test, from which Argo CD reads. Removed when it is dropped.
#[derive(Debug)]
pub struct GitRepository {
    folder: TempDir,
}

impl GitRepository {
    /// An empty one, with the branch `main`.
    ///
    /// # Errors
    /// If git is not installed.
    pub fn new() -> Result<Self> {
        let this = Self {
            folder: tempfile::tempdir().context("no folder for a repository")?,
        };
        this.git(&["init", "--quiet", "--initial-branch=main"])?;
        Ok(this)
    }

    /// Where its files are. They are read once they are committed.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// For `spec.source.repoURL`.
    pub fn url(&self) -> String {
        format!("file://{}", self.folder.path().display())
    }

    /// Puts a copy of this file, or folder with all that is in it, into it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn add(&self, path: &Path) -> Result<()> {
        let mut copy = Command::new("cp");
        copy.arg("--recursive").arg(path).arg(self.folder.path());
        let status = copy.status().context("cp cannot be started")?;
        if !status.success() {
            bail!("{} cannot be copied", path.display());
        }
        Ok(())
    }

    /// Commits everything, and returns the commit.
    ///
    /// # Errors
    /// If there is nothing to commit.
    pub fn commit(&self) -> Result<String> {
        self.git(&["add", "--all"])?;
        let who = [
            "-c",
            "user.name=Platform",
            "-c",
            "user.email=platform@example.com",
        ];
        self.git(&[&who[..], &["commit", "--quiet", "--message=change"]].concat())?;
        Ok(self.git(&["rev-parse", "HEAD"])?.trim().to_owned())
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .context("git cannot be started; it is in the package git")?;
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            bail!("git {} failed: {}", arguments.join(" "), complaint.trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
