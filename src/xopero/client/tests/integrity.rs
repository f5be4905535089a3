//! Item by item, what can be wrong with one page of a listing: a listing that is believed misses no row that was there all along.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::xopero::OrganizationId;

const ROWS: u64 = 450;
const PAGE: u64 = 100;
const ORGANIZATION: u128 = 0xabc;

/// What is wrong with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Corruption {
    Empty,
    Short,
    Duplicated,
    OfAnotherPage,
    NotFound,
    ServerError,
    Html,
    PageCountGrows,
    PageCountShrinks,
    TotalIsWrong,
    RowInsertedBefore,
    RowRemovedBefore,
}

/// Which listing is read.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Organizations,
    Repositories,
}

/// How often the page is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Often {
    Once,
    UntilHealed,
}

/// No id is all zeros.
fn guid(number: u64) -> String {
    let number = number + 1;
    format!("00000000-0000-0000-0000-{number:012x}")
}

fn row(kind: Kind, number: u64) -> Value {
    let (id, name) = (guid(number), format!("name-{number:04}"));
    match kind {
        Kind::Organizations => json!({"id": id, "name": name, "driver": 1}),
        Kind::Repositories => json!({
            "id": id, "name": name, "organizationId": OrganizationId::numbered(ORGANIZATION).to_string(),
            "hasLicence": true, "isRemoved": false, "projectId": null, "plans": [],
        }),
    }
}

/// Page `page` of the rows with these numbers, in order.
fn page_of(kind: Kind, numbers: &[u64], page: u64) -> Value {
    let (at, size) = (usize::try_from((page - 1) * PAGE), usize::try_from(PAGE));
    let size = size.unwrap();
    let rows = numbers.iter().skip(at.unwrap()).take(size);
    let rows: Vec<_> = rows.map(|number| row(kind, *number)).collect();
    json!({
        "result": rows, "currentPage": page, "pageCount": numbers.len().div_ceil(size), "totalEntries": numbers.len(),
    })
}

/// The rows once the corruption has moved them; row 0 comes before all others.
fn moved(corruption: Corruption) -> Vec<u64> {
    let first = match corruption {
        Corruption::RowInsertedBefore => 0,
        Corruption::RowRemovedBefore => 2,
        Corruption::Empty
        | Corruption::Short
        | Corruption::Duplicated
        | Corruption::OfAnotherPage
        | Corruption::NotFound
        | Corruption::ServerError
        | Corruption::Html
        | Corruption::PageCountGrows
        | Corruption::PageCountShrinks
        | Corruption::TotalIsWrong => 1,
    };
    (first..=ROWS).collect()
}

fn corrupt(kind: Kind, corruption: Corruption, page: u64) -> Reply {
    let mut answer = page_of(kind, &moved(corruption), page);
    let add = |answer: &mut Value, key: &str, by: i64| {
        answer[key] = json!(answer[key].as_i64().unwrap() + by);
    };
    match corruption {
        Corruption::Empty => answer["result"] = json!([]),
        Corruption::Short => {
            let rows = answer["result"].as_array_mut().unwrap();
            rows.truncate(rows.len() - 3);
        }
        Corruption::Duplicated | Corruption::OfAnotherPage => {
            let next = if page == 1 { 2 } else { page - 1 };
            let other = page_of(kind, &moved(corruption), next);
            answer["result"] = other["result"].clone();
            if corruption == Corruption::OfAnotherPage {
                answer = other;
            }
        }
        Corruption::NotFound => return Reply::status(404),
        Corruption::ServerError => return Reply::status(500),
        Corruption::Html => return Reply::page("<html><body>Maintenance</body></html>"),
        Corruption::PageCountGrows => add(&mut answer, "pageCount", 1),
        Corruption::PageCountShrinks => add(&mut answer, "pageCount", -1),
        Corruption::TotalIsWrong => add(&mut answer, "totalEntries", -1),
        Corruption::RowInsertedBefore | Corruption::RowRemovedBefore => {}
    }
    Reply::json(&answer.to_string())
}

/// A server whose page `wrong` is corrupt, so often; how often it was; and whether it is healed.
struct Scene {
    server: Server,
    fired: Arc<AtomicUsize>,
    healed: Arc<AtomicUsize>,
}

