//! The status of a connection, from how it stands. Pure.

use k8s_openapi::jiff::Timestamp;

use crate::{
    api::{
        Reason, XoperoConnection, XoperoConnectionStatus,
        annotations::reconcile_requested_at,
        conditions::{ConditionType, Statement, Truth, assemble},
    },
    controllers::{
        connections::{Health, Standing, Trouble},
        deletion::deleting,
    },
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
    let mut statement = statement(health);
    if connection.metadata.deletion_timestamp.is_some() {
        statement = deleting(statement, needed_by);
    }
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

/// The one thing to say.
fn statement(health: &Health) -> Statement {
    match health {
        Health::Paused => Statement::new(
            ConditionType::Paused,
            Truth::True,
            Reason::Requested,
            "Paused by the annotation xopero.dev/paused: nothing is read or sent with this connection until that is taken off.",
        ),
        Health::Troubled(Trouble { reason, message }) => {
            let type_ = if reason.fits(ConditionType::Stalled, Truth::True) {
                ConditionType::Stalled
            } else {
                ConditionType::Reconciling
            };
            Statement::new(type_, Truth::True, *reason, message.clone())
        }
        Health::Untried => converged(
            "The address, the Secret and the certificates can be used. Whether Xopero ONE accepts the account is known once an organization uses it.",
        ),
        Health::Accepted => converged("Xopero ONE accepted the account."),
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
