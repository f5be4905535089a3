//! One of Stalled, Reconciling and Ready: what only a person can help, what goes on by itself, or nothing of both.

use std::{collections::BTreeSet, sync::Arc};

use super::{Judge, Said, wording::held_message};
use crate::{
    api::{
        Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{
        By, Change, Claim, Due, Ground, Hold, Life, Service, Trouble, Writes, assess::Assessment,
    },
    inventory::display_name,
};

const FORCE: &str = "To let the resource go without it, set deletionPolicy: Retain or annotate it with \
                     xopero.dev/force-finalize: \"true\".";
const NOT_KEPT: &str = "Look for a rule of the plan, the switch \"Automatically add new repositories\", or a second cluster.";
const THROUGH_PROJECT: &str = " A repository that is in a plan through its project may not leave it alone: declare projects as well.";
const EMPTY_POOL: &str = " If its pool of licences may be empty, add some.";

impl Judge<'_> {
    pub(super) fn progress(&self, claim: &Claim, assessment: &Assessment) -> Statement {
        let observes = self.input.organization.writes == Writes::Observe;
        let mut said = Said::default();
        for problem in &assessment.problems {
            said.problem(problem);
        }
        if !observes {
            self.say_disputed(claim, assessment, &mut said);
            self.say_held(Some(claim), &claim.uid, assessment, &mut said);
        }
        if claim.life == Life::Leaving {
            let message = self.leaving_message();
            if said.stalled.is_empty() {
                said.waiting.insert(0, (Reason::Deleting, message));
            } else {
                said.stall(Reason::Deleting, message);
            }
        }
        said.statement()
            .unwrap_or_else(|| ready(assessment, &self.input.organization.writes))
    }

    /// What is made in its turn: nothing need be under way where something else holds back what comes before.
    fn order_message(&self, assessment: &Assessment, hold: Hold) -> String {
        let mut holds = assessment.dues.iter().filter_map(|due| due.hold);
        let in_turn = |hold| matches!(hold, Hold::Order | Hold::Finalizer);
        if hold == Hold::Order && holds.any(|hold| !in_turn(hold)) {
            let items = self.items_of(assessment, hold);
            return format!("Made once what comes before it is made: {items}.");
        }
        "Changes are under way; status.drift names them.".to_owned()
    }

    /// Why the clean-up of a deletion is not done, and the ways out.
    fn leaving_message(&self) -> String {
        let why = match &self.input.organization.writes {
            Writes::Observe => {
                return "The resource is being deleted and its deletionPolicy asks for a clean-up, but the organization \
                        is in Observe mode. Set mode: Manage, or deletionPolicy: Retain, or annotate the resource with \
                        xopero.dev/force-finalize: \"true\"."
                    .to_owned();
            }
            Writes::Paused => {
                "The clean-up of the deletionPolicy waits: the organization is paused.".to_owned()
            }
            Writes::Conflict(other) => format!(
                "The clean-up of the deletionPolicy waits: {other} is older and manages the same organization."
            ),
            Writes::All => match self.input.distrust() {
                Some(doubt) => {
                    format!(
                        "The clean-up of the deletionPolicy waits. {}",
                        doubt.sentence()
                    )
                }
                None => "The clean-up of the deletionPolicy is not done yet.".to_owned(),
            },
        };
        format!("{why} {FORCE}")
    }

    /// What is as declared, while an older claim declares the contrary.
    fn say_disputed(&self, claim: &Claim, assessment: &Assessment, said: &mut Said) {
        let mut others: BTreeSet<u32> = BTreeSet::new();
        for (_, other) in &assessment.disputed {
            others.insert(*other);
        }
        for other in others {
            let disputed = assessment
                .disputed
                .iter()
                .filter(|(_, of)| *of == other)
                .map(|(change, _)| *change);
            let items = self.items(disputed);
            said.stall(Reason::Conflict, self.conflict(claim, other, &items));
        }
    }

    /// What each hold means, once for all changes that it holds back.
    pub(in crate::decide) fn say_held(
        &self,
        claim: Option<&Claim>,
        uid: &Arc<str>,
        assessment: &Assessment,
        said: &mut Said,
    ) {
        let mut under_way = false;
        let mut only_licences = true;
        let mut said_already = BTreeSet::new();
        for due in &assessment.dues {
            let Some(hold) = due.hold else {
                under_way = true;
                continue;
            };
            only_licences &= matches!(hold, Hold::WaitsForLicence | Hold::Repeats);
            if said_already.insert(hold) {
                self.say_hold(claim, uid, (assessment, due, hold), said);
            }
        }
        if assessment.stubborn {
            let items = self.items_of(assessment, Hold::NotKept);
            let what = if items.is_empty() {
                "What was made again and again was not so at the next look.".to_owned()
            } else {
                format!("Made again and again, and not so at the next look: {items}.")
            };
            let is_licence = |due: &Due| matches!(due.change, Change::Activate(_));
            let pool = if assessment.dues.iter().any(is_licence) {
                EMPTY_POOL
            } else {
                ""
            };
            let is_detachment = |due: &Due| {
                matches!(due.change, Change::Detach(..)) && due.hold == Some(Hold::NotKept)
            };
            let azure = self.input.organization.service == Service::Azure;
            let through_project = if azure && assessment.dues.iter().any(is_detachment) {
                THROUGH_PROJECT
            } else {
                ""
            };
            said.stall(
                Reason::NotKept,
                format!("{what} {NOT_KEPT}{pool}{through_project}"),
            );
        }
        if under_way {
            match self.input.trouble {
                Some(Trouble { reason, message }) => said.trouble(*reason, message),
                None => said.wait(
                    Reason::Pending,
                    "Changes are under way; status.drift names them.".to_owned(),
                ),
            }
        } else if only_licences && said_already.contains(&Hold::WaitsForLicence) {
            let items = self.items_of(assessment, Hold::WaitsForLicence);
            let message = format!("Made once the licence is confirmed: {items}.");
            said.waiting.insert(0, (Reason::WaitingForLicense, message));
        }
    }

    /// What a person wrote to approve, and which approves nothing: a token that was copied wrongly, or one of a set that has changed.
    fn in_vain(&self) -> String {
        let input = self.input;
        let is_admitted = |token: &String| {
            let by = self.admitted.iter().map(|admitted| &admitted.by);
            by.into_iter()
                .any(|by| matches!(by, By::Token(of) if of == token))
        };
        let fits = |token: &String| {
            self.held.iter().any(|held| held.token == *token)
                || is_admitted(token)
                || input.ledger.is_used(token)
        };
        let approvals = &input.organization.approvals;
        let Some(token) = approvals.iter().find(|token| !fits(token)) else {
            return String::new();
        };
        let token = display_name(token);
        format!("{token:?} in xopero.dev/approve-removals approves nothing that waits. ")
    }

    fn say_hold(
        &self,
        claim: Option<&Claim>,
        uid: &Arc<str>,
        (assessment, due, hold): (&Assessment, &Due, Hold),
        said: &mut Said,
    ) {
        let items = || self.items_of(assessment, hold);
        let pending =
            |said: &mut Said, message: &str| said.wait(Reason::Pending, message.to_owned());
        match hold {
            Hold::Conflict(other) => {
                if let Some(claim) = claim {
                    said.stall(Reason::Conflict, self.conflict(claim, other, &items()));
                }
            }
            Hold::SetElsewhere(other) => {
                said.stall(Reason::Conflict, self.set_elsewhere(other, &items()));
            }
            Hold::MayBeSetElsewhere(other) => pending(said, &self.may_be_set_elsewhere(other)),
            Hold::MayBeMeant(other) => said.wait(Reason::Pending, self.may_be_meant(other, &items())),
            Hold::LicenseLimit => said.stall(
                Reason::LicenseLimitReached,
                format!("licenses.limit of the organization is reached. Raise it or select less; left without a licence: {}.", items()),
            ),
            Hold::LicensesExhausted => said.stall(
                Reason::LicensesExhausted,
                format!("Xopero ONE refuses to activate further licences. Is its pool empty, add licences or free some; if some are left, the request may be refused for another reason: activate one by hand, and if that works, set request.activate.repositoryIds in the file given with --wire-names. Left without one: {}.", items()),
            ),
            Hold::OthersRefused => pending(said, "Xopero ONE refused licences one after the other, and does not show which it gave before. The next ones are asked for after the next listing."),
            Hold::Refused(status) => {
                let unseen = assessment.unseen.contains(&due.change);
                let perhaps_held = match (unseen, due.change.plan()) {
                    (true, None) => " It does not show licences, so they may be there already.",
                    (true, Some(_)) => " It does not show what is in a plan, so they may be there already.",
                    (false, _) => "",
                };
                said.stall(
                    Reason::Refused,
                    format!("{}: {}.{perhaps_held}", refused(status), items()),
                );
            }
            // Between two tries what is said is the same as after each of them.
            Hold::Failed(None) | Hold::AwaitsListing if let Some(trouble) = self.input.unconfirmed => {
                said.trouble(trouble.reason, &trouble.message);
            }
            Hold::Failed(status) => said.wait(Reason::ApiUnavailable, failed(status, due, &items())),
            Hold::NotPermitted => {
                let listing = self.input.inventory.listing();
                let words = self.input.memory.not_permitted(due.change, listing).unwrap_or_default();
                said.stall(
                    Reason::PermissionMissing,
                    format!("The account lacks a permission in Xopero ONE. Not made: {} ({words}).", items()),
                );
            }
            Hold::RemovalHeld => {
                let waiting = self.held.iter().find(|waiting| waiting.uid == *uid);
                let limit = self.input.organization.removal_limit;
                let message = held_message(waiting, &items(), limit);
                said.stall(Reason::RemovalHeld, format!("{}{message}", self.in_vain()));
            }
            Hold::RemovalPaced => said.wait(
                Reason::RemovalPaced,
                format!("The removalLimit of the organization is used up for now; these follow by themselves: {}.", items()),
            ),
            Hold::Organization => said.wait(Reason::WaitingForOrganization, self.organization_message()),
            Hold::Untrusted(doubt) if due.ground != Ground::Derived => said.doubt(doubt),
            Hold::ClaimsNotVisible if due.ground != Ground::Derived => pending(said, self.invisible.unwrap_or_default()),
            Hold::SecondListing => pending(said, "What no resource names is removed once a second listing calls for it; status.drift names it."),
            Hold::Repeats => pending(said, "What was made and is not so any more is made again after a while; status.drift names it."),
            Hold::AwaitsListing => pending(said, "An answer of Xopero ONE was lost, so it is listed before anything is repeated."),
            Hold::AttachFirst => pending(said, "A repository is detached once it is attached elsewhere; status.drift names it."),
            Hold::Finalizer | Hold::Order => pending(said, &self.order_message(assessment, hold)),
            // Said by NotKept, by InSync, for all that wait for a licence at once, or by the annotation itself.
            Hold::NotKept
            | Hold::Untrusted(_)
            | Hold::ClaimsNotVisible
            | Hold::SentBefore
            | Hold::SettingsNotAllowed
            | Hold::WaitsForLicence
            | Hold::Paused => {}
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

    fn may_be_meant(&self, other: u32, items: &str) -> String {
        let other = usize::try_from(other)
            .ok()
            .and_then(|rank| self.claims.get(rank))
            .map_or_else(
                || "Another resource".to_owned(),
                |claim| claim.key.to_string(),
            );
        format!(
            "{other} may name the same, since its plan is not found, its repository is not listed, or a row does not show its project: \
             not made before that is known: {items}. Correct what it names, see status.notShown of the connection, or wait: what is \
             not listed for three days is taken to be gone."
        )
    }

    fn setter(&self, place: u32) -> String {
        let setter = self.input.elsewhere.setter(place);
        setter.map_or_else(
            || "Another resource, on another organization,".to_owned(),
            |setter| format!("{}, on {},", setter.key, setter.organization),
        )
    }

    fn set_elsewhere(&self, place: u32, items: &str) -> String {
        format!(
            "{} declares other settings for this plan and is older, so it keeps what is in dispute. Change or delete one of the two: \
             {items}.",
            self.setter(place)
        )
    }

    fn may_be_set_elsewhere(&self, place: u32) -> String {
        format!(
            "{} is older, declares other settings, and may mean this plan: that organization is about to be read, and settings are sent \
             after that.",
            self.setter(place)
        )
    }

    fn conflict(&self, claim: &Claim, other: u32, items: &str) -> String {
        let other = usize::try_from(other)
            .ok()
            .and_then(|rank| self.claims.get(rank));
        let Some(other) = other else {
            return format!("Another resource declares the contrary: {items}.");
        };
        let key = &other.key;
        if other.age() < claim.age() {
            format!(
                "{key} declares the contrary and is older, so it keeps what is in dispute. Change or delete one of the \
                 two: {items}."
            )
        } else {
            format!(
                "{key} declares the contrary, so nothing is taken from it. Change or delete one of the two: {items}."
            )
        }
    }

    /// What a hold concerns, in words.
    fn items_of(&self, assessment: &Assessment, hold: Hold) -> String {
        let concerned = assessment
            .dues
            .iter()
            .filter(|due| due.hold == Some(hold))
            .map(|due| due.change);
        self.items(concerned)
    }
}

fn ready(assessment: &Assessment, writes: &Writes) -> Statement {
    if *writes == Writes::Observe {
        let message = "The organization is in Observe mode: nothing is written. InSync and status.drift say what \
                       Manage would change.";
        return Statement::new(ConditionType::Ready, Truth::True, Reason::Observed, message);
    }
    let message = match (assessment.dues.is_empty(), assessment.unseen.is_empty()) {
        (true, true) => "Everything declared is in force.",
        (true, false) => "Everything declared was sent; this Xopero ONE does not show all of it.",
        (false, _) => {
            "What can be done is done; status.drift names what is held back, and InSync says why."
        }
    };
    Statement::new(
        ConditionType::Ready,
        Truth::True,
        Reason::Converged,
        message,
    )
}

/// What is said of a change at which the server fails.
fn failed(status: Option<u16>, due: &Due, items: &str) -> String {
    let how = status.map_or_else(
        || "gives no usable answer when asked for".to_owned(),
        |status| format!("answers with status {status} when asked for"),
    );
    let pool = if matches!(due.change, Change::Activate(_)) {
        EMPTY_POOL
    } else {
        ""
    };
    format!(
        "Xopero ONE {how}: {items}. It is asked again at growing intervals, or at once after xopero.dev/reconcile-requested-at.{pool}"
    )
}

/// What is said of a change that the server refuses.
fn refused(status: u16) -> String {
    if [401, 403].contains(&status) {
        return format!(
            "Xopero ONE does not permit this to the account (status {status}), as it permits the same for others; give it the permission for these too: that is noticed within a day, or at once after xopero.dev/reconcile-requested-at on the connection and then here"
        );
    }
    format!(
        "Xopero ONE refused with status {status}; it is asked again at growing intervals, or at once after xopero.dev/reconcile-requested-at; do it by hand to see why, and if that works, see --wire-names"
    )
}
