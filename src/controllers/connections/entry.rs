//! One connection: what it declares, what is known of it, and so how it is offered and how it stands.

mod client;

use std::{mem, sync::Arc};

use kube::api::ObjectMeta;

use self::client::Held;
use super::{
    Surroundings,
    instance::{Instance, Use},
    memory::{Compared, Memory, beyond_the_spec},
    offer::Offer,
    standing::{Health, Measured, Read, Sources, Standing},
    trouble::Trouble,
};
use crate::{
    api::{
        AllowedNamespaces, DEFAULT_REQUESTS_IN_FLIGHT, DEFAULT_REQUESTS_PER_SECOND,
        PlanSettingsPolicy, Reason, XoperoConnection, XoperoConnectionStatus,
        annotations::reconcile_requested_at,
    },
    controllers::{observed::Place, status::LastStatus},
    xopero::{Budget, Error},
};

/// What the spec declares for those who use the connection.
#[derive(Clone, Debug)]
struct Declared {
    secret: String,
    settings_allowed: bool,
    in_flight: usize,
    allowed: AllowedNamespaces,
}

/// A connection of the process.
#[derive(Debug)]
pub(super) struct Entry {
    uid: Option<Arc<str>>,
    budget: Arc<Budget>,
    pub(super) sources: Sources,
    /// `None` before the first look.
    declared: Option<Declared>,
    /// What keeps it from being used.
    obstacle: Option<Trouble>,
    held: Option<Held>,
    /// Counts the clients made.
    generation: u64,
    /// The last request of a person that was followed.
    asked: Option<String>,
    /// What the status said at the first look, if it was of the same spec.
    reported: Option<XoperoConnectionStatus>,
    memory: Option<Memory>,
    /// How the account compared at the last look.
    compared: Option<Compared>,
    /// What went wrong at the last use, though it is offered all the same: else nobody would try again.
    trouble: Option<Trouble>,
    pub(super) instance: Instance,
    /// How it was offered after the last look.
    pub(super) offered: Option<Offer>,
    /// What was last said in the status.
    pub(super) said: Option<LastStatus<XoperoConnectionStatus>>,
}

impl Entry {
    pub(super) fn new(metadata: &ObjectMeta) -> Self {
        Self {
            uid: metadata.uid.as_deref().map(Arc::from),
            budget: Arc::new(Budget::new(
                DEFAULT_REQUESTS_PER_SECOND,
                usize::try_from(DEFAULT_REQUESTS_IN_FLIGHT).unwrap_or(1),
            )),
            sources: Sources::default(),
            declared: None,
            obstacle: None,
            held: None,
            generation: 0,
            asked: None,
            reported: None,
            memory: None,
            compared: None,
            trouble: None,
            instance: Instance::default(),
            offered: None,
            said: None,
        }
    }

    pub(super) fn uid(&self) -> Option<&str> {
        self.uid.as_deref()
    }

    pub(super) fn measured(&self) -> Measured {
        Measured {
            token: self
                .held
                .as_ref()
                .and_then(|held| held.client.token_times()),
            budget: self.budget.used(),
        }
    }

    /// How it is offered at this very moment: a login may have been rejected since the last look.
    pub(super) fn offer(&self) -> Offer {
        match (&self.obstacle, &self.held, &self.declared) {
            (Some(Trouble { reason, message }), _, _) => Offer::Waiting {
                reason: *reason,
                message: message.clone(),
            },
            (None, Some(held), Some(declared)) if held.client.remembered().login_rejected => {
                let Trouble { reason, message } = rejected(declared);
                Offer::Waiting { reason, message }
            }
            (None, Some(held), Some(declared)) => {
                let uid = self.uid.clone().unwrap_or_default();
                Offer::Usable(held.usable((uid, self.generation), declared))
            }
            (None, None, _) | (None, _, None) => Offer::Unread,
        }
    }

    /// Takes over what a look at the connection brought.
    pub(super) fn update(
        &mut self,
        connection: &XoperoConnection,
        read: Read,
        surroundings: &Surroundings,
    ) -> Standing {
        if self.declared.is_none() {
            self.begin(connection);
        }
        let spec = &connection.spec;
        self.budget
            .reconfigure(spec.requests_per_second(), in_flight(connection));
        self.declared = Some(Declared::by(connection));
        self.remember();
        self.compared = None;
        let result = match read {
            Read::Paused => {
                // The client stays: after the pause no login is needed.
                if let Some(held) = &self.held {
                    held.client.pause();
                }
                self.obstacle = Some(paused());
                return self.standing(Health::Paused);
            }
            Read::Refused(trouble) => Err(trouble),
            Read::Found(found) => self.connect(*found, spec.request_timeout(), surroundings),
        };
        match &result {
            Ok(()) => {
                self.obstacle = None;
                if let Some(held) = &self.held {
                    held.client.resume();
                }
            }
            Err(trouble) => self.block(trouble.clone()),
        }
        // Also where it cannot be used now: the status acknowledges the request all the same.
        if let Some(asked) = self.asked(connection) {
            self.asked = Some(asked);
            self.forget_refusals();
        }
        let health = result.map_or_else(Health::Troubled, |()| self.health());
        self.standing(health)
    }

