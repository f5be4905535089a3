//! Anything that may be done to an operator and its world between two listings.

use proptest::prelude::*;

use super::any::{PLANS, REPOSITORIES, any_claim, any_doubt, numbered, path};
use crate::{
    api::DeletionPolicy,
    decide::{
        Claim, Service,
        fixtures::{Operator, repository_claim},
    },
    inventory::trust::Doubt,
};

/// Something that happens between two listings.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Nothing,
    Declare(Box<Claim>),
    Delete(usize),
    Respecify(usize),
    Pause(usize),
    AttachByHand(usize, usize),
    DetachByHand(usize, usize),
    LicenseByHand(usize),
    Lose(usize),
    Restart,
    Doubt(Doubt),
}

pub(super) fn any_edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        4 => Just(Edit::Nothing),
        2 => any_claim(Service::Git).prop_map(|claim| Edit::Declare(Box::new(claim))),
        2 => (0_usize..7).prop_map(Edit::Delete),
        1 => (0_usize..7).prop_map(Edit::Respecify),
        1 => (0_usize..7).prop_map(Edit::Pause),
        2 => (0_usize..7, 0_usize..3).prop_map(|(row, plan)| Edit::AttachByHand(row, plan)),
        1 => (0_usize..7, 0_usize..3).prop_map(|(row, plan)| Edit::DetachByHand(row, plan)),
        1 => (0_usize..7).prop_map(Edit::LicenseByHand),
        1 => (0_usize..7).prop_map(Edit::Lose),
        1 => Just(Edit::Restart),
        1 => any_doubt().prop_map(Edit::Doubt),
    ];
    prop::collection::vec(edit, 4..12)
}

/// One claim leaves and takes a repository out of its plan, another one puts it into a second.
pub(super) fn move_between_plans(operator: &mut Operator, row: usize, (from, to): (usize, usize)) {
    let path = path(operator.organization.service, row);
    operator.world.attach_by_hand(&path, PLANS[from]);
    operator.world.detach_by_hand(&path, PLANS[to]);
    operator.list_now();
    let (name, _) = REPOSITORIES[row];
    let leaving = repository_claim(name)
        .in_plans(&[PLANS[from]])
        .deleting_with(DeletionPolicy::Detach)
        .leaving();
    let arriving = repository_claim(name).in_plans(&[PLANS[to]]);
    operator.claims.push(numbered(leaving, 50));
    operator.claims.push(numbered(arriving, 51));
}

pub(super) fn edit(operator: &mut Operator, change: &Edit) {
    operator.doubt = None;
    match change {
        Edit::Nothing => {}
        Edit::Declare(claim) => {
            let number = operator.claims.len() + operator.world.received.len() + 100;
            let claim = numbered((**claim).clone(), number);
            if !operator.claims.iter().any(|known| known.uid == claim.uid) {
                operator.claims.push(claim);
            }
        }
        Edit::Delete(place) => {
            if let Some(claim) = operator.claims.get(*place)
                && claim.life == crate::decide::Life::Living
            {
                let name = claim.key.name.clone();
                operator.delete(&name);
            }
        }
        Edit::Respecify(place) => {
            if let Some(claim) = operator.claims.get_mut(*place) {
                claim.generation += 1;
            }
        }
        Edit::Pause(place) => {
            if let Some(claim) = operator.claims.get_mut(*place) {
                claim.paused = !claim.paused;
            }
        }
        Edit::AttachByHand(row, plan) => {
            let path = path(operator.organization.service, *row);
            operator.world.attach_by_hand(&path, PLANS[*plan]);
            operator.list_now();
        }
        Edit::DetachByHand(row, plan) => {
            let path = path(operator.organization.service, *row);
            operator.world.detach_by_hand(&path, PLANS[*plan]);
            operator.list_now();
        }
        Edit::LicenseByHand(row) => {
            let path = path(operator.organization.service, *row);
            operator.world.license_by_hand(&path);
            operator.list_now();
        }
        Edit::Lose(row) => {
            let path = path(operator.organization.service, *row);
            operator.world.lose(&path);
            operator.list_now();
        }
        Edit::Restart => operator.restart(),
        Edit::Doubt(doubt) => operator.doubt = Some(*doubt),
    }
}
