//! Events say what they say: none is counted as another one.

use xopero_campaign::{
    gate::{Fault, Trap, When},
    journal::Side,
};
use xopero_simulator::builder::{organization, repository, state};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, plan},
};

/// What the events of this reason say.
async fn notes(world: &World, reason: &str) -> Vec<String> {
    let lines =
        format!("jsonpath={{range .items[?(@.reason==\"{reason}\")]}}{{.note}}{{\"\\n\"}}{{end}}");
    let shown = world
        .kubectl(&["get", "events.events.k8s.io", "-o", &lines])
        .await;
    shown.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn each_of_several_renamed_repositories_is_told() {
    let names = ["r1", "r2", "r3"];
    let acme_with = organization("acme").plan("Nightly").with_all(names);
    let world = World::with(state().licences(10).with(acme_with)).await;
    world
        .apply(&(acme("") + &plan("Nightly", "repositories: {include: ['**']}")))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    for name in names {
        let now = format!("ren-{name}");
        world.simulator.rename_upstream("acme", name, &now).unwrap();
        world.simulator.start_synchronization("acme").unwrap();
        let says = format!("{name} is now {now}");
        world
            .eventually(&format!("an event says that {says}"), async || {
                let notes = notes(&world, "Renamed").await;
                notes.iter().any(|note| note.contains(&says))
            })
            .await;
    }
    world.end().await;
}

#[tokio::test]
async fn removals_that_are_held_are_told_for_each_resource() {
    let acme_with = organization("acme")
        .plan("Nightly")
        .plan("Weekly")
        .with(repository("old").licensed().in_plan("Nightly"))
        .with(repository("older").licensed().in_plan("Weekly"))
        .with("api");
    let world = World::with(state().licences(10).with(acme_with)).await;
    let exclusive = "repositories: {include: [api]}\nmembership: Exclusive";
    let declared = plan("Nightly", exclusive) + &plan("Weekly", exclusive);
    world.apply(&(acme("removalLimit: 0") + &declared)).await;
    for name in ["nightly", "weekly"] {
        world.stalled(Kind::Plan, name, "RemovalHeld").await;
        world
            .eventually(&format!("an event names {name}"), async || {
                let notes = notes(&world, "RemovalHeld").await;
                notes.iter().any(|note| note.contains(name))
            })
            .await;
    }
    world.end().await;
}

/// It was made, whether or not the API server takes what the status says after it.
#[tokio::test]
async fn what_was_made_is_told_though_the_status_cannot_be_written() {
    let acme_with = organization("acme").plan("Nightly").with("api");
    let world = World::with(state().licences(10).with(acme_with)).await;
    // The first says that it is about to be read, the second what came of it.
    world.trap(Trap {
        side: Side::Kubernetes,
        when: When::VerbAndResource("patch xoperoorganizations/status".to_owned()),
        nth: 2,
        times: None,
        fault: Fault::Answer(500),
    });
    world
        .apply(&(acme("") + &plan("Nightly", "repositories: {include: [api]}")))
        .await;
    world
        .eventually("an event says what was attached", async || {
            let notes = notes(&world, "Attached").await;
            notes.iter().any(|note| note.contains("api to Nightly"))
        })
        .await;
    world.free();
    world.ready(Kind::Organization, "acme").await;
    world.end().await;
}
