//! Words that several conditions share.

use crate::decide::removals::{Held, Why};

/// How many names stand in a message.
const NAMES: usize = 10;
/// How many bytes names may take of a message, so that the sentence around them is not cut.
const BYTES: usize = 500;

/// Names for a message: the first few in order, and whether there are others.
pub(in crate::decide) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    let mut text = String::new();
    for (place, name) in names.iter().enumerate() {
        if place == NAMES || (place > 0 && text.len() + name.len() > BYTES) {
            text.push_str(" and others");
            break;
        }
        if place > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
    }
    text
}

pub(super) fn names(names: &[String]) -> String {
    listed(names.iter().map(String::as_str))
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
            format!("{count} removals are due and removalLimit is {limit} in an hour"),
            "correct the declaration, or raise removalLimit",
        ),
        Why::Removes => (
            "What is removed from Xopero ONE may be the last copy, so it always needs approval"
                .to_owned(),
            "set another deletionPolicy",
        ),
        Why::Renamed => (
            "These removals follow from a changed name, so they need approval".to_owned(),
            "correct the declaration",
        ),
    };
    format!(
        "{why}: none was made. Annotate the organization with xopero.dev/approve-removals: \"{token}\" to approve \
         exactly these, or {otherwise}. Held: {items}."
    )
}
