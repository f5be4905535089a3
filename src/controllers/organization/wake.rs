//! Wakes organizations, from wherever there is news of them.

use std::sync::{Arc, Mutex, PoisonError};

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};

use super::super::observed::Place;

/// Who listens for one namespace, or for all.
#[derive(Debug)]
struct Listener {
    namespace: Option<String>,
    sender: UnboundedSender<Place>,
}

/// Wakes organizations, from wherever there is news of them.
#[derive(Clone, Debug, Default)]
pub struct Wake {
    listeners: Arc<Mutex<Vec<Listener>>>,
}

impl Wake {
    /// The organizations of one watch that are woken.
    pub fn listen(&self, namespace: Option<&str>) -> UnboundedReceiver<Place> {
        let (sender, receiver) = unbounded();
        let listener = Listener {
            namespace: namespace.map(str::to_owned),
            sender,
        };
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
        receiver
    }

    /// Wakes the organization at that place.
    pub fn organization(&self, place: &Place) {
        let listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for listener in listeners.iter() {
            if listener
                .namespace
                .as_ref()
                .is_none_or(|namespace| *namespace == place.namespace)
            {
                // A closed receiver is a controller that has stopped.
                let _stopped = listener.sender.unbounded_send(place.clone());
            }
        }
    }
}
