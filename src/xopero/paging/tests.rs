use proptest::prelude::*;
use rstest::rstest;

use super::{Unannounced::*, *};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item(u32);

impl Row for Item {
    type Id = u32;

    fn id(&self) -> u32 {
        self.0
    }
}

fn page(
    rows: &[u32],
    number: impl Into<Option<i64>>,
    count: impl Into<Option<i64>>,
    total: impl Into<Option<i64>>,
) -> Page<Item> {
    Page {
        rows: rows.iter().copied().map(Item).collect(),
        number: number.into(),
        count: count.into(),
        total: total.into(),
    }
}

/// Whether as many came as were announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    Counted,
    Uncounted,
}

/// Feeds `pages` in order, as long as the assembler asks for more.
fn assemble(unannounced: Unannounced, pages: Vec<Page<Item>>) -> Result<(Vec<u32>, Rows), Trouble> {
    let mut assembler = Assembler::new(unannounced);
    for (index, page) in pages.into_iter().enumerate() {
        match assembler.take(page)? {
            Step::Ended(Listed { rows, counted }) => {
                let ids = rows.iter().map(Row::id).collect();
                return Ok((
                    ids,
                    if counted {
                        Rows::Counted
                    } else {
                        Rows::Uncounted
                    },
                ));
            }
            Step::Miscounted(read) => panic!("it is miscounted: {read:?}"),
            Step::Next(next) => {
                assert_eq!(next as usize, index + 2, "pages are asked for in order");
            }
        }
    }
    panic!("the assembler asked for a page after the last one");
}

#[rstest]
#[case::nothing(vec![page(&[], 1, 0, 0)], &[])]
#[case::one_page(vec![page(&[1, 2], 1, 1, 2)], &[1, 2])]
#[case::two_pages(vec![page(&[1, 2], 1, 2, 3), page(&[3], 2, 2, 3)], &[1, 2, 3])]
#[case::numbers_of_pages_not_shown(vec![page(&[1, 2], None, None, 3), page(&[3], None, None, 3)], &[1, 2, 3])]
#[case::page_count_of_a_server_that_caps(vec![page(&[1], 1, 1, 2), page(&[2], 2, 1, 2)], &[1, 2])]
#[case::page_count_too_large(vec![page(&[1], 1, 9, 1), page(&[], 2, 9, 1)], &[1])]
#[case::page_count_too_large_by_one(vec![page(&[1], 1, 3, 2), page(&[2], 2, 3, 2), page(&[], 3, 3, 2)], &[1, 2])]
#[case::page_count_without_rows(vec![page(&[], 1, 2, 0), page(&[], 2, 2, 0)], &[])]
#[case::page_count_of_zero(vec![page(&[1], 1, 0, 1)], &[1])]
#[case::page_count_below_zero(vec![page(&[1], 1, -1, 1)], &[1])]
fn pages_that_fit_together_are_one_listing(#[case] pages: Vec<Page<Item>>, #[case] rows: &[u32]) {
    assert_eq!(
        assemble(IsUncounted, pages),
        Ok((rows.to_vec(), Rows::Counted))
    );
}

