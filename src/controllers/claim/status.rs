//! From a verdict to the status of each kind.

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::Condition,
    jiff::{SignedDuration, Timestamp},
};

use super::super::{claims::life_of, verdicts::Waiting};
use crate::{
    api::{
        AttachedOnce, Claim, DeletionPolicy, LastBackup, Reason, SettingsSent, XoperoAzureProject,
        XoperoAzureProjectStatus, XoperoBackupPlan, XoperoBackupPlanStatus, XoperoRepository,
        XoperoRepositoryStatus,
        annotations::is_paused,
        conditions::{ConditionType, Statement, Truth, and_stated, assemble, find},
        whole_seconds,
    },
    decide::{About, LastRun, Verdict, paused},
};

/// A kind that reports verdicts.
pub trait Reporting: Claim {
    /// The status that a verdict calls for.
    fn decided(&self, verdict: &Verdict, now: Timestamp) -> Self::Status;

    /// The status as it is, with other conditions of that generation.
    fn with_conditions(&self, conditions: Vec<Condition>, generation: i64) -> Self::Status;

    /// The same resource with another status.
    #[must_use]
    fn with_status(self, status: Self::Status) -> Self;

    /// The status while something else is waited for: what was known stays.
    fn waiting(&self, waiting: &Waiting, now: Timestamp) -> Self::Status {
        let statements = waiting_statements(self, waiting);
        let conditions = assemble(self.conditions(), statements, waiting.generation, now);
        self.with_conditions(conditions, waiting.generation)
    }

    /// The status that would be written, with this statement in it; the resource shows the conditions `before` until then.
    fn and_stated(
        &self,
        before: &[Condition],
        statement: Statement,
        now: Timestamp,
    ) -> Self::Status {
        let generation = self.observed_generation().unwrap_or_default();
        let conditions = and_stated(before, self.conditions(), statement, generation, now);
        self.with_conditions(conditions, generation)
    }

    /// When the last backup of that status is older than is allowed, unless it says so, or worse, already.
    fn backup_outlives(&self, _shown: Option<&Self::Status>) -> Option<Timestamp> {
        None
    }

    /// What a forced deletion leaves as it is, for the event.
    fn left_behind(&self) -> String;
}

/// The conditions of a claim that waits.
fn waiting_statements(resource: &(impl Claim + ?Sized), waiting: &Waiting) -> Vec<Statement> {
    let deleting = resource.meta().deletion_timestamp.is_some();
    let (reason, message) = if deleting {
        let message = format!(
            "The clean-up of the deletionPolicy waits: {} To let the resource go without it, set deletionPolicy: Retain \
             or annotate it with xopero.dev/force-finalize: \"true\".",
            waiting.message
        );
        (Reason::Deleting, message)
    } else {
        (waiting.reason, waiting.message.clone())
    };
    let mut statements = vec![
        Statement::new(
            ConditionType::InSync,
            Truth::Unknown,
            Reason::NotObserved,
            "What is declared has not been compared with Xopero ONE.",
        ),
        Statement::new(ConditionType::Reconciling, Truth::True, reason, message),
    ];
    if is_paused(resource.meta()) {
        statements.push(paused(life_of(resource)));
    }
    statements
}

fn attached_once(verdict: &Verdict) -> Option<AttachedOnce> {
    let digest = verdict.attached_once.clone()?;
    Some(AttachedOnce {
        generation: verdict.generation,
        digest,
    })
}

/// The verdict decides: settings that it does not know as sent are not in force any more. The generation that they were sent
/// for stays as long as they do.
fn settings_sent(
    digest: Option<&String>,
    verdict: &Verdict,
    before: Option<SettingsSent>,
) -> Option<SettingsSent> {
    let digest = digest?;
    let same = before.filter(|sent| sent.digest == *digest);
    same.or_else(|| {
        Some(SettingsSent {
            generation: verdict.generation,
            digest: digest.clone(),
        })
    })
}

fn handled(verdict: &Verdict, before: Option<&str>) -> Option<String> {
    verdict
        .handled
        .clone()
        .or_else(|| before.map(str::to_owned))
}

fn count(number: usize) -> Option<i64> {
    i64::try_from(number).ok()
}

fn last_backup(run: &LastRun) -> LastBackup {
    LastBackup {
        finished_at: whole_seconds(run.finished_at),
        successes: run.successes,
        warnings: run.warnings,
        errors: run.errors,
        running: run.running,
    }
}

