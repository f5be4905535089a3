//! Which names are in doubt, by what is left of a digest.

use std::borrow::Cow;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

type Named = Vec<(u16, String)>;

fn now() -> Timestamp {
    Timestamp::from_second(1_764_000_000).unwrap()
}

impl Digest {
    fn with(mut self, named: &Named) -> Self {
        for (id, name) in named {
            self.turn(id, name);
        }
        self
    }

    /// Takes these out; what may have had another name.
    fn see(&mut self, listed: &Named) -> BTreeSet<u16> {
        let named = listed.iter();
        let named: Vec<_> = named
            .map(|(id, name)| (*id, Cow::from(name.as_str())))
            .collect();
        self.take_out(&named, now()).in_doubt.into_iter().collect()
    }

    fn in_doubt(&self, listed: &Named) -> BTreeSet<u16> {
        self.clone().see(listed)
    }
}

fn kept(named: &Named) -> Digest {
    let digest = Digest::sized(named.len()).with(named);
    Digest::parse(&digest.to_string()).unwrap()
}

fn names(count: u16) -> Named {
    (0..count).map(|id| (id, format!("r{id}"))).collect()
}

proptest! {
    #[test]
    fn a_name_that_changed_is_noticed_whatever_else_did(
        count in 1_u16..2_000,
        renamed in any::<prop::sample::Index>(),
        gone in any::<prop::sample::Index>(),
        new in 0_u16..50,
    ) {
        let before = kept(&names(count));
        let mut now = names(count);
        let id = {
            let row = renamed.get(&now).0;
            now[usize::from(row)].1.push_str("-new");
            row
        };
        let gone = gone.index(now.len());
        if now[gone].0 != id {
            now.remove(gone);
        }
        now.extend((0..new).map(|more| (10_000 + more, format!("new-{more}"))));
        now.reverse();
        prop_assert!(before.in_doubt(&now).contains(&id));
    }

    #[test]
    fn what_did_not_change_is_known_in_any_order(count in 0_u16..2_000) {
        let mut now = names(count);
        now.reverse();
        prop_assert_eq!(kept(&names(count)).in_doubt(&now), BTreeSet::new());
    }

    /// The organization grows or shrinks meanwhile, so that the buckets are others.
    #[test]
    fn what_is_missing_is_handed_on_whatever_number_of_buckets_there_is(
        before in 1_u16..600,
        between in 0_u16..600,
        missing: u16,
    ) {
        let mut first = Digest::sized(before.into());
        first.miss(missing, now());
        let mut second = Digest::sized(between.into());
        second.inherit(&first, now(), now());
        let new = vec![(missing, "new".to_owned())];
        prop_assert!(second.in_doubt(&new).contains(&missing));
    }

    #[test]
    fn anything_may_stand_in_a_status(text in "[0-9a-fxz.]{0,40}|z{64}(.[0-9a-f]{9}){0,2}|.*") {
        if let Some(digest) = Digest::parse(&text) {
            prop_assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        }
    }
}

#[test]
fn of_ten_thousand_few_are_in_doubt_for_one_and_status_holds_four_kilobytes() {
    let before = kept(&names(10_000));
    let mut now = names(10_000);
    now[77].1.push_str("-new");
    let in_doubt = before.in_doubt(&now);
    assert!((1..60).contains(&in_doubt.len()), "{}", in_doubt.len());
    assert_eq!(before.to_string().len(), 4_096);
}

#[test]
fn of_two_status_holds_less_than_a_hundred_bytes() {
    let few = kept(&names(2));
    assert_eq!(few.to_string().len(), 62 + 2 * BUCKET);
    assert_eq!(Digest::parse(&few.to_string()), Some(few));
}

