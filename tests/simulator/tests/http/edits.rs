//! Edits that no other test makes.

use serde_json::json;
use uuid::Uuid;
use xopero_simulator::{
    Edit, Endpoint, Simulator, State,
    builder::{organization, plan, repository, user},
    state::Upstream,
};

use crate::client::{Client, names, repositories, start, world, written_world};

#[tokio::test]
async fn an_organization_added_again_has_other_ids_and_empty_plans() {
    let (simulator, client) = start(world()).await;
    let before = simulator.organization_id("acme").unwrap();
    let api = simulator.repository_id("acme", "api").unwrap();
    let nightly = simulator.plan_id("acme", "nightly").unwrap();
    let mills = simulator
        .project_id("Northwind Mills", "Grain Ledger")
        .unwrap();
    for organization in ["acme", "Northwind Mills"] {
        let organization = organization.to_owned();
        simulator
            .edit(Edit::ReAddOrganization { organization })
            .unwrap();
    }
    let after = simulator.organization_id("acme").unwrap();
    assert_ne!(after, before);
    assert_ne!(
        simulator
            .project_id("Northwind Mills", "Grain Ledger")
            .unwrap(),
        mills
    );
    assert_eq!(simulator.plan_id("acme", "nightly").unwrap(), nightly);
    let row = simulator.repository("acme", "api").unwrap();
    assert_ne!(row.id, api);
    assert!(!row.licensed && row.plans.is_empty());
    assert_eq!(
        client.page(after, 9, 1).await.names(),
        ["api", "docs", "web"],
        "old is gone at the Git service"
    );
    assert_eq!(client.page(before, 9, 1).await.status, 404);
    assert_eq!(simulator.licences_left(), Some(9));
}

#[tokio::test]
async fn organizations_come_go_and_change_their_names() {
    let (simulator, client) = start(world()).await;
    let id = simulator.organization_id("acme").unwrap();
    simulator
        .edit(Edit::RenameOrganization {
            organization: "acme".into(),
            to: "acme-inc".into(),
        })
        .unwrap();
    assert_eq!(simulator.organization_id("acme-inc").unwrap(), id);
    simulator
        .edit(Edit::RemoveOrganization {
            organization: "harbour".into(),
        })
        .unwrap();
    let twin = organization("acme-inc")
        .id(Uuid::from_u128(1))
        .gitlab()
        .with(repository("api"));
    simulator
        .edit(Edit::AddOrganization {
            organization: twin.clone(),
        })
        .unwrap();
    assert!(
        simulator
            .edit(Edit::AddOrganization { organization: twin })
            .is_err(),
        "one id, two organizations"
    );
    let answer = client.call(Endpoint::ListOrganizations, json!({})).await;
    assert_eq!(answer.names(), ["acme-inc", "Northwind Mills", "acme-inc"]);
    assert_eq!(
        simulator
            .repositories(&Uuid::from_u128(1).to_string())
            .unwrap()
            .len(),
        1,
        "by id"
    );
    assert_eq!(simulator.licences_left(), Some(7));
}

#[tokio::test]
async fn a_plan_goes_with_its_last_organization() {
    let (simulator, client) = start(world()).await;
    let hourly = json!({"planid": simulator.plan_id("harbour", "hourly").unwrap()});
    assert_eq!(
        client
            .call(Endpoint::ModifyPlan, hourly.clone())
            .await
            .status,
        200
    );
    simulator
        .edit(Edit::RemoveOrganization {
            organization: "harbour".into(),
        })
        .unwrap();
    assert_eq!(client.call(Endpoint::ModifyPlan, hourly).await.status, 404);
}

#[test]
fn what_the_git_service_holds_survives_writing_and_reading() {
    let id = Uuid::from_u128(9);
    let with = |organization: xopero_simulator::state::Organization| {
        xopero_simulator::builder::state().with(organization)
    };
    for state in [
        with(
            organization("acme")
                .with(repository("api").id(id))
                .upstream("new"),
        ),
        with(
            organization("acme")
                .with("api")
                .with("web")
                .upstream(repository("new").project("P")),
        ),
    ] {
        let simulator = Simulator::start(state).unwrap();
        let written = simulator.state();
        assert!(
            written.organizations.first().unwrap().upstream.is_some(),
            "it differs from what is known"
        );
        let again =
            Simulator::start(State::from_yaml(&written.to_yaml().unwrap()).unwrap()).unwrap();
        assert_eq!(again.state(), written);
        again.start_synchronization("acme").unwrap();
        let known = again.repositories("acme").unwrap();
        assert!(known.iter().any(|row| row.name == "new") && known.iter().all(|row| !row.removed));
        assert_eq!(
            again.state().organizations.first().unwrap().upstream,
            None,
            "it is the same now"
        );
    }
}

#[test]
fn upstream_need_not_repeat_an_explicit_id() {
    let yaml = "organizations: [{name: acme, repositories: [{name: api, id: 00000000-0000-0000-0000-000000000009}], upstream: [{name: api}]}]";
    let simulator = Simulator::start(State::from_yaml(yaml).unwrap()).unwrap();
    simulator.start_synchronization("acme").unwrap();
    let known = simulator.repositories("acme").unwrap();
    assert_eq!(
        (known.len(), known[0].id, known[0].removed),
        (1, Uuid::from_u128(9), false)
    );
}