#[rstest]
#[case::other_page(vec![page(&[1], 1, 2, 2), page(&[2], 1, 2, 2)], Inconsistency::OtherPage)]
#[case::same_page_again(vec![page(&[1], None, 2, 2), page(&[1], None, 2, 2)], Inconsistency::RowTwice)]
#[case::row_twice_in_a_page(vec![page(&[1, 1], 1, 1, 2)], Inconsistency::RowTwice)]
#[case::total_grew(vec![page(&[1], 1, 2, 2), page(&[2], 2, 2, 3)], Inconsistency::TotalChanged)]
#[case::total_shrank(vec![page(&[1], 1, 3, 3), page(&[2], 2, 3, 2)], Inconsistency::TotalChanged)]
#[case::total_came(vec![page(&[1], 1, 2, None), page(&[2], 2, 2, 2)], Inconsistency::TotalChanged)]
#[case::a_page_of_a_server_that_pages_without_saying_so(vec![page(&[1], None, None, None), page(&[1], None, None, None)], Inconsistency::RowTwice)]
#[case::total_went_away(vec![page(&[1], 1, 2, 2), page(&[2], 2, 2, None)], Inconsistency::TotalChanged)]
#[case::pages_changed(vec![page(&[1], 1, 2, 2), page(&[2], 2, 3, 2)], Inconsistency::PageCountChanged)]
#[case::empty_but_announced(vec![page(&[], 1, 1, 3)], Inconsistency::RowsMissing)]
#[case::total_of_the_page_and_the_last_is_shorter(vec![page(&[1, 2], 1, 2, 2), page(&[3], 2, 2, 1)], Inconsistency::TotalChanged)]
#[case::page_of_a_server_that_knows_one_page(vec![page(&[1], 1, 2, 1), page(&[1], 1, 2, 1)], Inconsistency::OtherPage)]
#[case::page_of_a_server_that_knows_one_page_and_does_not_say_so(vec![page(&[1], None, 2, 1), page(&[1], None, 2, 1)], Inconsistency::RowTwice)]
fn pages_that_do_not_fit_together_are_none(
    #[case] pages: Vec<Page<Item>>,
    #[case] expected: Inconsistency,
) {
    assert_eq!(
        assemble(IsUncounted, pages),
        Err(Trouble::Inconsistent(expected))
    );
}

/// What is read when the server says the same wrong number on each page.
fn miscounted(
    unannounced: Unannounced,
    pages: Vec<Page<Item>>,
) -> Option<(Vec<u32>, Inconsistency)> {
    let mut assembler = Assembler::new(unannounced);
    let last = pages.len();
    for (index, page) in pages.into_iter().enumerate() {
        match assembler.take(page).unwrap() {
            Step::Miscounted(read) => {
                assert_eq!(index + 1, last, "it ended early");
                let mut readings = Readings::new();
                let Judged::Again(inconsistency) = readings.take(Reading::Miscounted(read.clone()))
                else {
                    panic!("one reading is no proof");
                };
                drop(readings.take(Reading::Miscounted(read.clone())));
                let Judged::Listed(Listed { rows, counted }) =
                    readings.take(Reading::Miscounted(read))
                else {
                    panic!("three readings agree");
                };
                assert!(!counted);
                return Some((rows.iter().map(Row::id).collect(), inconsistency));
            }
            Step::Next(next) => assert_eq!(next as usize, index + 2, "pages are read in order"),
            Step::Ended(listed) => panic!("it was believed: {listed:?}"),
        }
    }
    match assembler.page_is_gone().unwrap() {
        Step::Miscounted(_) => None,
        other @ (Step::Next(_) | Step::Ended(_)) => panic!("{other:?}"),
    }
}

#[rstest]
#[case::one_more(IsUncounted, vec![page(&[1], 1, 2, 3), page(&[2], 2, 2, 3), page(&[], 3, 2, 3)], &[1, 2], Inconsistency::RowsMissing)]
#[case::one_more_and_the_last_page_instead_of_none(IsUncounted, vec![page(&[1], 1, 2, 3), page(&[2], 2, 2, 3), page(&[2], 2, 2, 3)], &[1, 2], Inconsistency::RowsMissing)]
#[case::one_more_and_a_page_for_it(IsUncounted, vec![page(&[1], 1, 2, 2), page(&[], 2, 2, 2)], &[1], Inconsistency::RowsMissing)]
#[case::one_more_without_pages(IsUncounted, vec![page(&[1], None, None, 2), page(&[], None, None, 2)], &[1], Inconsistency::RowsMissing)]
#[case::one_less(IsUncounted, vec![page(&[1, 2], 1, 1, 1)], &[1, 2], Inconsistency::RowsTooMany)]
#[case::one_less_in_the_middle(IsUncounted, vec![page(&[1, 2], 1, 3, 3), page(&[3, 4], 2, 3, 3), page(&[5], 3, 3, 3)], &[1, 2, 3, 4, 5], Inconsistency::RowsTooMany)]
#[case::one_less_without_pages(IsUncounted, vec![page(&[1, 2], None, None, 1), page(&[3], None, None, 1), page(&[], None, None, 1)], &[1, 2, 3], Inconsistency::RowsTooMany)]
#[case::zero(IsUncounted, vec![page(&[1], 1, 1, 0)], &[1], Inconsistency::RowsTooMany)]
#[case::zero_and_rows_on_a_page_announced(IsUncounted, vec![page(&[], 1, 2, 0), page(&[1], 2, 2, 0)], &[1], Inconsistency::RowsTooMany)]
#[case::of_the_page(IsUncounted, vec![page(&[1, 2], 1, 2, 2), page(&[3, 4], 2, 2, 2)], &[1, 2, 3, 4], Inconsistency::RowsTooMany)]
#[case::one_less_where_no_pages_are_documented(IsWhole, vec![page(&[1, 2], None, None, 1)], &[1, 2], Inconsistency::RowsTooMany)]
fn what_is_counted_wrongly_is_read_to_its_end_and_uncounted_once_three_readings_agree(
    #[case] unannounced: Unannounced,
    #[case] pages: Vec<Page<Item>>,
    #[case] rows: &[u32],
    #[case] inconsistency: Inconsistency,
) {
    let expected = Some((rows.to_vec(), inconsistency));
    assert_eq!(miscounted(unannounced, pages), expected);
}

