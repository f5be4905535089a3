//! What listings show, and how.

use serde_json::{Value, json};
use uuid::Uuid;
use xopero_simulator::{
    Dialect, Endpoint,
    builder::plan,
    dialect::{
        OrganizationPlans, PlansListing, ProjectMembership, ProtectedRepositories, RepoCount,
        UnknownOrganization, Visibility,
    },
};

use crate::client::{names, speaking, start, world};

#[tokio::test]
async fn plans_are_listed_as_an_array_or_in_result() {
    for plans_listing in [PlansListing::BareArray, PlansListing::Result] {
        let (simulator, client) = speaking(Dialect {
            plans_listing,
            ..Dialect::default()
        })
        .await;
        let acme = json!({"organizationId": simulator.organization_id("acme").unwrap()});
        let answer = client.call(Endpoint::ListPlans, acme).await.json();
        let plans = match plans_listing {
            PlansListing::BareArray => &answer,
            PlansListing::Result => &answer["result"],
        };
        assert_eq!(names(plans), ["nightly", "weekly"]);
    }
}

#[tokio::test]
async fn an_organization_may_show_no_plan_though_it_has_one() {
    let (_simulator, client) = speaking(Dialect {
        organization_plans: OrganizationPlans::Empty,
        ..Dialect::default()
    })
    .await;
    let organizations = client
        .call(Endpoint::ListOrganizations, json!({}))
        .await
        .json();
    assert_eq!(organizations["result"][0]["plans"], json!([]));
}

#[tokio::test]
async fn what_is_hidden_is_not_in_the_answers() {
    let hidden = Dialect {
        organization_plans: OrganizationPlans::Hidden,
        licences: Visibility::Hidden,
        repository_plans: Visibility::Hidden,
        repository_organization: Visibility::Hidden,
        removed_rows: Visibility::Hidden,
        ..Dialect::default()
    };
    let (simulator, client) = speaking(hidden).await;
    let organizations = client
        .call(Endpoint::ListOrganizations, json!({}))
        .await
        .json();
    assert_eq!(organizations["result"][0].get("plans"), None);
    let page = client
        .page(simulator.organization_id("acme").unwrap(), 2, 1)
        .await;
    assert_eq!(
        (page.names(), &page.json()["totalEntries"]),
        (vec!["api".to_owned(), "docs".to_owned()], &json!(3))
    );
    let fields: Vec<String> = page.json()["result"][0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(fields, ["id", "isRemoved", "name"]);
}

#[tokio::test]
async fn a_listing_of_an_unknown_organization_is_an_error_or_empty() {
    let nobody = json!({"organizationId": Uuid::new_v4(), "limit": 1});
    for (unknown_organization, status) in [
        (UnknownOrganization::NotFound, 404),
        (UnknownOrganization::EmptyPage, 200),
        (UnknownOrganization::ServerError, 500),
    ] {
        let (_simulator, client) = speaking(Dialect {
            unknown_organization,
            ..Dialect::default()
        })
        .await;
        for endpoint in [Endpoint::ListRepositories, Endpoint::ListPlans] {
            let answer = client.call(endpoint, nobody.clone()).await;
            assert_eq!(answer.status, status);
            if status == 200 {
                let answer = answer.json();
                let rows = answer.get("result").unwrap_or(&answer);
                assert_eq!(rows, &json!([]));
            }
        }
    }
}

#[tokio::test]
async fn the_server_may_cap_the_size_of_a_page() {
    let (simulator, client) = speaking(Dialect {
        page_size_cap: Some(3),
        ..Dialect::default()
    })
    .await;
    let acme = simulator.organization_id("acme").unwrap();
    let answer = client.page(acme, 100, 1).await;
    assert_eq!(
        (answer.names().len(), &answer.json()["pageCount"]),
        (3, &json!(2))
    );
    assert_eq!(client.page(acme, 100, 2).await.names(), ["web"]);
}

#[tokio::test]
async fn numbers_may_count_licences_and_whole_plans() {
    let dialect = Dialect {
        protected_repositories: ProtectedRepositories::Licensed,
        repo_count: RepoCount::OfThePlan,
        ..Dialect::default()
    };
    let shared = Uuid::from_u128(7);
    let mut state = world();
    for (organization, member) in state
        .organizations
        .iter_mut()
        .zip(["web", "platform/runtime/api"])
    {
        organization.plans.push(plan("shared").id(shared));
        let mut repositories = organization.repositories.iter_mut();
        repositories
            .find(|repository| repository.name == member)
            .unwrap()
            .plans
            .push("shared".to_owned());
    }
    let (simulator, client) = start(state).await;
    let counted = async || {
        let answer = client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .json();
        let acme = answer["result"][0].clone();
        (
            acme["protectedRepositories"].clone(),
            acme["plans"][2]["repoCount"].clone(),
        )
    };
    assert_eq!(counted().await, (json!(2), json!(1)));
    simulator.set_dialect(dialect).unwrap();
    assert_eq!(counted().await, (json!(3), json!(2)));
}

#[tokio::test]
async fn a_project_shows_its_plan_on_rows_on_plans_or_nowhere() {
    for (project_membership, on_rows, on_plans) in [
        (ProjectMembership::OnRepositories, 1, None),
        (ProjectMembership::OnPlans, 0, Some(1)),
        (ProjectMembership::Hidden, 0, None),
    ] {
        let (simulator, client) = speaking(Dialect {
            project_membership,
            ..Dialect::default()
        })
        .await;
        let mills = simulator.organization_id("Northwind Mills").unwrap();
        let row = client.row(mills, "ledger").await;
        assert_eq!(
            names(&row["plans"]).len(),
            on_rows,
            "{project_membership:?}"
        );
        let plans = client
            .call(Endpoint::ListPlans, json!({"organizationId": mills}))
            .await
            .json();
        let projects = plans[0]
            .get("projects")
            .and_then(Value::as_array)
            .map(Vec::len);
        assert_eq!(projects, on_plans, "{project_membership:?}");
        assert_eq!(plans[0]["repoCount"], 2);
    }
}
