//! Whole listings or an error; rules 7 and 8.

use std::sync::atomic::{AtomicUsize, Ordering};

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::xopero::{
    AnswerDefect, Class, Inconsistency, OrganizationId, ProjectId, Reason, RepositoryListing, Shown,
};

const ORGANIZATION: u128 = 0xabc;

pub(super) fn organization() -> OrganizationId {
    OrganizationId::numbered(ORGANIZATION)
}

fn guid(number: u64) -> String {
    format!("00000000-0000-0000-0000-{number:012x}")
}

/// A row that shows everything.
pub(super) fn row(number: u64) -> Value {
    json!({
        "id": guid(number), "name": format!("repository-{number}"), "organizationId": organization().to_string(),
        "hasLicence": true, "isRemoved": false, "projectId": null, "plans": [],
    })
}

/// A page of `all`, with at most `most` rows.
pub(super) fn page_of(all: &[Value], call: &Call, most: u64) -> Reply {
    let field = |name: &str| call.body[name].as_u64().unwrap();
    let (page, limit) = (field("page"), field("limit").min(most));
    let rows: Vec<_> = all
        .iter()
        .skip(usize::try_from((page - 1) * limit).unwrap())
        .take(usize::try_from(limit).unwrap())
        .collect();
    let count = all.len().div_ceil(usize::try_from(limit).unwrap());
    Reply::json(&json!({"result": rows, "currentPage": page, "pageCount": count, "totalEntries": all.len()}).to_string())
}

pub(super) async fn list(server: &Server) -> Result<RepositoryListing, Error> {
    client(server).repositories(organization()).await
}

#[rstest]
#[case::empty(0, 100, 1)]
#[case::one_page(100, 100, 1)]
#[case::several(250, 100, 3)]
#[case::capped_by_the_server(250, 30, 9)]
#[tokio::test]
async fn a_listing_has_all_rows_in_order(
    #[case] rows: u64,
    #[case] most: u64,
    #[case] requests: usize,
) {
    let all: Vec<_> = (1..=rows).map(row).collect();
    let server = Server::with(move |call| page_of(&all, call, most)).await;
    let listing = list(&server).await.unwrap();
    let ids: Vec<_> = listing.rows.iter().map(|row| row.id.to_string()).collect();
    assert_eq!(ids, (1..=rows).map(guid).collect::<Vec<_>>());
    assert_eq!(server.others().len(), requests);
    let body = &server.others()[0].body;
    assert_eq!(
        *body,
        json!({"organizationId": organization().to_string(), "limit": 100, "page": 1, "orderby": "name", "ordertype": "asc", "filters": []})
    );
}

#[tokio::test]
async fn pages_that_overtake_each_other_are_put_in_order_and_few_are_asked_for_at_once() {
    let all: Vec<_> = (1..=2_000).map(row).collect();
    let server = Server::with(move |call| {
        // The earlier the page, the later its answer.
        let left = 20 - call.body["page"].as_u64().unwrap();
        page_of(&all, call, 100).after(Duration::from_millis(5 * left))
    })
    .await;
    let listing = list(&server).await.unwrap();
    let ids: Vec<_> = listing.rows.iter().map(|row| row.id.to_string()).collect();
    assert_eq!(ids, (1..=2_000).map(guid).collect::<Vec<_>>());
    assert_eq!(server.others().len(), 20, "each page once");
    let peak = server.peak();
    assert!(
        (2..=8).contains(&peak),
        "{peak} pages were asked for at once"
    );
}

#[tokio::test]
async fn a_listing_that_moved_is_read_again() {
    let (before, after): (Vec<_>, Vec<_>) =
        ((1..=150).map(row).collect(), (2..=150).map(row).collect());
    let answers = AtomicUsize::new(0);
    // The first row goes after the first page was read: row 101 moves to that page, and would be missed.
    let server = Server::with(move |call| {
        let all = if answers.fetch_add(1, Ordering::SeqCst) == 0 {
            &before
        } else {
            &after
        };
        page_of(all, call, 100)
    })
    .await;
    let listing = list(&server).await.unwrap();
    assert_eq!(listing.rows.len(), 149);
    assert_eq!(server.others().len(), 4);
}

