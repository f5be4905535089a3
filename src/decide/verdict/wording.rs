//! Words that several conditions share.

use std::collections::BTreeSet;

use crate::{
    decide::removals::{Held, Why},
    inventory::display_name,
};

/// How many names stand in a message.
const NAMES: usize = 10;
/// How many bytes names may take of a message, so that the sentence around them is not cut.
const BYTES: usize = 500;

/// The first few of all in order, and one more if there are others: of ten thousand, the rest is neither kept nor sorted.
pub(in crate::decide) fn first_few<T: Ord>(all: impl Iterator<Item = T>) -> BTreeSet<T> {
    let mut few = BTreeSet::new();
    for one in all {
        if few.len() <= NAMES || few.last().is_some_and(|last| one < *last) {
            few.insert(one);
        }
        if few.len() > NAMES + 1 {
            few.pop_last();
        }
    }
    few
}

/// Names for a condition, or words that hold them, as they may be shown: the first few in order, and whether there are others. Their
/// number would move without a change of state.
pub fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    match first(first_few(names).into_iter()) {
        (text, 0) => text,
        (text, _) => format!("{text} and others"),
    }
}

/// The same of names as they were listed in Xopero ONE. Those that are shown alike stand there once.
pub(in crate::decide) fn listed_names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let few = first_few(names).into_iter();
    let few: Vec<String> = few.map(display_name).collect();
    listed(few.iter().map(String::as_str))
}

/// A name as it was listed in Xopero ONE, in quotation marks.
pub(in crate::decide) fn quoted(name: &str) -> String {
    format!("{:?}", display_name(name))
}

/// Names for what is said once: the first few in order, and how many more there are.
pub fn counted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    match first(names) {
        (text, 0) => text,
        (text, more) => format!("{text} and {more} more"),
    }
}

/// The first few in order, and how many are left.
fn first<'a>(names: impl Iterator<Item = &'a str>) -> (String, usize) {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    let mut text = String::new();
    let mut shown = 0;
    for name in names.iter().take(NAMES) {
        if shown > 0 {
            if text.len() + name.len() > BYTES {
                break;
            }
            text.push_str(", ");
        }
        text.push_str(name);
        shown += 1;
    }
    (text, names.len() - shown)
}

/// What is said of removals that wait for a person.
pub(super) fn held_message(held: Option<&Held>, items: &str, limit: usize) -> String {
    let Some(held) = held else {
        return format!("Removals wait for approval: {items}.");
    };
    let count = held.changes.len();
    let token = &held.token;
    let (why, otherwise) = match held.why {
        Why::MoreThanTheLimit => (
            if count == 1 {
                format!("1 removal is due and removalLimit is {limit}")
            } else {
                format!("{count} removals are due and removalLimit is {limit} in an hour")
            },
            "correct the declaration, or raise removalLimit",
        ),
        Why::Removes => (
            "What is removed from Xopero ONE may be the last copy, so it always needs approval"
                .to_owned(),
            "set another deletionPolicy",
        ),
        Why::Renamed => (
            "These removals may follow from a name or an id that is new to the operator, so they need approval".to_owned(),
            "correct the declaration",
        ),
    };
    format!(
        "{why}: none was made. Annotate the organization with xopero.dev/approve-removals: \"{token}\" to approve \
         exactly these, or {otherwise}. Held: {items}."
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::{decide::Change, inventory::RepositoryId};

    #[rstest]
    //                  names  bytes each  shown
    #[case::none(0, 3, "")]
    #[case::one(1, 3, "000")]
    #[case::as_many_as_fit(2, 3, "000, 001")]
    #[case::others_by_number(17, 3, "000, 001, 002, 003, 004, 005, 006, 007, 008, 009 and 7 more")]
    #[case::long_ones_are_fewer(3, 400, "*0 and 2 more")]
    #[case::as_long_as_may_be(2, 250, "*0, *1")]
    #[case::ten_of_some_length(10, 30, "*0, *1, *2, *3, *4, *5, *6, *7, *8, *9")]
    fn names_are_cut_to_a_number(#[case] count: usize, #[case] bytes: usize, #[case] shown: &str) {
        let names: Vec<String> = (0..count)
            .map(|number| format!("{number:0>bytes$}"))
            .collect();
        let names = || names.iter().map(String::as_str);
        let shown = shown.replace('*', &"0".repeat(bytes - 1));
        assert_eq!(counted(names()), shown);
        let text = shown
            .split_once(" and ")
            .map_or_else(|| shown.clone(), |(text, _)| format!("{text} and others"));
        assert_eq!(listed(names()), text);
    }

    #[test]
    fn the_first_few_are_the_same_in_whatever_order_they_come() {
        let few: Vec<usize> = (0..=NAMES).collect();
        let all = [5, 30, 0, 29].into_iter().chain((0..25).rev());
        assert_eq!(Vec::from_iter(first_few(all)), few);
    }

    #[rstest]
    #[case(1, "1 removal is due and removalLimit is 0:")]
    #[case(2, "2 removals are due and removalLimit is 0 in an hour:")]
    fn a_removal_is_no_removals(#[case] count: u128, #[case] says: &str) {
        let held = Held {
            uid: "uid".into(),
            changes: (0..count)
                .map(|number| Change::Remove(RepositoryId::numbered(number)))
                .collect(),
            token: "token".to_owned(),
            why: Why::MoreThanTheLimit,
        };
        let message = held_message(Some(&held), "items", 0);
        assert!(message.starts_with(says), "{message}");
    }
}