#[rstest]
#[case::more(vec![page(&[1], 1, 1, 2)])]
#[case::less(vec![page(&[1, 2], None, None, 1)])]
fn a_page_that_only_a_wrong_number_of_rows_asks_for_may_be_gone(#[case] pages: Vec<Page<Item>>) {
    assert_eq!(miscounted(IsUncounted, pages), None);
}

#[rstest]
#[case::bare_array(IsWhole, vec![page(&[1, 2], None, None, None)], &[1, 2], Rows::Counted)]
#[case::single_page(IsWhole, vec![page(&[1], 1, 1, None)], &[1], Rows::Counted)]
#[case::pages_where_none_are_documented(IsWhole, vec![page(&[1], 1, 2, None), page(&[2], 2, 2, None)], &[1, 2], Rows::Uncounted)]
#[case::single_page_where_pages_are_documented(IsUncounted, vec![page(&[1], 1, 1, None)], &[1], Rows::Uncounted)]
#[case::as_many_pages_as_announced(IsUncounted, vec![page(&[1], 1, 2, None), page(&[2], 2, 2, None)], &[1, 2], Rows::Uncounted)]
#[case::an_empty_page_before_the_last(IsUncounted, vec![page(&[1], 1, 3, None), page(&[], 2, 3, None)], &[1], Rows::Uncounted)]
#[case::to_an_empty_page(IsUncounted, vec![page(&[1], None, None, None), page(&[2], None, None, None), page(&[], None, None, None)], &[1, 2], Rows::Uncounted)]
fn what_announces_no_rows_is_read_to_its_end_and_uncounted(
    #[case] unannounced: Unannounced,
    #[case] pages: Vec<Page<Item>>,
    #[case] rows: &[u32],
    #[case] counted: Rows,
) {
    assert_eq!(assemble(unannounced, pages), Ok((rows.to_vec(), counted)));
}

#[rstest]
#[case::nothing_announced(page(&[1], None, None, None), None)]
#[case::pages_announced(page(&[1], 1, 2, None), Some(Inconsistency::PageGone))]
#[case::pages_and_rows_announced(page(&[1], 1, 2, 2), Some(Inconsistency::PageGone))]
fn a_page_that_is_gone_is_the_end_only_where_none_was_announced(
    #[case] first: Page<Item>,
    #[case] expected: Option<Inconsistency>,
) {
    let mut assembler = Assembler::new(IsUncounted);
    assert_eq!(assembler.take(first), Ok(Step::Next(2)));
    let rows = vec![Item(1)];
    let counted = false;
    let expected = match expected {
        None => Ok(Step::Ended(Listed { rows, counted })),
        Some(inconsistency) => Err(Trouble::Inconsistent(inconsistency)),
    };
    assert_eq!(assembler.page_is_gone(), expected);
}

