//! An organization goes away in Xopero ONE, or is added anew: which one its resource means then.

use rstest::rstest;
use xopero_simulator::{
    Edit, Endpoint,
    builder::{organization, repository, state},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{acme, plan},
};

/// The one that is declared goes away in Xopero ONE; the other has a repository and licences of its own.
#[tokio::test]
async fn an_organization_that_is_gone_is_not_taken_for_one_that_stood_beside_it() {
    let other = organization("ACME")
        .plan("Nightly")
        .with(repository("theirs").licensed())
        .with(repository("more").licensed().in_plan("Nightly"));
    let mut world = World::with(
        state()
            .licences(10)
            .with(organization("acme").plan("Nightly").with("api"))
            .with(other),
    )
    .await;
    let exclusive = "repositories: {include: [api]}\nmembership: Exclusive";
    world
        .apply(&(acme("licenses: {unclaimed: Deactivate}") + &plan("Nightly", exclusive)))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    let before = world.writes();

    let removal = Edit::RemoveOrganization {
        organization: "acme".to_owned(),
    };
    world.simulator.edit(removal).unwrap();
    let gone = world
        .stalled(Kind::Organization, "acme", "OrganizationNotFound")
        .await;
    let message = gone.message("Stalled");
    assert!(message.contains("another one"), "{message}");
    let says_nothing = |object: &Object| object.says("InSync") == "Unknown NotObserved";
    world
        .wait_for(Kind::Plan, "nightly", "saying nothing of it", says_nothing)
        .await;
    // Another process tells the two apart by the status.
    for restarts in [false, true] {
        if restarts {
            world.restart_operator().await;
        }
        let looks = world.calls(Endpoint::ListOrganizations);
        // Enough for two whole listings and what they would call for.
        world
            .eventually("ten more looks", async || {
                world.calls(Endpoint::ListOrganizations) >= looks + 10
            })
            .await;
    }
    assert_eq!(world.writes(), before);
    assert_eq!(world.members("ACME", "Nightly"), ["more"]);
    world.end().await;
}

#[rstest]
#[case::while_it_is_watched(false)]
#[case::while_no_operator_runs(true)]
#[tokio::test]
async fn an_organization_that_is_added_anew_is_followed_and_an_event_says_so(#[case] unseen: bool) {
    let acme_one = organization("acme").plan("Nightly").with("api");
    let mut world = World::with(state().licences(10).with(acme_one)).await;
    let selected = "repositories: {include: [api]}";
    world.apply(&(acme("") + &plan("Nightly", selected))).await;
    world.in_sync(Kind::Plan, "nightly").await;
    let anew = Edit::ReAddOrganization {
        organization: "acme".to_owned(),
    };
    if unseen {
        world.stop_operator().await;
    }
    world.simulator.edit(anew).unwrap();
    if unseen {
        world.start_operator().await;
    }
    world
        .eventually("it is protected again", async || {
            world.members("acme", "Nightly") == ["api"] && world.licensed("acme") == ["api"]
        })
        .await;
    world
        .eventually("an event says so", async || {
            let events = ["get", "events.events.k8s.io", "-o", "json"];
            world
                .kubectl(&events)
                .await
                .contains("OrganizationReplaced")
        })
        .await;
    world.end().await;
}
