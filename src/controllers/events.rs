//! Publishing events. Two that say different things stay two: kube's recorder joins what has the same reason, action and object,
//! and shows the text of the first for all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::ObjectReference;
use kube::{
    Client,
    runtime::events::{Event, Recorder, Reporter},
};
use tracing::warn;

use super::chain::chain;
use crate::api::{conditions::MAX_MESSAGE_BYTES, cut};

/// For so long one that says the same counts as the same; a little longer than kube remembers it.
const REMEMBERED: Duration = Duration::from_mins(7);

/// Publishes events under one name.
#[derive(Clone)]
pub struct Events {
    client: Client,
    reporter: Reporter,
    recorders: Arc<Mutex<HashMap<Text, (Instant, Recorder)>>>,
}

/// What an event says, and of which object. What else tells events apart is kube's recorder's to see.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Text {
    uid: Option<String>,
    reason: String,
    note: Option<String>,
}

impl Text {
    fn of(event: &Event, regarding: &ObjectReference) -> Self {
        Self {
            uid: regarding.uid.clone(),
            reason: event.reason.clone(),
            note: event.note.clone(),
        }
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl Events {
    /// Publishes as `reporter`.
    #[must_use]
    pub fn new(client: Client, reporter: Reporter) -> Self {
        Self {
            client,
            reporter,
            recorders: Arc::default(),
        }
    }

    /// Publishes an event; its note is cut at what the API server takes. Nothing depends on it: what the API server does not take, for
    /// example in a namespace that is being deleted, is in the log with what it says.
    pub async fn publish(&self, mut event: Event, regarding: &ObjectReference) {
        event.note = event
            .note
            .map(|note| cut(&note, MAX_MESSAGE_BYTES).to_owned());
        let recorder = self.recorder(&event, regarding, Instant::now());
        if let Err(error) = recorder.publish(&event, regarding).await {
            let [kind, namespace, name] = [&regarding.kind, &regarding.namespace, &regarding.name]
                .map(|part| part.as_deref().unwrap_or_default());
            let (reason, note) = (&event.reason, event.note.as_deref().unwrap_or_default());
            warn!(
                error = chain(&error),
                reason, "An event of {kind} {namespace}/{name} could not be published: {note}"
            );
        }
    }

    /// The recorder that published this very text before, so that it counts it, or one of its own.
    fn recorder(&self, event: &Event, regarding: &ObjectReference, now: Instant) -> Recorder {
        let text = Text::of(event, regarding);
        let mut recorders = self
            .recorders
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        recorders.retain(|_, (used, _)| now.duration_since(*used) < REMEMBERED);
        let (used, recorder) = recorders.entry(text).or_insert_with(|| {
            let recorder = Recorder::new(self.client.clone(), self.reporter.clone());
            (now, recorder)
        });
        *used = now;
        recorder.clone()
    }
}

#[cfg(test)]
mod tests {
    use kube::runtime::events::EventType;
    use rstest::rstest;

    use super::*;

    fn text((uid, reason, note): (&str, &str, &str)) -> Text {
        let event = Event {
            type_: EventType::Normal,
            reason: reason.to_owned(),
            note: Some(note.to_owned()),
            action: "Observe".to_owned(),
            secondary: None,
        };
        let regarding = ObjectReference {
            uid: Some(uid.to_owned()),
            ..ObjectReference::default()
        };
        Text::of(&event, &regarding)
    }

    #[rstest]
    //                     the other                             is counted as the same
    #[case::the_same(      ("acme", "Renamed", "a is now b"),    true)]
    #[case::another_text(  ("acme", "Renamed", "c is now d"),    false)]
    #[case::another_reason(("acme", "Attached", "a is now b"),   false)]
    #[case::another_object(("globex", "Renamed", "a is now b"),  false)]
    fn only_what_says_the_same_of_the_same_object_is_counted_as_one_event(
        #[case] other: (&str, &str, &str),
        #[case] is_same: bool,
    ) {
        assert_eq!(
            text(("acme", "Renamed", "a is now b")) == text(other),
            is_same
        );
    }
}
