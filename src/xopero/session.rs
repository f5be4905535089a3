//! The account's session: one token for all calls, at most one login in flight, and what was refused for good.
//!
//! Failed logins may lock an account, and each login is an entry in the product's log. So a token is used for its whole
//! life; after a rejected login no call goes out at all; and after a 403 a new login is tried once a day at most, since
//! permissions are frozen into the token; so it is after a 401 that may be about what was asked for.

mod failures;
mod refusals;
mod token;

use std::{
    collections::BTreeMap,
    panic::resume_unwind,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument as _;

pub(super) use self::refusals::Target;
use self::{failures::Failures, refusals::Refusals, token::Token};
pub use self::{failures::NextLogin, refusals::Refusal, token::TokenTimes};
use super::{
    budget::{Logins, OneLogin},
    errors::Error,
    exchange::Exchange,
    wire::{self, Endpoint, Requests, WireNames},
};

/// The account that signs in. Both parts are secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Its e-mail.
    pub email: SecretString,
    /// Its password.
    pub password: SecretString,
}

/// What must survive a restart, so that no account is locked and no refused call repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Whether these credentials were rejected.
    pub login_rejected: bool,
    /// What the account may not do.
    pub refused: Vec<Refusal>,
}

/// How long what was refused is not called again, and how long a token from a login after a 403 counts as fresh.
const REFUSAL: Duration = Duration::from_hours(24);

pub(super) struct Session {
    credentials: Credentials,
    /// The login in flight, which may be one that nobody waits for any more.
    logins: TaskTracker,
    /// The connection uses another session, or none.
    replaced: CancellationToken,
    /// Nothing is sent for now.
    paused: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// Counts logins, so that a call can say which token it was refused with.
    generation: u64,
    /// The token was refused: it must not be used again.
    stale: bool,
    /// The last logins made because of a denial that may be of the account.
    denied: BTreeMap<Denied, Instant>,
    rejected: bool,
    refusals: Refusals,
    /// What was answered well, and with which token. Permissions are frozen into it.
    served: BTreeMap<Endpoint, u64>,
    failures: Failures,
    /// A login was sent to the server with these credentials.
    has_tried: bool,
}

/// With what right a login is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// By one of the places that the pace of the connection allows.
    Taken,
    /// As the first with these credentials: what others have used up must not hold them up.
    First,
}

/// An answer for which the token may be the reason, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Denied {
    /// A 403.
    Forbidden,
    /// A 401 to a request for something that the account may not see.
    Unseen,
}

/// What a request is sent with.
pub(super) struct Ticket {
    pub(super) token: SecretString,
    pub(super) generation: u64,
}

impl Session {
    pub(super) fn new(credentials: Credentials, remembered: Remembered) -> Self {
        // No `..`: what is remembered must not be forgotten.
        let Remembered {
            login_rejected,
            refused,
        } = remembered;
        let state = State {
            rejected: login_rejected,
            refusals: Refusals::remembered(refused),
            ..State::default()
        };
        Self {
            credentials,
            logins: TaskTracker::new(),
            replaced: CancellationToken::new(),
            paused: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    /// What is known now.
    pub(super) fn remembered(&self) -> Remembered {
        let state = self.state();
        Remembered {
            login_rejected: state.rejected,
            refused: state.refusals.at(SystemTime::now()),
        }
    }

    /// The times of the token in use.
    pub(super) fn token_times(&self) -> Option<TokenTimes> {
        let state = self.state();
        state.usable(Instant::now()).map(|token| token.times)
    }

    /// Lets refused endpoints be called again, a denial be followed by a login again, and a login be tried again after those that failed.
    pub(super) fn forget_refusals(&self) {
        let mut state = self.state();
        state.failures.end_wait();
        state.refusals = Refusals::default();
        state.denied.clear();
    }

    /// Signs in no more: what would be rejected now may lock the account that its successor uses.
    pub(super) fn replace(&self) {
        self.replaced.cancel();
    }

    /// Sends nothing any more, not even a login, until it is told otherwise.
    pub(super) fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
    }

    /// Sends again.
    pub(super) fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
    }

    fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    /// The endpoint did what it was asked for with the token of `generation`.
    pub(super) fn note_served(&self, endpoint: Endpoint, generation: u64) {
        let mut state = self.state();
        let last = state.served.entry(endpoint).or_default();
        *last = generation.max(*last);
    }

    /// Whether it did so with the token of `generation`, or one after it.
    pub(super) fn has_served(&self, endpoint: Endpoint, generation: u64) -> bool {
        let served = self.state().served.get(&endpoint).copied();
        served.is_some_and(|last| last >= generation)
    }

    /// Remembers that the account may not call `target`, as a fresh token was told.
    pub(super) fn refuse(&self, target: Target) {
        self.state().refusals.note(target, SystemTime::now());
    }

    /// Remembers that it was a 401, and of one organization, with the token of `generation`.
    pub(super) fn blame_organization(&self, endpoint: Endpoint, generation: u64) {
        self.state().refusals.note_blamed(endpoint, generation);
    }

    /// Whether the token of `generation` is known to be answered with 401 for what one organization is, and not for what it is itself.
    pub(super) fn blames_organizations(&self, endpoint: Endpoint, generation: u64) -> bool {
        self.state().refusals.is_blamed(endpoint, generation)
    }

    /// What to send a request with, or why none may be sent. Asked again right before sending: much may have happened
    /// while the request waited for its turn.
    pub(super) fn ticket(&self, target: Target) -> Result<Option<Ticket>, Error> {
        let state = self.state();
        if state.rejected {
            return Err(Error::LoginRejected);
        }
        if self.is_paused() {
            return Err(Error::Replaced);
        }
        if state.refusals.holds(target, SystemTime::now()) {
            return Err(Error::PermissionMissing {
                endpoint: target.endpoint,
            });
        }
        let generation = state.generation;
        Ok(state.usable(Instant::now()).map(|token| Ticket {
            token: token.secret.clone(),
            generation,
        }))
    }

