//! The events of a connection: only on a change, and never with anything secret.

use kube::{
    Resource,
    runtime::events::{Event, EventType},
};

use super::report::names;
use crate::{
    api::{
        Reason, XoperoConnectionStatus,
        conditions::{ConditionType, find},
    },
    controllers::{
        connections::{Compared, Standing},
        events::Events,
        observed::Place,
    },
};

/// What a look found that no later one finds again.
pub(super) fn found(standing: &Standing) -> Option<Event> {
    (standing.account == Some(Compared::Other)).then(|| Event {
        type_: EventType::Normal,
        reason: "CredentialsChanged".to_owned(),
        note: Some(
            "The Secret holds another e-mail or password, which is used from now on.".to_owned(),
        ),
        action: "ReadSecret".to_owned(),
        secondary: None,
    })
}

/// What a change from one report to the next is worth telling.
pub(super) fn due(
    before: Option<&XoperoConnectionStatus>,
    after: &XoperoConnectionStatus,
) -> Option<Event> {
    let stalled = find(&after.conditions, ConditionType::Stalled)?;
    let told = before.and_then(|before| find(&before.conditions, ConditionType::Stalled));
    if told.is_some_and(|told| told.reason == stalled.reason) {
        return None;
    }
    let told_by = [
        (Reason::LoginRejected, "SignIn"),
        (Reason::SecretNotConsenting, "ReadSecret"),
    ];
    let (_, action) = told_by
        .into_iter()
        .find(|(reason, _)| reason.as_str() == stalled.reason)?;
    Some(Event {
        type_: EventType::Warning,
        reason: stalled.reason.clone(),
        note: Some(stalled.message.clone()),
        action: action.to_owned(),
        secondary: None,
    })
}

/// The connection goes although organizations need it.
pub(super) fn given_up(needed_by: &[String]) -> Event {
    let left = if needed_by.is_empty() {
        "organizations that may still need it".to_owned()
    } else {
        names(needed_by)
    };
    Event {
        type_: EventType::Warning,
        reason: "LeftBehind".to_owned(),
        note: Some(format!(
            "The connection goes because of the annotation xopero.dev/force-finalize. Left behind without it: {left}. What their resources were to undo in Xopero ONE stays as it is."
        )),
        action: "ForceFinalize".to_owned(),
        secondary: None,
    }
}

/// Publishes events, and logs what they say.
pub(super) async fn publish(
    channel: &Events,
    connection: &impl Resource<DynamicType = ()>,
    events: impl IntoIterator<Item = Event>,
) {
    for event in events {
        let key = Place::from(connection.meta());
        let note = event.note.as_deref().unwrap_or_default();
        match event.type_ {
            EventType::Normal => {
                tracing::info!(connection = %key, reason = event.reason, "{note}");
            }
            EventType::Warning => {
                tracing::warn!(connection = %key, reason = event.reason, "{note}");
            }
        }
        channel.publish(event, &connection.object_ref(&())).await;
    }
}
