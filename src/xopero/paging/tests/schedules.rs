//! Readings of a list that changes meanwhile, by a server that announces what it likes: generated.

use proptest::prelude::*;

use super::{super::*, Unannounced::*, page};

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