#[tokio::test]
async fn plans_come_go_and_change_their_names() {
    let (simulator, client) = start(world()).await;
    let acme = simulator.organization_id("acme").unwrap();
    simulator
        .edit(Edit::AddPlan {
            organization: "acme".into(),
            plan: plan("docs").rules(&["d*"]),
        })
        .unwrap();
    assert_eq!(simulator.members("acme", "docs").unwrap(), ["docs"]);
    let nightly = simulator.plan_id("acme", "nightly").unwrap();
    simulator
        .edit(Edit::RenamePlan {
            organization: "acme".into(),
            plan: "nightly".into(),
            to: "daily".into(),
        })
        .unwrap();
    assert_eq!(simulator.plan_id("acme", "daily").unwrap(), nightly);
    simulator
        .edit(Edit::RemovePlan {
            organization: "acme".into(),
            plan: "daily".into(),
        })
        .unwrap();
    assert!(names(&client.row(acme, "api").await["plans"]).is_empty());
    let plans = client
        .call(Endpoint::ListPlans, json!({"organizationId": acme}))
        .await
        .json();
    assert_eq!(names(&plans), ["weekly", "docs"]);
}

#[tokio::test]
async fn repositories_are_edited_by_hand() {
    let (simulator, client) = start(world()).await;
    simulator
        .add_repository("acme", repository("more").licensed().in_plan("weekly"))
        .unwrap();
    assert!(
        simulator.add_repository("acme", "more").is_err(),
        "it is there"
    );
    simulator.unlicense("acme", "more").unwrap();
    simulator.license("acme", "web").unwrap();
    simulator.attach("acme", "weekly", "web").unwrap();
    simulator.detach("acme", "weekly", "more").unwrap();
    simulator
        .edit(Edit::MarkRemoved {
            organization: "acme".into(),
            repository: "old".into(),
            removed: false,
        })
        .unwrap();
    simulator.remove_repository("acme", "docs").unwrap();
    let rows = simulator.repositories("acme").unwrap();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.name.as_str(),
                row.licensed,
                row.removed,
                row.plans.join(","),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("api", true, false, "nightly".to_owned()),
            ("more", false, false, String::new()),
            ("old", true, false, "weekly".to_owned()),
            ("web", true, false, "weekly".to_owned()),
        ]
    );
    simulator
        .detach_project("Northwind Mills", "Azure nightly", "Grain Ledger")
        .unwrap();
    simulator
        .attach_project("Northwind Mills", "Azure nightly", "Mill Control Systems")
        .unwrap();
    assert_eq!(
        simulator
            .project_members("Northwind Mills", "Azure nightly")
            .unwrap(),
        ["Mill Control Systems"]
    );
    let of_project = simulator
        .repository("Northwind Mills", "Mill Control Systems/common")
        .unwrap();
    assert_eq!(of_project.project.as_deref(), Some("Mill Control Systems"));
    simulator.set_licences(Some(5)).unwrap();
    let docs = client
        .call(Endpoint::Activate, repositories(&simulator, &["more"]))
        .await;
    assert_eq!((docs.status, simulator.licences_left()), (200, Some(0)));
}

#[tokio::test]
async fn a_project_appears_with_its_first_repository() {
    let (simulator, client) = start(world()).await;
    let new = Upstream {
        name: "scales".into(),
        project: Some("Weigh House".into()),
        ..Upstream::default()
    };
    simulator
        .edit(Edit::CreateUpstream {
            organization: "Northwind Mills".into(),
            repository: new,
        })
        .unwrap();
    simulator.start_synchronization("Northwind Mills").unwrap();
    let mills = simulator.organization_id("Northwind Mills").unwrap();
    let row = client.row(mills, "scales").await;
    assert_eq!(
        row["projectId"],
        json!(xopero_simulator::ids::project(
            "Northwind Mills",
            "Weigh House"
        ))
    );
}

#[tokio::test]
async fn what_vanished_and_comes_back_is_the_same_row() {
    let (simulator, _client) = start(world()).await;
    let api = simulator.repository("acme", "api").unwrap();
    simulator.delete_upstream("acme", "api").unwrap();
    simulator.start_synchronization("acme").unwrap();
    assert!(simulator.repository("acme", "api").unwrap().removed);
    simulator.create_upstream("acme", "api").unwrap();
    simulator.start_synchronization("acme").unwrap();
    assert_eq!(simulator.repository("acme", "api").unwrap(), api);
}

#[tokio::test]
async fn accounts_come_and_go() {
    let (simulator, _client) = start(world()).await;
    let second = user("second@example.com", "two");
    simulator.edit(Edit::AddUser { user: second }).unwrap();
    let client = Client::of(&simulator)
        .sign_in("second@example.com", "two")
        .await;
    simulator
        .edit(Edit::RemoveUser {
            email: "second@example.com".into(),
        })
        .unwrap();
    assert_eq!(
        client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .status,
        401
    );
    assert_eq!(client.login("second@example.com", "two").await.status, 401);
    assert!(
        simulator
            .set_password("second@example.com", "three")
            .is_err()
    );
}

#[tokio::test]
async fn an_edit_that_names_nothing_changes_nothing_and_says_what_to_write() {
    let (simulator, _client) = start(world()).await;
    for error in [
        simulator.create_upstream("nobody", "x").unwrap_err(),
        simulator.delete_upstream("acme", "x").unwrap_err(),
        simulator.attach("acme", "x", "api").unwrap_err(),
        simulator
            .attach_project("acme", "nightly", "x")
            .unwrap_err(),
        simulator.license("acme", "x").unwrap_err(),
        simulator.release_synchronization("acme").unwrap_err(),
    ] {
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(simulator.state(), written_world());
}
