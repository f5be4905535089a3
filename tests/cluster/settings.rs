//! Settings of plans, pauses, and Observe mode.

use serde_json::json;
use xopero_simulator::{
    Endpoint, State,
    builder::{self, organization, repository, state},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, annotated, connection_with, plan, secret},
};

fn two() -> State {
    state().licences(10).with(
        organization("acme")
            .plan(builder::plan("Nightly").setting("compression", "none"))
            .with("api")
            .with(repository("x").licensed().in_plan("Nightly")),
    )
}

async fn world_with_settings_allowed() -> World {
    let mut world = World::bare(two()).await;
    let connection = connection_with(world.url(), "planSettings: Allowed");
    world.apply(&(secret() + &connection)).await;
    world.start_operator().await;
    world
}

#[tokio::test]
async fn settings_are_sent_once_for_each_change() {
    let mut world = world_with_settings_allowed().await;
    let settings = |compression: &str| {
        let settings = format!(
            "settings: {{includeMetadata: true, parameters: {{compression: {compression}}}}}"
        );
        plan("Nightly", &settings)
    };
    world.apply(&(acme("") + &settings("zstd"))).await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), [(Endpoint::ModifyPlan, 1)].into());
    let sent = world.writes_since(0);
    assert_eq!(sent[0].request["compression"], json!("zstd"));
    assert_eq!(sent[0].request["includeMetadata"], json!(true));

    world.restart_operator().await;
    world.rounds(2).await;
    assert_eq!(world.calls(Endpoint::ModifyPlan), 1, "not after a restart");

    world.apply(&settings("fast")).await;
    world
        .eventually("the change is sent", async || {
            world.calls(Endpoint::ModifyPlan) == 2
        })
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), [(Endpoint::ModifyPlan, 2)].into());
    world.end().await;
}

#[tokio::test]
async fn settings_that_the_connection_does_not_allow_are_stalled_and_the_rest_goes_on() {
    let world = World::with(two()).await;
    let wants = "repositories: {include: [api]}\nsettings: {includeMetadata: true}";
    world.apply(&(acme("") + &plan("Nightly", wants))).await;

    let plan = world
        .stalled(Kind::Plan, "nightly", "SettingsNotAllowed")
        .await;
    let message = plan.message("Stalled");
    assert!(message.contains("planSettings"), "{message}");
    world
        .eventually("api is in the plan", async || {
            world.members("acme", "Nightly") == ["api", "x"]
        })
        .await;
    assert_eq!(world.calls(Endpoint::ModifyPlan), 0);
    world.end().await;
}

#[tokio::test]
async fn an_id_among_the_parameters_is_stalled_with_its_name() {
    let world = world_with_settings_allowed().await;
    let wants = "settings: {parameters: {PlanId: abc}}";
    world.apply(&(acme("") + &plan("Nightly", wants))).await;

    world
        .wait_for(Kind::Plan, "nightly", "naming the parameter", |object| {
            object.message("Stalled").contains("PlanId")
        })
        .await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn a_paused_resource_writes_nothing_shows_its_drift_and_goes_on_afterwards() {
    let world = World::with(two()).await;
    let manifest = plan(
        "Nightly",
        "repositories: {include: [api]}\nmembership: Exclusive",
    );
    let paused = annotated(&manifest, "xopero.dev/paused: \"true\"");
    world.apply(&(acme("") + &paused)).await;

    let shown = world
        .wait_for(Kind::Plan, "nightly", "Paused with its drift", |object| {
            object.says("Paused") == "True Requested" && object.drift().len() == 3
        })
        .await;
    assert_eq!(shown.says("Reconciling"), "", "nothing waits for it");
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    world.apply(&manifest).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["api"]);
    let plan = world.get(Kind::Plan, "nightly").await.unwrap();
    assert_eq!(plan.says("Paused"), "");
    world.end().await;
}

#[tokio::test]
async fn a_paused_organization_writes_nothing_for_all_its_claims() {
    let world = World::with(two()).await;
    let paused = annotated(&acme(""), "xopero.dev/paused: \"true\"");
    let manifest = plan("Nightly", "repositories: {include: [api]}");
    world.apply(&(paused + &manifest)).await;

    world
        .wait_for(Kind::Organization, "acme", "Paused", |object| {
            object.says("Paused") == "True Requested"
        })
        .await;
    world
        .wait_for(Kind::Plan, "nightly", "showing its drift", |object| {
            object.drift().len() == 2
        })
        .await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.apply(&acme("")).await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.end().await;
}

#[tokio::test]
async fn observe_writes_nothing_and_shows_the_drift_that_manage_acts_on() {
    let world = World::with(two()).await;
    let manifest = plan(
        "Nightly",
        "repositories: {include: [api]}\nmembership: Exclusive",
    );
    world
        .apply(&(acme("mode: Observe\nsync: {interval: 15m}") + &manifest))
        .await;

    let shown = world
        .wait_for(Kind::Plan, "nightly", "Observed with its drift", |object| {
            object.says("Ready") == "True Observed" && object.drift().len() == 3
        })
        .await;
    assert_eq!(shown.says("InSync"), "False Drift");
    let mut actions = shown
        .drift()
        .iter()
        .map(|item| item.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>();
    actions.sort();
    assert_eq!(actions, ["Activate api", "Attach api", "Detach x"]);
    world.ready(Kind::Organization, "acme").await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    world.apply(&acme("mode: Manage")).await;
    world.in_sync(Kind::Plan, "nightly").await;
    let expected = [
        (Endpoint::AttachRepository, 1),
        (Endpoint::DetachRepository, 1),
        (Endpoint::Activate, 1),
    ];
    assert_eq!(world.writes(), expected.into());
    world.end().await;
}
