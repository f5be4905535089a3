//! The ways in which a claim can go missing without being withdrawn: none of them costs an attachment. In each test the same
//! repository is removed once its claim is really gone, so that the test shows what protected it.

use std::time::Duration;

use xopero_campaign::{
    gate::{Fault, Trap, When},
    journal::Side,
};
use xopero_simulator::{
    Effect, Endpoint, Fault as XoperoFault, State,
    builder::{organization, repository, state},
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme, in_namespace, resource},
};

/// Everything is in the plan. The Exclusive plan of these tests names `web`, a claim beside it `api`, and nobody `old`.
fn kept() -> State {
    let in_plan = |name: &str| repository(name).licensed().in_plan("Nightly");
    state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(in_plan("api"))
            .with(in_plan("old"))
            .with(in_plan("web")),
    )
}

fn exclusive() -> String {
    yaml::plan(
        "Nightly",
        "repositories: {include: [web]}\nmembership: Exclusive",
    )
}

/// Waits until `old` is gone, so that removals are known to happen here.
async fn old_is_removed(world: &World) {
    is_left_with(world, &["api", "web"]).await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 1);
}

async fn is_left_with(world: &World, members: &[&str]) {
    world
        .eventually(&format!("{members:?} in the plan"), async || {
            world.members("acme", "Nightly") == members
        })
        .await;
}

/// Over several looks, and over the start of a new process, which knows of nothing but what is in Kubernetes.
async fn still_has_api(world: &mut World) {
    world.quiet_for_three_resyncs().await;
    world.restart_operator().await;
    world.rounds(4).await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    assert_eq!(world.calls(Endpoint::DetachRepository), 1);
}

#[tokio::test]
async fn a_claim_whose_regular_expression_was_broken_by_an_edit_protects_everything() {
    let mut world = World::with(kept()).await;
    // The monitor knows globs alone: to it a plan with an expression names everything.
    world.excuse("it is what XoperoBackupPlan by-pattern names");
    // The API server checks patterns with another parser: what `\Q…\E` quotes is known to it alone.
    let by_pattern = |regex: &str| {
        let spec = format!(
            "organizationRef: {{name: acme}}\nplanName: Nightly\nrepositories: {{includeRegex: ['{regex}']}}"
        );
        resource("XoperoBackupPlan", "by-pattern", &spec)
    };
    world
        .apply(&(acme("") + &exclusive() + &by_pattern("api")))
        .await;
    old_is_removed(&world).await;

    world.apply(&by_pattern(r"\Qnothing\E")).await;
    let stalled = world.stalled(Kind::Plan, "by-pattern", "InvalidSpec").await;
    let message = stalled.message("Stalled");
    assert!(message.contains(r"\Qnothing\E"), "{message}");
    let waits = |object: &Object| object.says("InSync").starts_with("Unknown ");
    let plan = world
        .wait_for(Kind::Plan, "nightly", "unsure what is its own", waits)
        .await;
    let message = plan.message("InSync");
    assert!(message.contains("by-pattern"), "{message}");
    still_has_api(&mut world).await;

    world.apply(&by_pattern("nothing")).await;
    is_left_with(&world, &["web"]).await;
    world.end().await;
}

#[tokio::test]
async fn a_claim_protects_what_it_names_before_its_finalizer_is_on() {
    let mut world = World::with(kept()).await;
    let name = &world.namespace.clone();
    world.apply_anywhere(&no_finalizer_in(name)).await;
    // Its policy needs one.
    let claim = yaml::repository("api", "plans: [Nightly]\ndeletionPolicy: Detach");
    world.apply(&acme("")).await;
    world
        .eventually("finalizers are refused", async || {
            refuses_finalizers(&world).await
        })
        .await;
    world.apply(&claim).await;
    world.apply(&exclusive()).await;
    old_is_removed(&world).await;
    let api = world.get(Kind::Repository, "api").await.unwrap();
    assert!(!api.to_string().contains("xopero.dev/cleanup"), "{api}");
    still_has_api(&mut world).await;

    world
        .kubectl(&["delete", "validatingadmissionpolicybinding", name])
        .await;
    world.in_sync(Kind::Repository, "api").await;
    // Carried out once, as its policy says, and not by the plan.
    world.delete(Kind::Repository, "api").await;
    is_left_with(&world, &["web"]).await;
    world
        .kubectl(&["delete", "validatingadmissionpolicy", name])
        .await;
    world.end().await;
}

