//! An organization that claims of other namespaces may use, as far as it admits them.

use rstest::rstest;
use xopero_simulator::{
    Endpoint, State,
    builder::{organization, repository, state},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{acme, in_namespace, resource},
};

fn shared() -> State {
    state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with(repository("x").licensed().in_plan("Nightly"))
            .with("web"),
    )
}

/// In another namespace than the organization's.
async fn apply_in(world: &World, namespace: &str, manifests: &str) {
    let manifests = in_namespace(namespace, &world.namespace, manifests);
    world.apply_anywhere(&manifests).await;
}

async fn wait_in(
    world: &World,
    namespace: &str,
    name: &str,
    what: &str,
    holds: impl Fn(&Object) -> bool,
) {
    world
        .wait_in(namespace, (Kind::Plan, name), what, holds)
        .await;
}

fn plan_named(name: &str, more: &str) -> String {
    resource(
        "XoperoBackupPlan",
        name,
        &format!("organizationRef: {{name: acme}}\nplanName: Nightly\n{more}"),
    )
}

#[tokio::test]
async fn another_namespace_may_add_where_it_is_admitted_and_everything_with_full_rights() {
    let mut world = World::whole_cluster(shared()).await;
    for namespace in ["admitted", "stranger"] {
        world.kubectl(&["create", "namespace", namespace]).await;
    }
    world
        .kubectl(&["label", "namespace", "admitted", "team=backup"])
        .await;
    world.start_operator().await;
    let url = world.url();
    let admitting = "{from: Selector, selector: {matchLabels: {team: backup}}}";
    let organization = acme(&format!("allowedNamespaces: {admitting}"));
    world
        .apply(&(crate::yaml::secret() + &crate::yaml::connection(url) + &organization))
        .await;
    let adds = plan_named("adds", "repositories: {include: [web]}");
    let removes = plan_named(
        "removes",
        "repositories: {include: [api, web]}\nmembership: Exclusive",
    );
    apply_in(&world, "stranger", &adds).await;
    apply_in(&world, "admitted", &(adds.clone() + &removes)).await;

    wait_in(
        &world,
        "admitted",
        "adds",
        "what may add is Ready",
        Object::is_ready,
    )
    .await;
    wait_in(
        &world,
        "admitted",
        "removes",
        "what would remove is not permitted",
        |object| object.is_stalled("NotPermitted"),
    )
    .await;
    // What is not admitted learns no more than of something that does not exist.
    apply_in(
        &world,
        "stranger",
        &plan_named("dangling", "").replace("{name: acme}", "{name: nothing, namespace: admitted}"),
    )
    .await;
    for name in ["adds", "dangling"] {
        wait_in(&world, "stranger", name, "a stranger waits", |object| {
            object.says("Reconciling") == "True WaitingForOrganization"
        })
        .await;
    }
    assert_eq!(world.members("acme", "Nightly"), ["api", "web", "x"]);
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);

    let full = admitting.replace("from: Selector", "from: Selector, rights: Full");
    world
        .apply(&acme(&format!("allowedNamespaces: {full}")))
        .await;
    wait_in(
        &world,
        "admitted",
        "removes",
        "with full rights it is in force",
        |object| object.is_ready() && object.says("InSync") == "True AsDeclared",
    )
    .await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);

    // A label taken away ends the admission.
    world
        .kubectl(&["label", "namespace", "admitted", "team-"])
        .await;
    wait_in(
        &world,
        "admitted",
        "adds",
        "it is admitted no more",
        |object| object.says("Reconciling") == "True WaitingForOrganization",
    )
    .await;
    world
        .kubectl(&["label", "namespace", "stranger", "team=backup"])
        .await;
    wait_in(&world, "stranger", "adds", "another is", Object::is_ready).await;
    world.end().await;
}

