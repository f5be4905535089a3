//! From a verdict to the status of each kind.

use k8s_openapi::jiff::Timestamp;

use super::super::verdicts::Waiting;
use crate::{
    api::{
        AttachedOnce, Claim, DriftStatus, LastBackup, Reason, Reported, SettingsSent,
        XoperoAzureProject, XoperoAzureProjectStatus, XoperoBackupPlan, XoperoBackupPlanStatus,
        XoperoRepository, XoperoRepositoryStatus,
        conditions::{ConditionType, Statement, Truth, assemble},
        whole_seconds,
    },
    decide::{About, LastRun, Verdict},
};

/// A kind that reports verdicts.
pub trait Reporting: Claim {
    /// The status that a verdict calls for.
    fn decided(&self, verdict: &Verdict, now: Timestamp) -> Self::Status;

    /// The status while something else is waited for.
    fn waiting(&self, waiting: &Waiting, now: Timestamp) -> Self::Status;

    /// What a forced deletion leaves as it is, for the event.
    fn left_behind(&self) -> String;
}

/// The conditions of a claim that waits.
fn waiting_statements(resource: &impl Reported, waiting: &Waiting) -> Vec<Statement> {
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
    vec![
        Statement::new(
            ConditionType::InSync,
            Truth::Unknown,
            Reason::NotObserved,
            "What is declared has not been compared with Xopero ONE.",
        ),
        Statement::new(ConditionType::Reconciling, Truth::True, reason, message),
    ]
}

fn attached_once(verdict: &Verdict) -> Option<AttachedOnce> {
    let digest = verdict.attached_once.clone()?;
    Some(AttachedOnce {
        generation: verdict.generation,
        digest,
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

impl Reporting for XoperoBackupPlan {
    fn decided(&self, verdict: &Verdict, now: Timestamp) -> XoperoBackupPlanStatus {
        let before = self.status.clone().unwrap_or_default();
        let conditions = assemble(
            &before.conditions,
            verdict.statements.clone(),
            verdict.generation,
            now,
        );
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
            drift: DriftStatus::of(verdict.drift.iter().cloned()),
            attached_once: attached_once(verdict),
            settings_sent: settings
                .clone()
                .map(|digest| SettingsSent {
                    generation: verdict.generation,
                    digest,
                })
                .filter(|sent| {
                    before.settings_sent.as_ref().map(|s| &s.digest) != Some(&sent.digest)
                })
                .or_else(|| {
                    before
                        .settings_sent
                        .clone()
                        .filter(|_| self.spec.settings.is_some())
                }),
            last_backup: last_run.as_ref().map(last_backup),
        }
    }

    fn waiting(&self, waiting: &Waiting, now: Timestamp) -> XoperoBackupPlanStatus {
        let mut status = self.status.clone().unwrap_or_default();
        let statements = waiting_statements(self, waiting);
        status.conditions = assemble(&status.conditions, statements, waiting.generation, now);
        status.observed_generation = Some(waiting.generation);
        status
    }

    fn left_behind(&self) -> String {
        format!("what the plan {:?} holds", self.spec.plan_name)
    }
}

impl Reporting for XoperoRepository {
    fn decided(&self, verdict: &Verdict, now: Timestamp) -> XoperoRepositoryStatus {
        let before = self.status.clone().unwrap_or_default();
        let conditions = assemble(
            &before.conditions,
            verdict.statements.clone(),
            verdict.generation,
            now,
        );
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
            drift: DriftStatus::of(verdict.drift.iter().cloned()),
            attached_once: attached_once(verdict),
        }
    }

    fn waiting(&self, waiting: &Waiting, now: Timestamp) -> XoperoRepositoryStatus {
        let mut status = self.status.clone().unwrap_or_default();
        let statements = waiting_statements(self, waiting);
        status.conditions = assemble(&status.conditions, statements, waiting.generation, now);
        status.observed_generation = Some(waiting.generation);
        status
    }

    fn left_behind(&self) -> String {
        format!(
            "the licence and the plans of the repository {:?}",
            self.spec.name
        )
    }
}

impl Reporting for XoperoAzureProject {
    fn decided(&self, verdict: &Verdict, now: Timestamp) -> XoperoAzureProjectStatus {
        let before = self.status.clone().unwrap_or_default();
        let conditions = assemble(
            &before.conditions,
            verdict.statements.clone(),
            verdict.generation,
            now,
        );
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
            plans: Some(plans.clone()),
            drift: DriftStatus::of(verdict.drift.iter().cloned()),
            attached_once: attached_once(verdict),
        }
    }

    fn waiting(&self, waiting: &Waiting, now: Timestamp) -> XoperoAzureProjectStatus {
        let mut status = self.status.clone().unwrap_or_default();
        let statements = waiting_statements(self, waiting);
        status.conditions = assemble(&status.conditions, statements, waiting.generation, now);
        status.observed_generation = Some(waiting.generation);
        status
    }

    fn left_behind(&self) -> String {
        format!(
            "the plans of the project {:?}",
            self.spec.name.as_deref().unwrap_or_default()
        )
    }
}
