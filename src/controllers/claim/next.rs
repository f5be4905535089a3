//! Which status a claim gets, by what the organization says of it and by what it shows.

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt as _;

use super::{
    super::{
        claims::life_of,
        verdicts::{Waiting, Weight, Word},
    },
    Reporting,
};
use crate::{
    api::{
        Reason,
        annotations::is_paused,
        conditions::{ConditionType, find, is_true},
    },
    decide::{backup_too_old, paused},
};

/// The status that the resource should have; `None`: the one that it has.
///
/// A pause is shown at once, also where nothing can be decided: whoever waits for the resource need not wait on. So is a backup that has
/// become too old: for as long as nobody can be asked for a later one, there is none.
pub(super) fn next_status<K: Reporting + Clone>(
    resource: &K,
    word: Option<&Word>,
    now: Timestamp,
) -> Option<K::Status>
where
    K::Status: Clone,
{
    let mut next = told(resource, word, now);
    let before = resource.conditions();
    if is_paused(resource.meta()) {
        let shown = showing(resource, next.as_ref());
        if !says_paused(&shown) {
            next = Some(shown.and_stated(before, paused(life_of(resource)), now));
        }
    }
    let shown = next.as_ref().or_else(|| resource.status());
    if resource
        .backup_outlives(shown)
        .is_some_and(|until| until < now)
    {
        let shown = showing(resource, next.as_ref());
        next = Some(shown.and_stated(before, backup_too_old(), now));
    }
    next
}

/// The resource with that status, or else with the one that it has.
fn showing<K: Reporting + Clone>(resource: &K, status: Option<&K::Status>) -> K
where
    K::Status: Clone,
{
    match status {
        Some(status) => resource.clone().with_status(status.clone()),
        None => resource.clone(),
    }
}

fn says_paused<K: Reporting>(resource: &K) -> bool {
    is_true(resource.conditions(), ConditionType::Paused)
}

/// The status by what the organization says of it.
fn told<K: Reporting>(resource: &K, word: Option<&Word>, now: Timestamp) -> Option<K::Status> {
    let generation = resource.meta().generation.unwrap_or_default();
    let has_status = resource.observed_generation().is_some();
    match word {
        Some(Word::Decided(verdict)) => {
            let in_progress = !verdict.settled && is_pending(resource, verdict.generation);
            let outdated = has_status && Some(verdict.generation) < resource.observed_generation();
            (!in_progress && !outdated).then(|| resource.decided(verdict, now))
        }
        Some(Word::Waiting(waiting)) => {
            let was_ready = resource.observed_generation() == Some(waiting.generation)
                && is_true(resource.conditions(), ConditionType::Ready);
            let deleting = resource.meta().deletion_timestamp.is_some();
            let goes_on = !is_paused(resource.meta()) && says_paused(resource);
            (!was_ready || deleting || goes_on || waiting.weight != Weight::UnderReady)
                .then(|| resource.waiting(waiting, now))
        }
        None => (!has_status).then(|| {
            resource.waiting(
                &Waiting {
                    uid: resource.uid().unwrap_or_default().into(),
                    generation,
                    reason: Reason::Pending,
                    message: "The organization is about to be read.".to_owned(),
                    weight: Weight::UnderReady,
                },
                now,
            )
        }),
    }
}

