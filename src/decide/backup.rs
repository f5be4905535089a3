//! Whether a plan's backups are healthy, as far as the plan shows its last run.

use std::time::Duration;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use crate::{
    api::{
        Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    inventory::Plan,
};

/// By how much clocks may differ that are kept.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(15);

/// The last finished run of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// When it finished.
    pub finished_at: Timestamp,
    /// How many tasks succeeded; like the rest, `None` where the plan does not show it.
    pub successes: Option<i64>,
    /// How many ended with warnings.
    pub warnings: Option<i64>,
    /// How many failed.
    pub errors: Option<i64>,
    /// Whether another run is under way.
    pub running: Option<bool>,
}

impl LastRun {
    /// The last finished run, once the plan shows one. A time that is not after the epoch is how some servers write that there is none.
    pub fn of(plan: &Plan) -> Option<Self> {
        let finished_at = plan
            .finished_at
            .filter(|at| *at > 0)
            .and_then(|at| Timestamp::from_millisecond(at).ok())?;
        let status = plan.last_status.as_ref();
        Some(Self {
            finished_at,
            successes: status.and_then(|status| status.successes),
            warnings: status.and_then(|status| status.warnings),
            errors: status.and_then(|status| status.errors),
            running: plan.running,
        })
    }

    /// Whether all tasks are counted, and there was none.
    fn backed_nothing_up(&self) -> bool {
        [self.successes, self.warnings, self.errors]
            .into_iter()
            // No count is less than none, whatever it says.
            .all(|tasks| tasks.is_some_and(|tasks| tasks <= 0))
    }
}

/// Whether there was a run, though it does not show when.
fn has_run(plan: &Plan) -> bool {
    plan.last_status.as_ref().is_some_and(|status| {
        [status.successes, status.warnings, status.errors]
            .into_iter()
            .any(|tasks| tasks.is_some_and(|tasks| tasks > 0))
    })
}

/// What `BackupHealthy` says once the last run is older than is allowed: time alone brings that about, whether or not the plan is listed.
pub fn backup_too_old() -> Statement {
    Statement::new(
        ConditionType::BackupHealthy,
        Truth::False,
        Reason::BackupTooOld,
        "The last run finished longer ago than freshness.maxAge allows: check the schedule in Xopero ONE.",
    )
}

/// What `BackupHealthy` says.
pub(super) fn health(plan: &Plan, max_age: Option<Duration>, now: Timestamp) -> Statement {
    let say = |truth, reason, message: &str| {
        Statement::new(ConditionType::BackupHealthy, truth, reason, message)
    };
    let Some(run) = LastRun::of(plan) else {
        if plan.running == Some(true) {
            return say(
                Truth::Unknown,
                Reason::NotObserved,
                "The first run is under way; none has finished yet.",
            );
        }
        if has_run(plan) {
            return say(
                Truth::Unknown,
                Reason::NotObserved,
                "Xopero ONE shows how a run went, but not when it finished: look at its task there.",
            );
        }
        return say(
            Truth::False,
            Reason::NeverBackedUp,
            "No run of this plan has ever finished. Check its schedule in Xopero ONE.",
        );
    };
    if run.errors.is_some_and(|errors| errors > 0) {
        return say(
            Truth::False,
            Reason::BackupFailed,
            "The last run finished with errors (status.lastBackup): open its task in Xopero ONE.",
        );
    }
    if run.backed_nothing_up() {
        return say(
            Truth::False,
            Reason::BackupFailed,
            "The last run counts neither a success nor a warning nor an error (status.lastBackup), so nothing was backed up: look in Xopero ONE whether the plan holds anything, and whether its repositories have licences.",
        );
    }
    let age = now.duration_since(run.finished_at);
    if max_age.is_some() && -age > CLOCKS_DIFFER {
        return say(
            Truth::Unknown,
            Reason::NotObserved,
            "The last run finished at a time that is still to come (status.lastBackup), so its age is not known: compare the clocks and time zones of Xopero ONE and of this cluster.",
        );
    }
    let too_old =
        max_age.is_some_and(|max_age| Duration::try_from(age).is_ok_and(|age| age > max_age));
    if too_old {
        return backup_too_old();
    }
    if run.errors.is_none() {
        return say(
            Truth::Unknown,
            Reason::NotObserved,
            "Xopero ONE shows when the last run finished, but not with how many errors: look at its task there.",
        );
    }
    say(
        Truth::True,
        Reason::BackedUp,
        "The last run finished without errors.",
    )
}

#[cfg(test)]
mod tests;
