//! What a `XoperoBackupPlan` calls for.

use super::{Assessing, Change, Ground, Hold};
use crate::{
    api::{AttachmentDeletionPolicy, Membership, PlanLicense, Reason, conditions::Truth},
    decide::{
        PlanWants, Service,
        named::licence_allows,
        resolve::Resolution,
        settings::{self, SettingsState},
    },
    inventory::{Licence, PlanId, ProjectMembership, Row},
};

impl Assessing<'_> {
    pub(super) fn plan(&mut self, wants: &PlanWants) {
        let Some(plan) = self.plan_id() else { return };
        if wants.projects.is_some() && self.scene.input.organization.service == Service::Git {
            self.stall(
                Reason::InvalidSpec,
                "projects goes with an organization whose provider is AzureDevOps: leave projects out, or name its \
                 repositories in repositories."
                    .to_owned(),
            );
        }
        if !self.is_living() {
            if wants.deletion == AttachmentDeletionPolicy::Detach {
                self.release_plan(plan);
            }
            return;
        }
        for row in self.named.rows.clone() {
            self.member(wants, plan, row);
        }
        if self.scene.input.organization.service == Service::Azure {
            for row in self.named.project_rows.clone() {
                self.licence(wants.license, row);
            }
            for project in self.named.projects.clone() {
                self.done.matched += 1;
                self.attach_project(plan, project);
            }
        }
        let members = self.members(plan);
        if self.done.matched == 0 {
            let exclusive = wants.membership == Membership::Exclusive && members > 0;
            self.done.nothing_matched = Some(if exclusive { Truth::False } else { Truth::True });
        }
        if wants.membership == Membership::Exclusive {
            self.exclusive(wants, plan);
        }
        self.settings(wants, plan);
    }

    fn plan_id(&mut self) -> Option<PlanId> {
        let (name, resolution) = self.named.plans.first()?;
        let organization = &self.scene.inventory().organization().name;
        let message = match resolution {
            Resolution::Found(plan) => return Some(*plan),
            Resolution::NotFound => format!(
                "The organization {organization:?} has no plan {name:?} in Xopero ONE: create it there, or name one of: {}.",
                known_plans(self)
            ),
            Resolution::Renamed(_, now) => format!(
                "The plan {name:?} is now called {now:?} in Xopero ONE: nothing is changed in it. Rename it back, or \
                 replace this resource by one with planName: {now:?}."
            ),
            Resolution::Ambiguous(_, spellings) => format!(
                "{name:?} means several plans of {organization:?}: {}. Write one of these spellings; if they are the \
                 same, rename one in Xopero ONE.",
                spellings.join(", ")
            ),
        };
        let reason = match resolution {
            Resolution::Ambiguous(..) => Reason::Ambiguous,
            Resolution::Found(_) | Resolution::NotFound | Resolution::Renamed(..) => {
                Reason::PlanNotFound
            }
        };
        self.stall(reason, message);
        None
    }

    fn member(&mut self, wants: &PlanWants, plan: PlanId, row: Row) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        if repository.removed {
            return;
        }
        self.done.matched += 1;
        self.licence(wants.license, row);
        let waits = (wants.license == PlanLicense::Ensure && !licence_allows(repository.licence))
            .then_some(Hold::WaitsForLicence);
        self.attach(plan, row, waits);
    }

    /// The licence of one repository that a plan selects.
    fn licence(&mut self, license: PlanLicense, row: Row) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        if repository.removed {
            return;
        }
        let change = Change::Activate(repository.id);
        if repository.licence == Licence::Held {
            self.done.licensed += 1;
            self.settled(change);
        }
        if license == PlanLicense::Ensure {
            self.activate(row);
        }
    }

    /// A licence for one repository, unless an older claim wants it to have none.
    pub(super) fn activate(&mut self, row: Row) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        let change = Change::Activate(repository.id);
        let conflict = self
            .scene
            .namers
            .older_against_licence(row)
            .map(Hold::Conflict);
        match repository.licence {
            Licence::Held if conflict.is_some() => {
                self.done.dues.push(crate::decide::Due {
                    change,
                    ground: Ground::Addition,
                    hold: conflict,
                });
            }
            Licence::Held => {}
            Licence::NotHeld => self.due(change, Ground::Addition, conflict),
            Licence::Unknown => self.unseen(change, Ground::Addition, conflict),
        }
    }

    /// Membership of one repository in one plan.
    pub(super) fn attach(&mut self, plan: PlanId, row: Row, first: Option<Hold>) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        let change = Change::Attach(plan, repository.id);
        match repository.plans.contains(plan) {
            Some(true) => {
                self.done.attached += 1;
                self.settled(change);
            }
            Some(false) => self.due(change, Ground::Addition, first),
            None => self.unseen(change, Ground::Addition, first),
        }
    }

    /// How many living repositories are in the plan, as far as it is shown.
    fn members(&self, plan: PlanId) -> usize {
        let living = self
            .scene
            .inventory()
            .repositories()
            .iter()
            .filter(|repository| !repository.removed);
        living
            .filter(|repository| repository.plans.contains(plan) == Some(true))
            .count()
    }

    fn exclusive(&mut self, wants: &PlanWants, plan: PlanId) {
        let inventory = self.scene.input.inventory;
        let unseen = inventory
            .repositories()
            .iter()
            .any(|r| !r.removed && r.plans.contains(plan).is_none());
        self.done.not_judged |= unseen;
        let matches_nothing = self.done.nothing_matched.is_some();
        if wants.repositories.is_some() && !matches_nothing {
            for (row, repository) in inventory.rows_by_name() {
                let is_member =
                    !repository.removed && repository.plans.contains(plan) == Some(true);
                if is_member && !self.scene.namers.protects_attachment(plan, row) {
                    self.due(Change::Detach(plan, repository.id), Ground::Derived, None);
                }
            }
        }
        if wants.projects.is_none() || self.scene.input.organization.service == Service::Git {
            return;
        }
        if unseen || inventory.projects().is_empty() {
            self.stall(
                Reason::InvalidSpec,
                "membership: Exclusive cannot be kept for projects, because this Xopero ONE does not show which \
                 projects are in the plan: write membership: Additive. Nothing is detached."
                    .to_owned(),
            );
        } else if !matches_nothing {
            for project in inventory.projects().keys().copied() {
                let is_in = inventory.project_membership(project, plan) == ProjectMembership::In;
                if is_in && !self.scene.namers.protects_project(plan, project, inventory) {
                    self.due(Change::DetachProject(plan, project), Ground::Derived, None);
                }
            }
        }
    }

    /// `deletionPolicy: Detach`: what the plan names at this moment, is attached, and nobody else names.
    fn release_plan(&mut self, plan: PlanId) {
        for row in self.named.rows.clone() {
            // A pattern is not a name: what is gone from the Git service stays, it may be the last copy.
            if self
                .scene
                .input
                .inventory
                .repository(row)
                .is_some_and(|repository| !repository.removed)
            {
                self.detach(plan, row);
            }
        }
        if self.scene.input.organization.service == Service::Azure {
            for project in self.named.projects.clone() {
                self.detach_project(plan, project);
            }
        }
    }

    /// A named detachment, spared where another living claim names the same.
    pub(super) fn detach(&mut self, plan: PlanId, row: Row) {
        let Some(repository) = self.scene.input.inventory.repository(row) else {
            return;
        };
        if self
            .scene
            .namers
            .other_attaches(plan, row, self.rank)
            .is_some()
        {
            return;
        }
        let change = Change::Detach(plan, repository.id);
        match repository.plans.contains(plan) {
            Some(true) => self.due(change, Ground::Named, None),
            Some(false) => {}
            None => self.unseen(change, Ground::Named, None),
        }
    }

    fn settings(&mut self, wants: &PlanWants, plan: PlanId) {
        let Some(declared) = &wants.settings else {
            return;
        };
        let listed = self.scene.inventory().plans().get(&plan);
        let memory = self.scene.input.memory;
        self.done.settings_note = memory
            .settings_harm(&self.claim.uid, plan)
            .map(str::to_owned);
        let state = settings::judge(
            declared,
            listed,
            self.claim,
            memory.settings_sent(&self.claim.uid, plan),
        );
        if let SettingsState::Refused(message) = state {
            self.stall(Reason::SettingsNotAllowed, message);
            return;
        }
        let change = Change::Modify(plan);
        if let Some(older) = self
            .scene
            .settings
            .older_with_other(plan, self.rank, &declared.digest)
        {
            self.due(change, Ground::Addition, Some(Hold::Conflict(older)));
            return;
        }
        match state {
            SettingsState::Due
                if memory.was_sent_once(&self.claim.uid, self.claim.generation, change) =>
            {
                self.done.settings_digest = Some(declared.digest.clone());
            }
            SettingsState::Due => self.due(change, Ground::Addition, None),
            SettingsState::AsSent => self.done.settings_digest = Some(declared.digest.clone()),
            SettingsState::ChangedByOthers => {
                self.done.settings_digest = Some(declared.digest.clone());
                self.due(change, Ground::Addition, Some(Hold::SentBefore));
            }
            SettingsState::Refused(_) => {}
        }
    }
}

fn known_plans(assessing: &Assessing<'_>) -> String {
    const SHOWN: usize = 10;
    let plans = assessing.scene.inventory().plans();
    let mut names: Vec<&str> = plans.values().map(|plan| plan.name.as_str()).collect();
    names.sort_unstable();
    if names.is_empty() {
        return "none is listed".to_owned();
    }
    let more = if names.len() > SHOWN {
        " and others"
    } else {
        ""
    };
    names.truncate(SHOWN);
    format!("{}{more}", names.join(", "))
}
