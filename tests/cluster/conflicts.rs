//! Contradictions are judged per item: the older keeps it, the younger is told and goes on with the rest.

use xopero_simulator::{
    Endpoint, State,
    builder::{organization, repository, state},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{acme, connection_with, plan, resource, secret},
};

fn three() -> State {
    state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with_all(["docs", "web"]),
    )
}

/// From here on only an event has the operator look at `acme` within the time that a test has.
async fn look_rarely(world: &World) {
    let rarely = acme("").replace("resyncInterval: 1s", "resyncInterval: 1h");
    world.apply(&rarely).await;
    let seen = |object: &Object| object.is_observed() && object.is_ready();
    world
        .wait_for(Kind::Organization, "acme", "looked at rarely", seen)
        .await;
}

fn repository_named(resource_name: &str, name: &str, more: &str) -> String {
    resource(
        "XoperoRepository",
        resource_name,
        &format!("organizationRef: {{name: acme}}\nname: {name}\n{more}"),
    )
}

#[tokio::test]
async fn promise_5_one_owner_the_older_wins_and_then_the_younger_takes_over() {
    let world = World::with(three()).await;
    world
        .apply(&(acme("") + &repository_named("z-older", "web", "license: Active")))
        .await;
    world.in_sync(Kind::Repository, "z-older").await;
    world.second_passes(Kind::Repository, "z-older").await;
    world
        .apply(&repository_named(
            "a-younger",
            "web",
            "license: Inactive\nplans: [Nightly]",
        ))
        .await;

    let younger = world
        .stalled(Kind::Repository, "a-younger", "Conflict")
        .await;
    assert!(
        younger.message("Stalled").contains("z-older"),
        "{}",
        younger.message("Stalled")
    );
    world
        .eventually(
            "the younger goes on with what is not in dispute",
            async || world.simulator.repository("acme", "web").unwrap().plans == ["Nightly"],
        )
        .await;
    world.in_sync(Kind::Repository, "z-older").await;
    world.quiet_for_three_resyncs().await;
    assert!(world.simulator.repository("acme", "web").unwrap().licensed);
    assert_eq!(world.calls(Endpoint::Deactivate), 0);

    look_rarely(&world).await;
    world.delete(Kind::Repository, "z-older").await;
    world.in_sync(Kind::Repository, "a-younger").await;
    assert!(!world.simulator.repository("acme", "web").unwrap().licensed);
    world.apply(&acme("")).await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.calls(Endpoint::Deactivate), 1);
    world.end().await;
}

#[tokio::test]
async fn a_plan_does_not_license_what_an_older_resource_wants_without_a_licence() {
    let world = World::with(three()).await;
    world
        .apply(&(acme("") + &repository_named("web", "web", "license: Inactive")))
        .await;
    world.in_sync(Kind::Repository, "web").await;
    world.second_passes(Kind::Repository, "web").await;
    world
        .apply(&plan("Nightly", "repositories: {include: ['**']}"))
        .await;

    let plan = world.stalled(Kind::Plan, "nightly", "Conflict").await;
    let message = plan.message("Stalled");
    assert!(message.contains("web"), "{message}");
    world
        .eventually("docs is in the plan", async || {
            world
                .members("acme", "Nightly")
                .contains(&"docs".to_owned())
        })
        .await;
    world.quiet_for_three_resyncs().await;
    assert!(!world.simulator.repository("acme", "web").unwrap().licensed);
    world.end().await;
}

