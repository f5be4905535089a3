//! Deletions of more than one resource, and more than the limit lets through.

use rstest::rstest;
use xopero_simulator::{
    Endpoint,
    builder::{organization, repository, state},
};

use super::{REPOSITORY, cleanup, finalizers, one, protected, table::cleaned_up};
use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme, annotated},
};

#[rstest]
#[case::detach("Detach", 1, &[(Endpoint::DetachRepository, 1)])]
#[case::deactivate("Deactivate", 2, &[(Endpoint::DetachRepository, 1), (Endpoint::Deactivate, 1)])]
#[tokio::test]
async fn over_the_limit_it_is_held_until_its_token_is_given(
    #[case] policy: &str,
    #[case] count: i64,
    #[case] writes: &[(Endpoint, u64)],
) {
    let world = World::with(protected()).await;
    let organization = acme("removalLimit: 0");
    world.apply(&(organization.clone() + &one(policy))).await;
    cleanup(&world, Kind::Repository, "web").await;
    world.delete(Kind::Repository, "web").await;

    world.stalled(Kind::Repository, "web", "RemovalHeld").await;
    let shown = world
        .wait_for(Kind::Organization, "acme", "showing all of it", |object| {
            object
                .text("/status/removals/held/0/token")
                .starts_with(&format!("{count}-"))
        })
        .await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    let token = shown.text("/status/removals/held/0/token");
    let approval = format!("xopero.dev/approve-removals: \"{token}\"");
    world.apply(&annotated(&organization, &approval)).await;
    world.gone(Kind::Repository, "web").await;
    assert_eq!(world.writes(), writes.iter().copied().collect());
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn a_namespace_whose_secret_went_first_waits_until_force_finalize(
    #[values("Detach", "Deactivate", "Remove")] policy: &str,
) {
    let mut world = World::with(protected()).await;
    world.apply(&(acme("") + &one(policy))).await;
    cleanup(&world, Kind::Repository, "web").await;
    // What is deleted first is up to Kubernetes: here it is certainly the Secret.
    world.stop_operator().await;
    let namespace = world.namespace.clone();
    world
        .kubectl(&["delete", "namespace", &namespace, "--wait=false"])
        .await;
    world
        .eventually("the Secret is gone", async || {
            let secret = ["get", "secret", "account", "--ignore-not-found"];
            world.kubectl(&secret).await.is_empty()
        })
        .await;
    world.start_operator().await;
    world
        .wait_for(Kind::Repository, "web", "waiting", |object| {
            object.says("Reconciling") == "True Deleting"
                && object.message("Reconciling").contains("force-finalize")
        })
        .await;
    world
        .annotate(Kind::Repository, "web", "xopero.dev/force-finalize=true")
        .await;
    world
        .eventually("the namespace is gone", async || {
            let asked = ["get", "namespace", &namespace, "--ignore-not-found"];
            world.kubectl(&asked).await.is_empty()
        })
        .await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn a_deleted_definition_takes_its_resources_along_and_they_do_what_their_policy_says(
    #[values("Retain", "Detach", "Deactivate", "Remove")] policy: &str,
) {
    let mut world = World::whole_cluster(protected()).await;
    world.apply(&yaml::secret()).await;
    let connection = yaml::connection(world.url());
    world.apply(&(connection + &acme("") + &one(policy))).await;
    world.start_operator().await;
    if policy == "Retain" {
        world.in_sync(Kind::Repository, "web").await;
    } else {
        cleanup(&world, Kind::Repository, "web").await;
    }
    let definition = "xoperorepositories.xopero.dev";
    let delete = ["delete", "crd", definition, "--wait=false"];
    world.kubectl(&delete).await;
    if policy == "Retain" {
        world.gone(Kind::Repository, "web").await;
        world.rounds(3).await;
        assert!(world.writes().is_empty(), "{:?}", world.writes());
    } else {
        cleaned_up(&world, &REPOSITORY, policy).await;
    }
    world
        .eventually("the definition is gone", async || {
            let asked = ["get", "crd", definition, "--ignore-not-found"];
            world.kubectl(&asked).await.is_empty()
        })
        .await;
    world.end().await;
}

/// A clean-up holds it. What the other resource kept its licence for is gone with that, and its policy was Retain.
#[tokio::test]
async fn an_organization_that_is_being_deleted_takes_no_licences() {
    let loose = organization("acme")
        .plan("Nightly")
        .with(repository("api").licensed())
        .with(repository("web").licensed().in_plan("Nightly"));
    let world = World::with(state().licences(10).with(loose)).await;
    let retained = yaml::repository("api", "license: Active");
    world
        .apply(&(acme("licenses: {unclaimed: Deactivate}") + &one("Detach") + &retained))
        .await;
    cleanup(&world, Kind::Repository, "web").await;
    world.in_sync(Kind::Repository, "api").await;
    let in_use = |object: &Object| finalizers(object) == ["xopero.dev/in-use"];
    world
        .wait_for(Kind::Organization, "acme", "in use", in_use)
        .await;
    let paused = "xopero.dev/paused=true";
    world.annotate(Kind::Repository, "web", paused).await;
    world.delete(Kind::Organization, "acme").await;
    world.delete(Kind::Repository, "web").await;
    world.delete(Kind::Repository, "api").await;
    world.gone(Kind::Repository, "api").await;
    world.rounds(4).await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    let again = "xopero.dev/paused-";
    world.annotate(Kind::Repository, "web", again).await;
    world.gone(Kind::Organization, "acme").await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 1)].into());
    assert_eq!(world.licensed("acme"), ["api", "web"]);
    world.end().await;
}
