//! Observe and paused: what is different is shown, and nothing is written.

use rstest::rstest;

use super::surplus::{exclusive, surplus};
use crate::{
    api::{
        DeletionPolicy, Reason, RepositoryLicense, Unclaimed,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Writes,
        fixtures::{organization, plan_claim, repository, repository_claim},
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
