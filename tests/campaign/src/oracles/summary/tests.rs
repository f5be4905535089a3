//! Journals made by hand.

use std::collections::BTreeSet;

use serde_json::json;
use xopero_simulator::{
    Answer, Endpoint, Entry, State,
    builder::{organization, repository, state},
    ids,
    journal::{Kind, Target},
};

use super::Summary;
use crate::journal::{Answered, Asked, Event, Reached, Side, What};

fn world() -> State {
    let acme = organization("acme")
        .plan("Nightly")
        .with(repository("old").licensed());
    state().with(acme.with_all(["api", "web"]))
}

/// Events of calls: each is asked, taken, and answered as far as it says.
#[derive(Default)]
struct Calls(Vec<Event>);

impl Calls {
    fn note(&mut self, what: What) -> u64 {
        let number = u64::try_from(self.0.len()).unwrap() + 1;
        self.0.push(Event {
            number,
            time: number,
            process: 1,
            what,
        });
        number
    }

    fn call(
        mut self,
        endpoint: Endpoint,
        names: &[&str],
        (changes, reached): (u64, Reached),
    ) -> Self {
        let body = json!({"names": names});
        let request = self.note(What::Asked(Asked {
            side: Side::Xopero,
            method: "POST".to_owned(),
            path: endpoint.path().to_owned(),
            query: String::new(),
            metadata_alone: false,
            body: body.clone(),
            key: String::new(),
        }));
        let number = request + 1;
        let targets = names.iter().map(|name| Target {
            kind: Kind::Repository,
            id: ids::repository("acme", None, name),
            name: Some((*name).to_owned()),
        });
        self.note(What::Called(Box::new(Entry {
            number,
            time: number,
            endpoint: Some(endpoint),
            path: endpoint.path().to_owned(),
            targets: targets.collect(),
            page: None,
            user: None,
            authorization: true,
            request: body,
            answer: Answer::Status(200),
            changes,
            applied_after: None,
            fault: None,
            in_flight: 1,
            beside_another_login: false,
        })));
        self.note(What::Answered(Answered {
            request,
            status: Some(200),
            body: json!(null),
            reached,
        }));
        self
    }

    /// The last call met a fault: the seventh of the plan, which leaves open what became of it.
    fn spoilt(mut self) -> Self {
        for event in &mut self.0 {
            if let What::Called(entry) = &mut event.what {
                entry.fault = Some(7);
            }
        }
        self
    }

    /// There was nothing to do for the calls.
    fn in_vain(mut self) -> Self {
        for event in &mut self.0 {
            if let What::Called(entry) = &mut event.what {
                entry.answer = Answer::Status(404);
            }
        }
        self
    }

    /// The last call was carried out late.
    fn late(mut self) -> Self {
        for event in &mut self.0 {
            if let What::Called(entry) = &mut event.what {
                entry.applied_after = Some(entry.number);
            }
        }
        self
    }

    fn and(mut self, later: Self) -> Self {
        self.0.extend(later.0);
        self
    }

    fn summary(&self) -> Summary {
        Summary::of(&world(), &self.0, &BTreeSet::from([7])).unwrap()
    }
}

const SEEN: Reached = Reached::Whole;
const LOST: Reached = Reached::Nothing;

fn reference() -> Summary {
    let calls = Calls::default().call(Endpoint::Activate, &["api", "web"], (2, SEEN));
    calls
        .call(Endpoint::DetachRepository, &["old"], (1, SEEN))
        .summary()
}

#[test]
fn licences_given_together_or_one_by_one_are_the_same() {
    let calls = Calls::default()
        .call(Endpoint::Activate, &["web"], (1, SEEN))
        .call(Endpoint::Activate, &["api"], (1, SEEN))
        .call(Endpoint::DetachRepository, &["old"], (1, SEEN));
    assert_eq!(calls.summary().violations(&reference(), 1), [""; 0]);
}

#[test]
fn what_is_gone_is_not_taken_away_again() {
    let detach =
        |changes| Calls::default().call(Endpoint::DetachRepository, &["old"], (changes, SEEN));
    let given = || Calls::default().call(Endpoint::Activate, &["api", "web"], (2, SEEN));
    let again = given().and(detach(1)).and(detach(0).in_vain());
    let found = again.summary().violations(&reference(), 2);
    assert_eq!(found, ["detachRepository: asked 1 times for what was gone"]);
    // By a fault, which is no answer of its own.
    let spoilt = given().and(detach(0).in_vain().spoilt()).and(detach(1));
    assert_eq!(spoilt.summary().violations(&reference(), 1), [""; 0]);
    let late = given().and(detach(1).late()).and(detach(0).in_vain());
    assert_eq!(late.summary().violations(&reference(), 2), [""; 0]);
}

#[test]
fn a_repeat_is_allowed_where_the_outcome_was_unknown_and_nowhere_else() {
    let twice = |reached| {
        Calls::default()
            .call(Endpoint::Activate, &["api", "web"], (2, reached))
            .call(Endpoint::Activate, &["web"], (0, SEEN))
            .call(Endpoint::DetachRepository, &["old"], (1, SEEN))
            .summary()
            .violations(&reference(), 1)
    };
    assert_eq!(twice(LOST), [""; 0]);
    assert_eq!(
        twice(SEEN),
        ["activate web: asked 2 times, 1 times in the reference, and 0 outcomes were unknown"]
    );
}

