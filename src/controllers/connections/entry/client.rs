//! The client of a connection: made from what was read, and kept until one of the things that it was made from differs.

use std::{sync::Arc, time::Duration};

use super::{
    super::{
        Surroundings,
        instance::Instance,
        memory::{Compared, Memory},
        offer::Usable,
        standing::{Found, Sources},
        trouble::Trouble,
    },
    Declared, Entry,
};
use crate::{
    controllers::credentials::{Account, AccountAt, AccountDigest, BundleAt},
    xopero::{self, BundleDefect, Client, Error, Remembered, Settings},
};

/// What makes a client: when one of these differs, it is another client.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Identity {
    url: Arc<str>,
    timeout: Duration,
    bundle: Option<[u8; 32]>,
    account: AccountDigest,
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) client: Client,
    identity: Identity,
}

/// A pass under way may still have the client, and would sign in with an account that is not declared any more.
impl Drop for Held {
    fn drop(&mut self) {
        self.client.replace();
    }
}

impl Held {
    pub(super) fn usable(&self, (uid, generation): (Arc<str>, u64), declared: &Declared) -> Usable {
        // No `..`: whoever uses the connection has to know all of it.
        let Declared {
            secret: _,
            settings_allowed,
            in_flight,
            allowed,
        } = declared;
        Usable {
            client: self.client.clone(),
            generation,
            url: Arc::clone(&self.identity.url),
            uid,
            settings_allowed: *settings_allowed,
            in_flight: *in_flight,
            allowed: allowed.clone(),
        }
    }
}

impl Entry {
    /// Makes sure that there is a client for what was read.
    pub(super) fn connect(
        &mut self,
        found: Found,
        timeout: Duration,
        surroundings: &Surroundings,
    ) -> Result<(), Trouble> {
        let Found {
            origin,
            account,
            bundle,
        } = found;
        self.sources = Sources {
            account: account.as_ref().ok().cloned(),
            bundle: bundle
                .as_ref()
                .and_then(|bundle| bundle.as_ref().ok())
                .cloned(),
        };
        let url: Arc<str> = origin.to_string().into();
        let moved = self
            .memory
            .as_ref()
            .is_some_and(|memory| memory.url != *url);
        if moved {
            // What was seen there says nothing about this instance.
            self.instance = Instance::default();
            self.reported = None;
            // Nor does what was asked for there: to wait, above all. Whoever still waits for an answer from there has the old one.
            self.budget = Arc::new(self.budget.anew());
        }
        let AccountAt {
            reference,
            version,
            account,
        } = account.map_err(|defect| Trouble::from(&defect))?;
        let account = account.map_err(|defect| Trouble::from(&defect))?;
        let (memory, how) = Memory::recall(
            self.memory.take(),
            (account.digest, &version),
            &reference,
            &url,
            self.reported.as_ref(),
        );
        self.compared = Some(how);
        self.instance.accepted &= how != Compared::Other;
        let remembered = memory.remembered.clone();
        self.memory = Some(memory);
        let bundle = match bundle {
            None => None,
            Some(found) => {
                let found = found.and_then(|BundleAt { bundle, .. }| bundle);
                Some(found.map_err(|defect| Trouble::from(&defect))?)
            }
        };
        let identity = Identity {
            url,
            timeout,
            bundle: bundle.as_ref().map(|bundle| bundle.digest),
            account: account.digest,
        };
        if self
            .held
            .as_ref()
            .is_some_and(|held| held.identity == identity)
        {
            return Ok(());
        }
        let settings = Settings {
            url: identity.url.to_string(),
            ca_bundle: bundle.map(|bundle| bundle.pem.clone()),
            timeout,
        };
        let client = self
            .client(settings, &account, remembered, surroundings)
            .map_err(|error| match (&error, &self.sources.bundle) {
                // The client was given a text and cannot know whose it is.
                (Error::Bundle(BundleDefect::Unreadable | BundleDefect::Empty), Some(bundle)) => {
                    Trouble::new(
                        Trouble::from(&error).reason,
                        format!("{}: {error}", bundle.place()),
                    )
                }
                _ => Trouble::from(&error),
            })?;
        self.generation += 1;
        self.trouble = None;
        self.held = Some(Held { client, identity });
        Ok(())
    }

    fn client(
        &self,
        settings: Settings,
        account: &Account,
        remembered: Remembered,
        surroundings: &Surroundings,
    ) -> Result<Client, Error> {
        let surroundings = xopero::Surroundings {
            names: Arc::clone(&surroundings.names),
            budget: Arc::clone(&self.budget),
            hooks: surroundings.hooks.clone(),
            remembered,
            authorities: surroundings.authorities.clone(),
        };
        Client::new(settings, account.credentials.clone(), surroundings)
    }
}
