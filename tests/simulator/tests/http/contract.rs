//! The contract against the server: every answer fits it, every property is marked, and both know the same names.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use xopero_simulator::{
    Dialect, Endpoint, Simulator,
    dialect::{EmptyAnswer, PlansListing, ProjectMembership},
    names::{self, Known},
    state::LastStatus,
};

use crate::client::{Client, EMAIL, PASSWORD, pair, project_pair, repositories, world};

fn contract() -> Value {
    serde_saphyr::from_str(include_str!("../../contract/openapi.yaml")).unwrap()
}

/// The schema of a request or an answer, with all that it refers to.
fn validator(contract: &Value, schema: &Value) -> Validator {
    let mut root = schema.clone();
    root["components"] = contract["components"].clone();
    let options = jsonschema::options().with_draft(Draft::Draft202012);
    options.should_validate_formats(true).build(&root).unwrap()
}

fn operation(contract: &Value, endpoint: Endpoint) -> &Value {
    &contract["paths"][endpoint.path()]["post"]
}

const JSON: &str = "application/json";

/// Calls an endpoint; request and answer must fit the contract.
async fn fits(client: &Client, contract: &Value, endpoint: Endpoint, body: Value) {
    let operation = operation(contract, endpoint);
    let request = &operation["requestBody"]["content"][JSON]["schema"];
    if let Err(error) = validator(contract, request).validate(&body) {
        panic!("the request of {endpoint} does not fit: {error}");
    }
    let answer = client.call(endpoint, body).await;
    assert_eq!(answer.status, 200, "{endpoint}: {answer:?}");
    match operation["responses"]["200"].get("content") {
        None => assert!(["", "{}"].contains(&answer.text.as_str()), "{endpoint}"),
        Some(content) => {
            let validator = validator(contract, &content[JSON]["schema"]);
            if let Err(error) = validator.validate(&answer.json()) {
                panic!(
                    "the answer of {endpoint} does not fit: {error} in {}",
                    answer.text
                );
            }
        }
    }
}

async fn every_endpoint_fits(dialect: Dialect) {
    let contract = contract();
    let simulator = Simulator::start(world().dialect(dialect)).unwrap();
    let client = Client::signed_in(&simulator).await;
    let status = LastStatus {
        successes: 1,
        warnings: 0,
        errors: 0,
    };
    simulator.finish_run("acme", "nightly", status, 1).unwrap();
    let organization = |name| json!({"organizationId": simulator.organization_id(name).unwrap()});
    let plan = |organization, plan| json!({"planid": simulator.plan_id(organization, plan).unwrap(), "includeMetadata": true, "retention": 3});
    let web = pair(&simulator, "nightly", "web");
    let control = project_pair(&simulator, "Mill Control Systems");
    let paging =
        json!({"limit": 2, "page": 1, "orderby": "name", "ordertype": "asc", "filters": []});
    let mut listing = paging.clone();
    listing["organizationId"] = organization("Northwind Mills")["organizationId"].clone();
    let calls = [
        (
            Endpoint::Login,
            json!({"email": EMAIL, "password": PASSWORD, "rememberMe": true}),
        ),
        (Endpoint::ListOrganizations, paging),
        (Endpoint::ListPlans, organization("acme")),
        (Endpoint::AttachRepository, web.clone()),
        (Endpoint::DetachRepository, web),
        (Endpoint::AttachProject, control.clone()),
        (Endpoint::DetachProject, control),
        (Endpoint::ModifyPlan, plan("acme", "nightly")),
        (
            Endpoint::ModifyAzurePlan,
            plan("Northwind Mills", "Azure nightly"),
        ),
        (Endpoint::ListRepositories, listing),
        (Endpoint::ListRepositories, organization("acme")),
        (Endpoint::Activate, repositories(&simulator, &["web"])),
        (Endpoint::Deactivate, repositories(&simulator, &["web"])),
        (
            Endpoint::Remove,
            json!({"repositoryId": simulator.repository_id("acme", "old").unwrap()}),
        ),
        (Endpoint::Sync, organization("acme")),
    ];
    let called: BTreeSet<Endpoint> = calls.iter().map(|(endpoint, _)| *endpoint).collect();
    assert_eq!(called.len(), Endpoint::ALL.len());
    for (endpoint, body) in calls {
        fits(&client, &contract, endpoint, body).await;
    }
}

#[tokio::test]
async fn every_answer_fits_the_contract() {
    every_endpoint_fits(Dialect::default()).await;
}

#[tokio::test]
async fn the_other_shapes_fit_it_too() {
    every_endpoint_fits(Dialect {
        plans_listing: PlansListing::Result,
        empty_answer: EmptyAnswer::Object,
        project_membership: ProjectMembership::OnPlans,
        ..Dialect::default()
    })
    .await;
}

#[test]
fn an_answer_with_another_name_does_not_fit() {
    let contract = contract();
    let schema = json!({"$ref": "#/components/schemas/Login"});
    let validator = validator(&contract, &schema);
    let id = uuid::Uuid::nil();
    assert!(validator.is_valid(&json!({"userId": id, "accessToken": "x"})));
    assert!(!validator.is_valid(&json!({"userId": id, "token": "x"})));
    assert!(!validator.is_valid(&json!({"userId": "nobody", "accessToken": "x"})));
}

#[test]
fn the_contract_has_the_fourteen_endpoints_and_no_other() {
    let contract = contract();
    let paths: BTreeSet<&str> = contract["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        paths,
        Endpoint::ALL.into_iter().map(Endpoint::path).collect()
    );
    for endpoint in Endpoint::ALL {
        assert_eq!(
            operation(&contract, endpoint)["operationId"],
            endpoint.name()
        );
    }
}

/// The properties of a schema with their marks.
fn marks(contract: &Value, schema: &str) -> BTreeMap<String, Known> {
    let schema = schema.trim_start_matches("#/components/schemas/");
    let properties = contract["components"]["schemas"][schema]["properties"].as_object();
    let mark = |property: &Value| match property["x-known"].as_str() {
        Some("documented") => Known::Documented,
        Some("assumed") => Known::Assumed,
        other => panic!("{schema} has a property marked {other:?}"),
    };
    let properties = properties.into_iter().flatten();
    properties
        .map(|(name, property)| (name.clone(), mark(property)))
        .collect()
}

#[test]
fn every_property_is_marked_as_the_server_marks_it() {
    let contract = contract();
    let mut found: BTreeMap<String, Known> = BTreeMap::new();
    for endpoint in Endpoint::ALL {
        let schema = &operation(&contract, endpoint)["requestBody"]["content"][JSON]["schema"];
        for (name, known) in marks(&contract, schema["$ref"].as_str().unwrap()) {
            found.insert(format!("request.{endpoint}.{name}").to_lowercase(), known);
        }
    }
    for (schema, shape) in [
        ("Login", "login"),
        ("OrganizationPage", "page"),
        ("RepositoryPage", "page"),
        ("Organization", "organization"),
        ("Plan", "plan"),
        ("LastStatus", "lastStatus"),
        ("Repository", "repository"),
        ("PlanReference", "planReference"),
    ] {
        for (name, known) in marks(&contract, schema) {
            found.insert(format!("response.{shape}.{name}").to_lowercase(), known);
        }
    }
    // The vendor prints `planid` and `repositoryid`; casing does not matter in requests.
    let keys = names::keys().into_iter();
    let keys = keys.map(|(key, known)| (key.to_lowercase(), known));
    assert_eq!(found, keys.collect());
    for schema in contract["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        marks(&contract, schema);
    }
}
