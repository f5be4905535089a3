//! Pages about the account, who may use it, and how it is spoken with.

use xopero_simulator::{
    Simulator, State,
    builder::{organization, state, user},
};

use crate::{
    reader::Reader,
    world::{EMAIL, World, acme},
};

fn shop() -> State {
    let acme = organization("acme")
        .plan("Nightly")
        .with_all(["checkout", "search"]);
    state().licences(10).with(acme)
}

pub(super) async fn credentials(page: &'static str) {
    let simulator = Simulator::start(shop().user(user(EMAIL, "PASSWORD"))).unwrap();
    let world = World::around(simulator.into()).await.with_release().await;
    let mut reader = Reader::of(page, &world);
    let authority = Simulator::start_tls(state()).unwrap();
    reader.has("ca.crt", authority.ca_pem().unwrap());
    reader.types_the_password("PASSWORD");
    reader.before("kubectl patch secret xopero-account").await;
    world.declare(&acme("")).await;
    world.wait("condition=Ready xorg/acme").await;
    world.simulator.set_password(EMAIL, "NEW").unwrap();
    world.simulator.revoke_tokens().unwrap();
    reader.finish().await;
    world.wait("condition=Ready xorg/acme xconn/xopero").await;
}

pub(super) async fn multi_tenancy(page: &'static str) {
    let world = World::released(shop()).await;
    world.kubectl("create namespace team-checkout").await;
    world
        .kubectl("create rolebinding jane --clusterrole admin --user jane --namespace backup")
        .await;
    Reader::of(page, &world).finish().await;
    world.wait("condition=Ready xorg/acme").await;
}

pub(super) async fn share_across_namespaces(page: &'static str) {
    let world = World::connected(shop()).await;
    Reader::of(page, &world).finish().await;
    assert_eq!(world.members("Nightly"), ["checkout"]);
}

pub(super) async fn wire_names(page: &'static str) {
    let world = World::empty(shop()).await.with_operator().await;
    let mut reader = Reader::of(page, &world);
    reader.has_the_program();
    reader
        .leaves_running("xopero-operator --wire-names", "--listen 127.0.0.1:0")
        .await;
    world
        .eventually("it starts with these names", async || {
            reader.window().contains("Serving")
        })
        .await;
    reader
        .fails("printf", "request.activate.repositoryIds")
        .await;
    reader.finish().await;
}
