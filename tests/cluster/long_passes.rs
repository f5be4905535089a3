//! What goes on while an organization has work for half a minute: other work has its turn, and nobody is said to be done.

use xopero_simulator::{
    Endpoint,
    builder::{organization, repository, state},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme, plan},
};

/// With four calls a second they take half a minute.
const NEW: u64 = 100;

/// A licensed repository in a plan of its own, and a hundred that are in none.
async fn slow(claims: &str) -> World {
    let mut acme_has = organization("acme").plan("Nightly").plan("Weekly");
    acme_has = acme_has.with(repository("web").licensed().in_plan("Weekly"));
    for number in 1..=NEW {
        acme_has = acme_has.with(repository(&format!("new-{number}")).licensed());
    }
    let mut world = World::bare(state().licences(1000).with(acme_has)).await;
    let slow = yaml::connection(world.url()).replace("perSecond: 1000", "perSecond: 4");
    world
        .apply(&(yaml::secret() + &slow + &acme("") + claims))
        .await;
    world.start_operator().await;
    world
}

async fn the_first_is_attached(world: &World) {
    let is_attached = async || world.calls(Endpoint::AttachRepository) > 0;
    world.eventually("the first is attached", is_attached).await;
}

#[tokio::test]
async fn a_clean_up_does_not_wait_for_all_that_is_attached() {
    let web = yaml::repository("web", "plans: [Weekly]\ndeletionPolicy: Detach");
    let world = slow(&web).await;
    world.in_sync(Kind::Repository, "web").await;
    world
        .apply(&plan("Nightly", "repositories: {include: ['new-*']}"))
        .await;
    the_first_is_attached(&world).await;

    world.delete(Kind::Repository, "web").await;
    world.gone(Kind::Repository, "web").await;
    let attached = world.calls(Endpoint::AttachRepository);
    assert!(attached < NEW, "the last of them came first");
    assert!(world.members("acme", "Weekly").is_empty());
    world.end().await;
}

/// Who waits for it to be Ready would else go on too early.
#[tokio::test]
async fn a_plan_that_was_ready_is_not_while_work_on_it_goes_on() {
    let world = slow(&plan("Nightly", "repositories: {include: [web]}")).await;
    world.in_sync(Kind::Plan, "nightly").await;
    world
        .apply(&plan("Nightly", "repositories: {include: ['**']}"))
        .await;
    let is_at_work =
        |object: &Object| object.says("Reconciling") == "True Pending" && object.generation() == 2;
    world
        .wait_for(Kind::Plan, "nightly", "at work", is_at_work)
        .await;
    let attached = world.calls(Endpoint::AttachRepository);
    assert!(attached < NEW, "it is said while it goes on");
    world.in_sync(Kind::Plan, "nightly").await;
    world.end().await;
}
