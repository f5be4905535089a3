//! Events of an organization.

use kube::{
    Resource,
    runtime::events::{Event, EventType},
};

use super::Context;
use crate::api::XoperoOrganization;

impl Context {
    pub(super) async fn announce(
        &self,
        resource: &XoperoOrganization,
        reason: &str,
        action: &str,
        note: &str,
    ) {
        self.publish(resource, EventType::Normal, (reason, action, note))
            .await;
    }

    pub(super) async fn warn(
        &self,
        resource: &XoperoOrganization,
        reason: &str,
        action: &str,
        note: &str,
    ) {
        self.publish(resource, EventType::Warning, (reason, action, note))
            .await;
    }

    async fn publish(
        &self,
        resource: &XoperoOrganization,
        type_: EventType,
        (reason, action, note): (&str, &str, &str),
    ) {
        let event = Event {
            type_,
            reason: reason.to_owned(),
            note: Some(note.to_owned()),
            action: action.to_owned(),
            secondary: None,
        };
        let regarding = resource.object_ref(&());
        self.events.publish(event, &regarding).await;
    }
}
