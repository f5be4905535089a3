//! Whatever is listed, missed and renamed, and whoever begins meanwhile: another name is noticed, also where several are in one bucket of
//! the digest, as it is in a large organization.

use std::collections::BTreeMap;

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::decide::fixtures::{at, organization, repository, repository_id};

const ROWS: usize = 5;

#[derive(Clone, Debug)]
enum Step {
    /// Of each row the name that it is listed under, if it is.
    List([Option<u8>; ROWS]),
    /// Status takes what is known.
    Write,
    Restart,
    Wait(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let name = prop_oneof![1 => Just(None), 2 => Just(Some(0)), 1 => (1..3_u8).prop_map(Some)];
    prop_oneof![
        4 => prop::array::uniform5(name).prop_map(Step::List),
        3 => Just(Step::Write),
        2 => Just(Step::Restart),
        1 => (1..40_u8).prop_map(Step::Wait),
    ]
}

/// The first four are in one bucket.
fn rows() -> [String; ROWS] {
    let first = "row-0".to_owned();
    let mut bucket = Digest::sized(1);
    bucket.turn(repository_id(&first), &first);
    let all = (1..).map(|number| format!("row-{number}"));
    let beside = |name: &String| {
        let seen = [(repository_id(name), name.into())];
        !bucket.clone().take_out(&seen, at(0)).in_doubt.is_empty()
    };
    let (beside, other): (Vec<_>, Vec<_>) = all.take(1_000).partition(beside);
    let [a, b, c, ..] = beside.as_slice() else {
        panic!("one in 64 is in a bucket")
    };
    [first, a.clone(), b.clone(), c.clone(), other[0].clone()]
}

/// The name under which a row is known, and when it was listed last.
#[derive(Clone, Debug)]
struct Told {
    name: u8,
    at: Timestamp,
}

#[derive(Debug)]
struct Run {
    now: Timestamp,
    names: KnownNames,
    unsure: Renames,
    status: Option<Names>,
    known: BTreeMap<usize, Told>,
    recorded: BTreeMap<usize, Told>,
}

impl Run {
    fn new() -> Self {
        Self {
            now: at(0),
            names: KnownNames::begun(None),
            unsure: Renames::default(),
            status: None,
            known: BTreeMap::new(),
            recorded: BTreeMap::new(),
        }
    }

    fn take(&mut self, step: &Step, rows: &[String; ROWS]) -> Result<(), TestCaseError> {
        match step {
            Step::Wait(hours) => self.now += SignedDuration::from_hours((*hours).into()),
            Step::Write => {
                self.status = self.names.for_status(&self.unsure);
                self.recorded.clone_from(&self.known);
            }
            Step::Restart => {
                let status = self.status.as_ref().map(ToString::to_string);
                self.names = KnownNames::begun(status.and_then(|text| Names::parse(&text)));
                self.unsure = Renames::default();
                self.known.clone_from(&self.recorded);
            }
            Step::List(listed) => return self.list(listed, rows),
        }
        Ok(())
    }

    fn list(
        &mut self,
        listed: &[Option<u8>; ROWS],
        rows: &[String; ROWS],
    ) -> Result<(), TestCaseError> {
        self.now += SignedDuration::from_mins(5);
        let mut world = organization("acme");
        for (row, _) in rows.iter().zip(listed).filter(|(_, name)| name.is_some()) {
            world = world.with(repository(row));
        }
        for (row, name) in rows.iter().zip(listed) {
            if let Some(name) = name {
                world.rename(row, &format!("{row}-{name}"));
            }
        }
        let found = self.names.list(&world.inventory(), self.now);
        self.unsure.extend(found.renames.repositories, []);
        self.names.retain_known(&mut self.unsure);
        for (at, name) in listed.iter().enumerate() {
            let Some(name) = *name else { continue };
            let now = self.now;
            let told = self.known.entry(at).or_insert(Told { name, at: now });
            if now < later(told.at, KEPT) {
                let is_noticed = self.unsure.repositories.contains(&repository_id(&rows[at]));
                prop_assert!(is_noticed || told.name == name, "row {at} was {told:?}");
            } else {
                told.name = name;
            }
            told.at = now;
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn another_name_is_noticed_whatever_comes_in_between(steps in vec(step(), 1..40)) {
        let rows = rows();
        let mut run = Run::new();
        for step in &steps {
            run.take(step, &rows)?;
        }
    }
}

/// Its clock was a year ahead.
#[test]
fn what_another_process_missed_is_forgotten_three_days_after_the_own_first_listing() {
    let row = "row-0";
    let mut repositories = Digest::sized(1);
    let in_a_year = at(0) + SignedDuration::from_hours(365 * 24);
    repositories.miss(repository_id(row), in_a_year);
    let plans = Digest::sized(0);
    let left = Names {
        repositories,
        plans,
    };
    let mut names = KnownNames::begun(Some(left));
    names.list(&organization("acme").inventory(), at(0));
    let with_row = organization("acme").with(repository(row)).inventory();
    let later = |hours| at(0) + SignedDuration::from_hours(hours);
    let doubts = |names: &KnownNames, now| names.clone().list(&with_row, now).renames;
    assert!(!doubts(&names, later(71)).is_empty());
    assert!(doubts(&names, later(74)).is_empty());
}

/// With fewer buckets a name that changed while nobody looked would put more in doubt.
#[test]
fn status_has_as_many_buckets_as_are_good_for_what_is_listed() {
    let names: Vec<String> = (0..200).map(|number| format!("r-{number}")).collect();
    let world = names.iter().fold(organization("acme"), |world, name| {
        world.with(repository(name))
    });
    let mut expected = Digest::sized(names.len());
    for name in &names {
        expected.turn(repository_id(name), name);
    }
    let mut known = KnownNames::default();
    known.list(&world.inventory(), at(0));
    let recorded = known.for_status(&Renames::default()).unwrap();
    assert_eq!(recorded.repositories, expected);
    assert_ne!(Digest::sized(names.len()), Digest::sized(1));
}