/// The listing that calls for the removal for the second time takes long.
#[tokio::test]
async fn a_claim_that_is_applied_while_xopero_one_is_listed_protects_what_it_names() {
    let mut world = World::with(kept()).await;
    let seldom = acme("").replace("resyncInterval: 1s", "resyncInterval: 1h");
    world.apply(&(seldom + &exclusive())).await;
    let is_called_for = |object: &Object| object.says("InSync") == "False Drift";
    world
        .wait_for(Kind::Plan, "nightly", "to remove two", is_called_for)
        .await;
    let slow = Effect::Slow(Duration::from_secs(8));
    let slow = XoperoFault::on(Endpoint::ListRepositories, slow);
    world.simulator.inject(slow);
    let before = world.calls(Endpoint::ListRepositories);
    world.apply(&acme("")).await;
    world
        .eventually("it is being listed", async || {
            world.calls(Endpoint::ListRepositories) > before
        })
        .await;
    world
        .apply(&yaml::repository("api", "plans: [Nightly]"))
        .await;
    old_is_removed(&world).await;
    still_has_api(&mut world).await;
    world.end().await;
}

/// What refuses every finalizer on a repository of this namespace, by the API server's own means.
fn no_finalizer_in(namespace: &str) -> String {
    format!(
        "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: {namespace}}}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {{apiGroups: [xopero.dev], apiVersions: ['*'], operations: [CREATE, UPDATE], resources: [xoperorepositories]}}
  validations:
  - expression: '!has(object.metadata.finalizers)'
    message: no finalizers in this test
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: {namespace}}}
spec:
  policyName: {namespace}
  validationActions: [Deny]
  matchResources: {{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {namespace}}}}}}}
"
    )
}

async fn refuses_finalizers(world: &World) -> bool {
    let probe = yaml::repository("probe", "").replace(
        "metadata: {",
        "metadata: {finalizers: [example.com/probe], ",
    );
    let arguments = ["create", "--dry-run=server", "-f", "-"];
    let tried = world.try_kubectl(&arguments, Some(&probe)).await;
    tried.is_err_and(|complaint| complaint.contains("no finalizers in this test"))
}

#[tokio::test]
async fn a_claim_whose_namespace_is_no_longer_admitted_protects_what_it_names() {
    let mut world = World::whole_cluster(kept()).await;
    world.kubectl(&["create", "namespace", "team"]).await;
    world
        .kubectl(&["label", "namespace", "team", "backup=yes"])
        .await;
    world.start_operator().await;
    let admitting = "allowedNamespaces: {from: Selector, selector: {matchLabels: {backup: 'yes'}}}";
    let claim = in_namespace(
        "team",
        &world.namespace,
        &yaml::repository("api", "plans: [Nightly]"),
    );
    let connected = yaml::secret() + &yaml::connection(world.url());
    world.apply(&(connected + &acme(admitting))).await;
    world.apply_anywhere(&claim).await;
    let key = (Kind::Repository, "api");
    world
        .wait_in("team", key, "accepted", Object::is_ready)
        .await;
    world.apply(&exclusive()).await;
    old_is_removed(&world).await;

    world
        .kubectl(&["label", "namespace", "team", "backup-"])
        .await;
    let refused = |object: &Object| object.says("Reconciling") == "True WaitingForOrganization";
    world.wait_in("team", key, "refused", refused).await;
    still_has_api(&mut world).await;

    world
        .kubectl(&["delete", "xrepo", "api", "--namespace", "team"])
        .await;
    is_left_with(&world, &["web"]).await;
    world.end().await;
}

#[tokio::test]
async fn a_claim_that_is_pruned_in_one_namespace_before_it_is_applied_in_another_costs_nothing() {
    let mut world = World::whole_cluster(kept()).await;
    for namespace in ["before", "after"] {
        world.kubectl(&["create", "namespace", namespace]).await;
    }
    world.start_operator().await;
    let claim_in = |world: &World, namespace: &str| {
        let claim = yaml::repository("api", "plans: [Nightly]");
        in_namespace(namespace, &world.namespace, &claim)
    };
    let connected = yaml::secret() + &yaml::connection(world.url());
    let rarely = |seconds: &str| {
        let often = acme("allowedNamespaces: {from: All}");
        often.replace("resyncInterval: 1s", &format!("resyncInterval: {seconds}"))
    };
    world.apply(&(connected + &rarely("1s"))).await;
    world.apply_anywhere(&claim_in(&world, "before")).await;
    let ready = Object::is_ready;
    world
        .wait_in("before", (Kind::Repository, "api"), "Ready", ready)
        .await;
    world.apply(&exclusive()).await;
    old_is_removed(&world).await;
    world.in_sync(Kind::Plan, "nightly").await;

    // From here on it is looked at Xopero ONE only when it is asked for.
    world.apply(&rarely("1h")).await;
    let seen = |object: &Object| object.is_observed() && object.is_ready();
    world
        .wait_for(Kind::Organization, "acme", "looked at rarely", seen)
        .await;
    world
        .kubectl(&["delete", "xrepo", "api", "--namespace", "before"])
        .await;
    let called_for = |object: &Object| object.says("InSync").starts_with("False ");
    world
        .wait_for(Kind::Plan, "nightly", "calling for a removal", called_for)
        .await;
    world.apply_anywhere(&claim_in(&world, "after")).await;
    world
        .wait_in("after", (Kind::Repository, "api"), "Ready", ready)
        .await;
    world.in_sync(Kind::Plan, "nightly").await;

    world.apply(&rarely("1s")).await;
    still_has_api(&mut world).await;
    world
        .kubectl(&["delete", "xrepo", "api", "--namespace", "after"])
        .await;
    is_left_with(&world, &["web"]).await;
    world.end().await;
}