#[test]
fn neither_rows_nor_their_number_are_no_listing() {
    let key = PAGE_TOTAL.key;
    let expected = Trouble::NotUnderstood(AnswerDefect::FieldMissing { key });
    assert_eq!(
        assemble(IsUncounted, vec![page(&[], 1, 1, None)]),
        Err(expected)
    );
}

#[rstest]
#[case::negative(-1)]
#[case::absurd(i64::MAX)]
fn a_number_of_rows_that_cannot_be_is_not_understood(#[case] total: i64) {
    let expected = Trouble::NotUnderstood(AnswerDefect::TooManyRows);
    assert_eq!(
        assemble(IsUncounted, vec![page(&[1], 1, 1, total)]),
        Err(expected)
    );
}

/// What happens on the server between two requests.
#[derive(Clone, Debug)]
enum Change {
    Nothing,
    /// Rows go: positions, as fractions of the list.
    Remove(Vec<prop::sample::Index>),
    /// Rows come.
    Insert(Vec<prop::sample::Index>),
    /// Rows get another place, by a rename.
    Move(Vec<(prop::sample::Index, prop::sample::Index)>),
}

fn any_change() -> impl Strategy<Value = Change> {
    let index = || any::<prop::sample::Index>();
    prop_oneof![
        4 => Just(Change::Nothing),
        1 => prop::collection::vec(index(), 1..3).prop_map(Change::Remove),
        1 => prop::collection::vec(index(), 1..3).prop_map(Change::Insert),
        2 => prop::collection::vec((index(), index()), 1..4).prop_map(Change::Move),
    ]
}

fn apply(change: &Change, world: &mut Vec<u32>, next: &mut u32) {
    match change {
        Change::Nothing => {}
        Change::Remove(indices) => {
            for index in indices {
                if !world.is_empty() {
                    world.remove(index.index(world.len()));
                }
            }
        }
        Change::Insert(indices) => {
            for index in indices {
                world.insert(index.index(world.len() + 1), *next);
                *next += 1;
            }
        }
        Change::Move(moves) => {
            for (from, to) in moves {
                if world.is_empty() {
                    return;
                }
                let row = world.remove(from.index(world.len()));
                world.insert(to.index(world.len() + 1), row);
            }
        }
    }
}

/// Which of the two numbers the server computes rightly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    Total,
    Count,
}

fn any_right() -> impl Strategy<Value = Right> {
    prop_oneof![Just(Right::Total), Just(Right::Count)]
}

/// What the server says in place of the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announcement {
    Absent,
    Right,
    Wrong(i64),
    /// The rows of this page, or one page.
    OfThisPage,
    OffBy(i64),
}

impl Announcement {
    fn of(self, right: i64, here: i64) -> Option<i64> {
        match self {
            Self::Absent => None,
            Self::Right => Some(right),
            Self::Wrong(number) => Some(number),
            Self::OfThisPage => Some(here),
            Self::OffBy(difference) => Some(right + difference),
        }
    }
}

fn any_announcement() -> impl Strategy<Value = Announcement> {
    prop_oneof![
        Just(Announcement::Absent),
        Just(Announcement::Right),
        Just(Announcement::OfThisPage),
        (-1_i64..45).prop_map(Announcement::Wrong),
        (-3_i64..4).prop_map(Announcement::OffBy),
    ]
}

