//! The first pages that anybody reads.

use xopero_simulator::{
    Simulator, State,
    builder::{organization, state, user},
    state::Synchronization,
};
use xtask::samples;

use crate::{
    reader::Reader,
    world::{EMAIL, PASSWORD, World},
};

/// What Xopero ONE holds in the demo, without its account.
pub(super) fn demo() -> State {
    let mut state = State::from_yaml(include_str!("../../simulator/data/demo.yaml")).unwrap();
    state.users.clear();
    state.synchronization(Synchronization::default())
}

/// The world of the demo, at the moment when its story is over.
pub(super) async fn readme(page: &'static str) {
    let world = World::empty(demo()).await.with_operator().await;
    for (_, text) in samples::filled_in(&world.simulator.url(), EMAIL, PASSWORD).unwrap() {
        world
            .declare(&text.replace("perSecond: 5", "perSecond: 1000"))
            .await;
    }
    world.wait("condition=Ready xorg,xplan --all").await;
    Reader::of(page, &world).finish().await;
}

pub(super) async fn chart(page: &'static str) {
    let world = World::empty(state()).await.with_nodes().await;
    Reader::of(page, &world).finish().await;
    world
        .kubectl(
            "rollout status deployment/xopero-operator --namespace xopero-system --timeout 120s",
        )
        .await;
}

pub(super) async fn getting_started(page: &'static str) {
    let state = state().licences(10).user(user(EMAIL, PASSWORD)).with(
        organization("acme")
            .plan("Nightly")
            .with_all(["api", "web", "my-sandbox"]),
    );
    let simulator = Simulator::start_tls(state).unwrap();
    let world = World::around(simulator.into()).await;
    let mut reader = Reader::of(page, &world);
    reader.has("ca.crt", world.simulator.ca_pem().unwrap());
    reader.types_the_password(PASSWORD);
    let operator = "KUBECONFIG=operator.kubeconfig";
    reader
        .leaves_running(operator, "--listen 127.0.0.1:0")
        .await;
    reader.before("kubectl patch xorg acme").await;
    assert_eq!(
        world.members("Nightly"),
        [""; 0],
        "Observe mode writes nothing"
    );
    reader
        .before("kubectl get xplan acme-nightly --namespace backup --watch")
        .await;
    // The operator runs as long as the reader reads.
    world.wait("condition=InSync xplan/acme-nightly").await;
    assert_eq!(world.members("Nightly"), ["api", "web"]);
    reader.finish().await;
}

/// What its program would serve is served here.
pub(super) async fn simulator(page: &'static str) {
    let state = State::from_yaml(include_str!("../../simulator/data/demo.yaml")).unwrap();
    let world = World::around(Simulator::start(state).unwrap().into()).await;
    let mut reader = Reader::of(page, &world);
    reader.instead("localhost:8080", world.simulator.url());
    reader.before("curl -sf -X DELETE").await;
    assert_eq!(world.simulator.summary().logins, 1);
    assert!(!world.simulator.faults()[0].healed);
    reader.finish().await;
    assert!(world.simulator.faults()[0].healed);
}
