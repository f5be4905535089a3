//! The operator as a process of a test.

use std::{fs, path::Path, process::Command, time::Duration};

use reqwest::{Client, StatusCode, header::CONTENT_TYPE};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use xtask::{
    control_plane::ControlPlane, operator::served_at, process::Process, wait::until_found,
};

/// Far more than anything here takes, also while the machine compiles.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// An operator with all rights, its log read for what it says.
#[derive(Debug)]
pub(crate) struct Operator {
    process: Process,
    http: Client,
}

/// What was served.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) text: String,
}

impl Operator {
    /// Starts one on the control plane. It need not answer.
    pub(crate) fn start(control_plane: &ControlPlane, name: &str, arguments: &[&str]) -> Self {
        Self::start_in(control_plane, name, arguments, "default")
    }

    /// The same, in a pod of this namespace.
    pub(crate) fn start_in(
        control_plane: &ControlPlane,
        name: &str,
        arguments: &[&str],
        namespace: &str,
    ) -> Self {
        let kubeconfig = control_plane.kubeconfig();
        Self::start_as((kubeconfig, namespace), control_plane, name, arguments)
    }

    /// With the account of a kubeconfig, in a pod of a namespace.
    pub(crate) fn start_as(
        (kubeconfig, namespace): (&Path, &str),
        control_plane: &ControlPlane,
        name: &str,
        arguments: &[&str],
    ) -> Self {
        if CryptoProvider::get_default().is_none() {
            // Fails only if another test was quicker, and then there is one.
            drop(aws_lc_rs::default_provider().install_default());
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_xopero-operator"));
        command
            .args(["run", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("KUBECONFIG", kubeconfig)
            .env("POD_NAMESPACE", namespace)
            .env("POD_NAME", name);
        let log = control_plane.folder().join(format!("{name}.log"));
        let process = Process::spawn(name, &command, log).unwrap();
        let http = Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self { process, http }
    }

    /// Waits until it has logged where it serves, and gets that page.
    pub(crate) async fn get(&self, path: &str) -> Page {
        let address = self.finds("says where it serves", async || served_at(&self.log()));
        let address = address.await;
        let url = format!("http://{address}{path}");
        let answer = self.http.get(url).send().await.unwrap();
        let content_type = answer.headers().get(CONTENT_TYPE).unwrap();
        Page {
            status: answer.status(),
            content_type: content_type.to_str().unwrap().to_owned(),
            text: answer.text().await.unwrap(),
        }
    }

    /// Waits until it is ready.
    pub(crate) async fn is_ready(&self) {
        let mut said = String::new();
        let ready = until_found(PATIENCE, async || {
            let Page { status, text, .. } = self.get("/readyz").await;
            said = text;
            (status == StatusCode::OK).then_some(())
        });
        let ready = ready.await;
        assert_eq!(ready, Some(()), "it never is ready: {said}{}", self.log());
    }

    /// Waits until the log holds the words.
    pub(crate) async fn has_logged(&self, words: &str) {
        self.eventually(&format!("has logged {words:?}"), async || {
            self.log().contains(words)
        })
        .await;
    }

    /// Waits until `condition` answers yes; no longer than the process lives.
    pub(crate) async fn eventually(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) {
        self.finds(what, async || condition().await.then_some(()))
            .await;
    }

    /// Waits until `look` finds something; no longer than the process lives.
    async fn finds<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let found = until_found(PATIENCE, async || {
            let found = look().await;
            if found.is_none() {
                assert_eq!(self.process.ended().unwrap(), None, "{}", self.log());
            }
            found
        });
        found
            .await
            .unwrap_or_else(|| panic!("the operator never {what}: {}", self.log()))
    }

    /// The id that the system has for it.
    pub(crate) fn id(&self) -> i32 {
        self.process.id()
    }

    /// Kills it, without a chance to do anything more.
    pub(crate) fn kill(&self) {
        self.process.kill().unwrap();
    }

    /// Stops its execution where it is.
    pub(crate) fn freeze(&self) {
        self.process.freeze().unwrap();
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.process.thaw().unwrap();
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        self.process.terminate().unwrap();
    }

    /// Waits for its end, and returns the exit code.
    pub(crate) async fn ends_within(&self, limit: Duration) -> i32 {
        let ended = until_found(limit, async || self.process.ended().unwrap());
        let ended = ended.await;
        let status =
            ended.unwrap_or_else(|| panic!("it still runs after {limit:?}: {}", self.log()));
        status.code().unwrap()
    }

    /// Waits for its end: in order, or with the sentence of an end that was cut short. A panic is neither.
    pub(crate) async fn ends_in_order_or_says_why(&self, limit: Duration) {
        let code = self.ends_within(limit).await;
        let log = self.log();
        let in_order = code == 0 && log.contains("Ended in order");
        let cut_short = code == 1
            && log.contains("their outcome is unknown, and is observed at the next start");
        assert!(in_order || cut_short, "exit code {code}: {log}");
    }

    /// All that it has logged.
    pub(crate) fn log(&self) -> String {
        let log: &Path = self.process.log();
        String::from_utf8_lossy(&fs::read(log).unwrap()).into_owned()
    }
}