    /// The token of `generation` was answered with 401.
    pub(super) fn expire(&self, generation: u64) {
        let mut state = self.state();
        if state.generation == generation {
            state.stale = true;
        }
    }

    /// The token of `generation` was answered by a denial that may be of the account. Says whether trying again, with another token,
    /// makes sense.
    pub(super) fn expire_denied(&self, by: Denied, generation: u64) -> bool {
        let mut state = self.state();
        if state.generation != generation {
            return true;
        }
        // Another call had the same answer and is signing in already.
        if state.stale {
            return true;
        }
        let last = state.denied.get(&by);
        if last.is_some_and(|since| since.elapsed() < REFUSAL) {
            return false;
        }
        state.denied.insert(by, Instant::now());
        state.stale = true;
        true
    }

    /// Makes sure that there is a token, signing in if there is none, it was refused, or it ends soon.
    pub(super) async fn ensure(
        self: &Arc<Self>,
        exchange: &Arc<Exchange>,
        names: &Arc<WireNames>,
    ) -> Result<(), Error> {
        if self.is_settled()? {
            return Ok(());
        }
        let one_login = exchange.logins().one().await;
        // Somebody else may have signed in while this call waited.
        if self.is_settled()? {
            return Ok(());
        }
        match self.sign_in(one_login, exchange, names).await {
            // A renewal that fails does no harm while the token serves.
            Err(error) if self.state().usable(Instant::now()).is_none() => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Whether nothing has to be done before a call.
    fn is_settled(&self) -> Result<bool, Error> {
        let state = self.state();
        if state.rejected {
            return Err(Error::LoginRejected);
        }
        let now = Instant::now();
        Ok(state.usable(now).is_some_and(|token| now < token.renew))
    }

    /// Signs in, unless it is too early for that.
    async fn sign_in(
        self: &Arc<Self>,
        one_login: OneLogin,
        exchange: &Arc<Exchange>,
        names: &Arc<WireNames>,
    ) -> Result<(), Error> {
        self.state().failures.too_early(Instant::now())?;
        // Its successor waits for the right to sign in: it is given up at once.
        let pass = self.replaced.run_until_cancelled(exchange.pass()).await;
        let pass = pass.ok_or(Error::Replaced)??;
        if self.replaced.is_cancelled() || self.is_paused() {
            return Err(Error::Replaced);
        }
        let place = self.take_place(exchange.logins())?;
        let body = Requests::new(names).login(
            self.credentials.email.expose_secret(),
            self.credentials.password.expose_secret(),
        );
        let (session, exchange, names) =
            (Arc::clone(self), Arc::clone(exchange), Arc::clone(names));
        // A task of its own, as the call may be dropped: then the login would count, and its token would be lost. It ends by the timeout
        // of a request.
        let login = async move {
            let answer = exchange.send(pass, Endpoint::Login, &body, None).await;
            if answer.as_ref().is_err_and(failures::is_unreached) {
                session.give_back(place, exchange.logins());
            }
            let noted = session.note_answer(answer, &names);
            drop(one_login);
            noted
        };
        let ended = self.logins.spawn(login.in_current_span()).await;
        ended.unwrap_or_else(|failed| match failed.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The process ends.
            Err(_) => Err(Error::Broken {
                endpoint: Endpoint::Login,
            }),
        })
    }

    /// Notes what came of a login.
    fn note_answer(&self, answer: Result<Vec<u8>, Error>, names: &WireNames) -> Result<(), Error> {
        let token = answer.and_then(|body| {
            wire::access_token(&body, names).map_err(|defect| Error::NotUnderstood {
                endpoint: Endpoint::Login,
                defect,
            })
        });
        let now = Instant::now();
        let mut state = self.state();
        match token {
            Ok(secret) => {
                state.token = Some(Token::new(secret, now, SystemTime::now()));
                state.generation += 1;
                state.stale = false;
                state.failures = Failures::default();
                tracing::debug!("Signed in to Xopero ONE");
                Ok(())
            }
            Err(Error::Refused {
                status: status @ (400 | 401 | 403),
                ..
            }) => {
                tracing::warn!(status, "Xopero ONE rejected the login");
                state.rejected = true;
                state.token = None;
                Err(Error::LoginRejected)
            }
            // Said here: while the old token serves, nobody else hears of it.
            Err(error) => {
                tracing::warn!(%error, "Signing in to Xopero ONE failed: {error}");
                Err(state.failures.note(error, now))
            }
        }
    }

    /// Takes a place among the logins that the pace allows; the first is made in any case.
    fn take_place(&self, logins: &Logins) -> Result<Place, Error> {
        let is_first = !std::mem::replace(&mut self.state().has_tried, true);
        match logins.take_place() {
            Ok(()) => Ok(Place::Taken),
            Err(_) if is_first => Ok(Place::First),
            Err(retry_after) => Err(Error::LoginPaced { retry_after }),
        }
    }

    /// The login never reached the server.
    fn give_back(&self, place: Place, logins: &Logins) {
        match place {
            Place::Taken => logins.give_place_back(),
            Place::First => self.state().has_tried = false,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The token, if it may be used.
    fn usable(&self, now: Instant) -> Option<&Token> {
        self.token
            .as_ref()
            .filter(|token| !self.stale && now < token.end)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("login_rejected", &self.state().rejected)
            .finish_non_exhaustive()
    }
}
