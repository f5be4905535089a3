//! What stands in the way of a deletion.

#![expect(
    clippy::unwrap_used,
    reason = "a simulator that does not come back is the test's failure"
)]

use super::Subject;
use crate::{objects::Kind, world::World, yaml};

#[derive(Clone, Copy, Debug)]
pub(super) enum Obstacle {
    ApiDown,
    LoginRejected,
    SecretGone,
    OperatorDown,
    Paused,
    Observe,
}

impl Obstacle {
    pub(super) async fn put(self, world: &mut World, subject: &Subject) {
        match self {
            Self::ApiDown => world.simulator.stop(),
            Self::LoginRejected => {
                let wrong = yaml::secret().replace(yaml::PASSWORD, "mistyped");
                world.apply(&wrong).await;
            }
            Self::SecretGone => {
                world.kubectl(&["delete", "secret", "account"]).await;
            }
            Self::OperatorDown => world.stop_operator().await,
            Self::Paused => {
                let paused = "xopero.dev/paused=true";
                world.annotate(subject.kind, subject.name, paused).await;
                world
                    .wait_for(subject.kind, subject.name, "Paused", |object| {
                        object.says("Paused").starts_with("True ")
                    })
                    .await;
            }
            Self::Observe => world.apply(&subject.organization("mode: Observe")).await,
        }
        if matches!(self, Self::LoginRejected | Self::SecretGone) {
            world
                .wait_for(Kind::Connection, "xopero", "not Ready", |object| {
                    !object.is_ready()
                })
                .await;
        }
    }

    pub(super) async fn take_away(self, world: &mut World, subject: &Subject) {
        match self {
            Self::ApiDown => world.simulator.restart().unwrap(),
            Self::LoginRejected | Self::SecretGone => world.apply(&yaml::secret()).await,
            Self::OperatorDown => world.start_operator().await,
            Self::Paused => {
                world
                    .annotate(subject.kind, subject.name, "xopero.dev/paused-")
                    .await;
            }
            Self::Observe => world.apply(&subject.organization("mode: Manage")).await,
        }
    }

    /// The condition with which it waits, and what that says: why, and the way out. Without an operator nobody says anything.
    pub(super) const fn says(self) -> Option<(&'static str, &'static str, [&'static str; 2])> {
        let deleting = "True Deleting";
        match self {
            Self::ApiDown => {
                let says = ["onnection to Xopero ONE", "deletionPolicy: Retain"];
                Some(("Reconciling", deleting, says))
            }
            Self::LoginRejected => {
                let says = ["rejected the e-mail and password", "Correct them"];
                Some(("Reconciling", deleting, says))
            }
            Self::SecretGone => {
                let says = ["is not there yet", "Create it"];
                Some(("Reconciling", deleting, says))
            }
            Self::OperatorDown => None,
            Self::Paused => {
                let says = ["its deletion waits", "until the annotation is gone"];
                Some(("Paused", "True Requested", says))
            }
            Self::Observe => {
                let says = ["is in Observe mode", "Set mode: Manage"];
                Some(("Reconciling", deleting, says))
            }
        }
    }
}
