//! The path without faults: from any state, once everything is told and nothing fails any more, the system comes to rest, and at
//! rest everything is as declared, or a resource says who has to help.

use std::time::Duration;

use super::{events::Consistency, monitor::Monitor, system::System};
use crate::{
    api::{
        DriftItem, Reason,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Change, Claim, ClaimKind, Life, Standing, Verdict, Why, Writes,
        fixtures::in_sync,
        tests::oracle::{Oracle, View},
    },
};

/// Listings after which it must be at rest. The longest way: every removal of an hour of its own, and waits that double up to a day.
const MOST_LISTINGS: usize = 300;

impl System {
    /// Follows the path without faults to its end. `waits` is for how long nothing must be sent before it counts as at rest: past
    /// every wait for what was refused or undone. `known` ends the path early: the rest of it was followed before.
    pub(super) fn come_to_rest(
        &mut self,
        waits: &[Duration],
        known: &mut dyn FnMut(&Self) -> bool,
    ) -> Result<(), String> {
        self.heal();
        let mut quiet = 0;
        for _ in 0..MOST_LISTINGS {
            if known(self) {
                return Ok(());
            }
            let before = self.world.received.len();
            self.run();
            if let Some(violation) = &self.monitor.violation {
                return Err(violation.clone());
            }
            if self.world.received.len() > before || self.approve_what_may_be_renamed() {
                quiet = 0;
            }
            let Some(wait) = waits.get(quiet) else {
                return self.is_as_it_should_be();
            };
            self.wait(*wait);
            quiet += 1;
        }
        Err(format!(
            "never at rest: {:?}",
            self.world.journal.iter().rev().take(8)
        ))
    }

    /// From now on nothing fails and nothing is behind.
    fn heal(&mut self) {
        self.consistency = Consistency::Current;
        for action in std::mem::take(&mut self.late) {
            self.world.land(&action);
        }
        self.world.end_to_synchronize();
        self.deliver_all();
    }

    /// A person says of what is held only for its name that it is meant. Says whether there was anything new to say.
    fn approve_what_may_be_renamed(&mut self) -> bool {
        let held = self.decide().organization.held;
        let approvals = &mut self.store.organization.approvals;
        let before = approvals.len();
        for held in held.into_iter().filter(|held| held.why == Why::Renamed) {
            if !approvals.contains(&held.token) {
                approvals.push(held.token);
            }
        }
        let is_new = approvals.len() > before;
        if is_new {
            self.deliver_all();
        }
        is_new
    }

    fn is_as_it_should_be(&self) -> Result<(), String> {
        let decision = self.decide();
        let claims = self.store.claims();
        let stalled = |verdict: &Verdict| says(verdict, ConditionType::Stalled).is_some();
        for verdict in &decision.verdicts {
            let claim = claims.iter().find(|claim| claim.uid == verdict.uid);
            let claim =
                claim.ok_or_else(|| format!("a verdict on {} that is gone", verdict.key))?;
            if claim.paused || stalled(verdict) {
                continue;
            }
            let said = format!(
                "{}: {:?} {:?}",
                verdict.key, verdict.statements, verdict.drift
            );
            if let Some(reason) = says(verdict, ConditionType::Reconciling) {
                if !self.waits_for_a_person(verdict, reason, &decision.verdicts) {
                    return Err(format!("neither in sync nor stalled: {said}"));
                }
                continue;
            }
            let (truth, reason) = in_sync(&verdict.statements);
            let observes = self.store.organization.writes == Writes::Observe;
            // Another resource is Stalled for it, and Ready speaks of this one.
            let unreadable = |claim: &Claim| matches!(claim.standing, Standing::Unreadable { .. });
            let cannot_know = reason == Reason::ClaimsNotVisible && claims.iter().any(unreadable);
            // Said there, and nothing is removed: a person has to correct the pattern.
            let matches_nothing = reason == Reason::NothingMatched;
            // No endpoint lists projects: without living rows nothing shows where one is.
            let not_shown = reason == Reason::NotVisible && claim.key.kind != ClaimKind::Repository;
            let excused = observes || cannot_know || matches_nothing || not_shown;
            if truth != Truth::True && !excused {
                return Err(format!("ready and not in sync: {said}"));
            }
        }
        // Undone by others again and again, or not shown: said so, and not done again.
        let given_up = decision.verdicts.iter().any(|verdict| {
            says(verdict, ConditionType::Stalled) == Some(Reason::NotKept)
                || [Reason::NotKept, Reason::NotVisible].contains(&in_sync(&verdict.statements).1)
        });
        if self.store.organization.writes != Writes::All || given_up {
            return Ok(());
        }
        let oracle = Oracle::over(View {
            organization: &self.store.organization,
            claims: &claims,
            world: &self.world,
            doubt: None,
        });
        // The same for a project, also where the claim is Stalled for something else: with its repositories neither all in the plan
        // nor seen to follow, it is not known whether the attachment holds.
        let memory = &self.process.memory;
        let sent_unseen = |claim: &Claim, plan, project| {
            let change = Change::AttachProject(plan, project);
            let sent = claim.remembered.attached_once.is_some()
                || memory.was_confirmed_once(&claim.uid, claim.generation, change);
            sent && !memory.projects().rows_follow()
        };
        let undone = oracle.undone_beside(sent_unseen);
        if !undone.is_empty() {
            return Err(format!("not done: {undone:?}"));
        }
        let left = claims.iter().find(|claim| {
            let verdict = decision
                .verdicts
                .iter()
                .find(|verdict| verdict.uid == claim.uid);
            claim.life == Life::Leaving
                && claim.standing == Standing::Accepted
                && !claim.paused
                && !verdict.is_some_and(stalled)
        });
        left.map_or(Ok(()), |claim| {
            let left = oracle.left_of(&claim.uid);
            if left.is_empty() && oracle.waits_for_another(&claim.uid) {
                return Ok(());
            }
            Err(format!(
                "{} is not let go, and this is left: {left:?}",
                claim.key
            ))
        })
    }

    /// What goes on only when somebody changes another declaration, and is not Stalled itself: its organization is stopped, or it
    /// waits for what another resource attaches first, and that one is paused or says who has to help.
    fn waits_for_a_person(&self, verdict: &Verdict, reason: Reason, verdicts: &[Verdict]) -> bool {
        if self.store.organization.writes != Writes::All {
            return [Reason::WaitingForOrganization, Reason::Deleting].contains(&reason);
        }
        let stands_elsewhere = verdicts.iter().any(|other| {
            other.uid != verdict.uid
                && (says(other, ConditionType::Stalled).is_some()
                    || says(other, ConditionType::Paused).is_some())
        });
        let detaches = |item: &DriftItem| item.action.starts_with("Detach");
        let items = || verdict.drift.iter().flat_map(|drift| &drift.items);
        // What else a clean-up does comes after that.
        let waits_with = |item: &DriftItem| {
            items().any(|other| detaches(other) && other.held.is_some() && other.name == item.name)
        };
        stands_elsewhere
            && items().all(|item| detaches(item) || waits_with(item))
            && [Reason::Pending, Reason::Deleting].contains(&reason)
    }

    /// What was broken so far.
    pub(super) fn violation(&self) -> Option<&str> {
        let Monitor { violation, .. } = &self.monitor;
        violation.as_deref()
    }
}

fn says(verdict: &Verdict, type_: ConditionType) -> Option<Reason> {
    let mut statements = verdict.statements.iter();
    statements
        .find(|statement| statement.type_ == type_)
        .map(|statement| statement.reason)
}
