//! The oracles at the end of every world bite: what they have seen go wrong between the operator and its servers they tell.

use serde_json::json;
use xopero_simulator::{
    Endpoint,
    builder::{organization, repository, state},
    ids,
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, plan},
};

async fn converged() -> World {
    let acme_with = organization("acme")
        .plan("Nightly")
        .with(repository("api").licensed().in_plan("Nightly"));
    let world = World::with(state().licences(10).with(acme_with)).await;
    world
        .apply(&(acme("") + &plan("Nightly", "repositories: {include: [api]}")))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.ready(Kind::Organization, "acme").await;
    assert_eq!(world.violations(), [""; 0]);
    world
}

#[tokio::test]
async fn a_removal_that_nothing_calls_for_is_told() {
    let mut world = converged().await;
    // As the operator would ask for it, though without its token.
    let body = json!({
        "planId": ids::plan("acme", "Nightly"),
        "repositoryId": ids::repository("acme", None, "api"),
    });
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}{}", world.url(), Endpoint::DetachRepository.path());
    let answer = http.post(url).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let found = world.violations();
    for why in ["was looked for lately", "no resource asks for it"] {
        assert!(found.iter().any(|found| found.contains(why)), "{found:?}");
        world.excuse(why);
    }
    world.end().await;
}

#[tokio::test]
async fn a_condition_that_moves_without_a_change_is_told() {
    let mut world = converged().await;
    let before = world.get(Kind::Plan, "nightly").await.unwrap();
    let mut conditions = before.at("/status/conditions").clone();
    conditions[0]["lastTransitionTime"] = "2000-01-01T00:00:00Z".into();
    let status = json!({"status": {"conditions": conditions}}).to_string();
    let patch = ["patch", "xplan", "nightly", "--subresource=status"];
    let patch = [&patch[..], &["--type=merge", "-p", &status]].concat();
    world.kubectl(&patch).await;
    let flaps = "its lastTransitionTime moves";
    world
        .eventually("the oracle tells", async || {
            let found = world.violations();
            found.iter().any(|sentence| sentence.contains(flaps))
        })
        .await;
    world.excuse(flaps);
    world.excuse("goes back");
    world.end().await;
}

#[tokio::test]
#[should_panic(expected = "nobody has judged what the operator did here")]
async fn a_world_that_is_not_ended_fails_its_test() {
    drop(converged().await);
}
