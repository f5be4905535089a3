//! A repository that is named for a plan and has no row for a while: its project stays in that plan.

use std::time::Duration;

use rstest::rstest;

use super::projects_kept::{azure, detached, on_azure};
use crate::{
    api::DeletionPolicy,
    decide::{
        Claim,
        fixtures::{member, plan_claim, project_claim, project_id, repository_claim},
    },
};

/// A repository of the project has no row for a while: nothing else tells that its project is named for the plan.
#[rstest]
#[case::of_the_project(Some("payments"))]
#[case::of_any(None)]
fn a_project_stays_in_the_plan_while_a_repository_that_is_named_for_it_is_not_listed(
    #[case] project: Option<&str>,
) {
    let named = repository_claim("api").in_plans(&["nightly"]);
    let named = match project {
        Some(project) => named.of_project(project),
        None => named,
    };
    let exclusive = plan_claim("nightly").projects(&["front"]).exclusive();
    let mut operator = on_azure(azure(), [named, exclusive]);
    assert!(detached(&mut operator).is_empty());
    operator.world.lose("payments/api");
    assert!(detached(&mut operator).is_empty());
    // Once nobody names it any more it goes.
    operator.claims.remove(0);
    assert_eq!(detached(&mut operator), ["DetachProject payments nightly"]);
}

/// A resource for what is gone for good holds nothing up for ever.
#[test]
fn after_three_days_a_repository_that_is_not_listed_keeps_no_project() {
    let named = repository_claim("api").in_plans(&["nightly"]);
    let exclusive = plan_claim("nightly").projects(&["front"]).exclusive();
    let mut operator = on_azure(azure(), [named, exclusive]);
    assert!(detached(&mut operator).is_empty());
    operator.world.lose("payments/api");
    assert!(detached(&mut operator).is_empty());
    operator.wait(Duration::from_hours(73));
    assert_eq!(detached(&mut operator), ["DetachProject payments nightly"]);
}

/// Of which project it was is not known after a restart: any may be it.
#[rstest]
#[case::of_this_project(false)]
#[case::of_any(true)]
fn a_project_that_is_to_leave_waits_while_a_repository_that_is_named_is_not_listed(
    #[case] restarts: bool,
) {
    let named = repository_claim("api").in_plans(&["nightly"]);
    let leaving = project_claim("payments")
        .in_plans(&["nightly"])
        .deleting_with(DeletionPolicy::Detach);
    let mut operator = on_azure(azure(), [named, leaving]);
    assert!(detached(&mut operator).is_empty());
    operator.world.lose("payments/api");
    if restarts {
        operator.restart();
    }
    assert!(operator.next().is_empty());
    operator.claims[1] = operator.claims[1].clone().leaving();
    assert!(detached(&mut operator).is_empty());
    assert_eq!(
        operator.drift("payments"),
        ["DetachProject payments nightly (NotVisible)"]
    );
}

/// Which project it was in the process before knew; of this one any may be it, until nothing is left to wait for.
#[test]
fn after_a_restart_any_project_may_be_that_of_a_repository_that_is_not_listed() {
    let named = repository_claim("api").in_plans(&["nightly"]);
    let exclusive = plan_claim("nightly").projects(&["front"]).exclusive();
    let mut operator = on_azure(azure(), [named, exclusive]);
    assert!(detached(&mut operator).is_empty());
    operator.world.lose("payments/api");
    operator.restart();
    assert!(detached(&mut operator).is_empty());
    operator.wait(Duration::from_hours(73));
    assert_eq!(detached(&mut operator), ["DetachProject payments nightly"]);
}

/// The resource itself says which project.
#[rstest]
#[case::by_its_name("Payments".to_owned())]
#[case::by_its_id(project_id("payments").to_string())]
fn after_a_restart_the_project_that_a_resource_names_is_that_of_its_repository(
    #[case] project: String,
) {
    let named = repository_claim("api").in_plans(&["nightly"]);
    let named = named.of_project(&project);
    let exclusive = plan_claim("nightly").projects(&["back"]).exclusive();
    let world = azure().with(member("side", "docs").in_plan("nightly"));
    let world = world.with(member("back", "tools").in_plan("nightly"));
    let mut operator = on_azure(world, [named, exclusive]);
    let mut left = detached(&mut operator);
    operator.world.lose("payments/api");
    operator.restart();
    left.extend(detached(&mut operator));
    assert_eq!(left, ["DetachProject side nightly"]);
}

/// What was gone before it began another process need not wonder about.
#[test]
fn after_a_restart_what_was_gone_for_days_keeps_no_project() {
    let named = repository_claim("api").in_plans(&["nightly"]);
    let exclusive = plan_claim("nightly").projects(&["front"]).exclusive();
    let world = azure().with(member("front", "docs"));
    let mut operator = on_azure(world, [named]);
    assert!(detached(&mut operator).is_empty());
    operator.world.lose("payments/api");
    assert!(operator.next().is_empty());
    operator.wait(Duration::from_hours(73));
    assert!(operator.next().is_empty());
    operator.world.lose("front/docs");
    assert!(operator.next().is_empty());
    operator.restart();
    operator.claims.push(exclusive);
    assert_eq!(detached(&mut operator), ["DetachProject payments nightly"]);
}

/// The plan's pattern names it, as a resource of its own would.
#[test]
fn a_project_stays_while_a_repository_that_a_pattern_selects_is_not_listed() {
    let selecting = plan_claim("nightly").include(&["payments/api"]);
    let exclusive = plan_claim("nightly").projects(&["front"]).exclusive();
    let claims = [selecting.named("selecting"), exclusive];
    let mut operator = on_azure(azure(), claims);
    assert!(detached(&mut operator).is_empty());
    operator.world.lose("payments/api");
    assert!(detached(&mut operator).is_empty());
    operator.claims.remove(0);
    assert_eq!(detached(&mut operator), ["DetachProject payments nightly"]);
}

/// Its row tells which project is its own, so another one that is called alike may go.
#[rstest]
#[case::named_itself(repository_claim("api").in_plans(&["nightly"]))]
#[case::by_a_pattern(plan_claim("nightly").include(&["payments/api"]).named("selecting"))]
fn a_repository_that_is_listed_keeps_its_own_project_alone(#[case] named: Claim) {
    let exclusive = plan_claim("nightly").projects(&["front"]).exclusive();
    let world = azure().with(member("Payments", "docs").in_plan("nightly"));
    let mut operator = on_azure(world, [named, exclusive]);
    assert_eq!(detached(&mut operator), ["DetachProject Payments nightly"]);
}
