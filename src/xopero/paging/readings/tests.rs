use rstest::rstest;

use super::{Reading::Torn, *};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item(u32);

impl Row for Item {
    type Id = u32;

    fn id(&self) -> u32 {
        self.0
    }
}

/// Rows of which each page announced `total`.
fn read(rows: &[u32], total: usize) -> Reading<Item> {
    Reading::Miscounted(Miscounted::new(
        Inconsistency::RowsMissing,
        Announced {
            rows: Some(total),
            pages: Some(1),
        },
        rows.iter().copied().map(Item).collect(),
    ))
}

fn whole(rows: &[u32]) -> Reading<Item> {
    Reading::Listed(listed(rows, Counted::Yes))
}

#[derive(Clone, Copy)]
enum Counted {
    Yes,
    No,
}

fn listed(rows: &[u32], counted: Counted) -> Listed<Item> {
    Listed {
        rows: rows.iter().copied().map(Item).collect(),
        counted: matches!(counted, Counted::Yes),
    }
}

/// What the last of these readings comes to; each one before asks for another.
fn judged(readings: Vec<Reading<Item>>) -> Judged<Item> {
    let mut judge = Readings::new();
    let mut readings = readings.into_iter().peekable();
    while let Some(reading) = readings.next() {
        let judged = judge.take(reading);
        if readings.peek().is_none() {
            return judged;
        }
        assert!(matches!(judged, Judged::Again(_)), "{judged:?}");
    }
    panic!("nothing was read");
}

#[rstest]
#[case::the_same(vec![read(&[1, 2], 3), read(&[1, 2], 3), read(&[1, 2], 3)])]
#[case::in_another_order(vec![read(&[2, 1], 3), read(&[1, 2], 3), read(&[1, 2], 3)])]
fn three_readings_that_agree_but_for_the_number_of_rows_are_an_uncounted_listing(
    #[case] readings: Vec<Reading<Item>>,
) {
    let expected = Judged::Listed(listed(&[1, 2], Counted::No));
    assert_eq!(judged(readings), expected);
}

#[rstest]
#[case::other_rows_at_first(vec![read(&[1, 4], 3), read(&[1, 2], 3), read(&[1, 2], 3)])]
#[case::other_rows_meanwhile(vec![read(&[1, 2], 3), read(&[1, 4], 3), read(&[1, 2], 3)])]
#[case::other_rows_at_last(vec![read(&[1, 2], 3), read(&[1, 2], 3), read(&[1, 4], 3)])]
#[case::fewer_rows(vec![read(&[1, 2], 3), read(&[1, 2], 3), read(&[1], 3)])]
#[case::another_number(vec![read(&[1, 2], 4), read(&[1, 2], 3), read(&[1, 2], 3)])]
#[case::torn_at_first(vec![Torn(Inconsistency::RowTwice), read(&[1, 2], 3), read(&[1, 2], 3)])]
#[case::torn_meanwhile(vec![read(&[1, 2], 3), Torn(Inconsistency::RowTwice), read(&[1, 2], 3)])]
fn readings_that_differ_are_none(#[case] readings: Vec<Reading<Item>>) {
    let expected = Judged::Inconsistent(Inconsistency::RowsMissing);
    assert_eq!(judged(readings), expected);
}

#[test]
fn what_is_torn_three_times_is_no_listing() {
    let torn = || Torn(Inconsistency::OtherPage);
    let expected = Judged::Inconsistent(Inconsistency::OtherPage);
    assert_eq!(judged(vec![torn(), torn(), torn()]), expected);
}

#[rstest]
#[case::at_once(vec![whole(&[1])])]
#[case::the_second_time(vec![Torn(Inconsistency::PageGone), whole(&[1])])]
#[case::the_third_time(vec![read(&[1], 2), read(&[1], 2), whole(&[1])])]
fn a_whole_reading_is_the_listing(#[case] readings: Vec<Reading<Item>>) {
    let expected = Judged::Listed(listed(&[1], Counted::Yes));
    assert_eq!(judged(readings), expected);
}
