//! How many removals an hour takes.

use serde_json::{Value, json};
use xopero_simulator::{Endpoint, ids};

use super::story::{Story, annotated, exclusive, id, organization};

#[test]
fn removals_stay_within_the_limit_of_an_hour_and_what_was_approved() {
    let plan = exclusive(&["keep"]);
    let names = ["a", "b", "c", "keep"];
    let three = |organization: Value| {
        let mut story = Story::with(&[organization, plan.clone()]);
        story.list(&names);
        story.list(&names);
        story.look(&plan);
        for name in ["a", "b", "c"] {
            story.detach(name);
        }
        story
    };
    three(organization(json!({}))).keeps_all();
    three(organization(json!({"removalLimit": 2})))
        .breaks("removal 3 in an hour, and 2 are allowed");
    // Half of four rows.
    three(organization(json!({"removalLimit": "50%"})))
        .breaks("removal 3 in an hour, and 2 are allowed");
    let approved = organization(json!({"removalLimit": 0}));
    three(annotated(
        approved,
        "xopero.dev/approve-removals",
        "3-abcdef",
    ))
    .keeps_all();
}

#[test]
fn a_removal_of_which_the_answer_says_that_it_was_not_made_does_not_count() {
    let plan = exclusive(&["keep"]);
    let after = |status: u16| {
        let mut story = Story::with(&[organization(json!({"removalLimit": 1})), plan.clone()]);
        story.list(&["a", "b", "keep"]);
        story.list(&["a", "b", "keep"]);
        story.look(&plan);
        let body = json!({"planId": ids::plan("acme", "Nightly"), "repositoryId": id("a")});
        let request = story.call(Endpoint::DetachRepository, body);
        story.answer(request, status, Value::Null);
        story.detach("b");
        story
    };
    for not_made in [409, 429, 503] {
        after(not_made).keeps_all();
    }
    for perhaps_made in [200, 500, 302] {
        after(perhaps_made).breaks("removal 2 in an hour, and 1 are allowed");
    }
}