    /// The request of a person for a look, which this one is the first to follow: also where no status can say so.
    pub(super) fn asked(&self, connection: &XoperoConnection) -> Option<String> {
        let said = self.said.as_ref().map(|said| &said.status);
        let said = said.or(connection.status.as_ref());
        let handled = said.and_then(|status| status.last_handled_reconcile_at.as_deref());
        let asked = reconcile_requested_at(&connection.metadata);
        let is_new =
            |asked: &&str| Some(*asked) != handled && Some(*asked) != self.asked.as_deref();
        asked.filter(is_new).map(str::to_owned)
    }

    /// Lets what was refused to the account be tried again. A rejected login stays: it may lock the account.
    fn forget_refusals(&mut self) {
        if let Some(held) = &self.held {
            held.client.forget_refusals();
        }
        // Where there is no client: what the next one is to be told.
        if let Some(memory) = &mut self.memory {
            memory.remembered.refused.clear();
        }
        if let Some(reported) = &mut self.reported {
            reported.refused_endpoints.clear();
        }
        self.remember();
    }

    /// Takes the connection out of use. Its client ends, and its token with it; what was refused stays remembered.
    pub(super) fn block(&mut self, trouble: Trouble) {
        self.remember();
        self.held = None;
        self.trouble = None;
        self.obstacle = Some(trouble);
    }

    /// The first look: what the status says of the same spec goes on to hold, and of another one that a login was rejected.
    fn begin(&mut self, connection: &XoperoConnection) {
        let generation = connection.metadata.generation;
        let status = connection.status.as_ref();
        let of_this = status.filter(|status| {
            status.observed_generation.is_some() && status.observed_generation == generation
        });
        self.instance = of_this.map(Instance::reported).unwrap_or_default();
        self.reported = of_this.cloned().or_else(|| status.map(beyond_the_spec));
    }

    /// Keeps what the client remembers, should it end.
    fn remember(&mut self) {
        if let Some((held, memory)) = self.held.as_ref().zip(self.memory.as_mut()) {
            memory.remembered = held.client.remembered();
        }
    }

    fn health(&self) -> Health {
        let rejected_login = self
            .memory
            .as_ref()
            .is_some_and(|memory| memory.remembered.login_rejected);
        match (&self.declared, &self.trouble) {
            (Some(declared), _) if rejected_login => Health::Troubled(rejected(declared)),
            (_, Some(trouble)) => Health::Troubled(trouble.clone()),
            (_, None) if self.instance.accepted => Health::Accepted,
            (_, None) => Health::Untried,
        }
    }

    fn standing(&self, health: Health) -> Standing {
        let reported = self.reported.as_ref();
        let (rejected_login, refused_endpoints, credentials_version) = match &self.memory {
            Some(memory) => (
                memory.rejected_login(),
                memory.refused_endpoints(),
                self.held
                    .as_ref()
                    .map(|_| memory.version.resource_version.clone()),
            ),
            // Nothing was read in this process yet that would say otherwise.
            None => (
                reported.and_then(|status| status.rejected_login.clone()),
                reported
                    .map(|status| status.refused_endpoints.clone())
                    .unwrap_or_default(),
                reported.and_then(|status| status.credentials_version.clone()),
            ),
        };
        Standing {
            health,
            account: self.compared,
            credentials_version,
            rejected_login,
            refused_endpoints,
            organizations: self.instance.organizations.clone(),
            not_shown: self.instance.not_shown(),
        }
    }

    /// Notes how a use ended. Says whether there is something new to report.
    pub(super) fn note_use(&mut self, result: Result<(), &Error>) -> bool {
        let trouble = match result {
            Ok(()) => None,
            Err(error) => match Trouble::of_use(error) {
                Some(trouble) => Some(trouble),
                None => self.trouble.clone(),
            },
        };
        let before = mem::replace(&mut self.trouble, trouble);
        let remembered = self.held.as_ref().map(|held| held.client.remembered());
        let reported = self.memory.as_ref().map(|memory| &memory.remembered);
        before != self.trouble || remembered.is_some() && remembered.as_ref() != reported
    }

    /// An organization is gone, or leads elsewhere now: what it noted goes with it, and with the last one what went wrong at a use, which
    /// nobody would find mended. Says whether there is something new to report.
    pub(super) fn forget_user(&mut self, organization: &Place, still: Use) -> bool {
        let was_shown = self.instance.forget(organization, still);
        let was_troubled = still == Use::Over && self.trouble.take().is_some();
        was_shown || was_troubled
    }
}

impl Declared {
    fn by(connection: &XoperoConnection) -> Self {
        let spec = &connection.spec;
        Self {
            secret: spec.credentials_secret_ref.name.clone(),
            settings_allowed: spec.plan_settings() == PlanSettingsPolicy::Allowed,
            in_flight: in_flight(connection),
            allowed: spec.allowed_namespaces.clone().unwrap_or_default(),
        }
    }
}

fn in_flight(connection: &XoperoConnection) -> usize {
    usize::try_from(connection.spec.requests_in_flight()).unwrap_or(usize::MAX)
}

fn paused() -> Trouble {
    Trouble::new(
        Reason::Requested,
        "the connection is paused by the annotation xopero.dev/paused; nothing is read or sent with it until that is taken off",
    )
}

fn rejected(declared: &Declared) -> Trouble {
    Trouble::new(
        Reason::LoginRejected,
        format!(
            "Xopero ONE rejected the e-mail and password in Secret {}. Correct them there; nothing is sent until they change, since rejected logins may lock the account",
            declared.secret
        ),
    )
}
