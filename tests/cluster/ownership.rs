//! One owner, whatever the way on which two resources come to the same organization; of equal age, the name decides; and nothing
//! flaps.

use std::time::Duration;

use rstest::rstest;
use xopero_simulator::{
    Effect, Endpoint, Fault, Simulator, State,
    builder::{organization, repository, state, user},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme, resource},
};

fn two() -> State {
    state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with("web"),
    )
}

fn conflicts_with(object: &Object, other: &str) -> bool {
    object.is_stalled("Conflict") && object.message("Stalled").contains(other)
}

/// The organization `acme` under another name, through this connection.
fn second_organization(name: &str, connection: &str) -> String {
    acme("")
        .replace(
            "metadata: {name: acme}",
            &format!("metadata: {{name: {name}}}"),
        )
        .replace(
            "connectionRef: {name: xopero}",
            &format!("connectionRef: {{name: {connection}}}"),
        )
}

fn plan_of(organization: &str, name: &str, include: &str) -> String {
    resource(
        "XoperoBackupPlan",
        name,
        &format!(
            "organizationRef: {{name: {organization}}}\nplanName: Nightly\nrepositories: {{include: [{include}]}}"
        ),
    )
}

#[tokio::test]
async fn through_two_connections_to_one_instance_an_organization_has_one_owner() {
    let mut world = World::with(two()).await;
    // Each connection has its own login, and the monitor cannot tell whose one is.
    world.excuse("a second login while one is in flight");
    let url = world.url();
    let second = yaml::connection(&url).replace("metadata: {name: xopero}", "metadata: {name: b}");
    world
        .apply(&(second + &acme("") + &plan_of("acme", "first", "api")))
        .await;
    world.in_sync(Kind::Plan, "first").await;
    // Younger, as the first has been written to by now, though perhaps by less than a second: its name sorts after it.
    world
        .apply(&(second_organization("zweite", "b") + &plan_of("zweite", "second", "web")))
        .await;

    let conflict = |object: &Object| conflicts_with(object, "acme");
    world
        .wait_for(Kind::Organization, "zweite", "in conflict", conflict)
        .await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.members("acme", "Nightly"), ["api"]);

    // The older leaves, and the younger takes over without being touched.
    world.delete(Kind::Organization, "acme").await;
    world.in_sync(Kind::Plan, "second").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);
    world.end().await;
}

#[tokio::test]
async fn an_owner_that_is_deleted_while_it_is_listed_does_not_come_back() {
    let world = World::with(two()).await;
    // The younger looks once, so that it is the older's listing that takes long.
    let younger = second_organization("zweite", "xopero")
        .replace("resyncInterval: 1s", "resyncInterval: 1h")
        + &plan_of("zweite", "second", "web");
    world.apply(&acme("")).await;
    world.ready(Kind::Organization, "acme").await;
    world.apply(&younger).await;
    let conflict = |object: &Object| conflicts_with(object, "acme");
    world
        .wait_for(Kind::Organization, "zweite", "in conflict", conflict)
        .await;

    let slow = Effect::Slow(Duration::from_secs(3));
    let slow = Fault::on(Endpoint::ListRepositories, slow).until_healed();
    let slow = world.simulator.inject(slow);
    let before = world.calls(Endpoint::ListRepositories);
    world
        .eventually("the older is being listed", async || {
            world.calls(Endpoint::ListRepositories) > before
        })
        .await;
    world.delete(Kind::Organization, "acme").await;
    assert!(world.simulator.heal(slow));
    world.in_sync(Kind::Plan, "second").await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    world.end().await;
}

#[tokio::test]
async fn in_two_namespaces_an_organization_has_one_owner() {
    let mut world = World::whole_cluster(two()).await;
    world.kubectl(&["create", "namespace", "zone"]).await;
    world.start_operator().await;
    let home = world.namespace.clone();
    let open = yaml::connection_with(world.url(), "allowedNamespaces: {from: All}");
    world
        .apply(&(yaml::secret() + &open + &acme("") + &plan_of("acme", "first", "api")))
        .await;
    world.in_sync(Kind::Plan, "first").await;
    let there = second_organization("zweite", "xopero").replace(
        "connectionRef: {name: xopero}",
        &format!("connectionRef: {{name: xopero, namespace: {home}}}"),
    ) + &plan_of("zweite", "second", "web");
    let there = there.replace("metadata: {", "metadata: {namespace: zone, ");
    world.apply_anywhere(&there).await;

    let conflict = |object: &Object| object.is_stalled("Conflict");
    let key = (Kind::Organization, "zweite");
    world.wait_in("zone", key, "in conflict", conflict).await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.members("acme", "Nightly"), ["api"]);

    world.delete(Kind::Organization, "acme").await;
    let key = (Kind::Plan, "second");
    world
        .wait_in("zone", key, "in force", Object::is_ready)
        .await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    world.quiet_for_three_resyncs().await;
    world.end().await;
}

