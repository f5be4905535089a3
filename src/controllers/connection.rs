//! The controller of connections: it keeps the registry of them up to date with Secrets and specs, and reports.
//!
//! It never signs in. Whether an account is good is known only once an organization has used it.

mod events;
mod in_use;
mod report;

use std::{fmt, sync::Arc, time::Duration};

use futures::{
    StreamExt as _,
    future::{self, BoxFuture},
};
use k8s_openapi::jiff::Timestamp;
use kube::{
    Api, Client, ResourceExt as _,
    runtime::{
        Controller,
        controller::{self, Action},
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Reason, XoperoConnection, annotations::is_paused},
    controllers::{
        chain::chain,
        connections::{Connections, Found, Read, Sources, Trouble},
        credentials::{self, AccountAt, BundleAt},
        events::Events,
        failure::{Cause, Failure},
        finalizers,
        metrics::Metrics,
        not_understood,
        observed::{Observed, Place},
        retries::Retries,
        status::{self, LastStatus, Written, write_status},
        watches::{Watch, until_ended},
    },
};

/// The kind, as metrics call it.
const KIND: &str = "XoperoConnection";

/// How often Secrets and bundles are looked at: a changed password is used within 15 s.
pub const CREDENTIALS_INTERVAL: Duration = Duration::from_secs(10);

/// How long a look at both may take. An API server that hangs must not hold up the next look.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The most connections looked at at one time.
const CONCURRENCY: u16 = 16;

/// Which organizations need a connection to undo what they did: those that refer to it, may have used it and carry
/// `xopero.dev/in-use`, as `namespace/name`. `None` while that is not known, because something is not listed yet.
pub type NeededBy = Arc<dyn Fn(&Place) -> BoxFuture<'static, Option<Vec<String>>> + Send + Sync>;

/// What the controller works with.
#[derive(Clone)]
pub struct Context {
    /// The API server.
    pub client: Client,
    /// The registry to keep up to date.
    pub connections: Connections,
    /// Who is told what happened.
    pub events: Events,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who needs a connection.
    pub needed_by: NeededBy,
    /// Nothing begins once this is cancelled.
    pub stop: CancellationToken,
}

/// What the controller of one watch has: what all share, and when it tries again; a changed password does not wait for that.
struct Own {
    shared: Context,
    retries: Retries,
}

