//! The table of docs/tasks/deletion-policies.md, a test a cell: what stands in the way of a deletion, and the way out.

use rstest::rstest;
use xopero_simulator::Endpoint;

use super::{Obstacle, PLAN, PROJECT, REPOSITORY, Subject, cleanup, finalizers, one, protected};
use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{acme, annotated},
};

/// Remove is always held: its token is given as a user would.
pub(super) async fn approve(world: &World) {
    let shown = world
        .wait_for(Kind::Organization, "acme", "showing a token", |object| {
            !object.text("/status/removals/held/0/token").is_empty()
        })
        .await;
    let token = shown.text("/status/removals/held/0/token");
    let approval = format!("xopero.dev/approve-removals: \"{token}\"");
    world.apply(&annotated(&acme(""), &approval)).await;
}

pub(super) async fn cleaned_up(world: &World, subject: &Subject, policy: &str) {
    if policy == "Remove" {
        approve(world).await;
    }
    world.gone(subject.kind, subject.name).await;
    let then: &[(Endpoint, u64)] = match policy {
        "Detach" => &[],
        "Deactivate" => &[(Endpoint::Deactivate, 1)],
        _ => &[(Endpoint::Deactivate, 1), (Endpoint::Remove, 1)],
    };
    let expected = then.iter().copied().chain([subject.detached]);
    assert_eq!(world.writes(), expected.collect());
}

#[rstest]
#[case::detached(REPOSITORY, "Detach")]
#[case::deactivated(REPOSITORY, "Deactivate")]
#[case::removed(REPOSITORY, "Remove")]
#[case::of_a_plan(PLAN, "Detach")]
#[case::of_a_project(PROJECT, "Detach")]
#[tokio::test]
async fn clean_up_waits_for_what_is_missing_and_is_done_when_it_is_back(
    #[case] subject: Subject,
    #[case] policy: &str,
    #[values(
        Obstacle::ApiDown,
        Obstacle::LoginRejected,
        Obstacle::SecretGone,
        Obstacle::OperatorDown,
        Obstacle::Paused,
        Obstacle::Observe
    )]
    obstacle: Obstacle,
) {
    let Subject { kind, name, .. } = subject;
    let mut world = World::with(protected()).await;
    world.apply(&subject.declared(policy)).await;
    cleanup(&world, kind, name).await;
    obstacle.put(&mut world, &subject).await;
    world.delete(kind, name).await;

    let waiting = match obstacle.says() {
        None => world.get(kind, name).await.unwrap(),
        Some((condition, state, words)) => {
            let says = |object: &Object| {
                let message = object.message(condition);
                object.says(condition) == state && words.iter().all(|word| message.contains(word))
            };
            let what = format!("{condition} {state} with {words:?}");
            world.wait_for(kind, name, &what, says).await
        }
    };
    assert_eq!(finalizers(&waiting), ["xopero.dev/cleanup"]);
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    obstacle.take_away(&mut world, &subject).await;
    cleaned_up(&world, &subject, policy).await;
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn what_it_needs_is_deleted_first_and_stays_until_the_clean_up_is_done(
    #[values("Detach", "Deactivate", "Remove")] policy: &str,
    #[values(
        (Kind::Connection, "xopero", "acme"),
        (Kind::Organization, "acme", "web"),
    )]
    (kind, name, by): (Kind, &str, &str),
) {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one(policy))).await;
    cleanup(&world, Kind::Repository, "web").await;
    let in_use = |object: &Object| finalizers(object) == ["xopero.dev/in-use"];
    world.wait_for(kind, name, "in use", in_use).await;
    world.delete(kind, name).await;
    let holder = format!("{}/{by}", world.namespace);
    let says = |object: &Object| {
        object.says("Reconciling") == "True Deleting"
            && object.message("Reconciling").contains(&holder)
    };
    world.wait_for(kind, name, "who holds it", says).await;
    world.delete(Kind::Repository, "web").await;

    cleaned_up(&world, &REPOSITORY, policy).await;
    world.gone(kind, name).await;
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn a_policy_tightened_while_deleting_comes_too_late_for_a_resource_that_was_retained(
    #[values("Detach", "Deactivate", "Remove")] policy: &str,
) {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one("Retain"))).await;
    world.in_sync(Kind::Repository, "web").await;
    // Somebody else's finalizer holds it, as else it would be gone at once.
    let hold = r#"{"metadata":{"finalizers":["example.com/held"]}}"#;
    let patch = ["patch", "xrepo", "web", "--type=merge", "-p"];
    world.kubectl(&[&patch[..], &[hold]].concat()).await;
    world.delete(Kind::Repository, "web").await;
    world.apply(&one(policy)).await;
    world
        .eventually("an event says that it is too late", async || {
            let events = world
                .kubectl(&["get", "events.events.k8s.io", "-o", "json"])
                .await;
            events.contains("CleanUpTooLate")
        })
        .await;
    let free = r#"{"metadata":{"finalizers":null}}"#;
    world.kubectl(&[&patch[..], &[free]].concat()).await;
    world.gone(Kind::Repository, "web").await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn with_retain_it_goes_whatever_stands_in_the_way_and_nothing_changes(
    #[values(
        Obstacle::ApiDown,
        Obstacle::LoginRejected,
        Obstacle::SecretGone,
        Obstacle::OperatorDown,
        Obstacle::Paused,
        Obstacle::Observe
    )]
    obstacle: Obstacle,
) {
    let mut world = World::with(protected()).await;
    world.apply(&(acme("") + &one("Retain"))).await;
    world.in_sync(Kind::Repository, "web").await;
    obstacle.put(&mut world, &REPOSITORY).await;
    world.delete(Kind::Repository, "web").await;
    world.gone(Kind::Repository, "web").await;
    // What is paused is the repository, which has gone.
    if !matches!(obstacle, Obstacle::Paused) {
        obstacle.take_away(&mut world, &REPOSITORY).await;
    }
    world.rounds(3).await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}
