mod schedules;

use std::sync::LazyLock;

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
#[case::no_pages_and_no_number_of_rows(vec![page(&[], 1, 0, None)], &[])]
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
#[case::empty_but_more_pages_announced(vec![page(&[], 1, 2, None)], Inconsistency::RowsMissing)]
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

/// What is read when the server says the same wrong number on each page, and a page after these is gone.
fn miscounted(unannounced: Unannounced, pages: Vec<Page<Item>>) -> (Vec<u32>, Inconsistency) {
    let mut assembler = Assembler::new(unannounced);
    let last = pages.len();
    for (index, page) in pages.into_iter().enumerate() {
        match assembler.take(page).unwrap() {
            Step::Miscounted(read) => {
                assert_eq!(index + 1, last, "it ended early");
                return three_readings(read);
            }
            Step::Next(next) => assert_eq!(next as usize, index + 2, "pages are read in order"),
            Step::Ended(listed) => panic!("it was believed: {listed:?}"),
        }
    }
    match assembler.page_is_gone().unwrap() {
        Step::Miscounted(read) => three_readings(read),
        other @ (Step::Next(_) | Step::Ended(_)) => panic!("{other:?}"),
    }
}

/// What comes of it when the same is read three times, and what is said of the first.
fn three_readings(read: Miscounted<Item>) -> (Vec<u32>, Inconsistency) {
    let mut readings = Readings::new();
    let Judged::Again(inconsistency) = readings.take(Reading::Miscounted(read.clone())) else {
        panic!("one reading is no proof");
    };
    drop(readings.take(Reading::Miscounted(read.clone())));
    let Judged::Listed(Listed { rows, counted }) = readings.take(Reading::Miscounted(read)) else {
        panic!("three readings agree");
    };
    assert!(!counted);
    (rows.iter().map(Row::id).collect(), inconsistency)
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
    let expected = (rows.to_vec(), inconsistency);
    assert_eq!(miscounted(unannounced, pages), expected);
}

/// Where no pages are documented there is no second one to ask for.
#[test]
fn a_wrong_number_of_rows_asks_for_another_page_only_where_there_may_be_one() {
    let wrong = || page(&[1, 2], None, None, 1);
    let first = |unannounced| Assembler::new(unannounced).take(wrong()).unwrap();
    assert!(matches!(first(IsWhole), Step::Miscounted(_)));
    assert!(matches!(first(IsUncounted), Step::Next(2)));
}

#[rstest]
#[case::more(vec![page(&[1], 1, 1, 2)], &[1], Inconsistency::RowsMissing)]
#[case::less(vec![page(&[1, 2], None, None, 1)], &[1, 2], Inconsistency::RowsTooMany)]
fn a_page_that_only_a_wrong_number_of_rows_asks_for_may_be_gone(
    #[case] pages: Vec<Page<Item>>,
    #[case] rows: &[u32],
    #[case] inconsistency: Inconsistency,
) {
    let expected = (rows.to_vec(), inconsistency);
    assert_eq!(miscounted(IsUncounted, pages), expected);
}

#[rstest]
#[case::bare_array(IsWhole, vec![page(&[1, 2], None, None, None)], &[1, 2], Rows::Counted)]
#[case::single_page(IsWhole, vec![page(&[1], 1, 1, None)], &[1], Rows::Counted)]
#[case::pages_where_none_are_documented(IsWhole, vec![page(&[1], 1, 2, None), page(&[2], 2, 2, None)], &[1, 2], Rows::Uncounted)]
#[case::single_page_where_pages_are_documented(IsUncounted, vec![page(&[1], 1, 1, None)], &[1], Rows::Uncounted)]
#[case::as_many_pages_as_announced(IsUncounted, vec![page(&[1], 1, 2, None), page(&[2], 2, 2, None)], &[1, 2], Rows::Uncounted)]
#[case::an_empty_page_before_the_last(IsUncounted, vec![page(&[1], 1, 3, None), page(&[], 2, 3, None)], &[1], Rows::Uncounted)]
#[case::no_row(IsUncounted, vec![page(&[], 1, None, None)], &[], Rows::Uncounted)]
#[case::no_row_on_a_single_page(IsUncounted, vec![page(&[], 1, 1, None)], &[], Rows::Uncounted)]
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
fn neither_rows_nor_any_number_are_no_listing() {
    let key = PAGE_TOTAL.key;
    let expected = Trouble::NotUnderstood(AnswerDefect::FieldMissing { key });
    assert_eq!(
        assemble(IsUncounted, vec![page(&[], None, None, None)]),
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

/// A million, whether they are announced or come: more are another answer than one that can be held.
#[rstest]
#[case::announced(&[1], Some(1_000_000), Ok(Step::Next(2)))]
#[case::more_announced(&[1], Some(1_000_001), Err(()))]
#[case::that_many(&MILLION[1..], None, Ok(Step::Next(2)))]
#[case::more_than_that(&MILLION, None, Err(()))]
#[case::that_many_instead_of_one(&MILLION[1..], Some(1), Ok(Step::Next(2)))]
#[case::more_than_that_instead_of_one(&MILLION, Some(1), Err(()))]
fn no_listing_has_more_than_a_million_rows(
    #[case] rows: &[u32],
    #[case] total: Option<i64>,
    #[case] expected: Result<Step<Item>, ()>,
) {
    let taken = Assembler::new(IsUncounted).take(page(rows, None, None, total));
    let too_many = Trouble::NotUnderstood(AnswerDefect::TooManyRows);
    assert_eq!(taken, expected.map_err(|()| too_many));
}

/// And one more.
static MILLION: LazyLock<Vec<u32>> = LazyLock::new(|| (0..=1_000_000).collect());
