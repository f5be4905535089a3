//! Conditions read the same to everyone who waits for them.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn state(type_: ConditionType, truth: Truth, reason: Reason) -> Statement {
    Statement::new(type_, truth, reason, format!("{reason}."))
}

fn converged() -> Vec<Statement> {
    vec![
        state(ConditionType::InSync, Truth::True, Reason::AsDeclared),
        state(ConditionType::Ready, Truth::True, Reason::Converged),
    ]
}

/// `Type=Status(Reason)` of each, in order.
fn read(conditions: &[Condition]) -> Vec<String> {
    conditions
        .iter()
        .map(|c| format!("{}={}({})", c.type_, c.status, c.reason))
        .collect()
}

#[test]
fn they_stand_in_one_order_whatever_the_order_of_the_statements() {
    let assembled = assemble(&[], converged(), 3, at(100));
    assert_eq!(
        read(&assembled),
        ["Ready=True(Converged)", "InSync=True(AsDeclared)"]
    );
    assert_eq!(violations(&assembled, 3), Vec::<String>::new());
}

#[test]
fn what_stalls_is_why_it_is_not_ready_and_nothing_waits_for_it() {
    let mut statements = converged();
    statements.push(state(
        ConditionType::Reconciling,
        Truth::True,
        Reason::Pending,
    ));
    statements.push(state(
        ConditionType::Stalled,
        Truth::True,
        Reason::RemovalHeld,
    ));
    let assembled = assemble(&[], statements, 1, at(100));
    let expected = [
        "Stalled=True(RemovalHeld)",
        "Ready=False(RemovalHeld)",
        "InSync=True(AsDeclared)",
    ];
    assert_eq!(read(&assembled), expected);
}

#[test]
fn what_is_not_true_is_absent() {
    let mut statements = converged();
    statements.push(state(
        ConditionType::Stalled,
        Truth::False,
        Reason::RemovalHeld,
    ));
    statements.push(state(
        ConditionType::Paused,
        Truth::Unknown,
        Reason::Requested,
    ));
    assert_eq!(
        assemble(&[], statements, 1, at(100)),
        assemble(&[], converged(), 1, at(100))
    );
}

#[test]
fn what_is_paused_stays_as_ready_as_it_was() {
    let before = assemble(&[], converged(), 1, at(100));
    let statements = vec![
        state(ConditionType::Reconciling, Truth::True, Reason::Pending),
        state(ConditionType::Paused, Truth::True, Reason::Requested),
        state(ConditionType::InSync, Truth::False, Reason::Drift),
    ];
    let paused = assemble(&before, statements, 2, at(200));
    assert_eq!(
        read(&paused),
        [
            "Ready=True(Converged)",
            "InSync=False(Drift)",
            "Paused=True(Requested)"
        ]
    );
    assert_eq!(
        find(&paused, ConditionType::Ready)
            .unwrap()
            .last_transition_time
            .0,
        at(100)
    );
    assert_eq!(violations(&paused, 2), Vec::<String>::new());
}

#[test]
fn what_was_never_said_is_unknown() {
    assert_eq!(
        read(&assemble(&[], vec![], 1, at(100))),
        ["Ready=Unknown(NotObserved)"]
    );
}

#[rstest]
#[case::the_same_status(Truth::False, Reason::Drift, 100)]
#[case::another_status(Truth::Unknown, Reason::NotVisible, 200)]
fn the_time_moves_only_with_the_status(
    #[case] truth: Truth,
    #[case] reason: Reason,
    #[case] second: i64,
) {
    let before = assemble(
        &[],
        vec![state(ConditionType::InSync, Truth::False, Reason::Held)],
        1,
        at(100),
    );
    let after = assemble(
        &before,
        vec![state(ConditionType::InSync, truth, reason)],
        2,
        at(200),
    );
    assert_eq!(
        find(&after, ConditionType::InSync)
            .unwrap()
            .last_transition_time
            .0,
        at(second)
    );
    assert_eq!(
        find(&after, ConditionType::InSync).unwrap().reason,
        reason.as_str()
    );
}

#[test]
fn a_time_has_no_fraction_that_kubernetes_would_drop() {
    let now: Timestamp = "2026-11-25T01:02:03.9Z".parse().unwrap();
    let ready = assemble(&[], converged(), 1, now);
    assert_eq!(
        ready[0].last_transition_time.0,
        "2026-11-25T01:02:03Z".parse().unwrap()
    );
}

