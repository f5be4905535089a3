//! The organizations' controller: observe, decide once for all claims, act in slices, report. An organization has one writer, and
//! kube runs one reconcile per object at a time.

mod act;
mod choose;
mod context;
mod declared;
mod dereference;
mod gather;
mod in_use;
#[cfg(test)]
mod integrity;
mod made;
mod observe;
#[cfg(test)]
mod outage;
mod owners;
mod pass;
mod report;
mod scopes;
mod state;
mod synchronize;
mod twins;
mod waiting;
mod wake;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt;
use kube::{
    Api, ResourceExt,
    runtime::{
        Controller,
        controller::{Action, Config},
        reflector::ObjectRef,
    },
};
use thiserror::Error;
use tracing::warn;

pub use context::{Context, Shared};
pub use owners::Owners;
pub use scopes::Scopes;
pub use wake::Wake;

use super::{
    failure::{Cause, Failure},
    finalizers,
    observed::{Observed, Place},
    watches::{Watch, until_ended},
};
use crate::api::XoperoOrganization;

/// The kind, as metrics call it.
const KIND: &str = "XoperoOrganization";
/// Passes of one organization begin this far apart at the least, and take all that came.
const BETWEEN_PASSES: Duration = Duration::from_secs(1);
/// After this, a pass that failed at the API server is tried again.
const RETRY: Duration = Duration::from_secs(5);
/// After this it is seen again whether everything is listed.
const BEFORE_THE_START: Duration = Duration::from_millis(100);

/// Why a pass could not be reported.
#[derive(Debug, Error)]
pub enum Error {
    /// The status was not written.
    #[error(transparent)]
    Status(#[from] super::status::Error),
    /// The finalizer was not changed.
    #[error(transparent)]
    Finalizer(#[from] finalizers::Error),
}

impl Failure for Error {
    fn cause(&self) -> Cause {
        match self {
            Self::Status(error) => error.cause(),
            Self::Finalizer(error) => error.cause(),
        }
    }
}

/// Runs the controller on one watch until it is told to stop.
pub async fn run(context: Context, watch: Watch<XoperoOrganization>) {
    let Watch {
        namespace,
        store,
        listed,
        touched,
    } = watch;
    let woken = context.wake.listen(namespace.as_deref()).map(|place| {
        ObjectRef::<Observed<XoperoOrganization>>::new(&place.name).within(&place.namespace)
    });
    let stop = context.stop.clone();
    // No limit: the connection's budget is the limit.
    let reconciled = Controller::for_stream(touched, store)
        .with_config(Config::default())
        .reconcile_on(woken)
        .graceful_shutdown_on(stop.clone().cancelled_owned())
        .run(reconcile, on_error, Arc::new(context))
        .for_each(|_| std::future::ready(()));
    until_ended(reconciled, listed, stop).await;
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the controller hands over what it has"
)]
fn on_error(observed: Arc<Observed<XoperoOrganization>>, error: &Error, _: Arc<Context>) -> Action {
    let place = Place::of(&*observed);
    warn!(organization = %place, error = %error, "{place} could not be reported");
    Action::requeue(RETRY)
}

async fn reconcile(
    observed: Arc<Observed<XoperoOrganization>>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    let place = Place::of(&*observed);
    let resource = match &*observed {
        Observed::Understood(resource) => resource,
        Observed::NotUnderstood(unknown) => {
            let report = super::claim::report_not_understood::<XoperoOrganization>(
                (&context.client, &context.metrics),
                &place,
                unknown,
            );
            context.metrics.pass(KIND, report).await?;
            return Ok(Action::await_change());
        }
    };
    if !context.has_started() {
        return Ok(Action::requeue(BEFORE_THE_START));
    }
    let state = context.state(&place);
    let mut state = state.lock().await;
    let uid: Arc<str> = resource.uid().unwrap_or_default().into();
    let state = match &mut *state {
        Some(state) if state.uid == uid => state,
        other => other.insert(state::State::of(resource, &uid)),
    };
    if let Some(begun) = state.begun_at
        && let Some(left) = BETWEEN_PASSES.checked_sub(begun.elapsed())
    {
        return Ok(Action::requeue(left));
    }
    state.begun_at = Some(Instant::now());
    let pass = async {
        let api: Api<XoperoOrganization> =
            Api::namespaced(context.client.clone(), &place.namespace);
        in_use::keep_in_use(&context, &api, &place, resource).await?;
        waiting::say_begun(&context, &place, resource, state).await?;
        pass::pass(&context, &place, resource, state).await
    };
    let next = context.metrics.pass(KIND, pass).await;
    if next.is_err() {
        context.owners.note_tried(&place);
    }
    Ok(Action::requeue(next?))
}