fn whole_number(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

proptest! {
    // Schedules are cheap, and the ones that fool a reader are rare.
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Rows come, go and move between any two requests (one kind of change a gap): what is called whole holds every row
    /// that was there the whole time, and each row once.
    #[test]
    fn a_whole_listing_misses_no_row_that_was_there_all_the_time(
        rows in 0_u32..40,
        size in 1_usize..12,
        shows_pages in any::<bool>(),
        changes in prop::collection::vec(any_change(), 60),
    ) {
        let mut world: Vec<u32> = (0..rows).collect();
        let mut next = rows;
        let mut lasting: BTreeSet<u32> = world.iter().copied().collect();
        let mut assembler = Assembler::new(IsUncounted);
        let mut number: usize = 1;
        for change in changes {
            let count = i64::try_from(world.len().div_ceil(size)).unwrap();
            let rows: Vec<u32> = world.iter().copied().skip((number - 1) * size).take(size).collect();
            let answer = page(
                &rows,
                shows_pages.then_some(i64::try_from(number).unwrap()),
                shows_pages.then_some(count),
                i64::try_from(world.len()).unwrap(),
            );
            match assembler.take(answer) {
                Ok(Step::Ended(Listed { rows: listed, counted })) => {
                    prop_assert!(counted);
                    let ids: BTreeSet<u32> = listed.iter().map(Row::id).collect();
                    prop_assert_eq!(ids.len(), listed.len());
                    prop_assert!(lasting.is_subset(&ids), "missing: {:?}", lasting.difference(&ids));
                    return Ok(());
                }
                Ok(Step::Next(page)) => number = page as usize,
                Ok(Step::Miscounted(_)) | Err(_) => return Ok(()),
            }
            apply(&change, &mut world, &mut next);
            lasting.retain(|row| world.contains(row));
        }
        prop_assert!(false, "the reading did not end");
    }

    /// Nothing changes on the server, but what it announces may be wrong. One number that is right is enough for no row to be
    /// missed: the listing is whole with all rows, or it is none. And reading ends soon after the last page.
    #[test]
    fn one_announcement_that_is_right_is_enough_for_no_row_to_be_missed(
        rows in 0_usize..40,
        size in 1_usize..12,
        right in any_right(),
        total in any_announcement(),
        count in any_announcement(),
        unannounced in prop_oneof![Just(IsWhole), Just(IsUncounted)],
        shows_number in any::<bool>(),
    ) {
        let world: Vec<u32> = (0..u32::try_from(rows).unwrap()).collect();
        let pages = rows.div_ceil(size);
        let mut assembler = Assembler::new(unannounced);
        let mut number = 1;
        for _ in 0..pages + 2 {
            let listed: Vec<u32> = world.iter().copied().skip((number - 1) * size).take(size).collect();
            let (right_total, right_count) = (whole_number(rows), whole_number(pages));
            let here = whole_number(listed.len());
            let answer = page(
                &listed,
                shows_number.then_some(whole_number(number)),
                if right == Right::Count { Some(right_count) } else { count.of(right_count, here) },
                if right == Right::Total { Some(right_total) } else { total.of(right_total, here) },
            );
            match assembler.take(answer) {
                Ok(Step::Ended(Listed { rows: listed, counted })) => {
                    prop_assert!(listed.len() == rows || !counted);
                    return Ok(());
                }
                Ok(Step::Next(page)) => number = page as usize,
                Ok(Step::Miscounted(read)) => {
                    prop_assert!(right != Right::Total, "what is right was not believed");
                    let mut readings = Readings::new();
                    drop(readings.take(Reading::Miscounted(read.clone())));
                    drop(readings.take(Reading::Miscounted(read.clone())));
                    let Judged::Listed(Listed { rows: listed, counted }) =
                        readings.take(Reading::Miscounted(read))
                    else {
                        panic!("readings that agree are a listing");
                    };
                    prop_assert!(!counted);
                    prop_assert_eq!(listed.len(), rows);
                    return Ok(());
                }
                Err(_) => {
                    prop_assert!(
                        total != Announcement::Right && right != Right::Total
                            || count != Announcement::Right && right != Right::Count,
                        "what is right was not believed"
                    );
                    return Ok(());
                }
            }
        }
        prop_assert!(false, "the reading did not end");
    }

    /// Whatever pages come, reading ends, and nothing panics.
    #[test]
    fn any_sequence_of_pages_comes_to_an_end(
        pages in prop::collection::vec(
            (prop::collection::vec(0_u32..50, 0..5), any::<Option<i8>>(), any::<Option<i8>>(), prop::option::of(-2_i64..40)),
            60,
        ),
    ) {
        let mut assembler = Assembler::new(IsUncounted);
        let ended = pages.into_iter().any(|(rows, number, count, total)| {
            !matches!(assembler.take(page(&rows, number.map(i64::from), count.map(i64::from), total)), Ok(Step::Next(_)))
        });
        prop_assert!(ended);
    }
}
