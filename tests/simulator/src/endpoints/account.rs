//! Sign-in.

use crate::{
    call::Call,
    dialect::{LoginRejection, Row},
    names::Shape,
    reply::Reply,
    tokens::Tokens,
    world::World,
};

pub(super) fn login(world: &mut World, tokens: &mut Tokens, call: &Call) -> Reply {
    let rejection = Reply::bare(match world.dialect.login_rejection {
        LoginRejection::Unauthorized => 401,
        LoginRejection::BadRequest => 400,
        LoginRejection::Forbidden => 403,
    });
    let (Some(email), Some(password)) = (
        call.text(&world.dialect, "email"),
        call.text(&world.dialect, "password"),
    ) else {
        return rejection;
    };
    let lock_after = world.lock_after;
    let found = world
        .accounts
        .iter_mut()
        .find(|account| account.user.email.eq_ignore_ascii_case(email));
    let Some(account) = found else {
        return rejection;
    };
    let locked = lock_after.is_some_and(|limit| account.failures >= limit);
    if locked || account.user.second_factor || !account.user.password.is(password) {
        account.failures = account.failures.saturating_add(1);
        return rejection;
    }
    account.failures = 0;
    let (id, user) = (account.id, &account.user);
    let token = tokens.issue(id, &user.email, &user.roles, world.token_lifetime);
    let answer = Row::new(&world.dialect, Shape::Login)
        .put("userId", id.to_string())
        .put("accessToken", token);
    Reply::json(answer.done())
}
