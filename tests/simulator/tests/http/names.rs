//! Every wire name can be another one, and every name of the answers can be missing.

use serde_json::{Value, json};
use xopero_simulator::{
    Dialect, Endpoint,
    dialect::{Casing, ProjectMembership, UnknownNames},
    state::LastStatus,
};

use crate::client::{Client, EMAIL, PASSWORD, names, speaking, start, world};

/// A request of each endpoint under its usual names, and whether it may be repeated without effect on the next.
fn requests(simulator: &xopero_simulator::Simulator) -> Vec<(Endpoint, Value)> {
    let acme = simulator.organization_id("acme").unwrap();
    let nightly = simulator.plan_id("acme", "nightly").unwrap();
    let azure = simulator
        .plan_id("Northwind Mills", "Azure nightly")
        .unwrap();
    let control = simulator
        .project_id("Northwind Mills", "Mill Control Systems")
        .unwrap();
    let web = simulator.repository_id("acme", "web").unwrap();
    let paging =
        json!({"limit": 1, "page": 2, "orderby": "name", "ordertype": "desc", "filters": []});
    let mut listing = paging.clone();
    listing["organizationId"] = json!(acme);
    vec![
        (
            Endpoint::Login,
            json!({"email": EMAIL, "password": PASSWORD, "rememberMe": true}),
        ),
        (Endpoint::ListOrganizations, paging),
        (Endpoint::ListPlans, json!({"organizationId": acme})),
        (
            Endpoint::AttachRepository,
            json!({"planId": nightly, "repositoryId": web}),
        ),
        (
            Endpoint::DetachRepository,
            json!({"planId": nightly, "repositoryId": web}),
        ),
        (
            Endpoint::AttachProject,
            json!({"planId": azure, "projectId": control}),
        ),
        (
            Endpoint::DetachProject,
            json!({"planId": azure, "projectId": control}),
        ),
        (
            Endpoint::ModifyPlan,
            json!({"planId": nightly, "includeMetadata": true}),
        ),
        (
            Endpoint::ModifyAzurePlan,
            json!({"planId": azure, "includeMetadata": true}),
        ),
        (Endpoint::ListRepositories, listing),
        (Endpoint::Activate, json!({"repositoryIds": [web]})),
        (Endpoint::Deactivate, json!({"repositoryIds": [web]})),
        (Endpoint::Sync, json!({"organizationId": acme})),
        (Endpoint::Remove, json!({"repositoryId": web})),
    ]
}

#[tokio::test]
async fn every_request_field_may_have_another_name() {
    let mut dialect = Dialect {
        unknown_names: UnknownNames::Refused,
        ..Dialect::default()
    };
    for (key, _) in xopero_simulator::names::keys() {
        if let Some(field) = key.strip_prefix("request.") {
            let name = field.rsplit('.').next().unwrap();
            dialect = dialect.naming(&key, &format!("x{name}"));
        }
    }
    let (plain, plain_client) = start(world()).await;
    let (renamed, renamed_client) = {
        let simulator = xopero_simulator::Simulator::start(world().dialect(dialect)).unwrap();
        let client = Client::of(&simulator);
        let login = json!({"xemail": EMAIL, "xpassword": PASSWORD});
        let token = client.call(Endpoint::Login, login).await.json();
        (
            simulator,
            client.with_token(token["accessToken"].as_str().unwrap()),
        )
    };
    for (endpoint, body) in requests(&plain) {
        let fields = body.as_object().unwrap();
        let other: serde_json::Map<_, _> = fields
            .iter()
            .map(|(name, value)| (format!("x{name}"), value.clone()))
            .collect();
        let expected = plain_client.call(endpoint, body.clone()).await;
        assert_eq!(expected.status, 200, "{endpoint}: {expected:?}");
        if !matches!(
            endpoint,
            Endpoint::ModifyPlan | Endpoint::ModifyAzurePlan | Endpoint::Login
        ) {
            let usual = renamed_client.call(endpoint, body).await;
            assert_eq!(usual.status, 400, "{endpoint} under the usual names");
        }
        let answer = renamed_client.call(endpoint, Value::Object(other)).await;
        assert_eq!(answer.status, 200, "{endpoint}: {answer:?}");
        if endpoint != Endpoint::Login {
            assert_eq!(answer.text, expected.text, "{endpoint}");
        }
    }
    let (mut one, mut other) = (plain.state(), renamed.state());
    one.dialect = Dialect::default();
    other.dialect = Dialect::default();
    assert_eq!(one, other);
}

