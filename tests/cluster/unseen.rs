//! Servers whose listings do not show licences, plans or, rightly, how many rows there are: each thing is sent once, and nothing is taken out.

use rstest::rstest;
use xopero_simulator::{
    Dialect, Edit, Effect, Endpoint, Fault, State,
    builder::{organization, repository, state},
    dialect::Visibility,
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, plan},
};

fn hiding(dialect: Dialect) -> State {
    state().licences(100).dialect(dialect).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("by-hand").licensed().in_plan("Nightly"))
            .with_all(["api", "web"]),
    )
}

const EXCLUSIVE: &str = "repositories: {include: [api, web]}\nmembership: Exclusive";

async fn sends_once(mut world: World, expected: &[(Endpoint, u64)]) {
    let organization = acme("licenses: {unclaimed: Deactivate}");
    world
        .apply(&(organization + &plan("Nightly", EXCLUSIVE)))
        .await;
    world
        .wait_for(
            Kind::Plan,
            "nightly",
            "Ready and not known to be in sync",
            |object| object.is_ready() && object.says("InSync") == "Unknown NotVisible",
        )
        .await;
    world.quiet_for_three_resyncs().await;
    let expected = expected.iter().copied().collect();
    assert_eq!(world.writes(), expected);

    world.restart_operator().await;
    world.rounds(2).await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), expected, "a restart sends nothing again");
    let licensed = world.licensed("acme");
    assert_eq!(licensed, ["api", "by-hand", "web"]);
    let members = world.members("acme", "Nightly");
    assert_eq!(members, ["api", "by-hand", "web"]);
    world.end().await;
}

#[tokio::test]
async fn plans_that_are_not_shown_are_attached_once_and_nothing_is_detached() {
    let world = World::with(hiding(Dialect {
        repository_plans: Visibility::Hidden,
        ..Dialect::default()
    }))
    .await;
    let expected = [(Endpoint::AttachRepository, 2), (Endpoint::Activate, 1)];
    sends_once(world, &expected).await;
}

#[tokio::test]
async fn licences_that_are_not_shown_are_activated_once_and_none_is_given_back() {
    let world = World::with(hiding(Dialect {
        licences: Visibility::Hidden,
        repository_plans: Visibility::Hidden,
        ..Dialect::default()
    }))
    .await;
    let expected = [(Endpoint::AttachRepository, 2), (Endpoint::Activate, 1)];
    sends_once(world, &expected).await;
}

#[tokio::test]
async fn rows_that_nobody_counts_are_backed_up_and_take_nothing_out_until_they_are_counted() {
    let names = [("response.page.totalEntries".to_owned(), None)].into();
    let silent = Dialect {
        names,
        ..Dialect::default()
    };
    let world = World::with(hiding(silent)).await;
    is_backed_up_and_takes_nothing_out(&world).await;
    let dialect = Box::new(Dialect::default());
    world.simulator.edit(Edit::SetDialect { dialect }).unwrap();
    is_believed(world).await;
}

#[rstest]
#[case::one_more(1)]
#[case::one_less(-1)]
#[tokio::test]
async fn rows_that_are_always_counted_wrongly_are_as_good_as_uncounted(#[case] difference: i64) {
    let world = World::with(hiding(Dialect::default())).await;
    for listing in [Endpoint::ListOrganizations, Endpoint::ListRepositories] {
        let fault = Fault::on(listing, Effect::TotalEntries(difference));
        world.simulator.inject(fault.until_healed());
    }
    is_backed_up_and_takes_nothing_out(&world).await;
    world.simulator.heal_all();
    is_believed(world).await;
}

async fn is_backed_up_and_takes_nothing_out(world: &World) {
    let organization = acme("licenses: {unclaimed: Deactivate}");
    world
        .apply(&(organization + &plan("Nightly", EXCLUSIVE)))
        .await;
    let plan = world
        .wait_for(
            Kind::Plan,
            "nightly",
            "attached, and removing nothing",
            |object| object.says("InSync") == "Unknown InventoryUntrusted",
        )
        .await;
    assert!(
        plan.message("InSync")
            .contains("response.page.totalEntries: <its name>"),
        "{}",
        plan.message("InSync")
    );
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "by-hand", "web"]);
    let seen = world
        .wait_for(Kind::Organization, "acme", "uncounted", |object| {
            object.text("/status/inventory/reason") == "Uncounted"
        })
        .await;
    assert_eq!(seen.at("/status/coverage/protected"), 3);
}

async fn is_believed(world: World) {
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    world.end().await;
}
