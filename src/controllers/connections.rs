//! The connections of the process: what organizations use to talk to Xopero ONE.
//!
//! All organizations of a connection share its client, and with it one token, one budget and one memory of what was
//! refused. The controller of connections keeps this up to date; nothing here talks to anyone.

mod entry;
mod hosts;
mod instance;
mod memory;
mod offer;
mod signals;
mod standing;
mod trouble;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::Stream;
use kube::{ResourceExt as _, api::ObjectMeta};

use self::{entry::Entry, instance::Use, signals::Signals};
pub use self::{
    hosts::{HostGlobError, HostGlobs},
    instance::Showing,
    offer::{Connected, Usable},
};
pub(super) use self::{
    memory::Compared,
    standing::{Found, Health, Measured, Read, Sources, Standing},
    trouble::{Trouble, reason_of},
};
use crate::{
    api::{
        ConnectionReference, Reason, XoperoConnection, XoperoConnectionStatus, XoperoOrganization,
    },
    controllers::{
        credentials::DigestKey,
        observed::{Observed, Place},
        status::LastStatus,
    },
    xopero::{self, Authorities, Hooks, Origin, WireNames},
};

/// The connection that an organization refers to; of one that cannot be decoded, as far as it can be read.
pub fn connection_of(observed: &Observed<XoperoOrganization>) -> Option<Place> {
    let own = observed.namespace().unwrap_or_default();
    let reference = match observed {
        Observed::Understood(organization) => &organization.spec.connection_ref,
        Observed::NotUnderstood(unknown, _) => unknown.connection.as_ref()?,
    };
    Some(connection_meant(reference, &own))
}

/// The connection that a resource of the namespace `own` refers to.
pub fn connection_meant(reference: &ConnectionReference, own: &str) -> Place {
    Place {
        namespace: reference.namespace_or(own).to_owned(),
        name: reference.name.clone(),
    }
}

/// What all clients of the process have in common.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The names on the wire.
    pub names: Arc<WireNames>,
    /// Who is asked before writes and told of requests.
    pub hooks: Hooks,
    /// Where connections may lead. `None`: anywhere.
    pub allowed_hosts: Option<HostGlobs>,
    /// Who is trusted beside the platform's authorities and those that a connection names.
    pub authorities: Authorities,
}

/// The connections of the process. Clones share everything.
#[derive(Clone)]
pub struct Connections {
    inner: Arc<Inner>,
}

struct Inner {
    surroundings: Surroundings,
    digest_key: DigestKey,
    entries: Mutex<BTreeMap<Place, Entry>>,
    /// Connections that are offered in another way than before: for who uses them.
    changes: Arc<Signals<Place>>,
    /// Connections of which something is to be reported: for their own controller.
    reports: Arc<Signals<Place>>,
}

impl Connections {
    /// No connection yet.
    pub fn new(surroundings: Surroundings) -> Self {
        Self {
            inner: Arc::new(Inner {
                surroundings,
                digest_key: DigestKey::random(),
                entries: Mutex::default(),
                changes: Arc::default(),
                reports: Arc::default(),
            }),
        }
    }

