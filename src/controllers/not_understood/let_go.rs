//! What cannot be decoded may go as well, where a person asks for that: its metadata can be read.

use kube::{
    Api, Client, Resource as _,
    runtime::events::{Event, EventType},
};

use super::super::{
    events::Events,
    finalizers::{self, Presence},
    observed::{Observed, Place},
    watches::Watchable,
};
use crate::api::annotations::{has_finalizer, is_force_finalized};

/// Takes the finalizer off a resource that is being deleted, where it is annotated with `xopero.dev/force-finalize`. An event says what
/// that leaves behind.
///
/// # Errors
/// When the API server does not take it.
pub(in crate::controllers) async fn let_go<K: Watchable>(
    (client, events): (&Client, &Events),
    observed: &Observed<K>,
    (finalizer, note): (&str, &str),
) -> Result<Presence, finalizers::Error> {
    let metadata = observed.meta();
    let is_asked_for = metadata.deletion_timestamp.is_some() && is_force_finalized(metadata);
    if !is_asked_for || !has_finalizer(metadata, finalizer) {
        return Ok(Presence::Here);
    }
    let event = Event {
        type_: EventType::Warning,
        reason: "LeftBehind".to_owned(),
        note: Some(note.to_owned()),
        action: "ForceFinalize".to_owned(),
        secondary: None,
    };
    // Said first: rather twice than never.
    events.publish(event, &observed.object_ref(&())).await;
    let api: Api<Observed<K>> = Api::namespaced(client.clone(), &Place::of(observed).namespace);
    finalizers::remove(&api, observed, finalizer).await?;
    Ok(Presence::Gone)
}