#[tokio::test]
async fn of_two_watched_namespaces_one_that_is_not_listed_yet_holds_up_removals_and_is_said() {
    let mut world = World::bare(kept()).await;
    let second = format!("{}-second", world.namespace);
    world.kubectl(&["create", "namespace", &second]).await;
    world.argument(format!("--watch-namespace={second}"));
    world.set(Trap {
        side: Side::Kubernetes,
        when: When::ListIn {
            namespace: second.clone(),
            resource: "xoperorepositories".to_owned(),
        },
        nth: 1,
        times: None,
        fault: Fault::Held,
    });
    let claim = yaml::repository("api", "plans: [Nightly]");
    let connected = yaml::secret() + &yaml::connection(world.url());
    world
        .apply(&(connected + &acme("") + &claim + &exclusive()))
        .await;
    world.start_operator().await;

    let missing = format!("XoperoRepository in namespace {second}");
    let unseen = |object: &Object| {
        object.says("InSync") == "Unknown ClaimsNotVisible"
            && object.message("InSync").contains(&missing)
    };
    world
        .wait_for(Kind::Plan, "nightly", "saying what is not seen", unseen)
        .await;
    world.rounds(4).await;
    assert!(world.asked(LIST) >= 2, "the other namespace is listed");
    assert_eq!(world.members("acme", "Nightly"), ["api", "old", "web"]);

    world.heal();
    old_is_removed(&world).await;
    world.end().await;
}

/// The API server does not answer when that is listed, until it is healed.
fn hold_list(world: &World, resource: &str) {
    world.set(Trap {
        side: Side::Kubernetes,
        when: When::ListIn {
            namespace: world.namespace.clone(),
            resource: resource.to_owned(),
        },
        nth: 1,
        times: None,
        fault: Fault::Held,
    });
}

/// A clean-up spares what another claim names. While plans cannot be listed, nobody knows what they name.
#[tokio::test]
async fn a_plan_that_is_not_listed_yet_protects_what_it_names_from_the_clean_up_of_another_claim() {
    let mut world = World::with(kept()).await;
    let additive = yaml::plan("Nightly", "repositories: {include: [web]}");
    let claim = yaml::repository("web", "plans: [Nightly]\ndeletionPolicy: Detach");
    world.apply(&(acme("") + &additive + &claim)).await;
    world.in_sync(Kind::Repository, "web").await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.stop_operator().await;
    world.delete(Kind::Repository, "web").await;
    hold_list(&world, "xoperobackupplans");
    world.start_operator().await;

    let waits = |object: &Object| {
        let message = object.message("Reconciling");
        message.contains("XoperoBackupPlan") && message.contains("not done yet")
    };
    world
        .wait_for(Kind::Repository, "web", "waiting for plans", waits)
        .await;
    world.rounds(3).await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);

    world.heal();
    world.gone(Kind::Repository, "web").await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.calls(Endpoint::DetachRepository), 0);
    world.end().await;
}

/// That nothing of it is there wakes nobody.
#[tokio::test]
async fn a_kind_that_is_listed_at_last_with_nothing_in_it_holds_up_no_clean_up_until_the_next_listing()
 {
    let mut world = World::with(kept()).await;
    let seldom = acme("").replace("resyncInterval: 1s", "resyncInterval: 1h");
    let claim = yaml::repository("web", "plans: [Nightly]\ndeletionPolicy: Detach");
    world.apply(&(seldom + &claim)).await;
    world.in_sync(Kind::Repository, "web").await;
    world.stop_operator().await;
    world.delete(Kind::Repository, "web").await;
    hold_list(&world, "xoperoazureprojects");
    world.start_operator().await;
    let waits = |object: &Object| object.message("Reconciling").contains("XoperoAzureProject");
    world
        .wait_for(Kind::Repository, "web", "waiting for projects", waits)
        .await;
    world.heal();
    world.gone(Kind::Repository, "web").await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "old"]);
    world.end().await;
}

const LIST: &str = "list xoperorepositories";
