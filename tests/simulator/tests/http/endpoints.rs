//! Organizations and repositories, in the default dialect.

use serde_json::json;
use uuid::Uuid;
use xopero_simulator::{
    Endpoint,
    builder::{organization, repository, state, user},
    state::Synchronization,
};

use crate::client::{EMAIL, PASSWORD, names, repositories, start, world};

#[tokio::test]
async fn organizations_show_what_is_documented_and_count_what_they_hold() {
    let (simulator, client) = start(world()).await;
    let body = json!({"limit": 10, "page": 1, "orderby": "name", "ordertype": "asc"});
    let answer = client.call(Endpoint::ListOrganizations, body).await.json();
    assert_eq!(answer["totalEntries"], 3);
    assert_eq!(
        names(&answer["result"]),
        ["acme", "harbour", "Northwind Mills"]
    );
    let acme = &answer["result"][0];
    assert_eq!(
        acme["id"],
        json!(simulator.organization_id("acme").unwrap())
    );
    assert_eq!(
        (
            &acme["driver"],
            &acme["totalRepositories"],
            &acme["protectedRepositories"]
        ),
        (&json!(1), &json!(4), &json!(2))
    );
    assert_eq!(
        (&acme["missingLicences"], &acme["removedRepositories"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(acme["synchronizationInProgress"], false);
    assert_eq!(names(&acme["plans"]), ["nightly", "weekly"]);
}

#[tokio::test]
async fn pages_are_cut_by_limit_and_numbered_from_one() {
    let (simulator, client) = start(world()).await;
    let acme = simulator.organization_id("acme").unwrap();
    let first = client.page(acme, 3, 1).await;
    assert_eq!(first.names(), ["api", "docs", "old"]);
    let second = client.page(acme, 3, 2).await;
    assert_eq!(second.names(), ["web"]);
    assert_eq!(
        (
            &second.json()["currentPage"],
            &second.json()["pageCount"],
            &second.json()["totalEntries"]
        ),
        (&json!(2), &json!(2), &json!(4))
    );
    assert!(client.page(acme, 3, 3).await.names().is_empty());
    let body = json!({"organizationId": acme, "limit": 2, "page": 1, "ordertype": "desc"});
    let last = client.call(Endpoint::ListRepositories, body).await;
    assert_eq!(last.names(), ["web", "old"]);
}

#[tokio::test]
async fn a_repository_row_shows_organization_project_licence_removal_and_plans() {
    let (simulator, client) = start(world()).await;
    let acme = simulator.organization_id("acme").unwrap();
    let old = client.row(acme, "old").await;
    assert_eq!(old["organizationId"], json!(acme));
    assert_eq!(
        (&old["hasLicence"], &old["isRemoved"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(names(&old["plans"]), ["weekly"]);
    assert_eq!(old.get("projectName"), None);
    let mills = simulator.organization_id("Northwind Mills").unwrap();
    let ledger = client.row(mills, "ledger").await;
    assert_eq!(ledger["projectName"], "Grain Ledger");
    assert_eq!(
        ledger["projectId"],
        json!(
            simulator
                .project_id("Northwind Mills", "Grain Ledger")
                .unwrap()
        )
    );
    assert_eq!(
        names(&ledger["plans"]),
        ["Azure nightly"],
        "its project is in it"
    );
    let harbour = simulator.organization_id("harbour").unwrap();
    client.row(harbour, "platform/runtime/api").await;
}

#[tokio::test]
async fn licences_are_given_and_taken_in_batches_and_run_out() {
    let (simulator, client) = start(world().licences(5)).await;
    assert_eq!(simulator.licences_left(), Some(1));
    let both = json!({"repositoryIds": [
        simulator.repository_id("acme", "web").unwrap(),
        simulator.repository_id("harbour", "platform/runtime/agents/linux").unwrap(),
    ]});
    let refused = client.call(Endpoint::Activate, both.clone()).await;
    assert_eq!((refused.status, simulator.licences_left()), (400, Some(1)));
    let taken = client
        .call(
            Endpoint::Deactivate,
            repositories(&simulator, &["docs", "web"]),
        )
        .await;
    assert_eq!(
        (taken.status, taken.text.as_str(), simulator.licences_left()),
        (200, "", Some(2))
    );
    assert_eq!(client.call(Endpoint::Activate, both).await.status, 200);
    assert_eq!(simulator.licensed("acme").unwrap(), ["api", "old", "web"]);
    let changes: Vec<u64> = simulator
        .journal()
        .iter()
        .map(|entry| entry.changes)
        .collect();
    assert_eq!(changes, [0, 1, 2]);
}

#[tokio::test]
async fn what_is_removed_is_gone_until_the_next_synchronization() {
    let (simulator, client) = start(world()).await;
    let api = simulator.repository_id("acme", "api").unwrap();
    let answer = client
        .call(Endpoint::Remove, json!({"repositoryId": api}))
        .await;
    assert_eq!((answer.status, simulator.licences_left()), (200, Some(7)));
    assert!(simulator.repository("acme", "api").is_err());
    let again = client
        .call(Endpoint::Remove, json!({"repositoryId": api}))
        .await;
    assert_eq!(again.status, 404);
    simulator.start_synchronization("acme").unwrap();
    let back = simulator.repository("acme", "api").unwrap();
    assert_eq!((back.id, back.licensed, back.plans.len()), (api, false, 0));
}

#[tokio::test]
async fn a_synchronization_shows_until_it_ends_and_then_brings_the_lists_together() {
    let state = world().synchronization(Synchronization::UntilReleased);
    let (simulator, client) = start(state).await;
    simulator.create_upstream("acme", "new").unwrap();
    simulator.delete_upstream("acme", "api").unwrap();
    simulator.rename_upstream("acme", "web", "website").unwrap();
    let web = simulator.repository_id("acme", "web").unwrap();
    let acme = simulator.organization_id("acme").unwrap();
    let sync = json!({"organizationId": acme});
    assert_eq!(client.call(Endpoint::Sync, sync.clone()).await.status, 200);
    let organizations = client
        .call(Endpoint::ListOrganizations, json!({}))
        .await
        .json();
    assert_eq!(
        organizations["result"][0]["synchronizationInProgress"],
        true
    );
    assert!(
        simulator.repository("acme", "new").is_err(),
        "not before it ends"
    );
    client.call(Endpoint::Sync, sync).await;
    assert_eq!(
        simulator.journal().last().unwrap().changes,
        0,
        "one is under way"
    );
    simulator.release_synchronization("acme").unwrap();
    let organizations = client
        .call(Endpoint::ListOrganizations, json!({}))
        .await
        .json();
    assert_eq!(
        organizations["result"][0]["synchronizationInProgress"],
        false
    );
    assert!(!simulator.repository("acme", "new").unwrap().licensed);
    let api = simulator.repository("acme", "api").unwrap();
    assert!(api.removed && api.licensed && api.plans == ["nightly"]);
    assert_eq!(simulator.repository("acme", "website").unwrap().id, web);
}

#[tokio::test]
async fn a_synchronization_may_take_a_time_of_its_own() {
    let lasts = Synchronization::Lasts(std::time::Duration::from_millis(50));
    let (simulator, client) = start(world().synchronization(lasts)).await;
    simulator.create_upstream("acme", "new").unwrap();
    let acme = simulator.organization_id("acme").unwrap();
    client
        .call(Endpoint::Sync, json!({"organizationId": acme}))
        .await;
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while simulator.repository("acme", "new").is_err() {
        assert!(std::time::Instant::now() < patience, "it never ended");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn new_repositories_get_a_licence_by_themselves_where_the_switch_is_on() {
    let state = state().user(user(EMAIL, PASSWORD)).licences(2).with(
        organization("acme")
            .licensing_automatically()
            .with(repository("api").licensed())
            .upstream("new-1")
            .upstream("new-2"),
    );
    let (simulator, client) = start(state).await;
    let acme = simulator.organization_id("acme").unwrap();
    client
        .call(Endpoint::Sync, json!({"organizationId": acme}))
        .await;
    assert_eq!(
        simulator.licensed("acme").unwrap().len(),
        2,
        "as long as one is left"
    );
    assert_eq!(simulator.repositories("acme").unwrap().len(), 3);
}

#[tokio::test]
async fn what_does_not_exist_is_answered_404() {
    let (simulator, client) = start(world()).await;
    let nobody = Uuid::new_v4();
    let nightly = simulator.plan_id("acme", "nightly").unwrap();
    for (endpoint, body) in [
        (Endpoint::ListPlans, json!({"organizationId": nobody})),
        (
            Endpoint::ListRepositories,
            json!({"organizationId": nobody}),
        ),
        (Endpoint::Sync, json!({"organizationId": nobody})),
        (Endpoint::Activate, json!({"repositoryIds": [nobody]})),
        (Endpoint::Deactivate, json!({"repositoryIds": [nobody]})),
        (Endpoint::Remove, json!({"repositoryId": nobody})),
        (
            Endpoint::AttachRepository,
            json!({"planid": nightly, "repositoryid": nobody}),
        ),
        (
            Endpoint::DetachRepository,
            json!({"planid": nobody, "repositoryid": nobody}),
        ),
        (
            Endpoint::AttachProject,
            json!({"planid": nightly, "projectid": nobody}),
        ),
        (
            Endpoint::DetachProject,
            json!({"planid": nobody, "projectid": nobody}),
        ),
        (Endpoint::ModifyPlan, json!({"planid": nobody})),
        (Endpoint::ModifyAzurePlan, json!({"planid": nobody})),
    ] {
        let answer = client.call(endpoint, body).await;
        assert_eq!(answer.status, 404, "{endpoint}: {answer:?}");
    }
    assert!(simulator.journal().iter().all(|entry| !entry.changed()));
}

#[tokio::test]
async fn a_body_that_cannot_be_understood_is_answered_400() {
    let (_simulator, client) = start(world()).await;
    for (endpoint, body) in [
        (
            Endpoint::ListRepositories,
            json!({"organizationId": "no guid"}),
        ),
        (Endpoint::ListOrganizations, json!({"limit": "ten"})),
        (Endpoint::Activate, json!({"repositoryIds": "one"})),
        (Endpoint::Sync, json!(["an array"])),
    ] {
        assert_eq!(client.call(endpoint, body).await.status, 400, "{endpoint}");
    }
}

#[tokio::test]
async fn names_of_requests_and_paths_may_have_any_casing() {
    let (simulator, client) = start(world()).await;
    let acme = simulator.organization_id("acme").unwrap();
    let body = json!({"OrganizationID": acme, "LIMIT": 1});
    let answer = client.call(Endpoint::ListRepositories, body).await;
    assert_eq!(
        (answer.names().len(), &answer.json()["totalEntries"]),
        (1, &json!(4))
    );
}
