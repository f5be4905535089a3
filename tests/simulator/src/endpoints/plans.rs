//! Plans: their listing, what is attached to them, and their settings.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::{Replied, repeated, unknown};
use crate::{
    call::Call,
    dialect::{EverythingPlan, ProjectMembership, Row, UnknownOrganization},
    endpoint::Endpoint,
    ids,
    names::Shape,
    reply::Reply,
    state::{LastStatus, Method},
    world::{Organization, Plan, World},
};

pub(super) fn list(world: &mut World, call: &Call) -> Replied {
    let rows = match call.id(&world.dialect, "organizationId")? {
        Some(id) => match world.organization(id) {
            Some(organization) => rows(world, organization),
            None => match world.dialect.unknown_organization {
                UnknownOrganization::NotFound => {
                    return Ok(Reply::refused(404, "there is no such organization"));
                }
                UnknownOrganization::ServerError => {
                    return Ok(Reply::refused(500, "an error occurred"));
                }
                UnknownOrganization::EmptyPage => Vec::new(),
            },
        },
        // Asked of no organization, it answers with everything.
        None => world
            .organizations
            .iter()
            .flat_map(|organization| rows(world, organization))
            .collect(),
    };
    Ok(Reply::listing(rows, None))
}

pub(super) fn rows(world: &World, organization: &Organization) -> Vec<Value> {
    organization
        .plans
        .iter()
        .filter_map(|id| Some((*id, world.plans.get(id)?)))
        .map(|(id, plan)| row(world, id, plan, world.repo_count(id, organization.id)))
        .collect()
}

fn row(world: &World, id: Uuid, plan: &Plan, repo_count: usize) -> Value {
    let last_status = plan.last_status.map(|last_status| {
        let LastStatus {
            successes,
            warnings,
            errors,
        } = last_status;
        Row::new(&world.dialect, Shape::LastStatus)
            .put("successes", successes)
            .put("warnings", warnings)
            .put("errors", errors)
            .done()
    });
    let row = Row::new(&world.dialect, Shape::Plan)
        .put("id", id.to_string())
        .put("name", plan.name.clone())
        .put("backupType", plan.backup_type)
        .put("includeMetadata", plan.include_metadata)
        .put("repoCount", repo_count)
        .put("lastStatus", last_status)
        .put("planFinishedTime", plan.plan_finished_time)
        .put("isRunning", plan.is_running);
    match world.dialect.project_membership {
        ProjectMembership::OnPlans => {
            let projects: Vec<String> = plan.projects.iter().map(Uuid::to_string).collect();
            row.put("projects", projects).done()
        }
        ProjectMembership::OnRepositories | ProjectMembership::Hidden => row.done(),
    }
}

/// A plan that no organization has.
pub(crate) fn foreign_plan_row(world: &World) -> Value {
    Row::new(&world.dialect, Shape::Plan)
        .put(
            "id",
            ids::plan("another organization", "foreign").to_string(),
        )
        .put("name", "foreign")
        .put("backupType", 0)
        .put("includeMetadata", false)
        .put("repoCount", 0)
        .put("lastStatus", Value::Null)
        .put("planFinishedTime", Value::Null)
        .put("isRunning", false)
        .done()
}

/// A pair that both exist and belong together, or the answer if not.
enum Pair {
    Found { plan: Uuid, member: Uuid },
    Refused(Reply),
}

/// Which kind of thing is paired with a plan.
#[derive(Clone, Copy)]
enum Member {
    Repository,
    Project,
}

fn pair(world: &World, call: &Call, member: Member) -> Result<Pair, crate::call::Malformed> {
    let (field, what) = match member {
        Member::Repository => ("repositoryId", "repository"),
        Member::Project => ("projectId", "project"),
    };
    let plan = call.id(&world.dialect, "planId")?;
    let member_id = call.id(&world.dialect, field)?;
    let Some((plan, found)) = plan.and_then(|id| Some((id, world.plans.get(&id)?))) else {
        return Ok(Pair::Refused(unknown(world, "plan")));
    };
    let organization = member_id.and_then(|id| match member {
        Member::Repository => world.repositories.get(&id).map(|found| found.organization),
        Member::Project => world.projects.get(&id).map(|found| found.organization),
    });
    let (Some(member_id), Some(organization)) = (member_id, organization) else {
        return Ok(Pair::Refused(unknown(world, what)));
    };
    if !found.organizations.contains(&organization) {
        let detail = "the plan is not assigned to the organization";
        return Ok(Pair::Refused(Reply::refused(400, detail)));
    }
    if matches!(member, Member::Project) && !found.azure {
        let detail = "the plan is none of Azure DevOps";
        return Ok(Pair::Refused(Reply::refused(400, detail)));
    }
    if found.selection.method == Method::Everything {
        return Ok(Pair::Refused(match world.dialect.everything_plan {
            EverythingPlan::Refuses => Reply::refused(400, "the plan protects everything"),
            EverythingPlan::Accepts => Reply::done(&world.dialect, 0),
        }));
    }
    Ok(Pair::Found {
        plan,
        member: member_id,
    })
}

pub(super) fn attach_repository(world: &mut World, call: &Call) -> Replied {
    Ok(match pair(world, call, Member::Repository)? {
        Pair::Refused(reply) => reply,
        Pair::Found { plan, member } => {
            let changes = u64::from(world.attach(plan, member));
            changed(world, changes, world.dialect.double_attach)
        }
    })
}

pub(super) fn detach_repository(world: &mut World, call: &Call) -> Replied {
    Ok(match pair(world, call, Member::Repository)? {
        Pair::Refused(reply) => reply,
        Pair::Found { plan, member } => {
            let changes = u64::from(world.detach(plan, member));
            changed(world, changes, world.dialect.double_detach)
        }
    })
}

pub(super) fn attach_project(world: &mut World, call: &Call) -> Replied {
    Ok(match pair(world, call, Member::Project)? {
        Pair::Refused(reply) => reply,
        Pair::Found { plan, member } => {
            let changes = world.attach_project(plan, member);
            changed(world, changes, world.dialect.double_attach)
        }
    })
}

pub(super) fn detach_project(world: &mut World, call: &Call) -> Replied {
    Ok(match pair(world, call, Member::Project)? {
        Pair::Refused(reply) => reply,
        Pair::Found { plan, member } => {
            let changes = world.detach_project(plan, member);
            changed(world, changes, world.dialect.double_detach)
        }
    })
}

fn changed(world: &World, changes: u64, repeat: crate::dialect::Repeat) -> Reply {
    if changes == 0 {
        repeated(world, repeat)
    } else {
        Reply::done(&world.dialect, changes)
    }
}

pub(super) fn modify(world: &mut World, call: &Call) -> Replied {
    let plan = call.id(&world.dialect, "planId")?;
    let Some((plan, found)) = plan.and_then(|id| Some((id, world.plans.get(&id)?))) else {
        return Ok(unknown(world, "plan"));
    };
    if found.azure != (call.endpoint == Endpoint::ModifyAzurePlan) {
        let detail = "the plan is one of another Git service";
        return Ok(Reply::refused(400, detail));
    }
    let mut sent: BTreeMap<String, Value> = call
        .unknown_fields(&world.dialect)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(value) = call.field(&world.dialect, "includeMetadata") {
        sent.insert("includeMetadata".to_owned(), value.clone());
    }
    let modified = world.modify(plan, sent);
    Ok(Reply::done(&world.dialect, u64::from(modified)))
}
