//! A resource that cannot be decoded: it says so, stops nothing else, and costs no attachment.

mod forced;

use xopero_simulator::{
    State,
    builder::{organization, repository, state},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{acme, connection, organization as organization_of, plan, resource, secret},
};

/// As an older definition, or an edit past the API server, would let it in.
const ANYTHING: &str = r#"[{"op": "replace", "path": "/spec/versions/0/schema/openAPIV3Schema",
  "value": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}]"#;

async fn let_anything_in(world: &World, kind: &str) {
    let definition = format!("{kind}.xopero.dev");
    let patch = ["patch", "crd", &definition, "--type=json", "-p", ANYTHING];
    world.kubectl(&patch).await;
}

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
    let_anything_in(&world, "xoperorepositories").await;
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
    let counted = undecodable(&world).await;
    assert!(counted > 0, "it is not counted");
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

/// It is another one that asks for the removal, by name: what can be read of the one that is broken is spared.
#[tokio::test]
async fn what_cannot_be_decoded_keeps_what_it_names_from_a_clean_up_of_another() {
    let acme_has = organization("acme")
        .plan("Nightly")
        .with(repository("api").licensed().in_plan("Nightly"))
        .with(repository("web").licensed().in_plan("Nightly"));
    let mut world = World::whole_cluster(state().licences(10).with(acme_has)).await;
    let_anything_in(&world, "xoperorepositories").await;
    let of_a_later_version = crate::yaml::repository("web", "plans: [Nightly]\nlicense: Sometimes");
    let lets_go = "repositories: {include: [api, web]}\ndeletionPolicy: Detach";
    let connected = secret() + &connection(world.url());
    world
        .apply(&(connected + &acme("") + &plan("Nightly", lets_go) + &of_a_later_version))
        .await;
    world.start_operator().await;
    world.stalled(Kind::Repository, "web", "InvalidSpec").await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.delete(Kind::Plan, "nightly").await;
    world.gone(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["web"]);
    world.end().await;
}

#[tokio::test]
async fn what_a_status_remembers_outlives_a_spec_that_cannot_be_decoded_and_a_restart() {
    let world = state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with(repository("old").licensed().in_plan("Nightly")),
    );
    let mut world = World::whole_cluster(world).await;
    let_anything_in(&world, "xoperoorganizations").await;
    let exclusive = "repositories: {include: [api]}\nmembership: Exclusive";
    let connected = secret() + &connection(world.url());
    world
        .apply(&(connected + &acme("") + &plan("Nightly", exclusive)))
        .await;
    world.start_operator().await;
    world.in_sync(Kind::Plan, "nightly").await;
    let counted = "/status/removals/inTheLastHour";
    let before = world.ready(Kind::Organization, "acme").await;
    assert!(before.at(counted).is_array(), "{before:?}");

    provider(&world, "Nobody").await;
    let stalled = world
        .stalled(Kind::Organization, "acme", "InvalidSpec")
        .await;
    assert_eq!(stalled.at(counted), before.at(counted));
    world.restart_operator().await;
    provider(&world, "GitHub").await;
    let after = world.ready(Kind::Organization, "acme").await;
    assert_eq!(after.at(counted), before.at(counted));
    world.end().await;
}

