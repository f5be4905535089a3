//! Promise 5: contradictions are judged per item; the older keeps it, the younger loses only what is in dispute.

use rstest::rstest;
use serde_json::json;

use crate::{
    api::{
        DeletionPolicy, Reason, RepositoryLicense,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Claim,
        fixtures::{Operator, organization, plan_claim, repository, repository_claim, settings},
    },
};

const CONFLICT: (ConditionType, Reason) = (ConditionType::Stalled, Reason::Conflict);
const READY: (ConditionType, Reason) = (ConditionType::Ready, Reason::Converged);

/// `active` and `inactive` contend for the licence of `api`.
fn licence_in_dispute(active_younger_by: i64, inactive_younger_by: i64) -> Operator {
    organization("acme").with(repository("api")).operated([
        repository_claim("api")
            .named("active")
            .license(RepositoryLicense::Active)
            .younger_by(active_younger_by),
        repository_claim("api")
            .named("inactive")
            .license(RepositoryLicense::Inactive)
            .younger_by(inactive_younger_by),
    ])
}

#[test]
fn the_older_keeps_a_licence_active() {
    let mut operator = licence_in_dispute(0, 60);
    assert_eq!(
        operator.progress("inactive"),
        CONFLICT,
        "from the start, not only once the licence is there"
    );
    assert_eq!(operator.first(), ["Activate api"]);
    assert!(operator.next().is_empty());
    assert_eq!(operator.progress("active"), READY);
    assert_eq!(operator.progress("inactive"), CONFLICT);
    assert!(
        operator
            .message("inactive")
            .contains("XoperoRepository backup/active")
    );
}

#[test]
fn the_older_keeps_a_licence_away() {
    let mut operator = licence_in_dispute(60, 0);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.progress("inactive"), READY);
    assert_eq!(operator.progress("active"), CONFLICT);
}

#[test]
fn a_named_removal_spares_what_a_living_claim_wants_and_both_say_so() {
    let mut operator = licence_in_dispute(60, 0);
    operator.world.license_by_hand("api");
    operator.list();
    assert!(operator.first().is_empty());
    assert_eq!(operator.progress("inactive"), CONFLICT);
    assert_eq!(operator.progress("active"), CONFLICT);
    assert_eq!(
        operator.in_sync("active"),
        (Truth::True, Reason::AsDeclared)
    );
    assert_eq!(operator.in_sync("inactive"), (Truth::False, Reason::Held));
}

#[rstest]
#[case::by_age(0, 1, "a", "b")]
#[case::by_name_in_one_second(0, 0, "a", "b")]
fn ties_go_by_name(
    #[case] active: i64,
    #[case] inactive: i64,
    #[case] active_name: &str,
    #[case] inactive_name: &str,
) {
    let mut operator = licence_in_dispute(active, inactive);
    operator.claims[0].key.name = active_name.to_owned();
    operator.claims[1].key.name = inactive_name.to_owned();
    assert_eq!(operator.first(), ["Activate api"]);
    assert_eq!(operator.progress(inactive_name), CONFLICT);
}

#[test]
fn the_younger_goes_on_with_the_rest() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with(repository("web"))
        .with_plan("nightly")
        .operated([
            repository_claim("api").license(RepositoryLicense::Inactive),
            plan_claim("nightly").include(&["**"]).younger_by(60),
        ]);
    assert_eq!(operator.first(), ["Activate web", "Attach web nightly"]);
    assert_eq!(operator.progress("nightly"), CONFLICT);
    assert_eq!(
        operator.drift("nightly"),
        [
            "Activate api (Conflict)",
            "Attach api nightly (WaitingForLicense)"
        ]
    );
}

#[test]
fn once_the_older_is_gone_the_younger_has_its_way() {
    let mut operator = licence_in_dispute(60, 0);
    operator.first();
    operator.delete("inactive");
    assert_eq!(operator.next(), ["Activate api"]);
    assert_eq!(operator.progress("active"), READY);
}

