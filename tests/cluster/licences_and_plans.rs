//! One selector, or one resource a repository: the same end at the same cost.

use rstest::rstest;
use xopero_campaign::{
    gate::{Fault, Position, Trap, When},
    journal::Side,
};
use xopero_simulator::{
    Endpoint,
    builder::{organization, state},
};

use crate::{objects::Kind, world::World, yaml};

/// The names of 100 repositories of github.com/kubernetes-sigs.
const NAMES: &str = include_str!("../simulator/data/github-kubernetes-sigs.txt");

fn names() -> Vec<&'static str> {
    NAMES.lines().filter(|name| !name.is_empty()).collect()
}

/// What `cluster-api*` without `*-nested` takes.
fn wanted() -> Vec<&'static str> {
    let matching = |name: &&str| name.starts_with("cluster-api") && !name.ends_with("-nested");
    names().into_iter().filter(matching).collect()
}

fn kubernetes_sigs() -> xopero_simulator::State {
    state()
        .licences(1_000)
        .with(organization("acme").plan("Nightly").with_all(names()))
}

/// Licensed and attached are exactly those that are wanted, by calls that did nothing in vain.
fn assert_exactly_the_wanted(world: &World) {
    let wanted = wanted();
    assert!(wanted.len() > 10, "the data has enough to select");
    let mut licensed = world.licensed("acme");
    let mut members = world.members("acme", "Nightly");
    licensed.sort();
    members.sort();
    assert_eq!(licensed, wanted);
    assert_eq!(members, wanted);
    let writes = world.writes();
    let expected = [
        (Endpoint::AttachRepository, wanted.len() as u64),
        // All in one batch: there are fewer than 50.
        (Endpoint::Activate, 1),
    ];
    assert_eq!(writes, expected.into());
}

#[tokio::test]
async fn a_selector_licenses_and_attaches_exactly_what_it_matches_and_then_nothing_is_written() {
    let world = World::with(kubernetes_sigs()).await;
    let selector = "repositories: {include: ['cluster-api*'], exclude: ['*-nested']}";
    world
        .apply(&(yaml::acme("") + &yaml::plan("Nightly", selector)))
        .await;

    let plan = world.in_sync(Kind::Plan, "nightly").await;
    let count = i64::try_from(wanted().len()).unwrap();
    for counted in ["matched", "attached", "licensed"] {
        assert_eq!(
            plan.number(&format!("/status/{counted}")),
            Some(count),
            "{counted}"
        );
    }
    assert_exactly_the_wanted(&world);
    world.quiet_for_three_resyncs().await;
    assert_exactly_the_wanted(&world);
    world.end().await;
}

#[tokio::test]
async fn one_resource_a_repository_reaches_the_same_end_with_the_same_calls() {
    let world = World::with(kubernetes_sigs()).await;
    let wants = "license: Active\nplans: [Nightly]";
    let repositories = wanted()
        .iter()
        .map(|name| yaml::repository(name, wants))
        .collect::<String>();
    // The organization comes last, so that it finds all of them, as after a GitOps tool has applied a folder.
    world.apply(&(repositories + &yaml::acme(""))).await;

    for name in wanted() {
        world.in_sync(Kind::Repository, name).await;
    }
    assert_exactly_the_wanted(&world);
    world.quiet_for_three_resyncs().await;
    assert_exactly_the_wanted(&world);
    world.end().await;
}

#[tokio::test]
async fn licences_go_in_batches_of_fifty() {
    let world = World::with(kubernetes_sigs()).await;
    let everything = "repositories: {include: ['**']}";
    world
        .apply(&(yaml::plan("Nightly", everything) + &yaml::acme("")))
        .await;

    let plan = world.in_sync(Kind::Plan, "nightly").await;
    let count = names().len();
    assert_eq!(plan.number("/status/attached"), i64::try_from(count).ok());
    let writes = world.writes();
    let expected = [
        (Endpoint::AttachRepository, count as u64),
        (Endpoint::Activate, count.div_ceil(50) as u64),
    ];
    assert_eq!(writes, expected.into());
    world.end().await;
}

#[tokio::test]
async fn promise_1_convergence_a_restart_in_a_converged_world_writes_nothing_anywhere() {
    let mut world = World::with(kubernetes_sigs()).await;
    let selector =
        "repositories: {include: ['cluster-api*']}\nmembership: Exclusive\ndeletionPolicy: Detach";
    let repository = "license: Active\nplans: [Nightly]\ndeletionPolicy: Deactivate";
    world
        .apply(
            &(yaml::acme("licenses: {unclaimed: Deactivate}")
                + &yaml::plan("Nightly", selector)
                + &yaml::repository("kind", repository)),
        )
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "kind").await;
    world.in_sync(Kind::Organization, "acme").await;
    world.quiet_for_three_resyncs().await;
    let (versions, written) = (world.versions().await, world.writes());

    world.restart_operator().await;
    world.rounds(3).await;

    assert_eq!(world.versions().await, versions);
    assert_eq!(world.writes(), written);
    world.end().await;
}

#[rstest]
#[tokio::test]
async fn promise_1_convergence_what_an_interrupted_write_left_is_completed_by_the_next_process(
    #[values(Position::Before, Position::Lost, Position::After)] dies: Position,
) {
    let mut world = World::with(kubernetes_sigs()).await;
    world.set(Trap {
        side: Side::Xopero,
        when: When::VerbAndResource(Endpoint::AttachRepository.name().to_owned()),
        nth: 3,
        times: Some(1),
        fault: Fault::Crash(dies),
    });
    let selector = "repositories: {include: ['cluster-api*'], exclude: ['*-nested']}";
    world
        .apply(&(yaml::acme("") + &yaml::plan("Nightly", selector)))
        .await;
    world.operator_dies().await;
    if dies == Position::Before {
        // Otherwise all may have arrived that was sent beside it.
        assert!(world.members("acme", "Nightly").len() < wanted().len());
    }

    world.start_operator().await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), wanted());
    assert_eq!(world.licensed("acme"), wanted());
    world.quiet_for_three_resyncs().await;
    world.end().await;
}
