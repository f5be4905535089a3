//! Removals while the API server does not answer as it should.

use xopero_campaign::{
    gate::{Fault, Trap, When},
    journal::Side,
};
use xopero_simulator::{
    Endpoint,
    builder::{organization, repository, state},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme},
};

/// A repository in a plan, which leaves it when its resource is deleted.
async fn with_clean_up(organization_spec: &str) -> World {
    let web = repository("web").licensed().in_plan("Nightly");
    let acme_has = organization("acme").plan("Nightly").with(web);
    let world = World::with(state().licences(10).with(acme_has)).await;
    let claim = yaml::repository("web", "plans: [Nightly]\ndeletionPolicy: Detach");
    world.apply(&(organization_spec.to_owned() + &claim)).await;
    world.in_sync(Kind::Repository, "web").await;
    world
}

fn answered(world: &World, request: &str, (nth, times): (u64, Option<u64>)) {
    world.set(Trap {
        side: Side::Kubernetes,
        when: When::VerbAndResource(request.to_owned()),
        nth,
        times,
        fault: Fault::Answer(500),
    });
}

fn silent(world: &World, kind: &str) {
    world.set(Trap {
        side: Side::Kubernetes,
        when: When::VerbAndResource(format!("watch {kind}")),
        nth: 1,
        times: Some(1),
        fault: Fault::Held,
    });
}

/// A plan that lets go of its repository when it is deleted, and a watch that tells of nothing since the start.
async fn with_a_silent_watch(kind: &str) -> World {
    let web = repository("web").licensed().in_plan("Nightly");
    let acme_has = organization("acme").plan("Nightly").with(web);
    let mut world = World::bare(state().licences(10).with(acme_has)).await;
    let lets_go = yaml::plan(
        "Nightly",
        "repositories: {include: [web]}\ndeletionPolicy: Detach",
    );
    let connected = yaml::secret() + &yaml::connection(world.url());
    world.apply(&(connected + &acme("") + &lets_go)).await;
    silent(&world, kind);
    world.start_operator().await;
    world.in_sync(Kind::Plan, "nightly").await;
    world
}

/// What names the same may be there by now, and not be seen.
#[tokio::test]
async fn while_a_watch_fails_a_clean_up_waits_and_says_so() {
    const LIST: &str = "list xoperoazureprojects";
    let mut world = with_clean_up(&acme("")).await;
    world.stop_operator().await;
    let before = world.asked(LIST);
    answered(&world, "watch xoperoazureprojects", (1, None));
    answered(&world, LIST, (2, None));
    world.start_operator().await;
    world
        .eventually("it is listed in vain", async || {
            world.asked(LIST) >= before + 2
        })
        .await;

    world.delete(Kind::Repository, "web").await;
    let waits = |object: &Object| {
        let message = object.message("Reconciling");
        message.contains("XoperoAzureProject") && message.contains("not done yet")
    };
    world
        .wait_for(Kind::Repository, "web", "waiting for the watch", waits)
        .await;
    world.rounds(3).await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);

    world.heal();
    world.gone(Kind::Repository, "web").await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 1);
    world.end().await;
}

/// Such a watch is broken, and nothing tells that for a minute: it may as well be that nothing happens.
#[tokio::test]
async fn while_a_watch_is_silent_what_it_does_not_tell_of_costs_no_attachment() {
    const SURVEY: &str = "survey xoperorepositories";
    let world = with_a_silent_watch("xoperorepositories").await;
    let looks = world.asked(SURVEY);
    world
        .apply(&yaml::repository("web", "plans: [Nightly]"))
        .await;
    world.delete(Kind::Plan, "nightly").await;
    world
        .eventually("it is looked whether all is known", async || {
            world.asked(SURVEY) > looks
        })
        .await;
    world.rounds(4).await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);

    // It is noticed after a minute that nothing comes, and everything is listed again.
    world.gone(Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "web").await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);
    world.end().await;
}

/// A pause changes no generation.
#[tokio::test]
async fn while_a_watch_is_silent_a_pause_of_which_it_does_not_tell_is_kept() {
    const SURVEY: &str = "survey xoperoorganizations";
    let world = with_a_silent_watch("xoperoorganizations").await;
    let looks = world.asked(SURVEY);
    let paused = "xopero.dev/paused=true";
    world.annotate(Kind::Organization, "acme", paused).await;
    world.delete(Kind::Plan, "nightly").await;
    world
        .eventually("it is looked whether all is known", async || {
            world.asked(SURVEY) > looks
        })
        .await;
    let is_paused = |object: &Object| object.says("Paused") == "True Requested";
    world
        .wait_for(Kind::Organization, "acme", "known to be paused", is_paused)
        .await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);

    let goes_on = "xopero.dev/paused-";
    world.annotate(Kind::Organization, "acme", goes_on).await;
    world.gone(Kind::Plan, "nightly").await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 1);
    world.end().await;
}

