//! Waiting until a control plane answers.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Api, Client};
use tokio::{runtime, time};

use super::client;
use crate::process::Process;

/// Ready after one to three seconds on an idle machine; this is for one that compiles at the same time.
const PATIENCE: Duration = Duration::from_mins(2);

/// How long one question may take. A server that is starting may accept a connection and not answer.
const ANSWER: Duration = Duration::from_secs(5);

const POLL: Duration = Duration::from_millis(100);

/// How much of a log an error shows.
const LINES: usize = 20;

/// What is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    /// The API server says itself that it is ready, the default roles included.
    ApiServer,
    /// The controllers have made the first service account.
    Controllers,
}

/// Blocks until `goal` is reached. Not async, and on a thread of its own: the caller's runtime, if there is one, is not needed.
pub(super) fn wait(goal: Goal, kubeconfig: &Path, processes: &[&Process]) -> Result<()> {
    let run = || {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(reach(goal, kubeconfig, processes))
    };
    let ended = thread::scope(|scope| scope.spawn(run).join());
    ended.unwrap_or_else(|_| bail!("waiting for the control plane panicked"))
}

async fn reach(goal: Goal, kubeconfig: &Path, processes: &[&Process]) -> Result<()> {
    let client = client::from_file(kubeconfig).await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let missing = match time::timeout(ANSWER, ask(goal, &client)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error,
            Err(_) => anyhow::anyhow!("no answer within {} s", ANSWER.as_secs()),
        };
        for process in processes {
            if let Some(status) = process.ended()? {
                bail!(
                    "{} ended ({status}) before the control plane was ready:\n{}",
                    process.name(),
                    process.last_lines(LINES)
                );
            }
        }
        if Instant::now() >= deadline {
            let logs = processes
                .iter()
                .map(|process| format!("--- {}\n{}", process.name(), process.last_lines(LINES)));
            let logs = logs.collect::<Vec<_>>().join("\n");
            return Err(missing.context(format!(
                "the control plane is not ready after {} s\n{logs}",
                PATIENCE.as_secs()
            )));
        }
        time::sleep(POLL).await;
    }
}

async fn ask(goal: Goal, client: &Client) -> Result<()> {
    match goal {
        Goal::ApiServer => {
            let request = http::Request::get("/readyz").body(Vec::new())?;
            client
                .request_text(request)
                .await
                .context("the API server is not ready")?;
        }
        Goal::Controllers => {
            let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
            accounts
                .get("default")
                .await
                .context("the controllers have made no service account yet")?;
        }
    }
    Ok(())
}
