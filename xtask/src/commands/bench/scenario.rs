//! The whole operator on a real control plane: everything is declared first, then it starts, converges, and looks three times more.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, ListParams},
};
use serde_json::Value;
use tokio::time::sleep;
use xopero_operator::{
    api::{XoperoBackupPlan, XoperoOrganization, XoperoRepository},
    decide::ACTIVATION_BATCH,
};
use xtask::{
    control_plane::{ControlPlane, Options},
    operator,
    process::Process,
    say,
};

use super::{
    Programs,
    audit::Audit,
    declared::{self, NAMESPACE, ORGANIZATION},
    figures::{Converged, IDLE, Idle, ORGANIZATION_LISTINGS},
    measured::taken,
    simulator::Simulator,
    table::{Row, number},
};

/// How many rows a page of a listing has at most.
const PAGE: u64 = 100;

/// Between two readings once nothing is left to do. A reading of 10,000 repositories at 20 ms a page takes two seconds.
const IDLE_INTERVAL: Duration = Duration::from_secs(5);

/// How often the state of things is asked for; rarely, since that costs the machine something, too.
const POLL: Duration = Duration::from_millis(500);

/// The next reading begins this interval after the last, so its beginning must not be missed.
const QUICK_POLL: Duration = Duration::from_millis(50);

/// What may come on top of the time that the limits ask for: starting, and a machine that others use.
const PATIENCE: Duration = Duration::from_mins(5);

/// What is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One plan that takes all repositories.
    Plan,
    /// A resource for each repository.
    Resources,
}

/// How much there is, and how fast Xopero ONE is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) repositories: u32,
    pub(super) answer_time: Duration,
    pub(super) per_second: u32,
    pub(super) in_flight: u32,
}

impl Size {
    pub(super) fn pages(self) -> u64 {
        u64::from(self.repositories).div_ceil(PAGE).max(1)
    }

    pub(super) fn activations(self) -> u64 {
        u64::from(self.repositories).div_ceil(ACTIVATION_BATCH as u64)
    }

    pub(super) fn attachments(self) -> u64 {
        u64::from(self.repositories)
    }

    /// What the limits ask for: the rate, or as many at a time as may be under way.
    pub(super) fn time(self) -> f64 {
        let writes = number(self.activations() + self.attachments());
        let by_rate = writes / f64::from(self.per_second);
        let by_answers = writes * self.answer_time.as_secs_f64() / f64::from(self.in_flight);
        by_rate.max(by_answers)
    }
}

impl Kind {
    pub(super) fn title(self, size: Size) -> String {
        let Size {
            repositories,
            answer_time,
            per_second,
            in_flight,
        } = size;
        let declared = match self {
            Self::Plan => "one plan".to_owned(),
            Self::Resources => format!("{repositories} XoperoRepository"),
        };
        format!(
            "{repositories} repositories by {declared}; answers take {} ms, {per_second} requests a second, {in_flight} in flight",
            answer_time.as_millis()
        )
    }
}

/// Everything that runs.
struct Stage {
    control_plane: ControlPlane,
    client: Client,
    simulator: Simulator,
    audit: Audit,
    kind: Kind,
    size: Size,
}

/// Runs it once, from nothing.
pub(super) async fn measure(programs: &Programs, kind: Kind, size: Size) -> Result<Vec<Row>> {
    say::line(&format!("{}:", kind.title(size)));
    let mut stage = set_up(programs, kind, size).await?;
    say::line("  The operator starts …");
    let started = SystemTime::now();
    let operator = operator::start(
        &stage.control_plane,
        operator::Options::new(&programs.operator, "xopero-operator"),
    )
    .await?;
    let measured = async {
        let mut rows = stage.converge(&operator, started).await?;
        rows.extend(stage.idle(&operator).await?);
        Ok(rows)
    };
    let rows = measured.await.map_err(|error: anyhow::Error| {
        let log = operator.last_lines(30);
        error.context(format!("the operator's log ends with:\n{log}"))
    })?;
    drop(operator);
    stage.control_plane.stop().await?;
    Ok(rows)
}

async fn set_up(programs: &Programs, kind: Kind, size: Size) -> Result<Stage> {
    say::line("  A control plane and a simulated Xopero ONE start …");
    let control_plane = ControlPlane::start(Options::default()).await?;
    let client = control_plane.client().await?;
    let simulator = Simulator::start(
        &programs.simulator,
        &declared::state(size),
        control_plane.folder(),
    )
    .await?;
    operator::install(&control_plane).await?;
    let begun = Instant::now();
    declared::create(&client, simulator.url(), kind, size).await?;
    say::line(&format!(
        "  Everything is declared, in {:.1} s, and the operator has not started yet.",
        begun.elapsed().as_secs_f64()
    ));
    let mut audit = Audit::new(control_plane.audit_log().context("no audit log")?);
    audit.mark()?;
    Ok(Stage {
        control_plane,
        client,
        simulator,
        audit,
        kind,
        size,
    })
}

