//! What a person does while something goes wrong: what the documentation tells, and only where it tells that nothing else helps.

use std::collections::BTreeSet;

use anyhow::{Error, Result};
use serde_json::{Value, json};
use xopero_simulator::{Edit, state::Password};

use super::world::World;
use crate::{
    manifests::{EMAIL, another_password, secret},
    plan::Plan,
};

/// What helps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Help {
    /// Another password, since the one of this version of the Secret was rejected and is not tried again.
    AnotherPassword(String),
    /// A connection is asked for a look, since its account was not permitted something: it tries that once a day by itself.
    Look(String),
}

/// Helps where it is needed, for as long as it is polled. Returns only what went wrong.
pub(super) async fn help(world: &World, plan: &Plan) -> Error {
    let mut done = BTreeSet::new();
    loop {
        if let Err(error) = help_once(world, plan, &mut done).await {
            return error;
        }
    }
}

/// Helps in what comes next, if anything does before patience is at its end.
async fn help_once(world: &World, plan: &Plan, done: &mut BTreeSet<Help>) -> Result<()> {
    let mut due = Vec::new();
    world
        .comes_about("somebody needs help", async || {
            // Before it is healed no help lasts.
            let is_waiting = plan.lasts() && !world.is_healed();
            if plan.helped && !is_waiting {
                due = needed(&world.resources().await?);
                due.retain(|help| !done.contains(help));
            }
            Ok(!due.is_empty())
        })
        .await?;
    for help in due {
        match &help {
            Help::AnotherPassword(_) => {
                let password = another_password(world.helped());
                world.apply(&secret(&password)).await?;
                world.simulator.edit(Edit::SetPassword {
                    email: EMAIL.to_owned(),
                    password: Password::new(password),
                })?;
                done.insert(help);
            }
            Help::Look(name) => {
                let value = world.journal.last_number().to_string();
                let annotation = json!({"xopero.dev/reconcile-requested-at": value});
                world.annotate("XoperoConnection", name, annotation).await?;
            }
        }
        world.note_help();
    }
    Ok(())
}

/// What the resources need a person for. All else heals by itself, and a run in which it does not fails.
fn needed(resources: &[Value]) -> Vec<Help> {
    let stalled = |reason: &str| -> Vec<&Value> {
        let is_so = |resource: &&Value| {
            let conditions = resource
                .pointer("/status/conditions")
                .and_then(Value::as_array);
            conditions.into_iter().flatten().any(|condition| {
                text(condition, "/type") == "Stalled"
                    && text(condition, "/status") == "True"
                    && text(condition, "/reason") == reason
            })
        };
        resources.iter().filter(is_so).collect()
    };
    let mut needed = Vec::new();
    for connection in stalled("LoginRejected") {
        let version = text(connection, "/status/rejectedLogin/secretResourceVersion");
        if text(connection, "/kind") == "XoperoConnection" && !version.is_empty() {
            needed.push(Help::AnotherPassword(version.to_owned()));
        }
    }
    if !stalled("PermissionMissing").is_empty() {
        let connections = resources.iter().filter(|resource| {
            let asked = resource
                .pointer("/metadata/annotations")
                .and_then(|annotations| annotations.get("xopero.dev/reconcile-requested-at"));
            // One that was asked and has not heard it yet is not asked again.
            text(resource, "/kind") == "XoperoConnection"
                && asked == resource.pointer("/status/lastHandledReconcileAt")
        });
        needed.extend(
            connections.map(|connection| Help::Look(text(connection, "/metadata/name").to_owned())),
        );
    }
    needed
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(reason: &str, asked: Option<&str>, heard: Option<&str>) -> Value {
        let mut connection = json!({
            "kind": "XoperoConnection",
            "metadata": {"name": "xopero", "annotations": {}},
            "status": {
                "rejectedLogin": {"secretResourceVersion": "7"},
                "conditions": [{"type": "Stalled", "status": "True", "reason": reason}],
            },
        });
        if let Some(asked) = asked {
            connection["metadata"]["annotations"]["xopero.dev/reconcile-requested-at"] =
                asked.into();
        }
        if let Some(heard) = heard {
            connection["status"]["lastHandledReconcileAt"] = heard.into();
        }
        connection
    }

    #[test]
    fn a_rejected_login_needs_another_password() {
        let rejected = connection("LoginRejected", None, None);
        let another = Help::AnotherPassword("7".to_owned());
        assert_eq!(needed(&[rejected]), [another]);
    }

    #[test]
    fn what_is_not_permitted_needs_a_look_once_until_it_is_heard() {
        let organization = json!({"kind": "XoperoOrganization", "status": {"conditions": [
            {"type": "Stalled", "status": "True", "reason": "PermissionMissing"}]}});
        let with = |asked, heard| {
            let connection = connection("Converged", asked, heard);
            needed(&[connection, organization.clone()])
        };
        let look = [Help::Look("xopero".to_owned())];
        assert_eq!(with(None, None), look);
        assert_eq!(with(Some("1"), None), []);
        assert_eq!(with(Some("1"), Some("1")), look);
    }

    #[test]
    fn all_else_heals_by_itself() {
        for reason in ["Refused", "AnswerNotUnderstood", "RemovalHeld", "NotKept"] {
            assert_eq!(needed(&[connection(reason, None, None)]), []);
        }
    }
}
