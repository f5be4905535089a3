//! What deleting a resource does in Xopero ONE: nothing, unless its deletionPolicy says so.

mod changed;
mod held_by_others;
mod obstacle;
mod retained;
mod subject;
mod table;
mod whole;

use serde_json::Value;
use xopero_simulator::{
    Dialect, Endpoint, Fault, State,
    builder::{organization, project, repository, state},
    dialect::Repeat,
    faults::Status,
};

use self::{
    obstacle::Obstacle,
    subject::{PLAN, PROJECT, REPOSITORY, Subject},
};
use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme, annotated, plan},
};

fn protected() -> State {
    state()
        .licences(100)
        .with(
            organization("acme")
                .plan("Nightly")
                .plan("Weekly")
                .with(
                    repository("api")
                        .licensed()
                        .in_plan("Nightly")
                        .in_plan("Weekly"),
                )
                .with(repository("web").licensed().in_plan("Nightly"))
                .with(repository("by-hand").licensed().in_plan("Nightly")),
        )
        .with(
            organization("northwind")
                .azure_devops()
                .plan("Azure nightly")
                .project(project("Portal").in_plan("Azure nightly"))
                .with(repository("shop").project("Portal").licensed()),
        )
}

fn selector(policy: &str) -> String {
    plan(
        "Nightly",
        &format!("repositories: {{include: [api, web]}}\ndeletionPolicy: {policy}"),
    )
}

fn one(policy: &str) -> String {
    let wants = format!("license: Active\nplans: [Nightly]\ndeletionPolicy: {policy}");
    yaml::repository("web", &wants)
}

fn finalizers(object: &Object) -> Vec<&str> {
    let finalizers = object.at("/metadata/finalizers").as_array();
    finalizers
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Clean-up is possible from here on.
async fn cleanup(world: &World, kind: Kind, name: &str) {
    world
        .wait_for(kind, name, "Ready with its finalizer", |object| {
            object.is_ready() && finalizers(object) == ["xopero.dev/cleanup"]
        })
        .await;
}

#[tokio::test]
async fn promise_4_retain_by_default_everything_goes_without_operator_api_or_secret_and_nothing_changes()
 {
    let mut world = World::with(protected()).await;
    world
        .apply(&(acme("") + &selector("Retain") + &one("Retain")))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "web").await;
    for (kind, name) in [
        (Kind::Plan, "nightly"),
        (Kind::Repository, "web"),
        (Kind::Organization, "acme"),
        (Kind::Connection, "xopero"),
    ] {
        let object = world.get(kind, name).await.unwrap();
        assert!(finalizers(&object).is_empty(), "{object}");
    }
    world.stop_operator().await;
    world.simulator.stop();
    world.kubectl(&["delete", "secret", "account"]).await;

    // kubectl waits until they are gone.
    world
        .kubectl(&["delete", "--timeout=60s", "xconn,xorg,xplan,xrepo", "--all"])
        .await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn detach_takes_out_what_the_plan_names_and_nobody_else_does() {
    let world = World::with(protected()).await;
    world
        .apply(&(acme("") + &selector("Detach") + &one("Retain")))
        .await;
    cleanup(&world, Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "web").await;
    let needed = |object: &Object| finalizers(object) == ["xopero.dev/in-use"];
    world
        .wait_for(Kind::Organization, "acme", "in use", needed)
        .await;
    world
        .wait_for(Kind::Connection, "xopero", "in use", needed)
        .await;

    world.delete(Kind::Plan, "nightly").await;
    world.gone(Kind::Plan, "nightly").await;

    // web is named by its own resource, by-hand by nobody.
    assert_eq!(world.members("acme", "Nightly"), ["by-hand", "web"]);
    assert_eq!(world.members("acme", "Weekly"), ["api"]);
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 1)].into());
    let free = |object: &Object| finalizers(object).is_empty();
    world
        .wait_for(Kind::Organization, "acme", "not in use", free)
        .await;
    world
        .wait_for(Kind::Connection, "xopero", "not in use", free)
        .await;
    world.quiet_for_three_resyncs().await;
    world.end().await;
}

