//! What stays after its clean-up because of somebody else's finalizer.

use rstest::rstest;
use xopero_simulator::Endpoint;

use super::{cleanup, finalizers, one, protected};
use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::acme,
};

/// How our own finalizer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    CleanedUp,
    Forced,
}

async fn finalize(world: &World, with: &str) {
    let patch = format!("{{\"metadata\":{{\"finalizers\":{with}}}}}");
    let patch = ["patch", "xrepo", "web", "--type=merge", "-p", &patch];
    world.kubectl(&patch).await;
}

async fn told_too_late(world: &World) -> bool {
    let events = ["get", "events.events.k8s.io", "-o", "json"];
    world.kubectl(&events).await.contains("CleanUpTooLate")
}

#[rstest]
#[tokio::test]
async fn it_is_not_told_that_its_clean_up_came_too_late(
    #[values(Goes::CleanedUp, Goes::Forced)] goes: Goes,
) {
    let mut world = World::with(protected()).await;
    world.apply(&(acme("") + &one("Detach"))).await;
    cleanup(&world, Kind::Repository, "web").await;
    finalize(&world, r#"["xopero.dev/cleanup","example.com/held"]"#).await;
    if goes == Goes::Forced {
        world.simulator.stop();
    }
    world.delete(Kind::Repository, "web").await;
    if goes == Goes::Forced {
        let forced = "xopero.dev/force-finalize=true";
        world.annotate(Kind::Repository, "web", forced).await;
    }
    let held = |object: &Object| finalizers(object) == ["example.com/held"];
    world
        .wait_for(Kind::Repository, "web", "held by others alone", held)
        .await;
    if goes == Goes::Forced {
        world.simulator.restart().unwrap();
    }
    // Neither by this process, when it sees it once more, nor by the next.
    world.request(Kind::Repository, "web", "now").await;
    world.rounds(3).await;
    world.restart_operator().await;
    world.rounds(3).await;
    assert!(!told_too_late(&world).await);
    let shown = world.get(Kind::Repository, "web").await.unwrap();
    if goes == Goes::CleanedUp {
        assert_eq!(shown.says("Reconciling"), "True Deleting");
        let message = shown.message("Reconciling");
        assert!(message.contains("example.com/held"), "{message}");
        // What is tightened only now does come too late.
        world.apply(&one("Deactivate")).await;
        world
            .eventually("it is told so", async || told_too_late(&world).await)
            .await;
    }
    finalize(&world, "null").await;
    world.gone(Kind::Repository, "web").await;
    let detached = u64::from(goes == Goes::CleanedUp);
    assert_eq!(world.calls(Endpoint::DetachRepository), detached);
    assert_eq!(world.calls(Endpoint::Deactivate), 0);
    world.end().await;
}

#[tokio::test]
async fn what_is_deleted_before_its_finalizer_is_on_is_told_so_and_of_no_policy_that_was_set_later()
{
    let mut world = World::with(protected()).await;
    world.apply(&acme("")).await;
    world.ready(Kind::Organization, "acme").await;
    world.stop_operator().await;
    world.apply(&one("Detach")).await;
    finalize(&world, r#"["example.com/held"]"#).await;
    world.delete(Kind::Repository, "web").await;
    world.start_operator().await;
    world
        .eventually("it is told so", async || told_too_late(&world).await)
        .await;
    let events = ["get", "events.events.k8s.io", "-o", "json"];
    let events = world.kubectl(&events).await;
    let says = "the finalizer xopero.dev/cleanup is not on the resource";
    assert!(
        events.contains(says) && !events.contains("was set"),
        "{events}"
    );
    finalize(&world, "null").await;
    world.gone(Kind::Repository, "web").await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}
