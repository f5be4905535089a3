//! What a person is told of things that are rare, and how each of them ends.

use xopero_simulator::{
    Edit, Endpoint, Fault, State,
    builder::{self, organization, repository, state},
    faults::{Effect, Status},
    state::Synchronization,
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{self, acme, annotated, plan, resource},
};

fn one_repository() -> State {
    let acme = organization("acme").plan("Nightly").with("api");
    state().licences(10).with(acme)
}

const API: &str = "repositories: {include: [api]}";

/// Does not end before it is released.
fn while_synchronizing(state: State) -> State {
    state.synchronization(Synchronization::UntilReleased)
}

#[tokio::test]
async fn a_missing_permission_is_said_with_the_role_and_asked_for_again_on_request() {
    let world = World::with(one_repository()).await;
    let fault = world
        .simulator
        .inject(Fault::on(Endpoint::AttachRepository, Status::code(403)).until_healed());
    world.apply(&(acme("") + &plan("Nightly", API))).await;

    let shown = world
        .stalled(Kind::Plan, "nightly", "PermissionMissing")
        .await;
    let message = shown.message("Stalled");
    assert!(message.contains("DevOps management"), "{message}");
    world.rounds(2).await;
    // One login more might have helped; after that the call is not made again.
    assert_eq!(world.calls(Endpoint::AttachRepository), 2);

    assert!(world.simulator.heal(fault));
    world.request(Kind::Connection, "xopero", "now").await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.end().await;
}

#[tokio::test]
async fn an_action_that_is_refused_is_said_with_its_status_and_made_on_request() {
    let world = World::with(one_repository()).await;
    let refusal = Fault::on(Endpoint::AttachRepository, Status::code(400)).target("api");
    let fault = world.simulator.inject(refusal.until_healed());
    let wants = "license: Active\nplans: [Nightly]";
    world
        .apply(&(acme("") + &yaml::repository("api", wants)))
        .await;

    let shown = world.stalled(Kind::Repository, "api", "Refused").await;
    let message = shown.message("Stalled");
    assert!(
        message.contains("400") && message.contains("api"),
        "{message}"
    );
    assert!(world.simulator.heal(fault));
    world.request(Kind::Repository, "api", "now").await;
    world.in_sync(Kind::Repository, "api").await;
    world.end().await;
}

#[tokio::test]
async fn a_repository_that_fails_stops_no_other_and_is_made_on_request() {
    let acme_of_three = organization("acme")
        .plan("Nightly")
        .with_all(["api", "docs", "web"])
        .with(repository("old").licensed().in_plan("Nightly"));
    let world = World::with(state().licences(10).with(acme_of_three)).await;
    let failure = Fault::on(Endpoint::AttachRepository, Status::code(500)).target("docs");
    let fault = world.simulator.inject(failure.until_healed());
    let exclusive = "repositories: {include: [api, docs, web]}\nmembership: Exclusive";
    world.apply(&(acme("") + &plan("Nightly", exclusive))).await;

    let says = |object: &Object| {
        object.says("Reconciling") == "True ApiUnavailable"
            && object.message("Reconciling").contains("docs")
    };
    world
        .wait_for(Kind::Plan, "nightly", "saying what fails", says)
        .await;
    world
        .eventually("everything else is as declared", async || {
            world.members("acme", "Nightly") == ["api", "web"]
        })
        .await;
    // It says so at the end of its pass.
    world.ready(Kind::Organization, "acme").await;

    assert!(world.simulator.heal(fault));
    world.request(Kind::Plan, "nightly", "now").await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.end().await;
}

#[tokio::test]
async fn an_answer_that_is_not_understood_stalls_the_organization_until_it_is() {
    let world = World::with(one_repository()).await;
    let nonsense = Effect::WrongType(serde_json::json!("maintenance"));
    let fault = Fault::on(Endpoint::ListRepositories, nonsense).until_healed();
    let fault = world.simulator.inject(fault);
    world.apply(&(acme("") + &plan("Nightly", API))).await;

    world
        .stalled(Kind::Organization, "acme", "AnswerNotUnderstood")
        .await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    assert!(world.simulator.heal(fault));
    world.in_sync(Kind::Plan, "nightly").await;
    world.end().await;
}

#[tokio::test]
async fn what_is_undone_each_time_is_given_up_and_said() {
    let world = World::with(one_repository()).await;
    world.apply(&(acme("") + &plan("Nightly", API))).await;
    let mut undone = 0;
    world
        .eventually("it is given up", async || {
            if world.members("acme", "Nightly") == ["api"] {
                world.simulator.detach("acme", "Nightly", "api").unwrap();
                undone += 1;
            }
            let plan = world.get(Kind::Plan, "nightly").await;
            plan.is_some_and(|plan| plan.is_stalled("NotKept"))
        })
        .await;
    let shown = world.stalled(Kind::Plan, "nightly", "NotKept").await;
    assert!(shown.message("Stalled").contains("api"), "{shown}");
    assert_eq!(shown.says("InSync"), "False NotKept");
    assert_eq!(undone, 3);
    world.end().await;
}

