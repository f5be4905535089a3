//! One request under the limits of the connection: a place in flight and a turn first, then the write gate, then the
//! request, then whoever counts requests is told.

use std::{sync::Arc, time::Instant};

use secrecy::SecretString;

use super::{
    budget::{Asked, AskedBy, Budget, Logins, Pass, Paused},
    errors::Error,
    hooks::{CallOutcome, CallRecord, Hooks},
    transport::Transport,
    wire::{Body, Endpoint},
};

/// Makes requests of one connection.
#[derive(Debug)]
pub(super) struct Exchange {
    transport: Transport,
    budget: Arc<Budget>,
    hooks: Hooks,
}

impl Exchange {
    pub(super) fn new(transport: Transport, budget: Arc<Budget>, hooks: Hooks) -> Self {
        Self {
            transport,
            budget,
            hooks,
        }
    }

    /// The logins of the connection, which other clients of it may make as well.
    pub(super) fn logins(&self) -> &Logins {
        self.budget.logins()
    }

    /// Waits until one request may be made.
    pub(super) async fn pass(&self) -> Result<Pass, Error> {
        self.budget.pass().await.map_err(as_answered)
    }

    /// Makes the request that `pass` is for. A write goes out only if the gate is open at this very moment.
    pub(super) async fn send(
        &self,
        pass: Pass,
        endpoint: Endpoint,
        body: &Body,
        token: Option<&SecretString>,
    ) -> Result<Vec<u8>, Error> {
        if endpoint.is_write() && !(self.hooks.write_gate)(self.transport.timeout()) {
            return Err(Error::NotLeader { endpoint });
        }
        let begun = Instant::now();
        let result = self.transport.send(endpoint, body, token).await;
        let asked = result.as_ref().err().and_then(Error::retry_after);
        self.obey(result.as_ref().err());
        (self.hooks.observer)(&CallRecord {
            endpoint,
            outcome: result
                .as_ref()
                .map_or_else(outcome, |_| CallOutcome::Succeeded),
            duration: begun.elapsed(),
            waited_for_budget: pass.waited,
            retry_after: asked,
        });
        drop(pass);
        result
    }

    /// Keeps every call from being made while the server asks for time.
    fn obey(&self, error: Option<&Error>) {
        let (endpoint, by, retry_after) = match error {
            Some(Error::RateLimited {
                endpoint,
                retry_after,
            }) => (*endpoint, AskedBy::TooManyRequests, *retry_after),
            // A 503 that does not say how long concerns this call; a 429 concerns all.
            Some(Error::Unavailable {
                endpoint,
                retry_after: Some(wait),
            }) => (*endpoint, AskedBy::Unavailable, Some(*wait)),
            _ => return,
        };
        self.budget.pause(retry_after, Asked { endpoint, by });
    }
}

/// What the server told the call that it asked for time is what it would have told this one.
fn as_answered(paused: Paused) -> Error {
    let Paused {
        retry_after,
        asked: Asked { endpoint, by },
    } = paused;
    let retry_after = Some(retry_after);
    match by {
        AskedBy::TooManyRequests => Error::RateLimited {
            endpoint,
            retry_after,
        },
        AskedBy::Unavailable => Error::Unavailable {
            endpoint,
            retry_after,
        },
    }
}

/// The label for a request that failed.
fn outcome(error: &Error) -> CallOutcome {
    match error {
        Error::Refused { status: 401, .. } => CallOutcome::Unauthorized,
        Error::Refused { status: 403, .. } => CallOutcome::Forbidden,
        Error::Refused { .. } => CallOutcome::Refused,
        Error::RateLimited { .. } => CallOutcome::RateLimited,
        Error::Unavailable { .. } | Error::Server { .. } => CallOutcome::ServerError,
        Error::Connection { .. } | Error::Certificate { .. } => CallOutcome::NotConnected,
        Error::TimedOut { .. } => CallOutcome::TimedOut,
        Error::Broken { .. } => CallOutcome::Broken,
        // The first four are made of an answer that came. The others mean that no request was made, and are never seen here.
        Error::Redirected { .. }
        | Error::NotUnderstood { .. }
        | Error::Inconsistent { .. }
        | Error::ListingNotScoped { .. }
        | Error::Origin(_)
        | Error::Settings(_)
        | Error::Bundle(_)
        | Error::LoginRejected
        | Error::LoginFailed { .. }
        | Error::LoginPaced { .. }
        | Error::Replaced
        | Error::PermissionMissing { .. }
        | Error::NotLeader { .. }
        | Error::Withheld { .. } => CallOutcome::NotUnderstood,
    }
}
