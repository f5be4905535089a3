//! The status of a connection, from how it stands. Pure.

use k8s_openapi::jiff::Timestamp;

use crate::{
    api::{
        Reason, XoperoConnection, XoperoConnectionStatus,
        annotations::reconcile_requested_at,
        conditions::{ConditionType, Statement, Truth, assemble},
    },
    controllers::connections::{Health, Standing, Trouble},
    decide::listed,
};

/// What the status of the connection is to be.
pub(super) fn status(
    connection: &XoperoConnection,
    standing: &Standing,
    needed_by: Option<&[String]>,
    before: Option<&XoperoConnectionStatus>,
    now: Timestamp,
) -> XoperoConnectionStatus {
    let generation = connection.metadata.generation.unwrap_or_default();
    let previous = before.map_or(&[][..], |before| &before.conditions);
    // No `..`: all that is known of a connection is reported.
    let Standing {
        health,
        account: _,
        credentials_version,
        rejected_login,
        refused_endpoints,
        organizations,
        not_shown,
    } = standing;
    let deletion = connection
        .metadata
        .deletion_timestamp
        .as_ref()
        .map(|_| needed_by.unwrap_or_default());
    let statement = statement(health, deletion);
    let asked = match health {
        Health::Paused => None,
        Health::Troubled(_) | Health::Untried | Health::Accepted => {
            reconcile_requested_at(&connection.metadata)
        }
    };
    XoperoConnectionStatus {
        observed_generation: Some(generation),
        conditions: assemble(previous, vec![statement], generation, now),
        last_handled_reconcile_at: asked
            .map(str::to_owned)
            .or_else(|| before?.last_handled_reconcile_at.clone()),
        credentials_version: credentials_version.clone(),
        organizations: organizations
            .as_ref()
            .map(|seen| seen.names.clone())
            .unwrap_or_default(),
        organizations_total: organizations.as_ref().map(|seen| seen.total),
        rejected_login: rejected_login.clone(),
        refused_endpoints: refused_endpoints.clone(),
        not_shown: not_shown.clone(),
    }
}

/// The one thing to say. `deletion` holds who still needs a connection that is being deleted.
fn statement(health: &Health, deletion: Option<&[String]>) -> Statement {
    match (health, deletion) {
        (Health::Paused, _) => Statement::new(
            ConditionType::Paused,
            Truth::True,
            Reason::Requested,
            "Paused by the annotation xopero.dev/paused: nothing is read or sent with this connection until that is taken off.",
        ),
        (Health::Troubled(Trouble { reason, message }), deletion) => {
            let type_ = if reason.fits(ConditionType::Stalled, Truth::True) {
                ConditionType::Stalled
            } else {
                ConditionType::Reconciling
            };
            let message = match deletion {
                Some(needed_by) if !needed_by.is_empty() => format!(
                    "{message} It is being deleted, and still needed by {}: mend this, or let it go with the annotation xopero.dev/force-finalize: \"true\".",
                    names(needed_by)
                ),
                Some(_) | None => message.clone(),
            };
            Statement::new(type_, Truth::True, *reason, message)
        }
        (Health::Untried | Health::Accepted, Some(needed_by)) => Statement::new(
            ConditionType::Reconciling,
            Truth::True,
            Reason::Deleting,
            if needed_by.is_empty() {
                "Being deleted, and still there because of a finalizer of somebody else.".to_owned()
            } else {
                format!(
                    "Being deleted, and at work until nobody needs it: {}. It goes at once with the annotation xopero.dev/force-finalize: \"true\".",
                    names(needed_by)
                )
            },
        ),
        (Health::Untried, None) => converged(
            "The address, the Secret and the certificates can be used. Whether Xopero ONE accepts the account is known once an organization uses it.",
        ),
        (Health::Accepted, None) => converged("Xopero ONE accepted the account."),
    }
}

fn converged(message: &str) -> Statement {
    Statement::new(
        ConditionType::Ready,
        Truth::True,
        Reason::Converged,
        message,
    )
}

/// Who is meant, for a message.
pub(super) fn names(all: &[String]) -> String {
    listed(all.iter().map(String::as_str))
}

#[cfg(test)]
mod tests;
