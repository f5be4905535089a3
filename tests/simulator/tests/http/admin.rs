//! The admin interface does over HTTP what the handle does in process.

use reqwest::Method;
use serde_json::{Value, json};
use xopero_simulator::{Endpoint, State};

use crate::client::{pair, start, world, written_world};

#[tokio::test]
async fn the_state_is_read_and_replaced() {
    let (simulator, client) = start(world()).await;
    assert_eq!(
        client
            .send(Method::GET, "/_simulator/health", String::new())
            .await
            .text,
        "ok\n"
    );
    let yaml = client
        .send(Method::GET, "/_simulator/state?format=yaml", String::new())
        .await
        .text;
    assert_eq!(State::from_yaml(&yaml).unwrap(), written_world());
    let json = client
        .send(Method::GET, "/_simulator/state", String::new())
        .await
        .json();
    assert_eq!(json["organizations"][0]["name"], "acme");
    let other = "users: []\norganizations:\n  - name: other\n";
    let answer = client
        .send(Method::PUT, "/_simulator/state", other.to_owned())
        .await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert!(
        simulator.organization_id("other").is_ok() && simulator.organization_id("acme").is_err()
    );
    let wrong = "organizations:\n  - name: other\n    repository: []\n";
    let answer = client
        .send(Method::PUT, "/_simulator/state", wrong.to_owned())
        .await;
    assert!(
        answer.status == 400 && answer.text.contains("repository"),
        "{answer:?}"
    );
    assert!(simulator.organization_id("other").is_ok());
}

#[tokio::test]
async fn edits_are_made_one_or_several() {
    let (simulator, client) = start(world()).await;
    let one = json!({"edit": "setLicence", "organization": "acme", "repository": "web", "licensed": true});
    let answer = client
        .send(Method::POST, "/_simulator/edits", one.to_string())
        .await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert!(simulator.repository("acme", "web").unwrap().licensed);
    let several = "- {edit: setSynchronization, synchronization: untilReleased}\n- {edit: startSynchronization, organization: acme}\n- {edit: attach, organization: acme, repository: nothing, plan: nightly}\n";
    let answer = client
        .send(Method::POST, "/_simulator/edits", several.to_owned())
        .await;
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .text
            .starts_with("edit 2: the organization \"acme\" knows no repository \"nothing\""),
        "{}",
        answer.text
    );
    assert!(
        simulator
            .state()
            .organizations
            .first()
            .unwrap()
            .synchronization_in_progress
    );
    let answer = client
        .send(Method::POST, "/_simulator/edits", "{edit: fly}".to_owned())
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn the_journal_is_read_filtered_counted_and_cleared() {
    let (simulator, client) = start(world()).await;
    for repository in ["web", "docs"] {
        client
            .call(
                Endpoint::AttachRepository,
                pair(&simulator, "nightly", repository),
            )
            .await;
    }
    client.call(Endpoint::ListOrganizations, json!({})).await;
    let read = async |query: &str| -> Vec<Value> {
        let path = format!("/_simulator/journal{query}");
        client
            .send(Method::GET, &path, String::new())
            .await
            .json()
            .as_array()
            .unwrap()
            .clone()
    };
    assert_eq!(read("").await.len(), 3);
    let docs = read("?endpoint=attachRepository&target=docs").await;
    assert_eq!(
        (
            docs.len(),
            &docs[0]["changes"],
            &docs[0]["answer"]["status"]
        ),
        (1, &json!(1), &json!(200))
    );
    let since = docs[0]["number"].as_u64().unwrap();
    assert_eq!(read(&format!("?since={since}")).await.len(), 1);
    let summary = client
        .send(Method::GET, "/_simulator/journal/summary", String::new())
        .await
        .json();
    assert_eq!(
        (&summary["calls"], &summary["changing"]["attachRepository"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(
        client
            .send(Method::DELETE, "/_simulator/journal", String::new())
            .await
            .status,
        204
    );
    assert!(read("").await.is_empty());
    assert_eq!(
        client
            .send(
                Method::GET,
                "/_simulator/journal?endpoint=fly",
                String::new()
            )
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn faults_are_put_in_place_counted_and_healed() {
    let (simulator, client) = start(world()).await;
    let faults = "- {endpoint: activate, times: untilHealed, effect: {status: {code: 503, retryAfter: {dateIn: 2}}}}\n- {endpoint: sync, nth: 2, effect: lost}\n- {effect: {slow: 20ms}}\n";
    let ids = client
        .send(Method::POST, "/_simulator/faults", faults.to_owned())
        .await
        .json();
    assert_eq!(ids, json!({"ids": [1, 2, 3]}));
    assert_eq!(client.call(Endpoint::Activate, json!({})).await.status, 503);
    let reports = client
        .send(Method::GET, "/_simulator/faults", String::new())
        .await
        .json();
    assert_eq!(
        (&reports[0]["fired"], &reports[2]["seen"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        client
            .send(Method::DELETE, "/_simulator/faults/1", String::new())
            .await
            .status,
        204
    );
    assert_eq!(
        client
            .send(Method::DELETE, "/_simulator/faults/9", String::new())
            .await
            .status,
        404
    );
    assert_eq!(client.call(Endpoint::Activate, json!({})).await.status, 200);
    client
        .send(Method::DELETE, "/_simulator/faults", String::new())
        .await;
    assert!(simulator.faults().iter().all(|report| report.healed));
    let wrong = client
        .send(
            Method::POST,
            "/_simulator/faults",
            "{effect: explode}".to_owned(),
        )
        .await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn the_dialect_is_read_and_replaced() {
    let (simulator, client) = start(world()).await;
    let mut dialect = client
        .send(Method::GET, "/_simulator/dialect", String::new())
        .await
        .json();
    dialect["casing"] = json!("pascalCase");
    dialect["names"] = json!({"response.repository.hasLicence": null});
    let answer = client
        .send(Method::PUT, "/_simulator/dialect", dialect.to_string())
        .await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(serde_json::to_value(simulator.dialect()).unwrap(), dialect);
    let answer = client
        .send(
            Method::PUT,
            "/_simulator/dialect",
            r#"{"names":{"x":"y"}}"#.to_owned(),
        )
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn what_it_does_not_know_it_answers_with_what_it_knows() {
    let (_simulator, client) = start(world()).await;
    let answer = client
        .send(Method::POST, "/_simulator/state", String::new())
        .await;
    assert!(
        answer.status == 404 && answer.text.contains("PUT state"),
        "{answer:?}"
    );
}
