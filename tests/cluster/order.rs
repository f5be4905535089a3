//! A folder is applied in any order: what is not there yet is waited for.

use std::time::{Duration, Instant};

use xopero_simulator::{
    Edit, State,
    builder::{self, state},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, connection, plan, repository, secret},
};

fn one_repository() -> State {
    state()
        .licences(10)
        .with(builder::organization("acme").plan("Nightly").with("api"))
}

#[tokio::test]
async fn resources_applied_in_the_wrong_order_become_ready_without_a_restart() {
    let mut world = World::bare(one_repository()).await;
    world.start_operator().await;

    world
        .apply(&repository("api", "license: Active\nplans: [Nightly]"))
        .await;
    let waits = |reason: &'static str| {
        move |object: &crate::objects::Object| {
            object.says("Reconciling") == format!("True {reason}")
        }
    };
    world
        .wait_for(
            Kind::Repository,
            "api",
            "waiting",
            waits("WaitingForOrganization"),
        )
        .await;
    world.apply(&acme("")).await;
    world
        .wait_for(
            Kind::Organization,
            "acme",
            "waiting",
            waits("WaitingForConnection"),
        )
        .await;
    world.apply(&connection(world.url())).await;
    world
        .wait_for(
            Kind::Connection,
            "xopero",
            "waiting",
            waits("WaitingForSecret"),
        )
        .await;
    let complete = Instant::now();
    world.apply(&secret()).await;

    world.in_sync(Kind::Repository, "api").await;
    world.ready(Kind::Connection, "xopero").await;
    world.ready(Kind::Organization, "acme").await;
    assert!(
        complete.elapsed() < Duration::from_mins(1),
        "a Secret is looked for every 10 seconds, without a growing backoff: {:?}",
        complete.elapsed()
    );
    world.quiet_for_three_resyncs().await;
    world.end().await;
}

#[tokio::test]
async fn what_is_created_later_in_xopero_one_is_found_at_the_next_look() {
    let state = state().licences(10).with(builder::organization("acme"));
    let world = World::with(state).await;
    let selector = "repositories: {include: [api]}";
    world
        .apply(&(acme("") + &plan("Nightly", selector) + &repository("api", "license: Active")))
        .await;

    let plan = world.stalled(Kind::Plan, "nightly", "PlanNotFound").await;
    let message = plan.message("Stalled");
    assert!(
        message.contains("Nightly") && message.contains("create it there"),
        "{message}"
    );
    world
        .stalled(Kind::Repository, "api", "RepositoryNotFound")
        .await;

    let organization = "acme".to_owned();
    let plan = builder::plan("Nightly");
    world
        .simulator
        .edit(Edit::AddPlan { organization, plan })
        .unwrap();
    world.simulator.add_repository("acme", "api").unwrap();
    world.in_sync(Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "api").await;
    assert_eq!(world.members("acme", "Nightly"), ["api"]);
    world.end().await;
}

#[tokio::test]
async fn an_organization_that_does_not_exist_yet_is_named_with_those_that_do() {
    let state = state().with(builder::organization("umbrella"));
    let world = World::with(state).await;
    world.apply(&acme("")).await;

    let organization = world
        .stalled(Kind::Organization, "acme", "OrganizationNotFound")
        .await;
    let message = organization.message("Stalled");
    assert!(message.contains("umbrella"), "{message}");

    let organization = builder::organization("acme");
    world
        .simulator
        .edit(Edit::AddOrganization { organization })
        .unwrap();
    world.ready(Kind::Organization, "acme").await;
    world.end().await;
}

#[tokio::test]
async fn a_claim_whose_organization_is_deleted_says_so_and_is_taken_up_by_the_next() {
    let world = World::with(one_repository()).await;
    let claim = repository("api", "license: Active\nplans: [Nightly]");
    world.apply(&(acme("") + &claim)).await;
    world.in_sync(Kind::Repository, "api").await;
    let written = world.writes();

    world.delete(Kind::Organization, "acme").await;
    let waiting = world
        .wait_for(
            Kind::Repository,
            "api",
            "waiting for its organization",
            |object| object.says("Reconciling") == "True WaitingForOrganization",
        )
        .await;
    assert!(!waiting.is_ready());
    world.apply(&acme("")).await;
    world.in_sync(Kind::Repository, "api").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), written);
    world.end().await;
}

#[tokio::test]
async fn an_outage_of_xopero_one_is_said_and_is_over_when_it_is_over() {
    let world = World::with(one_repository()).await;
    let claim = repository("api", "license: Active\nplans: [Nightly]");
    world.apply(&(acme("") + &claim)).await;
    world.in_sync(Kind::Repository, "api").await;

    world.simulator.stop();
    world
        .wait_for(
            Kind::Organization,
            "acme",
            "saying that Xopero ONE does not answer",
            |object| object.says("Reconciling") == "True ApiUnavailable",
        )
        .await;
    world.simulator.detach("acme", "Nightly", "api").unwrap();
    world.simulator.restart().unwrap();
    world.ready(Kind::Organization, "acme").await;
    world
        .eventually("api is in the plan again", async || {
            world.members("acme", "Nightly") == ["api"]
        })
        .await;
    world.in_sync(Kind::Repository, "api").await;
    world.quiet_for_three_resyncs().await;
    world.end().await;
}