#[tokio::test]
async fn a_listing_that_never_stands_still_is_an_error_after_three_readings() {
    let rows = AtomicUsize::new(150);
    let server = Server::with(move |call| {
        let all: Vec<_> = (1..=rows.fetch_add(1, Ordering::SeqCst) as u64)
            .map(row)
            .collect();
        page_of(&all, call, 100)
    })
    .await;
    let error = list(&server).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Inconsistent {
                inconsistency: Inconsistency::TotalChanged,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(error.class(), (Class::Transient, Reason::ApiUnavailable));
    let text = error.to_string();
    assert!(
        text.contains("response.page") && text.contains("--wire-names"),
        "{text}"
    );
    assert_eq!(server.others().len(), 6);
}

#[rstest]
#[case::page_ignored(|call: &Call, all: &[Value]| { let mut call = call.clone(); call.body["page"] = json!(1); page_of(all, &call, 100) }, Inconsistency::OtherPage)]
#[case::page_gone(|call: &Call, all: &[Value]| if call.body["page"] == 1 { page_of(all, call, 100) } else { Reply::status(404) }, Inconsistency::PageGone)]
#[case::no_rows(|_: &Call, _: &[Value]| Reply::json(r#"{"result":[],"currentPage":1,"pageCount":2,"totalEntries":150}"#), Inconsistency::RowsMissing)]
#[tokio::test]
async fn pages_that_do_not_fit_together_are_an_error(
    #[case] answer: fn(&Call, &[Value]) -> Reply,
    #[case] expected: Inconsistency,
) {
    let all: Vec<_> = (1..=150).map(row).collect();
    let server = Server::with(move |call| answer(call, &all)).await;
    match list(&server).await {
        Err(Error::Inconsistent { inconsistency, .. }) => assert_eq!(inconsistency, expected),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::web_page(Reply::page("<html>maintenance</html>"), Reason::AnswerNotUnderstood)]
#[case::no_json(Reply::json("maintenance"), Reason::AnswerNotUnderstood)]
#[case::nothing(Reply::status(204), Reason::AnswerNotUnderstood)]
#[case::an_empty_body(Reply::status(200), Reason::ApiUnavailable)]
#[case::no_list(Reply::json("{}"), Reason::AnswerNotUnderstood)]
#[case::no_total(Reply::json(r#"{"result":[]}"#), Reason::AnswerNotUnderstood)]
#[case::row_without_id(
    Reply::json(r#"{"result":[{"name":"a"}],"totalEntries":1}"#),
    Reason::AnswerNotUnderstood
)]
#[case::redirect(Reply::status(302), Reason::AnswerNotUnderstood)]
#[case::not_there(Reply::status(404), Reason::Refused)]
#[case::cut_on_the_wire(Reply::json(r#"{"result":[],"totalEntries":0}"#).cut(), Reason::ApiUnavailable)]
#[case::cut_in_itself(Reply::json(r#"{"result":[],"#), Reason::ApiUnavailable)]
#[case::server_error(Reply::status(500), Reason::ApiUnavailable)]
#[tokio::test]
async fn no_trouble_is_taken_for_an_empty_listing(
    #[case] reply: Reply,
    #[case] reason: Reason,
    #[values(1, 2)] page: u64,
) {
    let all: Vec<_> = (1..=150).map(row).collect();
    let server = Server::with(move |call| {
        if call.body["page"] == page {
            reply.clone()
        } else {
            page_of(&all, call, 100)
        }
    })
    .await;
    match list(&server).await {
        Err(Error::Inconsistent { .. }) => assert_eq!(page, 2),
        Err(error) => assert_eq!(error.class().1, reason, "{error}"),
        Ok(listing) => panic!("{} rows were taken for a listing", listing.rows.len()),
    }
}

#[rstest]
#[case::repositories("request.repositories.organizationId")]
#[case::plans("request.plans.organizationId")]
#[case::organizations("request.organizations.orderby")]
#[tokio::test]
async fn a_listing_that_is_refused_tells_which_wire_name_to_change(#[case] key: &str) {
    let server = Server::with(|_| Reply::status(400)).await;
    let client = client(&server);
    let error = match key.split('.').nth(1).unwrap() {
        "repositories" => client.repositories(organization()).await.map(drop),
        "plans" => client.plans(organization()).await.map(drop),
        _ => client.organizations().await.map(drop),
    };
    let text = error.unwrap_err().to_string();
    assert!(text.contains("status 400"), "{text}");
    assert!(text.contains(&format!("set {key} ")), "{text}");
    assert!(text.contains("--wire-names"), "{text}");
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let server = Server::with(|_| Reply::json("").body(&" ".repeat(17 * 1024 * 1024))).await;
    match list(&server).await {
        Err(Error::NotUnderstood { defect, .. }) => assert_eq!(defect, AnswerDefect::TooLong),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_is_asked_for_again_when_the_server_is_in_trouble() {
    let all: Vec<_> = (1..=150).map(row).collect();
    let answers = AtomicUsize::new(0);
    let server = Server::with(move |call| match answers.fetch_add(1, Ordering::SeqCst) {
        1 => Reply::status(502),
        3 => Reply::status(503),
        _ => page_of(&all, call, 70),
    })
    .await;
    assert_eq!(list(&server).await.unwrap().rows.len(), 150);
    assert_eq!(server.others().len(), 5);
}

#[tokio::test]
async fn one_row_of_another_organization_voids_the_listing() {
    let mut all: Vec<_> = (1..=150).map(row).collect();
    all[3]["organizationId"] = json!(guid(5));
    let server = Server::with(move |call| page_of(&all, call, 100)).await;
    let error = list(&server).await.unwrap_err();
    assert_eq!(error.class(), (Class::Terminal, Reason::ListingNotScoped));
    let text = error.to_string();
    assert!(
        text.contains("request.repositories.organizationId") && text.contains("--wire-names"),
        "{text}"
    );
    assert_eq!(server.others().len(), 1);
}

#[tokio::test]
async fn names_that_show_on_no_row_are_not_taken_for_empty_ones() {
    let all: Vec<_> = (1..=3)
        .map(|number| json!({"id": guid(number), "title": "a"}))
        .collect();
    let server = Server::with(move |call| page_of(&all, call, 100)).await;
    match list(&server).await {
        Err(Error::NotUnderstood { defect, .. }) => {
            assert_eq!(
                defect,
                AnswerDefect::FieldMissing {
                    key: "response.repository.name"
                }
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_listing_tells_which_facts_the_instance_shows() {
    let all = [
        row(1),
        json!({"id": guid(2), "name": "b", "projectId": guid(9), "isLicensed": null}),
    ];
    let server = Server::with(move |call| page_of(&all, call, 100)).await;
    let listing = list(&server).await.unwrap();
    assert_eq!(listing.facts.organization, Shown::OnSomeRows);
    assert_eq!(listing.facts.licence, Shown::OnSomeRows);
    assert_eq!(listing.facts.project, Shown::OnSomeRows);
    assert_eq!(listing.rows[1].project, Some(ProjectId::numbered(9)));
}

#[tokio::test]
async fn plans_come_as_an_array_without_being_asked_for_pages() {
    let server =
        Server::with(|_| Reply::json(&json!([{"id": guid(1), "name": "nightly"}]).to_string()))
            .await;
    let plans = client(&server).plans(organization()).await.unwrap();
    assert_eq!(plans.rows.len(), 1);
    assert_eq!(
        server.others()[0].body,
        json!({"organizationId": organization().to_string()})
    );
}

#[tokio::test]
async fn no_content_is_no_plan_and_an_empty_body_is_no_answer() {
    let server = Server::with(|_| Reply::status(204)).await;
    let plans = client(&server).plans(organization()).await.unwrap();
    assert_eq!((plans.rows.len(), plans.counted), (0, true));
    let server = Server::with(|_| Reply::status(200)).await;
    let error = client(&server).plans(organization()).await.unwrap_err();
    assert_eq!(error.class().1, Reason::ApiUnavailable);
}

/// As a server answers that leaves out what is 0 or null.
#[rstest]
#[case::no_pages(r#"{"result":[],"currentPage":1,"pageCount":0}"#, true)]
#[case::no_number_of_pages(r#"{"result":[],"currentPage":1}"#, false)]
#[case::null(
    r#"{"result":[],"currentPage":1,"pageCount":null,"totalEntries":null}"#,
    false
)]
#[case::a_list_that_is_null(r#"{"result":null,"currentPage":1,"pageCount":1}"#, false)]
#[tokio::test]
async fn an_organization_without_repositories_is_listed_also_where_no_zero_is_written(
    #[case] answer: &'static str,
    #[case] counted: bool,
) {
    let server = Server::with(move |_| Reply::json(answer)).await;
    let listing = list(&server).await.unwrap();
    assert_eq!((listing.rows.len(), listing.counted), (0, counted));
    assert_eq!(server.others().len(), 1);
}

#[tokio::test]
async fn plans_that_come_in_pages_are_read_to_the_end() {
    let server = Server::with(|call| {
        // A server with pages of 2, which goes by the limit where one is given.
        let page = call.body["page"].as_u64().unwrap_or(1);
        let limit = call.body["limit"].as_u64().unwrap_or(2);
        let rows = (1..=5_u64)
            .skip(usize::try_from((page - 1) * limit).unwrap())
            .take(usize::try_from(limit).unwrap());
        let rows: Vec<_> = rows
            .map(|number| json!({"id": guid(number), "name": "a"}))
            .collect();
        Reply::json(
            &json!({"result": rows, "currentPage": page, "pageCount": 3, "totalEntries": 5})
                .to_string(),
        )
    })
    .await;
    let plans = client(&server).plans(organization()).await.unwrap();
    assert_eq!(plans.rows.len(), 5);
    assert_eq!(server.others().len(), 3);
}

#[rstest]
#[case::nothing_is_announced(None, Reply::status(404), 3)]
#[case::nothing_is_announced_and_an_empty_page(None, Reply::json(r#"{"result":[]}"#), 3)]
#[case::pages_are(Some(2), Reply::status(404), 2)]
#[tokio::test]
async fn repositories_that_nobody_counts_are_read_to_the_end_and_said_to_be_uncounted(
    #[case] count: Option<u32>,
    #[case] end: Reply,
    #[case] calls: usize,
) {
    let server = Server::with(move |call| match call.body["page"].as_u64().unwrap() {
        number @ (1 | 2) => {
            let rows = [row(number)];
            Reply::json(&json!({"result": rows, "currentPage": number, "pageCount": count, "totalEntries": null}).to_string())
        }
        _ => end.clone(),
    })
    .await;
    let listing = list(&server).await.unwrap();
    assert_eq!(listing.rows.len(), 2);
    assert!(!listing.counted);
    assert_eq!(server.others().len(), calls);
}

#[tokio::test]
async fn organizations_are_listed_whole() {
    let all: Vec<_> = (1..=120)
        .map(|number| json!({"id": guid(number), "name": format!("o{number}"), "driver": 1}))
        .collect();
    let server = Server::with(move |call| page_of(&all, call, 100)).await;
    assert_eq!(
        client(&server).organizations().await.unwrap().rows.len(),
        120
    );
}
