//! Journals made by hand: one whose statuses keep all rules, and for each rule one that breaks it.

use std::time::Duration;

use serde_json::{Value, json};

use super::violations;
use crate::journal::{Answered, Event, Reached, Watched, What};

fn condition(type_: &str, status: &str, reason: &str, time: &str) -> Value {
    json!({"type": type_, "status": status, "reason": reason, "message": "It is so.",
        "lastTransitionTime": format!("2026-01-01T00:00:{time}Z"), "observedGeneration": 1})
}

/// A plan at a version, of generation 1, with this status.
fn plan(version: u64, observed: i64, conditions: &[Value]) -> Value {
    json!({"kind": "XoperoBackupPlan", "metadata": {"name": "nightly", "uid": "u", "generation": 1,
        "resourceVersion": version.to_string()}, "spec": {}, "status": {"observedGeneration": observed, "conditions": conditions}})
}

fn event(number: u64, process: u32, what: What) -> Event {
    Event {
        number,
        time: number,
        process,
        what,
    }
}

/// All clocks show the same.
const TOGETHER: Duration = Duration::ZERO;

fn watched(object: &Value) -> What {
    What::Watched(Watched {
        request: 1,
        line: json!({"type": "MODIFIED", "object": object}),
    })
}

fn found(versions: Vec<Value>) -> Vec<String> {
    let events = versions.into_iter().zip(1..);
    let events = events.map(|(object, number)| event(number, 1, watched(&object)));
    violations(&events.collect::<Vec<_>>(), TOGETHER)
}

#[track_caller]
fn breaks(versions: Vec<Value>, sentence: &str) {
    let found = found(versions);
    assert!(
        found.iter().any(|found| found.contains(sentence)),
        "{found:?}"
    );
}

fn pending(version: u64) -> Value {
    let [reconciling, ready] = ["Reconciling", "Ready"].map(|type_| {
        let status = if type_ == "Ready" { "False" } else { "True" };
        condition(type_, status, "Pending", "01")
    });
    plan(version, 1, &[reconciling, ready])
}

fn ready(version: u64, time: &str) -> Value {
    plan(version, 1, &[condition("Ready", "True", "Converged", time)])
}

#[test]
fn statuses_that_keep_the_rules_are_not_complained_of() {
    assert_eq!(
        found(vec![pending(1), ready(2, "02"), ready(3, "02")]),
        [""; 0]
    );
    // What somebody wiped is said for the first time.
    let mut wiped = ready(3, "02");
    wiped.as_object_mut().unwrap().remove("status");
    assert_eq!(found(vec![ready(2, "02"), wiped, ready(4, "03")]), [""; 0]);
    // An older version that comes late is no step back.
    assert_eq!(found(vec![pending(1), ready(3, "02"), pending(2)]), [""; 0]);
}

#[test]
fn the_generation_observed_is_never_ahead_and_never_goes_back() {
    let mut ahead = ready(1, "01");
    ahead["status"]["observedGeneration"] = 2.into();
    ahead["status"]["conditions"][0]["observedGeneration"] = 2.into();
    breaks(vec![ahead], "ahead of");

    let mut second = ready(1, "01");
    second["metadata"]["generation"] = 2.into();
    second["status"]["observedGeneration"] = 2.into();
    second["status"]["conditions"][0]["observedGeneration"] = 2.into();
    let mut back = ready(2, "01");
    back["metadata"]["generation"] = 2.into();
    breaks(vec![second, back], "went back");
}

#[test]
fn no_condition_speaks_of_a_generation_that_is_not_the_one_observed() {
    let mut other = ready(1, "01");
    other["metadata"]["generation"] = 2.into();
    other["status"]["conditions"][0]["observedGeneration"] = 2.into();
    breaks(
        vec![other],
        "2: Ready is True for generation Some(2), and Some(1) is observed",
    );
}

#[test]
fn a_transition_time_moves_with_the_status_and_only_then() {
    breaks(
        vec![ready(1, "01"), ready(2, "02")],
        "its lastTransitionTime moves",
    );
    breaks(vec![ready(1, "02"), pending(2)], "goes back");
}

#[test]
fn a_transition_time_may_go_back_by_as_much_as_clocks_are_apart() {
    let versions = [ready(1, "02"), pending(2)];
    let events = versions.iter().zip(1..);
    let events: Vec<Event> = events
        .map(|(object, number)| event(number, 1, watched(object)))
        .collect();
    assert_eq!(violations(&events, Duration::from_secs(1)), [""; 0]);
    assert_eq!(violations(&events, Duration::from_millis(999)).len(), 1);
}

#[test]
fn a_transition_time_may_move_past_what_a_process_that_died_had_left_on_its_way() {
    let answered = |body| {
        What::Answered(Answered {
            request: 1,
            status: Some(200),
            body,
            reached: Reached::Whole,
        })
    };
    let moved = ready(2, "02");
    let first = || event(1, 2, watched(&ready(1, "01")));
    assert_eq!(
        violations(&[first(), event(2, 2, watched(&moved))], TOGETHER),
        [""; 0]
    );
    // Its own, which is shown before it is answered.
    let own = event(2, 2, answered(ready(1, "01")));
    let events = [first(), own, event(3, 2, watched(&moved))];
    assert_eq!(violations(&events, TOGETHER).len(), 1);
    // What it has listed it knows.
    let listed = |number| event(number, 2, answered(json!({"items": [ready(1, "01")]})));
    let events = [listed(1), first(), event(3, 2, watched(&moved))];
    assert_eq!(violations(&events, TOGETHER).len(), 1);
    // What a list from the past does not show it does not.
    let newer = event(1, 1, watched(&ready(2, "02")));
    let next = || event(3, 2, watched(&ready(3, "03")));
    let events = [newer.clone(), listed(2), next()];
    assert_eq!(violations(&events, TOGETHER), [""; 0]);
    assert_eq!(violations(&[newer, next()], TOGETHER).len(), 1);
}

#[test]
fn the_rules_of_kstatus_and_the_closed_list_of_reasons_are_kept() {
    let both = [
        condition("Stalled", "True", "Conflict", "01"),
        condition("Reconciling", "True", "Pending", "01"),
        condition("Ready", "False", "Conflict", "01"),
    ];
    breaks(
        vec![plan(1, 1, &both)],
        "Reconciling and Stalled are there together",
    );
    breaks(
        vec![plan(1, 1, &[condition("Ready", "True", "Succeeded", "01")])],
        "Succeeded is no reason",
    );
    breaks(
        vec![plan(
            1,
            1,
            &[condition("Healthy", "True", "Converged", "01")],
        )],
        "Healthy is not one of ours",
    );
    let unreadable = json!("True");
    breaks(vec![plan(1, 1, &[unreadable])], "cannot be read");
}