/// The conditions that a verdict calls for.
fn stated(resource: &impl Claim, verdict: &Verdict, now: Timestamp) -> Vec<Condition> {
    let statements = verdict.statements.clone();
    assemble(resource.conditions(), statements, verdict.generation, now)
}

/// What is the same for each kind, by the fields that every status has.
macro_rules! with_another_status {
    ($status:ident) => {
        fn with_conditions(&self, conditions: Vec<Condition>, generation: i64) -> $status {
            $status {
                observed_generation: Some(generation),
                conditions,
                ..self.status.clone().unwrap_or_default()
            }
        }

        fn with_status(mut self, status: $status) -> Self {
            self.status = Some(status);
            self
        }
    };
}

impl Reporting for XoperoBackupPlan {
    fn decided(&self, verdict: &Verdict, now: Timestamp) -> XoperoBackupPlanStatus {
        let before = self.status.clone().unwrap_or_default();
        let conditions = stated(self, verdict, now);
        let About::Plan {
            id,
            matched,
            attached,
            licensed,
            settings,
            last_run,
        } = &verdict.about
        else {
            return before;
        };
        XoperoBackupPlanStatus {
            observed_generation: Some(verdict.generation),
            conditions,
            last_handled_reconcile_at: handled(
                verdict,
                before.last_handled_reconcile_at.as_deref(),
            ),
            plan_id: id.map(|id| id.to_string()),
            matched: count(*matched),
            attached: count(*attached),
            licensed: count(*licensed),
            pending: count(verdict.pending),
            drift: verdict.drift.clone(),
            attached_once: attached_once(verdict),
            settings_sent: settings_sent(settings.as_ref(), verdict, before.settings_sent),
            last_backup: last_run.as_ref().map(last_backup),
        }
    }

    with_another_status!(XoperoBackupPlanStatus);

    fn backup_outlives(&self, shown: Option<&XoperoBackupPlanStatus>) -> Option<Timestamp> {
        let allowed = SignedDuration::try_from(self.spec.max_age()?).ok()?;
        let shown = shown?;
        let healthy = find(&shown.conditions, ConditionType::BackupHealthy)?;
        let worse = [Reason::BackupFailed, Reason::BackupTooOld];
        if worse.iter().any(|reason| healthy.reason == reason.as_str()) {
            return None;
        }
        let last = shown.last_backup.as_ref()?;
        last.finished_at.0.checked_add(allowed).ok()
    }

    fn left_behind(&self) -> String {
        format!("what the plan {:?} holds", self.spec.plan_name)
    }
}

impl Reporting for XoperoRepository {
    fn decided(&self, verdict: &Verdict, now: Timestamp) -> XoperoRepositoryStatus {
        let before = self.status.clone().unwrap_or_default();
        let conditions = stated(self, verdict, now);
        let About::Repository {
            id,
            licensed,
            plans,
            removed_upstream,
        } = &verdict.about
        else {
            return before;
        };
        XoperoRepositoryStatus {
            observed_generation: Some(verdict.generation),
            conditions,
            last_handled_reconcile_at: handled(
                verdict,
                before.last_handled_reconcile_at.as_deref(),
            ),
            repository_id: id.map(|id| id.to_string()),
            licensed: *licensed,
            plans: plans.clone(),
            removed_upstream: *removed_upstream,
            drift: verdict.drift.clone(),
            attached_once: attached_once(verdict),
        }
    }

    with_another_status!(XoperoRepositoryStatus);

    fn left_behind(&self) -> String {
        let what = match self.spec.deletion_policy() {
            DeletionPolicy::Retain | DeletionPolicy::Detach => "the plans",
            DeletionPolicy::Deactivate | DeletionPolicy::Remove => "the licence and the plans",
        };
        format!("{what} of the repository {:?}", self.spec.name)
    }
}

impl Reporting for XoperoAzureProject {
    fn decided(&self, verdict: &Verdict, now: Timestamp) -> XoperoAzureProjectStatus {
        let before = self.status.clone().unwrap_or_default();
        let conditions = stated(self, verdict, now);
        let About::Project { id, plans } = &verdict.about else {
            return before;
        };
        XoperoAzureProjectStatus {
            observed_generation: Some(verdict.generation),
            conditions,
            last_handled_reconcile_at: handled(
                verdict,
                before.last_handled_reconcile_at.as_deref(),
            ),
            project_id: id.map(|id| id.to_string()),
            plans: plans.clone(),
            drift: verdict.drift.clone(),
            attached_once: attached_once(verdict),
        }
    }

