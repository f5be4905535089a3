//! The table of seeded bugs, `tests/seeded/bugs.txt`: a line each.

use std::fmt;

use anyhow::{Result, bail};

/// One seeded bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bug {
    pub(super) name: String,
    /// Where it happened.
    pub(super) happened: String,
    pub(super) tests: Tests,
}

/// Tests that must find a bug.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tests {
    pub(super) program: Program,
    /// As the test program filters them.
    pub(super) filter: String,
}

/// Where tests stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Program {
    /// Beside what they test.
    Library,
    /// In `tests/cluster`, on an API server: with the operator as a process, which has the same bug switched on.
    Cluster,
}

impl Program {
    pub(super) const ALL: [Self; 2] = [Self::Library, Self::Cluster];

    /// As cargo calls it.
    pub(super) const fn target(self) -> &'static str {
        match self {
            Self::Library => "xopero_operator",
            Self::Cluster => "cluster",
        }
    }
}

impl Tests {
    /// By a line of the table: of the library, unless the first word says otherwise.
    fn named(words: &str) -> Self {
        let (program, filter) = match words.split_once(' ') {
            Some(("cluster", filter)) => (Program::Cluster, filter.trim()),
            _ => (Program::Library, words),
        };
        Self {
            program,
            filter: filter.to_owned(),
        }
    }
}

impl fmt::Display for Tests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.program {
            Program::Library => write!(f, "{}", self.filter),
            Program::Cluster => write!(f, "cluster {}", self.filter),
        }
    }
}

/// Reads the table.
///
/// # Errors
/// If a line is something else than three columns.
pub(super) fn parse(table: &str) -> Result<Vec<Bug>> {
    let lines = table
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let [name, happened, tests] = columns.as_slice() else {
                bail!("{line:?} is not: name | where it happened | tests");
            };
            Ok(Bug {
                name: (*name).to_owned(),
                happened: (*happened).to_owned(),
                tests: Tests::named(tests),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_line_by_line() {
        let bugs =
            parse("# what they are\n\none | argo-cd 1 | decide::a\n two|our own|b \n").unwrap();
        let names: Vec<&str> = bugs.iter().map(|bug| bug.name.as_str()).collect();
        assert_eq!(names, ["one", "two"]);
        let second = &bugs[1];
        assert_eq!(second.happened, "our own");
        assert_eq!(second.tests, Tests::named("b"));
        assert!(parse("one | two").is_err());
    }

    #[test]
    fn tests_are_the_librarys_or_those_on_a_cluster() {
        let [here, there] = ["decide::owner", "cluster deletion::changed"].map(Tests::named);
        assert_eq!(here.program, Program::Library);
        assert_eq!(
            (there.program, there.filter.as_str()),
            (Program::Cluster, "deletion::changed")
        );
        assert_eq!(there.to_string(), "cluster deletion::changed");
    }
}
