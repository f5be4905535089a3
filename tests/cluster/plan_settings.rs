//! A plan that serves two organizations has its settings once: who declares them is judged across both.

use serde_json::Value;
use uuid::Uuid;
use xopero_simulator::{
    Dialect, Endpoint, Fault, State,
    builder::{self, organization, repository, state},
    dialect::RepoCount,
    faults::Status,
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{acme, connection_with, resource, secret},
};

/// `acme` and `globex` with one plan that serves both.
fn one_plan() -> State {
    let nightly = || builder::plan("Nightly").id(Uuid::from_u128(7));
    let of = |name: &str, with: &str| {
        let repository = repository(with).licensed().in_plan("Nightly");
        organization(name).plan(nightly()).with(repository)
    };
    state()
        .licences(10)
        .with(of("acme", "api"))
        .with(of("globex", "shop"))
}

async fn world() -> World {
    world_of(one_plan()).await
}

async fn world_of(state: State) -> World {
    let world = World::bare(state).await;
    let connection = connection_with(world.url(), "planSettings: Allowed");
    world.apply(&(secret() + &connection)).await;
    world
}

fn globex() -> String {
    crate::yaml::organization("globex", "GitHub", "")
}

/// Nothing but what is known of the other has an organization looked at within the time that a test has.
fn seldom(manifest: &str) -> String {
    manifest.replace("resyncInterval: 1s", "resyncInterval: 1h")
}

fn setting(name: &str, organization: &str, compression: &str) -> String {
    let spec = format!(
        "organizationRef: {{name: {organization}}}\nplanName: Nightly\nsettings: {{parameters: {{compression: {compression}}}}}"
    );
    resource("XoperoBackupPlan", name, &spec)
}

impl World {
    /// What was sent to the plan, in order.
    fn compressions(&self) -> Vec<String> {
        let sent = self.writes_since(0);
        let sent = sent.iter().map(|entry| entry.request.get("compression"));
        sent.map(|value| value.and_then(Value::as_str).unwrap_or_default().to_owned())
            .collect()
    }

    async fn in_conflict_with(&self, name: &str, other: &str) {
        let names = |object: &Object| {
            object.is_stalled("Conflict") && object.message("Stalled").contains(other)
        };
        let what = format!("in conflict with {other}");
        self.wait_for(Kind::Plan, name, &what, names).await;
    }
}

#[tokio::test]
async fn promise_5_a_plan_of_two_organizations_is_set_by_the_older_resource() {
    let mut world = world().await;
    world.start_operator().await;
    let older = setting("z-older", "acme", "zstd");
    world.apply(&(acme("") + &globex() + &older)).await;
    world.in_sync(Kind::Plan, "z-older").await;
    world.second_passes(Kind::Plan, "z-older").await;
    let agrees = setting("b-agrees", "globex", "zstd");
    let younger = setting("a-younger", "globex", "none");
    world.apply(&(younger + &agrees)).await;

    world.in_conflict_with("a-younger", "z-older").await;
    world.in_sync(Kind::Plan, "b-agrees").await;
    world.in_sync(Kind::Plan, "z-older").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.compressions(), ["zstd"]);
    world.restart_operator().await;
    world.quiet_for_three_resyncs().await;
    world.in_conflict_with("a-younger", "z-older").await;
    assert_eq!(world.compressions(), ["zstd"]);

    world.apply(&seldom(&(acme("") + &globex()))).await;
    for name in ["acme", "globex"] {
        let is_observed = |object: &Object| object.is_observed() && object.is_ready();
        let what = "looked at seldom";
        world
            .wait_for(Kind::Organization, name, what, is_observed)
            .await;
    }
    world
        .kubectl(&["delete", "xplan", "z-older", "b-agrees"])
        .await;
    world.in_sync(Kind::Plan, "a-younger").await;
    assert_eq!(world.compressions(), ["zstd", "none"]);
    world.apply(&(acme("") + &globex())).await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.compressions(), ["zstd", "none"]);
    world.end().await;
}

/// Its organization may be read last: nothing is sent before.
#[tokio::test]
async fn of_what_is_new_the_oldest_sets_the_plan_though_its_organization_is_read_last() {
    let mut world = world().await;
    let unread = Fault::on(Endpoint::ListRepositories, Status::code(503)).target("globex");
    world.simulator.inject(unread.times(2));
    world.apply(&setting("z-older", "globex", "zstd")).await;
    world.second_passes(Kind::Plan, "z-older").await;
    world.apply(&setting("a-younger", "acme", "none")).await;
    world.apply(&(acme("") + &globex())).await;
    world.start_operator().await;

    world.in_sync(Kind::Plan, "z-older").await;
    world.in_conflict_with("a-younger", "z-older").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.compressions(), ["zstd"]);
    world.end().await;
}

