//! The calls: listings that are whole or an error, and writes that say what became of them.

mod listings;
mod writes;

use std::{fmt, sync::Arc, time::Duration};

use super::{
    authorities::Authorities,
    budget::Budget,
    errors::Error,
    exchange::Exchange,
    hooks::{Hooks, LastLook},
    ids::OrganizationId,
    origin::Origin,
    session::{Credentials, Denied, Remembered, Session, Target, TokenTimes},
    transport::Transport,
    wire::{Body, Endpoint, Requests, WireNames},
};

/// Where a connection leads.
#[derive(Clone)]
pub struct Settings {
    /// The server's root, as [`Origin::parse`] accepts it.
    pub url: String,
    /// PEM certificates that are trusted beside the platform's and those of the surroundings.
    pub ca_bundle: Option<Vec<u8>>,
    /// How long one request may take, from connecting to the last byte of the answer.
    pub timeout: Duration,
}

/// Nothing of the bundle is shown: it may come from a Secret.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = if self.ca_bundle.is_some() {
            "given"
        } else {
            "none"
        };
        formatter
            .debug_struct("Settings")
            .field("ca_bundle", &bundle)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// What a client shares with its successors and with the rest of the operator.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The names on the wire.
    pub names: Arc<WireNames>,
    /// The connection's limits. The same for every client of one connection.
    pub budget: Arc<Budget>,
    /// Who is asked before writes and told of requests.
    pub hooks: Hooks,
    /// What is known of these credentials from before.
    pub remembered: Remembered,
    /// Who is trusted beside the platform's authorities, by every connection.
    pub authorities: Authorities,
}

/// A client of one Xopero ONE instance with one account. Clones share everything.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    names: Arc<WireNames>,
    // These two outlive the client for as long as a login is in flight.
    exchange: Arc<Exchange>,
    session: Arc<Session>,
}

/// What a 401 or 403 with a fresh token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denial {
    /// The account may not make this call: it is not made again for a day.
    Call,
    /// The account may not make it for this organization: so for that one.
    Organization(OrganizationId),
    /// The account may not see what this one request names.
    Request,
}

impl Denial {
    fn target(self, endpoint: Endpoint) -> Target {
        Target {
            endpoint,
            organization: match self {
                Self::Organization(organization) => Some(organization),
                Self::Call | Self::Request => None,
            },
        }
    }
}

impl Client {
    /// A client; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is no origin that credentials may be sent to, or the CA bundle cannot be read.
    pub fn new(
        settings: Settings,
        credentials: Credentials,
        surroundings: Surroundings,
    ) -> Result<Self, Error> {
        let Settings {
            url,
            ca_bundle,
            timeout,
        } = settings;
        let Surroundings {
            names,
            budget,
            hooks,
            remembered,
            authorities,
        } = surroundings;
        let transport = Transport::new(
            Origin::parse(&url)?,
            ca_bundle.as_deref(),
            &authorities,
            timeout,
        )?;
        let exchange = Arc::new(Exchange::new(transport, budget, hooks));
        Ok(Self {
            inner: Arc::new(Inner {
                names,
                exchange,
                session: Arc::new(Session::new(credentials, remembered)),
            }),
        })
    }

    /// The names on the wire that it uses.
    pub fn names(&self) -> &WireNames {
        &self.inner.names
    }

    /// What has to be remembered of these credentials across restarts.
    pub fn remembered(&self) -> Remembered {
        self.inner.session.remembered()
    }

    /// The times of the token in use; `None` while there is none.
    pub fn token_times(&self) -> Option<TokenTimes> {
        self.inner.session.token_times()
    }

    /// Lets endpoints that were refused to the account be called again.
    pub fn forget_refusals(&self) {
        self.inner.session.forget_refusals();
    }

    /// Sends nothing any more, until it is told otherwise: what waits for its turn ends without it.
    pub fn pause(&self) {
        self.inner.session.pause();
    }

    /// Sends again.
    pub fn resume(&self) {
        self.inner.session.resume();
    }

    /// Signs in no more. Calls under way go on for as long as its token serves.
    pub fn replace(&self) {
        self.inner.session.replace();
    }

    fn requests(&self) -> Requests<'_> {
        Requests::new(&self.inner.names)
    }

    /// One call: signed in, under the limits, and once more with a new token if the token was the trouble. A removal goes out only if its
    /// last look lets it, each time.
    async fn call(
        &self,
        endpoint: Endpoint,
        body: &Body,
        denial: Denial,
        last_look: Option<&LastLook<'_>>,
    ) -> Result<Vec<u8>, Error> {
        let Inner {
            names,
            exchange,
            session,
        } = &*self.inner;
        let target = denial.target(endpoint);
        let mut renewed = false;
        let mut first = None;
        loop {
            // The ticket is asked for twice: nothing may wait for a login, or for its turn, in vain.
            session.ticket(target)?;
            session.ensure(exchange, names).await?;
            let pass = exchange.pass().await?;
            if let Some(look) = last_look
                && !look().await
            {
                return Err(Error::Withheld { endpoint });
            }
            let Some(ticket) = session.ticket(target)? else {
                continue;
            };
            let first = *first.get_or_insert(ticket.generation);
            let error = match exchange
                .send(pass, endpoint, body, Some(&ticket.token))
                .await
            {
                Err(error @ Error::Refused { .. }) => error,
                Ok(answer) => {
                    session.note_served(endpoint, ticket.generation);
                    return Ok(answer);
                }
                other => return other,
            };
            let generation = ticket.generation;
            match (error.refusal(), denial) {
                // The token is good, as was told when it was new: what it may not see is the organization. Else each of them would cost
                // a login.
                (Some(401), Denial::Organization(_))
                    if !renewed && session.blames_organizations(endpoint, generation) =>
                {
                    return Err(error);
                }
                (Some(401), Denial::Call | Denial::Organization(_)) if !renewed => {
                    session.expire(generation);
                }
                (Some(401), Denial::Request)
                    if !renewed && session.expire_denied(Denied::Unseen, generation) => {}
                // Before what follows: permissions are frozen into the token, and one that was granted since is in none but a new one.
                (Some(403), Denial::Call | Denial::Organization(_))
                    if !renewed && session.expire_denied(Denied::Forbidden, generation) => {}
                // The account may make this call, as others tell that were made with this token, or meanwhile: what it may not is this one.
                (Some(403), Denial::Call)
                    if endpoint.is_write() && session.has_served(endpoint, first) =>
                {
                    return Err(error);
                }
                (Some(status @ (401 | 403)), Denial::Call | Denial::Organization(_)) => {
                    if (status, target.organization.is_some()) == (401, true) {
                        session.blame_organization(endpoint, generation);
                    }
                    session.refuse(target);
                    return Err(Error::PermissionMissing { endpoint });
                }
                _ => return Err(error),
            }
            renewed = true;
        }
    }
}

#[cfg(test)]
mod tests;
