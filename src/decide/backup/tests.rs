use rstest::rstest;

use super::*;
use crate::inventory::{LastStatus, PlanId};

const FINISHED: i64 = 1_790_000_000_000;

/// A status in which one number, or none, is shown.
fn status(successes: Option<i64>, warnings: Option<i64>, errors: Option<i64>) -> LastStatus {
    LastStatus {
        successes,
        warnings,
        errors,
    }
}

fn plan(finished_at: Option<i64>, last_status: Option<LastStatus>) -> Plan {
    Plan {
        id: PlanId::numbered(1),
        name: "Nightly".to_owned(),
        backup_type: None,
        include_metadata: None,
        repository_count: None,
        last_status,
        finished_at,
        running: Some(false),
    }
}

const ALL: Option<LastStatus> = Some(LastStatus {
    successes: Some(5),
    warnings: Some(1),
    errors: Some(0),
});
const NONE_SHOWN: Option<LastStatus> = Some(LastStatus {
    successes: None,
    warnings: None,
    errors: None,
});

#[rstest]
#[case::all_is_shown(Some(FINISHED), ALL, 1, (Truth::True, Reason::BackedUp))]
#[case::errors(Some(FINISHED), Some(status(Some(5), Some(0), Some(1))), 1, (Truth::False, Reason::BackupFailed))]
#[case::errors_alone(Some(FINISHED), Some(status(None, None, Some(1))), 1, (Truth::False, Reason::BackupFailed))]
#[case::no_errors_and_nothing_else_shown(Some(FINISHED), Some(status(None, None, Some(0))), 1, (Truth::True, Reason::BackedUp))]
#[case::nothing_was_backed_up(Some(FINISHED), Some(status(Some(0), Some(0), Some(0))), 1, (Truth::False, Reason::BackupFailed))]
#[case::nothing_was_backed_up_long_ago(Some(FINISHED), Some(status(Some(0), Some(0), Some(0))), 30, (Truth::False, Reason::BackupFailed))]
#[case::less_than_nothing(Some(FINISHED), Some(status(Some(-1), Some(0), Some(-3))), 1, (Truth::False, Reason::BackupFailed))]
#[case::less_than_no_error(Some(FINISHED), Some(status(Some(1), Some(-1), Some(-1))), 1, (Truth::True, Reason::BackedUp))]
#[case::warnings_alone(Some(FINISHED), Some(status(Some(0), Some(2), Some(0))), 1, (Truth::True, Reason::BackedUp))]
#[case::perhaps_nothing(Some(FINISHED), Some(status(None, Some(0), Some(0))), 1, (Truth::True, Reason::BackedUp))]
#[case::errors_not_shown(Some(FINISHED), Some(status(Some(5), Some(0), None)), 1, (Truth::Unknown, Reason::NotObserved))]
#[case::counts_not_shown(Some(FINISHED), NONE_SHOWN, 1, (Truth::Unknown, Reason::NotObserved))]
#[case::status_not_shown(Some(FINISHED), None, 1, (Truth::Unknown, Reason::NotObserved))]
#[case::as_old_as_is_allowed(Some(FINISHED), ALL, 24, (Truth::True, Reason::BackedUp))]
#[case::too_old_is_so_however_it_went(Some(FINISHED), None, 30, (Truth::False, Reason::BackupTooOld))]
#[case::still_to_come(Some(FINISHED), ALL, -1, (Truth::Unknown, Reason::NotObserved))]
#[case::still_to_come_and_failed(Some(FINISHED), Some(status(Some(5), Some(0), Some(1))), -1, (Truth::False, Reason::BackupFailed))]
#[case::too_old(Some(FINISHED), ALL, 30, (Truth::False, Reason::BackupTooOld))]
#[case::never(None, None, 1, (Truth::False, Reason::NeverBackedUp))]
#[case::never_and_zeros(None, Some(status(Some(0), Some(0), Some(0))), 1, (Truth::False, Reason::NeverBackedUp))]
#[case::never_and_nothing(None, NONE_SHOWN, 1, (Truth::False, Reason::NeverBackedUp))]
#[case::never_written_as_the_epoch(Some(0), None, 1, (Truth::False, Reason::NeverBackedUp))]
#[case::never_written_as_the_first_day_of_dotnet(Some(-62_135_596_800_000), None, 1, (Truth::False, Reason::NeverBackedUp))]
#[case::end_written_as_the_epoch(Some(0), ALL, 1, (Truth::Unknown, Reason::NotObserved))]
#[case::end_not_shown(None, ALL, 1, (Truth::Unknown, Reason::NotObserved))]
fn what_a_plan_does_not_show_of_its_last_run_is_unknown(
    #[case] finished_at: Option<i64>,
    #[case] last_status: Option<LastStatus>,
    #[case] hours_ago: i64,
    #[case] expected: (Truth, Reason),
) {
    let now = Timestamp::from_millisecond(FINISHED + hours_ago * 3_600_000).unwrap();
    let statement = health(
        &plan(finished_at, last_status),
        Some(Duration::from_hours(24)),
        now,
    );
    assert_eq!((statement.truth, statement.reason), expected);
}

/// Clocks that differ by so much tell no age.
#[rstest]
#[case::by_less(0, Reason::BackedUp)]
#[case::by_more(1, Reason::NotObserved)]
fn clocks_may_differ_a_little(#[case] beyond: i64, #[case] reason: Reason) {
    let now = Timestamp::from_millisecond(FINISHED - 15 * 60_000 - beyond);
    let run = plan(Some(FINISHED), ALL);
    let statement = health(&run, Some(Duration::from_hours(24)), now.unwrap());
    assert_eq!(statement.reason, reason);
}

#[test]
fn a_run_of_nothing_says_where_to_look() {
    let last_status = Some(status(Some(0), Some(0), Some(0)));
    let now = Timestamp::from_millisecond(FINISHED).unwrap();
    let message = health(&plan(Some(FINISHED), last_status), None, now).message;
    for word in ["nothing was backed up", "holds anything", "licences"] {
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn what_is_known_of_a_run_stays_shown() {
    let mut shown = plan(Some(FINISHED), Some(status(Some(5), None, None)));
    shown.running = None;
    let run = LastRun::of(&shown).unwrap();
    assert_eq!(run.finished_at.as_millisecond(), FINISHED);
    assert_eq!((run.successes, run.warnings), (Some(5), None));
    assert_eq!((run.errors, run.running), (None, None));
}

#[rstest]
#[case::the_epoch(0)]
#[case::before_it(-1)]
fn a_run_that_finished_at_no_time_is_none(#[case] finished_at: i64) {
    assert_eq!(LastRun::of(&plan(Some(finished_at), None)), None);
    assert!(LastRun::of(&plan(Some(1), None)).is_some());
}
