//! What a tenant can learn of, or get from, another namespace: nothing.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test cannot find is its failure"
)]

use serde_json::Value;
use xopero_simulator::{
    Simulator,
    builder::{organization, state, user},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme, resource},
};

/// The namespace of somebody whom nothing admits.
const STRANGER: &str = "stranger";

/// With the platform team's connection in use, and the stranger.
async fn platform() -> World {
    let mut world = World::whole_cluster(state().with(organization("acme"))).await;
    world.kubectl(&["create", "namespace", STRANGER]).await;
    world.start_operator().await;
    let connection = yaml::connection(world.simulator.url());
    world
        .apply(&(yaml::secret() + &connection + &acme("")))
        .await;
    world.ready(Kind::Organization, "acme").await;
    world
}

async fn stranger_applies(world: &World, manifest: &str) {
    let placed = manifest.replace(
        "metadata: {",
        &format!("metadata: {{namespace: {STRANGER}, "),
    );
    world.apply_anywhere(&placed).await;
}

async fn stranger_sees(
    world: &World,
    (kind, name): (Kind, &str),
    type_: &str,
    says: &str,
) -> Object {
    let what = format!("{type_} {says}");
    world
        .wait_in(STRANGER, (kind, name), &what, |object| {
            object.says(type_) == says
        })
        .await
}

/// All that a status says, but for the times.
fn told(object: &Object) -> String {
    let mut status = object.at("/status").clone();
    for condition in status["conditions"].as_array_mut().unwrap() {
        condition["lastTransitionTime"] = Value::Null;
    }
    status.to_string()
}

#[tokio::test]
async fn a_connection_that_does_not_admit_is_told_in_the_words_of_one_that_is_missing() {
    let world = platform().await;
    for (name, connection) in [("foreign", "xopero"), ("dangling", "absent")] {
        let reference = format!("{{name: {connection}, namespace: {}}}", world.namespace);
        let meant = yaml::organization(name, "GitHub", "").replace("{name: xopero}", &reference);
        stranger_applies(&world, &meant).await;
    }
    let waits = "True WaitingForConnection";
    let foreign = (Kind::Organization, "foreign");
    let foreign = stranger_sees(&world, foreign, "Reconciling", waits).await;
    let dangling = (Kind::Organization, "dangling");
    let dangling = stranger_sees(&world, dangling, "Reconciling", waits).await;
    assert_eq!(told(&foreign), told(&dangling).replace("absent", "xopero"));
    world.end().await;
}

#[tokio::test]
async fn a_connection_to_a_server_of_his_own_gets_what_his_own_secret_holds_and_nothing_else() {
    let world = platform().await;
    let mallory = user("mallory@example.com", "his");
    let his = Simulator::start(state().user(mallory).with(organization("his"))).unwrap();
    let connection = resource(
        "XoperoConnection",
        "bait",
        &format!(
            "url: {}\ncredentialsSecretRef: {{name: account}}",
            his.url()
        ),
    );
    // With an organization that needs it, so that the operator has a reason to sign in.
    let needs = yaml::organization("his", "GitHub", "").replace("{name: xopero}", "{name: bait}");
    stranger_applies(&world, &(connection + &needs)).await;
    let bait = (Kind::Connection, "bait");
    stranger_sees(&world, bait, "Reconciling", "True WaitingForSecret").await;
    assert_eq!(his.journal(), [], "the platform team's has the same name");

    let account = yaml::secret()
        .replace(yaml::EMAIL, "mallory@example.com")
        .replace(yaml::PASSWORD, "his");
    let account = account.replace(
        "  name: account\n",
        &format!("  name: account\n  namespace: {STRANGER}\n"),
    );
    world.apply_anywhere(&account).await;
    let used = (Kind::Organization, "his");
    world
        .wait_in(STRANGER, used, "read with his account", Object::is_ready)
        .await;
    let calls = his.journal();
    assert!(!calls.is_empty());
    for call in calls {
        assert_eq!(
            call.user.as_deref(),
            Some("mallory@example.com"),
            "{call:?}"
        );
    }
    world.end().await;
}

/// The stranger's own organization, on the platform team's connection.
fn on_the_platform_teams(world: &World, organization: &str) -> String {
    let reference = format!("{{name: xopero, namespace: {}}}", world.namespace);
    organization.replace("{name: xopero}", &reference)
}

#[tokio::test]
async fn a_label_that_is_taken_away_ends_what_a_connection_admits_by_it() {
    let mut world = World::whole_cluster(state().with(organization("acme"))).await;
    world.kubectl(&["create", "namespace", STRANGER]).await;
    let admitted = ["label", "namespace", STRANGER, "team=backup"];
    world.kubectl(&admitted).await;
    world.start_operator().await;
    let admits = "allowedNamespaces: {from: Selector, selector: {matchLabels: {team: backup}}}";
    let connection = yaml::connection_with(world.simulator.url(), admits);
    world.apply(&(yaml::secret() + &connection)).await;
    // So seldom that nothing but the label has it looked at.
    let his = acme("").replace("resyncInterval: 1s", "resyncInterval: 1h");
    stranger_applies(&world, &on_the_platform_teams(&world, &his)).await;
    let his = (Kind::Organization, "acme");
    world
        .wait_in(STRANGER, his, "Ready", Object::is_ready)
        .await;

    let label = ["label", "namespace", STRANGER, "team-"];
    world.kubectl(&label).await;
    stranger_sees(&world, his, "Reconciling", "True WaitingForConnection").await;
    world.kubectl(&admitted).await;
    world
        .wait_in(STRANGER, his, "Ready again", Object::is_ready)
        .await;
    world.end().await;
}

#[tokio::test]
async fn a_stranger_does_not_hold_the_connection_that_he_names() {
    let world = platform().await;
    let his = on_the_platform_teams(&world, &acme(""));
    let needs = yaml::repository("web", "deletionPolicy: Detach");
    stranger_applies(&world, &(his + &needs)).await;
    let his = (Kind::Organization, "acme");
    world
        .wait_in(STRANGER, his, "needed by his resource", |object| {
            object.at("/metadata/finalizers")[0] == "xopero.dev/in-use"
        })
        .await;
    world.delete(Kind::Organization, "acme").await;
    world.gone(Kind::Organization, "acme").await;
    world.delete(Kind::Connection, "xopero").await;
    world.gone(Kind::Connection, "xopero").await;
    world.end().await;
}
