//! When Xopero ONE is asked to read the Git service again, and what is said where that fails. Values only: outcomes go in.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use super::{
    Trouble,
    memory::outcomes::{interval, later},
};
use crate::api::{Reason, conditions::ended};

/// The status that says of a synchronization that there is one already.
const CONFLICT: u16 = 409;
const MEANWHILE: &str = "New repositories appear only after a synchronization; everything else of the organization goes on.";
const AGAIN: &str = "It is asked for again at growing intervals, or at once after xopero.dev/reconcile-requested-at.";

/// What became of the synchronizations that were asked for, since one succeeded.
#[derive(Clone, Debug, Default)]
pub struct Synchronization {
    failure: Option<Failure>,
}

#[derive(Clone, Debug)]
struct Failure {
    times: usize,
    at: Timestamp,
    generation: i64,
    why: NotAsked,
}

/// Why Xopero ONE does not synchronize although it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAsked {
    /// It refused with this status.
    Refused(u16),
    /// The account may not ask for it.
    NotPermitted(String),
    /// It could not be asked, or answered that it failed.
    Failed(Trouble),
    /// Its answer was lost: it may have begun all the same.
    Lost(Trouble),
}

/// What the organization declares of synchronizations, and when the last one succeeded.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// `sync.interval`.
    pub every: Option<Duration>,
    /// `resyncInterval`: the first of the doubling intervals.
    pub resync: Duration,
    /// The last that succeeded.
    pub last: Option<Timestamp>,
}

impl Synchronization {
    /// When the next is due without a person's asking, seen from `now`; `None`: never. One that succeeds only in the future did so by a
    /// clock that was ahead.
    pub fn next(&self, schedule: Schedule, now: Timestamp) -> Option<Timestamp> {
        let Schedule {
            every,
            resync,
            last,
        } = schedule;
        if let Some(failure) = &self.failure {
            let times = match failure.why {
                // The client asks nothing that is not permitted before the credentials change, which may be at any time.
                NotAsked::NotPermitted(_) => 1,
                NotAsked::Refused(_) | NotAsked::Failed(_) | NotAsked::Lost(_) => failure.times,
            };
            return Some(later(failure.at, interval(resync, times)));
        }
        let every = every?;
        let last = last.filter(|last| *last <= now);
        Some(last.map_or(Timestamp::MIN, |last| later(last, every)))
    }

    /// One was asked for.
    pub fn succeed(&mut self) {
        self.failure = None;
    }

    /// One could not be asked for.
    pub fn fail(&mut self, why: NotAsked, generation: i64, now: Timestamp) {
        let times = self.failure.as_ref().map_or(1, |failure| failure.times + 1);
        self.failure = Some(Failure {
            times,
            at: now,
            generation,
            why,
        });
    }

    /// One is under way: that is what a conflict told, and what became of one whose answer was lost. Says whether it is such a one.
    #[must_use]
    pub fn note_under_way(&mut self) -> bool {
        let seen = self.failure.take_if(|failure| {
            matches!(failure.why, NotAsked::Refused(CONFLICT) | NotAsked::Lost(_))
        });
        seen.is_some_and(|failure| matches!(failure.why, NotAsked::Lost(_)))
    }

    /// Takes notice of the time: what failed in what is now the future failed now.
    pub fn note_time(&mut self, now: Timestamp) {
        if let Some(failure) = &mut self.failure {
            failure.at = now.min(failure.at);
        }
    }

    /// Another declaration begins anew.
    pub fn note_generation(&mut self, generation: i64) {
        self.failure
            .take_if(|failure| failure.generation != generation);
    }

