//! What a resource's status is to say: statements and counts, from what was assessed and what was held back.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Change, Claim, ClaimKey, Due, Hold, Input, Life, Trouble, Wants, Writes,
    assess::Assessment,
    backup::{self, LastRun},
    digest::digest,
    named::Named,
    removals::{Held, Why},
    resolve::Resolution,
};
use crate::{
    api::{
        DriftItem, Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    inventory::{Licence, PlanId, ProjectId, Repository, RepositoryId, display_name},
};

/// How many names stand in a message.
const NAMES: usize = 10;

/// What the status of one resource is to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Which resource it is about.
    pub key: ClaimKey,
    /// Its uid.
    pub uid: Arc<str>,
    /// The generation that was judged: `status.observedGeneration`.
    pub generation: i64,
    /// What the conditions say.
    pub statements: Vec<Statement>,
    /// Whether nothing is under way for it: what it says stays until something changes.
    pub settled: bool,
    /// Whether its clean-up is done, so that its finalizer may go.
    pub released: bool,
    /// What differs from what is declared.
    pub drift: Vec<DriftItem>,
    /// How many changes are due.
    pub pending: usize,
    /// The acknowledged `xopero.dev/reconcile-requested-at`.
    pub handled: Option<String>,
    /// The digest of what was sent without being visible, once all of it was sent.
    pub attached_once: Option<String>,
    /// What is said of this kind alone.
    pub about: About,
}

/// What is said of one kind alone.
#[derive(Clone, Debug, PartialEq)]
pub enum About {
    /// A plan.
    Plan {
        /// Its id.
        id: Option<PlanId>,
        /// How many repositories and projects it selects.
        matched: usize,
        /// Of these, in the plan.
        attached: usize,
        /// Of the repositories, with a licence.
        licensed: usize,
        /// The digest of the settings in force.
        settings: Option<String>,
        /// The last finished run.
        last_run: Option<LastRun>,
    },
    /// A repository.
    Repository {
        /// Its id.
        id: Option<RepositoryId>,
        /// Whether it holds a licence, where that is shown.
        licensed: Option<bool>,
        /// The names of its plans, where they are shown.
        plans: Option<Vec<String>>,
        /// Whether it is gone from the Git service.
        removed_upstream: Option<bool>,
    },
    /// A project.
    Project {
        /// Its id.
        id: Option<ProjectId>,
        /// The names of the plans that it is in, as far as its repositories tell.
        plans: Vec<String>,
    },
}

/// Writes the verdict on one claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) claims: &'a [&'a Claim],
    pub(super) held: &'a [Held],
    pub(super) invisible: Option<&'a str>,
}

