//! What a resource's status is to say: statements and counts, from what was assessed and what was held back.

mod about;
mod drift;
mod in_sync;
mod progress;
mod said;
mod wording;

use std::sync::Arc;

use super::{
    Admitted, Claim, ClaimKey, Due, Input, Life, Wants, Writes,
    assess::{Assessment, Sending},
    backup::{self, LastRun},
    missing,
    named::Named,
    removals::Held,
    resolve::Resolution,
};
use crate::{
    api::{
        DriftStatus, Reason,
        conditions::{ConditionType, Statement, Truth},
    },
    inventory::{PlanId, ProjectId, RepositoryId},
};

pub use drift::about;
pub(super) use in_sync::differing;
pub(super) use said::Said;
pub use wording::{counted, listed};
pub(super) use wording::{first_few, listed_names, quoted};

/// What the status of one resource is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Whether it is done if another listing misses as well what this one does.
    pub awaits_listing: bool,
    /// What differs from what is declared, as far as status shows it.
    pub drift: Option<DriftStatus>,
    /// How many changes are due.
    pub pending: usize,
    /// The acknowledged `xopero.dev/reconcile-requested-at`.
    pub handled: Option<String>,
    /// The digest of what was sent without being visible, once all of it was sent for this generation. `None`: status
    /// remembers none.
    pub attached_once: Option<String>,
    /// What is said of this kind alone.
    pub about: About,
}

/// What is said of one kind alone.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        /// The digest of the settings that were sent for it. `None`: none were, or others are in force since; status
        /// remembers none either.
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
        /// The names of the plans that it is in, where its repositories tell that of all plans.
        plans: Option<Vec<String>>,
    },
}

/// Writes the verdict on one claim.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) claims: &'a [&'a Claim],
    pub(super) held: &'a [Held],
    pub(super) admitted: &'a [Admitted],
    pub(super) invisible: Option<&'a str>,
}

impl Judge<'_> {
    pub(super) fn verdict(
        &self,
        claim: &Claim,
        named: &Named<'_>,
        assessment: &Assessment,
    ) -> Verdict {
        let statements = self.statements(claim, named, assessment);
        // What waits for others is said in its own words, also where the status says already that work is under way.
        let under_way = !assessment.dues.iter().any(Due::waits_for_others)
            && statements.iter().any(|statement| {
                statement.type_ == ConditionType::Reconciling && statement.reason == Reason::Pending
            });
        let is_done = self.is_done(claim, named, assessment);
        let awaits_listing = is_done && missing::may_come_back(self.input, claim, named);
        Verdict {
            key: claim.key.clone(),
            uid: Arc::clone(&claim.uid),
            generation: claim.generation,
            statements,
            settled: !under_way,
            released: is_done && !awaits_listing,
            awaits_listing,
            drift: self.drift(&assessment.dues),
            pending: assessment.dues.len(),
            handled: claim.requested.clone(),
            attached_once: attached_once(claim, assessment),
            about: self.about(claim, named, assessment),
        }
    }

    /// Nothing of the clean-up is left, as far as this listing tells and is trusted; or there was never anything, because nothing was ever
    /// done for it. What a pause stops waits, even if it is nothing.
    fn is_done(&self, claim: &Claim, named: &Named<'_>, assessment: &Assessment) -> bool {
        if claim.was_never_accepted() {
            return claim.life == Life::Leaving && !claim.paused;
        }
        let doubtful = named.plans.iter().any(|(_, plan)| is_doubtful(plan))
            || named.misses_a_plan() && !self.input.inventory.lists_all_plans()
            || named.repository.as_ref().is_some_and(is_doubtful)
            || named.project.as_ref().is_some_and(is_doubtful)
            || assessment.not_judged;
        let works = match self.input.organization.writes {
            Writes::All | Writes::Observe | Writes::Conflict(_) => true,
            Writes::Paused => false,
        };
        claim.life == Life::Leaving
            && claim.takes_part()
            && !claim.paused
            && works
            && self.input.distrust().is_none()
            && !doubtful
            && assessment.dues.is_empty()
    }

    fn statements(
        &self,
        claim: &Claim,
        named: &Named<'_>,
        assessment: &Assessment,
    ) -> Vec<Statement> {
        let mut statements = vec![self.in_sync(claim, assessment)];
        if claim.may_see()
            && let Wants::Plan(wants) = &claim.wants
            && let Some((_, Resolution::Found(id))) = named.plans.first()
            && let Some(plan) = self.input.inventory.plans().get(id)
        {
            statements.push(backup::health(plan, wants.max_age, self.input.now));
        }
        if claim.paused {
            statements.push(paused(claim.life));
            return statements;
        }
        statements.push(self.progress(claim, assessment));
        statements
    }
}

/// What a claim says that a person has paused.
pub fn paused(life: Life) -> Statement {
    let message = if life == Life::Leaving {
        "The resource is paused by xopero.dev/paused: nothing is written for it, and its deletion waits until the \
         annotation is gone."
    } else {
        "The resource is paused by xopero.dev/paused: nothing is written for it."
    };
    Statement::new(
        ConditionType::Paused,
        Truth::True,
        Reason::Requested,
        message,
    )
}

/// What was sent without being visible, once all of it was. A claim that cannot be judged forgets nothing of it.
fn attached_once(claim: &Claim, assessment: &Assessment) -> Option<String> {
    if assessment.unseen_digest.is_none() && !assessment.problems.is_empty() {
        let remembered = claim.remembered.attached_once.as_ref();
        return remembered
            .filter(|(generation, _)| *generation == claim.generation)
            .map(|(_, digest)| digest.clone());
    }
    assessment
        .unseen_digest
        .clone()
        .filter(|_| assessment.sending != Sending::Left)
}

fn is_doubtful<T>(resolution: &Resolution<T>) -> bool {
    match resolution {
        Resolution::Renamed(..) | Resolution::Ambiguous(..) => true,
        Resolution::Found(_) | Resolution::Another(..) | Resolution::NotFound => false,
    }
}