/// What it set before stays as long as it is not known to be wanted no more.
#[tokio::test]
async fn the_younger_does_not_take_over_while_the_organization_of_the_older_cannot_be_read() {
    let mut world = world().await;
    world.start_operator().await;
    let older = setting("z-older", "globex", "zstd");
    world.apply(&(acme("") + &globex() + &older)).await;
    world.in_sync(Kind::Plan, "z-older").await;
    world.second_passes(Kind::Plan, "z-older").await;
    world.apply(&setting("a-younger", "acme", "none")).await;
    world.in_conflict_with("a-younger", "z-older").await;

    world.stop_operator().await;
    let unread = Fault::on(Endpoint::ListRepositories, Status::code(503)).target("globex");
    let fault = world.simulator.inject(unread.until_healed());
    world.start_operator().await;
    let waits = |object: &Object| object.says("Reconciling") == "True ApiUnavailable";
    world
        .wait_for(Kind::Organization, "globex", "not to be read", waits)
        .await;
    let start = world.simulator.last_number();
    world
        .eventually("acme is looked at again", async || {
            let calls = world.simulator.journal_since(start);
            let of_acme = calls.iter().filter(|call| {
                call.endpoint == Some(Endpoint::ListRepositories)
                    && call
                        .targets
                        .iter()
                        .any(|target| target.name.as_deref() == Some("acme"))
            });
            of_acme.count() > 3
        })
        .await;
    world.in_conflict_with("a-younger", "z-older").await;
    assert_eq!(world.compressions(), ["zstd"]);

    // What a person does about it counts all the same.
    let agrees = setting("z-older", "globex", "none");
    world.apply(&agrees).await;
    world.in_sync(Kind::Plan, "a-younger").await;
    assert_eq!(world.compressions(), ["zstd", "none"]);

    world.simulator.heal(fault);
    world.in_sync(Kind::Plan, "z-older").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.compressions(), ["zstd", "none"]);
    world.end().await;
}

/// What each has sent before is in force no more once the other has sent its own.
#[tokio::test]
async fn who_takes_over_sends_again_what_it_sent_before_the_other_did() {
    let mut world = world().await;
    world.start_operator().await;
    let managed = |mode: &str| seldom(&acme(&format!("mode: {mode}")));
    let older = setting("z-older", "acme", "zstd");
    world.apply(&(managed("Observe") + &older)).await;
    let observed = |object: &Object| object.says("Ready") == "True Observed";
    world
        .wait_for(Kind::Plan, "z-older", "observed", observed)
        .await;
    world.second_passes(Kind::Plan, "z-older").await;
    let younger = setting("a-younger", "globex", "none");
    world.apply(&(seldom(&globex()) + &younger)).await;
    world.in_sync(Kind::Plan, "a-younger").await;
    let mut sent = vec!["none"];
    assert_eq!(world.compressions(), sent);
    for _ in 0..2 {
        world.apply(&managed("Manage")).await;
        world.in_sync(Kind::Plan, "z-older").await;
        world.in_conflict_with("a-younger", "z-older").await;
        world.apply(&managed("Observe")).await;
        world.in_sync(Kind::Plan, "a-younger").await;
        sent.extend(["zstd", "none"]);
        assert_eq!(world.compressions(), sent);
    }
    world.end().await;
}

/// What the plan lost since it was listed last, and before its settings were sent, is nothing that they did.
#[tokio::test]
async fn what_a_person_took_out_before_is_not_taken_for_harm_that_settings_did() {
    let counted_over_all = Dialect {
        repo_count: RepoCount::OfThePlan,
        ..Dialect::default()
    };
    let mut world = world_of(one_plan().dialect(counted_over_all)).await;
    world.start_operator().await;
    world.apply(&seldom(&(acme("") + &globex()))).await;
    for name in ["acme", "globex"] {
        world
            .wait_for(Kind::Organization, name, "ready", Object::is_ready)
            .await;
    }
    world.simulator.detach("globex", "Nightly", "shop").unwrap();
    world.apply(&setting("nightly", "acme", "zstd")).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.compressions(), ["zstd"]);
    world.end().await;
}
