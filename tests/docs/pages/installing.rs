//! Pages about the operator itself: how it comes, changes, moves and goes.

use std::sync::Arc;

use xopero_simulator::{
    Simulator, State,
    builder::{organization, state, user},
};
use xtask::operator;

use crate::{
    reader::Reader,
    world::{EMAIL, PASSWORD, World, acme, plan},
};

fn small() -> State {
    state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .plan("Drivers")
            .with_all(["api", "web"]),
    )
}

pub(super) async fn install_with_helm(page: &'static str) {
    let world = World::empty(state()).await.with_nodes().await;
    world
        .declare(include_str!("../../chart/data/namespaces.yaml"))
        .await;
    Reader::of(page, &world).finish().await;
}

pub(super) async fn several_replicas(page: &'static str) {
    let world = World::empty(state()).await.with_release().await;
    Reader::of(page, &world).finish().await;
}

pub(super) async fn day_two(page: &'static str) {
    let simulator = Simulator::start(small().user(user(EMAIL, PASSWORD)));
    let simulator = Arc::new(simulator.unwrap());
    let old = World::around(Arc::clone(&simulator))
        .await
        .with_release()
        .await
        .with_connection()
        .await;
    let all = "  repositories: {include: ['**']}\n";
    old.declare(&(acme("") + &plan("acme-nightly", "Nightly", all)))
        .await;
    old.wait("condition=InSync xplan/acme-nightly").await;
    let new = World::around(Arc::clone(&simulator))
        .await
        .with_nodes()
        .await;
    let mut reader = Reader::of(page, &old);
    reader.before("helm install").await;
    simulator.set_password(EMAIL, "PASSWORD").unwrap();
    let before = simulator.members("acme", "Nightly").unwrap();
    reader.go_on_in(&new);
    reader.finish().await;
    assert_eq!(simulator.members("acme", "Nightly").unwrap(), before);
}

/// Three ways lead to the end, each in a cluster of its own.
pub(super) async fn remove_the_operator(page: &'static str) {
    let release = World::released(small()).await;
    let drivers = plan("acme-drivers", "Drivers", "  deletionPolicy: Detach\n");
    release.declare(&(acme("") + &drivers)).await;
    release.wait("condition=Ready xplan/acme-drivers").await;
    let process = World::empty(small()).await.with_operator().await;
    let nothing_runs = World::empty(small()).await;
    operator::install(&nothing_runs.control_plane)
        .await
        .unwrap();
    let nothing_runs = nothing_runs.with_connection().await;
    nothing_runs
        .declare(&drivers.replace(
            "metadata: {",
            "metadata: {finalizers: [xopero.dev/cleanup], ",
        ))
        .await;
    nothing_runs
        .kubectl("delete xplan acme-drivers --namespace backup --wait=false")
        .await;
    let mut reader = Reader::of(page, &release);
    reader
        .through("kubectl delete namespace xopero-system")
        .await;

    reader.go_on_in(&process);
    reader.through("kubectl delete --filename xtask").await;

    reader.go_on_in(&nothing_runs);
    reader.finish().await;
    nothing_runs.wait("delete xplan/acme-drivers").await;
}
