//! A policy that is changed while its resource is being deleted, and what it needs that is gone for good.

use rstest::rstest;
use xopero_simulator::Endpoint;

use super::{REPOSITORY, cleanup, finalizers, one, protected, table::cleaned_up};
use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme},
};

#[rstest]
#[tokio::test]
async fn all_is_well_and_it_cleans_up_at_once(
    #[values("Detach", "Deactivate", "Remove")] policy: &str,
) {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one(policy))).await;
    cleanup(&world, Kind::Repository, "web").await;
    world.delete(Kind::Repository, "web").await;
    cleaned_up(&world, &REPOSITORY, policy).await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "by-hand"]);
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn loosened_to_retain_it_goes_and_nothing_is_written(
    #[values("Detach", "Deactivate", "Remove")] policy: &str,
) {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one(policy))).await;
    cleanup(&world, Kind::Repository, "web").await;
    world.simulator.stop();
    world.delete(Kind::Repository, "web").await;
    world.apply(&one("Retain")).await;
    world.gone(Kind::Repository, "web").await;
    world.simulator.restart().unwrap();
    world.rounds(3).await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn tightened_before_it_has_cleaned_up_it_does_what_it_says_now(
    #[values("Deactivate", "Remove")] policy: &str,
) {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one("Detach"))).await;
    cleanup(&world, Kind::Repository, "web").await;
    world.simulator.stop();
    world.delete(Kind::Repository, "web").await;
    world.apply(&one(policy)).await;
    world.simulator.restart().unwrap();
    cleaned_up(&world, &REPOSITORY, policy).await;
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn loosened_before_it_has_cleaned_up_it_does_what_it_says_now(
    #[values(("Remove", "Deactivate"), ("Remove", "Detach"), ("Deactivate", "Detach"))] policies: (
        &str,
        &str,
    ),
) {
    let (before, now) = policies;
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one(before))).await;
    cleanup(&world, Kind::Repository, "web").await;
    world.simulator.stop();
    world.delete(Kind::Repository, "web").await;
    world.apply(&one(now)).await;
    world.simulator.restart().unwrap();
    cleaned_up(&world, &REPOSITORY, now).await;
    world.rounds(3).await;
    cleaned_up(&world, &REPOSITORY, now).await;
    world.end().await;
}

/// The limit of the hour is used up by another one.
#[tokio::test]
async fn where_nothing_is_left_of_the_hour_it_waits_and_is_not_stalled() {
    let world = World::with(protected()).await;
    let api = yaml::repository("api", "plans: [Nightly, Weekly]\ndeletionPolicy: Detach");
    world
        .apply(&(acme("removalLimit: 2") + &one("Detach") + &api))
        .await;
    cleanup(&world, Kind::Repository, "web").await;
    cleanup(&world, Kind::Repository, "api").await;
    world.delete(Kind::Repository, "api").await;
    world.gone(Kind::Repository, "api").await;
    world.delete(Kind::Repository, "web").await;
    let paced = world
        .wait_for(Kind::Repository, "web", "paced", |object| {
            object.says("Reconciling") == "True Deleting"
                && object.message("Reconciling").contains("used up for now")
        })
        .await;
    assert_eq!(paced.says("Stalled"), "");
    world.rounds(3).await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 2)].into());
    world.apply(&acme("removalLimit: 3")).await;
    world.gone(Kind::Repository, "web").await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());
    world.end().await;
}

/// Somebody took their finalizers off by hand, so they did not wait for the clean-up.
#[rstest]
#[tokio::test]
async fn what_it_needs_is_gone_and_it_waits_until_that_is_applied_again(
    #[values((Kind::Connection, "xopero", "XoperoConnection"), (Kind::Organization, "acme", "XoperoOrganization"))]
    needed: (Kind, &str, &str),
    #[values("Detach", "Deactivate", "Remove")] policy: &str,
) {
    let mut world = World::with(protected()).await;
    world.apply(&(acme("") + &one(policy))).await;
    cleanup(&world, Kind::Repository, "web").await;
    let (kind, name, called) = needed;
    let in_use = |object: &Object| finalizers(object) == ["xopero.dev/in-use"];
    world.wait_for(kind, name, "in use", in_use).await;
    world.stop_operator().await;
    world.delete(Kind::Repository, "web").await;
    world.delete(kind, name).await;
    let free = r#"{"metadata":{"finalizers":null}}"#;
    let patch = ["patch", kind.short(), name, "--type=merge", "-p", free];
    world.kubectl(&patch).await;
    world.gone(kind, name).await;
    world.start_operator().await;

    let missing = format!("There is no {called} \"{name}\"");
    let waiting = |object: &Object| {
        let message = object.message("Reconciling");
        object.says("Reconciling") == "True Deleting"
            && message.contains(&missing)
            && message.contains("force-finalize")
    };
    let what = format!("saying: {missing}");
    world
        .wait_for(Kind::Repository, "web", &what, waiting)
        .await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    let again = yaml::connection(world.url()) + &acme("");
    world.apply(&again).await;
    cleaned_up(&world, &REPOSITORY, policy).await;
    world.end().await;
}
