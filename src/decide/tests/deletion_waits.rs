//! When a deletion waits, and what has nothing to clean up: when the finalizer may go. Rules 26 and 33, promise 4.

use rstest::rstest;

use crate::{
    api::DeletionPolicy,
    decide::{
        Claim, Service, Writes,
        fixtures::{
            Operator, organization, plan_claim, plan_id, project_claim, repository,
            repository_claim,
        },
    },
    inventory::trust::Doubt,
};

/// Of one repository in one plan, whose own resource is being deleted.
pub(super) fn leaving_with(policy: DeletionPolicy) -> Operator {
    organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(policy)
            .leaving()])
}

#[rstest]
#[case::untrusted(|operator: &mut Operator| operator.doubt = Some(Doubt::Shrunk))]
#[case::paused(|operator: &mut Operator| operator.claims[0].paused = true)]
#[case::organization_paused(|operator: &mut Operator| operator.organization.writes = Writes::Paused)]
#[case::observe(|operator: &mut Operator| operator.organization.writes = Writes::Observe)]
#[case::conflict(|operator: &mut Operator| operator.organization.writes = Writes::Conflict(plan_claim("x").key))]
#[case::refused(|operator: &mut Operator| operator.claims[0] = operator.claims[0].clone().refused().accepted_once())]
fn a_deletion_waits_and_says_so(#[case] stop: fn(&mut Operator)) {
    let mut operator = leaving_with(DeletionPolicy::Detach);
    stop(&mut operator);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert!(!operator.verdict("api").released);
    let said: Vec<String> = operator
        .verdict("api")
        .statements
        .into_iter()
        .map(|s| s.message)
        .collect();
    let said = said.join(" ");
    assert!(
        said.contains("deletion") || said.contains("force-finalize"),
        "{said}"
    );
    if !operator.claims[0].paused {
        assert!(said.contains("force-finalize"), "the ways out: {said}");
    }
}

/// What it means is not known.
#[rstest]
#[case::a_repository(repository_claim("api").in_plans(&["nightly"]))]
#[case::a_project(project_claim("shop").in_plans(&["nightly"]))]
#[case::a_plan(plan_claim("weekly").include(&["*"]))]
fn what_is_ambiguous_is_not_let_go(#[case] claim: Claim) {
    let name = claim.key.name.clone();
    let mut operator = organization("acme")
        .with(repository("api").in_project("Shop").licensed())
        .with(repository("api").in_project("SHOP").licensed())
        .with_plan("nightly")
        .with_plan("Weekly")
        .with_plan("WEEKLY")
        .operated([claim.deleting_with(DeletionPolicy::Detach).leaving()])
        .managing(|own| own.service = Service::Azure);
    for _ in 0..3 {
        assert!(operator.next().is_empty());
        assert!(!operator.verdict(&name).released);
    }
}

/// Whether it is said before it is begun: only of what this process is about to do.
#[rstest]
#[case::to_be_made(repository_claim("api").in_plans(&["nightly"]), false)]
#[case::made(repository_claim("web").in_plans(&["nightly"]), true)]
#[case::held(repository_claim("api").in_plans(&["nightly"]).paused(), true)]
fn what_is_about_to_be_done_is_not_settled(#[case] claim: Claim, #[case] is_settled: bool) {
    let name = claim.key.name.clone();
    let operator = organization("acme")
        .with(repository("api").licensed())
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([claim]);
    assert_eq!(operator.verdict(&name).settled, is_settled);
}

#[test]
fn what_was_never_accepted_has_nothing_to_clean_up() {
    let mut operator = leaving_with(DeletionPolicy::Remove);
    operator.claims[0] = operator.claims[0].clone().refused().paused();
    assert!(operator.first().is_empty());
    assert_eq!(operator.claims.len(), 1, "what a pause stops waits");
    operator.claims[0].paused = false;
    assert!(operator.next().is_empty());
    assert!(operator.claims.is_empty());
}

/// What was begun for it in this process is to be cleaned up, though its status does not show yet that it was accepted.
#[test]
fn what_was_accepted_in_a_pass_that_is_not_over_is_known_to_be() {
    let refused = || {
        let mut claims = leaving_with(DeletionPolicy::Detach).claims;
        vec![claims.remove(0).refused()]
    };
    let mut operator = leaving_with(DeletionPolicy::Detach);
    let _noted = operator.look();
    operator.claims = refused();
    assert!(operator.next().is_empty());
    assert_eq!(operator.claims.len(), 1, "it is not let go");
    operator.claims.clear();
    assert!(operator.next().is_empty());
    operator.claims = refused();
    assert!(operator.next().is_empty());
    assert_eq!(operator.claims.len(), 0, "it is another one");
}

#[test]
fn in_observe_mode_a_deletion_with_nothing_to_clean_up_goes() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(DeletionPolicy::Detach)
            .leaving()])
        .managing(|own| own.writes = Writes::Observe);
    operator.next();
    assert!(operator.claims.is_empty());
}

#[rstest]
#[case::plan_not_found(plan_claim("missing").include(&["**"]))]
#[case::repository_not_found(repository_claim("missing").in_plans(&["nightly"]))]
#[case::plan_of_a_repository_not_found(repository_claim("api").in_plans(&["missing"]))]
fn what_is_not_there_needs_no_clean_up(#[case] claim: Claim) {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([claim.deleting_with(DeletionPolicy::Detach).leaving()]);
    assert!(operator.first().is_empty());
    assert_eq!(operator.claims.len(), 1, "one listing may miss it");
    assert!(operator.decide().needs_listing, "the next is made at once");
    operator.list_now();
    assert!(operator.first().is_empty());
    assert!(operator.claims.is_empty());
}