/// Whether the status says already what work is under way for that generation: counts that only move are not written. That nothing was
/// compared yet says no such thing.
fn is_pending<K: Reporting>(resource: &K, generation: i64) -> bool {
    let is = |type_, reason: Reason| {
        let condition = find(resource.conditions(), type_);
        condition.is_some_and(|condition| condition.reason == reason.as_str())
    };
    resource.observed_generation() == Some(generation)
        && is(ConditionType::Reconciling, Reason::Pending)
        && !is(ConditionType::InSync, Reason::NotObserved)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::SignedDuration};
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        api::{
            Reported, RepositoryLicense, XoperoBackupPlan, XoperoRepository, annotations::PAUSED,
        },
        decide::fixtures::{organization, repository_claim},
    };

    fn condition(type_: &str, status: &str, reason: &str) -> Value {
        json!({
            "type": type_, "status": status, "reason": reason, "message": "", "observedGeneration": 1,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        })
    }

    fn repository(annotations: &Value, conditions: &[Value]) -> XoperoRepository {
        let mut repository = json!({
            "apiVersion": "xopero.dev/v1alpha1", "kind": "XoperoRepository",
            "metadata": {"name": "api", "namespace": "backup", "generation": 1, "annotations": annotations},
            "spec": {"organizationRef": {"name": "acme"}, "name": "api"},
        });
        if !conditions.is_empty() {
            repository["status"] = json!({"observedGeneration": 1, "conditions": conditions});
        }
        serde_json::from_value(repository).unwrap()
    }

    fn waiting() -> Word {
        Word::Waiting(Arc::new(Waiting {
            uid: "".into(),
            generation: 1,
            reason: Reason::ApiUnavailable,
            message: "Nobody answers.".to_owned(),
            weight: Weight::UnderReady,
        }))
    }

    /// What stands in the status then; empty where nothing is written.
    fn written(repository: &XoperoRepository, word: Option<&Word>) -> Vec<String> {
        let status = next_status(repository, word, Timestamp::now());
        let conditions = status.map(|status| repository.clone().with_status(status));
        let conditions = conditions.iter().flat_map(Reported::conditions);
        conditions
            .map(|condition| {
                format!(
                    "{} {} {}",
                    condition.type_, condition.status, condition.reason
                )
            })
            .collect()
    }

    #[test]
    fn a_pause_is_shown_whatever_is_waited_for_and_ready_stays_as_it_was() {
        let ready = condition("Ready", "True", "Converged");
        let paused_and_ready = ["Ready True Converged", "Paused True Requested"];
        let fresh = [
            "Ready Unknown NotObserved",
            "InSync Unknown NotObserved",
            "Paused True Requested",
        ];
        assert_eq!(
            written(&repository(&json!({PAUSED: "true"}), &[]), Some(&waiting())),
            fresh
        );
        assert_eq!(
            written(&repository(&json!({PAUSED: "true"}), &[]), None),
            fresh
        );
        let was_ready = repository(&json!({PAUSED: "true"}), &[ready]);
        assert_eq!(written(&was_ready, Some(&waiting())), paused_and_ready);
        assert_eq!(written(&was_ready, None), paused_and_ready);
    }

    #[test]
    fn what_says_that_it_is_paused_is_left_alone_until_it_is_not() {
        let said = [
            condition("Paused", "True", "Requested"),
            condition("Ready", "True", "Converged"),
        ];
        assert!(
            written(
                &repository(&json!({PAUSED: "true"}), &said),
                Some(&waiting())
            )
            .is_empty()
        );
        let goes_on = written(&repository(&json!({}), &said), Some(&waiting()));
        assert!(
            goes_on.contains(&"Reconciling True ApiUnavailable".to_owned()),
            "{goes_on:?}"
        );
    }

    #[test]
    fn a_pause_holds_since_it_was_first_shown_whatever_an_older_verdict_leaves_out() {
        let paused = condition("Paused", "True", "Requested");
        let mut repository = repository(&json!({PAUSED: "true"}), &[paused]);
        repository.metadata.deletion_timestamp = Some(Time(Timestamp::now()));
        let without = Word::Waiting(Arc::new(Waiting {
            uid: "".into(),
            generation: 1,
            reason: Reason::ApiUnavailable,
            message: "Nobody answers.".to_owned(),
            weight: Weight::OverReady,
        }));
        let status = next_status(&repository, Some(&without), Timestamp::now()).unwrap();
        let shown = repository.clone().with_status(status);
        let of = |repository: &XoperoRepository| {
            let paused = find(repository.conditions(), ConditionType::Paused);
            paused.unwrap().last_transition_time.clone()
        };
        assert_eq!(of(&shown), of(&repository));
    }

    /// What is under way may take an interval, or wait for a person.
    #[test]
    fn what_is_under_way_is_said_once_it_was_compared_and_not_with_every_count() {
        let world = organization("acme").with(crate::decide::fixtures::repository("api"));
        let claim = repository_claim("api").license(RepositoryLicense::Active);
        let verdict = world.operated([claim]).verdict("api");
        assert!(!verdict.settled);
        let under_way = Word::Decided(Arc::new(verdict));
        let says = |in_sync: Value| {
            let pending = condition("Reconciling", "True", "Pending");
            repository(&json!({}), &[pending, in_sync])
        };
        let begun = says(condition("InSync", "Unknown", "NotObserved"));
        let said = written(&begun, Some(&under_way));
        assert!(said.contains(&"InSync False Drift".to_owned()), "{said:?}");
        let said = says(condition("InSync", "False", "Drift"));
        assert!(written(&said, Some(&under_way)).is_empty());
    }

    /// Nobody answers, and the status is all that is known; or the last verdict is of an hour ago.
    #[test]
    fn a_backup_becomes_too_old_while_nobody_can_be_asked_for_a_later_one() {
        let finished = Timestamp::from_second(1_790_000_000).unwrap();
        let plan = |reason: &str, truth: &str| -> XoperoBackupPlan {
            let conditions = [
                condition("Ready", "True", "Converged"),
                condition("BackupHealthy", truth, reason),
            ];
            let last = json!({"finishedAt": finished, "successes": 5, "errors": 0});
            serde_json::from_value(json!({
                "apiVersion": "xopero.dev/v1alpha1", "kind": "XoperoBackupPlan",
                "metadata": {"name": "nightly", "namespace": "backup", "generation": 1},
                "spec": {
                    "organizationRef": {"name": "acme"}, "planName": "nightly", "freshness": {"maxAge": "24h"},
                },
                "status": {"observedGeneration": 1, "conditions": conditions, "lastBackup": last},
            }))
            .unwrap()
        };
        let after = |hours| {
            finished
                .checked_add(SignedDuration::from_hours(hours))
                .unwrap()
        };
        let said = |plan: &XoperoBackupPlan, word: &Word, now| {
            let status = next_status(plan, Some(word), now)?;
            let healthy = find(&status.conditions, ConditionType::BackupHealthy)?.clone();
            Some((healthy.status, healthy.reason))
        };
        let too_old = Some(("False".to_owned(), "BackupTooOld".to_owned()));
        let healthy = plan("BackedUp", "True");
        assert_eq!(
            healthy.backup_outlives(healthy.status.as_ref()),
            Some(after(24))
        );
        assert_eq!(said(&healthy, &waiting(), after(24)), None);
        assert_eq!(said(&healthy, &waiting(), after(25)), too_old);
        assert_eq!(
            said(&plan("NotObserved", "Unknown"), &waiting(), after(25)),
            too_old
        );
        for already in ["BackupTooOld", "BackupFailed"] {
            let plan = plan(already, "False");
            assert_eq!(plan.backup_outlives(plan.status.as_ref()), None);
            assert_eq!(said(&plan, &waiting(), after(25)), None);
        }
        let mut operator = organization("acme")
            .with_plan("nightly")
            .operated([crate::decide::fixtures::plan_claim("nightly").include(&["*"])]);
        for plan in operator.world.plans.values_mut() {
            plan.finished_at = Some(finished.as_millisecond());
        }
        operator.list();
        let decided = Word::Decided(Arc::new(operator.verdict("nightly")));
        assert_eq!(said(&healthy, &decided, after(25)), too_old);
    }

    #[test]
    fn what_was_ready_stays_so_while_nobody_answers() {
        let ready = condition("Ready", "True", "Converged");
        assert!(written(&repository(&json!({}), &[ready]), Some(&waiting())).is_empty());
    }
}
