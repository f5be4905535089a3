use proptest::{collection::vec, prelude::*};
use rstest::rstest;

use super::*;

const LEASE: Duration = Duration::from_secs(30);

fn record(holder: &str, seconds: u64) -> Record {
    Record {
        version: "1".to_owned(),
        holder: (!holder.is_empty()).then(|| holder.to_owned()),
        duration: Duration::from_secs(seconds),
    }
}

#[rstest]
#[case::none_yet(Role::Candidate, None, 0, Decision::Create)]
#[case::released(Role::Candidate, Some(("", 1)), 0, Decision::Acquire)]
#[case::held_by_another(Role::Candidate, Some(("b", 30)), 30, Decision::Wait)]
#[case::expired(Role::Candidate, Some(("b", 30)), 31, Decision::Acquire)]
#[case::held_for_longer_than_ours(Role::Candidate, Some(("b", 60)), 31, Decision::Wait)]
#[case::held_for_shorter_than_ours(Role::Candidate, Some(("b", 5)), 30, Decision::Wait)]
#[case::ours_by_an_answer_that_was_lost(Role::Candidate, Some(("a", 30)), 0, Decision::Acquire)]
#[case::ours(Role::Leader, Some(("a", 30)), 0, Decision::Renew)]
#[case::deleted(Role::Leader, None, 0, Decision::Deleted)]
#[case::stolen(Role::Leader, Some(("b", 30)), 99, Decision::Taken)]
#[case::emptied(Role::Leader, Some(("", 30)), 0, Decision::Taken)]
fn each_case_has_its_answer(
    #[case] role: Role,
    #[case] lease: Option<(&str, u64)>,
    #[case] age: u64,
    #[case] expected: Decision,
) {
    let since = Duration::from_secs(1000);
    let seen = lease.map(|(holder, seconds)| Seen {
        record: Some(record(holder, seconds)),
        since,
    });
    let now = since + Duration::from_secs(age);
    assert_eq!(decide(role, "a", LEASE, seen.as_ref(), now), expected);
}

#[test]
fn only_a_new_version_starts_the_time_again() {
    let second = Duration::from_secs;
    let first = observe(None, Some(record("b", 30)), second(10));
    let again = observe(first.clone(), Some(record("b", 30)), second(20));
    assert_eq!(again, first);
    let renewed = Record {
        version: "2".to_owned(),
        ..record("b", 30)
    };
    let seen = observe(again, Some(renewed), second(30)).unwrap();
    assert_eq!(seen.since, second(30));
}

#[test]
fn a_deleted_lease_is_left_alone_for_as_long_as_it_might_have_been_held() {
    let second = Duration::from_secs;
    assert_eq!(observe(None, None, second(5)), None);
    let held = observe(None, Some(record("b", 30)), second(10));
    let gone = observe(observe(held, None, second(100)), None, second(110));
    let decided = |role, now| decide(role, "a", LEASE, gone.as_ref(), second(now));
    assert_eq!(decided(Role::Candidate, 130), Decision::Wait);
    assert_eq!(decided(Role::Candidate, 131), Decision::Create);
    assert_eq!(decided(Role::Leader, 100), Decision::Deleted);
}

/// What happens next to one of the two.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// It reads the Lease.
    Read(usize),
    /// It sends what it decided on what it read last.
    Send(usize),
    /// The API server takes what it sent, and it sees the answer.
    Land(usize),
    /// Time passes.
    Pass(u64),
    /// A person deletes the Lease, of which both know, while neither is about to write it.
    Delete,
}

#[derive(Debug, Default)]
struct Candidate {
    role: Role,
    seen: Option<Seen>,
    decided: Option<Decision>,
    /// When, and on which version.
    sent: Option<(Duration, Option<String>)>,
    until: Duration,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..2_usize).prop_map(Step::Read),
        (0..2_usize).prop_map(Step::Send),
        (0..2_usize).prop_map(Step::Land),
        (1..40_u64).prop_map(Step::Pass),
        Just(Step::Delete),
    ]
}

proptest! {
    #[test]
    fn two_candidates_never_may_write_at_the_same_time(steps in vec(step(), 1..200)) {
        let names = ["a", "b"];
        let mut candidates = [Candidate::default(), Candidate::default()];
        let mut lease: Option<Record> = None;
        let mut versions = 0;
        let mut now = Duration::from_secs(100);
        for step in steps {
            match step {
                Step::Read(one) => {
                    let candidate = &mut candidates[one];
                    candidate.seen = observe(candidate.seen.take(), lease.clone(), now);
                    let seen = candidate.seen.as_ref();
                    candidate.decided = Some(decide(candidate.role, names[one], LEASE, seen, now));
                }
                Step::Send(one) => {
                    let candidate = &mut candidates[one];
                    if let Some(Decision::Create | Decision::Acquire | Decision::Renew) = candidate.decided.take() {
                        let version = candidate.seen.as_ref().and_then(|seen| Some(seen.record.as_ref()?.version.clone()));
                        candidate.sent = Some((now, version));
                    }
                }
                Step::Land(one) => {
                    let candidate = &mut candidates[one];
                    let current = lease.as_ref().map(|lease| lease.version.clone());
                    if let Some((sent, _)) = candidate.sent.take().filter(|(_, version)| *version == current) {
                        versions += 1;
                        lease = Some(Record { version: versions.to_string(), ..record(names[one], 30) });
                        candidate.role = Role::Leader;
                        candidate.until = sent + LEASE;
                    }
                }
                Step::Delete => {
                    let is_aware = |one: &Candidate| one.seen.is_some() && one.decided.is_none() && one.sent.is_none();
                    if candidates.iter().all(is_aware) {
                        lease = None;
                    }
                }
                Step::Pass(seconds) => now += Duration::from_secs(seconds),
            }
            let open = candidates.iter().filter(|candidate| candidate.until > now).count();
            prop_assert!(open < 2, "both may write at {now:?}: {candidates:?}");
        }
    }
}