#[test]
fn a_paused_claim_contends_all_the_same() {
    let mut operator = licence_in_dispute(0, 60);
    operator.world.license_by_hand("api");
    operator.list();
    operator.claim("active").paused = true;
    assert!(operator.first().is_empty());
    assert_eq!(operator.progress("inactive"), CONFLICT);
}

#[rstest]
#[case::refused_once_accepted(|claim: Claim| claim.refused().accepted_once())]
#[case::beside(Claim::beside)]
fn a_claim_that_is_not_carried_out_is_spared_and_does_not_contend(
    #[case] change: fn(Claim) -> Claim,
) {
    let wanting = repository_claim("api")
        .named("active")
        .license(RepositoryLicense::Active);
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .operated([
            change(wanting),
            repository_claim("api")
                .named("inactive")
                .license(RepositoryLicense::Inactive)
                .younger_by(60),
        ]);
    assert!(operator.first().is_empty());
    assert_eq!(operator.progress("inactive"), CONFLICT);
    operator.world.take_licence_by_hand("api");
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.progress("inactive"),
        READY,
        "nothing of it is in dispute"
    );
}

#[rstest]
#[case::that_leaves(Claim::leaving)]
#[case::that_is_refused(Claim::refused)]
fn a_claim_that_refuses_a_licence_contends_only_while_it_is_carried_out(
    #[case] change: fn(Claim) -> Claim,
) {
    let mut operator = licence_in_dispute(60, 0);
    operator.claims[1] = change(operator.claims[1].clone());
    assert_eq!(operator.first(), ["Activate api"]);
    assert_eq!(operator.progress("active"), READY);
}

#[test]
fn license_ignore_does_not_stand_against_inactive() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["api"]).ignoring_licences(),
            repository_claim("api")
                .license(RepositoryLicense::Inactive)
                .younger_by(60),
        ]);
    assert_eq!(operator.first(), ["Deactivate api"]);
    assert_eq!(operator.progress("nightly"), READY);
}

#[test]
fn the_older_plan_keeps_its_settings() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([
            plan_claim("nightly")
                .named("old")
                .include(&["zzz"])
                .setting(settings(Some(true), &[])),
            plan_claim("nightly")
                .named("young")
                .include(&["api"])
                .setting(settings(Some(true), &[("retention", json!(7))]))
                .younger_by(60),
        ]);
    assert_eq!(
        operator.first(),
        ["ModifyPlan nightly", "Attach api nightly"]
    );
    assert_eq!(operator.progress("young"), CONFLICT);
    assert_eq!(operator.drift("young"), ["ModifyPlan nightly (Conflict)"]);
    operator.delete("old");
    assert_eq!(operator.next(), ["ModifyPlan nightly"]);
    assert_eq!(operator.progress("young"), READY);
}

#[test]
fn equal_settings_of_two_claims_are_no_conflict_and_are_sent_once() {
    let declared = settings(None, &[("retention", json!(7))]);
    let mut operator = organization("acme").with_plan("nightly").operated([
        plan_claim("nightly").named("old").setting(declared.clone()),
        plan_claim("nightly")
            .named("young")
            .setting(declared)
            .younger_by(60),
    ]);
    assert_eq!(operator.first(), ["ModifyPlan nightly"]);
    assert!(operator.next().is_empty());
    assert_eq!(operator.progress("young"), READY);
    operator.restart();
    assert!(operator.first().is_empty());
}

#[test]
fn a_claim_in_conflict_releases_nothing_in_dispute() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["api"]),
            repository_claim("api")
                .in_plans(&["nightly"])
                .license(RepositoryLicense::Inactive)
                .deleting_with(DeletionPolicy::Remove)
                .younger_by(60),
        ]);
    operator.first();
    operator.delete("api");
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.claims.len(),
        1,
        "nothing is left for it to do, so it goes"
    );
}
