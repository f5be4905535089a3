//! What happens in the Git service and in the console, and what the operator makes of it.

use rstest::rstest;
use xopero_simulator::{
    Endpoint, State,
    builder::{organization, repository, state},
    state::Synchronization,
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme, plan},
};

fn converged() -> State {
    state().licences(100).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with(repository("web").licensed().in_plan("Nightly"))
            .with("handbook"),
    )
}

const SELECTOR: &str = "repositories: {include: ['**'], exclude: [handbook]}";

async fn kept() -> World {
    let world = World::with(converged()).await;
    world.apply(&(acme("") + &plan("Nightly", SELECTOR))).await;
    world.in_sync(Kind::Plan, "nightly").await;
    world
}

#[tokio::test]
async fn a_repository_that_appears_upstream_is_protected_at_the_next_look_after_a_synchronization()
{
    let world = kept().await;
    assert!(
        world.writes().is_empty(),
        "it was converged: {:?}",
        world.writes()
    );
    world.simulator.create_upstream("acme", "mobile").unwrap();
    world.simulator.start_synchronization("acme").unwrap();

    world
        .eventually("mobile is licensed and in the plan", async || {
            let mobile = world.simulator.repository("acme", "mobile").unwrap();
            mobile.licensed && mobile.plans == ["Nightly"]
        })
        .await;

    let counts = |object: &Object| object.number("/status/attached") == Some(3);
    world
        .wait_for(Kind::Plan, "nightly", "three attached", counts)
        .await;
    world.quiet_for_three_resyncs().await;
    let expected = [(Endpoint::AttachRepository, 1), (Endpoint::Activate, 1)];
    assert_eq!(world.writes(), expected.into());
    world.end().await;
}

#[tokio::test]
async fn a_request_to_reconcile_an_organization_synchronizes_and_is_acknowledged() {
    let world = kept().await;
    world.simulator.create_upstream("acme", "mobile").unwrap();
    let now = "2026-03-01T08:00";
    world.request(Kind::Organization, "acme", now).await;

    world
        .wait_for(Kind::Organization, "acme", "acknowledging", |object| {
            object.text("/status/lastHandledReconcileAt") == now
        })
        .await;
    world
        .eventually("mobile is in the plan", async || {
            let mobile = world.simulator.repository("acme", "mobile");
            mobile.is_ok_and(|mobile| mobile.licensed && mobile.plans == ["Nightly"])
        })
        .await;
    assert_eq!(world.calls(Endpoint::Sync), 1);
    // The annotation that stays in Git asks for nothing again.
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.calls(Endpoint::Sync), 1);
    world.end().await;
}

#[tokio::test]
async fn a_repository_detached_by_hand_is_attached_again() {
    let world = kept().await;
    world.simulator.detach("acme", "Nightly", "api").unwrap();

    world
        .eventually("api is in the plan again", async || {
            let members = world.members("acme", "Nightly");
            members.contains(&"api".to_owned())
        })
        .await;

    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.writes(), [(Endpoint::AttachRepository, 1)].into());
    world.end().await;
}

#[tokio::test]
async fn a_repository_that_vanishes_upstream_is_reported_and_left_alone() {
    let world = World::with(converged()).await;
    // Everything that removes is switched on, and nothing names the repository.
    let exclusive = format!("{SELECTOR}\nmembership: Exclusive\ndeletionPolicy: Detach");
    let organization = acme("licenses: {unclaimed: Deactivate}");
    world
        .apply(&(organization + &plan("Nightly", &exclusive)))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.simulator.delete_upstream("acme", "web").unwrap();
    world.simulator.start_synchronization("acme").unwrap();

    world
        .wait_for(
            Kind::Organization,
            "acme",
            "counting web as removed",
            |object| object.number("/status/coverage/removedUpstream") == Some(1),
        )
        .await;

    world.quiet_for_three_resyncs().await;
    let web = world.simulator.repository("acme", "web").unwrap();
    assert!(web.removed && web.licensed, "{web:?}");
    assert_eq!(web.plans, ["Nightly"]);
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn a_named_repository_that_is_gone_upstream_is_never_licensed_or_attached() {
    let state = state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("old").removed()),
    );
    let world = World::with(state).await;
    let wants = "license: Active\nplans: [Nightly]";
    world
        .apply(&(acme("") + &yaml::repository("old", wants)))
        .await;

    let shown = world
        .wait_for(
            Kind::Repository,
            "old",
            "reporting that it is gone",
            |object| object.at("/status/removedUpstream") == true,
        )
        .await;
    assert_eq!(shown.at("/status/licensed"), false);
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn what_is_listed_during_a_synchronization_is_no_measure_for_what_comes_after() {
    let world = kept().await;
    let known = |object: &Object| object.number("/status/coverage/known");
    let held = Synchronization::UntilReleased;
    world.simulator.set_synchronization(held).unwrap();
    world.simulator.start_synchronization("acme").unwrap();
    world
        .wait_for(Kind::Organization, "acme", "not trusted", |object| {
            object.text("/status/inventory/reason") == "Synchronizing"
        })
        .await;

    world.simulator.delete_upstream("acme", "handbook").unwrap();
    world
        .simulator
        .remove_repository("acme", "handbook")
        .unwrap();
    world.rounds(2).await;
    let organization = world.get(Kind::Organization, "acme").await.unwrap();
    assert_eq!(known(&organization), Some(3), "one row less was believed");

    world.simulator.release_synchronization("acme").unwrap();
    world
        .wait_for(Kind::Organization, "acme", "trusted, with two", |object| {
            known(object) == Some(2) && object.at("/status/inventory/trusted") == true
        })
        .await;
    world.end().await;
}

/// A team has left: more of its repositories are gone from Xopero ONE than may be removed at once, and so is what declared them. What is
/// believed of that stays believed, though each clean-up wants another listing.
#[rstest]
#[case::after_three_listings(false)]
#[case::once_a_person_asks(true)]
#[tokio::test]
async fn what_declared_repositories_that_are_gone_goes_though_the_listing_shrank(
    #[case] asked: bool,
) {
    const GONE: [&str; 3] = ["shop", "stock", "till"];
    let in_plan = |name: &str| repository(name).licensed().in_plan("Nightly");
    let acme_has = GONE.into_iter().fold(
        organization("acme").plan("Nightly").with(in_plan("api")),
        |acme, name| acme.with(in_plan(name)),
    );
    let world = World::with(state().licences(10).with(acme_has)).await;
    let claims =
        GONE.map(|name| yaml::repository(name, "plans: [Nightly]\ndeletionPolicy: Detach"));
    // Where a person asks nothing else is to be waited for.
    let interval = if asked { "1h" } else { "1s" };
    let organization = acme("removalLimit: 1")
        .replace("resyncInterval: 1s", &format!("resyncInterval: {interval}"));
    world.apply(&(organization + &claims.concat())).await;
    for name in GONE {
        world.in_sync(Kind::Repository, name).await;
    }
    for name in GONE {
        world.simulator.delete_upstream("acme", name).unwrap();
        world.simulator.remove_repository("acme", name).unwrap();
        world.delete(Kind::Repository, name).await;
    }
    if asked {
        world
            .request(Kind::Organization, "acme", "2026-03-01T08:00")
            .await;
    }
    for name in GONE {
        world.gone(Kind::Repository, name).await;
    }
    world
        .wait_for(Kind::Organization, "acme", "trusted", |object| {
            object.at("/status/inventory/trusted") == true
                && object.number("/status/coverage/known") == Some(1)
        })
        .await;
    world.end().await;
}
