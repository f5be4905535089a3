//! The resources of a run, as people and tools write and read them.

use std::ops::Deref;

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use tokio::sync::RwLockReadGuard;
use xopero_operator::api::{
    XoperoAzureProject, XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};

use super::{World, lock};
use crate::manifests::one_after_the_other;

/// As whom the campaign applies resources.
const FIELD_MANAGER: &str = "campaign";

/// The kinds of the operator.
pub(in crate::run) const KINDS: &[&str] = &[
    "XoperoConnection",
    "XoperoOrganization",
    "XoperoBackupPlan",
    "XoperoRepository",
    "XoperoAzureProject",
];

/// A kind of the run, for as long as the API server is there to be asked.
struct Answering<'world> {
    _answers: RwLockReadGuard<'world, ()>,
    api: Api<DynamicObject>,
}

impl Deref for Answering<'_> {
    type Target = Api<DynamicObject>;

    fn deref(&self) -> &Self::Target {
        &self.api
    }
}

impl World {
    /// Applies manifests as a tool does that keeps them in Git.
    pub(in crate::run) async fn apply(&self, manifests: &str) -> Result<()> {
        if manifests.is_empty() {
            return Ok(());
        }
        let mut text = manifests.replace("URL", &self.xopero.url());
        if self.is_paired() {
            text = one_after_the_other(&text);
        }
        for document in documents(&text) {
            let object = read(document)?;
            let (kind, name) = named(&object);
            let parameters = PatchParams::apply(FIELD_MANAGER).force();
            self.api(&kind)
                .await?
                .patch(&name, &parameters, &Patch::Apply(&object))
                .await
                .with_context(|| format!("refused:\n{document}"))?;
            self.note(format!("applied {kind} {name}"));
            // One by one: what is deleted in the middle of several is put back, and the next waits until that is done.
            lock(&self.applied).push(document.to_owned());
            lock(&self.deleted).remove(&(kind, name));
        }
        Ok(())
    }

    /// Applies all that was applied once more, but what a step has deleted since.
    pub(in crate::run) async fn declare_again(&self) -> Result<()> {
        let all = lock(&self.applied).clone();
        let mut last: Vec<String> = Vec::new();
        for document in all {
            let is_deleted = lock(&self.deleted).contains(&named(&read(&document)?));
            let head = |text: &str| text.lines().take(3).collect::<Vec<_>>().join("\n");
            last.retain(|other| head(other) != head(&document));
            if !is_deleted {
                last.push(document);
            }
        }
        for document in last {
            self.apply(&document).await?;
        }
        Ok(())
    }

    pub(in crate::run) async fn delete(&self, kind: &str, name: &str) -> Result<()> {
        let deleted = self
            .api(kind)
            .await?
            .delete(name, &DeleteParams::default())
            .await;
        deleted.with_context(|| format!("{kind} {name} cannot be deleted"))?;
        self.note(format!("deleted {kind} {name}"));
        lock(&self.deleted).insert((kind.to_owned(), name.to_owned()));
        Ok(())
    }

    pub(in crate::run) async fn annotate(
        &self,
        kind: &str,
        name: &str,
        annotation: Value,
    ) -> Result<()> {
        let patch = json!({"metadata": {"annotations": annotation}});
        let parameters = PatchParams::default();
        self.api(kind)
            .await?
            .patch(name, &parameters, &Patch::Merge(patch))
            .await?;
        self.note(format!("annotated {kind} {name}"));
        Ok(())
    }

    pub(in crate::run) async fn wipe_status(&self, kind: &str, name: &str) -> Result<()> {
        let patch = serde_json::from_value(json!([{"op": "remove", "path": "/status"}]))?;
        self.api(kind)
            .await?
            .patch_status(name, &PatchParams::default(), &Patch::<()>::Json(patch))
            .await?;
        self.note(format!("wiped the status of {kind} {name}"));
        Ok(())
    }

    pub(in crate::run) async fn get(&self, kind: &str, name: &str) -> Result<Option<Value>> {
        let found = self.api(kind).await?.get_opt(name).await?;
        Ok(found.map(serde_json::to_value).transpose()?)
    }

    /// All resources of the operator.
    pub(in crate::run) async fn resources(&self) -> Result<Vec<Value>> {
        let mut all = Vec::new();
        for kind in KINDS {
            let listed = self.api(kind).await?.list(&ListParams::default()).await?;
            for mut object in listed {
                object.metadata.managed_fields = None;
                let mut value = serde_json::to_value(object)?;
                if let Some(fields) = value.as_object_mut() {
                    fields.insert("kind".to_owned(), (*kind).into());
                }
                all.push(value);
            }
        }
        Ok(all)
    }

    async fn api(&self, kind: &str) -> Result<Answering<'_>> {
        let resource = match kind {
            "XoperoConnection" => ApiResource::erase::<XoperoConnection>(&()),
            "XoperoOrganization" => ApiResource::erase::<XoperoOrganization>(&()),
            "XoperoBackupPlan" => ApiResource::erase::<XoperoBackupPlan>(&()),
            "XoperoRepository" => ApiResource::erase::<XoperoRepository>(&()),
            "XoperoAzureProject" => ApiResource::erase::<XoperoAzureProject>(&()),
            "Secret" => ApiResource::erase::<Secret>(&()),
            other => bail!("the campaign knows no {other}"),
        };
        Ok(Answering {
            _answers: self.answers.read().await,
            api: Api::namespaced_with(self.client.0.clone(), &self.namespace, &resource),
        })
    }
}

fn documents(manifests: &str) -> impl Iterator<Item = &str> {
    let documents = manifests.split("---\n");
    documents.filter(|document| !document.trim().is_empty())
}

fn read(document: &str) -> Result<DynamicObject> {
    serde_saphyr::from_str(document).with_context(|| format!("this is no manifest:\n{document}"))
}

/// Its kind and its name.
fn named(object: &DynamicObject) -> (String, String) {
    let types = object.types.clone().unwrap_or_default();
    (types.kind, object.name_any())
}
