//! The thin controller of plans, repositories and projects: take the verdict, write the status if it differs, keep the finalizer.

mod cleaned_up;
mod latest;
mod missing;
mod next;
mod released;
mod status;

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use k8s_openapi::jiff::Timestamp;
use kube::{
    Api, Client, Resource, ResourceExt,
    core::NamespaceResourceScope,
    runtime::{
        Controller,
        controller::{Action, Config},
        events::{Event, EventType},
        reflector::ObjectRef,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;

pub use status::Reporting;

use self::{
    latest::Latest, missing::missing_organization, next::next_status, released::is_released,
};

use super::{
    claims::Claiming,
    events::Events,
    failure::ReportError,
    finalizers::{self, Presence},
    metrics::Metrics,
    not_understood,
    observed::{Observed, Place},
    retries::{LONGEST, Retries},
    status::{LastStatus, Written, write_status},
    verdicts::{Verdicts, Word},
    watches::{Stored, Watch, until_ended},
};
use crate::{
    api::{
        XoperoOrganization,
        annotations::{CLEANUP, has_finalizer, is_force_finalized},
    },
    decide::ClaimKey,
};

/// How many claims of one kind are reported at once.
const CONCURRENCY: u16 = 16;
/// After this it is seen again whether the organizations are listed.
const BEFORE_THE_LISTING: Duration = Duration::from_secs(1);

/// After what a status says has come to its end.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Of what cannot be decoded and goes without its clean-up.
const NOT_KNOWN_WHAT: &str = "xopero.dev/force-finalize lets this resource go without its clean-up. It cannot be decoded, so what it names \
                              is not known; that is left as it is in Xopero ONE.";

/// What the controllers of claims share.
#[derive(Clone)]
pub struct Context {
    /// The API server.
    pub client: Client,
    /// What is said of each claim.
    pub verdicts: Arc<Verdicts>,
    /// The organizations that there are.
    pub organizations: Arc<Stored<XoperoOrganization>>,
    /// Who is told what happened.
    pub events: Events,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

/// What the controller of one kind has: what all share, and what it has just said itself.
struct Own<K: Thin> {
    shared: Context,
    latest: Latest<K::Status>,
    retries: Retries,
}

/// A kind with such a controller.
pub trait Thin:
    Claiming
    + Reporting
    + Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Clone
    + std::fmt::Debug
    + DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

/// Runs the controller on one watch until it is told to stop.
pub async fn run<K: Thin>(context: Context, watch: Watch<K>, stop: CancellationToken)
where
    K::Status: Serialize + PartialEq + Clone + Send + Sync,
{
    let Watch {
        namespace,
        store,
        listed,
        touched,
    } = watch;
    let news = context
        .verdicts
        .news(K::KIND, namespace.as_deref())
        .map(|place| ObjectRef::<Observed<K>>::new(&place.name).within(&place.namespace));
    let queue = context.metrics.queue(K::KIND.as_str());
    let (touched, news) = (queue.touched(touched), queue.woken(news));
    let own = Own::<K> {
        shared: context,
        latest: Latest::default(),
        retries: Retries::up_to(LONGEST),
    };
    let reconciled = Controller::for_stream(touched, store)
        .with_config(Config::default().concurrency(CONCURRENCY))
        .reconcile_on(news)
        .graceful_shutdown_on(stop.clone().cancelled_owned())
        .run(reconcile::<K>, on_error::<K>, Arc::new(own))
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
fn on_error<K: Thin>(observed: Arc<Observed<K>>, error: &ReportError, own: Arc<Own<K>>) -> Action {
    let place = Place::of(&*observed);
    Action::requeue(own.retries.failed(K::KIND.as_str(), &place, error))
}

async fn reconcile<K: Thin>(
    observed: Arc<Observed<K>>,
    own: Arc<Own<K>>,
) -> Result<Action, ReportError>
where
    K::Status: Serialize + PartialEq + Clone + Send + Sync,
{
    let (place, kind) = (Place::of(&*observed), K::KIND.as_str());
    let metrics = &own.shared.metrics;
    metrics.queue(kind).begin(&place);
    let next = metrics.pass(kind, pass(&observed, &own)).await?;
    own.retries.succeeded(&place);
    Ok(next)
}

async fn pass<K: Thin>(observed: &Observed<K>, own: &Own<K>) -> Result<Action, ReportError>
where
    K::Status: Serialize + PartialEq + Clone + Send + Sync,
{
    let Own {
        shared: context,
        latest,
        retries: _,
    } = own;
    let place = Place::of(observed);
    let resource = match observed {
        Observed::Understood(resource) => resource,
        Observed::NotUnderstood(unknown, _) => {
            let told = (&context.client, &context.events);
            let forced = (CLEANUP, NOT_KNOWN_WHAT);
            if not_understood::let_go(told, observed, forced).await? == Presence::Here {
                let noted = (&context.client, &*context.metrics);
                not_understood::report::<K>(noted, &place, unknown).await?;
            }
            return Ok(Action::await_change());
        }
    };
    let uid = resource.uid().unwrap_or_default();
    let newer = latest
        .beyond(&place, resource.meta())
        .map(|status| resource.clone().with_status(status));
    let resource = newer.as_ref().unwrap_or(resource);
    let api: Api<K> = Api::namespaced(context.client.clone(), &place.namespace);
    let key = ClaimKey {
        kind: K::KIND,
        namespace: place.namespace.clone(),
        name: place.name.clone(),
    };
    // Asked before any organization is looked for: what is listed in between was not there to be found.
    let are_listed = context.organizations.is_listed();
    let said = context.verdicts.get(&key, &uid);
    let word = said.or_else(|| missing_organization(&context.organizations, observed));
    if let Some(status) = cleaned_up::due(resource, word.as_ref()) {
        say(own, &api, resource, status).await?;
    }
    if keep_finalizer(context, &api, resource, word.as_ref()).await? == Presence::Gone {
        return Ok(Action::await_change());
    }
    let now = Timestamp::now();
    let status = next_status(resource, word.as_ref(), now);
    let outlives = resource.backup_outlives(status.as_ref().or_else(|| resource.status()));
    if let Some(status) = status {
        say(own, &api, resource, status).await?;
    }
    if word.is_none() && !are_listed {
        // Whether its organization is there is not known yet, and nobody wakes a claim when it turns out that it is not.
        return Ok(Action::requeue(BEFORE_THE_LISTING));
    }
    // What time alone makes untrue wakes nobody.
    Ok(outlives.map_or_else(Action::await_change, |until| {
        let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        Action::requeue(left + A_MOMENT)
    }))
}

/// Writes the status, if it differs.
async fn say<K: Thin>(
    own: &Own<K>,
    api: &Api<K>,
    resource: &K,
    status: K::Status,
) -> Result<(), ReportError>
where
    K::Status: Serialize + PartialEq + Clone,
{
    let written = write_status(api, resource, resource.status(), &status).await?;
    if matches!(written, Written::Changed { .. }) {
        own.shared.metrics.note_status_write(K::KIND.as_str());
        let said = LastStatus::then(None, status, written);
        own.latest.note(Place::of(resource), resource.uid(), said);
    }
    Ok(())
}

/// The finalizer is there when the policy asks for a clean-up, and goes when it does not, or when the clean-up is done.
async fn keep_finalizer<K: Thin>(
    context: &Context,
    api: &Api<K>,
    resource: &K,
    word: Option<&Word>,
) -> Result<Presence, ReportError> {
    let metadata = resource.meta();
    let deleting = metadata.deletion_timestamp.is_some();
    if !has_finalizer(metadata, CLEANUP) {
        let is_over = cleaned_up::is_said(resource) || is_force_finalized(metadata);
        if resource.needs_cleanup() {
            if deleting && is_over {
                return Ok(Presence::Gone);
            }
            if deleting {
                too_late(context, resource).await;
            } else {
                finalizers::add(api, resource, CLEANUP).await?;
            }
        }
        return Ok(if deleting && resource.finalizers().is_empty() {
            Presence::Gone
        } else {
            Presence::Here
        });
    }
    let released = is_released(resource, word);
    let forced = deleting && is_force_finalized(metadata);
    if forced && !released {
        left_behind(context, resource).await;
    }
    if !resource.needs_cleanup() || (deleting && (released || forced)) {
        finalizers::remove(api, resource, CLEANUP).await?;
        return Ok(if deleting {
            Presence::Gone
        } else {
            Presence::Here
        });
    }
    Ok(Presence::Here)
}

/// Somebody else's finalizer holds it, and ours is not on: its policy was set during the deletion, or it was deleted before the operator had
/// put it on, or the clean-up of a policy that asked for less is over. The API server takes no new finalizer any more.
async fn too_late<K: Thin>(context: &Context, resource: &K) {
    let note = format!(
        "The clean-up that the deletionPolicy asks for is not done: the finalizer xopero.dev/cleanup is not on the resource, and none can \
         be put on while it is being deleted. Left as it is in Xopero ONE: {}.",
        resource.left_behind()
    );
    publish(context, resource, ("CleanUpTooLate", "Delete", note)).await;
}

async fn left_behind<K: Thin>(context: &Context, resource: &K) {
    let note = format!(
        "xopero.dev/force-finalize lets this resource go without its clean-up; left as it is in Xopero ONE: {}.",
        resource.left_behind()
    );
    publish(context, resource, ("LeftBehind", "ForceFinalize", note)).await;
}

async fn publish<K: Thin>(
    context: &Context,
    resource: &K,
    (reason, action, note): (&str, &str, String),
) {
    let event = Event {
        type_: EventType::Warning,
        reason: reason.to_owned(),
        note: Some(note),
        action: action.to_owned(),
        secondary: None,
    };
    let regarding = resource.object_ref(&());
    context.events.publish(event, &regarding).await;
}

impl<K> Thin for K where
    K: Claiming
        + Reporting
        + Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static
{
}