#[test]
fn a_message_is_cut_on_a_character() {
    let long = "ä".repeat(600);
    let statement = Statement::new(
        ConditionType::Ready,
        Truth::True,
        Reason::Converged,
        format!("x{long}"),
    );
    let assembled = assemble(&[], vec![statement], 1, at(100));
    assert_eq!(assembled[0].message.len(), 1023);
    assert_eq!(violations(&assembled, 1), Vec::<String>::new());
}

/// A condition written by hand, to break a rule with.
fn written(type_: &str, status: &str, reason: &str) -> Condition {
    Condition {
        last_transition_time: whole_seconds(at(100)),
        message: "So it is.".to_owned(),
        observed_generation: Some(1),
        reason: reason.to_owned(),
        status: status.to_owned(),
        type_: type_.to_owned(),
    }
}

#[rstest]
#[case::a_stranger("1", &[("Ready", "True", "Converged"), ("Healthy", "True", "Converged")])]
#[case::twice("1, 8", &[("Ready", "True", "Converged"), ("Ready", "True", "Converged")])]
#[case::no_ready("2", &[("InSync", "True", "AsDeclared")])]
#[case::both("3", &[("Stalled", "True", "Refused"), ("Reconciling", "True", "Pending"), ("Ready", "False", "Refused")])]
#[case::stalled_false("4", &[("Stalled", "False", "Refused"), ("Ready", "False", "Refused")])]
#[case::ready_and_stalled("5", &[("Stalled", "True", "Refused"), ("Ready", "True", "Converged")])]
#[case::two_reasons("5", &[("Stalled", "True", "Refused"), ("Ready", "False", "Ambiguous")])]
#[case::no_reason_not_to_be("6", &[("Ready", "False", "Pending")])]
#[case::paused_at_work(
    "7",
    &[("Reconciling", "True", "Pending"), ("Ready", "False", "Pending"), ("Paused", "True", "Requested")]
)]
#[case::out_of_order("1, 8", &[("InSync", "True", "AsDeclared"), ("Ready", "True", "Converged")])]
#[case::no_reason("10", &[("Ready", "True", "Reconciled")])]
#[case::the_reason_of_another("10", &[("Ready", "True", "Drift")])]
fn a_broken_rule_is_named(#[case] rule: &str, #[case] conditions: &[(&str, &str, &str)]) {
    let conditions: Vec<Condition> = conditions
        .iter()
        .map(|(t, s, r)| written(t, s, r))
        .collect();
    let broken = violations(&conditions, 1);
    assert!(
        broken
            .iter()
            .any(|sentence| sentence.starts_with(&format!("{rule}: "))),
        "{broken:?}"
    );
}

#[test]
fn another_generation_and_an_empty_message_are_named() {
    let condition = Condition {
        message: String::new(),
        ..written("Ready", "True", "Converged")
    };
    let broken = violations(&[condition], 2);
    assert!(
        broken.iter().any(|sentence| sentence.starts_with("9: ")),
        "{broken:?}"
    );
    assert!(
        broken.iter().any(|sentence| sentence.starts_with("11: ")),
        "{broken:?}"
    );
}

/// Any statement whose reason fits. `Ready` False is never stated by itself: it follows from what reconciles or stalls.
fn any_statement() -> impl Strategy<Value = Statement> {
    let fitting: Vec<Statement> = Reason::ALL
        .iter()
        .flat_map(|reason| {
            reason
                .used_for()
                .iter()
                .map(|(type_, truth)| state(*type_, *truth, *reason))
        })
        .filter(|statement| {
            (statement.type_, statement.truth) != (ConditionType::Ready, Truth::False)
        })
        .collect();
    proptest::sample::select(fitting)
}

proptest! {
    /// Whatever is stated, in whatever order and after whatever, the rules are kept.
    #[test]
    fn no_statements_break_a_rule(
        first in proptest::collection::vec(any_statement(), 0..8),
        second in proptest::collection::vec(any_statement(), 0..8),
    ) {
        let before = assemble(&[], first, 1, at(100));
        let after = assemble(&before, second, 2, at(200));
        prop_assert_eq!(violations(&before, 1), Vec::<String>::new());
        prop_assert_eq!(violations(&after, 2), Vec::<String>::new());
    }

    /// Promise 1: what was said once and is said again changes nothing.
    #[test]
    fn the_same_statements_change_nothing(statements in proptest::collection::vec(any_statement(), 0..8)) {
        let before = assemble(&[], statements.clone(), 1, at(100));
        prop_assert_eq!(assemble(&before, statements, 1, at(200)), before);
    }
}
