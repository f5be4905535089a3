//! Waiting for what resources say, and for anything else.

use k8s_openapi::jiff::Timestamp;
use xtask::wait::{until_found, until_holds};

use super::{PATIENCE, World};
use crate::objects::{self, Kind, Object};

impl World {
    pub(crate) async fn get(&self, kind: Kind, name: &str) -> Option<Object> {
        objects::get(&self.client, &self.namespace, kind, name).await
    }

    /// Waits until it exists and `holds`; what is waited for stands in the failure.
    pub(crate) async fn wait_for(
        &self,
        kind: Kind,
        name: &str,
        what: &str,
        holds: impl Fn(&Object) -> bool,
    ) -> Object {
        self.wait_in(&self.namespace, (kind, name), what, holds)
            .await
    }

    /// The same in any namespace.
    pub(crate) async fn wait_in(
        &self,
        namespace: &str,
        (kind, name): (Kind, &str),
        what: &str,
        holds: impl Fn(&Object) -> bool,
    ) -> Object {
        let mut last = None;
        let found = until_found(PATIENCE, async || {
            last = objects::get(&self.client, namespace, kind, name).await;
            last.clone().filter(&holds)
        });
        found.await.unwrap_or_else(|| {
            let shown = last.map_or_else(|| "(none)".to_owned(), |object| object.to_string());
            self.fail(&format!("{kind:?} {name}: not {what}; it is\n{shown}"))
        })
    }

    pub(crate) async fn ready(&self, kind: Kind, name: &str) -> Object {
        self.wait_for(kind, name, "Ready", Object::is_ready).await
    }

    pub(crate) async fn stalled(&self, kind: Kind, name: &str, reason: &str) -> Object {
        let holds = |object: &Object| object.is_stalled(reason);
        self.wait_for(kind, name, &format!("Stalled with {reason}"), holds)
            .await
    }

    /// Ready, and Xopero ONE equals what it declares.
    pub(crate) async fn in_sync(&self, kind: Kind, name: &str) -> Object {
        let holds =
            |object: &Object| object.is_ready() && object.says("InSync").starts_with("True ");
        self.wait_for(kind, name, "Ready and InSync", holds).await
    }

    pub(crate) async fn gone(&self, kind: Kind, name: &str) {
        self.eventually(&format!("{kind:?} {name} is gone"), async || {
            self.get(kind, name).await.is_none()
        })
        .await;
    }

    /// Waits for anything else.
    pub(crate) async fn eventually(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        if !until_holds(PATIENCE, holds).await {
            self.fail(&format!("never came about: {what}"));
        }
    }

    /// Kubernetes keeps creation times in seconds, and of two in one second the name decides. What is created after this is younger.
    pub(crate) async fn second_passes(&self, kind: Kind, name: &str) {
        let older = self.get(kind, name).await;
        let created = older.map(|older| older.text("/metadata/creationTimestamp").to_owned());
        self.eventually("the second of its creation is over", async || {
            // The times of the API server, in UTC and of one length, sort as text.
            let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
            Some(now.to_string()) > created
        })
        .await;
    }
}
