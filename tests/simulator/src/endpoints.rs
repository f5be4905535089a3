//! The 14 endpoints, by subject. Who may call is asked here, once.

mod account;
mod organizations;
mod plans;
mod repositories;

use crate::{
    call::{Call, Malformed},
    dialect::{Repeat, UnknownId, UnknownNames, Visibility},
    endpoint::Endpoint,
    reply::{Paging, Reply},
    state::SYSTEM_ADMINISTRATOR,
    tokens::Tokens,
    world::World,
};

pub(crate) use {plans::foreign_plan_row, repositories::foreign_repository_row};

/// The rows of a page when a listing asks for no number.
const DEFAULT_LIMIT: usize = 25;

/// Carries a call out and answers it.
pub(crate) fn answer(world: &mut World, tokens: &mut Tokens, call: &Call) -> Reply {
    if call.endpoint == Endpoint::Login {
        return account::login(world, tokens, call);
    }
    let Some(session) = tokens.session(call.authorization.0.as_deref()) else {
        return Reply::bare(401);
    };
    let required = world.requires.get(&call.endpoint).into_iter().flatten();
    let holds = |role: &str| session.roles.iter().any(|held| held == role);
    if !holds(SYSTEM_ADMINISTRATOR) || !required.map(String::as_str).all(holds) {
        return Reply::bare(403);
    }
    let settings_allowed = matches!(
        call.endpoint,
        Endpoint::ModifyPlan | Endpoint::ModifyAzurePlan
    );
    if call.body.is_none() {
        return Reply::refused(400, "the body is no JSON object");
    }
    if world.dialect.unknown_names == UnknownNames::Refused
        && !settings_allowed
        && let Some((name, _)) = call.unknown_fields(&world.dialect).next()
    {
        return Reply::refused(400, &format!("the field {name:?} is not known"));
    }
    let replied = match call.endpoint {
        Endpoint::Login => Ok(Reply::bare(400)),
        Endpoint::ListOrganizations => organizations::list(world, call),
        Endpoint::Sync => organizations::synchronize(world, call),
        Endpoint::ListPlans => plans::list(world, call),
        Endpoint::AttachRepository => plans::attach_repository(world, call),
        Endpoint::DetachRepository => plans::detach_repository(world, call),
        Endpoint::AttachProject => plans::attach_project(world, call),
        Endpoint::DetachProject => plans::detach_project(world, call),
        Endpoint::ModifyPlan | Endpoint::ModifyAzurePlan => plans::modify(world, call),
        Endpoint::ListRepositories => repositories::list(world, call),
        Endpoint::Activate => repositories::activate(world, call),
        Endpoint::Deactivate => repositories::deactivate(world, call),
        Endpoint::Remove => repositories::remove(world, call),
    };
    replied.unwrap_or_else(|malformed| Reply::refused(400, &malformed.to_string()))
}

type Replied = Result<Reply, Malformed>;

/// The part of a listing that a call asks for.
#[derive(Debug)]
struct Window {
    page: usize,
    limit: usize,
}

impl Window {
    fn of(world: &World, call: &Call) -> Result<Self, Malformed> {
        let asked = call.number(&world.dialect, "limit")?;
        let limit = asked.filter(|limit| *limit > 0).unwrap_or(DEFAULT_LIMIT);
        let page = call.number(&world.dialect, "page")?.unwrap_or(1);
        Ok(Self {
            page: call.other_page.unwrap_or(page).max(1),
            limit: world
                .dialect
                .page_size_cap
                .map_or(limit, |cap| limit.min(cap.max(1))),
        })
    }

    fn skipped(&self) -> usize {
        (self.page - 1).saturating_mul(self.limit)
    }

    fn paging(&self, total: usize) -> Paging {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Paging {
            current_page: self.page,
            page_count: number(total.div_ceil(self.limit)),
            total_entries: number(total),
        }
    }
}

/// Whether the last names come first.
fn is_descending(world: &World, call: &Call) -> bool {
    call.text(&world.dialect, "ordertype")
        .is_some_and(|order| order.eq_ignore_ascii_case("desc"))
}

/// The answer to a write that names what does not exist.
fn unknown(world: &World, what: &str) -> Reply {
    let detail = format!("there is no such {what}");
    match world.dialect.unknown_id {
        UnknownId::NotFound => Reply::refused(404, &detail),
        UnknownId::BadRequest => Reply::refused(400, &detail),
        UnknownId::ServerError => Reply::refused(500, &detail),
        UnknownId::Ignored => Reply::done(&world.dialect, 0),
    }
}

/// The answer to a write that is done already.
fn repeated(world: &World, repeat: Repeat) -> Reply {
    match repeat {
        Repeat::Accepted => Reply::done(&world.dialect, 0),
        Repeat::Conflict => Reply::refused(409, "it is so already"),
        Repeat::ServerError => Reply::refused(500, "an error occurred"),
    }
}

/// The field's value, or nothing under its name if the dialect hides it.
fn is_shown(visibility: Visibility) -> bool {
    match visibility {
        Visibility::Shown => true,
        Visibility::Hidden => false,
    }
}
