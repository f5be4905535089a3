//! The organizations' controller: observe, decide once for all claims, act in slices, report. An organization has one writer, and
//! kube runs one reconcile per object at a time.

mod act;
mod choose;
mod context;
mod declared;
mod dereference;
mod elsewhere;
mod events;
mod fresh_look;
mod gather;
mod gone;
mod heard;
mod hour;
mod in_use;
mod last_look;
mod made;
mod observe;
mod owners;
mod pass;
mod plan_settings;
mod report;
mod scopes;
mod slice;
mod spoken;
mod start;
mod state;
mod states;
mod synchronize;
#[cfg(test)]
mod tests;
mod twins;
mod unconfirmed;
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

pub use context::{Context, Shared};
pub use owners::Owners;
pub use scopes::Scopes;
pub use wake::Wake;

use self::in_use::Kept;

use super::{
    failure::ReportError,
    finalizers::Presence,
    not_understood,
    observed::{Observed, Place},
    watches::{Watch, until_ended},
};
use crate::api::{XoperoOrganization, annotations::IN_USE};

/// The kind, as metrics call it.
const KIND: &str = "XoperoOrganization";
/// Passes of one organization begin this far apart at the least, and take all that came.
const BETWEEN_PASSES: Duration = Duration::from_secs(1);
/// After this it is seen again whether everything is listed.
const BEFORE_THE_START: Duration = Duration::from_millis(100);

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
    let queue = context.metrics.queue(KIND);
    let (touched, woken) = (queue.touched(touched), queue.woken(woken));
    let stop = context.stop.clone();
    // No limit: the connection's budget is the limit.
    let reconciled = Controller::for_stream(touched, store)
        .with_config(Config::default())
        .reconcile_on(woken)
        .graceful_shutdown_on(stop.clone().cancelled_owned())
        .run(reconcile, on_error, Arc::new(context))
        .for_each(|ended| {
            // Errors are handled where they arise: on_error.
            queue.note_end(&ended);
            std::future::ready(())
        });
    until_ended(reconciled, listed, stop).await;
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the controller hands over what it has"
)]
fn on_error(
    observed: Arc<Observed<XoperoOrganization>>,
    error: &ReportError,
    context: Arc<Context>,
) -> Action {
    let place = Place::of(&*observed);
    Action::requeue(context.retries.failed(KIND, &place, error))
}

async fn reconcile(
    observed: Arc<Observed<XoperoOrganization>>,
    context: Arc<Context>,
) -> Result<Action, ReportError> {
    let place = Place::of(&*observed);
    context.metrics.queue(KIND).begin(&place);
    let resource = match &*observed {
        Observed::Understood(resource) => resource,
        Observed::NotUnderstood(unknown, _) => {
            context.take_back(&place).await;
            let report = async {
                in_use::settle_undecodable(&context, &observed, &place).await?;
                let told = (&context.client, &context.events);
                let forced = (IN_USE, in_use::LEFT_BEHIND);
                if not_understood::let_go(told, &observed, forced).await? == Presence::Here {
                    let noted = (&context.client, &*context.metrics);
                    not_understood::report::<XoperoOrganization>(noted, &place, unknown).await?;
                }
                Ok::<_, ReportError>(())
            };
            context.metrics.pass(KIND, report).await?;
            context.retries.succeeded(&place);
            return Ok(Action::await_change());
        }
    };
    if !context.has_started() {
        return Ok(Action::requeue(BEFORE_THE_START));
    }
    let kept = context.states.of(&place);
    let mut locked = kept.lock().await;
    let uid: Arc<str> = resource.uid().unwrap_or_default().into();
    if !context.is_there(&place, &uid) {
        // What a pass over it said would stand for ever: it was forgotten while this one waited for its turn.
        drop(locked);
        context.states.release(&place, kept);
        return Ok(Action::await_change());
    }
    let state = match &mut *locked {
        Some(state) if state.uid == uid => state,
        other => {
            if other.is_some() {
                context.forget_known(&place);
            }
            other.insert(state::State::of(resource, &uid))
        }
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
        match in_use::keep_in_use(&context, &api, &place, resource).await? {
            Kept::Gone => return Ok(Action::await_change()),
            Kept::Here(needed_by) => state.needed_by = needed_by,
        }
        waiting::say_begun(&context, &place, resource, state).await?;
        let next = pass::pass(&context, &place, resource, state).await?;
        Ok(Action::requeue(next))
    };
    let next = context.metrics.pass(KIND, pass).await;
    match &next {
        Ok(_) => context.retries.succeeded(&place),
        Err(_) => context.owners.note_tried(&place),
    }
    next
}
