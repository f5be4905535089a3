//! The tasks of the controllers, and what has to be listed before the operator is ready.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, channel::mpsc::UnboundedReceiver};
use kube::Client;
use tokio::{sync::Notify, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

use super::labels::{concerned, relabelled};
use crate::{
    api::{XoperoConnection, XoperoOrganization},
    controllers::{
        claim::{self, Thin},
        connections::{Connections, connection_of},
        namespaces::{NamespaceLabels, NamespaceWatch, Reading, watch_namespaces},
        observed::Place,
        organization::{self, Wake},
        readiness::Readiness,
        watches::{Stored, Watch, Watchable},
    },
};

/// How long what is kept of a resource outlives it: a pass that began before may speak of it once more.
const BEFORE_TIDYING: Duration = Duration::from_secs(30);

/// The tasks that run until they are told to stop; one that ends before is a fault.
pub(super) struct Tasks {
    set: JoinSet<()>,
    stop: CancellationToken,
    readiness: Arc<Readiness>,
}

impl Tasks {
    pub(super) fn new(readiness: Arc<Readiness>, stop: CancellationToken) -> Self {
        Self {
            set: JoinSet::new(),
            stop,
            readiness,
        }
    }

    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.set.spawn(task);
    }

    pub(super) fn into_set(self) -> JoinSet<()> {
        self.set
    }

    /// The operator is ready when every watch has listed what there is.
    pub(super) fn expect<K: Watchable>(&mut self, stored: &Stored<K>) {
        for (namespace, listed) in stored.listings() {
            let part = match namespace {
                Some(namespace) => format!("{} in namespace {namespace}", K::plural(&())),
                None => K::plural(&()).to_string(),
            };
            self.expect_part(part, listed);
        }
    }

    /// The operator is ready when this was listed as well.
    pub(super) fn expect_part(&mut self, part: String, listed: CancellationToken) {
        self.readiness.expect(part.clone());
        let (readiness, stop) = (Arc::clone(&self.readiness), self.stop.clone());
        self.set.spawn(async move {
            if stop.run_until_cancelled(listed.cancelled()).await.is_some() {
                readiness.reached(&part);
            }
            // The end of this task is no controller's end.
            stop.cancelled().await;
        });
    }

    pub(super) fn thin<K: Thin>(&mut self, context: &claim::Context, watches: Vec<Watch<K>>)
    where
        K::Status: serde::Serialize + PartialEq + Clone + Send + Sync,
    {
        for watch in watches {
            self.set
                .spawn(claim::run(context.clone(), watch, self.stop.clone()));
        }
    }

    /// What was known of an organization goes with it.
    pub(super) fn forget(
        &mut self,
        context: organization::Context,
        gone: UnboundedReceiver<Place>,
    ) {
        let stop = self.stop.clone();
        self.set.spawn(async move {
            // Each waits for its own pass to end.
            let forgotten = gone.for_each_concurrent(None, |place| {
                let context = context.clone();
                async move { context.forget(&place).await }
            });
            stop.run_until_cancelled(forgotten).await;
        });
    }

    /// Every time a resource is gone, what is kept of those that are is dropped: a while later, when passes that began before are over.
    pub(super) fn tidy(&mut self, context: organization::Context, gone: Arc<Notify>) {
        let stop = self.stop.clone();
        self.set.spawn(async move {
            let tidied = async {
                loop {
                    gone.notified().await;
                    sleep(BEFORE_TIDYING).await;
                    context.tidy();
                }
            };
            stop.run_until_cancelled(tidied).await;
        });
    }

    /// Whoever uses a connection is woken when it is offered in another way.
    pub(super) fn wake_users(
        &mut self,
        connections: &Connections,
        organizations: &Arc<Stored<XoperoOrganization>>,
        wake: &Wake,
    ) {
        let (news, organizations) = (connections.changes(), Arc::clone(organizations));
        let (wake, stop) = (wake.clone(), self.stop.clone());
        self.set.spawn(async move {
            let mut news = std::pin::pin!(news);
            while let Some(Some(changed)) = stop.run_until_cancelled(news.next()).await {
                for observed in organizations.all() {
                    if connection_of(&observed).as_ref() == Some(&changed) {
                        wake.organization(&Place::of(&*observed));
                    }
                }
            }
        });
    }

    /// The labels of namespaces. Where the whole cluster is seen they are watched, and a change wakes whom they concern.
    pub(super) fn labels(
        &mut self,
        client: &Client,
        namespaces: &[String],
        (organizations, connections): (
            &Arc<Stored<XoperoOrganization>>,
            &Arc<Stored<XoperoConnection>>,
        ),
        wake: &Wake,
    ) -> NamespaceLabels {
        if !namespaces.is_empty() {
            return NamespaceLabels::Read(Reading::new(client.clone()));
        }
        let NamespaceWatch {
            store,
            liveness,
            touched,
        } = watch_namespaces(client);
        self.expect_part("namespaces".to_owned(), liveness.listed.clone());
        let (organizations, connections) = (Arc::clone(organizations), Arc::clone(connections));
        let (wake, stop) = (wake.clone(), self.stop.clone());
        self.set.spawn(async move {
            let mut relabelled = std::pin::pin!(relabelled(touched));
            while let Some(Some(namespace)) = stop.run_until_cancelled(relabelled.next()).await {
                for place in concerned(&organizations, &connections, &namespace) {
                    wake.organization(&place);
                }
            }
        });
        NamespaceLabels::Watched(store, liveness)
    }
}