/// What was said of them before would else stand for as long as nobody touches them.
#[tokio::test]
async fn claims_of_an_organization_that_cannot_be_decoded_any_more_are_told_so() {
    let acme_has = organization("acme")
        .plan("Nightly")
        .with(repository("api").licensed().in_plan("Nightly"));
    let mut world = World::whole_cluster(state().licences(10).with(acme_has)).await;
    let_anything_in(&world, "xoperoorganizations").await;
    let connected = secret() + &connection(world.url());
    let selects = plan("Nightly", "repositories: {include: [api]}");
    world.apply(&(connected + &acme("") + &selects)).await;
    world.start_operator().await;
    world.in_sync(Kind::Plan, "nightly").await;

    provider(&world, "Nobody").await;
    let is_told = |object: &Object| {
        object.says("Reconciling") == "True WaitingForOrganization"
            && object.message("Reconciling").contains("cannot be decoded")
    };
    world
        .wait_for(Kind::Plan, "nightly", "told of its organization", is_told)
        .await;
    provider(&world, "GitHub").await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

/// It is of another resource for the same organization.
#[tokio::test]
async fn a_claim_beside_that_cannot_be_decoded_costs_no_attachment() {
    let acme_has = organization("acme")
        .plan("Nightly")
        .with(repository("api").licensed().in_plan("Nightly"))
        .with(repository("old").licensed().in_plan("Nightly"));
    let mut world = World::whole_cluster(state().licences(10).with(acme_has)).await;
    let_anything_in(&world, "xoperorepositories").await;
    // While the other one removes it lists nothing: whose listing it was would not be known.
    let second = acme("mode: Observe")
        .replace("{name: acme}", "{name: second}")
        .replace("resyncInterval: 1s", "resyncInterval: 1h");
    let of_second = |name: &str| {
        let spec = format!("organizationRef: {{name: second}}\nname: {name}\nplans: [Nightly]");
        resource("XoperoRepository", "beside", &spec)
    };
    let connected = secret() + &connection(world.url());
    world
        .apply(&(connected + &acme("") + &second + &of_second("7")))
        .await;
    world.start_operator().await;
    world.ready(Kind::Organization, "acme").await;
    world.ready(Kind::Organization, "second").await;
    let exclusive = "repositories: {include: [api]}\nmembership: Exclusive";
    world.apply(&plan("Nightly", exclusive)).await;
    let is_told = |object: &Object| {
        object.says("InSync") == "Unknown ClaimsNotVisible"
            && object.message("InSync").contains("beside")
    };
    world
        .wait_for(Kind::Plan, "nightly", "held for the one beside", is_told)
        .await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "old"]);

    world.apply(&of_second("api")).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["api"]);
    world.end().await;
}

/// It may have accepted what is deleted: only where there is none, nothing was done.
#[tokio::test]
async fn what_is_deleted_waits_for_an_organization_that_cannot_be_decoded() {
    let acme_has = organization("acme").plan("Nightly").with("web");
    let mut world = World::whole_cluster(state().licences(10).with(acme_has)).await;
    let_anything_in(&world, "xoperoorganizations").await;
    let web = crate::yaml::repository("web", "plans: [Nightly]\ndeletionPolicy: Detach");
    let broken = organization_of("acme", "7", "");
    world
        .apply(&(secret() + &connection(world.url()) + &broken + &web))
        .await;
    world.start_operator().await;
    let says = async |reason: &'static str| {
        let says = move |object: &Object| object.says("Reconciling") == format!("True {reason}");
        world.wait_for(Kind::Repository, "web", reason, says).await;
    };
    says("WaitingForOrganization").await;
    world.delete(Kind::Repository, "web").await;
    says("Deleting").await;
    world.apply(&acme("")).await;
    world.gone(Kind::Repository, "web").await;
    world.end().await;
}