    with_another_status!(XoperoAzureProjectStatus);

    fn left_behind(&self) -> String {
        let (name, id) = (&self.spec.name, &self.spec.project_id);
        // Exactly one of them is there.
        let project = name.as_ref().or(id.as_ref());
        format!(
            "the plans of the project {:?}",
            project.map(String::as_str).unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;

    use super::*;
    use crate::{
        api::{
            Reported,
            annotations::{RECONCILE_REQUESTED_AT, reconcile_requested_at},
        },
        decide::{ClaimKey, ClaimKind},
    };

    fn sent(generation: i64, digest: &str) -> SettingsSent {
        SettingsSent {
            generation,
            digest: digest.to_owned(),
        }
    }

    /// A verdict on generation 7 of a plan.
    fn verdict(settings: Option<&str>) -> Verdict {
        Verdict {
            key: ClaimKey {
                kind: ClaimKind::BackupPlan,
                namespace: "backup".to_owned(),
                name: "nightly".to_owned(),
            },
            uid: Arc::from("uid"),
            generation: 7,
            statements: Vec::new(),
            settled: true,
            released: false,
            awaits_listing: false,
            drift: None,
            pending: 0,
            handled: None,
            attached_once: None,
            about: About::Plan {
                id: None,
                matched: 0,
                attached: 0,
                licensed: 0,
                settings: settings.map(str::to_owned),
                last_run: None,
            },
        }
    }

    #[rstest]
    #[case::the_first("none", Some("new"), Some(sent(7, "new")))]
    #[case::others_than_before("old", Some("new"), Some(sent(7, "new")))]
    #[case::the_same_keep_their_generation("new", Some("new"), Some(sent(3, "new")))]
    #[case::no_longer_in_force("old", None, None)]
    fn settings_count_as_sent_as_long_as_the_verdict_says_so(
        #[case] before: &str,
        #[case] settings: Option<&str>,
        #[case] after: Option<SettingsSent>,
    ) {
        let spec = serde_json::json!({
            "organizationRef": {"name": "acme"}, "planName": "Nightly", "settings": {"includeMetadata": true},
        });
        let mut plan = XoperoBackupPlan::new("nightly", serde_json::from_value(spec).unwrap());
        let settings_sent = (before != "none").then(|| sent(3, before));
        plan.status = Some(XoperoBackupPlanStatus {
            settings_sent,
            ..XoperoBackupPlanStatus::default()
        });
        let status = plan.decided(&verdict(settings), Timestamp::UNIX_EPOCH);
        assert_eq!(status.settings_sent, after);
    }

    #[rstest]
    #[case::short(1)]
    #[case::longer_than_status_holds(1_000)]
    fn a_request_to_look_is_followed_once_however_long_it_is(#[case] length: usize) {
        let spec = serde_json::json!({"organizationRef": {"name": "acme"}, "planName": "Nightly"});
        let mut plan = XoperoBackupPlan::new("nightly", serde_json::from_value(spec).unwrap());
        let asked = (RECONCILE_REQUESTED_AT.to_owned(), "ä".repeat(length));
        plan.metadata.annotations = Some([asked].into());
        assert!(plan.is_reconcile_requested());
        let verdict = Verdict {
            handled: reconcile_requested_at(&plan.metadata).map(str::to_owned),
            ..verdict(None)
        };
        let status = plan.decided(&verdict, Timestamp::UNIX_EPOCH);
        let stored = status.last_handled_reconcile_at.as_ref().map(String::len);
        assert!(stored <= Some(300), "{stored:?}");
        assert!(!plan.with_status(status).is_reconcile_requested());
    }

    #[rstest]
    #[case::by_name(serde_json::json!({"name": "Web"}), "the plans of the project \"Web\"")]
    #[case::by_id(serde_json::json!({"projectId": "6ce954b1"}), "the plans of the project \"6ce954b1\"")]
    fn a_project_that_is_left_behind_is_named_as_it_was_declared(
        #[case] named: serde_json::Value,
        #[case] says: &str,
    ) {
        let mut spec = named;
        spec["organizationRef"] = serde_json::json!({"name": "acme"});
        let project = XoperoAzureProject::new("web", serde_json::from_value(spec).unwrap());
        assert_eq!(project.left_behind(), says);
    }
}
