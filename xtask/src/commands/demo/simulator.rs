//! The simulated Xopero ONE of the demo: a process, and its interface for people who play.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::time::sleep;
use xtask::process::Process;

use super::world::World;

/// Where the samples expect it.
const USUAL_PORT: u16 = 8080;

const START_PATIENCE: Duration = Duration::from_secs(20);

const POLL: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Simulator {
    process: Process,
    url: String,
    state_file: PathBuf,
    http: reqwest::Client,
}

impl Simulator {
    /// Starts it on a copy of `state`, so that whoever plays may edit the file; it is read again when it changes.
    pub(super) async fn start(program: &Path, state: &Path, folder: &Path) -> Result<Self> {
        let state_file = folder.join("xopero-one.yaml");
        fs::copy(state, &state_file)
            .with_context(|| format!("{} cannot be copied", state.display()))?;
        let address = free_address()?;
        let mut command = Command::new(program);
        command
            .arg("--listen")
            .arg(address.to_string())
            .arg("--state")
            .arg(&state_file);
        let process = Process::spawn(
            "xopero-simulator",
            &command,
            folder.join("xopero-simulator.log"),
        )?;
        // A proxy of the environment does not reach this machine.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()?;
        let simulator = Self {
            process,
            url: format!("http://{address}"),
            state_file,
            http,
        };
        simulator.ready().await?;
        Ok(simulator)
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// The file that a person may edit to change what Xopero ONE holds.
    pub(super) fn state_file(&self) -> &Path {
        &self.state_file
    }

    pub(super) async fn world(&self) -> Result<World> {
        Ok(serde_json::from_str(&self.get("state").await?)?)
    }

    /// What somebody does in the console, or at the Git service.
    pub(super) async fn edit(&self, edit: &Value) -> Result<()> {
        let sent = self
            .http
            .post(self.admin("edits"))
            .body(edit.to_string())
            .send()
            .await?;
        let status = sent.status();
        let answer = sent.text().await?;
        if status.is_success() {
            Ok(())
        } else {
            bail!("the simulator refuses {edit}: {}", answer.trim())
        }
    }

    /// Forgets the calls made so far.
    pub(super) async fn forget_calls(&self) -> Result<()> {
        self.http
            .delete(self.admin("journal"))
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// The calls since [`Simulator::forget_calls`], in numbers, and how many each endpoint changed something by.
    pub(super) async fn calls(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.get("journal/summary").await?)?)
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
        let answer = self
            .http
            .get(self.admin(what))
            .send()
            .await?
            .error_for_status()?;
        Ok(answer.text().await?)
    }

    fn admin(&self, what: &str) -> String {
        format!("{}/_simulator/{what}", self.url)
    }
}

/// The usual port if nobody has it, else another.
fn free_address() -> Result<SocketAddr> {
    let usual = TcpListener::bind((Ipv4Addr::LOCALHOST, USUAL_PORT));
    let listener = match usual {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
    };
    Ok(listener.local_addr()?)
}
