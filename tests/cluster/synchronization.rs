//! Having Xopero ONE read the Git service again, and what becomes of it where that fails.

use rstest::rstest;
use xopero_simulator::{
    Edit, Effect, Endpoint, Fault,
    builder::{organization, state},
    faults::Status,
    state::Synchronization,
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{acme, plan},
};

#[rstest]
#[case::not_there(404, "Stalled", "True Refused")]
#[case::under_way_already(409, "Reconciling", "True WaitingForSync")]
#[case::not_permitted(403, "Stalled", "True PermissionMissing")]
#[case::broken(500, "Reconciling", "True ApiUnavailable")]
#[tokio::test]
async fn a_synchronization_that_fails_is_said_and_repeated_more_and_more_seldom(
    #[case] status: u16,
    #[case] condition: &'static str,
    #[case] says: &'static str,
) {
    let world = World::with(
        state()
            .licences(10)
            .with(organization("acme").plan("Nightly").with("api")),
    )
    .await;
    let fault = world
        .simulator
        .inject(Fault::on(Endpoint::Sync, Status::code(status)).until_healed());
    let declared =
        acme("sync: {interval: 15m}") + &plan("Nightly", "repositories: {include: [api]}");
    world.apply(&declared).await;

    let failing = |object: &Object| object.says(condition) == says && !object.is_ready();
    let shown = world
        .wait_for(Kind::Organization, "acme", "saying that it fails", failing)
        .await;
    assert!(!shown.message(condition).is_empty());
    assert_eq!(shown.text("/status/lastSyncAt"), "");
    // Nothing else waits for it.
    world.in_sync(Kind::Plan, "nightly").await;
    let before = world.calls(Endpoint::Sync);
    world.rounds(6).await;
    // At 1, 3, 7 seconds after the first, while it is looked at each second.
    let calls = world.calls(Endpoint::Sync);
    assert!(calls <= before + 3, "{before} and then {calls} calls");

    // A request is tried at once, and acknowledged though it fails.
    request(&world, "first").await;
    assert!(world.calls(Endpoint::Sync) > calls || status == 403);
    assert!(world.simulator.heal(fault));
    if status == 403 {
        // What was not permitted is not called again before the connection is asked to begin anew.
        world.request(Kind::Connection, "xopero", "now").await;
    }
    request(&world, "second").await;
    let shown = world.ready(Kind::Organization, "acme").await;
    assert_ne!(shown.text("/status/lastSyncAt"), "");
    let calls = world.calls(Endpoint::Sync);
    world.rounds(3).await;
    assert_eq!(world.calls(Endpoint::Sync), calls);
    world.end().await;
}

/// Asks for the organization to be reconciled, and waits until that is acknowledged.
async fn request(world: &World, value: &str) {
    world.request(Kind::Organization, "acme", value).await;
    world
        .wait_for(Kind::Organization, "acme", "acknowledging", |object| {
            object.text("/status/lastHandledReconcileAt") == value
        })
        .await;
}

/// It may have begun all the same: that is looked for, and it is not asked for once more.
#[tokio::test]
async fn a_synchronization_whose_answer_was_lost_is_not_asked_for_again_where_it_is_seen_under_way()
{
    let acme_has = organization("acme").plan("Nightly").with("api");
    let lasting = Synchronization::UntilReleased;
    let world = World::with(state().licences(10).with(acme_has).synchronization(lasting)).await;
    world
        .simulator
        .inject(Fault::on(Endpoint::Sync, Effect::Lost));
    let declared = acme("sync: {interval: 15m}");
    // Nothing else would have it listed again soon.
    let seldom = declared.replace("resyncInterval: 1s", "resyncInterval: 10m");
    world.apply(&seldom).await;
    world
        .wait_for(Kind::Organization, "acme", "synchronized", |object| {
            !object.text("/status/lastSyncAt").is_empty()
        })
        .await;
    let release = Edit::ReleaseSynchronization {
        organization: "acme".to_owned(),
    };
    world.simulator.edit(release).unwrap();
    world.ready(Kind::Organization, "acme").await;
    assert_eq!(world.calls(Endpoint::Sync), 1);
    world.end().await;
}

#[tokio::test]
async fn a_look_that_a_person_asked_for_is_made_also_where_the_first_listing_fails() {
    let world = World::with(
        state()
            .licences(10)
            .with(organization("acme").plan("Nightly").with("api")),
    )
    .await;
    let declared = acme("") + &plan("Nightly", "repositories: {include: [api]}");
    world.apply(&declared).await;
    world.in_sync(Kind::Plan, "nightly").await;
    let before = world.calls(Endpoint::Sync);

    let fault = world
        .simulator
        .inject(Fault::on(Endpoint::ListRepositories, Status::code(500)).until_healed());
    world.request(Kind::Organization, "acme", "now").await;
    world
        .wait_for(Kind::Organization, "acme", "failing", |object| {
            object.says("Reconciling") == "True ApiUnavailable"
        })
        .await;
    assert_eq!(world.calls(Endpoint::Sync), before);
    assert!(world.simulator.heal(fault));
    world
        .wait_for(Kind::Organization, "acme", "acknowledging", |object| {
            object.text("/status/lastHandledReconcileAt") == "now"
        })
        .await;
    assert_eq!(world.calls(Endpoint::Sync), before + 1);
    world.end().await;
}
