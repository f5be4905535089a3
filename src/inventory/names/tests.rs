//! Which names are in doubt, by what is left of a digest.

use std::iter;

use proptest::prelude::*;

use super::*;

type Named = Vec<(u16, String)>;

fn borrowed(named: &Named) -> impl ExactSizeIterator<Item = (u16, Cow<'_, str>)> + Clone {
    named.iter().map(|(id, name)| (*id, name.as_str().into()))
}

impl Buckets {
    fn with<'a>(mut self, named: impl Iterator<Item = (u16, Cow<'a, str>)>) -> Self {
        named.for_each(|(id, name)| self.turn(id, &name));
        self
    }

    /// What may have had another name.
    fn in_doubt(&self, now: &Named) -> BTreeSet<u16> {
        let rest = self.without(borrowed(now));
        let ids = now.iter().map(|(id, _)| *id);
        ids.filter(|id| rest.concern(id)).collect()
    }
}

fn kept(named: &Named) -> Buckets {
    let buckets = Buckets::empty(named.len()).with(borrowed(named));
    Buckets::parse(&buckets.to_string()).unwrap()
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

    /// Of those that begin one after another, each lists what the one before it had not, or not.
    #[test]
    fn what_is_not_listed_is_handed_on_until_it_comes_back_under_another_name(
        count in 1_u16..300,
        missing in any::<prop::sample::Index>(),
        processes in 1..4,
        is_renamed: bool,
    ) {
        let mut now = names(count);
        let missing = missing.index(now.len());
        let (id, name) = now.remove(missing);
        let mut status = kept(&names(count));
        for _ in 0..processes {
            let rest = status.without(borrowed(&now));
            prop_assert!(rest.concern(id));
            let handed_on = rest.with(borrowed(&now));
            prop_assert_eq!(&handed_on, &status);
            status = handed_on;
        }
        now.push((id, if is_renamed { "new".to_owned() } else { name }));
        prop_assert_eq!(status.in_doubt(&now).contains(&id), is_renamed);
    }

    #[test]
    fn anything_may_stand_in_a_status(text in ".*") {
        if let Some(names) = Names::parse(&text) {
            prop_assert_eq!(names.to_string(), text.to_lowercase());
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
            "nothing was where it is now"
        );
    }
}

#[test]
fn what_an_older_operator_wrote_in_fewer_buckets_is_compared_in_as_many() {
    let before = Buckets(vec![0; 2]).with(borrowed(&names(3)));
    let before = Buckets::parse(&before.to_string()).unwrap();
    assert_eq!(before.in_doubt(&names(3)), BTreeSet::new());
    let mut now = names(3);
    now[1].1.push_str("-new");
    assert!(before.in_doubt(&now).contains(&1));
}

#[test]
fn what_was_unsure_is_unsure_again() {
    let now = names(40);
    let mut before = kept(&now);
    before.spoil([7, 9].into_iter());
    let in_doubt = before.in_doubt(&now);
    assert!(
        in_doubt.is_superset(&BTreeSet::from([7, 9])),
        "{in_doubt:?}"
    );
    assert!(in_doubt.len() < 10, "{in_doubt:?}");
    let mut rest = before.without(borrowed(&now));
    rest.clean();
    assert!(rest.is_empty(), "it is noted again by who is unsure again");
}

/// One is missing when it is said, and then another as well.
#[test]
fn when_names_are_forgotten_is_said_of_what_was_missing_then() {
    let named = |ids: std::ops::Range<u8>| {
        ids.map(|id| (RepositoryId::numbered(id.into()), Cow::from("r")))
    };
    let until = Some(Timestamp::from_second(1_800_000_000).unwrap());
    let missing = Names::none(8).and(named(7..8), iter::empty());
    let all = Names::none(8).and(named(0..8), iter::empty());
    assert_eq!(Names::parse(&all.to_string()), Some(all.clone()));
    let all = all.noting_unlisted(&missing, until);
    let status = Names::parse(&all.to_string()).unwrap();
    assert_eq!(status, all);
    let rest = |listed| status.without(listed, iter::empty()).until();
    assert_eq!(rest(named(0..7)), until);
    assert_eq!(rest(named(0..6)), None);
    assert_eq!(rest(named(1..7)), None);
}
