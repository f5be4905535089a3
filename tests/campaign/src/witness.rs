//! Who sees every version of every status, for operators in pods, whose own traffic passes no gate.

use std::{future::ready, time::Duration};

use anyhow::{Result, ensure};
use futures::StreamExt;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, ListParams},
    runtime::{WatchStreamExt, watcher},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use xopero_operator::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};

use crate::{
    journal::{Journal, Watched, What},
    oracles::linter,
};

/// The kinds of the operator.
fn kinds() -> [ApiResource; 5] {
    [
        ApiResource::erase::<XoperoConnection>(&()),
        ApiResource::erase::<XoperoOrganization>(&()),
        ApiResource::erase::<XoperoBackupPlan>(&()),
        ApiResource::erase::<XoperoRepository>(&()),
        ApiResource::erase::<XoperoAzureProject>(&()),
    ]
}

/// Watches the operator's resources in all namespaces as somebody who may see them. Dropping it ends that.
#[expect(missing_debug_implementations, reason = "a client has none")]
pub struct Witness {
    client: Client,
    journal: Journal,
    _watching: JoinSet<()>,
}

impl Witness {
    /// Begins to watch. The definitions may come later.
    pub fn of(client: Client) -> Self {
        let journal = Journal::default();
        let mut watching = JoinSet::new();
        for kind in kinds() {
            let all: Api<DynamicObject> = Api::all_with(client.clone(), &kind);
            let journal = journal.clone();
            let events = watcher(all, watcher::Config::default()).default_backoff();
            watching.spawn(events.for_each(move |event| {
                if let Ok(watcher::Event::Apply(object) | watcher::Event::InitApply(object)) = event
                {
                    note(&journal, &object);
                }
                ready(())
            }));
        }
        Self {
            client,
            journal,
            _watching: watching,
        }
    }

    /// Every resource of the operator in all namespaces, by kind, namespace and name.
    ///
    /// # Errors
    /// If the API server does not list them.
    pub async fn resources(&self) -> Result<Vec<DynamicObject>> {
        let mut all = Vec::new();
        for kind in kinds() {
            let objects: Api<DynamicObject> = Api::all_with(self.client.clone(), &kind);
            all.extend(objects.list(&ListParams::default()).await?.items);
        }
        Ok(all)
    }

    /// Looks at all of them as they are now, also at what the watches have not told yet.
    ///
    /// # Errors
    /// If the API server does not list them, or there is none: then nothing would be judged.
    pub async fn look(&self) -> Result<()> {
        let all = self.resources().await?;
        ensure!(!all.is_empty(), "there is no resource of the operator");
        for object in &all {
            note(&self.journal, object);
        }
        Ok(())
    }

    /// What a status has said so far that none may say, a sentence each.
    pub fn violations(&self) -> Vec<String> {
        linter::violations(&self.journal.joined(Vec::new()), Duration::ZERO)
    }
}

fn note(journal: &Journal, object: &DynamicObject) {
    let object: Value = serde_json::to_value(object).unwrap_or_default();
    let watched = Watched {
        request: 0,
        line: json!({"object": object}),
    };
    journal.note(0, What::Watched(watched));
}
