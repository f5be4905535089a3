//! How a connection is offered to those who use it.

use std::sync::Arc;

use crate::{
    api::{AllowedNamespaces, Reason},
    xopero::Client,
};

/// A connection, as whoever asks for it finds it.
#[derive(Clone, Debug)]
pub enum Connected {
    /// It can be used.
    Usable(Usable),
    /// It cannot be used at the moment.
    Waiting {
        /// Why: the reason of the connection's own conditions. Who waits for it is Reconciling, `WaitingForConnection`.
        reason: Reason,
        /// The same in full sentences, with the way out.
        message: String,
    },
    /// It is there, and its first look at Secret and certificates is under way: nothing is to be reported yet.
    Unread,
    /// There is no such connection.
    Missing,
}

/// A connection that can be used.
#[derive(Clone, Debug)]
pub struct Usable {
    /// The client, with the connection's budget and token.
    pub client: Client,
    /// Counts the clients of the connection.
    pub generation: u64,
    /// The instance. Another one has other ids: what was listed before is void.
    pub url: Arc<str>,
    /// The uid of the resource.
    pub uid: Arc<str>,
    /// Whether `settings` of plans may be sent.
    pub settings_allowed: bool,
    /// The most requests under way at one time.
    pub in_flight: usize,
    /// From which namespaces it may be used.
    pub allowed: AllowedNamespaces,
}

/// What is offered, comparable with what was offered before.
#[derive(Clone, Debug)]
pub(in crate::controllers) enum Offer {
    Usable(Usable),
    Waiting { reason: Reason, message: String },
    Unread,
}

impl Offer {
    pub(super) fn connected(self) -> Connected {
        match self {
            Self::Usable(usable) => Connected::Usable(usable),
            Self::Waiting { reason, message } => Connected::Waiting { reason, message },
            Self::Unread => Connected::Unread,
        }
    }

    /// Whether nothing is different for who uses the connection.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Usable(usable), Self::Usable(other)) => {
                // No `..`: a new field must not go unnoticed. The client is told by its generation.
                let Usable {
                    client: _,
                    generation,
                    url,
                    uid,
                    settings_allowed,
                    in_flight,
                    allowed,
                } = usable;
                *generation == other.generation
                    && *url == other.url
                    && *uid == other.uid
                    && *settings_allowed == other.settings_allowed
                    && *in_flight == other.in_flight
                    && *allowed == other.allowed
            }
            (
                Self::Waiting { reason, message },
                Self::Waiting {
                    reason: other,
                    message: others,
                },
            ) => reason == other && message == others,
            (Self::Unread, Self::Unread) => true,
            (Self::Usable(_) | Self::Waiting { .. } | Self::Unread, _) => false,
        }
    }
}
