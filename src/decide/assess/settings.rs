//! What the settings call for that a `XoperoBackupPlan` declares.

use super::{Assessing, Change, Ground, Hold};
use crate::{
    api::Reason,
    decide::{
        PlanWants, Settings,
        settings::{self, SettingsState},
    },
    inventory::PlanId,
};

impl Assessing<'_> {
    pub(super) fn settings(&mut self, wants: &PlanWants, plan: PlanId) {
        let Some(declared) = &wants.settings else {
            return;
        };
        let sent_elsewhere = self.scene.input.elsewhere.sent_last(plan);
        let listed = self.scene.inventory().plans().get(&plan);
        // What was listed before shows the plan as it was before.
        let listed = listed.filter(|_| sent_elsewhere.is_none_or(|sent| sent.listed_since));
        let memory = self.scene.input.memory;
        self.done.settings_note = memory.settings_harm(plan).map(str::to_owned);
        let change = Change::Modify(plan);
        let older = self.scene.settings.older_with_other(plan, &declared.digest);
        let digest = Some(declared.digest.clone());
        match (
            settings::judge(declared, listed, self.in_force(declared, plan)),
            older,
        ) {
            (SettingsState::Refused(message), _) => {
                self.stall(Reason::SettingsNotAllowed, message);
                self.push(change, Ground::Addition, Some(Hold::SettingsNotAllowed));
            }
            // The other's are in force: these were not sent, whatever was sent before.
            (_, Some(older)) => {
                self.done.settings_digest = None;
                self.push(change, Ground::Addition, Some(older));
            }
            // Due until an answer confirms them: sent twice they are the same settings.
            (SettingsState::Due, None) => {
                self.done.settings_digest = None;
                let awaited = self.scene.settings.awaited(plan, &declared.digest);
                self.modification(change, awaited);
            }
            (SettingsState::ChangedByOthers, None) => {
                self.done.settings_digest = digest;
                self.push(change, Ground::Addition, Some(Hold::SentBefore));
            }
            (SettingsState::AsSent, None) => {
                self.done.settings_in_force = Some(plan);
                self.done.settings_digest = digest;
            }
        }
    }

    /// The digest of the settings that are in force in the plan, if that is known.
    fn in_force(&self, declared: &Settings, plan: PlanId) -> Option<&str> {
        let input = self.scene.input;
        if input.contested() {
            return None;
        }
        if let Some(sent) = input.elsewhere.sent_last(plan) {
            return sent.digest.as_deref();
        }
        let memory = input.memory;
        let others = || {
            input
                .elsewhere
                .says_others_were_sent(plan, &declared.digest)
        };
        // Two say that theirs were sent, and this process does not know which came last.
        if !memory.has_sent_settings(plan) && others() {
            return None;
        }
        let remembered = &self.claim.remembered;
        // A plan that was made anew under its name was sent nothing.
        let is_of_plan = remembered.plan.is_none_or(|of| of == plan);
        let by_status = remembered.settings_sent.as_deref();
        memory.settings_in_force(plan, by_status.filter(|_| is_of_plan))
    }
}
