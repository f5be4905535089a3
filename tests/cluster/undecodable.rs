//! A resource that cannot be decoded: it says so, stops nothing else, and costs no attachment.

use xopero_simulator::builder::{organization, repository, state};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, connection, plan, resource, secret},
};

/// As an older definition, or an edit past the API server, would let it in.
const ANYTHING: &str = r#"[{"op": "replace", "path": "/spec/versions/0/schema/openAPIV3Schema",
  "value": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}]"#;

#[tokio::test]
async fn promise_10_bad_input_says_so_once_stops_nothing_else_and_costs_no_attachment() {
    let world = state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with(repository("old").licensed().in_plan("Nightly"))
            .with("web"),
    );
    let mut world = World::whole_cluster(world).await;
    let definition = "xoperorepositories.xopero.dev";
    world
        .kubectl(&["patch", "crd", definition, "--type=json", "-p", ANYTHING])
        .await;
    let exclusive = "repositories: {include: [api, web]}\nmembership: Exclusive";
    let broken = |name: &str| {
        let spec = format!("organizationRef: {{name: acme}}\nname: {name}");
        resource("XoperoRepository", "broken", &spec)
    };
    let connected = secret() + &connection(world.url());
    world
        .apply(&(connected + &acme("") + &plan("Nightly", exclusive) + &broken("7")))
        .await;
    world.start_operator().await;

    let stalled = world
        .stalled(Kind::Repository, "broken", "InvalidSpec")
        .await;
    let message = stalled.message("Stalled");
    assert!(
        message.contains("cannot be decoded") && message.contains("correct it"),
        "{message}"
    );
    world
        .wait_for(Kind::Plan, "nightly", "InSync Unknown", |object| {
            object.says("InSync") == "Unknown ClaimsNotVisible"
        })
        .await;
    // What adds goes on; what no claim seems to name may be named by the one that cannot be read.
    assert_eq!(world.members("acme", "Nightly"), ["api", "old", "web"]);
    world.quiet_for_three_resyncs().await;
    let before = world.get(Kind::Repository, "broken").await.unwrap();
    // A new process finds it said already; its condition keeps the time since when it is so.
    world.restart_operator().await;
    world.rounds(3).await;
    let after = world.get(Kind::Repository, "broken").await.unwrap();
    assert_eq!(after.version(), before.version(), "it was written again");
    assert_eq!(world.members("acme", "Nightly"), ["api", "old", "web"]);

    world.apply(&broken("web")).await;
    world
        .eventually("old is detached once every claim can be read", async || {
            world.members("acme", "Nightly") == ["api", "web"]
        })
        .await;
    world.end().await;
}
