//! Faults of listings: pages and numbers that are wrong.

use serde_json::{Value, json};
use xopero_simulator::{
    Edit, Effect, Endpoint, Fault, Simulator, State,
    builder::{organization, state, user},
    state::Synchronization,
};

use crate::client::{Client, EMAIL, PASSWORD, Reply, names, start, world};

const LIST: Endpoint = Endpoint::ListRepositories;

/// Six repositories, in pages of two: a b, c d, e f.
fn six() -> State {
    let acme = organization("acme").plan("nightly");
    let acme = acme.with_all(["a", "b", "c", "d", "e", "f"]);
    state().user(user(EMAIL, PASSWORD)).with(acme)
}

/// The three pages, the second with a fault.
async fn pages(effect: Effect) -> (Simulator, Client, Vec<Reply>) {
    let (simulator, client) = start(six()).await;
    let fault = simulator.inject(Fault::on(LIST, effect).page(2));
    let acme = simulator.organization_id("acme").unwrap();
    let mut pages = Vec::new();
    for page in 1..=3 {
        pages.push(client.page(acme, 2, page).await);
    }
    assert_eq!(simulator.firings(fault), 1);
    (simulator, client, pages)
}

async fn names_of(effect: Effect) -> Vec<Vec<String>> {
    let (_simulator, _client, pages) = pages(effect).await;
    pages.iter().map(Reply::names).collect()
}

#[tokio::test]
async fn a_page_repeats_is_short_or_empty() {
    assert_eq!(
        names_of(Effect::PageRepeats).await,
        [vec!["a", "b"], vec!["a", "b"], vec!["e", "f"]]
    );
    assert_eq!(
        names_of(Effect::PageShort(1)).await,
        [vec!["a", "b"], vec!["c"], vec!["e", "f"]]
    );
    assert_eq!(
        names_of(Effect::PageEmpty).await,
        [vec!["a", "b"], vec![], vec!["e", "f"]]
    );
    assert_eq!(
        names_of(Effect::RowRepeats).await,
        [vec!["a", "b"], vec!["c", "d", "d"], vec!["e", "f"]]
    );
}

#[tokio::test]
async fn a_page_that_repeats_says_that_it_is_the_one_asked_for() {
    let (_simulator, _client, pages) = pages(Effect::PageRepeats).await;
    let current: Vec<Value> = pages
        .iter()
        .map(|page| page.json()["currentPage"].clone())
        .collect();
    assert_eq!(current, [1, 2, 3]);
}

#[tokio::test]
async fn a_page_vanishes() {
    let (_simulator, _client, pages) = pages(Effect::PageVanishes).await;
    let statuses: Vec<u16> = pages.iter().map(|page| page.status).collect();
    assert_eq!(statuses, [200, 404, 200]);
}

#[tokio::test]
async fn numbers_are_off() {
    for (effect, field, numbers) in [
        (Effect::PageCount(-1), "pageCount", [3, 2, 3]),
        (Effect::TotalEntries(2), "totalEntries", [6, 8, 6]),
    ] {
        let (_simulator, _client, pages) = pages(effect).await;
        let found: Vec<Value> = pages
            .iter()
            .map(|page| page.json()[field].clone())
            .collect();
        assert_eq!(found, numbers);
    }
}

#[tokio::test]
async fn a_row_removed_between_two_pages_skips_one() {
    let (simulator, client, pages) = pages(Effect::RowRemovedBefore).await;
    let names: Vec<_> = pages.iter().map(Reply::names).collect();
    assert_eq!(
        names,
        [vec!["a", "b"], vec!["d", "e"], vec!["f"]],
        "c is skipped"
    );
    assert_eq!(pages.last().unwrap().json()["totalEntries"], 5);
    let acme = simulator.organization_id("acme").unwrap();
    assert_eq!(
        client.page(acme, 9, 1).await.names(),
        ["b", "c", "d", "e", "f"]
    );
}

#[tokio::test]
async fn a_row_added_between_two_pages_repeats_one() {
    let names = names_of(Effect::RowAddedBefore).await;
    assert_eq!(names, [vec!["a", "b"], vec!["b", "c"], vec!["d", "e"]]);
}

#[tokio::test]
async fn a_foreign_row_names_another_organization_and_a_foreign_plan_is_in_none() {
    let (simulator, client, pages) = pages(Effect::ForeignRow).await;
    let row = pages[1].json()["result"][2].clone();
    assert_ne!(
        row["organizationId"],
        json!(simulator.organization_id("acme").unwrap())
    );
    simulator.inject(Fault::on(Endpoint::ListPlans, Effect::ForeignRow));
    let acme = json!({"organizationId": simulator.organization_id("acme").unwrap()});
    let plans = client.call(Endpoint::ListPlans, acme).await.json();
    assert_eq!(names(&plans), ["nightly", "foreign"]);
}

#[tokio::test]
async fn the_world_changes_between_two_pages() {
    let edits = vec![
        Edit::SetSynchronization {
            synchronization: Synchronization::UntilReleased,
        },
        Edit::StartSynchronization {
            organization: "acme".to_owned(),
        },
        Edit::MarkRemoved {
            organization: "acme".to_owned(),
            repository: "c".to_owned(),
            removed: true,
        },
    ];
    let (simulator, client, pages) = pages(Effect::Edits(edits)).await;
    assert_eq!(pages[1].json()["result"][0]["isRemoved"], true);
    let organizations = client
        .call(Endpoint::ListOrganizations, json!({}))
        .await
        .json();
    assert_eq!(
        organizations["result"][0]["synchronizationInProgress"],
        true
    );
    let again = Edit::ReAddOrganization {
        organization: "acme".to_owned(),
    };
    let before = simulator.organization_id("acme").unwrap();
    simulator.inject(Fault::on(LIST, again).page(2));
    assert_eq!(client.page(before, 2, 1).await.status, 200);
    assert_eq!(client.page(before, 2, 2).await.status, 404);
}

#[tokio::test]
async fn organizations_and_plans_can_be_listed_wrongly_too() {
    let (simulator, client) = start(world()).await;
    simulator.inject(Fault::on(Endpoint::ListOrganizations, Effect::PageShort(2)));
    let answer = client.call(Endpoint::ListOrganizations, json!({})).await;
    assert_eq!(
        (answer.names(), &answer.json()["totalEntries"]),
        (vec!["acme".to_owned()], &json!(3))
    );
    simulator.inject(Fault::on(Endpoint::ListPlans, Effect::PageEmpty));
    let acme = json!({"organizationId": simulator.organization_id("acme").unwrap()});
    assert_eq!(
        client.call(Endpoint::ListPlans, acme).await.json(),
        json!([])
    );
}
