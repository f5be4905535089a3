//! Plans: attach, detach, modify.

use serde_json::{Value, json};
use xopero_simulator::{
    Endpoint, State,
    builder::{organization, plan, repository, state, user},
    ids,
    state::LastStatus,
};

use crate::client::{EMAIL, PASSWORD, names, pair, project_pair, start, world};

#[tokio::test]
async fn repositories_are_attached_and_detached_one_pair_a_call() {
    let (simulator, client) = start(world()).await;
    let web = pair(&simulator, "nightly", "web");
    assert_eq!(
        client
            .call(Endpoint::AttachRepository, web.clone())
            .await
            .status,
        200
    );
    assert_eq!(
        simulator.members("acme", "nightly").unwrap(),
        ["api", "web"]
    );
    assert_eq!(
        client.call(Endpoint::AttachRepository, web).await.status,
        200
    );
    let api = pair(&simulator, "nightly", "api");
    assert_eq!(
        client
            .call(Endpoint::DetachRepository, api.clone())
            .await
            .status,
        200
    );
    assert_eq!(
        client.call(Endpoint::DetachRepository, api).await.status,
        200
    );
    assert_eq!(simulator.members("acme", "nightly").unwrap(), ["web"]);
    let changed: Vec<bool> = simulator
        .journal()
        .iter()
        .map(xopero_simulator::Entry::changed)
        .collect();
    assert_eq!(changed, [true, false, true, false]);
}