/// The next look at Xopero ONE would be an hour later. What else may wake the organization, such as its own finalizer that was just put on,
/// is less often than it fails.
#[tokio::test]
async fn a_removal_whose_resource_could_not_be_looked_at_is_tried_again_soon() {
    let seldom = acme("").replace("resyncInterval: 1s", "resyncInterval: 1h");
    let world = with_clean_up(&seldom).await;
    let looks = world.asked("get xoperorepositories web");
    answered(&world, "get xoperorepositories", (1, Some(3)));
    world.delete(Kind::Repository, "web").await;
    world.gone(Kind::Repository, "web").await;
    assert_eq!(world.asked("get xoperorepositories web"), looks + 4);
    assert_eq!(world.calls(Endpoint::DetachRepository), 1);
    world.end().await;
}

/// A set is approved, and the approval is taken back while it waits to be made.
#[tokio::test]
async fn an_approval_that_is_taken_back_while_its_removals_wait_approves_nothing() {
    const LOOK: &str = "get xoperobackupplans nightly";
    let gone = |name: &str| repository(name).licensed().in_plan("Nightly");
    let acme_has = organization("acme").plan("Nightly").with(gone("web"));
    let acme_has = acme_has.with(gone("old-1")).with(gone("old-2"));
    let world = World::with(state().licences(10).with(acme_has)).await;
    let only_web = "repositories: {include: [web]}\nmembership: Exclusive";
    let limited = acme("removalLimit: 1");
    world
        .apply(&(limited + &yaml::plan("Nightly", only_web)))
        .await;
    world.stalled(Kind::Plan, "nightly", "RemovalHeld").await;
    let shown = |object: &Object| !object.text("/status/removals/held/0/token").is_empty();
    let held = world.wait_for(Kind::Organization, "acme", "showing a token", shown);
    let token = held.await.text("/status/removals/held/0/token").to_owned();
    let looks = world.asked(LOOK);
    world.set(Trap {
        side: Side::Kubernetes,
        when: When::Key(LOOK.to_owned()),
        nth: 1,
        times: None,
        fault: Fault::Held,
    });
    let approval = format!("xopero.dev/approve-removals={token}");
    world.annotate(Kind::Organization, "acme", &approval).await;
    world
        .eventually("it is looked at once more", async || {
            world.asked(LOOK) > looks
        })
        .await;
    let none = "xopero.dev/approve-removals-";
    world.annotate(Kind::Organization, "acme", none).await;
    // The watch that tells of this one has told of the annotation before.
    let later = yaml::resource(
        "XoperoOrganization",
        "later",
        "connectionRef: {name: missing}\nname: later\nprovider: GitHub",
    );
    world.apply(&later).await;
    let waits = |object: &Object| object.says("Reconciling") == "True WaitingForConnection";
    world
        .wait_for(Kind::Organization, "later", "waiting", waits)
        .await;
    world.heal();
    let held = |object: &Object| object.text("/status/removals/held/0/token") == token;
    world
        .wait_for(Kind::Organization, "acme", "held as before", held)
        .await;
    world.rounds(3).await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);
    world.annotate(Kind::Organization, "acme", &approval).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 2);
    world.end().await;
}

/// Its change wakes the organization that it is of, and not the one whose removal was not made. The next look at Xopero ONE would be an
/// hour later.
#[tokio::test]
async fn a_removal_that_a_resource_of_another_organization_hinders_is_tried_again_soon() {
    const SURVEY: &str = "survey xoperoazureprojects";
    let web = repository("web").licensed().in_plan("Nightly");
    let acme_has = organization("acme").plan("Nightly").with(web);
    let mut world = World::bare(state().licences(10).with(acme_has)).await;
    let seldom = acme("").replace("resyncInterval: 1s", "resyncInterval: 1h");
    let claim = yaml::repository("web", "plans: [Nightly]\ndeletionPolicy: Detach");
    let connected = yaml::secret() + &yaml::connection(world.url());
    world.apply(&(connected + &seldom + &claim)).await;
    silent(&world, "xoperoazureprojects");
    world.start_operator().await;
    world.in_sync(Kind::Repository, "web").await;
    let elsewhere = "organizationRef: {name: other}\nname: Portal";
    let portal = yaml::resource("XoperoAzureProject", "portal", elsewhere);
    world.apply(&portal).await;
    let looks = world.asked(SURVEY);
    world.delete(Kind::Repository, "web").await;
    world
        .eventually("it is looked whether all is known", async || {
            world.asked(SURVEY) > looks
        })
        .await;
    world.heal();
    world.gone(Kind::Repository, "web").await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 1);
    world.end().await;
}
