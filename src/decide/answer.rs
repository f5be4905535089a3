//! What an answer changes: in what is remembered, and in what is known to be there. One place, so that the operator, its tests
//! and the model take answers in alike.

use std::collections::BTreeSet;

use k8s_openapi::jiff::Timestamp;

use super::{
    Action, Admitted, Change, Decision, Ledger, Memory, Sent, licences::effect_of_licences,
    memory::outcomes::is_undone, removals::in_turn,
};
use crate::inventory::{Inventory, Licence, PlanId, ProjectMembership};

/// HTTP: what the request names is not there.
const NOT_FOUND: u16 = 404;
/// HTTP: it is so already, or something else is in the way.
const CONFLICT: u16 = 409;

impl Change {
    /// The action that makes this removal; `None` for what takes nothing away.
    pub fn removal(self) -> Option<Action> {
        match self {
            Self::Detach(plan, id) => Some(Action::Detach(plan, id)),
            Self::DetachProject(plan, id) => Some(Action::DetachProject(plan, id)),
            Self::Deactivate(id) => Some(Action::Deactivate(id)),
            Self::Remove(id) => Some(Action::Remove(id)),
            Self::Activate(_) | Self::Attach(..) | Self::AttachProject(..) | Self::Modify(_) => {
                None
            }
        }
    }
}

impl Decision {
    /// The plan to which this action has sent settings, with their digest; or `None` for it, where it is not known which are in force.
    pub fn settings_sent(
        &self,
        (action, sent): (&Action, &Sent),
    ) -> Option<(PlanId, Option<String>)> {
        let (Action::ModifyPlan(plan, _) | Action::ModifyAzurePlan(plan, _)) = action else {
            return None;
        };
        let (_, digest) = self.settings.get(plan)?;
        match sent {
            Sent::Confirmed => Some((*plan, Some(digest.clone()))),
            Sent::Lost | Sent::Failed(_) => Some((*plan, None)),
            Sent::Refused(_) | Sent::NotDone | Sent::NotPermitted(_) => None,
        }
    }

    /// The next step of removals: of the oldest set that may go, those whose turn it is, no more than are sent at once. A crash
    /// costs one step.
    pub fn step(&self, in_flight: usize) -> Option<(&Admitted, BTreeSet<Change>)> {
        let admitted = self.removals.first()?;
        let step = in_turn(&admitted.changes)
            .into_iter()
            .take(in_flight)
            .collect();
        Some((admitted, step))
    }
}

impl Memory {
    /// Takes in what became of an action of `decision`, as it is understood. The inventory takes it up only if it was confirmed.
    pub fn note_answer(
        &mut self,
        (decision, action): (&Decision, &Action),
        sent: &Sent,
        (inventory, ledger): (&mut Inventory, &mut Ledger),
        now: Timestamp,
    ) {
        let listing = inventory.listing();
        if let Action::Activate(ids) = action {
            let effect = effect_of_licences(ids, inventory);
            self.note_activation(ids, sent, effect, (now, listing));
        }
        if let Some((plan, digest)) = decision.settings_sent((action, sent))
            && let Some((uid, _)) = decision.settings.get(&plan)
        {
            self.note_settings(uid, digest, plan, inventory);
        }
        if *sent == Sent::Confirmed {
            take_up(inventory, action);
            self.note_licences(action);
            if let Action::Remove(id) = action {
                self.note_removed(*id);
            }
        }
        if let (Action::Activate(ids), Sent::Failed(status)) = (action, sent)
            && ids.len() > 1
        {
            self.note_batch_failed(ids, *status, now, listing);
            return;
        }
        for change in action.changes() {
            ledger.note_sent(change, sent);
            self.note_sent(change, sent, now, listing);
            if *sent == Sent::Confirmed {
                for (uid, generation) in decision.unseen.get(&change).into_iter().flatten() {
                    self.note_sent_once(uid, *generation, change);
                }
            }
        }
    }
}

impl Sent {
    /// Whether the answer, as it is understood, may come from what the last listing shows and is not so any more: somebody else took
    /// away what was to be taken away.
    pub fn doubts_listing(&self, action: &Action) -> bool {
        let changes = action.changes();
        matches!(self, Self::Refused(_)) && changes.iter().any(|change| change.is_removal())
    }
}

