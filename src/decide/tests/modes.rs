//! Observe and paused: what is different is shown, and nothing is written.

use rstest::rstest;

use super::surplus::{exclusive, surplus};
use crate::{
    api::{
        DeletionPolicy, Reason, RepositoryLicense, Unclaimed,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{
        About, Claim, Writes,
        fixtures::{organization, plan_claim, project_claim, repository, repository_claim},
    },
};

#[rstest]
#[case::observe(Writes::Observe)]
#[case::paused(Writes::Paused)]
#[case::conflict(Writes::Conflict(plan_claim("other").key))]
fn an_organization_that_does_not_manage_writes_nothing(#[case] writes: Writes) {
    let mut operator = surplus(1)
        .with(repository("new"))
        .operated([
            exclusive(),
            repository_claim("new")
                .license(RepositoryLicense::Active)
                .in_plans(&["nightly"]),
            repository_claim("api")
                .license(RepositoryLicense::Inactive)
                .named("contrary")
                .younger_by(5),
            repository_claim("old-00")
                .deleting_with(DeletionPolicy::Deactivate)
                .leaving(),
        ])
        .managing(|own| {
            own.writes = writes;
            own.unclaimed = Unclaimed::Deactivate;
        });
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert!(!operator.claims.is_empty());
}

#[test]
fn observe_shows_what_manage_would_change() {
    let mut operator = surplus(1)
        .operated([exclusive()])
        .managing(|own| own.writes = Writes::Observe);
    operator.next();
    operator.next();
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Observed)
    );
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Drift));
    assert_eq!(operator.drift("nightly"), ["Detach old-00 nightly"]);
}

/// What an organization holds is not for those whom it does not admit.
#[rstest]
#[case::plan(plan_claim("nightly").include(&["api"]))]
#[case::repository(repository_claim("api").in_plans(&["nightly"]))]
#[case::project(project_claim("payments").in_plans(&["nightly"]))]
fn a_claim_that_is_refused_shows_nothing_of_xopero_one(#[case] claim: Claim) {
    let name = claim.key.name.clone();
    let api = repository("api").in_project("payments").licensed();
    let mut operator = organization("acme")
        .with(api.in_plan("nightly"))
        .operated([claim.refused()]);
    operator.next();
    let verdict = operator.verdict(&name);
    match verdict.about {
        About::Plan {
            id,
            matched,
            attached,
            licensed,
            last_run,
            ..
        } => {
            assert_eq!((id, last_run), (None, None));
            assert_eq!((matched, attached, licensed), (0, 0, 0));
        }
        About::Repository {
            id,
            licensed,
            plans,
            removed_upstream,
        } => assert_eq!(
            (id, licensed, plans, removed_upstream),
            (None, None, None, None)
        ),
        About::Project { id, plans } => assert_eq!((id, plans), (None, None)),
    }
    let is_of_a_backup = |statement: &Statement| statement.type_ == ConditionType::BackupHealthy;
    assert!(!verdict.statements.iter().any(is_of_a_backup));
}

#[test]
fn a_paused_claim_shows_its_drift_and_nothing_is_written_for_it() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["api"]).paused()]);
    assert!(operator.first().is_empty());
    assert_eq!(
        operator.drift("nightly"),
        [
            "Activate api (Paused)",
            "Attach api nightly (WaitingForLicense)"
        ]
    );
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Held));
}

/// Each change says what holds it itself, and not what would come first.
#[test]
fn what_a_pause_holds_says_so_whatever_else_it_would_wait_for() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with_plan("weekly")
        .operated([repository_claim("api")
            .in_plans(&["weekly"])
            .exclusive()
            .paused()]);
    operator.next();
    operator.next();
    assert_eq!(
        operator.drift("api"),
        ["Attach api weekly (Paused)", "Detach api nightly (Paused)"]
    );
}