/// The objects in an answer that have this field.
fn holds(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(fields) => {
            fields.contains_key(name) || fields.values().any(|value| holds(value, name))
        }
        Value::Array(values) => values.iter().any(|value| holds(value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[tokio::test]
async fn every_response_field_may_have_another_name_or_none() {
    let usual = Dialect {
        project_membership: ProjectMembership::OnPlans,
        ..Dialect::default()
    };
    for (key, _) in xopero_simulator::names::keys() {
        let Some(field) = key.strip_prefix("response.") else {
            continue;
        };
        let (shape, name) = field.split_once('.').unwrap();
        for dialect in [
            usual.clone().naming(&key, "xother"),
            usual.clone().without(&key),
        ] {
            let renamed = dialect.names.values().flatten().next().is_some();
            let simulator =
                xopero_simulator::Simulator::start(world().dialect(usual.clone())).unwrap();
            let client = Client::signed_in(&simulator).await;
            let status = LastStatus {
                successes: 1,
                warnings: 0,
                errors: 0,
            };
            simulator.finish_run("acme", "nightly", status, 1).unwrap();
            simulator.set_dialect(dialect).unwrap();
            let organization = simulator.organization_id("Northwind Mills").unwrap();
            let acme = simulator.organization_id("acme").unwrap();
            let answers = match shape {
                "login" => vec![client.login(EMAIL, PASSWORD).await.json()],
                "page" | "organization" => vec![
                    client
                        .call(Endpoint::ListOrganizations, json!({}))
                        .await
                        .json(),
                ],
                "plan" | "lastStatus" => vec![
                    client
                        .call(Endpoint::ListPlans, json!({"organizationId": acme}))
                        .await
                        .json(),
                ],
                _ => vec![
                    client.page(organization, 9, 1).await.json(),
                    client.page(acme, 9, 1).await.json(),
                ],
            };
            assert_eq!(
                answers.iter().any(|answer| holds(answer, "xother")),
                renamed,
                "{key}: {answers:?}"
            );
            // Other shapes may have a field of that name: only of these is it certain that none does.
            if !["id", "name", "plans", "organizationId"].contains(&name) {
                assert!(!answers.iter().any(|answer| holds(answer, name)), "{key}");
            }
        }
    }
}

#[tokio::test]
async fn a_listing_asked_under_a_name_that_is_ignored_answers_with_everything() {
    let dialect = Dialect::default()
        .naming("request.listRepositories.organizationId", "orgId")
        .naming("request.listPlans.organizationId", "orgId");
    let (simulator, client) = speaking(dialect).await;
    let acme = simulator.organization_id("acme").unwrap();
    assert_eq!(client.page(acme, 50, 1).await.json()["totalEntries"], 9);
    let plans = client
        .call(Endpoint::ListPlans, json!({"organizationId": acme}))
        .await
        .json();
    assert_eq!(plans.as_array().unwrap().len(), 4);
    let scoped = json!({"orgId": acme, "limit": 50});
    assert_eq!(
        client
            .call(Endpoint::ListRepositories, scoped)
            .await
            .names()
            .len(),
        4
    );
}

#[tokio::test]
async fn an_unknown_name_is_refused_where_the_dialect_says_so() {
    let dialect = Dialect {
        unknown_names: UnknownNames::Refused,
        ..Dialect::default()
    }
    .naming("request.activate.repositoryIds", "repositoriesIds");
    let (simulator, client) = speaking(dialect).await;
    let web = simulator.repository_id("acme", "web").unwrap();
    assert_eq!(
        client
            .call(Endpoint::Activate, json!({"repositoryIds": [web]}))
            .await
            .status,
        400
    );
    assert_eq!(
        client
            .call(Endpoint::Activate, json!({"repositoriesIds": [web]}))
            .await
            .status,
        200
    );
    assert!(simulator.repository("acme", "web").unwrap().licensed);
}

#[tokio::test]
async fn names_of_answers_may_begin_with_a_capital() {
    let (simulator, client) = speaking(
        Dialect {
            casing: Casing::PascalCase,
            ..Dialect::default()
        }
        .naming("response.repository.hasLicence", "isLicensed"),
    )
    .await;
    let answer = client
        .page(simulator.organization_id("acme").unwrap(), 1, 1)
        .await
        .json();
    assert_eq!(answer["TotalEntries"], 4);
    let row = &answer["Result"][0];
    assert_eq!(
        (&row["Name"], &row["IsLicensed"]),
        (&json!("api"), &json!(true))
    );
    assert_eq!(row["Plans"][0]["Name"], "nightly");
    assert_eq!(row.get("name"), None);
}

#[tokio::test]
async fn a_dialect_that_names_no_field_is_refused() {
    let (simulator, client) = start(world()).await;
    let dialect = Dialect::default().naming("request.activate.repositories", "x");
    let error = simulator.set_dialect(dialect).unwrap_err().to_string();
    assert!(
        error.contains("\"request.activate.repositories\"")
            && error.contains("request.activate.repositoryIds"),
        "{error}"
    );
    let organizations = client
        .call(Endpoint::ListOrganizations, json!({}))
        .await
        .json();
    assert_eq!(names(&organizations["result"]).len(), 3);
}