/// Once nobody has anything to undo there, its finalizer is no reason to hang.
#[tokio::test]
async fn an_organization_that_cannot_be_decoded_goes_once_nobody_needs_it() {
    let mut world = World::whole_cluster(state()).await;
    let_anything_in(&world, "xoperoorganizations").await;
    let cleanup = |repository: String| {
        repository.replace(
            "metadata: {",
            "metadata: {finalizers: [xopero.dev/cleanup], ",
        )
    };
    let held = organization_of("acme", "7", "").replace(
        "metadata: {",
        "metadata: {finalizers: [xopero.dev/in-use], ",
    );
    let web = crate::yaml::repository("web", "plans: [Nightly]\ndeletionPolicy: Detach");
    world
        .apply(&(secret() + &connection(world.url()) + &held + &cleanup(web)))
        .await;
    world.start_operator().await;
    world.delete(Kind::Organization, "acme").await;
    world
        .stalled(Kind::Organization, "acme", "InvalidSpec")
        .await;
    world.delete(Kind::Repository, "web").await;
    let is_leaving = |object: &Object| object.says("Reconciling") == "True Deleting";
    world
        .wait_for(Kind::Repository, "web", "being deleted", is_leaving)
        .await;
    let organization = world.get(Kind::Organization, "acme").await;
    assert!(organization.is_some(), "the repository needs it");
    let forced = "xopero.dev/force-finalize=true";
    world.annotate(Kind::Repository, "web", forced).await;
    world.gone(Kind::Repository, "web").await;
    world.gone(Kind::Organization, "acme").await;
    world.end().await;
}

/// Writes another provider into the spec of `acme`.
async fn provider(world: &World, provider: &str) {
    let patch = format!("{{\"spec\": {{\"provider\": \"{provider}\"}}}}");
    world
        .kubectl(&["patch", "xorg/acme", "--type=merge", "-p", &patch])
        .await;
}

/// Passes that met a repository that could not be decoded, as `/metrics` shows them.
async fn undecodable(world: &World) -> u64 {
    let shown = world.metrics("text/plain").await;
    let name = r#"xopero_operator_undecodable_resources_total{kind="XoperoRepository"} "#;
    let mut counts = shown.lines().filter_map(|line| line.strip_prefix(name));
    let count = counts.next().and_then(|count| count.parse().ok());
    count.unwrap_or_default()
}

#[tokio::test]
async fn promise_10_bad_input_stops_removals_where_it_may_belong_and_everywhere_if_that_cannot_be_read()
 {
    let two = ["acme", "beta"].map(|name| {
        let in_plan =
            |repository_name: &str| repository(repository_name).licensed().in_plan("Nightly");
        let organization = organization(name).plan("Nightly");
        organization.with(in_plan("api")).with(in_plan("old"))
    });
    let mut world =
        World::whole_cluster(two.into_iter().fold(state().licences(10), State::with)).await;
    let_anything_in(&world, "xoperorepositories").await;
    let broken = |reference: &str| {
        let spec = format!("organizationRef: {reference}\nname: 7");
        resource("XoperoRepository", "broken", &spec)
    };
    let exclusive = |organization: &str| {
        let spec = format!(
            "organizationRef: {{name: {organization}}}\nplanName: Nightly\nrepositories: {{include: [api]}}\nmembership: Exclusive"
        );
        resource("XoperoBackupPlan", organization, &spec)
    };
    let connected = secret() + &connection(world.url());
    let beta = organization_of("beta", "GitHub", "");
    let claims = exclusive("acme") + &exclusive("beta") + &broken("{name: acme}");
    world
        .apply(&(connected + &acme("") + &beta + &claims))
        .await;
    world.start_operator().await;

    let unsure = |object: &Object| object.says("InSync") == "Unknown ClaimsNotVisible";
    world.wait_for(Kind::Plan, "acme", "unsure", unsure).await;
    world.in_sync(Kind::Plan, "beta").await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "old"]);
    assert_eq!(world.members("beta", "Nightly"), ["api"]);

    world.apply(&broken("7")).await;
    world.simulator.attach("beta", "Nightly", "old").unwrap();
    world
        .wait_for(Kind::Plan, "beta", "unsure, too", unsure)
        .await;
    world.quiet_for_three_resyncs().await;
    for name in ["acme", "beta"] {
        assert_eq!(world.members(name, "Nightly"), ["api", "old"]);
    }

    world.delete(Kind::Repository, "broken").await;
    world.in_sync(Kind::Plan, "acme").await;
    world.in_sync(Kind::Plan, "beta").await;
    for name in ["acme", "beta"] {
        assert_eq!(world.members(name, "Nightly"), ["api"]);
    }
    world.end().await;
}