#[test]
fn what_takes_away_is_never_asked_more_often_than_in_the_reference() {
    let calls = Calls::default()
        .call(Endpoint::Activate, &["api", "web"], (2, SEEN))
        .call(Endpoint::DetachRepository, &["old"], (1, LOST))
        .call(Endpoint::DetachRepository, &["old"], (0, SEEN));
    assert_eq!(
        calls.summary().violations(&reference(), 1),
        [
            "detachRepository old: asked 2 times, 1 times in the reference, and 1 outcomes were unknown"
        ]
    );
}

#[test]
fn what_no_listing_shows_may_be_asked_once_more_by_each_further_process() {
    let calls = Calls::default()
        .call(Endpoint::ModifyPlan, &["nightly"], (1, SEEN))
        .call(Endpoint::ModifyPlan, &["nightly"], (0, SEEN))
        .summary();
    let once = Calls::default()
        .call(Endpoint::ModifyPlan, &["nightly"], (1, SEEN))
        .summary();
    assert_eq!(calls.violations(&once, 2), [""; 0]);
    assert_eq!(
        calls.violations(&once, 1),
        [
            "modifyPlan nightly: asked 2 times, 1 times in the reference, and 0 outcomes were unknown"
        ]
    );
}

#[test]
fn what_takes_away_is_repeated_where_a_fault_kept_it_from_being_done_and_not_once_it_was() {
    let detached =
        |changes| Calls::default().call(Endpoint::DetachRepository, &["old"], (changes, SEEN));
    let found = |calls: Calls| {
        let licences = Calls::default().call(Endpoint::Activate, &["api", "web"], (2, SEEN));
        licences
            .and(calls)
            .summary()
            .violations(&reference(), 1)
            .len()
    };
    assert_eq!(found(detached(0).spoilt().and(detached(1))), 0);
    assert_eq!(found(detached(0).and(detached(1))), 1, "by no fault");
    assert_eq!(found(detached(1).spoilt().and(detached(0))), 1);
    assert_eq!(found(detached(1).spoilt().and(detached(0).spoilt())), 1);
}

#[test]
fn a_synchronization_is_repeated_where_its_outcome_was_unknown_and_nowhere_else() {
    let once = |reached| Calls::default().call(Endpoint::Sync, &[], (1, reached));
    let found = |calls: Calls| calls.summary().violations(&once(SEEN).summary(), 1).len();
    assert_eq!(found(once(LOST).and(once(SEEN))), 0);
    // One that is done twice, and asked for twice.
    assert_eq!(found(once(SEEN).and(once(SEEN))), 2);
    assert_eq!(found(Calls::default()), 1);
    let detached = Calls::default()
        .call(Endpoint::DetachRepository, &["old"], (1, LOST))
        .and(Calls::default().call(Endpoint::DetachRepository, &["old"], (1, SEEN)));
    let reference = Calls::default().call(Endpoint::DetachRepository, &["old"], (1, SEEN));
    let reference = reference.summary();
    assert_eq!(detached.summary().violations(&reference, 1).len(), 2);
}

#[test]
fn a_removal_that_is_carried_out_after_the_next_process_has_listed_is_asked_for_once_more_and_no_oftener()
 {
    let asked = |times: usize| {
        let calls = Calls::default().call(Endpoint::DetachRepository, &["old"], (1, LOST));
        let repeats = (1..times).fold(Calls::default(), |repeats, _| {
            repeats.call(Endpoint::DetachRepository, &["old"], (0, SEEN))
        });
        let calls = calls.late().and(repeats);
        calls
            .call(Endpoint::Activate, &["api", "web"], (2, SEEN))
            .summary()
    };
    assert_eq!(asked(2).violations(&reference(), 2), [""; 0]);
    assert_eq!(
        asked(2).violations(&reference(), 1).len(),
        1,
        "by one process"
    );
    assert_eq!(asked(3).violations(&reference(), 2).len(), 1);
}

#[test]
fn what_is_missing_or_done_again_is_told() {
    let less = Calls::default()
        .call(Endpoint::Activate, &["api"], (1, SEEN))
        .summary();
    let found = less.violations(&reference(), 1);
    assert_eq!(found.len(), 2, "{found:?}");
    let bounced = Calls::default()
        .call(Endpoint::Activate, &["api", "web"], (2, SEEN))
        .call(Endpoint::DetachRepository, &["old"], (1, SEEN))
        .call(Endpoint::AttachRepository, &["old"], (1, SEEN))
        .summary();
    assert_eq!(
        bounced.violations(&reference(), 1),
        [
            "attachRepository old: effective 1 times, and 0 times in the reference",
            "attachRepository old: asked 1 times, 0 times in the reference, and 0 outcomes were unknown",
        ]
    );
}

#[test]
fn a_journal_that_cannot_be_true_is_refused() {
    let calls = Calls::default().call(Endpoint::Activate, &["old"], (1, SEEN));
    assert!(Summary::of(&world(), &calls.0, &BTreeSet::new()).is_err());
}