/// Why a connection could not be looked at or reported on. It is tried again.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Read(#[from] credentials::Error),
    #[error("the API server did not answer in time to a look at the Secret and the certificates")]
    ReadTimedOut,
    #[error(transparent)]
    Status(#[from] status::Error),
    #[error(transparent)]
    Finalizer(#[from] finalizers::Error),
}

impl Failure for Error {
    fn cause(&self) -> Cause {
        match self {
            Self::Read(error) => error.cause(),
            Self::ReadTimedOut => Cause::TimedOut,
            Self::Status(error) => error.cause(),
            Self::Finalizer(error) => error.cause(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Read(error) => error.retry_after(),
            Self::ReadTimedOut => None,
            Self::Status(error) => error.retry_after(),
            Self::Finalizer(error) => error.retry_after(),
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Context")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// Runs the controller on one watch until it is told to stop; looks under way are finished first.
pub async fn run(context: Context, watch: Watch<XoperoConnection>) {
    let Watch {
        store,
        listed,
        touched,
        ..
    } = watch;
    let connections = context.connections.clone();
    let stop = context.stop.clone();
    let known = store.clone();
    // Connections of other watches have controllers of their own.
    let reports = connections
        .reports()
        .map(|key| ObjectRef::<Observed<_>>::new(&key.name).within(&key.namespace))
        .filter(move |connection| future::ready(known.get(connection).is_some()));
    let queue = context.metrics.queue(KIND);
    let (touched, reports) = (queue.touched(touched), queue.woken(reports));
    let own = Own {
        shared: context,
        retries: Retries::up_to(CREDENTIALS_INTERVAL),
    };
    let reconciled = Controller::for_stream(touched, store.clone())
        .with_config(controller::Config::default().concurrency(CONCURRENCY))
        .reconcile_on(reports)
        .graceful_shutdown_on(stop.clone().cancelled_owned())
        .run(reconcile, on_error, Arc::new(own))
        .for_each(|result| {
            queue.note_end(&result);
            if let Err(error) = result {
                take_note(&connections, &store, &error);
            }
            future::ready(())
        });
    until_ended(reconciled, listed, stop).await;
}

/// What ended without a reconcile: the object is gone, or the watch has trouble.
fn take_note(
    connections: &Connections,
    store: &Store<Observed<XoperoConnection>>,
    error: &controller::Error<Error, watcher::Error>,
) {
    match error {
        controller::Error::ObjectNotFound(gone) => {
            let key = Place::from(&**gone);
            let object =
                ObjectRef::<Observed<XoperoConnection>>::new(&key.name).within(&key.namespace);
            // It may be there again by now, and then it has been looked at anew.
            if store.get(&object).is_none() {
                connections.remove(&key);
            }
        }
        // The policy below has said so, or the watch itself.
        controller::Error::ReconcilerFailed(..) | controller::Error::QueueError(_) => {}
        controller::Error::RunnerError(error) => {
            tracing::error!(
                error = chain(error),
                "The controller of connections ended: {}",
                chain(error)
            );
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the controller hands over what it has"
)]
fn on_error(observed: Arc<Observed<XoperoConnection>>, error: &Error, own: Arc<Own>) -> Action {
    let place = Place::of(&*observed);
    Action::requeue(own.retries.failed(KIND, &place, error))
}

async fn reconcile(
    observed: Arc<Observed<XoperoConnection>>,
    own: Arc<Own>,
) -> Result<Action, Error> {
    let (place, metrics) = (Place::of(&*observed), &own.shared.metrics);
    metrics.queue(KIND).begin(&place);
    let next = metrics.pass(KIND, pass(&observed, &own.shared)).await?;
    own.retries.succeeded(&place);
    Ok(next)
}

async fn pass(observed: &Observed<XoperoConnection>, context: &Context) -> Result<Action, Error> {
    let place = Place::of(observed);
    let needed_by = (context.needed_by)(&place).await;
    // A finalizer that cannot be changed now holds up no report.
    let settled = in_use::settle(context, observed, needed_by.as_deref()).await;
    match observed {
        Observed::Understood(connection) => {
            report(context, connection, needed_by.as_deref()).await?;
        }
        Observed::NotUnderstood(unknown, _) => {
            let trouble = Trouble::new(
                Reason::InvalidSpec,
                "the connection cannot be decoded; correct it",
            );
            context.connections.block(&unknown.metadata, trouble);
            not_understood::report::<XoperoConnection>(
                (&context.client, &context.metrics),
                &place,
                unknown,
            )
            .await?;
        }
    }
    settled?;
    Ok(Action::requeue(CREDENTIALS_INTERVAL))
}

/// Looks at what the connection is made from, hands it to the registry, and writes what is to be said.
async fn report(
    context: &Context,
    connection: &XoperoConnection,
    needed_by: Option<&[String]>,
) -> Result<(), Error> {
    let read = timeout(READ_TIMEOUT, look(context, connection))
        .await
        .map_err(|_| Error::ReadTimedOut)??;
    let standing = context.connections.update(connection, read);
    // Whatever becomes of the status.
    let found = events::found(&standing);
    events::publish(&context.events, connection, found).await;
    let cached = connection.status.as_ref();
    let said = context.connections.said(connection);
    let before = said.as_ref().map(|said| &said.status).or(cached);
    let status = report::status(connection, &standing, needed_by, before, Timestamp::now());
    let api: Api<XoperoConnection> = Api::namespaced(
        context.client.clone(),
        &connection.namespace().unwrap_or_default(),
    );
    let shown = said
        .as_ref()
        .map_or(cached, |said| said.shown(cached, &connection.metadata));
    match write_status(&api, connection, shown, &status).await? {
        written @ (Written::Changed { .. } | Written::Same) => {
            let due = events::due(before, &status);
            if written != Written::Same {
                context.metrics.note_status_write(KIND);
            }
            let said = LastStatus::then(said.as_ref(), status, written);
            context.connections.say(connection, said);
            events::publish(&context.events, connection, due).await;
        }
        Written::Gone => {}
    }
    Ok(())
}

/// Reads no more than may be read: nothing while paused, and no Secret for a host that is not allowed.
async fn look(
    context: &Context,
    connection: &XoperoConnection,
) -> Result<Read, credentials::Error> {
    if is_paused(&connection.metadata) {
        return Ok(Read::Paused);
    }
    let spec = &connection.spec;
    let origin = match context.connections.origin(&spec.url) {
        Ok(origin) => origin,
        Err(trouble) => return Ok(Read::Refused(trouble)),
    };
    let Sources { account, bundle } = context.connections.sources(connection);
    let namespace = connection.namespace().unwrap_or_default();
    let account = AccountAt::read(
        &context.client,
        context.connections.digest_key(),
        &namespace,
        &spec.credentials_secret_ref,
        account,
    )
    .await?;
    let bundle = match spec.tls.as_ref().and_then(|tls| tls.ca_bundle_ref.as_ref()) {
        None => None,
        Some(reference) => {
            Some(BundleAt::read(&context.client, &namespace, reference, bundle).await?)
        }
    };
    Ok(Read::Found(Box::new(Found {
        origin,
        account,
        bundle,
    })))
}

#[cfg(test)]
mod tests;