#[tokio::test]
async fn a_404_ends_no_removal_of_what_the_listing_shows() {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one("Detach"))).await;
    cleanup(&world, Kind::Repository, "web").await;
    let fault = Fault::on(Endpoint::DetachRepository, Status::code(404));
    let fault = world.simulator.inject(fault);
    world.delete(Kind::Repository, "web").await;

    let refused = world.stalled(Kind::Repository, "web", "Refused").await;
    assert_eq!(finalizers(&refused), ["xopero.dev/cleanup"]);
    world.gone(Kind::Repository, "web").await;
    assert_eq!(world.simulator.firings(fault), 1);
    assert_eq!(world.members("acme", "Nightly"), ["api", "by-hand"]);
    assert_eq!(world.calls(Endpoint::DetachRepository), 2);
    world.end().await;
}

#[tokio::test]
async fn what_somebody_else_took_out_just_before_holds_up_no_deletion() {
    let dialect = Dialect {
        double_detach: Repeat::Conflict,
        ..Dialect::default()
    };
    let world = World::with(protected().dialect(dialect)).await;
    // The next listing that is due by itself comes too late for this test.
    let organization = acme("").replace("resyncInterval: 1s", "resyncInterval: 1h");
    world.apply(&(organization + &one("Detach"))).await;
    cleanup(&world, Kind::Repository, "web").await;
    world.simulator.detach("acme", "Nightly", "web").unwrap();
    world.delete(Kind::Repository, "web").await;
    world.gone(Kind::Repository, "web").await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 1);
    world.end().await;
}

#[tokio::test]
async fn deactivate_also_gives_the_licence_back() {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one("Deactivate"))).await;
    cleanup(&world, Kind::Repository, "web").await;
    world.delete(Kind::Repository, "web").await;
    world.gone(Kind::Repository, "web").await;

    let web = world.simulator.repository("acme", "web").unwrap();
    assert!(!web.licensed && web.plans.is_empty(), "{web:?}");
    let expected = [(Endpoint::DetachRepository, 1), (Endpoint::Deactivate, 1)];
    assert_eq!(world.writes(), expected.into());
    world.end().await;
}

#[tokio::test]
async fn remove_waits_for_approval_whatever_the_limit() {
    let world = World::with(protected()).await;
    let organization = acme("removalLimit: 100%");
    world.apply(&(organization.clone() + &one("Remove"))).await;
    cleanup(&world, Kind::Repository, "web").await;
    world.delete(Kind::Repository, "web").await;

    let held = world.stalled(Kind::Repository, "web", "RemovalHeld").await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    let shown = world
        .wait_for(Kind::Organization, "acme", "showing the token", |object| {
            object
                .text("/status/removals/held/0/token")
                .starts_with("3-")
        })
        .await;
    let token = shown.text("/status/removals/held/0/token");
    assert!(
        held.message("Stalled").contains(token),
        "{}",
        held.message("Stalled")
    );

    let approval = format!("xopero.dev/approve-removals: \"{token}\"");
    world.apply(&annotated(&organization, &approval)).await;
    world.gone(Kind::Repository, "web").await;
    assert!(
        world.simulator.repository("acme", "web").is_err(),
        "its copies are gone, too"
    );
    let expected = [
        (Endpoint::DetachRepository, 1),
        (Endpoint::Deactivate, 1),
        (Endpoint::Remove, 1),
    ];
    assert_eq!(world.writes(), expected.into());
    world.end().await;
}

