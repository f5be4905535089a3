use rstest::rstest;

use super::*;
use crate::decide::fixtures::{
    World, organization, plan_id, project_id, repository, repository_id,
};

/// Two repositories are in the plan whose settings were sent.
fn sent() -> (World, BTreeMap<PlanId, SentSettings>) {
    let member = |name| {
        repository(name)
            .in_project("payments")
            .licensed()
            .in_plan("nightly")
    };
    let world = organization("acme")
        .with(member("api"))
        .with(member("web"))
        .with_plan("weekly");
    let plan = plan_id("nightly");
    let sent = SentSettings::of(&"uid".into(), None, plan, &world.inventory()).unwrap();
    (world, BTreeMap::from([(plan, sent)]))
}

/// One repository is in the plan no longer.
#[rstest]
#[case::detached(
    Change::Detach(plan_id("nightly"), repository_id("payments/api")),
    false
)]
#[case::detached_elsewhere(Change::Detach(plan_id("weekly"), repository_id("payments/api")), true)]
#[case::with_its_project(
    Change::DetachProject(plan_id("nightly"), project_id("payments")),
    false
)]
#[case::with_its_project_elsewhere(
    Change::DetachProject(plan_id("weekly"), project_id("payments")),
    true
)]
#[case::removed(Change::Remove(repository_id("payments/api")), false)]
#[case::another_change(Change::Deactivate(repository_id("payments/api")), true)]
fn only_our_own_removals_from_the_plan_explain_that_it_holds_fewer(
    #[case] change: Change,
    #[case] is_harm: bool,
) {
    let (mut world, mut settings) = sent();
    expect_fewer(&mut settings, change);
    world.detach_by_hand("payments/api", "nightly");
    world.listing += 1;
    assert_eq!(
        harm_done(&mut settings, &world.inventory()).len(),
        usize::from(is_harm)
    );
}

#[test]
fn more_that_are_gone_than_were_detached_are_harm() {
    let (mut world, mut settings) = sent();
    let change = Change::Detach(plan_id("nightly"), repository_id("payments/api"));
    expect_fewer(&mut settings, change);
    world.detach_project_by_hand("payments", "nightly");
    world.listing += 1;
    assert_eq!(harm_done(&mut settings, &world.inventory()).len(), 1);
}

/// It says how the plan was when they were sent.
#[test]
fn a_listing_from_before_settings_were_sent_shows_no_harm() {
    let (mut world, mut settings) = sent();
    world.detach_by_hand("payments/api", "nightly");
    assert!(harm_done(&mut settings, &world.inventory()).is_empty());
    world.listing += 1;
    assert_eq!(harm_done(&mut settings, &world.inventory()).len(), 1);
}
