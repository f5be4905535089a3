//! When a listing is trusted.

use rstest::rstest;

use super::*;
use crate::inventory::tests::{organization, row};

/// So many rows, the last of which are marked as removed upstream.
fn ids(count: u128) -> Vec<RepositoryId> {
    (1..=count).map(RepositoryId::numbered).collect()
}

#[rstest]
//                                             known  removed before  rows  living  doubt
#[case::the_same(100, 0, 100, 100, None)]
#[case::more(100, 0, 120, 120, None)]
#[case::as_many_fewer_as_may_be_removed(100, 0, 90, 90, None)]
#[case::one_fewer_than_that(100, 0, 89, 89, Some(Doubt::Shrunk))]
#[case::newly_marked_as_removed(100, 0, 100, 60, None)]
#[case::marked_before(100, 40, 100, 60, Some(Doubt::Shrunk))]
#[case::marked_and_missing(100, 0, 80, 60, Some(Doubt::Shrunk))]
#[case::empty_where_it_was_not(5, 0, 0, 0, Some(Doubt::Shrunk))]
#[case::empty_as_before(0, 0, 0, 0, None)]
fn a_listing_that_shrinks_without_explanation_is_doubted(
    #[case] known: usize,
    #[case] removed_upstream: usize,
    #[case] rows: u128,
    #[case] living: usize,
    #[case] doubt: Option<Doubt>,
) {
    let expected = Expected {
        known,
        removed_upstream,
        limit: 10,
    };
    let judged = Baseline::default().judge(Some(expected), &ids(rows), living, Asked::No);
    assert_eq!(judged, doubt);
}

#[test]
fn the_third_listing_in_a_row_with_the_same_rows_is_believed() {
    let expected = Some(Expected {
        known: 100,
        removed_upstream: 0,
        limit: 10,
    });
    let mut baseline = Baseline::default();
    let mut judge = |count: u128| {
        let living = usize::try_from(count).unwrap();
        baseline.judge(expected, &ids(count), living, Asked::No)
    };
    assert_eq!(judge(50), Some(Doubt::Shrunk));
    assert_eq!(judge(50), Some(Doubt::Shrunk));
    assert_eq!(judge(49), Some(Doubt::Shrunk), "other rows begin anew");
    assert_eq!(judge(49), Some(Doubt::Shrunk));
    assert_eq!(judge(100), None, "as before, which ends the row");
    assert_eq!(judge(49), Some(Doubt::Shrunk));
    assert_eq!(judge(49), Some(Doubt::Shrunk));
    assert_eq!(judge(49), None);
    assert_eq!(judge(49), None, "also before status says so");
    assert_eq!(judge(48), Some(Doubt::Shrunk));
}

#[test]
fn a_person_who_asks_makes_the_listing_the_baseline() {
    let expected = Some(Expected {
        known: 100,
        removed_upstream: 0,
        limit: 10,
    });
    let mut baseline = Baseline::default();
    let mut judge = |count: u128, asked| baseline.judge(expected, &ids(count), 1, asked);
    assert_eq!(judge(1, Asked::ByAPerson), None);
    assert_eq!(judge(1, Asked::No), None, "also before status says so");
    assert_eq!(judge(2, Asked::No), Some(Doubt::Shrunk));
}

#[test]
fn the_first_listing_ever_is_believed() {
    assert_eq!(Baseline::default().judge(None, &ids(1), 1, Asked::No), None);
}

#[rstest]
#[case::as_many_rows_as_before(1, Asked::No, Doubt::Uncounted)]
#[case::a_person_asked(1, Asked::ByAPerson, Doubt::Uncounted)]
#[case::shorter_than_before(2, Asked::No, Doubt::Shrunk)]
fn rows_that_nobody_counted_are_doubted_and_are_a_baseline_all_the_same(
    #[case] known: usize,
    #[case] asked: Asked,
    #[case] doubt: Doubt,
) {
    let listed = Inventory::new(organization(), Vec::new(), vec![row(1, "api")], 1).uncounted();
    let expected = Expected {
        known,
        removed_upstream: 0,
        limit: 0,
    };
    let judged = Baseline::default().doubt(Some(expected), &organization(), &listed, asked);
    assert_eq!(judged, Some(doubt));
    assert_eq!(doubt.is_baseline(), known == 1);
}

/// As where a server leaves out every number that is 0.
#[rstest]
#[case::where_there_were_rows(2, Asked::No, Doubt::Shrunk)]
#[case::where_there_were_rows_and_a_person_asked(2, Asked::ByAPerson, Doubt::Uncounted)]
#[case::as_before(0, Asked::No, Doubt::Uncounted)]
fn no_rows_that_nobody_counted_are_never_trusted(
    #[case] known: usize,
    #[case] asked: Asked,
    #[case] doubt: Doubt,
) {
    let listed = Inventory::new(organization(), Vec::new(), Vec::new(), 1).uncounted();
    let expected = Expected {
        known,
        removed_upstream: 0,
        limit: 10,
    };
    let mut baseline = Baseline::default();
    let mut judged = || baseline.doubt(Some(expected), &organization(), &listed, asked);
    assert_eq!(judged(), Some(doubt));
    // However often it is read.
    assert!((0..3).all(|_| judged().is_some()));
}

#[rstest]
fn a_doubt_is_a_whole_sentence(
    #[values(Doubt::Synchronizing, Doubt::Shrunk, Doubt::Uncounted)] doubt: Doubt,
) {
    assert!(doubt.sentence().ends_with('.'), "{}", doubt.sentence());
}

/// What stands in status and in metrics, where people and alerts look for it.
#[test]
fn every_doubt_has_its_word() {
    let words = [
        (Doubt::Synchronizing, "Synchronizing"),
        (Doubt::Shrunk, "Shrunk"),
        (Doubt::Uncounted, "Uncounted"),
    ];
    for (doubt, word) in words {
        assert_eq!(doubt.as_str(), word);
    }
    assert_eq!(LISTING_FAILED, "ListingFailed");
}
