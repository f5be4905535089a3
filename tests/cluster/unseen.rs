//! Servers whose listings do not show licences or plans: each thing is sent once, and nothing is ever taken out.

use xopero_simulator::{
    Dialect, Endpoint, State,
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
