//! Organizations: their listing, and their synchronization.

use std::time::Instant;

use serde_json::Value;

use super::{Replied, Window, is_descending, plans, unknown};
use crate::{
    call::Call,
    dialect::{OrganizationPlans, Row},
    names::Shape,
    reply::Reply,
    world::{Counts, Organization, World},
};

pub(super) fn list(world: &mut World, call: &Call) -> Replied {
    let window = Window::of(world, call)?;
    let mut ids: Vec<_> = world
        .organizations
        .iter()
        .map(|organization| organization.id)
        .collect();
    if is_descending(world, call) {
        ids.reverse();
    }
    let total = ids.len();
    let page: Vec<_> = ids
        .into_iter()
        .skip(window.skipped())
        .take(window.limit)
        .map(|id| (id, world.counts(id)))
        .collect();
    let rows = page
        .into_iter()
        .filter_map(|(id, counts)| Some(row(world, world.organization(id)?, counts)))
        .collect();
    Ok(Reply::listing(rows, Some(window.paging(total))))
}

fn row(world: &World, organization: &Organization, counts: Counts) -> Value {
    let row = Row::new(&world.dialect, Shape::Organization)
        .put("id", organization.id.to_string())
        .put("driver", organization.driver)
        .put("name", organization.name.clone())
        .put("apiUrl", organization.api_url.clone())
        .put("isReadOnly", organization.is_read_only)
        .put("protectedRepositories", counts.protected)
        .put("totalRepositories", counts.total)
        .put("missingLicences", counts.missing_licences)
        .put("removedRepositories", counts.removed)
        .put(
            "defaultWorkerId",
            organization.default_worker_id.to_string(),
        )
        .put(
            "isCreatedByMarketplace",
            organization.is_created_by_marketplace,
        )
        .put(
            "synchronizationInProgress",
            organization.synchronizing.is_some(),
        );
    match world.dialect.organization_plans {
        OrganizationPlans::Shown => row.put("plans", plans::rows(world, organization)).done(),
        OrganizationPlans::Empty => row.put("plans", Vec::<Value>::new()).done(),
        OrganizationPlans::Hidden => row.done(),
    }
}

pub(super) fn synchronize(world: &mut World, call: &Call) -> Replied {
    let id = call.id(&world.dialect, "organizationId")?;
    let Some(id) = id.filter(|id| world.organization(*id).is_some()) else {
        return Ok(unknown(world, "organization"));
    };
    let began = world.start_synchronization(id, Instant::now());
    Ok(Reply::done(&world.dialect, u64::from(began)))
}
