//! What living claims want protected: named for a plan or a licence.

use super::{Rank, rows};
use crate::{
    api::RepositoryLicense,
    decide::{Claim, Life, Wants, named::Named, resolve::Resolution},
    inventory::{Inventory, Row},
};

/// Whether a living claim wants a repository protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::decide) enum Declared {
    /// None does.
    No,
    /// One may: it is not known whether it is meant.
    Perhaps,
    /// One does.
    Yes,
}

/// What living claims want protected.
#[derive(Debug)]
pub(in crate::decide) struct Declarations {
    rows: Vec<Declared>,
    unlisted: Vec<Rank>,
}

impl Declarations {
    /// Nothing, of that many repositories.
    pub(super) fn none(rows: usize) -> Self {
        Self {
            rows: vec![Declared::No; rows],
            unlisted: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        rank: Rank,
        (claim, named): (&Claim, &Named<'_>),
        inventory: &Inventory,
    ) {
        if claim.life != Life::Living || !asks_for_protection(&claim.wants) {
            return;
        }
        for row in rows(claim, named, inventory) {
            let declared = if named.means(row) {
                Declared::Yes
            } else {
                Declared::Perhaps
            };
            self.raise(row, declared);
        }
        for row in &named.hidden {
            self.raise(*row, Declared::Perhaps);
        }
        let repository = named.repository.as_ref().map(Resolution::is_missing);
        let project = named.project.as_ref().map(Resolution::is_missing);
        if repository.or(project) == Some(true) {
            self.unlisted.push(rank);
        }
    }

    fn raise(&mut self, row: Row, to: Declared) {
        if let Some(declared) = self.rows.get_mut(row) {
            *declared = to.max(*declared);
        }
    }

    /// Whether a claim wants the repository protected.
    pub(in crate::decide) fn of(&self, row: Row) -> Declared {
        self.rows.get(row).copied().unwrap_or(Declared::No)
    }

    /// The claims that want a repository or project protected which is not listed.
    pub(in crate::decide) fn unlisted(&self) -> &[Rank] {
        &self.unlisted
    }
}

fn asks_for_protection(wants: &Wants) -> bool {
    match wants {
        Wants::Plan(_) => true,
        Wants::Repository(repository) => {
            repository.license == Some(RepositoryLicense::Active) || !repository.plans.is_empty()
        }
        Wants::Project(project) => !project.plans.is_empty(),
    }
}
