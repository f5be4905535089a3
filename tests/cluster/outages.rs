//! What a person does while Xopero ONE is down and left alone is followed all the same.

use xopero_simulator::{
    Endpoint, Fault, State,
    builder::{organization, state},
    faults::{RetryAfter, Status},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{self, acme, annotated, plan},
};

const PAUSED: &str = "xopero.dev/paused: \"true\"";

fn one() -> State {
    let acme = organization("acme").plan("Nightly").with_all(["api"]);
    state().licences(10).with(acme)
}

/// Down for longer than any test lasts, as it says itself.
fn down(world: &World) {
    let status = Status {
        retry_after: Some(RetryAfter::Seconds(3600)),
        ..Status::code(503)
    };
    world.simulator.inject(Fault::on_any(status).until_healed());
}

#[tokio::test]
async fn a_paused_organization_keeps_what_it_said_last_through_an_outage() {
    let world = World::with(one()).await;
    let manifest = plan("Nightly", "repositories: {include: [api]}");
    world.apply(&(acme("") + &manifest)).await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.ready(Kind::Organization, "acme").await;
    world.apply(&annotated(&acme(""), PAUSED)).await;
    world
        .wait_for(Kind::Organization, "acme", "Paused", |object| {
            object.says("Paused") == "True Requested"
        })
        .await;

    down(&world);
    let shown = world
        .wait_for(Kind::Organization, "acme", "in doubt", |object| {
            object.says("InSync") == "Unknown NotObserved"
        })
        .await;
    assert_eq!(shown.says("Ready"), "True Converged");
    assert_eq!(shown.says("Paused"), "True Requested");
    assert_ne!(shown.says("Protected"), "", "what was known of it stays");
    world.end().await;
}

#[tokio::test]
async fn an_organization_says_what_a_person_did_while_xopero_one_is_left_alone() {
    let world = World::with(one()).await;
    world.apply(&acme("")).await;
    world.ready(Kind::Organization, "acme").await;
    down(&world);
    world
        .wait_for(Kind::Organization, "acme", "waiting", |object| {
            object.says("Reconciling") == "True ApiUnavailable"
        })
        .await;

    world.apply(&acme("removalLimit: 3")).await;
    world
        .wait_for(Kind::Organization, "acme", "seen as it is", |object| {
            object.says("Reconciling") == "True ApiUnavailable" && object.generation() == 2
        })
        .await;
    world
        .apply(&annotated(&acme("removalLimit: 3"), PAUSED))
        .await;
    world
        .wait_for(Kind::Organization, "acme", "Paused", |object| {
            object.says("Paused") == "True Requested" && object.says("Reconciling").is_empty()
        })
        .await;
    world.apply(&acme("removalLimit: 3")).await;
    world
        .wait_for(Kind::Organization, "acme", "waiting again", |object| {
            object.says("Reconciling") == "True ApiUnavailable" && object.says("Paused").is_empty()
        })
        .await;
    world.end().await;
}

/// Nothing is unknown of a write that was not done: what is listed already need not be listed for it.
#[tokio::test]
async fn what_was_not_done_is_tried_again_by_what_is_listed() {
    let world = World::with(one()).await;
    let fault = Fault::on(Endpoint::AttachRepository, Status::code(503));
    world.simulator.inject(fault);
    let seldom = acme("").replace("resyncInterval: 1s", "resyncInterval: 1h");
    let manifest = plan("Nightly", "repositories: {include: [api]}");
    world.apply(&(seldom + &manifest)).await;
    world
        .eventually("it is attached", async || {
            world.members("acme", "Nightly") == ["api"]
        })
        .await;

    let calls = world.simulator.journal();
    let endpoints: Vec<Endpoint> = calls.iter().filter_map(|call| call.endpoint).collect();
    let is_attachment = |endpoint: &Endpoint| *endpoint == Endpoint::AttachRepository;
    let first = endpoints.iter().position(is_attachment).unwrap();
    let last = endpoints.iter().rposition(is_attachment).unwrap();
    assert!(first < last, "{endpoints:?}");
    let between = &endpoints[first..last];
    assert!(
        !between.contains(&Endpoint::ListRepositories),
        "{between:?}"
    );
    world.end().await;
}

/// What was in force was so in another Xopero ONE. Through an outage of one's own it is taken to be so still.
#[tokio::test]
async fn claims_do_not_say_what_was_so_where_their_connection_leads_no_more() {
    let mut world = World::with(one()).await;
    let manifest = plan("Nightly", "repositories: {include: [api]}");
    world.apply(&(acme("") + &manifest)).await;
    world.in_sync(Kind::Plan, "nightly").await;
    let says_nothing = |object: &crate::objects::Object| {
        object.says("Ready").starts_with("False") && object.says("InSync") == "Unknown NotObserved"
    };
    // Nobody listens there.
    world.apply(&yaml::connection("http://127.0.0.1:9")).await;
    let nowhere = "saying nothing of where it led";
    world
        .wait_for(Kind::Plan, "nightly", nowhere, says_nothing)
        .await;
    world.apply(&yaml::connection(world.url())).await;
    world.in_sync(Kind::Plan, "nightly").await;

    world.stop_operator().await;
    world.apply(&yaml::connection("http://127.0.0.1:9")).await;
    world.start_operator().await;
    let unseen = "saying nothing of where it led before this process";
    world
        .wait_for(Kind::Plan, "nightly", unseen, says_nothing)
        .await;
    world.end().await;
}
