//! `cargo xtask demo`: the whole thing on one machine, told in plain words.
//!
//! A real Kubernetes API server, a simulated Xopero ONE, and the operator as a process with the rights of its own service account.

use std::{env, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use kube::Client;
use serde_json::{Value, json};
use xtask::{
    control_plane::{ControlPlane, Options},
    operator,
    process::Process,
    say, workspace,
};

use self::{simulator::Simulator, world::World};
use super::{
    asked_to_end,
    cargo::{cargo, succeed},
};

mod cluster;
mod simulator;
mod world;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// End after the story instead of waiting for Ctrl-C; succeeds only if everything came out as told
    #[arg(long)]
    once: bool,
}

/// The namespace of the samples.
const NAMESPACE: &str = "backup";

/// The organization, as the samples name the resource and Xopero ONE the organization.
const ORGANIZATION: &str = "kubernetes-sigs";

/// The sample that takes all of that organization's repositories but some, so also those that come later.
const PLAN: &str = "kubernetes-sigs-weekly";

/// A repository that nobody knows yet, and that the plan takes.
const NEWCOMER: &str = "ferry-timetable";

/// Everything that runs.
struct Stage {
    control_plane: ControlPlane,
    client: Client,
    simulator: Simulator,
    operator: Process,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { once } = arguments;
    // All that was started ends with this process, in whatever state it is.
    let told = tokio::select! {
        told = story() => told,
        asked = asked_to_end() => return asked,
    };
    let stage = match told {
        Ok(stage) => stage,
        Err(error) => return Err(error.context("the demo did not come out as told")),
    };
    if !once {
        how_to_look_around(&stage);
        asked_to_end().await?;
    }
    say::line("Stopping …");
    let Stage {
        control_plane,
        client: _,
        simulator,
        operator,
    } = stage;
    drop((operator, simulator));
    control_plane.stop().await
}

async fn story() -> Result<Stage> {
    let stage = set_up().await?;
    let outcome = async {
        converge(&stage).await?;
        newcomer(&stage).await?;
        detached_by_hand(&stage).await?;
        vanished(&stage).await?;
        nothing_to_do(&stage).await?;
        show_resources(&stage).await
    }
    .await;
    match outcome {
        Ok(()) => Ok(stage),
        Err(error) => {
            say::line(&format!(
                "The last lines of the operator's log:\n{}",
                stage.operator.last_lines(30)
            ));
            Err(error)
        }
    }
}

async fn set_up() -> Result<Stage> {
    say::line("Building the operator and the simulator …");
    succeed(cargo([
        "build",
        "--quiet",
        "--package",
        "xopero-operator",
        "--package",
        "xopero-simulator",
        "--bins",
    ]))?;
    say::line("Starting a Kubernetes control plane …");
    let control_plane = ControlPlane::start(Options::default()).await?;
    let client = control_plane.client().await?;
    say::line("Starting a simulated Xopero ONE …");
    let state = workspace::root().join("tests/simulator/data/demo.yaml");
    let simulator = Simulator::start(
        &program("xopero-simulator")?,
        &state,
        control_plane.folder(),
    )
    .await?;
    say::line(
        "Installing the operator, and starting it with the rights of its own service account …",
    );
    operator::install(&control_plane).await?;
    let operator = operator::start(
        &control_plane,
        operator::Options::new(program("xopero-operator")?, "xopero-operator"),
    )
    .await?;
    Ok(Stage {
        control_plane,
        client,
        simulator,
        operator,
    })
}

/// A program of this workspace: cargo puts it beside this one.
fn program(name: &str) -> Result<PathBuf> {
    Ok(env::current_exe()
        .context("the folder of this program is unknown")?
        .with_file_name(name))
}

async fn converge(stage: &Stage) -> Result<()> {
    title("What is declared in docs/samples is applied, and kept");
    let before = stage.simulator.world().await?;
    let applied = cluster::apply_samples(&stage.control_plane, &stage.simulator).await?;
    for line in applied.lines() {
        println!("  {line}");
    }
    cluster::all_ready(&stage.client).await?;
    let after = stage.simulator.world().await?;
    tell(&before, &after)
}

async fn newcomer(stage: &Stage) -> Result<()> {
    title(&format!(
        "Somebody creates the repository {NEWCOMER} at GitHub; nobody tells the backup team"
    ));
    let before = stage.simulator.world().await?;
    let repository = json!({"name": NEWCOMER});
    let edit =
        json!({"edit": "createUpstream", "organization": ORGANIZATION, "repository": repository});
    stage.simulator.edit(&edit).await?;
    look_now(stage, "newcomer").await?;
    let plan = cluster::plan_name(&stage.client, PLAN).await?;
    cluster::eventually(
        "the new repository is licensed and in the plan",
        async || {
            let world = stage.simulator.world().await?;
            let found = world.repository(ORGANIZATION, NEWCOMER);
            Ok(found.is_some_and(|repository| repository.licensed && repository.is_in(&plan)))
        },
    )
    .await?;
    tell(&before, &stage.simulator.world().await?)
}

async fn detached_by_hand(stage: &Stage) -> Result<()> {
    let plan = cluster::plan_name(&stage.client, PLAN).await?;
    let victim = member(stage, &plan).await?;
    title(&format!(
        "Somebody takes {victim} out of the plan {plan}, in the console"
    ));
    let edit = json!({"edit": "detach", "organization": ORGANIZATION, "repository": victim, "plan": plan_in_console(stage, &victim, &plan).await?});
    stage.simulator.edit(&edit).await?;
    let before = stage.simulator.world().await?;
    look_now(stage, "detached").await?;
    cluster::eventually("it is attached again", async || {
        let world = stage.simulator.world().await?;
        Ok(world
            .repository(ORGANIZATION, &victim)
            .is_some_and(|repository| repository.is_in(&plan)))
    })
    .await?;
    tell(&before, &stage.simulator.world().await?)
}