#[tokio::test]
async fn an_organization_that_is_only_observed_contends_for_nothing() {
    let world = World::with(two()).await;
    let observing = acme("mode: Observe") + &plan_of("acme", "observed", "web");
    world.apply(&observing).await;
    world.ready(Kind::Organization, "acme").await;
    world
        .apply(&(second_organization("zweite", "xopero") + &plan_of("zweite", "managed", "api")))
        .await;
    world.in_sync(Kind::Plan, "managed").await;
    world.ready(Kind::Organization, "zweite").await;
    world.ready(Kind::Organization, "acme").await;
    // It goes on telling the difference, and nobody closes it.
    let differs = |object: &Object| object.is_ready() && object.says("InSync").starts_with("False");
    world
        .wait_for(Kind::Plan, "observed", "showing its drift", differs)
        .await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[rstest]
#[case::a_licence("license: Active", "license: Inactive")]
#[case::the_other_way_round("license: Inactive", "license: Active")]
#[tokio::test]
async fn of_equal_age_the_name_decides(#[case] first: &str, #[case] second: &str) {
    let world = World::with(two()).await;
    world.apply(&acme("")).await;
    world.ready(Kind::Organization, "acme").await;
    let named = |name: &str, more: &str| {
        let spec = format!("organizationRef: {{name: acme}}\nname: web\n{more}");
        resource("XoperoRepository", name, &spec)
    };
    // Creation times are in seconds: two resources of one apply share one, unless the second changes in between.
    let created = async |name: &str| {
        let object = world.get(Kind::Repository, name).await.unwrap();
        object.text("/metadata/creationTimestamp").to_owned()
    };
    loop {
        // The one that has to give way is there first.
        world
            .apply(&(named("b-second", second) + &named("a-first", first)))
            .await;
        if created("a-first").await == created("b-second").await {
            break;
        }
        world
            .kubectl(&["delete", "xrepo", "a-first", "b-second"])
            .await;
    }

    let conflict = |object: &Object| conflicts_with(object, "a-first");
    world
        .wait_for(Kind::Repository, "b-second", "in conflict", conflict)
        .await;
    world.in_sync(Kind::Repository, "a-first").await;
    world.quiet_for_three_resyncs().await;
    let licensed = world.simulator.repository("acme", "web").unwrap().licensed;
    assert_eq!(licensed, first == "license: Active");
    world.end().await;
}

/// The organization `zweite`, younger than `acme`, with a plan of its own; both there before the operator starts.
async fn older_and_younger(world: &mut World, older: &str) {
    let first = yaml::secret() + &yaml::connection(world.url());
    let second = older.replace("metadata: {name: xopero}", "metadata: {name: b}");
    let acme = acme("").replace("connectionRef: {name: xopero}", "connectionRef: {name: b}");
    world.apply(&(first + &second + &acme)).await;
    let younger = second_organization("zweite", "xopero");
    world
        .apply(&(younger + &plan_of("zweite", "second", "web")))
        .await;
    world.start_operator().await;
}

#[tokio::test]
async fn a_younger_organization_writes_nothing_before_the_older_was_looked_at() {
    let mut world = World::bare(two()).await;
    let url = world.url();
    // One call a second: the younger has long been read when it comes to the older.
    let slow = yaml::connection(&url).replace("perSecond: 1000", "perSecond: 1");
    world.excuse("a second login while one is in flight");
    older_and_younger(&mut world, &slow).await;
    let conflict = |object: &Object| conflicts_with(object, "acme");
    world
        .wait_for(Kind::Organization, "zweite", "in conflict", conflict)
        .await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn an_older_organization_that_cannot_be_looked_at_does_not_stop_the_younger() {
    let mut world = World::bare(two()).await;
    // Nobody listens there.
    let dead = yaml::connection("http://127.0.0.1:1");
    older_and_younger(&mut world, &dead).await;
    world.in_sync(Kind::Plan, "second").await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    world.end().await;
}

#[tokio::test]
async fn an_organization_that_was_never_admitted_holds_up_no_removal() {
    let mut world = World::whole_cluster(two()).await;
    world.kubectl(&["create", "namespace", "stranger"]).await;
    world.start_operator().await;
    let home = world.namespace.clone();
    let twin = second_organization("zweite", "xopero").replace(
        "connectionRef: {name: xopero}",
        &format!("connectionRef: {{name: xopero, namespace: {home}}}"),
    );
    let twin = twin.replace("metadata: {", "metadata: {namespace: stranger, ");
    world.apply_anywhere(&twin).await;
    let connection = yaml::connection(world.url());
    let exclusive = plan_of("acme", "first", "web") + "  membership: Exclusive\n";
    world
        .apply(&(yaml::secret() + &connection + &acme("") + &exclusive))
        .await;
    world.in_sync(Kind::Plan, "first").await;
    assert_eq!(world.members("acme", "Nightly"), ["web"]);

    // Once it is admitted it counts, as the older that it is.
    let open = yaml::connection_with(world.url(), "allowedNamespaces: {from: All}");
    world.apply(&open).await;
    let conflict = |object: &Object| conflicts_with(object, "stranger/zweite");
    world
        .wait_for(Kind::Organization, "acme", "in conflict", conflict)
        .await;
    world.end().await;
}

/// Neither a connection that is not there nor another address tells that it is another organization: the one may come, and the other may lead
/// to the same Xopero ONE. That there is none of that name tells it.
#[tokio::test]
async fn an_organization_that_leads_nowhere_holds_up_removals_until_it_is_not_found_elsewhere() {
    let world = World::with(two()).await;
    let leading_to = |url: &str| yaml::connection(url).replace("name: xopero}", "name: other}");
    let twin = second_organization("zweite", "other");
    let exclusive = plan_of("acme", "first", "web") + "  membership: Exclusive\n";
    world.apply(&(twin + &acme("") + &exclusive)).await;
    let waits = |object: &Object| {
        object.says("InSync") == "Unknown ClaimsNotVisible"
            && object.message("InSync").contains("zweite")
    };
    let first = async |what| {
        world.wait_for(Kind::Plan, "first", what, waits).await;
        assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    };
    first("waiting for one without a connection").await;
    world.apply(&leading_to("http://127.0.0.1:9")).await;
    let is_tried = |object: &Object| object.says("Reconciling") == "True ApiUnavailable";
    world
        .wait_for(Kind::Organization, "zweite", "tried in vain", is_tried)
        .await;
    first("waiting for one that does not answer").await;

    let user = user(yaml::EMAIL, yaml::PASSWORD);
    let elsewhere = state().user(user).with(organization("globex"));
    let elsewhere = Simulator::start(elsewhere).unwrap();
    world.apply(&leading_to(&elsewhere.url())).await;
    world.in_sync(Kind::Plan, "first").await;
    assert_eq!(world.members("acme", "Nightly"), ["web"]);
    world.end().await;
}

/// Its claims protect there, though who it is there is not known.
#[tokio::test]
async fn an_organization_whose_connection_leads_elsewhere_now_holds_up_removals_there() {
    let mut world = World::with(two()).await;
    let leading_to = |url: &str| yaml::connection(url).replace("name: xopero}", "name: other}");
    let user = user("elsewhere@example.com", yaml::PASSWORD);
    // Of another id.
    let same = organization("Acme").plan("Nightly");
    let same = same.with(repository("api").licensed().in_plan("Nightly"));
    let elsewhere = state().user(user).licences(10).with(same.with("web"));
    let elsewhere = Simulator::start(elsewhere).unwrap();
    let account = yaml::secret()
        .replace("name: account", "name: other-account")
        .replace(yaml::EMAIL, "elsewhere@example.com");
    let connection = leading_to(&elsewhere.url()).replace("name: account}", "name: other-account}");
    let twin = second_organization("zweite", "other");
    world
        .apply(&(account + &connection + &twin + &acme("")))
        .await;
    world.ready(Kind::Organization, "acme").await;
    world.ready(Kind::Organization, "zweite").await;

    // Its account is not known there.
    world.apply(&yaml::connection(elsewhere.url())).await;
    let is_left = |object: &Object| object.says("Reconciling") == "True WaitingForConnection";
    world
        .wait_for(Kind::Organization, "acme", "not let in", is_left)
        .await;
    let exclusive = plan_of("zweite", "second", "web") + "  membership: Exclusive\n";
    world.apply(&exclusive).await;
    let waits = |object: &Object| {
        object.says("InSync") == "Unknown ClaimsNotVisible"
            && object.message("InSync").contains("acme")
    };
    world
        .wait_for(Kind::Plan, "second", "waiting for the other", waits)
        .await;
    world.restart_operator().await;
    world.request(Kind::Plan, "second", "now").await;
    let waits_still =
        |object: &Object| object.text("/status/lastHandledReconcileAt") == "now" && waits(object);
    world
        .wait_for(Kind::Plan, "second", "waiting still", waits_still)
        .await;

    world.apply(&yaml::connection(world.url())).await;
    world.in_sync(Kind::Plan, "second").await;
    world.end().await;
}

/// Another resource of the organization was only found by the process before; its claims spare what they name all the same.
#[tokio::test]
async fn after_a_restart_the_older_spares_what_a_claim_of_the_younger_names() {
    let mut world = World::with(two()).await;
    world.apply(&acme("")).await;
    world.ready(Kind::Organization, "acme").await;
    let younger = second_organization("zweite", "xopero") + &plan_of("zweite", "second", "api");
    world.apply(&younger).await;
    let conflict = |object: &Object| object.is_stalled("Conflict");
    world
        .wait_for(Kind::Organization, "zweite", "in conflict", conflict)
        .await;
    let spec = "organizationRef: {name: acme}\nname: api\nlicense: Inactive";
    world
        .apply(&resource("XoperoRepository", "api", spec))
        .await;
    world
        .wait_for(Kind::Repository, "api", "in conflict", conflict)
        .await;
    let before = world.calls(Endpoint::Deactivate);
    for _ in 0..3 {
        world.restart_operator().await;
        world.quiet_for_three_resyncs().await;
    }
    assert_eq!(world.calls(Endpoint::Deactivate), before);
    world.end().await;
}
