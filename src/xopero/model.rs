//! What Xopero ONE's answers mean, in our own types. `None` always means "the answer did not show it", never "no".
//!
//! Which fields are documented by the vendor and which are assumed is said field by field; the names on the wire stand in
//! [`super::wire`] alone.

use std::collections::BTreeSet;

use super::ids::{OrganizationId, PlanId, ProjectId, RepositoryId};

/// An organization of a Git service, as Xopero ONE knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id in this instance. Documented.
    pub id: OrganizationId,
    /// Which Git service, as an opaque number; only 1 was ever seen. `None` when the answer shows no number. Documented.
    pub driver: Option<i64>,
    /// Its name at the Git service, whole and as it came; empty when the answer shows none. For people: [`display_name`].
    pub name: String,
    /// Whether Xopero ONE is reading the Git service at this moment, so that listings are in motion. Documented.
    pub synchronizing: Option<bool>,
    /// The plans that serve it. Documented; `None` also when an entry of the array was not understood.
    pub plans: Option<BTreeSet<PlanId>>,
    /// How many of its repositories are gone from the Git service, as Xopero ONE counts them. Documented.
    pub removed_repositories: Option<i64>,
}

/// A backup plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its id in this instance. Documented.
    pub id: PlanId,
    /// Its name, whole and as it came; empty when the answer shows none. Documented.
    pub name: String,
    /// An opaque number. Documented.
    pub backup_type: Option<i64>,
    /// Whether metadata (issues, pull requests, …) is backed up beside the code. Documented.
    pub include_metadata: Option<bool>,
    /// Repositories in the plan; whether only of one organization is not documented.
    pub repository_count: Option<i64>,
    /// How the last run went; absent also when the plan never ran. Documented.
    pub last_status: Option<LastStatus>,
    /// When the last run ended, in milliseconds since the Unix epoch; absent also when none ended. Documented.
    pub finished_at: Option<i64>,
    /// Whether a run is under way, which can last for hours. Documented.
    pub running: Option<bool>,
}

/// How the last run of a plan went, in tasks. Documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastStatus {
    /// Tasks that succeeded.
    pub successes: Option<i64>,
    /// Tasks that ended with warnings.
    pub warnings: Option<i64>,
    /// Tasks that failed.
    pub errors: Option<i64>,
}

/// A repository. Every field but `id` is assumed: the vendor documents that a listing exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its id in this instance.
    pub id: RepositoryId,
    /// Its name, whole and as it came. Empty when this row shows none: then nothing can be said to match it, and nothing
    /// may be concluded from its matching nothing.
    pub name: String,
    /// The organization that the row itself names; always the one asked for, since a row of another voids the listing.
    pub organization: Option<OrganizationId>,
    /// The project that it belongs to; absent where the Git service has none.
    pub project: Option<ProjectId>,
    /// The name of that project.
    pub project_name: Option<String>,
    /// Whether it holds a licence.
    pub licence: Option<bool>,
    /// Whether it is gone from the Git service while Xopero ONE still knows it.
    pub removed: Option<bool>,
    /// The plans that it is in; `None` also when an entry of the array was not understood.
    pub plans: Option<BTreeSet<PlanId>>,
}

/// The rows of a listing, each id once, whose pages fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<Row> {
    /// In the server's order.
    pub rows: Vec<Row>,
    /// Whether as many came as the server announced, so that what is not among them is not there. Where it announces no number,
    /// or always the same wrong one, nothing may be concluded from what is missing.
    pub counted: bool,
}

/// The repositories of one organization, none of which names another organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryListing {
    /// The repositories, in the server's order.
    pub rows: Vec<Repository>,
    /// As [`Listed::counted`].
    pub counted: bool,
    /// Which facts the rows showed.
    pub facts: Facts,
}

/// Which of the assumed facts about repositories an instance shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// [`Repository::organization`]; on every row, it proves whose listing it is.
    pub organization: Shown,
    /// [`Repository::licence`].
    pub licence: Shown,
    /// [`Repository::plans`].
    pub plans: Shown,
    /// [`Repository::removed`].
    pub removed: Shown,
    /// [`Repository::project`].
    pub project: Shown,
    /// [`Repository::project_name`].
    pub project_name: Shown,
}

/// On how many rows of a listing a fact stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The listing has no rows, so nothing is known about the instance.
    NoRows,
    /// On none: the instance does not show it, or calls it by a name that we do not know.
    Nowhere,
    /// On some: each row speaks for itself.
    OnSomeRows,
    /// On every row.
    OnEveryRow,
}

/// Whether the server looks at the organization that a listing is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeProbe {
    /// An organization that does not exist has no repositories: listings are of the organization asked for.
    Scoped,
    /// It has some: the server does not know the field by the name that we send, and answers with everything.
    NotScoped,
}

impl Facts {
    /// Counts what `rows` show.
    pub(super) fn of(rows: &[Repository]) -> Self {
        let shown = |fact: fn(&Repository) -> bool| {
            let count = rows.iter().filter(|row| fact(row)).count();
            match count {
                _ if rows.is_empty() => Shown::NoRows,
                0 => Shown::Nowhere,
                _ if count == rows.len() => Shown::OnEveryRow,
                _ => Shown::OnSomeRows,
            }
        };
        Self {
            organization: shown(|row| row.organization.is_some()),
            licence: shown(|row| row.licence.is_some()),
            plans: shown(|row| row.plans.is_some()),
            removed: shown(|row| row.removed.is_some()),
            project: shown(|row| row.project.is_some()),
            project_name: shown(|row| row.project_name.is_some()),
        }
    }
}

/// The longest name that is shown to people, in bytes.
const DISPLAYED_BYTES: usize = 300;

/// A name as it may stand in a status, an event or a log: without control characters and without those that turn the
/// direction of text, cut on a character at 300 bytes.
pub fn display_name(name: &str) -> String {
    let turns = |character| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // Most names by far, and there may be ten thousand of them.
    if name.len() <= DISPLAYED_BYTES && name.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return name.to_owned();
    }
    let mut shown = String::new();
    for character in name
        .chars()
        .filter(|character| !character.is_control() && !turns(*character))
    {
        if shown.len() + character.len_utf8() > DISPLAYED_BYTES {
            break;
        }
        shown.push(character);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(number: u128) -> Repository {
        Repository {
            id: RepositoryId::numbered(number),
            name: String::new(),
            organization: None,
            project: None,
            project_name: None,
            licence: None,
            removed: None,
            plans: None,
        }
    }

    #[test]
    fn facts_say_on_how_many_rows_each_stood() {
        let mut rows = [repository(1), repository(2)];
        for row in &mut rows {
            row.organization = Some(OrganizationId::numbered(9));
        }
        rows[0].licence = Some(false);
        rows[0].project_name = Some("tools".to_owned());
        let facts = Facts::of(&rows);
        assert_eq!(facts.organization, Shown::OnEveryRow);
        assert_eq!(facts.licence, Shown::OnSomeRows);
        assert_eq!(facts.project_name, Shown::OnSomeRows);
        assert_eq!(facts.project, Shown::Nowhere, "a name is no id");
        assert_eq!(facts.plans, Shown::Nowhere);
        assert_eq!(Facts::of(&[]).plans, Shown::NoRows);
    }

    #[test]
    fn a_displayed_name_has_no_control_characters_and_is_cut_on_a_character() {
        assert_eq!(display_name("a\u{0}b\nc\u{202e}d"), "abcd");
        let cut = display_name(&"é".repeat(400));
        assert_eq!(cut, "é".repeat(150));
    }
}