#[tokio::test]
async fn a_deletion_that_cannot_clean_up_waits_and_force_finalize_lets_it_go() {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &selector("Detach"))).await;
    cleanup(&world, Kind::Plan, "nightly").await;
    world.simulator.stop();
    world.delete(Kind::Plan, "nightly").await;

    let waiting = world
        .wait_for(Kind::Plan, "nightly", "waiting", |object| {
            object.at("/metadata/deletionTimestamp").is_string()
                && object.says("Reconciling").starts_with("True ")
        })
        .await;
    assert_eq!(finalizers(&waiting), ["xopero.dev/cleanup"]);
    world
        .annotate(Kind::Plan, "nightly", "xopero.dev/force-finalize=true")
        .await;
    world.gone(Kind::Plan, "nightly").await;
    world
        .eventually("a Warning names what is left behind", async || {
            let events = world
                .kubectl(&["get", "events.events.k8s.io", "-o", "json"])
                .await;
            let events: Value = serde_json::from_str(&events).unwrap();
            events["items"]
                .as_array()
                .unwrap()
                .iter()
                .any(|event| event["type"] == "Warning" && event["regarding"]["name"] == "nightly")
        })
        .await;
    world.simulator.restart().unwrap();
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn a_policy_loosened_to_retain_while_deleting_lets_the_resource_go_at_once() {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &selector("Detach"))).await;
    cleanup(&world, Kind::Plan, "nightly").await;
    world.simulator.stop();
    world.delete(Kind::Plan, "nightly").await;
    world.apply(&selector("Retain")).await;
    world.gone(Kind::Plan, "nightly").await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn a_paused_deletion_waits_and_says_so() {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &selector("Detach"))).await;
    cleanup(&world, Kind::Plan, "nightly").await;
    world
        .annotate(Kind::Plan, "nightly", "xopero.dev/paused=true")
        .await;
    world
        .wait_for(Kind::Plan, "nightly", "Paused", |object| {
            object.says("Paused").starts_with("True ")
        })
        .await;
    world.delete(Kind::Plan, "nightly").await;
    world
        .wait_for(
            Kind::Plan,
            "nightly",
            "saying that its deletion waits",
            |object| object.message("Paused").contains("its deletion waits"),
        )
        .await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world
        .annotate(Kind::Plan, "nightly", "xopero.dev/paused-")
        .await;
    world.gone(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["by-hand"]);
    world.end().await;
}

#[tokio::test]
async fn in_observe_mode_a_deletion_that_needs_clean_up_waits_and_names_the_ways_out() {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &selector("Detach"))).await;
    cleanup(&world, Kind::Plan, "nightly").await;
    world.apply(&acme("mode: Observe")).await;
    world.delete(Kind::Plan, "nightly").await;

    let waiting = world
        .wait_for(Kind::Plan, "nightly", "Deleting", |object| {
            object.says("Reconciling") == "True Deleting"
                && object.message("Reconciling").contains("Observe")
        })
        .await;
    let message = waiting.message("Reconciling");
    for way_out in ["mode: Manage", "deletionPolicy: Retain", "force-finalize"] {
        assert!(message.contains(way_out), "{message}");
    }
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.apply(&acme("mode: Manage")).await;
    world.gone(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["by-hand"]);
    world.end().await;
}

#[tokio::test]
async fn a_namespace_with_clean_up_to_do_goes_and_the_clean_up_is_done() {
    let world = World::with(protected()).await;
    world
        .apply(&(acme("") + &selector("Detach") + &one("Deactivate")))
        .await;
    cleanup(&world, Kind::Plan, "nightly").await;
    cleanup(&world, Kind::Repository, "web").await;
    // The way out where the Secret goes first is force-finalize, so a user deletes what needs clean-up before.
    world
        .kubectl(&["delete", "--timeout=100s", "xplan,xrepo", "--all"])
        .await;
    let namespace = world.namespace.clone();
    world
        .kubectl(&["delete", "namespace", &namespace, "--timeout=100s"])
        .await;

    assert_eq!(world.members("acme", "Nightly"), ["by-hand"]);
    assert_eq!(world.licensed("acme"), ["api", "by-hand"]);
    world.end().await;
}