impl Judge<'_> {
    pub(super) fn verdict(&self, claim: &Claim, named: &Named, assessment: &Assessment) -> Verdict {
        let drift: Vec<DriftItem> = assessment
            .dues
            .iter()
            .map(|due| self.drift_item(due))
            .collect();
        let statements = self.statements(claim, named, assessment);
        let under_way = statements.iter().any(|statement| {
            statement.type_ == ConditionType::Reconciling && statement.reason == Reason::Pending
        });
        let unseen_left = assessment
            .dues
            .iter()
            .any(|due| assessment.unseen.contains(&due.change));
        let attached_once =
            (!assessment.unseen.is_empty() && !unseen_left).then(|| digest(&assessment.unseen));
        Verdict {
            key: claim.key.clone(),
            uid: Arc::clone(&claim.uid),
            generation: claim.generation,
            statements,
            settled: !under_way,
            released: self.is_released(claim, named, assessment),
            pending: drift.len(),
            drift,
            handled: claim.requested.clone(),
            attached_once,
            about: self.about(claim, named, assessment),
        }
    }

    fn is_released(&self, claim: &Claim, named: &Named, assessment: &Assessment) -> bool {
        let doubtful = named.plans.iter().any(|(_, plan)| is_doubtful(plan))
            || named.repository.as_ref().is_some_and(is_doubtful)
            || named.project.as_ref().is_some_and(is_doubtful);
        claim.life == Life::Leaving
            && claim.takes_part()
            && !claim.paused
            && self.input.organization.writes == Writes::All
            && self.input.doubt.is_none()
            && !doubtful
            && assessment.dues.is_empty()
    }

    pub(super) fn drift_item(&self, due: &Due) -> DriftItem {
        let inventory = self.input.inventory;
        let plan_name = |id: PlanId| {
            inventory
                .plans()
                .get(&id)
                .map_or_else(|| id.to_string(), |plan| display_name(&plan.name))
        };
        let name = match due.change {
            Change::Activate(id)
            | Change::Attach(_, id)
            | Change::Detach(_, id)
            | Change::Deactivate(id)
            | Change::Remove(id) => self.repository_name(id),
            Change::AttachProject(_, id) | Change::DetachProject(_, id) => self.project_name(id),
            Change::Modify(plan) => plan_name(plan),
        };
        let plan = match due.change {
            Change::Modify(_) => None,
            other => other.plan().map(plan_name),
        };
        let held = due.hold.and_then(Hold::word).map(str::to_owned);
        DriftItem {
            action: due
                .change
                .as_str(self.input.organization.service)
                .to_owned(),
            name,
            plan,
            held,
        }
    }

    fn repository_name(&self, id: RepositoryId) -> String {
        let inventory = self.input.inventory;
        let repository = inventory.row(id).and_then(|row| inventory.repository(row));
        repository.map_or_else(
            || id.to_string(),
            |repository| display_name(&repository.name),
        )
    }

    fn project_name(&self, id: ProjectId) -> String {
        let known = self
            .input
            .inventory
            .projects()
            .get(&id)
            .filter(|project| !project.name.is_empty());
        known.map_or_else(|| id.to_string(), |project| display_name(&project.name))
    }

    fn statements(&self, claim: &Claim, named: &Named, assessment: &Assessment) -> Vec<Statement> {
        let mut statements = vec![self.in_sync(claim, assessment)];
        if let Wants::Plan(wants) = &claim.wants
            && let Some((_, Resolution::Found(id))) = named.plans.first()
            && let Some(plan) = self.input.inventory.plans().get(id)
        {
            statements.push(backup::health(plan, wants.max_age, self.input.now));
        }
        if claim.paused {
            let message = if claim.life == Life::Leaving {
                "The resource is paused by xopero.dev/paused: nothing is written for it, and its deletion waits until \
                 the annotation is gone."
            } else {
                "The resource is paused by xopero.dev/paused: nothing is written for it."
            };
            statements.push(Statement::new(
                ConditionType::Paused,
                Truth::True,
                Reason::Requested,
                message,
            ));
            return statements;
        }
        statements.push(self.progress(claim, assessment));
        statements
    }

    /// One of Stalled, Reconciling and Ready.
    fn progress(&self, claim: &Claim, assessment: &Assessment) -> Statement {
        let observes = self.input.organization.writes == Writes::Observe;
        let mut stalled: Vec<(Reason, String)> = assessment
            .problems
            .iter()
            .filter(|p| p.stalls)
            .map(|p| (p.reason, p.message.clone()))
            .collect();
        let mut waiting: Vec<(Reason, String)> = assessment
            .problems
            .iter()
            .filter(|p| !p.stalls)
            .map(|p| (p.reason, p.message.clone()))
            .collect();
        if !observes {
            self.said_of_holds(claim, assessment, &mut stalled, &mut waiting);
        }
        if claim.life == Life::Leaving {
            waiting.push((Reason::Deleting, self.leaving_message(observes)));
        }
        if let Some(statement) = joined(ConditionType::Stalled, stalled) {
            return statement;
        }
        if let Some(statement) = joined(ConditionType::Reconciling, waiting) {
            return statement;
        }
        if observes {
            let message = "The organization is in Observe mode: nothing is written. InSync and status.drift say what \
                           Manage would change.";
            return Statement::new(ConditionType::Ready, Truth::True, Reason::Observed, message);
        }
        let message = if assessment.unseen.is_empty() {
            "Everything declared is in force."
        } else {
            "Everything declared was sent; this Xopero ONE does not show all of it."
        };
        Statement::new(
            ConditionType::Ready,
            Truth::True,
            Reason::Converged,
            message,
        )
    }

    fn leaving_message(&self, observes: bool) -> String {
        if observes {
            return "The resource is being deleted and its deletionPolicy asks for a clean-up, but the organization is \
                    in Observe mode. Set mode: Manage, or deletionPolicy: Retain, or annotate the resource with \
                    xopero.dev/force-finalize: \"true\"."
                .to_owned();
        }
        let doubt = self
            .input
            .doubt
            .map(|doubt| format!(" {}", doubt.sentence()))
            .unwrap_or_default();
        format!(
            "The clean-up of the deletionPolicy is under way.{doubt} To let the resource go without it, set \
             deletionPolicy: Retain or annotate it with xopero.dev/force-finalize: \"true\"."
        )
    }

    fn said_of_holds(
        &self,
        claim: &Claim,
        assessment: &Assessment,
        stalled: &mut Vec<(Reason, String)>,
        waiting: &mut Vec<(Reason, String)>,
    ) {
        let mut under_way = false;
        let mut said = BTreeSet::new();
        for due in &assessment.dues {
            let Some(hold) = due.hold else {
                under_way = true;
                continue;
            };
            if !said.insert(group(hold)) {
                continue;
            }
            let items = || self.items(assessment, hold);
            match hold {
                Hold::Conflict(other) => stalled.push((Reason::Conflict, self.conflict(other, &items()))),
                Hold::LicenseLimit => stalled.push((
                    Reason::LicenseLimitReached,
                    format!("licenses.limit of the organization is reached; left without a licence: {}. Raise the limit or select less.", items()),
                )),
                Hold::LicensesExhausted => stalled.push((
                    Reason::LicensesExhausted,
                    format!("Xopero ONE refuses further licences, so its pool seems to be empty; left without one: {}. Add licences or free some.", items()),
                )),
                Hold::Refused(status) => stalled.push((
                    Reason::Refused,
                    format!("Xopero ONE refused with status {status}: {}. It is tried again at growing intervals, or at once after xopero.dev/reconcile-requested-at.", items()),
                )),
                Hold::NotKept => stalled.push((
                    Reason::NotKept,
                    format!("Made again and again, and undone by somebody else each time: {}. Look for a rule of the plan, the switch \"Automatically add new repositories\", or a second cluster.", items()),
                )),
                Hold::NotPermitted => stalled.push((
                    Reason::PermissionMissing,
                    format!("The account may not do this in Xopero ONE: {}. Give it the System Administrator role with DevOps management.", items()),
                )),
                Hold::RemovalHeld => stalled.push((Reason::RemovalHeld, self.held_message(&claim.uid, &items()))),
                Hold::RemovalPaced => waiting.push((
                    Reason::RemovalPaced,
                    format!("The removalLimit of the hour is used up; later go: {}.", items()),
                )),
                Hold::Organization => waiting.push((Reason::WaitingForOrganization, self.organization_message())),
                Hold::WaitsForLicence => {}
                Hold::Untrusted(_) | Hold::ClaimsNotVisible if due.ground == super::Ground::Derived => {}
                Hold::Untrusted(doubt) => waiting.push((Reason::Pending, doubt.sentence().to_owned())),
                Hold::SentBefore | Hold::Paused => {}
                Hold::Finalizer
                | Hold::Repeats
                | Hold::AwaitsListing
                | Hold::SecondListing
                | Hold::AttachFirst
                | Hold::ClaimsNotVisible
                | Hold::Order => under_way = true,
            }
        }
        if assessment.stubborn && !said.contains(&group(Hold::NotKept)) {
            stalled.push((
                Reason::NotKept,
                "What was made is undone by somebody else each time. Look for a rule of the plan, the switch \
                 \"Automatically add new repositories\", or a second cluster."
                    .to_owned(),
            ));
        }
        if under_way {
            waiting.push(match self.input.trouble {
                Some(Trouble { reason, message }) => (*reason, message.clone()),
                None => (
                    Reason::Pending,
                    "Changes are under way; status.drift names them.".to_owned(),
                ),
            });
        }
    }

    fn organization_message(&self) -> String {
        match &self.input.organization.writes {
            Writes::Conflict(other) => {
                format!("Nothing is written: {other} is older and manages the same organization.")
            }
            Writes::Paused => "Nothing is written: the organization is paused.".to_owned(),
            Writes::All | Writes::Observe => {
                "Nothing is written for the organization at the moment.".to_owned()
            }
        }
    }

    fn conflict(&self, other: u32, items: &str) -> String {
        let other = usize::try_from(other)
            .ok()
            .and_then(|rank| self.claims.get(rank));
        let other = other.map_or_else(
            || "another resource".to_owned(),
            |claim| claim.key.to_string(),
        );
        format!(
            "{other} declares the contrary and is older, or protects it: {items}. Change one of the two."
        )
    }

    fn held_message(&self, uid: &Arc<str>, items: &str) -> String {
        held_message(
            self.held.iter().find(|held| held.uid == *uid),
            items,
            self.input.organization.removal_limit,
        )
    }

    fn items(&self, assessment: &Assessment, hold: Hold) -> String {
        let names: Vec<String> = assessment
            .dues
            .iter()
            .filter(|due| due.hold.is_some_and(|other| group(other) == group(hold)))
            .map(|due| {
                let item = self.drift_item(due);
                format!("{} {}", item.action, item.name)
            })
            .collect();
        listed(names.iter().map(String::as_str))
    }

    fn in_sync(&self, claim: &Claim, assessment: &Assessment) -> Statement {
        let say = |truth, reason, message: String| {
            Statement::new(ConditionType::InSync, truth, reason, message)
        };
        let fixed = |truth, reason, message: &str| say(truth, reason, message.to_owned());
        if assessment.stubborn
            || assessment
                .dues
                .iter()
                .any(|due| due.hold == Some(Hold::NotKept))
        {
            return fixed(
                Truth::False,
                Reason::NotKept,
                "What was made does not stay.",
            );
        }
        if let Some(note) = &assessment.settings_note {
            return say(Truth::False, Reason::Drift, note.clone());
        }
        let visible = |due: &&Due| !assessment.unseen.contains(&due.change);
        let believed =
            |due: &&Due| !matches!(due.hold, Some(Hold::Untrusted(_) | Hold::ClaimsNotVisible));
        let differing: Vec<&Due> = assessment
            .dues
            .iter()
            .filter(visible)
            .filter(believed)
            .collect();
        if !differing.is_empty() {
            let all_held = differing
                .iter()
                .all(|due| due.hold.and_then(Hold::word).is_some());
            let reason = if all_held {
                Reason::Held
            } else {
                Reason::Drift
            };
            return fixed(
                Truth::False,
                reason,
                "Xopero ONE differs from what is declared; status.drift says how.",
            );
        }
        let has_derived_or_not_believed = assessment.dues.iter().any(|due| !believed(&due));
        if has_derived_or_not_believed || (assessment.not_judged && self.invisible.is_some()) {
            if let Some(doubt) = self.input.doubt {
                return say(
                    Truth::Unknown,
                    Reason::InventoryUntrusted,
                    doubt.sentence().to_owned(),
                );
            }
            if let Some(message) = self.invisible {
                return say(Truth::Unknown, Reason::ClaimsNotVisible, message.to_owned());
            }
        }
        if !assessment.unseen.is_empty() || assessment.not_judged {
            let message = "This Xopero ONE does not show whether what is declared is in force.";
            return fixed(Truth::Unknown, Reason::NotVisible, message);
        }
        if assessment
            .problems
            .iter()
            .any(|p| p.reason != Reason::SettingsNotAllowed)
            || !claim.takes_part()
        {
            let message = "What is declared could not be compared with Xopero ONE.";
            return fixed(Truth::Unknown, Reason::NotObserved, message);
        }
        if !assessment.problems.is_empty() {
            let message = "The settings were not sent; everything else is as declared.";
            return fixed(Truth::False, Reason::Held, message);
        }
        match assessment.nothing_matched {
            Some(Truth::False) => fixed(
                Truth::False,
                Reason::NothingMatched,
                "The selectors match nothing and the plan has members: nothing is detached. Correct include, or detach \
                 the members in Xopero ONE.",
            ),
            Some(Truth::True | Truth::Unknown) => fixed(
                Truth::True,
                Reason::NothingMatched,
                "The selectors match nothing that Xopero ONE knows.",
            ),
            None => self.as_declared(claim),
        }
    }

    fn as_declared(&self, claim: &Claim) -> Statement {
        let parameters = match &claim.wants {
            Wants::Plan(wants) => wants
                .settings
                .as_ref()
                .is_some_and(|settings| !settings.parameters.is_empty()),
            Wants::Repository(_) | Wants::Project(_) => false,
        };
        let message = if parameters {
            "Xopero ONE is as declared, as far as it can be read: settings.parameters were sent and cannot be read back."
        } else {
            "Xopero ONE is as declared."
        };
        Statement::new(
            ConditionType::InSync,
            Truth::True,
            Reason::AsDeclared,
            message,
        )
    }

    fn about(&self, claim: &Claim, named: &Named, assessment: &Assessment) -> About {
        let inventory = self.input.inventory;
        let names_of = |plans: &[PlanId]| {
            let mut names: Vec<String> = plans
                .iter()
                .filter_map(|id| inventory.plans().get(id))
                .map(|plan| display_name(&plan.name))
                .collect();
            names.sort_unstable();
            names
        };
        match &claim.wants {
            Wants::Plan(_) => {
                let id = named.plans.first().and_then(|(_, plan)| plan.found());
                let plan = id.and_then(|id| inventory.plans().get(&id));
                About::Plan {
                    id: id.or(claim.remembered.plan),
                    matched: assessment.matched,
                    attached: assessment.attached,
                    licensed: assessment.licensed,
                    settings: assessment.settings_digest.clone(),
                    last_run: plan.and_then(LastRun::of),
                }
            }
            Wants::Repository(_) => {
                let row = named.repository.as_ref().and_then(Resolution::found);
                let repository: Option<&Repository> = row.and_then(|row| inventory.repository(row));
                About::Repository {
                    id: repository
                        .map(|repository| repository.id)
                        .or(claim.remembered.repository),
                    licensed: repository.and_then(|repository| match repository.licence {
                        Licence::Held => Some(true),
                        Licence::NotHeld => Some(false),
                        Licence::Unknown => None,
                    }),
                    plans: repository
                        .and_then(|repository| repository.plans.shown())
                        .map(names_of),
                    removed_upstream: repository.map(|repository| repository.removed),
                }
            }
            Wants::Project(_) => {
                let id = named.project.as_ref().and_then(Resolution::found);
                let plans: Vec<PlanId> = id.map_or_else(Vec::new, |id| {
                    let is_in = |plan: &PlanId| {
                        inventory.project_membership(id, *plan)
                            == crate::inventory::ProjectMembership::In
                    };
                    inventory.plans().keys().copied().filter(is_in).collect()
                });
                About::Project {
                    id: id.or(claim.remembered.project),
                    plans: names_of(&plans),
                }
            }
        }
    }
}

