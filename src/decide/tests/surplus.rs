//! More in a plan than its resource declares: what there is to remove.

use crate::decide::{
    Claim,
    fixtures::{World, organization, plan_claim, repository},
};

/// A plan that holds `api` and, though nobody selects them, so many others.
pub(super) fn surplus(others: usize) -> World {
    let mut world = organization("acme").with(repository("api").licensed().in_plan("nightly"));
    for number in 0..others {
        let name = format!("old-{number:02}");
        world = world.with(repository(&name).licensed().in_plan("nightly"));
    }
    world
}

pub(super) fn exclusive() -> Claim {
    plan_claim("nightly").include(&["api"]).exclusive()
}
