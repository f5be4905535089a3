//! What a replica that stands by watches: all that it would as the leader, so that a missing right or definition is seen before it
//! has to lead.

use std::sync::Arc;

use futures::StreamExt;
use kube::Client;
use tokio_util::sync::CancellationToken;

use super::{Ended, tasks::Tasks};
use crate::{
    api::{
        XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization,
        XoperoRepository,
    },
    controllers::{
        namespaces::{NamespaceWatch, watch_namespaces},
        readiness::Readiness,
        watches::{OwnStatus, Watchable, watch},
    },
};

/// Watches every kind and wakes nobody. It ends only if a watch does, which is a fault.
///
/// A replica that comes to lead drops this and lists everything anew: what is known here may be behind what the former leader wrote
/// last, for example what is used of a removal limit.
pub async fn stand_by(client: &Client, namespaces: &[String], readiness: &Arc<Readiness>) -> Ended {
    // Dropping the set aborts what is in it.
    let mut tasks = Tasks::new(Arc::clone(readiness), CancellationToken::new());
    follow::<XoperoConnection>(&mut tasks, client, namespaces);
    follow::<XoperoOrganization>(&mut tasks, client, namespaces);
    follow::<XoperoBackupPlan>(&mut tasks, client, namespaces);
    follow::<XoperoRepository>(&mut tasks, client, namespaces);
    follow::<XoperoAzureProject>(&mut tasks, client, namespaces);
    if namespaces.is_empty() {
        let NamespaceWatch {
            liveness, touched, ..
        } = watch_namespaces(client);
        tasks.expect_part("namespaces".to_owned(), liveness.listed.clone());
        tasks.spawn(touched.for_each(|_| std::future::ready(())));
    }
    tasks.into_set().join_next().await;
    Ended
}

fn follow<K: Watchable>(tasks: &mut Tasks, client: &Client, namespaces: &[String]) {
    let (stored, watches) = watch::<K>(client, namespaces, (|_| None, OwnStatus::Sleeps), |_| {});
    tasks.expect(&stored);
    for watch in watches {
        tasks.spawn(watch.touched.for_each(|_| std::future::ready(())));
    }
}