/// Names for a message: the first few in order, and whether there are others.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    let others = if names.len() > NAMES {
        " and others (status names more of them)"
    } else {
        ""
    };
    names.truncate(NAMES);
    format!("{}{others}", names.join(", "))
}

/// What is said of removals that wait for a person.
pub(super) fn held_message(held: Option<&Held>, items: &str, limit: usize) -> String {
    let Some(held) = held else {
        return format!("Removals wait for those of another resource: {items}.");
    };
    let count = held.changes.len();
    let token = &held.token;
    let why = match held.why {
        Why::MoreThanTheLimit => {
            format!("{count} removals are due and removalLimit is {limit} in an hour")
        }
        Why::Removes => "Removing a repository from Xopero ONE always needs approval".to_owned(),
        Why::Renamed => "These removals follow from a changed name".to_owned(),
    };
    format!(
        "{why}: none was made. Approve exactly these by annotating the organization with \
         xopero.dev/approve-removals: \"{token}\", or correct the declaration, or raise removalLimit. Held: {items}."
    )
}

fn is_doubtful<T>(resolution: &Resolution<T>) -> bool {
    match resolution {
        Resolution::Renamed(..) | Resolution::Ambiguous(..) => true,
        Resolution::Found(_) | Resolution::NotFound => false,
    }
}

