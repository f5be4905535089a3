//! Of each plan: its last backup, and what it selects.

use crate::{
    api::{LastBackup, XoperoBackupPlan, XoperoBackupPlanStatus},
    controllers::{
        metrics::{
            description::Description,
            sample::{Sample, count, seconds},
        },
        observed::Place,
    },
};

static LAST_BACKUP: Description = Description::gauge(
    "plan_last_backup_timestamp",
    "When the last finished run of the plan ended, in seconds since 1970; absent before the first",
    "How old is the last backup?",
)
.by(&["namespace", "name"])
.in_seconds();

static RESULTS: Description = Description::gauge(
    "plan_last_backup_items",
    "What Xopero ONE counts of the last finished run, by result: success, warning or error",
    "Did the last backup succeed?",
)
.by(&["namespace", "name", "result"]);

static RUNNING: Description = Description::gauge(
    "plan_backup_running",
    "1 while the plan runs again, as of the last listing; absent before the first finished run",
    "Is a backup under way?",
)
.by(&["namespace", "name"]);

static MAX_AGE: Description = Description::gauge(
    "plan_max_age",
    "The age at which the last backup counts as too old (freshness.maxAge); absent where none is declared",
    "How near is the last backup to being too old?",
)
.by(&["namespace", "name"])
.in_seconds();

static ITEMS: Description = Description::gauge(
    "plan_items",
    "Repositories and projects, by state: matched by the plan's patterns, and of these attached and licensed",
    "Does the plan hold what is declared?",
)
.by(&["namespace", "name", "state"]);

static PENDING: Description = Description::gauge(
    "plan_pending_changes",
    "Changes that the plan still asks for; written when its conditions change, not after each step",
    "How much is still to be done, or held back?",
)
.by(&["namespace", "name"]);

/// All of them.
pub(super) static ALL: &[&Description] =
    &[&LAST_BACKUP, &RESULTS, &RUNNING, &MAX_AGE, &ITEMS, &PENDING];

/// The samples of one plan.
pub(super) fn samples(place: &Place, plan: &XoperoBackupPlan) -> Vec<Sample> {
    let own = || {
        let Place { namespace, name } = place.clone();
        [namespace.into(), name.into()]
    };
    let by = |word: &'static str| {
        let [namespace, name] = own();
        [namespace, name, word.into()]
    };
    let mut samples = Vec::new();
    if let Some(age) = plan.spec.max_age() {
        samples.push(Sample::new(&MAX_AGE, own(), seconds(age)));
    }
    let Some(XoperoBackupPlanStatus {
        matched,
        attached,
        licensed,
        pending,
        last_backup,
        ..
    }) = &plan.status
    else {
        return samples;
    };
    for (state, items) in [
        ("matched", matched),
        ("attached", attached),
        ("licensed", licensed),
    ] {
        samples.extend(items.map(|items| Sample::new(&ITEMS, by(state), count(items))));
    }
    samples.extend(pending.map(|pending| Sample::new(&PENDING, own(), count(pending))));
    if let Some(LastBackup {
        finished_at,
        successes,
        warnings,
        errors,
        running,
    }) = last_backup
    {
        let finished = count(finished_at.0.as_second());
        samples.push(Sample::new(&LAST_BACKUP, own(), finished));
        for (result, items) in [
            ("success", successes),
            ("warning", warnings),
            ("error", errors),
        ] {
            samples.extend(items.map(|items| Sample::new(&RESULTS, by(result), count(items))));
        }
        samples.extend(running.map(|running| Sample::new(&RUNNING, own(), count(running.into()))));
    }
    samples
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shown(spec: &Value, status: &Value) -> Vec<String> {
        let mut plan = json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoBackupPlan",
            "metadata": {"name": "nightly", "namespace": "backup"},
            "spec": {"organizationRef": {"name": "acme"}, "planName": "Nightly"},
            "status": status,
        });
        for (key, value) in spec.as_object().unwrap() {
            plan["spec"][key] = value.clone();
        }
        let place = Place {
            namespace: "backup".to_owned(),
            name: "nightly".to_owned(),
        };
        let plan = serde_json::from_value(plan).unwrap();
        samples(&place, &plan)
            .iter()
            .map(Sample::to_string)
            .collect()
    }

    #[test]
    fn the_numbers_are_those_of_the_status() {
        let status = json!({
            "matched": 9, "attached": 8, "licensed": 7, "pending": 2,
            "lastBackup": {
                "finishedAt": "2026-11-25T00:00:00Z",
                "successes": 5, "warnings": 1, "errors": 3, "running": true,
            },
        });
        let spec = json!({"freshness": {"maxAge": "36h"}});
        assert_eq!(
            shown(&spec, &status),
            [
                "plan_max_age namespace=backup,name=nightly = 129600",
                "plan_items namespace=backup,name=nightly,state=matched = 9",
                "plan_items namespace=backup,name=nightly,state=attached = 8",
                "plan_items namespace=backup,name=nightly,state=licensed = 7",
                "plan_pending_changes namespace=backup,name=nightly = 2",
                "plan_last_backup_timestamp namespace=backup,name=nightly = 1795564800",
                "plan_last_backup_items namespace=backup,name=nightly,result=success = 5",
                "plan_last_backup_items namespace=backup,name=nightly,result=warning = 1",
                "plan_last_backup_items namespace=backup,name=nightly,result=error = 3",
                "plan_backup_running namespace=backup,name=nightly = 1",
            ]
        );
    }

    #[test]
    fn what_is_not_known_has_no_series() {
        assert_eq!(
            shown(&json!({}), &json!({"matched": 3})),
            ["plan_items namespace=backup,name=nightly,state=matched = 3"]
        );
        let half = json!({"lastBackup": {"finishedAt": "2026-11-25T00:00:00Z", "warnings": 1}});
        assert_eq!(
            shown(&json!({}), &half),
            [
                "plan_last_backup_timestamp namespace=backup,name=nightly = 1795564800",
                "plan_last_backup_items namespace=backup,name=nightly,result=warning = 1",
            ]
        );
    }
}
