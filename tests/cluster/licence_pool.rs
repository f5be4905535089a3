//! Licences that are not there: said once, and not asked for again and again.

use xopero_simulator::{
    Endpoint, State,
    builder::{organization, repository, state},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, plan},
};

fn four() -> State {
    state().with(
        organization("acme")
            .plan("Nightly")
            .with(repository("by-hand").licensed())
            .with_all(["a", "b", "c", "d"]),
    )
}

const SELECTOR: &str = "repositories: {include: [a, b, c, d]}";

#[tokio::test]
async fn the_limit_of_licences_is_said_with_the_names_left_out() {
    let world = World::with(four().licences(100)).await;
    let organization = acme("licenses: {limit: 3}");
    world
        .apply(&(organization + &plan("Nightly", SELECTOR)))
        .await;

    let stalled = world
        .stalled(Kind::Plan, "nightly", "LicenseLimitReached")
        .await;
    let message = stalled.message("Stalled");
    assert!(
        message.contains('c') && message.contains("Activate d"),
        "{message}"
    );
    let licensed = world.licensed("acme");
    assert_eq!(
        licensed,
        ["a", "b", "by-hand"],
        "the licence given by hand counts"
    );
    assert_eq!(world.members("acme", "Nightly"), ["a", "b"]);
    world.quiet_for_three_resyncs().await;

    // A higher limit is a new declaration.
    world.apply(&acme("licenses: {limit: 5}")).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["a", "b", "c", "d"]);
    world.end().await;
}

#[tokio::test]
async fn an_empty_pool_is_said_with_the_names_left_out_and_bought_licences_are_used() {
    let world = World::with(four().licences(3)).await;
    world.apply(&(acme("") + &plan("Nightly", SELECTOR))).await;

    let stalled = world
        .stalled(Kind::Plan, "nightly", "LicensesExhausted")
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("Activate c, Activate d"), "{message}");
    world
        .eventually("two are licensed", async || {
            world.licensed("acme") == ["a", "b", "by-hand"]
        })
        .await;
    let attempts = world.calls(Endpoint::Activate);
    world.rounds(3).await;
    // Each look tries at most two again, and the condition does not flap.
    let more = world.calls(Endpoint::Activate) - attempts;
    assert!(more <= 12, "{more} attempts in three or four looks");
    let transition = |object: &crate::objects::Object| {
        object
            .conditions()
            .iter()
            .map(|condition| condition.last_transition_time.0.to_string())
            .collect::<Vec<_>>()
    };
    let later = world.get(Kind::Plan, "nightly").await.unwrap();
    assert_eq!(transition(&later), transition(&stalled), "it is said once");

    world.simulator.set_licences(Some(5)).unwrap();
    // Not to wait for the growing intervals.
    world.request(Kind::Plan, "nightly", "bought").await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["a", "b", "c", "d"]);
    world.end().await;
}