async fn vanished(stage: &Stage) -> Result<()> {
    let plan = cluster::plan_name(&stage.client, PLAN).await?;
    let gone = member(stage, &plan).await?;
    title(&format!(
        "{gone} is deleted at GitHub; its backup may be the last copy"
    ));
    let reported = removed_upstream(stage).await?;
    let before = stage.simulator.world().await?;
    let edit = json!({"edit": "deleteUpstream", "organization": ORGANIZATION, "repository": gone});
    stage.simulator.edit(&edit).await?;
    look_now(stage, "vanished").await?;
    cluster::eventually("the organization's status counts it", async || {
        Ok(removed_upstream(stage).await? > reported)
    })
    .await?;
    let after = stage.simulator.world().await?;
    tell(&before, &after)?;
    let kept = after
        .repository(ORGANIZATION, &gone)
        .is_some_and(|repository| repository.licensed && repository.is_in(&plan));
    if !kept {
        bail!("{gone} has lost its licence or its plan, and nobody asked for that");
    }
    println!(
        "  Reported in status.coverage.removedUpstream of the organization; licence, plan and copies are left alone."
    );
    Ok(())
}

async fn nothing_to_do(stage: &Stage) -> Result<()> {
    title("Nothing has changed; the operator looks again");
    cluster::all_ready(&stage.client).await?;
    stage.simulator.forget_calls().await?;
    look_now(stage, "nothing").await?;
    let calls = stage.simulator.calls().await?;
    let mut changing = calls
        .get("changing")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    // The request asks for it; it reads the Git service and changes nothing that is declared.
    changing.remove("sync");
    if !changing.is_empty() {
        bail!("it changed something: {}", Value::Object(changing));
    }
    println!(
        "  {} calls, none of which changed anything.",
        calls.get("calls").unwrap_or(&Value::Null)
    );
    Ok(())
}

async fn show_resources(stage: &Stage) -> Result<()> {
    title("kubectl get xopero --all-namespaces");
    let shown = stage
        .control_plane
        .kubectl(&["get", "xopero", "--all-namespaces"], None)
        .await?
        .success()?;
    println!("{shown}");
    Ok(())
}

/// A request to synchronize and look now, and the wait until both are done.
async fn look_now(stage: &Stage, token: &str) -> Result<()> {
    println!(
        "  kubectl annotate xorg {ORGANIZATION} xopero.dev/reconcile-requested-at={token}   # not to wait for the next look"
    );
    cluster::look_now(&stage.control_plane, &stage.client, ORGANIZATION, token).await
}

/// The first repository of the plan but the newcomer.
async fn member(stage: &Stage, plan: &str) -> Result<String> {
    let world = stage.simulator.world().await?;
    let members = world.members(ORGANIZATION, plan);
    let member = members.into_iter().find(|name| *name != NEWCOMER);
    member
        .map(str::to_owned)
        .with_context(|| format!("no repository is in the plan {plan}"))
}

/// The plan's own spelling.
async fn plan_in_console(stage: &Stage, repository: &str, plan: &str) -> Result<String> {
    let world = stage.simulator.world().await?;
    let plans = world
        .repository(ORGANIZATION, repository)
        .map(|repository| repository.plans.clone());
    let mut plans = plans.into_iter().flatten();
    plans
        .find(|other| other.eq_ignore_ascii_case(plan))
        .with_context(|| format!("{repository} is not in the plan {plan}"))
}

async fn removed_upstream(stage: &Stage) -> Result<u64> {
    let status = cluster::status(&stage.client, ORGANIZATION).await?;
    let count = status
        .pointer("/coverage/removedUpstream")
        .and_then(Value::as_u64);
    count.with_context(|| format!("the status of the organization has no coverage: {status}"))
}

fn title(text: &str) {
    println!("\n== {text}");
}

fn tell(before: &World, after: &World) -> Result<()> {
    let changes = world::changes(before, after);
    if changes.is_empty() {
        bail!("nothing has changed in Xopero ONE");
    }
    for change in changes {
        println!("  {change}");
    }
    Ok(())
}

fn how_to_look_around(stage: &Stage) {
    let folder = stage.control_plane.folder().display();
    let console = stage.simulator.state_file().display();
    let kubectl = stage.control_plane.kubectl_program().display();
    println!("To look around, in another terminal:");
    println!(
        "  export KUBECONFIG={}",
        stage.control_plane.kubeconfig().display()
    );
    println!("  alias kubectl={kubectl}");
    println!("  kubectl get xopero -n {NAMESPACE} -o wide");
    println!("  kubectl describe xorg {ORGANIZATION} -n {NAMESPACE}");
    println!("  kubectl explain xplan.spec");
    println!("  kubectl get events -n {NAMESPACE}");
    println!(
        "Xopero ONE is simulated at {} from the file {console}: edit it as if in the console.",
        stage.simulator.url()
    );
    println!(
        "What it was asked: curl {}/_simulator/journal/summary",
        stage.simulator.url()
    );
    println!(
        "Logs: {} and {}",
        stage.operator.log().display(),
        stage.simulator.process().log().display()
    );
    println!(
        "All of it is in {folder} and is thrown away at the next start. Ctrl-C stops everything."
    );
}
