//! `licenses.unclaimed: Deactivate`: licences that nobody wants, with the organization itself as the claim.

use super::{
    Change, Due, Ground, Hold, Input, Writes,
    assess::{Assessment, Scene},
    memory::Effect,
};
use crate::{api::Unclaimed, inventory::Licence};

/// A licence that no claim wants, of a repository that is in no plan and not removed upstream.
pub(super) fn assess(input: &Input<'_>, scene: Scene<'_>) -> Assessment {
    let mut assessment = Assessment::default();
    if input.organization.unclaimed == Unclaimed::Keep {
        return assessment;
    }
    for (row, repository) in input.inventory.rows_by_name() {
        if repository.removed || scene.namers.protects_licence(row) {
            continue;
        }
        let change = Change::Deactivate(repository.id);
        let (own, memory) = (&input.organization.uid, input.memory);
        match (repository.licence, repository.plans.shown()) {
            (Licence::Held, Some([]))
                if repository.may_be_removed
                    || scene.namers.may_mean(row)
                    || input.may_be_in_plans_by_project(repository) =>
            {
                assessment.not_judged = true;
            }
            (Licence::Held, Some([])) => {
                assessment.stubborn |= memory.is_not_kept(own, change);
                assessment.dues.push(Due {
                    change,
                    ground: Ground::Derived,
                    hold: hold(input, scene, change),
                });
            }
            (Licence::Unknown, _) | (Licence::Held, None) => assessment.not_judged = true,
            (Licence::NotHeld, _) | (Licence::Held, Some(_)) => {}
        }
    }
    assessment
}

fn hold(input: &Input<'_>, scene: Scene<'_>, change: Change) -> Option<Hold> {
    // The organization is paused as this claim is.
    if input.organization.writes == Writes::Paused {
        return Some(Hold::Paused);
    }
    let own = &input.organization.uid;
    scene.hold(own, change, Ground::Derived, Effect::Shown)
}
