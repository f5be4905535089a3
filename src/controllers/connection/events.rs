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

/// What a change from one report to the next is worth telling.
pub(super) fn due(
    before: Option<&XoperoConnectionStatus>,
    after: &XoperoConnectionStatus,
    standing: &Standing,
) -> Vec<Event> {
    let mut events = Vec::new();
    if standing.account == Some(Compared::Other) {
        events.push(Event {
            type_: EventType::Normal,
            reason: "CredentialsChanged".to_owned(),
            note: Some(
                "The Secret holds another e-mail or password, which is used from now on."
                    .to_owned(),
            ),
            action: "ReadSecret".to_owned(),
            secondary: None,
        });
    }
    let Some(stalled) = find(&after.conditions, ConditionType::Stalled) else {
        return events;
    };
    let told = before.and_then(|before| find(&before.conditions, ConditionType::Stalled));
    if told.is_some_and(|told| told.reason == stalled.reason) {
        return events;
    }
    let told_by = [
        (Reason::LoginRejected, "SignIn"),
        (Reason::SecretNotConsenting, "ReadSecret"),
    ];
    let action = told_by
        .into_iter()
        .find(|(reason, _)| reason.as_str() == stalled.reason);
    let Some((_, action)) = action else {
        return events;
    };
    events.push(Event {
        type_: EventType::Warning,
        reason: stalled.reason.clone(),
        note: Some(stalled.message.clone()),
        action: action.to_owned(),
        secondary: None,
    });
    events
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
    events: Vec<Event>,
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