#[test]
fn one_more_beside_a_few_puts_no_other_in_doubt() {
    let before = kept(&names(1));
    for new in 1..50 {
        let now = [names(1), vec![(new, "new".to_owned())]].concat();
        let is_beside = place("0", FEWEST) == place(&new.to_string(), FEWEST);
        let in_doubt = before.in_doubt(&now);
        assert_eq!(in_doubt.contains(&0), is_beside);
        assert_eq!(
            in_doubt.contains(&new),
            is_beside,
            "nothing was where it is"
        );
    }
}

#[test]
fn what_an_older_operator_wrote_in_fewer_buckets_is_compared_in_as_many() {
    let two = Digest {
        buckets: vec![0; 2],
        missing: BTreeMap::new(),
    };
    let before = Digest::parse(&two.with(&names(3)).to_string()).unwrap();
    assert_eq!(before.in_doubt(&names(3)), BTreeSet::new());
    let mut now = names(3);
    now[1].1.push_str("-new");
    assert!(before.in_doubt(&now).contains(&1));
}

#[test]
fn what_was_unsure_is_unsure_again() {
    let now_listed = names(40);
    let mut before = kept(&now_listed);
    before.spoil([7, 9].into_iter());
    let in_doubt = before.see(&now_listed);
    assert!(
        in_doubt.is_superset(&BTreeSet::from([7, 9])),
        "{in_doubt:?}"
    );
    assert!(in_doubt.len() < 10, "{in_doubt:?}");
    assert!(
        before.is_settled(now()),
        "it is noted again by who is unsure again"
    );
}

#[test]
fn what_is_missing_is_so_until_the_hour_that_stands_in_status() {
    let mut digest = Digest::sized(1);
    digest.miss(7, now());
    let digest = Digest::parse(&digest.to_string()).unwrap();
    assert!(digest.misses(place("7", FEWEST), now()));
    assert!(!digest.is_settled(now()));
    let later = Timestamp::from_second(now().as_second() + SECONDS_OF_AN_HOUR).unwrap();
    assert!(digest.is_settled(later));
}

#[test]
fn what_another_clock_has_noted_is_forgotten_by_the_own() {
    let in_a_year = Timestamp::from_second(now().as_second() + 365 * 24 * SECONDS_OF_AN_HOUR);
    let mut digest = Digest::sized(1);
    digest.miss(7, in_a_year.unwrap());
    digest.miss_no_longer(now());
    assert!(digest.misses(place("7", FEWEST), now()));
    let later = Timestamp::from_second(now().as_second() + SECONDS_OF_AN_HOUR).unwrap();
    assert!(digest.is_settled(later));
}

#[test]
fn what_is_given_up_puts_nothing_in_doubt() {
    let mut digest = kept(&names(3));
    assert!(!digest.is_settled(now()));
    digest.give_up();
    assert!(digest.is_settled(now()));
    assert_eq!(digest.in_doubt(&names(5)), BTreeSet::new());
}

#[rstest]
//                                     buckets  what is missing  is ours
#[case::as_few_as_there_are(FEWEST, "", true)]
#[case::as_many_as_there_may_be(MOST, "", true)]
#[case::more(                          2 * MOST, "",             false)]
#[case::a_number_that_is_never_written(3, "", false)]
#[case::in_the_last_bucket(FEWEST, ".03f000001", true)]
#[case::in_a_bucket_that_is_not_there(FEWEST, ".040000001", false)]
fn only_what_may_have_been_written_is_read(
    #[case] buckets: usize,
    #[case] missing: &str,
    #[case] is_ours: bool,
) {
    let text = format!("{}{missing}", EMPTY.to_string().repeat(buckets));
    assert_eq!(Digest::parse(&text).is_some(), is_ours);
}

/// Another version of this program would take every name for another one.
#[test]
fn what_stands_in_status_is_the_same_in_every_version() {
    let digest = Digest::sized(1).with(&vec![(7, "api".to_owned())]);
    let empty = |count| EMPTY.to_string().repeat(count);
    let text = format!("{}3d48d3a2{}", empty(54), empty(9));
    assert_eq!(digest.to_string(), text);
}
