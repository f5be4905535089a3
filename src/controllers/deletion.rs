//! What a connection or an organization says that is being deleted: who still needs it, and the way out.

use crate::{
    api::{
        Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::listed,
};

/// The statement of a resource that is being deleted; `needed_by`: who holds it, `None` while that is not known.
///
/// What is in the way stays the first thing that is said: the deletion waits for that as well.
pub(super) fn deleting(statement: Statement, needed_by: Option<&[String]>) -> Statement {
    let names = needed_by.map(|names| listed(names.iter().map(String::as_str)));
    match statement.type_ {
        ConditionType::Ready => {
            let message = match names.as_deref() {
                None => "Being deleted. Who needs it is not known yet.".to_owned(),
                Some("") => {
                    "Being deleted, and still there because of a finalizer of somebody else."
                        .to_owned()
                }
                Some(names) => format!(
                    "Being deleted, and at work until nobody needs it: {names}. It goes at once with the annotation xopero.dev/force-finalize: \"true\"."
                ),
            };
            Statement::new(
                ConditionType::Reconciling,
                Truth::True,
                Reason::Deleting,
                message,
            )
        }
        ConditionType::Stalled | ConditionType::Reconciling | ConditionType::Paused => {
            let Some(names) = names.filter(|names| !names.is_empty()) else {
                return statement;
            };
            let way_out = if statement.type_ == ConditionType::Paused {
                "take that off"
            } else {
                "mend this"
            };
            Statement {
                message: format!(
                    "{} It is being deleted, and still needed by {names}: {way_out}, or let it go with the annotation xopero.dev/force-finalize: \"true\".",
                    statement.message
                ),
                ..statement
            }
        }
        ConditionType::InSync | ConditionType::Protected | ConditionType::BackupHealthy => {
            statement
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn told(type_: ConditionType, reason: Reason, needed_by: Option<&[&str]>) -> (String, String) {
        let needed_by: Option<Vec<String>> =
            needed_by.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let before = Statement::new(type_, Truth::True, reason, "Before.");
        let after = deleting(before, needed_by.as_deref());
        (format!("{:?} {}", after.type_, after.reason), after.message)
    }

    #[rstest]
    #[case::needed(Some(&["a/b"][..]), "Being deleted, and at work until nobody needs it: a/b. It goes at once with the annotation xopero.dev/force-finalize: \"true\".")]
    #[case::held_by_somebody_else(
        Some(&[][..]),
        "Being deleted, and still there because of a finalizer of somebody else."
    )]
    #[case::not_known(None, "Being deleted. Who needs it is not known yet.")]
    fn what_is_ready_says_who_holds_it(#[case] needed_by: Option<&[&str]>, #[case] says: &str) {
        let (type_, message) = told(ConditionType::Ready, Reason::Converged, needed_by);
        assert_eq!(type_, "Reconciling Deleting");
        assert_eq!(message, says);
    }

    #[rstest]
    #[case::mended(
        ConditionType::Stalled,
        Reason::Conflict,
        "Stalled Conflict",
        "mend this"
    )]
    #[case::waited_for(
        ConditionType::Reconciling,
        Reason::ApiUnavailable,
        "Reconciling ApiUnavailable",
        "mend this"
    )]
    #[case::paused(
        ConditionType::Paused,
        Reason::Requested,
        "Paused Requested",
        "take that off"
    )]
    fn what_is_in_the_way_stays_and_is_followed_by_who_holds_it(
        #[case] type_: ConditionType,
        #[case] reason: Reason,
        #[case] stays: &str,
        #[case] way_out: &str,
    ) {
        let (said, message) = told(type_, reason, Some(&["a/c", "a/b"]));
        assert_eq!(said, stays);
        assert_eq!(
            message,
            format!(
                "Before. It is being deleted, and still needed by a/b, a/c: {way_out}, or let it go with the annotation xopero.dev/force-finalize: \"true\"."
            )
        );
        for nobody in [Some(&[][..]), None] {
            assert_eq!(told(type_, reason, nobody).1, "Before.");
        }
    }
}