    /// What the organization has to say of it.
    pub fn trouble(&self) -> Option<Trouble> {
        let trouble = match &self.failure.as_ref()?.why {
            NotAsked::Refused(CONFLICT) => Trouble {
                reason: Reason::WaitingForSync,
                message: format!(
                    "Xopero ONE answered the request to synchronize with status {CONFLICT}, as if one was under way already. \
                     {AGAIN}"
                ),
            },
            NotAsked::Refused(status) => Trouble {
                reason: Reason::Refused,
                message: format!(
                    "Xopero ONE refused to synchronize the organization with status {status}. {MEANWHILE} Synchronize it \
                     in the console of Xopero ONE and see whether it says why; take sync out of the resource where it \
                     cannot be asked for. {AGAIN}"
                ),
            },
            NotAsked::NotPermitted(words) => Trouble {
                reason: Reason::PermissionMissing,
                message: format!(
                    "The account may not synchronize the organization ({words}). {MEANWHILE} Give it the permission, or \
                     take sync out of the resource."
                ),
            },
            NotAsked::Failed(Trouble { reason, message })
            | NotAsked::Lost(Trouble { reason, message }) => Trouble {
                reason: *reason,
                message: format!(
                    "{} {MEANWHILE} {AGAIN}",
                    ended(format!(
                        "The organization could not be synchronized: {message}"
                    ))
                ),
            },
        };
        Some(trouble)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::decide::fixtures::at;

    const RESYNC: i64 = 10 * 60;
    const DAY: i64 = 24 * 60 * 60;

    fn unavailable() -> NotAsked {
        NotAsked::Failed(trouble())
    }

    fn lost() -> NotAsked {
        NotAsked::Lost(trouble())
    }

    fn trouble() -> Trouble {
        Trouble {
            reason: Reason::ApiUnavailable,
            message: "it answered with status 500".to_owned(),
        }
    }

    fn forbidden() -> NotAsked {
        NotAsked::NotPermitted("status 403".to_owned())
    }

    fn seen(synchronization: &mut Synchronization) {
        let _asked_for = synchronization.note_under_way();
    }

    /// After so many failures, the last at second 0.
    fn failed(why: &NotAsked, times: usize) -> Synchronization {
        let mut synchronization = Synchronization::default();
        for _ in 0..times {
            synchronization.fail(why.clone(), 1, at(0));
        }
        synchronization
    }

    fn schedule(every: Option<u64>, last: Option<i64>) -> Schedule {
        Schedule {
            every: every.map(Duration::from_secs),
            resync: Duration::from_mins(10),
            last: last.map(at),
        }
    }

    #[rstest]
    //                                    failure                 times  every        last      next
    #[case::never_where_it_is_not_declared(NotAsked::Refused(404), 0, None, None, None)]
    #[case::at_once_where_none_was(
        NotAsked::Refused(404),
        0,
        Some(900),
        None,
        Some(Timestamp::MIN)
    )]
    #[case::an_interval_after_the_last(
        NotAsked::Refused(404),
        0,
        Some(900),
        Some(50),
        Some(at(950))
    )]
    #[case::refused_after_a_resync(NotAsked::Refused(404), 1, Some(900), None, Some(at(RESYNC)))]
    #[case::then_after_two(                NotAsked::Refused(404), 2,    Some(900),   None,     Some(at(2 * RESYNC)))]
    #[case::then_after_four(               NotAsked::Refused(404), 3,    Some(900),   None,     Some(at(4 * RESYNC)))]
    #[case::never_after_more_than_a_day(NotAsked::Refused(404), 40, Some(900), None, Some(at(DAY)))]
    #[case::a_conflict_as_any_refusal(     NotAsked::Refused(409), 2,    Some(900),   None,     Some(at(2 * RESYNC)))]
    #[case::a_failure_as_well(             unavailable(),          2,    Some(900),   None,     Some(at(2 * RESYNC)))]
    #[case::without_an_answer_as_well(     lost(),                 2,    Some(900),   None,     Some(at(2 * RESYNC)))]
    #[case::at_once_where_the_last_is_yet_to_come(
        lost(),
        0,
        Some(900),
        Some(DAY),
        Some(Timestamp::MIN)
    )]
    #[case::one_of_this_moment_was(lost(), 0, Some(900), Some(60), Some(at(960)))]
    #[case::also_what_a_person_asked_for(  NotAsked::Refused(404), 2,    None,        Some(50), Some(at(2 * RESYNC)))]
    #[case::with_every_resync_where_credentials_may_change(
        forbidden(),
        3,
        Some(900),
        None,
        Some(at(RESYNC))
    )]
    fn a_synchronization_is_due_at_its_interval_and_a_failed_one_at_growing_ones(
        #[case] failure: NotAsked,
        #[case] times: usize,
        #[case] every: Option<u64>,
        #[case] last: Option<i64>,
        #[case] next: Option<Timestamp>,
    ) {
        let synchronization = failed(&failure, times);
        assert_eq!(synchronization.next(schedule(every, last), at(60)), next);
    }

    #[test]
    fn a_failure_that_is_yet_to_come_by_a_clock_that_was_put_back_is_one_of_now() {
        let mut synchronization = failed(&unavailable(), 1);
        for later in [0, 60] {
            synchronization.note_time(at(later - DAY));
            let next = synchronization.next(schedule(None, None), at(later - DAY));
            assert_eq!(next, Some(at(RESYNC - DAY)));
        }
    }

    #[test]
    fn one_without_an_answer_that_is_seen_under_way_is_the_one_that_was_asked_for() {
        let mut synchronization = failed(&lost(), 1);
        assert!(synchronization.note_under_way());
        assert!(!synchronization.note_under_way(), "it is told once");
        for other in [unavailable(), NotAsked::Refused(CONFLICT)] {
            assert!(!failed(&other, 1).note_under_way(), "{other:?}");
        }
    }

    #[rstest]
    //                                failure                 reason                      says
    #[case::not_there(NotAsked::Refused(404), Reason::Refused, "status 404")]
    #[case::refused(NotAsked::Refused(400), Reason::Refused, "take sync out")]
    #[case::as_if_it_was_under_way(NotAsked::Refused(409), Reason::WaitingForSync, "under way")]
    #[case::not_permitted(forbidden(), Reason::PermissionMissing, "Give it the permission")]
    #[case::not_available(unavailable(), Reason::ApiUnavailable, "status 500")]
    fn a_failure_is_said_with_what_follows_from_it(
        #[case] failure: NotAsked,
        #[case] reason: Reason,
        #[case] says: &str,
    ) {
        let trouble = failed(&failure, 1).trouble().unwrap();
        assert_eq!(trouble.reason, reason);
        assert!(trouble.message.contains(says), "{}", trouble.message);
        let tells_what_follows = trouble
            .message
            .contains("New repositories appear only after");
        assert_eq!(tells_what_follows, reason != Reason::WaitingForSync);
    }

    #[rstest]
    //                          failure                  what happens                     is said
    #[case::asked_for(NotAsked::Refused(404), Synchronization::succeed, false)]
    #[case::another_spec(       NotAsked::Refused(404),  |it: &mut Synchronization| it.note_generation(2), false)]
    #[case::the_same_spec(      NotAsked::Refused(404),  |it: &mut Synchronization| it.note_generation(1), true)]
    #[case::seen_after_a_409(NotAsked::Refused(409), seen, false)]
    #[case::seen_after_a_404(NotAsked::Refused(404), seen, true)]
    #[case::seen_without_an_answer(lost(), seen, false)]
    #[case::seen_after_a_failure(unavailable(), seen, true)]
    fn a_failure_is_said_until_it_is_over(
        #[case] failure: NotAsked,
        #[case] happens: fn(&mut Synchronization),
        #[case] is_said: bool,
    ) {
        let mut synchronization = failed(&failure, 3);
        happens(&mut synchronization);
        assert_eq!(synchronization.trouble().is_some(), is_said);
    }
}