impl Stage {
    async fn converge(&self, operator: &Process, started: SystemTime) -> Result<Vec<Row>> {
        self.all_ready(operator).await?;
        let taken = taken(operator.id())?;
        let converged = Converged {
            kind: self.kind,
            size: self.size,
            calls: self.simulator.calls().await?,
            writes: self.audit.writes()?,
            taken,
            started,
        };
        converged.rows()
    }

    /// Waits until the organization says that nothing is left, and then until each resource does.
    async fn all_ready(&self, operator: &Process) -> Result<()> {
        let patience = PATIENCE + Duration::from_secs_f64(2.0 * self.size.time());
        let deadline = Instant::now() + patience;
        loop {
            let left = if self.not_ready::<XoperoOrganization>().await? > 0 {
                "the organization is".to_owned()
            } else {
                let claims = match self.kind {
                    Kind::Plan => self.not_ready::<XoperoBackupPlan>().await?,
                    Kind::Resources => self.not_ready::<XoperoRepository>().await?,
                };
                if claims == 0 {
                    return Ok(());
                }
                format!("{claims} claims are")
            };
            if operator.ended()?.is_some() {
                bail!("the operator has ended");
            }
            if Instant::now() >= deadline {
                bail!("{left} not Ready after {} s", patience.as_secs());
            }
            sleep(POLL).await;
        }
    }

    /// How many of a kind are not Ready for their own generation.
    async fn not_ready<K: kube::Resource<DynamicType = ()>>(&self) -> Result<usize> {
        let kind = ApiResource::erase::<K>(&());
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), NAMESPACE, &kind);
        let objects = api.list(&ListParams::default()).await?;
        Ok(objects.iter().filter(|object| !is_ready(object)).count())
    }

    /// Three more readings, of which none finds anything to do.
    async fn idle(&mut self, operator: &Process) -> Result<Vec<Row>> {
        say::line("  It has converged. Three more readings follow …");
        self.settle().await?;
        let before = taken(operator.id())?;
        let last = IDLE * ORGANIZATION_LISTINGS;
        let deadline = Instant::now() + PATIENCE;
        // The call after the last one is of the next reading: then all that a pass does is done.
        while self.simulator.count("listOrganizations").await? <= last {
            if Instant::now() >= deadline {
                bail!(
                    "there were no three readings within {} s",
                    PATIENCE.as_secs()
                );
            }
            sleep(POLL).await;
        }
        let after = taken(operator.id())?;
        let mut calls = self.simulator.calls().await?;
        let mut organizations = calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.is_of("listOrganizations"));
        let next = organizations.nth(usize::try_from(last)?);
        let next = next.map_or(calls.len(), |(at, _)| at);
        calls.truncate(next);
        let idle = Idle {
            size: self.size,
            calls,
            writes: self.audit.writes()?,
            before,
            after,
        };
        Ok(idle.rows())
    }

    /// Makes readings frequent, and lets what that change itself calls for pass.
    async fn settle(&mut self) -> Result<()> {
        let wanted = declared::resync_after(&self.client, IDLE_INTERVAL).await?;
        let api: Api<XoperoOrganization> = Api::namespaced(self.client.clone(), NAMESPACE);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = api.get_status(ORGANIZATION).await?;
            let observed = found.status.and_then(|status| status.observed_generation);
            if observed == wanted.metadata.generation {
                break;
            }
            if Instant::now() >= deadline {
                bail!("a new resyncInterval is not taken up");
            }
            sleep(QUICK_POLL).await;
        }
        self.audit.mark()?;
        self.simulator.forget_calls().await
    }
}

/// Whether it is Ready, and says so of what is declared now.
fn is_ready(object: &DynamicObject) -> bool {
    let status = object.data.get("status");
    let observed = status
        .and_then(|status| status.get("observedGeneration"))
        .and_then(Value::as_i64);
    let conditions = status
        .and_then(|status| status.get("conditions"))
        .and_then(Value::as_array);
    let is = |condition: &Value, field: &str, word: &str| {
        condition.get(field).and_then(Value::as_str) == Some(word)
    };
    observed == object.metadata.generation
        && conditions
            .into_iter()
            .flatten()
            .any(|condition| is(condition, "type", "Ready") && is(condition, "status", "True"))
}