#[tokio::test]
async fn settings_of_one_plan_are_those_of_the_older_resource() {
    let mut world = World::bare(three()).await;
    let connection = connection_with(world.url(), "planSettings: Allowed");
    world.apply(&(secret() + &connection)).await;
    world.start_operator().await;
    let settings = |name: &str, compression: &str| {
        let spec = format!(
            "organizationRef: {{name: acme}}\nplanName: Nightly\nsettings: {{parameters: {{compression: {compression}}}}}"
        );
        resource("XoperoBackupPlan", name, &spec)
    };
    world
        .apply(&(acme("") + &settings("z-older", "zstd")))
        .await;
    world.in_sync(Kind::Plan, "z-older").await;
    world.second_passes(Kind::Plan, "z-older").await;
    world
        .apply(&(settings("a-younger", "none") + &settings("b-agrees", "zstd")))
        .await;

    let younger = world.stalled(Kind::Plan, "a-younger", "Conflict").await;
    assert!(
        younger.message("Stalled").contains("z-older"),
        "{}",
        younger.message("Stalled")
    );
    world.in_sync(Kind::Plan, "b-agrees").await;
    world.quiet_for_three_resyncs().await;
    let compressions = |world: &World| {
        let sent = world.writes_since(0);
        sent.iter()
            .map(|entry| {
                entry.request["compression"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect::<Vec<_>>()
    };
    assert!(
        compressions(&world).iter().all(|sent| sent == "zstd"),
        "{:?}",
        compressions(&world)
    );

    world
        .kubectl(&["delete", "xplan", "z-older", "b-agrees"])
        .await;
    world.in_sync(Kind::Plan, "a-younger").await;
    assert_eq!(
        compressions(&world).last().map(String::as_str),
        Some("none")
    );
    let sent = compressions(&world).len();
    world.quiet_for_three_resyncs().await;
    assert_eq!(compressions(&world).len(), sent, "sent again");
    world.end().await;
}

#[tokio::test]
async fn of_two_resources_for_one_organization_the_older_writes_and_then_the_younger_takes_over() {
    let world = World::with(three()).await;
    world.apply(&acme("")).await;
    world.ready(Kind::Organization, "acme").await;
    world.second_passes(Kind::Organization, "acme").await;
    let second = acme("").replace("metadata: {name: acme}", "metadata: {name: a-second}");
    let of_second = plan("Nightly", "repositories: {include: [web]}").replace(
        "organizationRef: {name: acme}",
        "organizationRef: {name: a-second}",
    );
    world.apply(&(second + &of_second)).await;

    let younger = world
        .stalled(Kind::Organization, "a-second", "Conflict")
        .await;
    assert!(
        younger.message("Stalled").contains("acme"),
        "{}",
        younger.message("Stalled")
    );
    world
        .wait_for(
            Kind::Plan,
            "nightly",
            "waiting for its organization",
            |object| object.says("Reconciling") == "True WaitingForOrganization",
        )
        .await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    world.delete(Kind::Organization, "acme").await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.ready(Kind::Organization, "a-second").await;
    world.quiet_for_three_resyncs().await;
    world.end().await;
}

/// The older may come back, and so may what its claims ask for.
#[tokio::test]
async fn who_takes_over_spares_what_claims_name_whose_organization_is_gone_and_nothing_flaps_when_it_is_back()
 {
    let world = World::with(three()).await;
    let api =
        plan("Nightly", "repositories: {include: [api]}").replace("name: nightly", "name: first");
    world.apply(&(acme("") + &api)).await;
    world.in_sync(Kind::Plan, "first").await;
    world.second_passes(Kind::Organization, "acme").await;
    let second = acme("").replace("metadata: {name: acme}", "metadata: {name: a-second}");
    let of_second = "repositories: {include: [web]}\nmembership: Exclusive";
    let of_second = plan("Nightly", of_second).replace(
        "organizationRef: {name: acme}",
        "organizationRef: {name: a-second}",
    );
    world.apply(&(second + &of_second)).await;
    world
        .stalled(Kind::Organization, "a-second", "Conflict")
        .await;

    world.delete(Kind::Organization, "acme").await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    world
        .wait_for(Kind::Plan, "first", "without its organization", |object| {
            object.says("Reconciling") == "True WaitingForOrganization"
        })
        .await;

    // It is the younger one now.
    world.apply(&acme("")).await;
    world.stalled(Kind::Organization, "acme", "Conflict").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    world.delete(Kind::Organization, "acme").await;
    world.delete(Kind::Plan, "first").await;
    world
        .eventually("what nobody names any more is detached", async || {
            world.members("acme", "Nightly") == ["web"]
        })
        .await;
    world.end().await;
}

#[tokio::test]
async fn an_exclusive_plan_leaves_alone_what_a_claim_beside_it_names() {
    let world = World::with(three()).await;
    let exclusive = plan(
        "Nightly",
        "repositories: {include: [web]}\nmembership: Exclusive",
    );
    let beside = repository_named("api", "api", "plans: [Nightly]");
    world.apply(&(acme("") + &exclusive + &beside)).await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "api").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);
    world.end().await;
}

#[tokio::test]
async fn settings_of_one_plan_are_of_equal_age_those_of_the_name_that_sorts_first() {
    let mut world = World::bare(three()).await;
    let connection = connection_with(world.url(), "planSettings: Allowed");
    world.apply(&(secret() + &connection)).await;
    let settings = |name: &str, compression: &str| {
        let spec = format!(
            "organizationRef: {{name: acme}}\nplanName: Nightly\nsettings: {{parameters: {{compression: {compression}}}}}"
        );
        resource("XoperoBackupPlan", name, &spec)
    };
    let created = async |name: &str| {
        let object = world.get(Kind::Plan, name).await.unwrap();
        object.text("/metadata/creationTimestamp").to_owned()
    };
    // Creation times are in seconds: two of one apply share one, unless the second changes in between.
    loop {
        world
            .apply(&(settings("b-second", "none") + &settings("a-first", "zstd")))
            .await;
        if created("a-first").await == created("b-second").await {
            break;
        }
        world.kubectl(&["delete", "xplan", "--all"]).await;
    }
    world.apply(&acme("")).await;
    world.start_operator().await;
    let conflict = |object: &Object| {
        object.is_stalled("Conflict") && object.message("Stalled").contains("a-first")
    };
    world
        .wait_for(Kind::Plan, "b-second", "in conflict", conflict)
        .await;
    world.in_sync(Kind::Plan, "a-first").await;
    world.quiet_for_three_resyncs().await;
    let sent = world.writes_since(0);
    let sent = sent
        .iter()
        .map(|entry| entry.request["compression"].as_str());
    assert_eq!(sent.collect::<Vec<_>>(), [Some("zstd")]);
    world.end().await;
}

/// The older begins to manage between two listings.
#[tokio::test]
async fn who_manages_is_known_before_the_next_listing() {
    let world = World::with(three()).await;
    let seldom = |manifest: String| manifest.replace("resyncInterval: 1s", "resyncInterval: 1h");
    world.apply(&seldom(acme("mode: Observe"))).await;
    world.ready(Kind::Organization, "acme").await;
    world
        .apply(&seldom(acme("").replace("{name: acme}", "{name: zweite}")))
        .await;
    world.ready(Kind::Organization, "zweite").await;

    world.apply(&seldom(acme("mode: Manage"))).await;
    let conflict = |object: &Object| object.is_stalled("Conflict");
    world
        .wait_for(Kind::Organization, "zweite", "in conflict", conflict)
        .await;
    world.apply(&seldom(acme("mode: Observe"))).await;
    world.ready(Kind::Organization, "zweite").await;
    world.end().await;
}