/// Holds that are said in one sentence.
fn group(hold: Hold) -> (u8, u32) {
    match hold {
        Hold::Conflict(other) => (0, other),
        Hold::Paused => (1, 0),
        Hold::Organization => (2, 0),
        Hold::Finalizer => (3, 0),
        Hold::WaitsForLicence => (4, 0),
        Hold::LicenseLimit => (5, 0),
        Hold::LicensesExhausted => (6, 0),
        Hold::Refused(status) => (7, u32::from(status)),
        Hold::Repeats => (8, 0),
        Hold::NotKept => (9, 0),
        Hold::AwaitsListing => (10, 0),
        Hold::NotPermitted => (11, 0),
        Hold::Untrusted(_) => (12, 0),
        Hold::ClaimsNotVisible => (13, 0),
        Hold::SecondListing => (14, 0),
        Hold::AttachFirst => (15, 0),
        Hold::RemovalHeld => (16, 0),
        Hold::RemovalPaced => (17, 0),
        Hold::Order => (18, 0),
        Hold::SentBefore => (19, 0),
    }
}

fn joined(type_: ConditionType, said: Vec<(Reason, String)>) -> Option<Statement> {
    let reason = said.first().map(|(reason, _)| *reason)?;
    let message = said
        .into_iter()
        .map(|(_, message)| message)
        .collect::<Vec<_>>()
        .join(" ");
    Some(Statement::new(type_, Truth::True, reason, message))
}
