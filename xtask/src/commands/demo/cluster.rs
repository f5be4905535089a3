//! The cluster's side of the demo: what is applied, and what the resources say of themselves.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{ApiResource, DynamicObject, ListParams},
};
use serde_json::Value;
use tokio::time::sleep;
use xopero_operator::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};
use xtask::{control_plane::ControlPlane, samples, say, wait::until_true};

use super::simulator::Simulator;

/// How long anything that the demo waits for may take. A hundred attachments at five requests a second take 20 s.
const PATIENCE: Duration = Duration::from_mins(3);

const POLL: Duration = Duration::from_millis(250);

/// Applies `docs/samples` as a user would, with the address and the account of the simulator filled in.
pub(super) async fn apply_samples(
    control_plane: &ControlPlane,
    simulator: &Simulator,
) -> Result<String> {
    let world = simulator.world().await?;
    let account = world
        .users
        .first()
        .context("the simulator's state has no user")?;
    let samples = samples::filled_in(simulator.url(), &account.email, &account.password)?;
    let manifests: Vec<_> = samples.into_iter().map(|(_, text)| text).collect();
    let manifests = manifests.join("\n---\n");
    control_plane
        .kubectl(&["apply", "-f", "-"], Some(&manifests))
        .await?
        .success()
        .context("the samples are refused")
}

/// The five kinds, in the order in which they depend on each other.
fn kinds() -> [ApiResource; 5] {
    [
        ApiResource::erase::<XoperoConnection>(&()),
        ApiResource::erase::<XoperoOrganization>(&()),
        ApiResource::erase::<XoperoBackupPlan>(&()),
        ApiResource::erase::<XoperoRepository>(&()),
        ApiResource::erase::<XoperoAzureProject>(&()),
    ]
}

/// Waits until every resource is Ready for what is declared, and says on the way what is waited for when that changes.
pub(super) async fn all_ready(client: &Client) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut told = String::new();
    loop {
        let waiting = waiting(client).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!(
                "not Ready after {} s:\n  {}",
                PATIENCE.as_secs(),
                waiting.join("\n  ")
            );
        }
        let words = waiting
            .iter()
            .take(3)
            .cloned()
            .collect::<Vec<_>>()
            .join("; ");
        if words != told {
            say::line(&format!("    … {} not Ready yet: {words}", waiting.len()));
            told = words;
        }
        sleep(POLL).await;
    }
}

/// What is not Ready yet, and why. A cluster without any resource waits for its first.
async fn waiting(client: &Client) -> Result<Vec<String>> {
    let (mut waiting, mut seen) = (Vec::new(), 0);
    for kind in kinds() {
        let objects: Api<DynamicObject> = Api::all_with(client.clone(), &kind);
        for object in objects.list(&ListParams::default()).await? {
            seen += 1;
            if let Some(reason) = not_ready(&object) {
                waiting.push(format!("{}/{} ({reason})", kind.kind, object.name_any()));
            }
        }
    }
    if seen == 0 {
        waiting.push("no resource".to_owned());
    }
    Ok(waiting)
}

/// Why it is not Ready for its own generation; `None` if it is.
fn not_ready(object: &DynamicObject) -> Option<String> {
    let status = object.data.get("status");
    let observed = status
        .and_then(|status| status.get("observedGeneration"))
        .and_then(Value::as_i64);
    if observed != object.meta().generation {
        return Some("not looked at yet".to_owned());
    }
    let conditions = status
        .and_then(|status| status.get("conditions"))
        .and_then(Value::as_array);
    let ready = conditions
        .into_iter()
        .flatten()
        .find(|condition| text(condition, "type") == "Ready");
    match ready {
        Some(ready) if text(ready, "status") == "True" => None,
        Some(ready) => Some(format!(
            "{}: {}",
            text(ready, "reason"),
            text(ready, "message")
        )),
        None => Some("no condition Ready".to_owned()),
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Asks for a look now, as a person who does not want to wait for the next one, and waits until it is done.
pub(super) async fn look_now(
    control_plane: &ControlPlane,
    client: &Client,
    organization: &str,
    token: &str,
) -> Result<()> {
    let annotation = format!("xopero.dev/reconcile-requested-at={token}");
    let arguments = [
        "annotate",
        "--overwrite",
        "--namespace",
        super::NAMESPACE,
        "xorg",
        organization,
        annotation.as_str(),
    ];
    control_plane.kubectl(&arguments, None).await?.success()?;
    eventually("the request to look now is acknowledged", async || {
        Ok(status(client, organization)
            .await?
            .get("lastHandledReconcileAt")
            .and_then(Value::as_str)
            == Some(token))
    })
    .await
}

/// The status of an organization's resource.
pub(super) async fn status(client: &Client, organization: &str) -> Result<Value> {
    let organizations: Api<XoperoOrganization> = Api::namespaced(client.clone(), super::NAMESPACE);
    Ok(serde_json::to_value(
        organizations.get(organization).await?.status,
    )?)
}

/// The plan in Xopero ONE that a plan's resource is about.
pub(super) async fn plan_name(client: &Client, plan: &str) -> Result<String> {
    let plans: Api<XoperoBackupPlan> = Api::namespaced(client.clone(), super::NAMESPACE);
    Ok(plans.get(plan).await?.spec.plan_name)
}

/// Waits until `condition` holds.
pub(super) async fn eventually(
    what: &str,
    condition: impl AsyncFnMut() -> Result<bool>,
) -> Result<()> {
    if !until_true(PATIENCE, condition).await? {
        bail!("not after {} s: {what}", PATIENCE.as_secs());
    }
    Ok(())
}
