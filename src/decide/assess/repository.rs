//! What a `XoperoRepository` calls for.

use super::{Assessing, Change, Ground, Hold, licence_allows};
use crate::{
    api::{DeletionPolicy, Membership, Reason, RepositoryLicense},
    decide::{
        RepositoryWants,
        resolve::{Resolution, told_apart},
        verdict::quoted,
    },
    inventory::{Licence, PlanId, Row},
};

impl Assessing<'_> {
    pub(super) fn repository(&mut self, wants: &RepositoryWants) {
        let Some(row) = self.row(wants) else { return };
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        let plans = self.plans_found();
        if !self.is_living() {
            if self.is_leaving() {
                self.release(wants.deletion, &plans, row);
            }
            return;
        }
        match wants.license {
            Some(RepositoryLicense::Inactive) => self.deactivate(row),
            Some(RepositoryLicense::Active) if !repository.removed => {
                if repository.licence == Licence::Held {
                    self.settled(Change::Activate(repository.id));
                }
                self.activate(row);
            }
            Some(RepositoryLicense::Active) | None => {}
        }
        if repository.removed {
            self.gone_upstream(wants, &plans, row);
        } else {
            let first = (wants.license == Some(RepositoryLicense::Active)
                && !licence_allows(repository.licence))
            .then_some(Hold::WaitsForLicence);
            for plan in &plans {
                self.attach(*plan, row, first);
            }
        }
        if wants.membership == Membership::Exclusive && !repository.removed {
            self.exclusive_repository(&plans, row);
        }
    }

    fn row(&mut self, wants: &RepositoryWants) -> Option<Row> {
        let name = &wants.name;
        let organization = &self.scene.input.inventory.organization().name;
        match self.named.repository.clone()? {
            Resolution::Found(row) => return Some(row),
            Resolution::NotFound | Resolution::Another(..) if self.scene.input.synchronizing() => self.wait(
                Reason::WaitingForSync,
                format!("The repository {name:?} is not known yet; the organization is synchronizing."),
            ),
            Resolution::NotFound if !self.named.hidden.is_empty() => {
                self.done.not_judged = true;
                self.stall(
                Reason::RepositoryNotFound,
                format!(
                    "Xopero ONE lists {name:?} without its project, so it is not known whether it is the one that is meant, and \
                     nothing is changed. If it calls the field otherwise, start the operator with --wire-names and the line \
                     response.repository.projectName: <its name>."
                ),
            );
            }
            Resolution::NotFound => self.stall(
                Reason::RepositoryNotFound,
                format!(
                    "Xopero ONE knows no repository {name:?} in {}: correct the name, or let Xopero ONE \
                     read the Git service again (sync on the organization). Nothing was removed.",
                    quoted(organization)
                ),
            ),
            Resolution::Another(_, other) => {
                let message = super::another("repository", &format!("{name:?}"), &other);
                self.stall(Reason::RepositoryNotFound, message);
            }
            Resolution::Renamed(_, now) if now.is_empty() => {
                let message = super::no_longer_shown("repository", &format!("{name:?}"));
                self.stall(Reason::RepositoryNotFound, message);
            }
            Resolution::Renamed(_, now) => {
                let now = quoted(&now);
                let message = format!(
                    "The repository {name:?} is now called {now} in Xopero ONE: nothing is changed. Replace this \
                     resource by one with name: {now}."
                );
                self.stall(Reason::RepositoryNotFound, message);
            }
            Resolution::Ambiguous(_, spellings) => {
                let otherwise = "rename one of them in the Git service, or remove there what is not needed";
                let mut message = told_apart("repositories", name, &spellings, otherwise);
                if spellings.iter().any(|spelling| spelling.contains('/')) {
                    message.push_str(" What stands before a slash goes into project.");
                }
                self.stall(Reason::Ambiguous, message);
            }
        }
        None
    }

    fn gone_upstream(&mut self, wants: &RepositoryWants, plans: &[PlanId], row: Row) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        let missing = plans
            .iter()
            .any(|plan| repository.plans.contains(*plan) == Some(false))
            || (wants.license == Some(RepositoryLicense::Active)
                && repository.licence == Licence::NotHeld);
        if missing {
            self.stall(
                Reason::RepositoryNotFound,
                format!(
                    "{:?} is gone from the Git service: it is neither licensed nor attached any more, and nothing of \
                     it was removed.",
                    wants.name
                ),
            );
        }
    }

    /// `license: Inactive`, spared while another claim wants the licence.
    fn deactivate(&mut self, row: Row) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        let change = Change::Deactivate(repository.id);
        let older = self.scene.namers.older_for_licence(row);
        let namers = self.scene.namers;
        let other = older
            .or_else(|| namers.other_wants_licence(row, self.rank))
            .map(Hold::Conflict)
            .or_else(|| self.may_want_licence(row));
        match repository.licence {
            Licence::NotHeld => self
                .done
                .disputed
                .extend(older.map(|older| (change, older))),
            Licence::Held => self.due(change, Ground::Named, other),
            Licence::Unknown => self.unseen(change, Ground::Named, other),
        }
    }

    fn exclusive_repository(&mut self, plans: &[PlanId], row: Row) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        let Some(members) = repository.plans.shown() else {
            self.done.not_judged = true;
            return;
        };
        if repository.may_be_removed || self.scene.namers.may_mean(row) {
            self.done.not_judged |= members.iter().any(|plan| !plans.contains(plan));
            return;
        }
        for plan in members.iter().copied() {
            let listed = self.scene.input.inventory.plans().contains_key(&plan);
            if listed && !plans.contains(&plan) && !self.scene.namers.protects_attachment(plan, row)
            {
                self.due(Change::Detach(plan, repository.id), Ground::Derived, None);
            }
        }
    }

    /// The clean-up of a deletion: each policy includes the ones before it.
    fn release(&mut self, policy: DeletionPolicy, plans: &[PlanId], row: Row) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        if policy >= DeletionPolicy::Detach {
            for plan in plans {
                self.detach(*plan, row);
            }
        }
        if policy >= DeletionPolicy::Deactivate
            && self
                .scene
                .namers
                .other_wants_licence(row, self.rank)
                .is_none()
        {
            let change = Change::Deactivate(repository.id);
            let hold = self.may_want_licence(row);
            match repository.licence {
                Licence::NotHeld => {}
                Licence::Held => self.due(change, Ground::Named, hold),
                Licence::Unknown => self.unseen(change, Ground::Named, hold),
            }
        }
        if policy == DeletionPolicy::Remove {
            if self
                .scene
                .namers
                .other_names_repository(row, self.rank)
                .is_some()
            {
                return;
            }
            let unknown = self.scene.namers.other_may_name(row, self.rank);
            let hold = unknown.map(Hold::MayBeMeant);
            self.due(Change::Remove(repository.id), Ground::Named, hold);
        }
    }

    fn may_want_licence(&self, row: Row) -> Option<Hold> {
        let unknown = self.scene.namers.other_may_want_licence(row, self.rank);
        unknown.map(Hold::MayBeMeant)
    }
}