#[tokio::test]
async fn what_is_not_known_yet_is_waited_for_while_xopero_one_reads_the_git_service() {
    let acme_syncing = organization("acme").plan("Nightly").upstream("web");
    let state = while_synchronizing(state().licences(10).with(acme_syncing.synchronizing()));
    let world = World::with(state).await;
    let wants = "license: Active\nplans: [Nightly]";
    world
        .apply(&(acme("") + &yaml::repository("web", wants)))
        .await;

    let waiting = |object: &Object| object.says("Reconciling") == "True WaitingForSync";
    world
        .wait_for(
            Kind::Repository,
            "web",
            "waiting for the synchronization",
            waiting,
        )
        .await;
    world.simulator.release_synchronization("acme").unwrap();
    world.in_sync(Kind::Repository, "web").await;
    world.end().await;
}

#[tokio::test]
async fn nothing_is_removed_by_what_is_listed_during_a_synchronization() {
    let acme_syncing = organization("acme")
        .plan("Nightly")
        .with(repository("api").licensed().in_plan("Nightly"))
        .with(repository("old").licensed().in_plan("Nightly"));
    let state = while_synchronizing(state().licences(10).with(acme_syncing.synchronizing()));
    let world = World::with(state).await;
    let exclusive = format!("{API}\nmembership: Exclusive");
    world
        .apply(&(acme("") + &plan("Nightly", &exclusive)))
        .await;

    let untrusted = |object: &Object| object.says("InSync") == "Unknown InventoryUntrusted";
    world
        .wait_for(Kind::Plan, "nightly", "not in sync for certain", untrusted)
        .await;
    world.rounds(3).await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.simulator.release_synchronization("acme").unwrap();
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["api"]);
    world.end().await;
}

#[tokio::test]
async fn a_repository_is_attached_once_it_has_its_licence_again() {
    let world = World::with(one_repository()).await;
    world.apply(&(acme("") + &plan("Nightly", API))).await;
    world.in_sync(Kind::Plan, "nightly").await;
    // Somebody takes back what the operator gives, for some looks, so that it gives it more slowly.
    let taken = [
        Edit::Detach {
            organization: "acme".to_owned(),
            plan: "Nightly".to_owned(),
            repository: "api".to_owned(),
        },
        Edit::SetLicence {
            organization: "acme".to_owned(),
            repository: "api".to_owned(),
            licensed: false,
        },
    ];
    let fault = Fault::on(Endpoint::ListRepositories, Effect::Edits(taken.into())).times(6);
    world.simulator.inject(fault);
    let waiting = |object: &Object| object.says("Reconciling") == "True WaitingForLicense";
    world
        .wait_for(Kind::Plan, "nightly", "waiting for the licence", waiting)
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["api"]);
    world.end().await;
}

#[tokio::test]
async fn a_project_that_xopero_one_does_not_know_is_said() {
    let azure = organization("acme")
        .azure_devops()
        .plan("Nightly")
        .project("portal")
        .with(repository("api").project("portal"));
    let world = World::with(state().licences(10).with(azure)).await;
    let spec = "organizationRef: {name: acme}\nname: portla\nplans: [Nightly]";
    let project = resource("XoperoAzureProject", "portal", spec);
    let acme = yaml::organization("acme", "AzureDevOps", "");
    world.apply(&(acme + &project)).await;

    let shown = world
        .stalled(Kind::Project, "portal", "ProjectNotFound")
        .await;
    assert!(shown.message("Stalled").contains("\"portla\""), "{shown}");
    world.end().await;
}

#[tokio::test]
async fn during_its_first_run_nobody_knows_whether_a_plan_backs_up() {
    let acme_running = organization("acme")
        .plan(builder::plan("Nightly").running())
        .with(repository("api").licensed().in_plan("Nightly"));
    let world = World::with(state().licences(10).with(acme_running)).await;
    world.apply(&(acme("") + &plan("Nightly", API))).await;
    let shown = world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(shown.says("BackupHealthy"), "Unknown NotObserved");
    world.end().await;
}

#[tokio::test]
async fn what_is_paused_from_the_start_says_so_and_waits_for_nobody() {
    let world = World::with(one_repository()).await;
    let paused = annotated(&plan("Nightly", API), "xopero.dev/paused: 'true'");
    world.apply(&paused).await;
    world
        .wait_for(Kind::Plan, "nightly", "paused", |object| {
            object.says("Paused") == "True Requested"
                && object.says("Ready") == "Unknown NotObserved"
                && object.says("Reconciling").is_empty()
        })
        .await;
    world.apply(&acme("")).await;
    world
        .annotate(Kind::Plan, "nightly", "xopero.dev/paused-")
        .await;
    let shown = world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(shown.says("Paused"), "", "{shown}");
    world.end().await;
}

#[tokio::test]
async fn a_licence_that_nobody_claims_and_that_comes_back_each_time_is_given_up_and_said() {
    let acme_with = organization("acme").with(repository("spare").licensed());
    let world = World::with(state().licences(10).with(acme_with)).await;
    world
        .apply(&acme("licenses: {unclaimed: Deactivate}"))
        .await;
    let mut undone = 0;
    world
        .eventually("it is given up", async || {
            if world.licensed("acme").is_empty() {
                world.simulator.license("acme", "spare").unwrap();
                undone += 1;
            }
            let acme = world.get(Kind::Organization, "acme").await;
            acme.is_some_and(|acme| acme.is_stalled("NotKept"))
        })
        .await;
    let shown = world.stalled(Kind::Organization, "acme", "NotKept").await;
    assert!(shown.message("Stalled").contains("spare"), "{shown}");
    assert_eq!(shown.says("InSync"), "False NotKept");
    assert_eq!(undone, 3);
    world.rounds(3).await;
    assert_eq!(world.calls(Endpoint::Deactivate), 3);
    world.end().await;
}
