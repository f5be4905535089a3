//! Pages about what is declared already.

use std::time::{SystemTime, UNIX_EPOCH};

use xopero_simulator::{
    State,
    builder::{organization, plan, repository, state},
    state::LastStatus,
};

use crate::{
    reader::Reader,
    world::{World, acme, plan as declared},
};

/// What is in the plan "Drivers" and is no driver.
const OTHERS: [&str; 13] = [
    "api", "atlas", "billing", "cache", "docs", "events", "gateway", "ledger", "mail", "queue",
    "search", "shop", "web",
];

/// A plan "Drivers" that holds two drivers and everything else.
pub(super) fn drivers() -> State {
    let mut acme = organization("acme").plan("Nightly").plan("Drivers");
    for name in ["disk-driver", "tape-driver"].into_iter().chain(OTHERS) {
        acme = acme.with(repository(name).licensed().in_plan("Drivers"));
    }
    state().licences(100).with(acme)
}

pub(super) async fn backup_health(page: &'static str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let run = LastStatus {
        successes: 1,
        warnings: 0,
        errors: 0,
    };
    let nightly = plan("Nightly").finished(run, now.as_millis().try_into().unwrap());
    let world = World::connected(state().with(organization("acme").plan(nightly))).await;
    world
        .declare(&(acme("") + &declared("acme-nightly", "Nightly", "  freshness: {maxAge: 36h}\n")))
        .await;
    world
        .wait("condition=BackupHealthy xplan/acme-nightly")
        .await;
    Reader::of(page, &world).finish().await;
}

pub(super) async fn deletion_policies(page: &'static str) {
    let world = World::connected(drivers()).await;
    let plan = declared(
        "acme-drivers",
        "Drivers",
        "  repositories: {include: ['*-driver']}\n",
    );
    // So that the clean-up waits, and there is something to describe and to force.
    world.declare(&(acme("  removalLimit: 0\n") + &plan)).await;
    world.wait("condition=Ready xplan/acme-drivers").await;
    Reader::of(page, &world).finish().await;
    world.wait("delete xplan/acme-drivers").await;
    assert_eq!(
        world.members("Drivers").len(),
        15,
        "it was forced, not cleaned up"
    );
}

pub(super) async fn pause_observe_reconcile(page: &'static str) {
    let world = World::connected(state().with(organization("acme").plan("Nightly"))).await;
    world
        .declare(&(acme("") + &declared("acme-nightly", "Nightly", "")))
        .await;
    world.wait("condition=Ready xplan/acme-nightly").await;
    let mut reader = Reader::of(page, &world);
    reader
        .before("kubectl annotate xplan acme-nightly --namespace backup xopero.dev/paused-")
        .await;
    world.wait("condition=Paused xplan/acme-nightly").await;
    reader.finish().await;
}

pub(super) async fn removal_approval(page: &'static str) {
    let world = World::connected(drivers()).await;
    world
        .declare(&acme("  mode: Observe\n  removalLimit: 5\n"))
        .await;
    world.wait("condition=Ready xorg/acme").await;
    let mut reader = Reader::of(page, &world);
    reader
        .before(
            "kubectl get xplan acme-drivers --namespace backup -o jsonpath='{.status.conditions",
        )
        .await;
    let manage = r#"patch xorg acme --namespace backup --type merge -p {"spec":{"mode":"Manage"}}"#;
    world.kubectl(manage).await;
    world.wait("condition=Stalled xplan/acme-drivers").await;
    assert_eq!(world.members("Drivers").len(), 15);
    let held = "get xorg acme --namespace backup -o jsonpath={.status.removals.held[0].token}";
    reader.instead("13-743efe", world.kubectl(held).await);
    reader.finish().await;
    world
        .eventually("exactly the approved removals", async || {
            world.members("Drivers") == ["disk-driver", "tape-driver"]
        })
        .await;
}

pub(super) async fn watch_it(page: &'static str) {
    let world = World::connected(state().with(organization("acme").plan("Nightly"))).await;
    world.declare(&acme("")).await;
    world.wait("condition=Ready xorg/acme").await;
    let mut reader = Reader::of(page, &world);
    reader.instead("localhost:8080", world.served_at().await);
    reader.finish().await;
}
