//! Pages about the operator itself: how it comes, changes, moves and goes.

use std::sync::Arc;

use xopero_simulator::{
    Dialect, Endpoint, Simulator, State,
    builder::{organization, state, user},
    dialect::Visibility,
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

/// Where what is declared is in force already, the new cluster writes nothing.
pub(super) async fn day_two(page: &'static str) {
    let new = moved(page, small(), "").await;
    new.wait("condition=InSync xplan/acme-nightly").await;
    assert_eq!(new.writes(), [].into());
    assert_eq!(new.members("Nightly"), ["api", "web"]);

    // It could have written.
    new.simulator.detach("acme", "Nightly", "api").unwrap();
    new.eventually("the new cluster looks after it", async || {
        new.members("Nightly") == ["api", "web"]
    })
    .await;
}

/// Where Xopero ONE shows neither memberships nor settings, each is sent once more.
pub(super) async fn day_two_unseen(page: &'static str) {
    let hidden = Dialect {
        repository_plans: Visibility::Hidden,
        ..Dialect::default()
    };
    let settings = "  settings: {parameters: {compression: High}}\n";
    let new = moved(page, small().dialect(hidden), settings).await;
    let once_each = [(Endpoint::AttachRepository, 2), (Endpoint::ModifyPlan, 1)];
    assert_eq!(new.writes(), once_each.into());
    assert_eq!(new.members("Nightly"), ["api", "web"]);
}

/// The new cluster, once it has managed for some looks; its writes alone are in the journal. `more` are lines of the plan.
async fn moved(page: &'static str, state: State, more: &str) -> World {
    let simulator = Simulator::start(state.user(user(EMAIL, PASSWORD)));
    let simulator = Arc::new(simulator.unwrap());
    let old = World::around(Arc::clone(&simulator))
        .await
        .with_release()
        .await
        .with_connection()
        .await;
    let settings = r#"{"spec":{"planSettings":"Allowed"}}"#;
    old.kubectl(&format!(
        "patch xconn xopero --namespace backup --type merge -p {settings}"
    ))
    .await;
    let all = format!("  repositories: {{include: ['**']}}\n{more}");
    old.declare(&(acme("") + &plan("acme-nightly", "Nightly", &all)))
        .await;
    old.wait("condition=Ready xplan/acme-nightly").await;
    assert_eq!(old.members("Nightly"), ["api", "web"]);

    let new = World::around(Arc::clone(&simulator))
        .await
        .with_nodes()
        .await;
    let mut reader = Reader::of(page, &old);
    reader.types_the_password("PASSWORD");
    reader.before("helm install").await;
    simulator.set_password(EMAIL, "PASSWORD").unwrap();
    simulator.clear_journal();
    reader.go_on_in(&new);
    reader.finish().await;
    let looks = || simulator.summary().of_endpoint(Endpoint::ListRepositories);
    let until = looks() + 4;
    new.eventually("four looks more", async || looks() >= until)
        .await;
    new
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