#[rstest]
#[case::it_admits_others(acme("allowedNamespaces: {from: All}"))]
#[case::another_resource_for_it_does(
    acme("") + &resource("XoperoOrganization", "shared", "connectionRef: {name: xopero}\nname: acme\nprovider: GitHub\nmode: Observe\nallowedNamespaces: {from: All}")
)]
#[tokio::test]
async fn where_not_every_namespace_is_watched_a_shared_organization_removes_nothing_and_says_so(
    #[case] organization: String,
) {
    let world = World::with(shared()).await;
    let exclusive = plan_named(
        "nightly",
        "repositories: {include: [api]}\nmembership: Exclusive",
    );
    world.apply(&(organization + &exclusive)).await;

    world
        .wait_for(
            Kind::Plan,
            "nightly",
            "saying that claims may be unseen",
            |object| object.says("InSync") == "Unknown ClaimsNotVisible",
        )
        .await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn what_is_in_a_namespace_that_is_not_watched_is_unseen_whether_it_is_there_or_not() {
    let world = World::with(shared()).await;
    let elsewhere = format!("{}-elsewhere", world.namespace);
    world.kubectl(&["create", "namespace", &elsewhere]).await;
    apply_in(&world, &elsewhere, &acme("allowedNamespaces: {from: All}")).await;
    let naming = |name: &str| format!("{{name: {name}, namespace: {elsewhere}}}");
    let claims = [("of-one-there", "acme"), ("of-none", "nothing")];
    for (claim, organization) in claims {
        let plan = plan_named(claim, "").replace("{name: acme}", &naming(organization));
        world.apply(&plan).await;
    }
    let foreign = organization_on(&naming("xopero"));
    world.apply(&foreign).await;

    let waits = |reason: &'static str| move |object: &Object| object.says("Reconciling") == reason;
    let mut told = Vec::new();
    for (claim, organization) in claims {
        let waits = waits("True WaitingForOrganization");
        let plan = world.wait_for(Kind::Plan, claim, "waiting", waits).await;
        told.push(plan.message("Reconciling").replace(organization, "NAME"));
    }
    let waits = waits("True WaitingForConnection");
    let foreign = world.wait_for(Kind::Organization, "foreign", "waiting", waits);
    let foreign = foreign.await.message("Reconciling");
    assert_eq!(told[0], told[1], "nothing is learned by asking");
    for message in [&told[0], &foreign] {
        let says = "This operator does not see Xopero";
        assert!(
            message.starts_with(says) && message.contains(&elsewhere),
            "{message}"
        );
    }
    world.end().await;
}

/// An organization on that connection.
fn organization_on(connection: &str) -> String {
    let spec = format!("connectionRef: {connection}\nname: acme\nprovider: GitHub");
    resource("XoperoOrganization", "foreign", &spec)
}

/// It takes a minute and a half at most.
#[tokio::test]
async fn where_not_every_namespace_is_watched_a_changed_label_is_looked_for_all_the_same() {
    let mut world = World::bare(shared()).await;
    let second = format!("{}-second", world.namespace);
    world.kubectl(&["create", "namespace", &second]).await;
    let label = ["label", "namespace", &second];
    world
        .kubectl(&[&label[..], &["team=backup"]].concat())
        .await;
    world.argument(format!("--watch-namespace={second}"));
    let admits = "allowedNamespaces: {from: Selector, selector: {matchLabels: {team: backup}}}";
    // So seldom that nothing else has it looked at.
    let organization = acme(admits).replace("resyncInterval: 1s", "resyncInterval: 1h");
    let connected = crate::yaml::secret() + &crate::yaml::connection(world.url());
    world.apply(&(connected + &organization)).await;
    let adds = plan_named("adds", "repositories: {include: [web]}");
    apply_in(&world, &second, &adds).await;
    world.start_operator().await;
    wait_in(&world, &second, "adds", "Ready", Object::is_ready).await;

    world.kubectl(&[&label[..], &["team-"]].concat()).await;
    let waits = |object: &Object| object.says("Reconciling") == "True WaitingForOrganization";
    wait_in(&world, &second, "adds", "admitted no more", waits).await;
    world.end().await;
}
