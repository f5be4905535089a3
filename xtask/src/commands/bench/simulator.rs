//! The simulated Xopero ONE as a process, and what it was asked.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::sleep;
use xtask::process::Process;

/// The state of ten thousand repositories is read in less than a second.
const START_PATIENCE: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Simulator {
    process: Process,
    url: String,
    http: reqwest::Client,
}

/// One call, as the journal tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Call {
    /// The endpoint, in the simulator's words.
    pub(super) endpoint: Option<String>,
    /// When it arrived, in milliseconds since the Unix epoch.
    pub(super) time: u64,
    /// Calls under way when it arrived, itself included.
    pub(super) in_flight: u64,
}

impl Call {
    pub(super) fn is_of(&self, endpoint: &str) -> bool {
        self.endpoint.as_deref() == Some(endpoint)
    }
}

impl Simulator {
    /// Starts it with this state.
    pub(super) async fn start(program: &Path, state: &Value, folder: &Path) -> Result<Self> {
        let file = folder.join("xopero-one.yaml");
        // JSON is YAML, too.
        fs::write(&file, state.to_string())?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new(program);
        command
            .arg("--listen")
            .arg(address.to_string())
            .arg("--state")
            .arg(&file);
        let log = folder.join("xopero-simulator.log");
        let process = Process::spawn("xopero-simulator", &command, log)?;
        // A proxy of the environment does not reach this machine. The journal of a large run takes seconds to write.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_mins(1))
            .build()?;
        let simulator = Self {
            process,
            url: format!("http://{address}"),
            http,
        };
        simulator.ready().await?;
        Ok(simulator)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The calls since the last [`Simulator::forget_calls`], in order.
    pub(super) async fn calls(&self) -> Result<Vec<Call>> {
        Ok(serde_json::from_str(&self.get("journal").await?)?)
    }

    /// How many calls of that endpoint were made: far cheaper than [`Simulator::calls`].
    pub(super) async fn count(&self, endpoint: &str) -> Result<u64> {
        let summary: Value = serde_json::from_str(&self.get("journal/summary").await?)?;
        let calls = summary.pointer(&format!("/byEndpoint/{endpoint}"));
        Ok(calls.and_then(Value::as_u64).unwrap_or_default())
    }

    /// Forgets the calls made so far.
    pub(super) async fn forget_calls(&self) -> Result<()> {
        let sent = self.http.delete(self.admin("journal")).send().await?;
        sent.error_for_status()?;
        Ok(())
    }

    async fn ready(&self) -> Result<()> {
        let deadline = Instant::now() + START_PATIENCE;
        while self.get("health").await.is_err() {
            if self.process.ended()?.is_some() || Instant::now() >= deadline {
                bail!(
                    "the simulator does not start:\n{}",
                    self.process.last_lines(20)
                );
            }
            sleep(POLL).await;
        }
        Ok(())
    }

    async fn get(&self, what: &str) -> Result<String> {
        let answer = self.http.get(self.admin(what)).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    fn admin(&self, what: &str) -> String {
        format!("{}/_simulator/{what}", self.url)
    }
}
