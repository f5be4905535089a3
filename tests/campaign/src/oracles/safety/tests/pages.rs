//! Listings of several pages, some of which are asked for again.

use serde_json::{Value, json};
use xopero_simulator::{Endpoint, ids};

use super::story::{Story, exclusive, id, organization};

/// What each page of a listing of two holds.
const ROWS: [&str; 2] = ["keep", "old"];

fn asked(story: &mut Story, page: usize) -> u64 {
    let body = json!({"organizationId": ids::organization("acme"), "page": page});
    story.call(Endpoint::ListRepositories, body)
}

fn page(number: usize) -> Value {
    let name = ROWS[number - 1];
    let row = json!({"id": id(name), "name": name, "organizationId": ids::organization("acme")});
    json!({"currentPage": number, "pageCount": 2, "totalEntries": 2, "result": [row]})
}

/// Lists both pages; `second` says how the second was answered, time after time.
fn listed(story: &mut Story, second: &[u16]) {
    let request = asked(story, 1);
    story.answer(request, 200, page(1));
    for status in second {
        let request = asked(story, 2);
        let body = if *status == 200 { page(2) } else { Value::Null };
        story.answer(request, *status, body);
    }
}

/// Up to a last listing whose second page is answered so; then `old` is detached.
fn detached_after(last: impl Fn(&mut Story)) -> Story {
    let plan = exclusive(&["keep"]);
    let mut story = Story::with(&[organization(json!({})), plan.clone()]);
    story.list(&ROWS);
    listed(&mut story, &[200]);
    last(&mut story);
    story.look(&plan);
    story.detach("old");
    story
}

#[test]
fn a_page_that_is_asked_for_again_makes_a_listing_whole() {
    detached_after(|story| listed(story, &[500, 200])).keeps_all();
    detached_after(|story| listed(story, &[500])).breaks("page 2 was answered 500");
    detached_after(|story| listed(story, &[200, 500])).breaks("page 2 was answered 500");
}

#[test]
fn what_becomes_of_a_listing_that_was_given_up_says_nothing_of_the_next() {
    detached_after(|story| {
        let given_up = asked(story, 2);
        let first = asked(story, 1);
        story.answer(first, 200, page(1));
        let second = asked(story, 2);
        story.answer(second, 200, page(2));
        story.answer(given_up, 500, Value::Null);
    })
    .keeps_all();
}