impl Memory {
    /// What an answer means for an action. Where a removal is answered with 404, there is nothing to remove, and it is done, if no
    /// listing shows otherwise. One that the last listing shows is not gone: the answer may speak of something else, or be that of
    /// a proxy. That a project is in a plan is only concluded, from its repositories, which may as well be there one by one: when
    /// said again, it is believed. Where an attachment is answered with 409, and no listing shows what is in the plan, it is there as far
    /// as can be known.
    pub fn understand(&self, action: &Action, sent: Sent, inventory: &Inventory) -> Sent {
        let changes = action.changes();
        if sent == Sent::Refused(CONFLICT)
            && changes
                .iter()
                .all(|change| may_be_attached(*change, inventory))
        {
            return Sent::Confirmed;
        }
        if sent != Sent::Refused(NOT_FOUND) || !changes.iter().any(|change| change.is_removal()) {
            return sent;
        }
        let is_shown = |change: &Change| {
            let is_concluded = matches!(change, Change::DetachProject(..));
            is_undone(*change, inventory) && !(is_concluded && self.was_refused(*change, NOT_FOUND))
        };
        if changes.iter().any(is_shown) {
            sent
        } else {
            Sent::Confirmed
        }
    }
}

/// Whether it is an attachment of which listings do not show whether it is there.
fn may_be_attached(change: Change, inventory: &Inventory) -> bool {
    match change {
        Change::Attach(plan, id) => {
            let row = inventory.row(id).and_then(|row| inventory.repository(row));
            row.is_none_or(|repository| repository.plans.contains(plan).is_none())
        }
        Change::AttachProject(plan, id) => {
            inventory.project_membership(id, plan) == ProjectMembership::Unknown
        }
        Change::Activate(_)
        | Change::Modify(_)
        | Change::Detach(..)
        | Change::DetachProject(..)
        | Change::Deactivate(_)
        | Change::Remove(_) => false,
    }
}

fn take_up(inventory: &mut Inventory, action: &Action) {
    match action {
        Action::Activate(ids) => {
            for id in ids {
                inventory.confirm_licence(*id, Licence::Held);
            }
        }
        Action::Deactivate(id) => inventory.confirm_licence(*id, Licence::NotHeld),
        Action::Attach(plan, id) => inventory.confirm_attached(*plan, *id),
        Action::Detach(plan, id) => inventory.confirm_detached(*plan, *id),
        Action::AttachProject(plan, id) => inventory.confirm_project_attached(*plan, *id),
        Action::DetachProject(plan, id) => inventory.confirm_project_detached(*plan, *id),
        Action::ModifyPlan(plan, declared) | Action::ModifyAzurePlan(plan, declared) => {
            inventory.confirm_settings(*plan, declared.include_metadata);
        }
        Action::Remove(id) => inventory.confirm_removed(*id),
        Action::Sync => {}
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::decide::fixtures::{
        at, organization, plan_claim, plan_id, repository, repository_id,
    };

    #[rstest]
    //                              what became of it         in the plan, as far as is known
    #[case::confirmed(Sent::Confirmed, Some(true))]
    #[case::lost(Sent::Lost, Some(false))]
    #[case::refused(Sent::Refused(409), Some(false))]
    #[case::not_done(Sent::NotDone, Some(false))]
    fn only_what_was_confirmed_is_known_to_be_there(
        #[case] sent: Sent,
        #[case] known: Option<bool>,
    ) {
        let world = organization("acme")
            .with_plan("nightly")
            .with(repository("api").licensed());
        let mut operator = world.operated([plan_claim("nightly").include(&["api"])]);
        let decision = operator.look();
        let action = Action::Attach(plan_id("nightly"), repository_id("api"));
        assert_eq!(decision.additions, std::slice::from_ref(&action));

        let inventory = &mut operator.inventory;
        let noted = (&mut *inventory, &mut operator.ledger);
        operator
            .memory
            .note_answer((&decision, &action), &sent, noted, at(1));

        let row = inventory
            .row(repository_id("api"))
            .and_then(|row| inventory.repository(row));
        assert_eq!(
            row.and_then(|row| row.plans.contains(plan_id("nightly"))),
            known
        );
    }
}