impl Scene {
    async fn new(kind: Kind, corruption: Corruption, wrong: u64, often: Often) -> Self {
        let fired = Arc::new(AtomicUsize::new(0));
        let healed = Arc::new(AtomicUsize::new(0));
        let (count, health) = (Arc::clone(&fired), Arc::clone(&healed));
        let server = Server::with(move |call| {
            let page = call.body["page"].as_u64().unwrap();
            let before = count.load(Ordering::SeqCst);
            let due =
                health.load(Ordering::SeqCst) == 0 && (often == Often::UntilHealed || before == 0);
            if page == wrong && due {
                count.fetch_add(1, Ordering::SeqCst);
                return corrupt(kind, corruption, page);
            }
            // What has moved stays so: a page that is read after the corrupt one shows it, too.
            let moves = (before > 0 && often == Often::Once) || health.load(Ordering::SeqCst) > 0;
            let numbers = if moves {
                moved(corruption)
            } else {
                (1..=ROWS).collect()
            };
            Reply::json(&page_of(kind, &numbers, page).to_string())
        })
        .await;
        Self {
            server,
            fired,
            healed,
        }
    }
}

/// The ids of a listing, and whether it is said to be all there are.
struct Read {
    ids: BTreeSet<String>,
    counted: bool,
}

async fn list(client: &Client, kind: Kind) -> Result<Read, Error> {
    Ok(match kind {
        Kind::Organizations => {
            let listing = client.organizations().await?;
            let ids = listing.rows.iter().map(|row| row.id.to_string());
            Read {
                ids: ids.collect(),
                counted: listing.counted,
            }
        }
        Kind::Repositories => {
            let listing = client
                .repositories(OrganizationId::numbered(ORGANIZATION))
                .await?;
            let ids = listing.rows.iter().map(|row| row.id.to_string());
            Read {
                ids: ids.collect(),
                counted: listing.counted,
            }
        }
    })
}

/// 2 listings × 5 pages × 12 corruptions × 2 spellings.
#[rstest]
#[tokio::test]
async fn a_listing_that_is_believed_misses_no_row_that_was_there_all_along(
    #[values(Kind::Organizations, Kind::Repositories)] kind: Kind,
    #[values(1, 2, 3, 4, 5)] page: u64,
    #[values(
        Corruption::Empty,
        Corruption::Short,
        Corruption::Duplicated,
        Corruption::OfAnotherPage,
        Corruption::NotFound,
        Corruption::ServerError,
        Corruption::Html,
        Corruption::PageCountGrows,
        Corruption::PageCountShrinks,
        Corruption::TotalIsWrong,
        Corruption::RowInsertedBefore,
        Corruption::RowRemovedBefore
    )]
    corruption: Corruption,
    #[values(Often::Once, Often::UntilHealed)] often: Often,
) {
    let scene = Scene::new(kind, corruption, page, often).await;
    let client = client(&scene.server);
    let (first, last) = (1..=ROWS, moved(corruption));
    let all_along: BTreeSet<String> = first
        .clone()
        .filter(|number| last.contains(number))
        .map(guid)
        .collect();
    let ever: BTreeSet<String> = first.chain(last.iter().copied()).map(guid).collect();

    let listed = list(&client, kind).await;

    let fired = scene.fired.load(Ordering::SeqCst);
    assert!(fired > 0, "the corrupt page was not read");
    match &listed {
        Ok(Read { ids, counted: true }) => assert!(
            all_along.is_subset(ids) && ids.is_subset(&ever),
            "{} rows were believed",
            ids.len()
        ),
        Ok(Read { ids, .. }) => assert!(
            ids.is_subset(&ever) && often == Often::UntilHealed && fired == 3,
            "{} rows, after {fired} readings",
            ids.len()
        ),
        Err(error) => assert!(
            matches!(
                error,
                Error::Inconsistent { .. }
                    | Error::NotUnderstood { .. }
                    | Error::Server { .. }
                    | Error::Refused { .. }
            ),
            "{error:?}"
        ),
    }
    let harmless = matches!(
        corruption,
        Corruption::PageCountGrows | Corruption::PageCountShrinks
    );
    assert!(
        listed.is_err() || often == Often::Once || harmless || fired > 1,
        "a page that stays wrong was believed"
    );
    scene.healed.store(1, Ordering::SeqCst);
    let healed = list(&client, kind).await.unwrap();
    assert!(healed.counted);
    assert_eq!(
        healed.ids,
        last.into_iter().map(guid).collect(),
        "after healing"
    );
}