    /// Makes connections known that have not been read yet, so that they are [`Connected::Unread`] and not
    /// [`Connected::Missing`]. To be called with the whole listing before anyone asks.
    pub fn expect<'objects>(&self, connections: impl IntoIterator<Item = &'objects ObjectMeta>) {
        let mut entries = self.entries();
        for metadata in connections {
            entry_of(&mut entries, metadata);
        }
    }

    /// The connection as it can be used at this moment. Ask again before each slice of work: a client that was
    /// replaced goes on with the old account for as long as its token serves, and signs in no more.
    pub fn get(&self, key: &Place) -> Connected {
        self.entries()
            .get(key)
            .map_or(Connected::Missing, |entry| entry.offer().connected())
    }

    /// The connections that became usable, stopped being so, or are offered with another client, address or limit;
    /// first of all those that exist. Nobody who listens misses one, however slowly.
    pub fn changes(&self) -> impl Stream<Item = Place> + Send + 'static {
        self.inner.changes.listen()
    }

    /// The connections that their own controller has to look at now.
    pub(super) fn reports(&self) -> impl Stream<Item = Place> + Send + 'static {
        self.inner.reports.listen()
    }

    /// Has the connection looked at now: what needs it changed.
    pub fn request(&self, key: &Place) {
        self.inner.reports.mark(key);
    }

    /// Says how a use of the connection ended. Cheap: only what the connection's status has to show makes it report.
    pub fn note_use(&self, key: &Place, result: Result<(), &xopero::Error>) {
        self.note(key, |entry| (entry.note_use(result), ()));
    }

    /// Says which organizations the account sees: all of them.
    pub fn note_organizations(&self, key: &Place, names: impl IntoIterator<Item = String>) {
        self.note(key, |entry| (entry.instance.note_organizations(names), ()));
    }

    /// Says which facts a listing of the repositories of `organization`, which is the resource that stands for it, showed.
    pub fn note_not_shown(&self, key: &Place, organization: &Place, shown: Showing) {
        let new = self.note(key, |entry| {
            entry.instance.note_not_shown(organization, shown)
        });
        for fact in new.unwrap_or_default() {
            tracing::info!(connection = %key, fact, "Xopero ONE does not show this about repositories; what depends on it is unknown");
        }
    }

    /// Forgets what an organization noted that is gone, or leads elsewhere. `used` are the connections that the others use.
    pub(super) fn forget_user(&self, organization: &Place, used: &BTreeSet<Place>) {
        for (key, entry) in self.entries().iter_mut() {
            let still = if used.contains(key) {
                Use::GoesOn
            } else {
                Use::Over
            };
            if entry.forget_user(organization, still) {
                self.inner.reports.mark(key);
            }
        }
    }

    /// Notes something, and has the connection looked at if there is something new to report.
    fn note<T>(&self, key: &Place, note: impl FnOnce(&mut Entry) -> (bool, T)) -> Option<T> {
        let (is_new, noted) = note(self.entries().get_mut(key)?);
        if is_new {
            self.inner.reports.mark(key);
        }
        Some(noted)
    }

    /// Whether a connection may lead there.
    pub(super) fn origin(&self, url: &str) -> Result<Origin, Trouble> {
        let origin = Origin::parse(url).map_err(|error| {
            Trouble::new(Reason::InvalidSpec, format!("the field spec.{error}"))
        })?;
        match &self.inner.surroundings.allowed_hosts {
            Some(allowed) if !allowed.allow(&origin) => Err(Trouble::new(
                Reason::NotPermitted,
                format!(
                    "The host {} in spec.url is not among those that this operator may connect to ({allowed}). Write one of them, or have --allowed-hosts extended",
                    origin.host()
                ),
            )),
            Some(_) | None => Ok(origin),
        }
    }

    /// What was read for the connection the last time.
    pub(super) fn sources(&self, connection: &XoperoConnection) -> Sources {
        entry_of(&mut self.entries(), &connection.metadata)
            .sources
            .clone()
    }

    /// Takes over what was read for the connection, and says how it stands.
    pub(super) fn update(&self, connection: &XoperoConnection, read: Read) -> Standing {
        self.change(&connection.metadata, |entry| {
            entry.update(connection, read, &self.inner.surroundings)
        })
    }

    /// Takes a connection out of use that cannot even be decoded.
    pub(super) fn block(&self, metadata: &ObjectMeta, trouble: Trouble) {
        self.change(metadata, |entry| entry.block(trouble));
    }

    /// Changes a connection, and tells its users if that makes a difference to them.
    fn change<T>(&self, metadata: &ObjectMeta, change: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.entries();
        let entry = entry_of(&mut entries, metadata);
        let before = entry.offered.take();
        let outcome = change(entry);
        let now = entry.offer();
        let makes_difference = before.is_none_or(|before| !before.is_same(&now));
        entry.offered = Some(now);
        drop(entries);
        if makes_difference {
            self.inner.changes.mark(&Place::from(metadata));
        }
        outcome
    }

    /// Tells accounts apart, in this process.
    pub(super) fn digest_key(&self) -> &DigestKey {
        &self.inner.digest_key
    }

    /// What is held of this very connection.
    pub(super) fn measured(&self, key: &Place, uid: Option<&str>) -> Option<Measured> {
        let entries = self.entries();
        let entry = entries.get(key).filter(|entry| entry.uid() == uid)?;
        Some(entry.measured())
    }

    /// What was last said of the connection in its status. A cache may not show it yet.
    pub(super) fn said(
        &self,
        connection: &XoperoConnection,
    ) -> Option<LastStatus<XoperoConnectionStatus>> {
        entry_of(&mut self.entries(), &connection.metadata)
            .said
            .clone()
    }

    /// Keeps what was said of the connection in its status.
    pub(super) fn say(
        &self,
        connection: &XoperoConnection,
        said: LastStatus<XoperoConnectionStatus>,
    ) {
        entry_of(&mut self.entries(), &connection.metadata).said = Some(said);
    }

    /// Forgets a connection that is gone. Its client ends with the last use of it.
    pub(super) fn remove(&self, key: &Place) {
        let removed = self.entries().remove(key);
        if removed.is_some() {
            self.inner.changes.mark(key);
        }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Place, Entry>> {
        self.inner
            .entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entry of this very object; another one of the same name starts afresh.
fn entry_of<'entries>(
    entries: &'entries mut BTreeMap<Place, Entry>,
    metadata: &ObjectMeta,
) -> &'entries mut Entry {
    let entry = entries
        .entry(Place::from(metadata))
        .or_insert_with(|| Entry::new(metadata));
    if entry.uid() != metadata.uid.as_deref() {
        *entry = Entry::new(metadata);
    }
    entry
}

impl fmt::Debug for Connections {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.entries().keys())
            .finish()
    }
}

#[cfg(test)]
mod tests;