#[test]
fn what_one_listing_misses_is_cleaned_up_when_it_is_back() {
    let claim = repository_claim("api").in_plans(&["nightly"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim.deleting_with(DeletionPolicy::Detach)]);
    operator.first();
    operator.delete("api");
    let all = operator.world.clone();
    for _ in 0..2 {
        operator.world.lose("api");
        operator.list_now();
        assert!(operator.first().is_empty());
        assert_eq!(operator.claims.len(), 1);
        // In between it is there, and waits for something else: the next that misses it is the first again.
        operator.world.repositories.clone_from(&all.repositories);
        operator.claims[0].paused = true;
        operator.list_now();
        assert!(operator.first().is_empty());
        operator.claims[0].paused = false;
    }
    assert_eq!(operator.first(), ["Detach api nightly"]);
    assert!(operator.claims.is_empty());
}

/// One of its plans was never found, which says nothing of the repository.
#[test]
fn what_one_listing_misses_is_looked_for_again_whatever_else_was_missed_before() {
    let claim = repository_claim("api").in_plans(&["nightly", "typo"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim.deleting_with(DeletionPolicy::Detach)]);
    operator.first();
    operator.next();
    operator.delete("api");
    let all = operator.world.clone();
    operator.world.lose("api");
    operator.list_now();
    assert!(operator.first().is_empty());
    assert_eq!(operator.claims.len(), 1);
    operator.world.repositories.clone_from(&all.repositories);
    assert_eq!(operator.next(), ["Detach api nightly"]);
}

/// Missed for as long as anybody looked, it needs no further look.
#[test]
fn what_was_missed_before_the_deletion_waits_for_no_listing() {
    let claim = repository_claim("missing").in_plans(&["nightly"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([claim.deleting_with(DeletionPolicy::Detach)]);
    operator.first();
    operator.next();
    operator.delete("missing");
    assert!(operator.first().is_empty());
    assert!(operator.claims.is_empty());
}

/// What a null or an empty list of plans would cost.
#[rstest]
#[case::plan(plan_claim("nightly").include(&["api"]))]
#[case::repository(repository_claim("api").in_plans(&["nightly"]))]
fn a_plan_that_is_not_listed_while_a_repository_shows_one_is_waited_for(#[case] claim: Claim) {
    let name = claim.key.name.clone();
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim.deleting_with(DeletionPolicy::Detach)]);
    operator.first();
    let plans = std::mem::take(&mut operator.world.plans);
    operator.delete(&name);
    operator.restart();
    for _ in 0..3 {
        assert!(operator.next().is_empty());
        assert!(!operator.verdict(&name).released);
    }
    let message = operator.message(&name);
    assert!(message.contains("does not list"), "{message}");
    operator.world.plans = plans;
    assert_eq!(operator.next(), ["Detach api nightly"]);
    assert!(operator.claims.is_empty());
}

/// What another row shows of a plan that is not listed says nothing of what is found.
#[test]
fn what_is_found_goes_where_a_plan_of_others_is_not_listed() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("weekly"))
        .operated([repository_claim("api")
            .in_plans(&["nightly"])
            .deleting_with(DeletionPolicy::Detach)
            .leaving()]);
    operator.world.plans.remove(&plan_id("weekly"));
    operator.list();
    assert!(!operator.inventory.lists_all_plans());
    assert_eq!(operator.first(), ["Detach api nightly"]);
    assert!(operator.claims.is_empty());
}

/// A listing that is not believed is none of the two that have to miss it.
#[test]
fn what_is_missed_first_by_a_listing_that_is_not_believed_is_looked_for_again() {
    let claim = repository_claim("missing").in_plans(&["nightly"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([claim.deleting_with(DeletionPolicy::Detach).leaving()]);
    operator.doubt = Some(Doubt::Shrunk);
    assert!(operator.first().is_empty());
    operator.doubt = None;
    operator.list_now();
    assert!(operator.first().is_empty());
    assert_eq!(
        operator.claims.len(),
        1,
        "one listing that is believed misses it"
    );
    operator.list_now();
    assert!(operator.first().is_empty());
    assert!(operator.claims.is_empty());
}

#[test]
fn a_plan_that_is_not_found_is_waited_for_while_one_is_listed_without_a_name() {
    let claim = repository_claim("api").in_plans(&["nightly"]);
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim.deleting_with(DeletionPolicy::Detach).leaving()]);
    let named = operator.world.plans.clone();
    for plan in operator.world.plans.values_mut() {
        plan.name.clear();
    }
    operator.list();
    assert!(operator.first().is_empty());
    assert!(!operator.verdict("api").released);
    operator.world.plans = named;
    assert_eq!(operator.next(), ["Detach api nightly"]);
}

#[test]
fn a_plan_that_may_only_not_be_shown_as_the_organizations_is_waited_for() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .operated([plan_claim("nightly")
            .include(&["api"])
            .deleting_with(DeletionPolicy::Detach)
            .leaving()]);
    operator.inventory = operator
        .inventory
        .with_unowned_plans(vec!["Nightly".to_owned()]);
    assert!(operator.first().is_empty());
    assert!(!operator.verdict("nightly").released);
}
