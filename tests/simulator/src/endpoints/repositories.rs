//! Repositories: their listing, their licences, their removal from the system.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;

use super::{Replied, Window, is_descending, is_shown, unknown};
use crate::{
    call::Call,
    dialect::{ProjectMembership, Row, ShortPool, UnknownId, UnknownOrganization},
    ids,
    names::Shape,
    reply::Reply,
    world::{Organization, Repository, World},
};

pub(super) fn list(world: &mut World, call: &Call) -> Replied {
    let window = Window::of(world, call)?;
    world.reattach();
    let listed: Vec<&Organization> = match call.id(&world.dialect, "organizationId")? {
        Some(id) => match (world.organization(id), world.dialect.unknown_organization) {
            (Some(organization), _) => vec![organization],
            (None, UnknownOrganization::EmptyPage) => Vec::new(),
            (None, UnknownOrganization::ServerError) => {
                return Ok(Reply::refused(500, "an error occurred"));
            }
            (None, UnknownOrganization::NotFound) => {
                return Ok(Reply::refused(404, "there is no such organization"));
            }
        },
        // Asked of no organization, it answers with everything.
        None => world.organizations.iter().collect(),
    };
    let removed_shown = is_shown(world.dialect.removed_rows);
    let places = listed
        .iter()
        .flat_map(|organization| &organization.repositories);
    let total = if removed_shown {
        listed.iter().map(|found| found.repositories.len()).sum()
    } else {
        places
            .clone()
            .filter(|place| is_living(world, place.id))
            .count()
    };
    let ids = places
        .map(|place| place.id)
        .filter(|id| removed_shown || is_living(world, *id));
    let page: Vec<Uuid> = if is_descending(world, call) {
        ids.rev()
            .skip(window.skipped())
            .take(window.limit)
            .collect()
    } else {
        ids.skip(window.skipped()).take(window.limit).collect()
    };
    let rows = page
        .into_iter()
        .filter_map(|id| Some(row(world, id, world.repositories.get(&id)?)))
        .collect();
    Ok(Reply::listing(rows, Some(window.paging(total))))
}

fn is_living(world: &World, id: Uuid) -> bool {
    let found = world.repositories.get(&id);
    found.is_some_and(|repository| !repository.removed)
}

fn row(world: &World, id: Uuid, repository: &Repository) -> Value {
    let dialect = &world.dialect;
    let mut row = Row::new(dialect, Shape::Repository)
        .put("id", id.to_string())
        .put("name", repository.name.clone())
        .put("isRemoved", repository.removed);
    if is_shown(dialect.repository_organization) {
        row = row.put("organizationId", repository.organization.to_string());
    }
    let project = repository.project;
    if let Some((project_id, project)) =
        project.and_then(|project| Some((project, world.projects.get(&project)?)))
    {
        row = row
            .put("projectId", project_id.to_string())
            .put("projectName", project.name.clone());
    }
    if is_shown(dialect.licences) {
        row = row.put("hasLicence", repository.licensed);
    }
    if is_shown(dialect.repository_plans) {
        row = row.put("plans", plan_references(world, repository));
    }
    row.done()
}

fn plan_references(world: &World, repository: &Repository) -> Vec<Value> {
    let covering = world.covering_plans(repository);
    let covering = covering.filter(|plan| {
        world.dialect.project_membership == ProjectMembership::OnRepositories
            && !repository.plans.contains(plan)
    });
    repository
        .plans
        .iter()
        .copied()
        .chain(covering)
        .filter_map(|id| Some((id, world.plans.get(&id)?)))
        .map(|(id, plan)| {
            Row::new(&world.dialect, Shape::PlanReference)
                .put("id", id.to_string())
                .put("name", plan.name.clone())
                .done()
        })
        .collect()
}

/// A repository of an organization that is none of those listed.
pub(crate) fn foreign_repository_row(world: &World) -> Value {
    let foreign = Repository {
        organization: ids::organization("another organization"),
        name: "foreign".to_owned(),
        project: None,
        licensed: false,
        removed: false,
        plans: BTreeSet::new(),
    };
    let id = ids::repository("another organization", None, "foreign");
    row(world, id, &foreign)
}

pub(super) fn activate(world: &mut World, call: &Call) -> Replied {
    let Some(ids) = known(world, call.ids(&world.dialect, "repositoryIds")?) else {
        return Ok(unknown(world, "repository"));
    };
    let mut seen = BTreeSet::new();
    let mut wanted = ids;
    wanted.retain(|id| {
        let found = world.repositories.get(id);
        found.is_some_and(|repository| !repository.licensed) && seen.insert(*id)
    });
    if let Some(left) = world.licences_left().filter(|left| *left < wanted.len()) {
        match world.dialect.short_pool {
            ShortPool::Refused => {
                return Ok(Reply::refused(400, "not enough licences are left"));
            }
            ShortPool::Partial => wanted.truncate(left),
        }
    }
    let mut changes = 0;
    for id in wanted {
        changes += u64::from(world.set_licence(id, true));
    }
    Ok(Reply::done(&world.dialect, changes))
}

pub(super) fn deactivate(world: &mut World, call: &Call) -> Replied {
    let Some(ids) = known(world, call.ids(&world.dialect, "repositoryIds")?) else {
        return Ok(unknown(world, "repository"));
    };
    let mut changes = 0;
    for id in ids {
        changes += u64::from(world.set_licence(id, false));
    }
    Ok(Reply::done(&world.dialect, changes))
}

/// The ids that exist; none at all if one does not and the dialect makes that an error.
fn known(world: &World, ids: Vec<Uuid>) -> Option<Vec<Uuid>> {
    let asked = ids.len();
    let known: Vec<Uuid> = ids
        .into_iter()
        .filter(|id| world.repositories.contains_key(id))
        .collect();
    (known.len() == asked || world.dialect.unknown_id == UnknownId::Ignored).then_some(known)
}

pub(super) fn remove(world: &mut World, call: &Call) -> Replied {
    let id = call.id(&world.dialect, "repositoryId")?;
    let removed = id.is_some_and(|id| world.forget(id));
    if !removed {
        return Ok(unknown(world, "repository"));
    }
    Ok(Reply::done(&world.dialect, 1))
}
