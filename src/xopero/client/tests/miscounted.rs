//! Listings whose number of rows is wrong.

use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    listing::{list, page_of, row},
    *,
};

/// 150 rows in pages of 50, announced as `total` on each of them.
fn announced_as(call: &Call, all: &[Value], total: i64) -> Reply {
    let page = usize::try_from(call.body["page"].as_u64().unwrap()).unwrap();
    let rows: Vec<_> = all.iter().skip((page - 1) * 50).take(50).collect();
    Reply::json(
        &json!({"result": rows, "currentPage": page, "pageCount": 3, "totalEntries": total})
            .to_string(),
    )
}

#[rstest]
#[case::one_more(151, 4)]
#[case::many_more(300, 6)]
#[case::one_less(149, 3)]
#[case::of_the_page(50, 3)]
#[case::zero(0, 3)]
#[tokio::test]
async fn a_number_of_rows_that_is_always_wrong_is_as_good_as_none(
    #[case] total: i64,
    #[case] pages: usize,
) {
    let all: Vec<_> = (1..=150).map(row).collect();
    let server = Server::with(move |call| announced_as(call, &all, total)).await;
    let listing = list(&server).await.unwrap();
    assert_eq!(listing.rows.len(), 150);
    assert!(!listing.counted);
    let calls = server.others().len();
    // Some pages are asked for ahead of what ends the reading.
    assert!(
        (3 * 3..=3 * pages).contains(&calls),
        "{calls} calls: it is read three times, and no more"
    );
}

#[rstest]
#[case::page_empty(Reply::json(
    r#"{"result":[],"currentPage":2,"pageCount":2,"totalEntries":150}"#
))]
#[case::page_null(Reply::json(
    r#"{"result":null,"currentPage":2,"pageCount":2,"totalEntries":150}"#
))]
#[tokio::test]
async fn rows_that_are_announced_and_never_come_are_missing_without_an_error(#[case] last: Reply) {
    let all: Vec<_> = (1..=150).map(row).collect();
    let server = Server::with(move |call| {
        if call.body["page"] == 1 {
            page_of(&all, call, 100)
        } else {
            last.clone()
        }
    })
    .await;
    let listing = list(&server).await.unwrap();
    assert_eq!(listing.rows.len(), 100);
    assert!(!listing.counted);
}

#[tokio::test]
async fn a_wrong_number_of_rows_while_rows_come_and_go_is_an_error() {
    let answers = AtomicUsize::new(0);
    let server = Server::with(move |call| {
        let reading = answers.fetch_add(1, Ordering::SeqCst) as u64;
        let all: Vec<_> = (reading + 1..reading + 41).map(row).collect();
        announced_as(call, &all, 39)
    })
    .await;
    match list(&server).await {
        Err(Error::Inconsistent { .. }) => {}
        other => panic!("{other:?}"),
    }
}