#[tokio::test]
async fn a_plan_of_another_organization_is_refused() {
    let (simulator, client) = start(world()).await;
    let foreign = json!({
        "planid": simulator.plan_id("harbour", "hourly").unwrap(),
        "repositoryid": simulator.repository_id("acme", "web").unwrap(),
    });
    assert_eq!(
        client
            .call(Endpoint::AttachRepository, foreign)
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn projects_are_attached_and_detached_and_cover_their_repositories() {
    let (simulator, client) = start(world()).await;
    let mills = simulator.organization_id("Northwind Mills").unwrap();
    let ledger = project_pair(&simulator, "Grain Ledger");
    assert_eq!(
        client.call(Endpoint::DetachProject, ledger).await.status,
        200
    );
    assert!(names(&client.row(mills, "ledger").await["plans"]).is_empty());
    let control = project_pair(&simulator, "Mill Control Systems");
    assert_eq!(
        client.call(Endpoint::AttachProject, control).await.status,
        200
    );
    assert_eq!(
        simulator
            .project_members("Northwind Mills", "Azure nightly")
            .unwrap(),
        ["Mill Control Systems"]
    );
    let rows = client.page(mills, 10, 1).await.json();
    let rows = rows["result"].as_array().unwrap();
    let in_control = rows
        .iter()
        .find(|row| row["projectName"] == "Mill Control Systems")
        .unwrap();
    assert_eq!(names(&in_control["plans"]), ["Azure nightly"]);
}

#[tokio::test]
async fn azure_endpoints_take_azure_plans_alone() {
    let (simulator, client) = start(world()).await;
    let nightly = simulator.plan_id("acme", "nightly").unwrap();
    let azure = simulator
        .plan_id("Northwind Mills", "Azure nightly")
        .unwrap();
    for (endpoint, plan, status) in [
        (Endpoint::ModifyPlan, nightly, 200),
        (Endpoint::ModifyAzurePlan, nightly, 400),
        (Endpoint::ModifyPlan, azure, 400),
        (Endpoint::ModifyAzurePlan, azure, 200),
    ] {
        let body = json!({"planid": plan, "includeMetadata": true});
        assert_eq!(
            client.call(endpoint, body).await.status,
            status,
            "{endpoint}"
        );
    }
    assert_eq!(simulator.summary().changes_by(Endpoint::ModifyAzurePlan), 1);
}

#[tokio::test]
async fn a_modification_changes_what_it_names_and_keeps_the_rest() {
    let (simulator, client) = start(world()).await;
    let weekly = simulator.plan_id("acme", "weekly").unwrap();
    let body = json!({"planid": weekly, "retention": {"days": 30}});
    assert_eq!(
        client.call(Endpoint::ModifyPlan, body.clone()).await.status,
        200
    );
    let state = simulator.state();
    let plan = state.organizations.first().unwrap().plans.last().unwrap();
    assert_eq!(plan.settings.get("retention"), Some(&json!({"days": 30})));
    assert!(plan.include_metadata);
    client.call(Endpoint::ModifyPlan, body).await;
    assert_eq!(
        simulator.journal().last().unwrap().changes,
        0,
        "equal settings"
    );
}

#[tokio::test]
async fn a_plan_shows_its_runs_as_they_are_edited() {
    let (simulator, client) = start(world()).await;
    simulator.start_run("acme", "nightly").unwrap();
    let acme = json!({"organizationId": simulator.organization_id("acme").unwrap()});
    let plans = client.call(Endpoint::ListPlans, acme.clone()).await.json();
    assert_eq!(names(&plans), ["nightly", "weekly"]);
    assert_eq!(
        (
            &plans[0]["isRunning"],
            &plans[0]["lastStatus"],
            &plans[0]["planFinishedTime"]
        ),
        (&json!(true), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&plans[0]["repoCount"], &plans[1]["includeMetadata"]),
        (&json!(1), &json!(true))
    );
    let status = LastStatus {
        successes: 1,
        warnings: 2,
        errors: 3,
    };
    simulator
        .finish_run("acme", "nightly", status, 1_795_485_600_000)
        .unwrap();
    let plans = client.call(Endpoint::ListPlans, acme).await.json();
    assert_eq!(
        plans[0]["lastStatus"],
        json!({"successes": 1, "warnings": 2, "errors": 3})
    );
    assert_eq!(
        (&plans[0]["isRunning"], &plans[0]["planFinishedTime"]),
        (&json!(false), &json!(1_795_485_600_000_u64))
    );
}

fn with_plans() -> State {
    state().user(user(EMAIL, PASSWORD)).with(
        organization("acme")
            .plan(plan("all").everything())
            .plan(plan("ruled").rules(&["team-*"]))
            .plan(plan("stubborn").rules(&["team-*"]).reattaching())
            .with(repository("team-a"))
            .with(repository("other"))
            .upstream("team-b"),
    )
}

#[tokio::test]
async fn a_plan_that_protects_everything_holds_everything_and_refuses_attach() {
    let (simulator, client) = start(with_plans()).await;
    simulator.start_synchronization("acme").unwrap();
    assert_eq!(
        simulator.members("acme", "all").unwrap(),
        ["other", "team-a", "team-b"]
    );
    let body = pair(&simulator, "all", "team-b");
    assert_eq!(
        client
            .call(Endpoint::AttachRepository, body.clone())
            .await
            .status,
        400
    );
    assert_eq!(
        client.call(Endpoint::DetachRepository, body).await.status,
        400
    );
}

#[tokio::test]
async fn rules_attach_after_a_synchronization_or_at_once_where_the_switch_is_on() {
    let (simulator, client) = start(with_plans()).await;
    for plan in ["ruled", "stubborn"] {
        let body = pair(&simulator, plan, "team-a");
        assert_eq!(
            client.call(Endpoint::DetachRepository, body).await.status,
            200
        );
        assert!(
            simulator.members("acme", plan).unwrap().is_empty(),
            "{plan}"
        );
    }
    client
        .page(simulator.organization_id("acme").unwrap(), 10, 1)
        .await;
    assert!(simulator.members("acme", "ruled").unwrap().is_empty());
    assert_eq!(simulator.members("acme", "stubborn").unwrap(), ["team-a"]);
    simulator.start_synchronization("acme").unwrap();
    assert_eq!(
        simulator.members("acme", "ruled").unwrap(),
        ["team-a", "team-b"]
    );
}

#[tokio::test]
async fn a_plan_may_serve_several_organizations() {
    let shared = ids::plan("shared", "shared");
    let state = state()
        .user(user(EMAIL, PASSWORD))
        .with(
            organization("one")
                .plan(plan("shared").id(shared))
                .with(repository("a").in_plan("shared")),
        )
        .with(
            organization("two")
                .plan(plan("shared").id(shared))
                .with(repository("b").in_plan("shared")),
        );
    let (simulator, client) = start(state.clone()).await;
    let one = json!({"organizationId": simulator.organization_id("one").unwrap()});
    let plans = client.call(Endpoint::ListPlans, one).await.json();
    assert_eq!(
        (&plans[0]["id"], &plans[0]["repoCount"]),
        (&json!(shared), &json!(1))
    );
    assert_eq!(simulator.members("two", "shared").unwrap(), ["b"]);
    assert_eq!(simulator.state(), state, "it is written as it was read");
}
