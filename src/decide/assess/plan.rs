//! What a `XoperoBackupPlan` calls for.

use super::{Assessing, Change, Ground, Hold, licence_allows};
use crate::{
    api::{AttachmentDeletionPolicy, Membership, PlanLicense, Reason, conditions::Truth},
    decide::{
        PlanWants, Service,
        named::Matched,
        resolve::{Resolution, told_apart},
        verdict::{listed, listed_names, quoted},
    },
    inventory::{Licence, Organization, PlanId, ProjectId, ProjectMembership, Row, display_name},
};

impl Assessing<'_> {
    pub(super) fn plan(&mut self, wants: &PlanWants) {
        let Some(plan) = self.plan_id() else { return };
        let is_azure = self.scene.input.organization.service == Service::Azure;
        if wants.projects.is_some() && !is_azure {
            self.stall(
                Reason::InvalidSpec,
                "projects goes with an organization whose provider is AzureDevOps: leave projects out, or name its \
                 repositories in repositories."
                    .to_owned(),
            );
        }
        if !self.is_living() {
            if self.is_leaving() && wants.deletion == AttachmentDeletionPolicy::Detach {
                self.release_plan(plan);
            }
            return;
        }
        let named = self.named;
        let inventory = self.scene.input.inventory;
        for matched in named.matched(inventory) {
            match matched {
                Matched::ByName(row) => self.member(wants, plan, row),
                Matched::ByProject(row) if is_azure => self.licence(wants.license, row),
                Matched::ByProject(_) => {}
            }
        }
        let mut hidden = named
            .hidden
            .iter()
            .filter_map(|row| inventory.repository(*row));
        self.done.not_judged |= hidden.any(|repository| !repository.removed);
        let repositories = self.done.matched;
        if is_azure {
            for project in named.projects.iter().copied() {
                self.done.matched += 1;
                self.attach_project(plan, project);
            }
        }
        // One that selects nothing may be there for its settings.
        if self.done.matched == 0 && (wants.selects() || wants.settings.is_none()) {
            self.done.nothing_matched = Some(Truth::True);
        }
        if wants.membership == Membership::Exclusive {
            self.exclusive_repositories(wants, plan, repositories);
            if is_azure {
                self.exclusive_projects(wants, plan);
            }
        }
        self.settings(wants, plan);
    }

    fn plan_id(&mut self) -> Option<PlanId> {
        let (name, resolution) = self.named.plans.first()?;
        let organization = &self.scene.inventory().organization().name;
        let message = match resolution {
            Resolution::Found(plan) => return Some(*plan),
            Resolution::NotFound if self.scene.inventory().lists_unowned_plan(name) => {
                self.done.not_judged = true;
                unowned(self.scene.inventory().organization(), name)
            }
            Resolution::NotFound => format!(
                "The organization {} has no plan {name:?} in Xopero ONE: create it there, or name one of: {}.",
                quoted(organization),
                known_plans(self)
            ),
            Resolution::Another(_, other) => super::another("plan", &format!("{name:?}"), other),
            Resolution::Renamed(_, now) if now.is_empty() => {
                super::no_longer_shown("plan", &format!("{name:?}"))
            }
            Resolution::Renamed(_, now) => {
                let now = quoted(now);
                format!(
                    "The plan {name:?} is now called {now} in Xopero ONE: nothing is changed in it. Rename it back, or \
                     replace this resource by one with planName: {now}."
                )
            }
            Resolution::Ambiguous(_, spellings) => {
                told_apart("plans", name, spellings, "rename one of them there")
            }
        };
        let reason = match resolution {
            Resolution::Ambiguous(..) => Reason::Ambiguous,
            Resolution::Found(_)
            | Resolution::NotFound
            | Resolution::Another(..)
            | Resolution::Renamed(..) => Reason::PlanNotFound,
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
        let first = (wants.license == PlanLicense::Ensure && !licence_allows(repository.licence))
            .then_some(Hold::WaitsForLicence);
        self.attach(plan, row, first);
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
        let older = self.scene.namers.older_against_licence(row);
        match repository.licence {
            Licence::Held => self
                .done
                .disputed
                .extend(older.map(|older| (change, older))),
            Licence::NotHeld => self.due(change, Ground::Addition, older.map(Hold::Conflict)),
            Licence::Unknown => self.unseen(change, Ground::Addition, older.map(Hold::Conflict)),
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

    /// What is in the plan and nobody names. Patterns that match nothing remove nothing.
    fn exclusive_repositories(&mut self, wants: &PlanWants, plan: PlanId, matched: usize) {
        let inventory = self.scene.input.inventory;
        let mut loose = Vec::new();
        for (row, repository) in inventory.rows_by_name() {
            if repository.removed {
                continue;
            }
            match repository.plans.contains(plan) {
                None => self.done.not_judged = true,
                Some(false) => {}
                Some(true) if self.done.matched == 0 => {
                    self.done.nothing_matched = Some(Truth::False);
                }
                Some(true) if self.scene.namers.protects_attachment(plan, row) => {}
                Some(true) if self.scene.namers.may_mean(row) || repository.may_be_removed => {
                    self.done.not_judged = true;
                }
                Some(true) => loose.push(Change::Detach(plan, repository.id)),
            }
        }
        if wants.repositories.is_none() || self.done.matched == 0 {
            return;
        }
        if matched == 0 {
            if !loose.is_empty() {
                self.done.nothing_matched = Some(Truth::False);
            }
            return;
        }
        for change in loose {
            self.due(change, Ground::Derived, None);
        }
    }

    /// The projects that are in the plan and nobody names.
    fn exclusive_projects(&mut self, wants: &PlanWants, plan: PlanId) {
        if wants.projects.is_none() {
            return;
        }
        let inventory = self.scene.input.inventory;
        let shows_no_project = inventory.projects().is_empty() && inventory.living() > 0;
        let hides_members = inventory
            .repositories()
            .iter()
            .any(|repository| !repository.removed && repository.plans.contains(plan).is_none());
        let is_untold = |id: &ProjectId| {
            inventory.project_membership(*id, plan) != ProjectMembership::In
                && !self.rows_tell(Change::AttachProject(plan, *id), plan, *id)
        };
        let do_not_follow = self.named.projects.iter().any(is_untold);
        if hides_members || shows_no_project || do_not_follow {
            self.stall(
                Reason::InvalidSpec,
                "membership: Exclusive cannot be kept for projects, because this Xopero ONE does not show which \
                 projects are in the plan: write membership: Additive. Nothing is detached."
                    .to_owned(),
            );
            return;
        }
        let loose: Vec<ProjectId> = inventory
            .projects()
            .values()
            .filter(|project| !project.name.is_empty())
            .map(|project| project.id)
            .filter(|id| inventory.project_membership(*id, plan) == ProjectMembership::In)
            .filter(|id| !self.scene.namers.protects_project(plan, *id, inventory))
            .collect();
        if self.named.projects.is_empty() {
            if !loose.is_empty() {
                self.done.nothing_matched = Some(Truth::False);
            }
            return;
        }
        for project in loose {
            self.derived_project(plan, project);
        }
    }

    /// `deletionPolicy: Detach`: what the plan names at this moment, is attached, and nobody else names.
    fn release_plan(&mut self, plan: PlanId) {
        self.say_hidden_members(plan);
        for row in self.named.rows.iter().copied() {
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
            for project in self.named.projects.iter().copied() {
                if !self.scene.inventory().would_take_removed(plan, project) {
                    self.detach_project(plan, project);
                }
            }
        }
    }

    /// Members of which it is not shown whether the plan names them: its clean-up is not known to be done.
    fn say_hidden_members(&mut self, plan: PlanId) {
        let inventory = self.scene.input.inventory;
        let rows = self.named.hidden.iter();
        let members = rows
            .filter_map(|row| inventory.repository(*row))
            .filter(|repository| !repository.removed)
            .filter(|repository| repository.plans.contains(plan) != Some(false));
        let names: Vec<String> = members.map(|member| display_name(&member.name)).collect();
        if names.is_empty() {
            return;
        }
        self.done.not_judged = true;
        let names = listed(names.iter().map(String::as_str));
        self.wait(
            Reason::Pending,
            format!(
                "Rows do not show their project, so it is not known whether the resource names them: {names}. If Xopero ONE calls \
                 the fields otherwise, start the operator with --wire-names (see status.notShown of the connection)."
            ),
        );
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
        let unknown = self.scene.namers.other_may_attach(row, self.rank);
        let hold = unknown.map(Hold::MayBeMeant);
        match repository.plans.contains(plan) {
            Some(true) => self.due(change, Ground::Named, hold),
            Some(false) => {}
            None => self.unseen(change, Ground::Named, hold),
        }
    }
}

/// The plan is listed, but not named by the organization itself: it may be another organization's.
pub(super) fn unowned(organization: &Organization, name: &str) -> String {
    let shown = quoted(&organization.name);
    let own = match &organization.plans {
        Some(plans) if !plans.is_empty() => "does not name it",
        Some(_) | None => "is empty",
    };
    format!(
        "The organization's own list of plans {own}, though Xopero ONE lists a plan {name:?} when it is asked for those of \
         {shown}: it may be another organization's, so nothing is changed in it. Let it serve {shown} in Xopero ONE; if it \
         does, that list may have another name: set response.organization.plans in the file given with --wire-names."
    )
}

/// The names of the plans that are listed.
pub(super) fn known_plans(assessing: &Assessing<'_>) -> String {
    let inventory = assessing.scene.inventory();
    let plans = inventory.plans();
    let listed = if plans.is_empty() {
        "none is listed".to_owned()
    } else {
        listed_names(
            plans
                .values()
                .map(|plan| plan.name.as_str())
                .filter(|name| !name.is_empty()),
        )
    };
    if inventory.lists_all_plans() {
        listed
    } else {
        format!(
            "{listed} (Xopero ONE shows plans that it does not list by name: it may be one of them)"
        )
    }
}
