use serde_json::json;
use xopero_simulator::Endpoint;

use super::*;

const TERMS: Terms = Terms {
    duration: Duration::from_secs(9),
    timeout: Duration::from_secs(3),
};

/// A made-up journal, a second between two events.
#[derive(Default)]
struct Story {
    events: Vec<Event>,
    time: u64,
    version: u64,
}

impl Story {
    fn note(&mut self, process: u32, what: What) -> u64 {
        let number = u64::try_from(self.events.len()).unwrap() + 1;
        self.events.push(Event {
            number,
            time: self.time,
            process,
            what,
        });
        number
    }

    fn pass(mut self, seconds: u64) -> Self {
        self.time += seconds * 1000;
        self
    }

    fn about_the_lease(
        mut self,
        process: u32,
        method: &str,
        body: Value,
        answer: (u16, Value),
    ) -> Self {
        let asked = Asked {
            side: Side::Kubernetes,
            method: method.to_owned(),
            path: "/apis/coordination.k8s.io/v1/namespaces/n/leases/x".to_owned(),
            query: String::new(),
            metadata_alone: false,
            body,
            key: "a Lease".to_owned(),
        };
        let request = self.note(process, What::Asked(asked));
        let answered = Answered {
            request,
            status: Some(answer.0),
            body: answer.1,
            reached: Reached::Whole,
        };
        self.note(process, What::Answered(answered));
        self
    }

    /// It puts its name into the Lease.
    fn takes(mut self, process: u32) -> Self {
        self.version += 1;
        let body = json!({"spec": {"holderIdentity": format!("replica-{process}"),
            "acquireTime": self.time, "renewTime": self.time}});
        self.about_the_lease(process, "PUT", body.clone(), (200, body))
    }

    /// It says that it still holds it.
    fn renews(mut self, process: u32) -> Self {
        self.version += 1;
        let body = json!({"spec": {"holderIdentity": format!("replica-{process}"),
            "acquireTime": 0, "renewTime": self.time + 1}});
        self.about_the_lease(process, "PUT", body.clone(), (200, body))
    }

    fn releases(mut self, process: u32) -> Self {
        self.version += 1;
        self.about_the_lease(
            process,
            "PUT",
            json!({"spec": {}}),
            (200, json!({"spec": {}})),
        )
    }

    /// It is told who holds it.
    fn sees(self, process: u32, holder: &str) -> Self {
        let body = json!({"metadata": {"resourceVersion": self.version.to_string()},
            "spec": {"holderIdentity": holder}});
        self.about_the_lease(process, "GET", Value::Null, (200, body))
    }

    fn sees_none(self, process: u32) -> Self {
        self.about_the_lease(process, "GET", Value::Null, (404, Value::Null))
    }

    fn writes(mut self, process: u32) -> Self {
        let asked = Asked {
            side: Side::Xopero,
            method: "POST".to_owned(),
            path: Endpoint::AttachRepository.path().to_owned(),
            query: String::new(),
            metadata_alone: false,
            body: Value::Null,
            key: "attachRepository Nightly, api".to_owned(),
        };
        self.note(process, What::Asked(asked));
        self
    }

    fn is_fine(&self) {
        assert_eq!(violations(&self.events, TERMS), [""; 0]);
    }

    fn breaks(&self, words: &str) {
        let found = violations(&self.events, TERMS);
        let [sentence] = found.as_slice() else {
            panic!("{found:#?}");
        };
        assert!(sentence.contains(words), "{sentence}");
    }
}

fn story() -> Story {
    Story::default()
}

#[test]
fn one_writes_and_after_it_another() {
    story().takes(1).writes(1).writes(1).is_fine();
    let handed_over = story().takes(1).writes(1).releases(1).takes(2).writes(2);
    handed_over.is_fine();
    let back = story().takes(1).writes(1).sees(1, "replica-2");
    back.takes(2).writes(2).takes(1).writes(1).is_fine();
}

#[test]
fn who_has_never_held_the_lease_writes_nothing() {
    story().takes(1).writes(2).breaks("never held");
    // An answer of the API server that refuses it is none that gives it.
    let refused = story().takes(1).about_the_lease(
        2,
        "PUT",
        json!({"spec": {"holderIdentity": "replica-2"}}),
        (409, Value::Null),
    );
    refused.writes(2).breaks("never held");
}

#[test]
fn writes_of_two_never_interleave() {
    let late = story().takes(1).writes(1).takes(2).writes(2).writes(1);
    late.breaks("process 2 leads meanwhile");
    // Before the other has written anything, too.
    story()
        .takes(1)
        .takes(2)
        .writes(1)
        .breaks("leads meanwhile");
}

#[test]
fn who_was_told_writes_at_most_what_was_on_the_wire() {
    let told = || story().takes(1).sees(1, "thief");
    told().writes(1).is_fine();
    told().writes(1).writes(1).breaks("told that it has lost");
    let deleted = story().takes(1).sees_none(1).writes(1);
    deleted.writes(1).breaks("told that it has lost");
}

#[test]
fn who_did_not_renew_in_time_writes_nothing() {
    story().takes(1).pass(12).writes(1).is_fine();
    story().takes(1).pass(13).writes(1).breaks("run out");
    let renewed = story().takes(1).pass(8).renews(1).pass(8);
    renewed.writes(1).is_fine();
}

#[test]
fn who_stands_by_asks_for_a_lease_that_nobody_renews() {
    let sees = |story: Story| story.sees(2, "replica-1");
    let silent = || sees(story().takes(1));
    let long = || sees(silent().pass(19));
    long().takes(2).is_fine();
    sees(long()).breaks("is not asked for");
    sees(sees(silent().pass(18))).is_fine();
    sees(silent().pass(10).renews(1).pass(10)).is_fine();
    sees(silent().pass(10)).takes(2).pass(10).is_fine();
    let gone = silent().sees_none(2).pass(19).sees_none(2);
    gone.sees_none(2).breaks("is not asked for");
}

#[test]
fn looks_are_told_apart_from_what_others_see() {
    let told = story().takes(1).sees(2, "replica-1").sees(1, "replica-1");
    assert_eq!(looks(&told.events, 1), 1);
    assert_eq!(looks(&told.events, 3), 0);
}

#[test]
fn a_renewal_is_no_acquisition() {
    assert!(is_acquired(&story().takes(1).events));
    assert!(!is_acquired(&story().renews(1).releases(1).events));
}
